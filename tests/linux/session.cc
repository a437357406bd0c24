#include "tests/linux/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace bachsim::real {
namespace {

constexpr unsigned kMostAlive = 7;
constexpr std::uint64_t kMostDataPages = 14;
constexpr std::uint64_t kMostStackPages = 12;
constexpr std::array<std::uint64_t, 4> kCellsOfPage{0, 8, 2048, kPage - 8};

// Room for everything that the workload can ask for, so that nobody is refused or killed for want of memory; what is
// short is frames, where pages can move.
std::string machine(Chance& random) {
  constexpr std::array kRules{"age", "age", "clock", "fifo", "lru", "nru", "random", "opt"};
  constexpr std::array kModes{"sv39", "sv48", "sv57"};
  const std::string rule = kRules[random.below(kRules.size())];
  const std::uint64_t choice = random.below(10);
  const std::string paging = choice < 7 ? "on" : choice < 9 ? "hybrid" : "off";
  const std::uint64_t frames = paging == "off" ? 2000 : random.between(6, 40);
  const bool sleeps = rule != "opt" && paging != "off" && random.percent(30);
  return fmt::format(
      "machine frames={} swap=3000,1000 paging={} stealer={} io={} mode={} fork={} vfork={} ad={} valid={} low={} "
      "high={} max-age={} cluster={} tlb={} prepage={} swap-map={} check={} out-list={} block={} working-set={}\n",
      frames, paging, rule, sleeps ? "sleep" : "atomic", kModes[random.below(kModes.size())],
      random.percent(60) ? "cow" : "copy", random.percent(60) ? "share" : "fork",
      random.percent(60) ? "hardware" : "software", random.percent(70) ? "hardware" : "software",
      random.percent(40) ? random.below(4) : 0, random.percent(40) ? random.below(4) : 0, random.below(4),
      random.between(1, 6), random.between(1, 64), random.percent(30) ? random.between(1, 5) : 0,
      random.percent(70) ? "extents" : "bits", random.percent(70) ? "validity-first" : "protection-first",
      random.percent(70) ? "write" : "keep", 512 << random.below(8), random.percent(20) ? random.between(2, 8) : 0);
}

struct Actor {
  unsigned parent = RealStep::kNobody;  // nobody: init
  unsigned program = 0;
  std::uint64_t brk = 0;
  bool alive = true;
  bool waits = false;
  std::set<unsigned> zombies{};                       // its children's names, ascending as their pids are
  std::map<std::uint64_t, std::uint64_t> attached{};  // pages by key
};

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {
    session_.script = machine(random_);
    for (unsigned i = 0; i < kPrograms; ++i) {
      RealProgram& program = session_.programs[i];
      program = {.text = random_.between(1, 3), .data = random_.below(4), .bss = random_.below(4)};
      session_.script += fmt::format("program {} text={} data={} bss={} stack=1{}\n", name(i), program.text,
                                     program.data, program.bss, random_.percent(25) ? " sticky" : "");
    }
  }

  Session make() {
    for (std::uint64_t left = random_.between(30, 80); left > 0; --left) step();
    wind_down();
    return std::move(session_);
  }

 private:
  static char name(unsigned program) { return static_cast<char>('a' + program); }
  [[nodiscard]] unsigned alive() const {
    return static_cast<unsigned>(std::ranges::count_if(actors_, [](const Actor& actor) { return actor.alive; }));
  }
  [[nodiscard]] bool full() const { return actors_.size() + 1 >= kMostProcesses || alive() >= kMostAlive; }
  [[nodiscard]] std::vector<unsigned> ready() const {
    std::vector<unsigned> found;
    for (unsigned i = 0; i < actors_.size(); ++i) {
      if (actors_[i].alive && !actors_[i].waits) found.push_back(i);
    }
    return found;
  }

  RealStep& add(unsigned process, Action action, const std::string& words) {
    session_.script += fmt::format("p{}: {}\n", process, words);
    return session_.steps.emplace_back(RealStep{.process = process, .order = {.action = action}});
  }

  void step() {
    const std::vector<unsigned> able = ready();
    if (able.empty() || (random_.percent(3) && !full())) {
      if (actors_.size() + 1 < kMostProcesses) spawn();
      return;
    }
    const unsigned process = able[random_.below(able.size())];
    const std::uint64_t choice = random_.below(100);
    if (choice < 32) return write(process);
    if (choice < 55) return read(process);
    if (choice < 64) return full() ? end(process) : beget(process, Action::Fork);
    if (choice < 70) return full() ? end(process) : vfork(process);
    if (choice < 74) return exec(process);
    if (choice < 78) return end(process);
    if (choice < 85) return wait(process);
    if (choice < 91) return sbrk(process);
    shared_memory(process);
  }

  void spawn() {
    const auto program = static_cast<unsigned>(random_.below(kPrograms));
    const auto process = static_cast<unsigned>(actors_.size());
    session_.script += fmt::format("spawn {} as p{}\n", name(program), process);
    session_.steps.push_back({.spawns = true, .process = process, .program = program});
    actors_.push_back(fresh(program, RealStep::kNobody));
  }

  [[nodiscard]] Actor fresh(unsigned program, unsigned parent) const {
    const RealProgram& sections = session_.programs[program];
    return {.parent = parent, .program = program, .brk = (sections.data + sections.bss) * kPage};
  }

  // What the call returned in both: pids differ from system to system, but not whose they are.
  void note_result(unsigned process, unsigned child) {
    session_.script += fmt::format("note \"p{} has p{} {{p{}.result == p{}.pid}} {{p{}.result}}\"\n", process, child,
                                   process, child, child);
  }

  void beget(unsigned process, Action action) {
    const auto child = static_cast<unsigned>(actors_.size());
    add(process, action, fmt::format("fork as p{}", child)).order.child = child;
    Actor copy = actors_[process];
    copy.parent = process;
    copy.zombies.clear();
    actors_.push_back(copy);
    note_result(process, child);
  }

  void vfork(unsigned process) {
    const auto child = static_cast<unsigned>(actors_.size());
    const bool execs = random_.percent(60);
    const auto program = static_cast<unsigned>(random_.below(kPrograms));
    const std::uint64_t status = random_.below(600);
    Order& order =
        add(process, execs ? Action::VforkExec : Action::VforkExit, fmt::format("vfork as p{}", child)).order;
    order.child = child;
    order.program = program;
    order.number = static_cast<std::int64_t>(status % 256);
    session_.script +=
        execs ? fmt::format("p{}: exec {}\n", child, name(program)) : fmt::format("p{}: exit {}\n", child, status);
    session_.script += fmt::format("note \"p{} has p{} {{p{}.result == p{}.pid}}\"\n", process, child, process, child);
    actors_.push_back(fresh(program, process));
    if (execs) return;
    actors_[child].alive = false;
    actors_[process].zombies.insert(child);
  }

  void exec(unsigned process) {
    const auto program = static_cast<unsigned>(random_.below(kPrograms));
    add(process, Action::Exec, fmt::format("exec {}", name(program))).order.program = program;
    Actor& actor = actors_[process];
    actor.program = program;
    actor.brk = fresh(program, 0).brk;
    actor.attached.clear();
  }

  void end(unsigned process) {
    const std::uint64_t status = random_.percent(50) ? random_.below(256) : random_.below(600);
    add(process, Action::Exit, fmt::format("exit {}", status)).order.number = static_cast<std::int64_t>(status % 256);
    session_.steps.back().ends = true;
    ended(process);
  }

  // By whatever: the last step's.
  void ended(unsigned process) {
    Actor& actor = actors_[process];
    actor.alive = false;
    for (unsigned i = 0; i < actors_.size(); ++i) {
      if (actors_[i].parent == process) actors_[i].parent = RealStep::kNobody;
    }
    if (actor.parent == RealStep::kNobody) return;
    Actor& parent = actors_[actor.parent];
    if (!parent.waits) {
      parent.zombies.insert(process);
      return;
    }
    parent.waits = false;
    RealStep& step = session_.steps.back();
    step.woken = actor.parent;
    step.reaped = process;
    note_reaped(actor.parent, process);
  }

  void note_reaped(unsigned process, unsigned child) {
    session_.script += fmt::format("note \"p{} reaps p{} {{p{}.result == p{}.pid}} {{p{}.status}}\"\n", process, child,
                                   process, child, child);
  }

  void wait(unsigned process) {
    Actor& actor = actors_[process];
    RealStep& step = add(process, Action::Wait, "wait");
    step.call = "wait";
    step.order.zombies = static_cast<unsigned>(actor.zombies.size());
    if (!actor.zombies.empty()) {
      step.reaped = step.order.child = *actor.zombies.begin();
      note_reaped(process, step.reaped);
      actor.zombies.erase(actor.zombies.begin());
      return;
    }
    step.sleeps = actor.waits =
        std::ranges::any_of(actors_, [process](const Actor& other) { return other.alive && other.parent == process; });
  }

  void sbrk(unsigned process) {
    Actor& actor = actors_[process];
    bool grows = random_.percent(60);
    const std::uint64_t most = grows ? kMostDataPages * kPage - std::min(actor.brk, kMostDataPages * kPage) : actor.brk;
    const std::uint64_t kilobytes =
        std::min(random_.percent(50) ? 4 * random_.between(0, 3) : random_.below(12), most / 1024);
    grows |= kilobytes == 0;
    const auto bytes = static_cast<std::int64_t>(kilobytes * 1024) * (grows ? 1 : -1);
    add(process, Action::Sbrk, fmt::format("sbrk {}{}K", grows ? "" : "-", kilobytes)).order.number = bytes;
    session_.script += fmt::format("note \"p{} had {{p{}.result}}\"\n", process, process);
    actor.brk += static_cast<std::uint64_t>(bytes);
  }

  void shared_memory(unsigned process) {
    Actor& actor = actors_[process];
    const std::uint64_t key = random_.below(kKeys);
    const auto segment = segments_.find(key);
    const std::uint64_t choice = random_.below(100);
    if (segment == segments_.end() || choice < 15) {
      // Linux takes 0 pages for any number of them where the key is there already.
      const std::uint64_t pages = segment == segments_.end() ? random_.below(5) : random_.between(1, 5);
      Order& order = add(process, Action::Shmget, fmt::format("shmget {} {}", key, pages)).order;
      session_.steps.back().call = "shmget";
      order.key = key;
      order.number = static_cast<std::int64_t>(pages);
      if (segment == segments_.end() && pages > 0) segments_[key] = pages;
    } else if (choice < 70 && !actor.attached.contains(key)) {
      add(process, Action::Shmat, fmt::format("shmat {}", key)).order.key = key;
      actor.attached[key] = segment->second;
    } else if (choice < 85 && actor.attached.contains(key)) {
      add(process, Action::Shmdt, fmt::format("shmdt {}", key)).order.key = key;
      actor.attached.erase(key);
    } else if (choice > 93) {
      add(process, Action::Shmrm, fmt::format("shmrm {}", key)).order.key = key;
      segments_.erase(segment);
    }
  }

  [[nodiscard]] static std::string text(const Cell& cell) {
    constexpr std::array kWords{"text", "data", "stack"};
    const std::string section =
        cell.section == Section::Shm ? fmt::format("shm.{}", cell.key) : kWords[static_cast<std::size_t>(cell.section)];
    return fmt::format("{}+{}", section, cell.offset);
  }

  [[nodiscard]] static std::uint64_t data_pages(const Actor& actor) { return (actor.brk + kPage - 1) / kPage; }

  // A cell that the process has.
  Cell cell(const Actor& actor, bool stores) {
    const auto offset = [&](std::uint64_t pages) {
      return random_.below(pages) * kPage + kCellsOfPage[random_.below(kCellsOfPage.size())];
    };
    const std::uint64_t choice = random_.below(100);
    if (choice < 30 && !actor.attached.empty()) {
      const auto at =
          std::next(actor.attached.begin(), static_cast<std::ptrdiff_t>(random_.below(actor.attached.size())));
      return {.section = Section::Shm, .key = at->first, .offset = offset(at->second)};
    }
    if (choice < 38 && !stores)
      return {.section = Section::Text, .offset = offset(session_.programs[actor.program].text)};
    if (choice < 60 || data_pages(actor) == 0) return {.section = Section::Stack, .offset = offset(kMostStackPages)};
    return {.section = Section::Data, .offset = offset(data_pages(actor))};
  }

  void write(unsigned process) {
    const bool wild = random_.percent(3);
    Actor& actor = actors_[process];
    Cell target = cell(actor, true);
    if (wild && random_.percent(50))
      target = {.section = Section::Text, .offset = 8};
    else if (wild)
      target = {.section = Section::Data, .offset = (data_pages(actor) + random_.below(3)) * kPage};
    const auto value = static_cast<std::int64_t>(random_.bits() >> 1);
    RealStep& step = add(process, Action::Write, fmt::format("write {} = {:#x}", text(target), value));
    step.order.number = value;
    step.order.count = 1;
    step.order.cells[0] = target;
    step.ends = wild;
    if (wild) ended(process);
  }

  void read(unsigned process) {
    std::vector<Cell> cells;
    for (std::uint64_t left = random_.between(1, kMostCells); left > 0; --left)
      cells.push_back(cell(actors_[process], false));
    read(process, cells);
  }

  void read(unsigned process, const std::vector<Cell>& cells) {
    std::vector<std::string> places;
    for (const Cell& cell : cells) places.push_back(text(cell));
    RealStep& step = add(process, Action::Read, fmt::format("print {}", fmt::join(places, ", ")));
    step.places = std::move(places);
    step.order.count = static_cast<unsigned>(cells.size());
    std::ranges::copy(cells, step.order.cells.begin());
  }

  // Every page that it has.
  void read_all(unsigned process) {
    const Actor actor = actors_[process];
    const auto read_section = [&](Section section, std::uint64_t key, std::uint64_t pages) {
      for (std::uint64_t page = 0; page < pages; ++page) {
        std::vector<Cell> cells;
        for (const std::uint64_t offset : kCellsOfPage)
          cells.push_back({.section = section, .key = key, .offset = page * kPage + offset});
        read(process, cells);
      }
    };
    read_section(Section::Text, 0, session_.programs[actor.program].text);
    read_section(Section::Data, 0, data_pages(actor));
    read_section(Section::Stack, 0, kMostStackPages);
    for (const auto& [key, pages] : actor.attached) read_section(Section::Shm, key, pages);
  }

  // All who live look at all that they have, and end; their parents reap them.
  void wind_down() {
    for (std::vector<unsigned> able = ready(); !able.empty(); able = ready()) {
      const unsigned process = able.back();
      read_all(process);
      while (!actors_[process].zombies.empty()) wait(process);
      end(process);
    }
  }

  Chance random_;
  Session session_;
  std::vector<Actor> actors_;
  std::map<std::uint64_t, std::uint64_t> segments_;  // pages by key, of those that have not been removed
};

}  // namespace

Session random_session(std::uint64_t seed) { return Maker(seed).make(); }

}  // namespace bachsim::real
