#include "tests/model/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "sim/state/column.h"
#include "tests/model/model_vm.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kKeys = 4;
constexpr std::uint64_t kMostAlive = 7;
constexpr std::uint64_t kCells = kPageSize / 8;

std::string machine_line(Chance& random, PagingPolicy paging) {
  const bool plenty = random.percent(15);
  const std::uint64_t more = paging == PagingPolicy::Off ? 12 : 0;  // a process is in memory whole, or not at all
  const std::uint64_t frames = plenty ? 300 : random.between(4 + more, 32 + more);
  const std::uint64_t reserve = random.percent(20) ? random.between(1, 2) : 0;
  std::string line = fmt::format("machine frames={} reserve={}", frames, reserve);

  const std::uint64_t swap = random.below(10);
  const std::uint64_t blocks = swap < 2 ? 0 : swap < 5 ? random.between(1, 20) : random.between(40, 200);
  if (blocks > 1 && random.percent(40))
    line += fmt::format(" swap={},{}", blocks / 2, blocks - blocks / 2);
  else
    line += fmt::format(" swap={}", blocks);

  line += fmt::format(" low={}", random.percent(60) ? random.below((frames - reserve) / 2) : 0);
  line += fmt::format(" high={}", random.percent(60) ? random.below((frames - reserve) / 2) : 0);
  line += fmt::format(" max-age={}", random.below(5));
  line += fmt::format(" cluster={}", random.between(1, 8));
  if (random.percent(25))
    line += fmt::format(" working-set={}{}", random.between(1, 8), random.percent(40) ? " window=references" : "");
  return line;
}

std::string tuning_line(Chance& random, PagingPolicy paging) {
  constexpr std::array kModes{"sv39", "sv48", "sv57"};
  constexpr std::array kForks{"cow", "cow", "cow", "copy", "copy", "vfork"};
  std::string line = fmt::format("machine mode={}", kModes[random.below(kModes.size())]);
  line += fmt::format(" fork={}", kForks[random.below(kForks.size())]);
  line += fmt::format(" vfork={}", random.percent(70) ? "share" : "fork");
  // Without paging, a child that is made on swap does not run first: the model does not know of that.
  line += fmt::format(" first={}", paging == PagingPolicy::Off || random.percent(80) ? "parent" : "child");
  if (paging != PagingPolicy::On) line += paging == PagingPolicy::Off ? " paging=off" : " paging=hybrid";
  line += fmt::format(" ad={}", random.percent(60) ? "hardware" : "software");
  line += fmt::format(" tlb={}", random.between(1, 64));
  line += fmt::format(" stack-limit={}", random.percent(15) ? 1100 : random.between(6, 40));
  if (random.percent(15)) line += fmt::format(" nproc={}", random.between(2, 8));
  if (random.percent(15)) line += fmt::format(" nregion={}", random.between(3, 20));
  if (random.percent(20)) line += fmt::format(" tables={}", random.between(6, 60));
  if (random.percent(30)) line += fmt::format(" prepage={}", random.between(1, 5));
  if (random.percent(30)) line += " swap-map=bits";
  if (random.percent(30)) line += " check=protection-first";
  if (random.percent(30)) line += " valid=software";
  if (random.percent(30)) line += " dispatch=nice";
  if (random.percent(30)) line += " out-list=keep";
  if (random.percent(30)) line += fmt::format(" block={}", 512 << random.below(8));
  constexpr std::array kRules{"clock", "fifo", "lru", "nru", "random"};
  if (random.percent(50)) line += fmt::format(" stealer={}", kRules[random.below(kRules.size())]);
  return line;
}

std::string program_line(Chance& random, ProgramId program) {
  std::string line = fmt::format("program {}", program_name(program));
  line += fmt::format(" text={}", random.below(4));
  line += fmt::format(" data={}", random.below(4));
  line += fmt::format(" bss={}", random.percent(4) ? 600 : random.below(3));
  line += fmt::format(" stack={}", random.below(4));
  if (random.percent(25)) line += " unaligned";
  if (random.percent(25)) line += " sticky";
  return line;
}

// Makes the steps of one process that is ready.
class StepMaker {
 public:
  StepMaker(Chance& random, const ModelVm& model, const Cast& cast, Pid actor)
      : random_(random), model_(model), cast_(cast), actor_(actor) {
    step_.process = cast.name(actor.value);
  }

  Step make() {
    const bool crowded = model_.processes().size() >= kMostAlive;
    const std::uint64_t choice = random_.below(100);
    if (choice < 30) return access(random_.percent(70) ? StepKind::Write : StepKind::WritePid);
    if (choice < 48) return access(random_.percent(85) ? StepKind::Print : StepKind::Read);
    if (choice < 50) return access(StepKind::Fetch);
    if (choice < 62) return crowded ? exit() : beget(random_.percent(65) ? StepKind::Fork : StepKind::Vfork);
    if (choice < 67) return exec();
    if (choice < 71) return exit();
    if (choice < 76) return of(StepKind::Wait);
    if (choice < 83) return sbrk();
    if (choice < 93) return shared_memory();
    if (choice < 96) return plock();
    return expect_cell();
  }

 private:
  Step of(StepKind kind) {
    step_.kind = kind;
    return step_;
  }

  Step beget(StepKind kind) {
    step_.child = cast_.next();
    return of(kind);
  }

  Step exec() {
    step_.program = ProgramId{static_cast<std::uint32_t>(random_.below(kPrograms))};
    return of(StepKind::Exec);
  }

  Step exit() {
    step_.number = random_.percent(50) ? 0 : random_.below(600);
    return of(StepKind::Exit);
  }

  Step sbrk() {
    constexpr auto kPage = static_cast<std::int64_t>(kPageSize);
    const std::uint64_t choice = random_.below(100);
    const auto small = static_cast<std::int64_t>(random_.between(0, 3));
    const std::int64_t pages = choice < 50   ? small
                               : choice < 94 ? -small
                               : choice < 96 ? 510 + small
                               : choice < 98 ? -510 - small
                                             : std::int64_t{1} << 25;  // all of the address space
    step_.bytes = pages * kPage;
    if (random_.percent(40)) step_.bytes += static_cast<std::int64_t>(random_.between(0, 8) * 1024) - kPage;
    return of(StepKind::Sbrk);
  }

  Step shared_memory() {
    step_.key = random_.below(kKeys);
    if (const auto& known = model_.shm(); !known.empty() && random_.percent(60))
      step_.key = std::next(known.begin(), static_cast<std::ptrdiff_t>(random_.below(known.size())))->first;
    const std::uint64_t choice = random_.below(100);
    if (choice < 25) {
      const std::uint64_t size = random_.below(100);
      if (size < 95)
        step_.pages =
            size < 90 ? static_cast<std::int64_t>(random_.below(model_.paging() == PagingPolicy::Off ? 8 : 4)) : 513;
      else  // more than there is address space
        step_.pages = std::int64_t{1} << random_.between(25, 40);
      return of(StepKind::Shmget);
    }
    return of(choice < 75 ? StepKind::Shmat : choice < 90 ? StepKind::Shmdt : StepKind::Shmrm);
  }

  Step plock() {
    constexpr std::array kRegions{RegionType::Text, RegionType::Data, RegionType::Stack};
    step_.place.region = kRegions[random_.below(kRegions.size())];
    return of(random_.percent(40) ? StepKind::Plock : StepKind::Punlock);
  }

  Step access(StepKind kind) {
    if (random_.percent(2)) {
      step_.place = {.kind = PlaceKind::Address, .address = wild_address()};
    } else {
      choose_region(kind);
      choose_cells();
    }
    if (kind == StepKind::Write) step_.number = random_.bits();
    return of(kind);
  }

  Step expect_cell() {
    choose_region(StepKind::Read);
    const std::uint64_t pages = pages_of_place();
    if (pages == 0) return of(StepKind::ExpectState);
    step_.place.kind = PlaceKind::Page;
    step_.place.first = random_.below(pages);
    return of(StepKind::ExpectCell);
  }

  void choose_region(StepKind kind) {
    const std::vector<ModelShm>& shm = model_.space(actor_).shm;
    const std::uint64_t text = kind == StepKind::Fetch ? 85 : kind == StepKind::Read ? 25 : 6;
    const std::uint64_t choice = random_.below(100);
    if (choice < text) {
      step_.place.region = RegionType::Text;
    } else if (choice < 75 && !shm.empty() && random_.percent(50)) {
      step_.place.region = RegionType::Shm;
      step_.place.key = shm[random_.below(shm.size())].key;
    } else {
      step_.place.region = random_.percent(60) ? RegionType::Data : RegionType::Stack;
    }
  }

  std::uint64_t pages_of_place() const { return model_.region(actor_, step_.place.region, step_.place.key)->pages; }

  // Mostly of a page that is there.
  void choose_cells() {
    CellPlace& place = step_.place;
    const std::uint64_t pages = pages_of_place();
    place.cell = random_.percent(30) ? 0 : random_.below(kCells);
    const bool beyond = pages == 0 || random_.percent(place.region == RegionType::Stack ? 10 : 2);
    // Pages near the ends of large regions are what is interesting about them.
    place.first = beyond                ? pages + random_.below(3)
                  : random_.percent(80) ? random_.below(std::min<std::uint64_t>(pages, 6))
                                        : pages - 1 - random_.below(std::min<std::uint64_t>(pages, 6));
    place.last = place.first + random_.below(3);
    if (place.region == RegionType::Stack && random_.percent(1)) place.first += 600;
    const std::uint64_t choice = random_.below(100);
    if (choice < 70)
      place.kind = PlaceKind::Cell;
    else if (choice < 80)
      place.kind = PlaceKind::Page;
    else if (choice < 86)
      place.kind = PlaceKind::Address;
    else
      place.kind = choice < 92 || pages > 12 ? PlaceKind::Pages : PlaceKind::All;
    // Few ranges should run beyond their region.
    if (place.kind == PlaceKind::Pages && !beyond && place.last >= pages && random_.percent(85)) place.last = pages - 1;
    place.address = model_.address(actor_, place.region, place.key, place.first).value + 8 * place.cell;
  }

  std::uint64_t wild_address() {
    constexpr std::uint64_t kStackTop = std::uint64_t{256} << 30;
    constexpr std::array<std::uint64_t, 9> kWild{0,
                                                 8,
                                                 (2u << 20) - 8,
                                                 kStackTop - 8,
                                                 kStackTop,
                                                 kStackTop / 2,
                                                 kStackTop / 2 - 8,
                                                 std::uint64_t{1} << 62,
                                                 ~std::uint64_t{7}};
    return random_.percent(50) ? kWild[random_.below(kWild.size())] : random_.bits() & ~std::uint64_t{7};
  }

  Chance& random_;
  const ModelVm& model_;
  const Cast& cast_;
  Pid actor_;
  Step step_;
};

std::string region_text(RegionType region, std::uint64_t key) {
  return region == RegionType::Shm ? fmt::format("shm.{}", key) : std::string(name(region));
}

}  // namespace

unsigned Cast::name(std::uint32_t pid) const {
  return static_cast<unsigned>(std::ranges::find(pids_, pid) - pids_.begin());
}

char program_name(ProgramId program) { return static_cast<char>('a' + program.value); }

std::string CellPlace::text() const {
  switch (kind) {
    case PlaceKind::Cell:
      return fmt::format("{}+{}", region_text(region, key), first * kPageSize + 8 * cell);
    case PlaceKind::Page:
      return fmt::format("{}[{}]", region_text(region, key), first);
    case PlaceKind::Pages:
      return fmt::format("{}[{}..{}]", region_text(region, key), first, last);
    case PlaceKind::All:
      return fmt::format("{}[*]", region_text(region, key));
    case PlaceKind::Address:
      break;
  }
  return fmt::format("@{:#x}", address);
}

std::string text(const Step& step, std::uint64_t expected) {
  const std::string name = fmt::format("p{}", step.process);
  switch (step.kind) {
    case StepKind::Spawn:
      return fmt::format("spawn {} as p{}", program_name(step.program), step.child);
    case StepKind::Fork:
      return fmt::format("{}: fork as p{}", name, step.child);
    case StepKind::Vfork:
      return fmt::format("{}: vfork as p{}", name, step.child);
    case StepKind::Exec:
      return fmt::format("{}: exec {}", name, program_name(step.program));
    case StepKind::Exit:
      return fmt::format("{}: exit {}", name, step.number);
    case StepKind::Wait:
      return fmt::format("{}: wait", name);
    case StepKind::Sbrk:
      if (step.bytes % static_cast<std::int64_t>(kPageSize) != 0)
        return fmt::format("{}: sbrk {}K", name, step.bytes / 1024);
      return fmt::format("{}: sbrk {}", name, step.bytes / static_cast<std::int64_t>(kPageSize));
    case StepKind::Shmget:
      return fmt::format("{}: shmget {} {}", name, step.key, step.pages);
    case StepKind::Shmat:
      return fmt::format("{}: shmat {}", name, step.key);
    case StepKind::Shmdt:
      return fmt::format("{}: shmdt {}", name, step.key);
    case StepKind::Shmrm:
      return fmt::format("{}: shmrm {}", name, step.key);
    case StepKind::Plock:
      return fmt::format("{}: plock {}", name, bachsim::name(step.place.region));
    case StepKind::Punlock:
      return fmt::format("{}: punlock {}", name, bachsim::name(step.place.region));
    case StepKind::Read:
      return fmt::format("{}: read {}", name, step.place.text());
    case StepKind::Print:
      return fmt::format("{}: print {}", name, step.place.text());
    case StepKind::Fetch:
      return fmt::format("{}: fetch {}", name, step.place.text());
    case StepKind::Write:
      return fmt::format("{}: write {} = {:#x}", name, step.place.text(), step.number);
    case StepKind::WritePid:
      return fmt::format("{}: write {}", name, step.place.text());
    case StepKind::Swapout:
      return fmt::format("{}: swapout", name);
    case StepKind::Swapin:
      return fmt::format("{}: swapin", name);
    case StepKind::Age:
      return "age";
    case StepKind::Steal:
      return "steal";
    case StepKind::StealSome:
      return fmt::format("steal {}", step.number);
    case StepKind::Tick:
      return fmt::format("tick {}", step.number);
    case StepKind::Run:
      return fmt::format("run {}", step.number);
    case StepKind::ExpectState:
      return fmt::format("expect {}.state == ready", name);
    case StepKind::ExpectCell:
      break;
  }
  return fmt::format("expect {}.{}.value == {:#x}", name, step.place.text(), expected);
}

std::string random_stage(Chance& random, PagingPolicy paging) {
  std::string stage = machine_line(random, paging) + "\n";
  stage += tuning_line(random, paging) + "\n";
  return stage + random_programs(random);
}

std::string tight_limits(Chance& random) {
  std::string line = "machine";
  if (random.percent(40)) line += fmt::format(" nproc={}", random.between(2, 6));
  if (random.percent(40)) line += fmt::format(" nregion={}", random.between(3, 14));
  if (random.percent(50)) line += fmt::format(" tables={}", random.between(6, 40));
  if (random.percent(30)) line += fmt::format(" swap={}", random.between(1, 12));
  return line == "machine" ? "" : line + "\n";
}

std::string random_programs(Chance& random) {
  std::string programs;
  for (std::uint32_t i = 0; i < kPrograms; ++i) programs += program_line(random, ProgramId{i}) + "\n";
  return programs;
}

Step random_step(Chance& random, const ModelVm& model, const Cast& cast) {
  std::vector<Pid> ready;
  for (const auto& [pid, process] : model.processes()) {
    if (process.state == ModelState::Ready) ready.push_back(pid);
  }
  const std::uint64_t choice = random.below(100);
  if (ready.empty() || (choice < 3 && model.processes().size() < kMostAlive)) {
    Step spawn{.kind = StepKind::Spawn, .child = cast.next()};
    spawn.program = ProgramId{static_cast<std::uint32_t>(random.below(kPrograms))};
    return spawn;
  }
  if (choice < 8) return {.kind = StepKind::Age};
  if (choice < 11) return {.kind = StepKind::Steal};
  if (choice < 13) return {.kind = StepKind::StealSome, .number = random.below(6)};
  if (choice < 14) return {.kind = StepKind::Tick, .number = random.below(3)};
  if (model.paging() != PagingPolicy::On && choice < 40) {
    if (choice < 18) return {.kind = StepKind::Run, .number = random.between(1, 3)};
    auto anybody = model.processes().begin();
    std::advance(anybody, random.below(model.processes().size()));
    return {.kind = choice < 24 ? StepKind::Swapout : StepKind::Swapin, .process = cast.name(anybody->first.value)};
  }
  return StepMaker(random, model, cast, ready[random.below(ready.size())]).make();
}

}  // namespace bachsim
