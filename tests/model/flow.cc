#include "tests/model/flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

#include "tests/model/flow_nodes.h"
#include "tests/model/lockstep.h"
#include "tests/model/script.h"
#include "tests/model/workload.h"
#include "workloads/language/settings.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kStackLimit = 40;
constexpr std::uint64_t kLabelledCells = 512 / 8;  // of a page of any size
constexpr std::size_t kDefinitions = 4;

class FlowMaker {
 public:
  explicit FlowMaker(std::uint64_t seed)
      : random_(seed),
        stage_(fmt::format("machine stack-limit={}\n{}", kStackLimit, random_programs(random_))),
        parsed_(stage_),
        lockstep_(config(), programs_of(parsed_.script(), config())) {
    flow_.forks_to_exec = random_.percent(25);
    flow_.labels = random_.percent(50);
    for (std::size_t i = 0; i < kDefinitions; ++i)
      definitions_.push_back({.number = i, .body = flow::random_body(random_, definitions_, true)});
  }

  Flow make() {
    for (std::uint64_t left = random_.between(25, 60); left > 0; --left) {
      const auto actor = random_ready();
      const std::uint64_t choice = random_.below(100);
      if (!actor || choice < 65)
        plain();
      else
        control(*actor);
    }
    for (const unsigned process : all_ready()) print_all(process);
    std::string head = stage_;
    for (const flow::Definition& definition : definitions_) head += definition.text();
    flow_.rolled = head + rolled_;
    flow_.unrolled = stage_ + unrolled_;
    return std::move(flow_);
  }

 private:
  Config config() {
    Config config = *parsed_.configure();
    config.frames = 1500;
    config.swap = {9000};
    return config;
  }

  [[nodiscard]] std::vector<unsigned> all_ready() const {
    std::vector<unsigned> found;
    for (const auto& [pid, process] : lockstep_.model().processes()) {
      if (process.state == ModelState::Ready) found.push_back(lockstep_.cast().name(pid.value));
    }
    return found;
  }
  std::optional<unsigned> random_ready() {
    const auto ready = all_ready();
    if (ready.empty()) return std::nullopt;
    return ready[random_.below(ready.size())];
  }
  [[nodiscard]] Pid pid(unsigned process) const { return Pid{lockstep_.cast().pid(process)}; }
  [[nodiscard]] std::uint64_t data_pages(unsigned process) const {
    return lockstep_.model().region(pid(process), RegionType::Data, 0)->pages;
  }

  // Does it, and returns it as a statement.
  std::string act(const Step& step) {
    if (!lockstep_.possible(step)) throw Mismatch("a statement of a block cannot be done");
    const std::size_t before = lockstep_.script().size();
    lockstep_.perform(step);
    ++flow_.steps;
    const std::string statement = lockstep_.script().substr(before);
    unrolled_ += statement;
    return statement;
  }

  // One that does the same on every machine.
  [[nodiscard]] bool suits(Step& step) const {
    switch (step.kind) {
      case StepKind::Plock:  // what is locked cannot leave a small memory
      case StepKind::Punlock:
      case StepKind::ExpectState:  // whether it is on swap
      case StepKind::Run:
        return false;
      case StepKind::Sbrk:
        if (flow_.labels) step.bytes -= step.bytes % static_cast<std::int64_t>(kPageSize);
        return true;
      default:
        break;
    }
    const bool access = (step.kind >= StepKind::Read && step.kind <= StepKind::WritePid);
    if (!access || !flow_.labels) return true;
    step.place.cell %= kLabelledCells;
    if (step.place.kind == PlaceKind::All) return true;
    const ModelRegion* region = lockstep_.model().region(pid(step.process), step.place.region, step.place.key);
    if (step.place.kind == PlaceKind::Address || region == nullptr) return false;
    const std::uint64_t pages = step.place.region == RegionType::Stack ? kStackLimit : region->pages;
    return std::max(step.place.first, step.place.last) < pages;
  }

  void plain() {
    Step step = random_step(random_, lockstep_.model(), lockstep_.cast());
    if (!suits(step) || !lockstep_.possible(step)) return;
    const bool forks = step.kind == StepKind::Fork || step.kind == StepKind::Vfork;
    const bool begets = forks || step.kind == StepKind::Spawn;
    std::string before;
    std::string after;
    if (random_.percent(35) && !begets) around(step, before, after);
    rolled_ += before + act(step) + after;
    if (!forks || lockstep_.cast().pid(step.child) == Cast::kNobody) return;
    const std::uint64_t child = lockstep_.cast().pid(step.child);
    if (step.kind == StepKind::Vfork || flow_.forks_to_exec) leave(step.child);
    rolled_ += fmt::format("note \"child {{p{}.result}} {{p{}.errno}}\"\n", step.process, step.process);
    unrolled_ += fmt::format("note \"child {} 0\"\n", child);
    // A draw, and a condition on what fork has returned.
    flow::Scope scope{.process = step.process, .draws = draws_};
    if (!random_ready() || data_pages(step.process) == 0 || !lockstep_.model().ready(pid(step.process))) return;
    flow::Node branch = flow::random_branch(random_, fmt::format("p{}.result == {}", step.process, child));
    run({branch}, scope);
  }

  // As the manual of vfork demands.
  void leave(unsigned child) {
    Step step{.kind = StepKind::Exec, .process = child};
    step.program = ProgramId{static_cast<std::uint32_t>(random_.below(kPrograms))};
    if (random_.percent(40)) {
      step.kind = StepKind::Exit;
      step.number = random_.below(300);
    }
    rolled_ += act(step);
  }

  // What stands before and behind a statement that is the branch of an `if` that is taken.
  void around(const Step& step, std::string& before, std::string& after) {
    ++flow_.branches;
    const std::string decoy = fmt::format("  p{}: exit 99\n", step.process);
    const bool someone = step.kind > StepKind::Spawn && step.kind < StepKind::Age;
    const std::uint64_t drawn = draws_.below(100) + 1;
    const std::uint64_t border = random_.between(1, 100);
    std::string condition = fmt::format("random(1..100) <= {}", border);
    if (drawn > border) condition = "not " + condition;
    if (someone && data_pages(step.process) > 0 && random_.percent(60)) {
      const ModelRegion& data = *lockstep_.model().region(pid(step.process), RegionType::Data, 0);
      const std::uint64_t page = random_.below(data.pages);
      const auto found = data.contents.find(page);
      const std::uint64_t value = found == data.contents.end() ? 0 : found->second[0];
      condition += fmt::format(" and p{}.data[{}].value == {:#x}", step.process, page, value);
    }
    if (!someone) {
      before = fmt::format("if {} {{\n  ", condition);
      after = "}\n";
    } else if (random_.percent(50)) {
      before = fmt::format("if {} {{\n  ", condition);
      after = fmt::format("}} else {{\n{}}}\n", decoy);
    } else {
      before = fmt::format("if not ({}) {{\n{}}} else {{\n  ", condition, decoy);
      after = "}\n";
    }
  }

  void control(unsigned process) {
    if (data_pages(process) == 0) return;
    flow::Scope scope{.process = process, .pages = data_pages(process), .draws = draws_};
    const std::string name = fmt::format("p{}", process);
    if (random_.percent(50)) {
      std::vector<flow::Node> body =
          flow::random_body(random_, definitions_, false, std::min<std::uint64_t>(scope.pages, 8));
      for (flow::Node& node : body) node.set_actor(name);
      return run(body, scope);
    }
    flow::Node call{.kind = flow::NodeKind::Call, .actor = name, .definition = random_.below(definitions_.size())};
    const std::uint64_t first = random_.below(std::min<std::uint64_t>(scope.pages, 8));
    const std::uint64_t last = random_.between(first, std::min<std::uint64_t>(scope.pages, first + 4) - 1);
    call.low = random_.percent(50) ? flow::Amount::fixed(first) : flow::Amount::chance(0, first);
    call.high = flow::Amount::fixed(last);
    run({call}, scope);
  }

  void run(const std::vector<flow::Node>& nodes, flow::Scope& scope) {
    for (const flow::Node& node : nodes) {
      rolled_ += node.text(0);
      flow_.branches += node.branches();
      flow::perform(node, scope, definitions_, [this](const Step& step) { act(step); });
    }
  }

  void print_all(unsigned process) {
    for (const RegionType region : {RegionType::Data, RegionType::Stack}) {
      if (lockstep_.model().region(pid(process), region, 0)->pages > 2 * kStackLimit) continue;
      Step step{.kind = StepKind::Print, .process = process};
      step.place = {.kind = PlaceKind::All, .region = region};
      rolled_ += act(step);
    }
  }

  Chance random_;
  flow::Draws draws_;
  std::string stage_;
  ParsedScript parsed_;
  Lockstep lockstep_;
  Flow flow_;
  std::vector<flow::Definition> definitions_;
  std::string rolled_;
  std::string unrolled_;
};

// How long the name of a region is that ends before `end`; 0 if none does.
std::size_t region_before(const std::string& text, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 && std::isdigit(static_cast<unsigned char>(text[begin - 1])) != 0) --begin;
  const std::string_view before = std::string_view(text).substr(0, begin < end ? begin : end);
  for (const std::string_view name : {"text", "data", "stack"}) {
    if (begin == end && before.ends_with(name)) return name.size();
  }
  return begin < end && before.ends_with("shm.") ? end - begin : 0;
}

}  // namespace

Flow random_flow(std::uint64_t seed) { return FlowMaker(seed).make(); }

std::string with_page(const std::string& text, std::uint64_t bytes) {
  std::string changed;
  std::size_t done = 0;
  for (std::size_t plus = text.find('+'); plus != std::string::npos; plus = text.find('+', plus + 1)) {
    if (region_before(text, plus) == 0) continue;
    std::size_t used = 0;
    const std::uint64_t offset = std::stoull(text.substr(plus + 1, 20), &used);
    changed += text.substr(done, plus + 1 - done) + std::to_string(offset / kPageSize * bytes + offset % kPageSize);
    done = plus + 1 + used;
  }
  return changed + text.substr(done);
}

}  // namespace bachsim
