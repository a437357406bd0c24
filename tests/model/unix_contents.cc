#include "tests/model/unix_contents.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "regions/fault.h"
#include "regions/vm.h"

namespace bachsim {
namespace {

std::uint64_t value_in(const ModelRegion& region, std::uint64_t page, std::uint64_t cell) {
  const auto found = region.contents.find(page);
  return found == region.contents.end() ? 0 : found->second[cell];
}

Cells file_page(std::uint64_t block) {
  Cells cells;
  read_file_block(block, reinterpret_cast<std::byte*>(cells.data()));
  return cells;
}

void resize(ModelRegion& region, std::uint64_t pages) {
  region.pages = pages;
  region.contents.erase(region.contents.lower_bound(pages), region.contents.end());
}

// The text of each program is what its file begins with.
std::shared_ptr<ModelRegion> text_of(const Region& real) {
  auto text = std::make_shared<ModelRegion>();
  text->pages = real.pages;
  for (std::uint64_t page = 0; page < real.pages; ++page) text->contents[page] = file_page(page);
  return text;
}

std::uint64_t first_page(const CellPlace& place) { return place.kind == PlaceKind::All ? 0 : place.first; }
std::uint64_t last_page(const CellPlace& place, const ModelRegion& region) {
  if (place.kind == PlaceKind::All) return region.pages - 1;
  return place.kind == PlaceKind::Pages ? place.last : place.first;
}
std::uint64_t cell_of(const CellPlace& place) { return place.kind == PlaceKind::Cell ? place.cell : 0; }

}  // namespace

UnixContents::Space UnixContents::loaded(ProgramId id) const {
  const Program& program = kernel_.vm().programs[id.value];
  Space space{.data = std::make_shared<ModelRegion>(), .stack = std::make_shared<ModelRegion>()};
  space.data->pages = program.data + program.bss;
  for (std::uint64_t page = 0; page < program.data; ++page) space.data->contents[page] = file_page(program.text + page);
  space.stack->pages = program.stack;
  return space;
}

UnixContents::Contents UnixContents::region(ProcSlot process, const Pregion& pregion) const {
  if (pregion.type == RegionType::Text) return text_of(kernel_.vm().regions[pregion.region]);
  if (pregion.type == RegionType::Shm) return segments_.at(pregion.region.value);
  const Space& space = spaces_.at(kernel_.process(process).tag);
  return pregion.type == RegionType::Data ? space.data : space.stack;
}

UnixContents::Contents UnixContents::region(ProcSlot process, const CellPlace& place) const {
  return region(process, *find_pregion(kernel_.space(process), place.region, place.key));
}

void UnixContents::begin(ProcSlot process, const Step& step) {
  const std::uint64_t tag = kernel_.process(process).tag;
  if (step.kind == StepKind::Sbrk) sbrks_[tag] = step.bytes / static_cast<std::int64_t>(kPageSize);
  if (step.kind != StepKind::Write) return;
  const Contents target = region(process, step.place);
  if (step.place.kind == PlaceKind::All && target->pages == 0) return;
  writes_[tag] = {.region = target,
                  .first = first_page(step.place),
                  .last = last_page(step.place, *target),
                  .cell = cell_of(step.place),
                  .value = step.number};
}

void UnixContents::ended(std::uint64_t tag, bool as_asked) {
  const auto space = spaces_.find(tag);
  const bool done = as_asked && space != spaces_.end();
  if (const auto sbrk = sbrks_.extract(tag); sbrk && done) {
    ModelRegion& data = *space->second.data;
    resize(data, data.pages + static_cast<std::uint64_t>(sbrk.mapped()));
  }
  if (const auto write = writes_.find(tag); write != writes_.end())
    write->second.state = done ? Write::State::Done : Write::State::Cut;
}

std::vector<std::set<std::uint64_t>> UnixContents::readable(ProcSlot process, const CellPlace& place) const {
  const Contents from = region(process, place);
  std::vector<std::set<std::uint64_t>> values;
  if (place.kind == PlaceKind::All && from->pages == 0) return values;
  const std::uint64_t cell = cell_of(place);
  for (std::uint64_t page = first_page(place); page <= last_page(place, *from); ++page) {
    auto& some = values.emplace_back(std::set{value_in(*from, page, cell)});
    for (const auto& [tag, write] : writes_) {
      if (write.covers(from, page, cell)) some.insert(write.value);
    }
  }
  return values;
}

void UnixContents::follow(const Events& events) {
  for (const Event& event : events) {
    switch (event.kind) {
      case EventKind::RegionAllocated:
        segments_.erase(event.region.value);
        break;
      case EventKind::Forked: {
        const Space& parent = spaces_.at(event.process);
        spaces_[event.child] = {std::make_shared<ModelRegion>(*parent.data),
                                std::make_shared<ModelRegion>(*parent.stack)};
        break;
      }
      case EventKind::Vforked:
        spaces_[event.child] = spaces_.at(event.process);
        break;
      case EventKind::Spawned: {
        const auto all = kernel_.processes();
        const auto slot = std::ranges::find(all, event.process, [&](ProcSlot s) { return kernel_.process(s).tag; });
        spaces_[event.process] = loaded(kernel_.process(*slot).program);
        break;
      }
      case EventKind::Execed:
        spaces_[event.process] = loaded(ProgramId{static_cast<std::uint32_t>(event.is)});
        break;
      case EventKind::Exited:
      case EventKind::Killed:
        spaces_.erase(event.process);
        break;
      default:
        break;
    }
  }
  find_segments();
}

void UnixContents::find_segments() {
  std::map<std::uint32_t, Contents> segments;
  kernel_.vm().regions.for_each([&](RegionId id, const Region& real) {
    if (real.type != RegionType::Shm) return;
    Contents& segment = segments[id.value] = std::exchange(segments_[id.value], nullptr);
    if (segment) return;
    segment = std::make_shared<ModelRegion>();
    segment->pages = real.pages;
  });
  segments_ = std::move(segments);
}

// The pages have what was stored, wherever nobody else may have stored at the same time.
void UnixContents::settle(const Write& write) {
  for (std::uint64_t page = write.first; page <= write.last; ++page) {
    const bool alone = std::ranges::none_of(writes_, [&](const auto& entry) {
      return &entry.second != &write && entry.second.covers(write.region, page, write.cell);
    });
    if (alone && !write.overtaken.contains(page)) write.region->contents[page][write.cell] = write.value;
  }
}

void UnixContents::overtake(const Write& ended) {
  for (auto& [tag, write] : writes_) {
    if (write.state != Write::State::Inside) continue;
    for (std::uint64_t page = ended.first; page <= ended.last; ++page) {
      if (write.covers(ended.region, page, ended.cell)) write.overtaken.insert(page);
    }
  }
}

std::string UnixContents::compare() {
  std::string trouble;
  const auto check = [&](const std::string& who, const Region& real, const Contents& model) {
    const std::string found = trouble.empty() ? compare(real, model) : "";
    if (!found.empty()) trouble = fmt::format("{}: {} {}", who, name(real.type), found);
  };
  // All stacks first: a write may have made one grow.
  std::vector<ProcSlot> alive = kernel_.processes();
  std::erase_if(alive, [&](ProcSlot slot) { return kernel_.process(slot).state == ProcessState::Zombie; });
  for (const ProcSlot slot : alive) {
    const Pregion* stack = find_pregion(kernel_.space(slot), RegionType::Stack);
    if (!spaces_.contains(kernel_.process(slot).tag)) return "a process that nobody has made";
    resize(*spaces_.at(kernel_.process(slot).tag).stack, kernel_.vm().regions[stack->region].pages);
  }
  for (const auto& [tag, write] : writes_) {
    if (write.state == Write::State::Done) settle(write);
  }
  for (const ProcSlot slot : alive) {
    const std::string who = fmt::format("pid {}", kernel_.process(slot).pid.value);
    for (const Pregion& pregion : kernel_.space(slot).pregions)
      check(who, kernel_.vm().regions[pregion.region], region(slot, pregion));
  }
  for (const auto& [id, segment] : segments_)
    check(fmt::format("region {}", id), kernel_.vm().regions[RegionId{id}], segment);
  for (const auto& [tag, write] : writes_) {
    if (write.state != Write::State::Inside) overtake(write);
  }
  std::erase_if(writes_, [](const auto& entry) { return entry.second.state != Write::State::Inside; });
  return trouble;
}

std::string UnixContents::compare(const Region& real, const Contents& model) {
  if (real.pages != model->pages) return fmt::format("has {} pages, and not {}", real.pages, model->pages);
  Cells cells;
  for (std::uint32_t page = 0; page < real.pages; ++page) {
    peek_page(kernel_.vm(), real, page, reinterpret_cast<std::byte*>(cells.data()));
    ++pages_;
    const std::string found = compare_page(cells, model, page);
    if (!found.empty()) return found;
  }
  return "";
}

// A cell may have what somebody has stored meanwhile. Then it has that from now on.
std::string UnixContents::compare_page(const Cells& real, const Contents& model, std::uint32_t page) {
  static constexpr Cells kZeroCells{};
  const auto known = model->contents.find(page);
  const Cells& wanted = known == model->contents.end() ? kZeroCells : known->second;
  if (std::memcmp(real.data(), wanted.data(), sizeof real) == 0) return "";
  for (std::uint64_t cell = 0; cell < real.size(); ++cell) {
    if (real[cell] == wanted[cell]) continue;
    const bool stored = std::ranges::any_of(writes_, [&](const auto& entry) {
      return entry.second.covers(model, page, cell) && entry.second.value == real[cell];
    });
    if (!stored) return fmt::format("page {} has {:#x} at {}, and not {:#x}", page, real[cell], 8 * cell, wanted[cell]);
  }
  model->contents[page] = real;
  return "";
}

}  // namespace bachsim
