// What processes have in memory while others are inside the kernel, under random settings: statements one at a time,
// and behind each of them every page of every process and of shared memory, against what UNIX says of it.
//
// A write that has begun and not ended may have stored or not. No statement is one that would stop a script.
//
// BACHSIM_SEED=N in the environment tries one script.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <exception>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "sim/kernel/audit.h"
#include "tests/model/script.h"
#include "tests/model/unix_contents.h"
#include "tests/model/workload.h"
#include "workloads/language/run.h"

namespace bachsim {
namespace {

constexpr unsigned kActors = 6;
constexpr unsigned kCandidates = 600;  // statements among which each next one of a script is chosen
constexpr unsigned kStatements = 110;

// A statement that may come.
struct Candidate {
  enum class Manner : std::uint8_t { Whole, Begin, Finish, FinishAll };
  Manner manner = Manner::Whole;
  Step step{};
};

std::string line_of(const Candidate& candidate) {
  switch (candidate.manner) {
    case Candidate::Manner::Whole:
      return text(candidate.step, 0);
    case Candidate::Manner::Begin: {
      std::string begun = text(candidate.step, 0);
      if (candidate.step.kind == StepKind::StealSome) return "vhand: begin " + begun;
      return begun.insert(begun.find(':') + 1, " begin");
    }
    case Candidate::Manner::Finish:
      return fmt::format("p{}: finish", candidate.step.process);
    case Candidate::Manner::FinishAll:
      break;
  }
  return "finish";
}

CellPlace random_cells_of(Chance& random, unsigned process) {
  constexpr std::array kRegions{RegionType::Data, RegionType::Data, RegionType::Stack, RegionType::Shm};
  constexpr std::array kKinds{PlaceKind::Page, PlaceKind::Page,  PlaceKind::Cell,
                              PlaceKind::Cell, PlaceKind::Pages, PlaceKind::All};
  CellPlace place{.kind = kKinds[random.below(kKinds.size())], .region = kRegions[random.below(kRegions.size())]};
  if (place.region == RegionType::Shm) place.key = random.between(1, 2);
  place.first = random.below(place.region == RegionType::Data || random.percent(20) ? 6 : 3);
  place.last = place.first + 1;
  place.cell = random.percent(50) ? 1 + process : 511;
  return place;
}

Step random_operation_of(Chance& random) {
  Step step{.process = static_cast<unsigned>(random.below(kActors))};
  step.child = static_cast<unsigned>(random.below(kActors));
  step.program = ProgramId{static_cast<std::uint32_t>(random.below(kPrograms))};
  step.place = random_cells_of(random, step.process);
  step.key = random.between(1, 2);
  step.pages = static_cast<std::int64_t>(random.between(1, 3));
  step.bytes = (static_cast<std::int64_t>(random.below(7)) - 3) * static_cast<std::int64_t>(kPageSize);
  step.number = random.between(1, 1'000'000);
  using enum StepKind;
  constexpr std::array kOften{Write, Write, Write, Write, Print, Read, Fork, Sbrk};
  constexpr std::array kSeldom{Print, Fetch, Vfork, Exec,  Exec,    Exit,    Wait,   Shmget, Shmat,
                               Shmat, Shmdt, Shmrm, Plock, Punlock, Swapout, Swapin, Swapin};
  step.kind = random.percent(65) ? kOften[random.below(kOften.size())] : kSeldom[random.below(kSeldom.size())];
  const bool locks = step.kind == Plock || step.kind == Punlock;
  if (step.kind == Exit) step.number %= 256;
  if (step.kind == Fetch || (locks && step.place.region == RegionType::Shm)) step.place.region = RegionType::Text;
  return step;
}

// How crowded the kernel is.
struct Crowd {
  bool sleeps;
  std::uint64_t begins;    // percent of the operations that are begun and left
  std::uint64_t finishes;  // percent of the statements
};

Candidate random_candidate(Chance& random, const Crowd& crowd) {
  using enum Candidate::Manner;
  const Step step = random_operation_of(random);
  const auto begun = [&](std::uint64_t percent) { return crowd.sleeps && random.percent(percent) ? Begin : Whole; };
  if (crowd.sleeps && random.percent(crowd.finishes))
    return {.manner = random.percent(90) ? Finish : FinishAll, .step = step};
  switch (random.below(250)) {
    case 0:
    case 1:
      return {.step = {.kind = StepKind::Spawn, .child = step.child, .program = step.program}};
    case 2:
      return {.step = {.kind = random.percent(50) ? StepKind::Age : StepKind::Steal}};
    case 3:
    case 4:
      return {.manner = begun(70), .step = {.kind = StepKind::StealSome, .number = random.between(1, 5)}};
    case 5:
      return {.step = {.kind = random.percent(30) ? StepKind::Tick : StepKind::Run, .number = random.between(1, 3)}};
    default:
      return {.manner = begun(crowd.begins), .step = step};
  }
}

std::string crowded_machine(Chance& random, PagingPolicy paging, const Crowd& crowd) {
  std::string line = crowd.sleeps ? "machine io=sleep" : "machine io=atomic";
  const std::uint64_t least = paging == PagingPolicy::Off ? 12 : 3;
  if (random.percent(60)) line += fmt::format(" frames={} low=0 high=0 reserve=0", random.between(least, 3 * least));
  if (random.percent(60)) line += fmt::format(" swap={}", random.between(60, 400));
  if (random.percent(20)) line += " frame-wait=locked";
  if (random.percent(15)) line += " first=child";
  return line + "\n";
}

class Lines : public Listener {
 public:
  void line(std::string_view text) override { lines_.emplace_back(text); }
  void clear() { lines_.clear(); }
  // What a line says that begins like this; empty if there is none.
  [[nodiscard]] std::optional<std::string> after(const std::string& begin) const {
    const auto found = std::ranges::find_if(lines_, [&](const std::string& line) { return line.starts_with(begin); });
    return found == lines_.end() ? std::nullopt : std::optional(found->substr(begin.size()));
  }

 private:
  std::vector<std::string> lines_;
};

struct ContentsCounts {
  std::uint64_t scripts = 0;
  std::uint64_t statements = 0;
  std::uint64_t begun = 0;  // and stayed inside
  std::uint64_t pages = 0;
  std::uint64_t swapped = 0;  // pages that were read from swap
};

// A run of some of the candidates, one chosen after the other.
class ContentsRun {
 public:
  ContentsRun(const ParsedScript& parsed, const Config& config, const std::vector<Candidate>& candidates)
      : parsed_(parsed), candidates_(candidates), run_(config, parsed.script(), lines_) {
    run_.watch(&events_);
  }

  // Returns false if there is trouble, or the run cannot go on.
  bool step(Chance& random, ContentsCounts& counts);

  [[nodiscard]] const std::string& script() const { return script_; }
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  void count(ContentsCounts& counts) const {
    counts.pages += contents_.pages();
    counts.swapped += kernel_.counters().swap.reads;
  }

 private:
  [[nodiscard]] ProcSlot find(unsigned actor) const;
  [[nodiscard]] bool is_free(unsigned actor) const;
  [[nodiscard]] bool is_there(ProcSlot process, const CellPlace& place) const;
  [[nodiscard]] bool possible(const Candidate& candidate) const;
  bool perform(const Candidate& candidate);
  void follow();
  void check_print(const Step& step, const std::vector<std::set<std::uint64_t>>& readable);
  void complain(const std::string& trouble) {
    if (trouble_.empty()) trouble_ = trouble;
  }

  const ParsedScript& parsed_;
  const std::vector<Candidate>& candidates_;
  Lines lines_;
  Events events_;
  Run run_;
  const Kernel& kernel_ = run_.kernel();
  UnixContents contents_{kernel_};
  std::map<std::uint64_t, Step> inside_;  // by tag
  std::string script_;
  std::string trouble_;
};

ProcSlot ContentsRun::find(unsigned actor) const {
  for (const ProcSlot slot : kernel_.processes()) {
    if (run_.state().name_of_tag(kernel_.process(slot).tag) == fmt::format("p{}", actor)) return slot;
  }
  return kNoProcess;
}

bool ContentsRun::is_free(unsigned actor) const {
  const bool promised = std::ranges::any_of(inside_, [&](const auto& entry) {
    const Step& step = entry.second;
    return (step.kind == StepKind::Fork || step.kind == StepKind::Vfork) && step.child == actor;
  });
  return !promised && find(actor) == kNoProcess;
}

bool ContentsRun::is_there(ProcSlot process, const CellPlace& place) const {
  const Pregion* pregion = find_pregion(kernel_.space(process), place.region, place.key);
  if (pregion == nullptr) return false;
  const std::uint32_t pages = kernel_.vm().regions[pregion->region].pages;
  if (place.kind == PlaceKind::All) return pages > 0;
  return place.region == RegionType::Stack || (place.kind == PlaceKind::Pages ? place.last : place.first) < pages;
}

bool ContentsRun::possible(const Candidate& candidate) const {
  if (candidate.manner == Candidate::Manner::FinishAll) return kernel_.anybody_inside();
  const Step& step = candidate.step;
  const ProcSlot slot = find(step.process);
  const bool inside = slot != kNoProcess && kernel_.is_inside(kernel_.process(slot).tag);
  if (candidate.manner == Candidate::Manner::Finish) return inside;
  switch (step.kind) {
    case StepKind::Spawn:
      return is_free(step.child);
    case StepKind::Age:
    case StepKind::Steal:
    case StepKind::StealSome:
      return !kernel_.is_inside(Context::kVhand);
    case StepKind::Tick:
    case StepKind::Run:
      return true;
    default:
      break;
  }
  if (slot == kNoProcess || inside) return false;
  const ProcessState state = kernel_.process(slot).state;
  if (step.kind == StepKind::Swapout || step.kind == StepKind::Swapin)
    return kernel_.swapper().can_move(slot) && is_swapped(state) == (step.kind == StepKind::Swapin);
  const bool hybrid = kernel_.config().paging == PagingPolicy::Hybrid;
  if (state != ProcessState::Ready && !(state == ProcessState::ReadySwapped && hybrid)) return false;
  if (step.kind == StepKind::Fork || step.kind == StepKind::Vfork) return is_free(step.child);
  const bool accesses = step.kind >= StepKind::Read && step.kind <= StepKind::Write;
  return !accesses || is_there(slot, step.place);
}

bool ContentsRun::step(Chance& random, ContentsCounts& counts) {
  for (int tries = 0; tries < 200; ++tries) {
    const Candidate& candidate = candidates_[random.below(candidates_.size())];
    if (!possible(candidate)) continue;
    ++counts.statements;
    const std::size_t inside = inside_.size();
    const bool goes_on = perform(candidate);
    counts.begun += inside_.size() > inside ? 1u : 0u;
    return goes_on;
  }
  return true;
}

bool ContentsRun::perform(const Candidate& candidate) {
  script_ += line_of(candidate) + "\n";
  lines_.clear();
  events_.clear();
  const bool by_process = candidate.manner <= Candidate::Manner::Begin && candidate.step.kind > StepKind::Spawn &&
                          candidate.step.kind < StepKind::Age;
  const bool prints = by_process && candidate.step.kind == StepKind::Print;
  std::vector<std::set<std::uint64_t>> readable;
  if (by_process) {
    const ProcSlot slot = find(candidate.step.process);
    if (prints) readable = contents_.readable(slot, candidate.step.place);
    contents_.begin(slot, candidate.step);
    inside_[kernel_.process(slot).tag] = candidate.step;
  }
  const std::size_t first = parsed_.script().statements.size() - candidates_.size();
  const auto mistake = run_.perform_typed(first + static_cast<std::size_t>(&candidate - candidates_.data()));
  if (mistake) {
    if (mistake->what.find("nobody can go on") == std::string::npos) complain(parsed_.text_of(*mistake));
    return false;  // or they sleep in a circle
  }
  follow();
  if (prints) check_print(candidate.step, readable);
  for (const Violation& violation : audit(kernel_)) complain(violation.what);
  return trouble_.empty();
}

void ContentsRun::follow() {
  contents_.follow(events_);
  for (auto entry = inside_.begin(); entry != inside_.end();) {
    if (kernel_.is_inside(entry->first)) {
      ++entry;
      continue;
    }
    // Whoever says something was refused, or cut short.
    contents_.ended(entry->first, !lines_.after(fmt::format("p{}: ", entry->second.process)));
    entry = inside_.erase(entry);
  }
  complain(contents_.compare());
}

// Through the TLB, if the process has ended it and lives.
void ContentsRun::check_print(const Step& step, const std::vector<std::set<std::uint64_t>>& readable) {
  const auto line = lines_.after(fmt::format("p{}: {} =", step.process, step.place.text()));
  if (!line) return;
  std::istringstream in(*line);
  std::size_t found = 0;
  for (std::uint64_t value = 0; in >> value; ++found) {
    if (found >= readable.size() || !readable[found].contains(value))
      complain(fmt::format("p{} prints{}", step.process, *line));
  }
  if (found != readable.size()) complain(fmt::format("p{} prints {} values", step.process, found));
}

void try_script(std::uint64_t seed, ContentsCounts& counts) {
  Chance random(seed);
  const bool long_stays = random.percent(60);
  const Crowd crowd{.sleeps = random.percent(80),
                    .begins = long_stays ? 95u : 65u,
                    .finishes = long_stays ? random.between(2, 8) : 15u};
  constexpr std::array kPolicies{PagingPolicy::On, PagingPolicy::Off, PagingPolicy::Hybrid};
  const PagingPolicy paging = kPolicies[seed % kPolicies.size()];
  const std::string stage = random_stage(random, paging) + (random.percent(20) ? tight_limits(random) : "") +
                            crowded_machine(random, paging, crowd);
  std::vector<Candidate> candidates;
  std::string text = stage;
  for (unsigned i = 0; i < kCandidates; ++i) {
    Candidate candidate = random_candidate(random, crowd);
    if (i < kActors) candidate = {.step = {.kind = StepKind::Spawn, .child = i}};  // so that each name is somebody's
    candidates.push_back(candidate);
    text += line_of(candidate) + "\n";
  }
  ParsedScript parsed(text);
  REQUIRE(parsed.errors() == "");
  const auto config = parsed.configure();
  if (!config) return;
  ++counts.scripts;
  ContentsRun run(parsed, *config, candidates);
  std::string trouble;
  try {
    for (unsigned i = 0; i < kStatements && run.step(random, counts); ++i) {
    }
    trouble = run.trouble();
  } catch (const std::exception& exception) {
    trouble = exception.what();
  }
  run.count(counts);
  INFO(stage << run.script());
  CHECK(trouble == "");
}

void compare_contents(std::uint64_t seeds) {
  ContentsCounts counts;
  const char* text = std::getenv("BACHSIM_SEED");
  const std::uint64_t only = text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
  for (std::uint64_t seed = only == 0 ? 1 : only; seed <= (only == 0 ? seeds : only); ++seed) {
    CAPTURE(seed);
    try_script(seed, counts);
  }
  fmt::print(
      "checked: {} pages are what UNIX says they are, behind {} statements of {} scripts, {} of them begun and left in "
      "the kernel, {} pages read from swap\n",
      counts.pages, counts.statements, counts.scripts, counts.begun, counts.swapped);
  if (only == 0) CHECK((counts.begun > 5 * seeds && counts.swapped > 5 * seeds));
}

}  // namespace

TEST_CASE("processes have in memory what UNIX says, whoever is inside the kernel") { compare_contents(40); }

TEST_CASE("processes have in memory what UNIX says in 3,000 scripts", "[slow]") { compare_contents(3000); }

TEST_CASE("processes have in memory what UNIX says in 60,000 scripts", "[long]") { compare_contents(60'000); }

}  // namespace bachsim
