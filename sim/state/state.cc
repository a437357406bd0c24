#include "sim/state/state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <queue>

#include "regions/fault.h"
#include "regions/pregion.h"
#include "regions/preset.h"
#include "regions/vm.h"
#include "sim/state/labels.h"

namespace bachsim {
namespace {

std::optional<std::string_view> program_of(const Vm& vm, const Region& region) {
  if (!region.program) return std::nullopt;
  return vm.programs[region.program->value].name;
}

bool sleeps_for(const Context& context, Channel::Kind kind) {
  return context.sleeps_for && context.sleeps_for->kind == kind;
}

std::optional<std::uint32_t> awaited_region(const Context& context) {
  const bool region = sleeps_for(context, Channel::Kind::Lock) || sleeps_for(context, Channel::Kind::Text);
  return region ? std::optional(context.sleeps_for->region.value) : std::nullopt;
}

std::optional<std::uint32_t> awaited_frame(const Context& context) {
  const bool frame = context.sleeps_for && context.sleeps_for->frame != Channel::kNoFrame;
  return frame ? std::optional(context.sleeps_for->frame.value) : std::nullopt;
}

WaitingFor waiting_for(const Context& context) {
  return context.sleeps_for ? bachsim::waiting_for(context.sleeps_for->kind) : WaitingFor::Nothing;
}

}  // namespace

std::span<const std::string> counter_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    Counters{}.for_each([&](auto group, auto name, auto) { names.push_back(fmt::format("{}.{}", group, name)); });
    return names;
  }();
  return kNames;
}

std::span<const std::string> gauge_names() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    Gauges{}.for_each([&](auto name, auto) { names.emplace_back(name); });
    return names;
  }();
  return kNames;
}

std::vector<NumberRow> moved(const std::vector<NumberRow>& before, const std::vector<NumberRow>& after) {
  std::vector<NumberRow> result;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (after[i].value != before[i].value)
      result.push_back({.name = after[i].name, .value = after[i].value - before[i].value});
  }
  return result;
}

ProcessRow State::process(ProcSlot slot) const {
  const Process& process = kernel_.process(slot);
  const bool zombie = process.state == ProcessState::Zombie;
  ProcessRow row{.slot = slot,
                 .name = names_.process(process.tag),
                 .pid = process.pid.value,
                 .parent = kernel_.process(process.parent).pid.value,
                 .state = process.state,
                 .waiting_for = process.waiting_for,
                 .program = vm().programs[process.program.value].name,
                 .seconds = process.stay_seconds,
                 .nice = process.nice,
                 .lender = process.lender};
  if (zombie) {
    row.status = process.status;
  } else {
    row.satp = Address{.value = kernel_.satp(slot).raw()};
    row.brk = kernel_.space(slot).brk;
  }
  if (process.last_ran != 0) row.last_ran = process.last_ran - 1;
  if (const Context* const context = kernel_.contexts().find(process.tag);
      context != nullptr && process.waiting_for != WaitingFor::Nothing) {
    row.awaited_region = awaited_region(*context);
    row.awaited_frame = awaited_frame(*context);
  }
  return row;
}

std::optional<Actor> State::actor(const Context* context) const {
  if (context == nullptr) return std::nullopt;
  if (context->tag == Context::kVhand) return Actor{};
  return Actor{.pid = kernel_.process(kernel_.slot_inside(context->tag)).pid.value};
}

std::optional<Actor> State::locked_by(RegionId region) const {
  return kernel_.anybody_inside() ? actor(kernel_.contexts().owner(region)) : std::nullopt;
}

std::uint32_t State::sleepers(RegionId region) const {
  const Contexts& contexts = kernel_.contexts();
  return contexts.sleepers({.kind = Channel::Kind::Lock, .region = region}) +
         contexts.sleepers({.kind = Channel::Kind::Text, .region = region});
}

InsideRow State::inside_row(const Context& context) const {
  InsideRow row{.name = name_of_tag(context.tag),
                .waiting_for = waiting_for(context),
                .awaited_region = awaited_region(context),
                .awaited_frame = awaited_frame(context)};
  for (const RegionId region : context.locks) row.locks.push_back(region.value);
  return row;
}

void State::inside(const Visit<InsideRow>& visit) const {
  for (const Context& context : kernel_.contexts().all()) visit(inside_row(context));
}

InsideRow State::stealer() const {
  const Context* const context = kernel_.contexts().find(Context::kVhand);
  return context == nullptr ? InsideRow{.name = name_of_tag(Context::kVhand)} : inside_row(*context);
}

PregionRow State::pregion(ProcSlot slot, std::uint32_t index) const {
  const Pregion& pregion = kernel_.space(slot).pregions[index];
  const Region& region = vm().regions[pregion.region];
  const Labels labels(kernel_, slot);
  std::string word(name(pregion.type));
  if (pregion.type == RegionType::Shm) word += "." + names_.key(pregion.key);
  return {.process = slot,
          .pid = kernel_.process(slot).pid.value,
          .index = index,
          .type = pregion.type,
          .name = std::move(word),
          .region = pregion.region.value,
          .start = labels.shown(labels.start(pregion)),
          .real_start = lowest_address(pregion, region).value,
          .pages = region.pages,
          .refs = region.refs(),
          .program = program_of(vm(), region),
          .borrowed = kernel_.process(slot).lender != slot,
          .locked = pregion.locked,
          .locked_by = locked_by(pregion.region),
          .sleepers = sleepers(pregion.region),
          .page_bytes = labels.real() ? kPageSize : config().page,
          .downwards = pregion.type == RegionType::Stack && labels.real()};
}

void State::pregions(ProcSlot slot, const Visit<PregionRow>& visit) const {
  const std::size_t count = kernel_.space(slot).pregions.size();
  for (std::uint32_t index = 0; index < count; ++index) visit(pregion(slot, index));
}

std::optional<PageId> State::find(ProcSlot slot, VirtAddr va) const {
  const AddressSpace& space = kernel_.space(slot);
  const auto found = find_page(vm(), space, va);
  if (!found) return std::nullopt;
  return PageId{space.pregions[found->index].region, found->page};
}

// Labels of several regions may overlap: their pages come out merged. Equal addresses keep the order of the pregions.
void State::space(ProcSlot slot, const Visit<PageRow>& visit) const {
  struct Cursor {
    std::uint64_t address;
    std::uint32_t index;   // of the pregion
    std::uint32_t passed;  // pages
    bool operator>(const Cursor& other) const {
      return std::tie(address, index) > std::tie(other.address, other.index);
    }
  };
  const Labels labels(kernel_, slot);
  const auto& list = kernel_.space(slot).pregions;
  std::priority_queue<Cursor, std::vector<Cursor>, std::greater<>> next;
  // The page with so many pages of its region below it: a stack's page 0 is its highest, but labels count upwards.
  const auto page_at = [&](const Cursor& at) {
    const Pregion& pregion = list[at.index];
    const bool down = pregion.type == RegionType::Stack && labels.real();
    return down ? vm().regions[pregion.region].pages - 1 - at.passed : at.passed;
  };
  const auto push = [&](Cursor at) {
    if (at.passed == vm().regions[list[at.index].region].pages) return;
    at.address = labels.page(list[at.index], page_at(at));
    next.push(at);
  };
  for (std::uint32_t index = 0; index < list.size(); ++index) push({.address = 0, .index = index, .passed = 0});
  while (!next.empty()) {
    const Cursor at = next.top();
    next.pop();
    const RegionId id = list[at.index].region;
    PageRow page = row(id, vm().regions[id], page_at(at));
    page.address = labels.shown(at.address);
    visit(page);
    push({.address = 0, .index = at.index, .passed = at.passed + 1});
  }
}

void State::regions(const Visit<RegionRow>& visit) const {
  for (std::uint32_t id = 1; id <= vm().regions.last().value; ++id) {
    if (const auto row = region(id)) visit(*row);
  }
}

std::optional<RegionRow> State::region(std::uint64_t id) const {
  if (id < 1 || id > vm().regions.last().value) return std::nullopt;
  const auto number = static_cast<std::uint32_t>(id);
  const Region& region = vm().regions[RegionId{number}];
  if (!region.active) return std::nullopt;
  const Context* const owner = vm().contexts.owner(RegionId{number});
  return RegionRow{.id = number,
                   .type = region.type,
                   .refs = region.refs(),
                   .pages = region.pages,
                   .valid = region.valid(),
                   .program = program_of(vm(), region),
                   .program_id = region.program,
                   .locked_by = owner == nullptr ? "" : name_of_tag(owner->tag),
                   .owner = actor(owner),
                   .sleepers = sleepers(RegionId{number})};
}

PageRow State::row(RegionId id, const Region& region, std::uint32_t number) const {
  const PageWords words = vm().page(region, number);
  const auto [pte, dbd] = words;
  PageRow row{.region = id.value,
              .page = number,
              .valid = pte.valid(),
              .writable = pte.writable(),
              .cow = pte.cow(),
              .referenced = pte.accessed(),
              .modified = pte.dirty(),
              .age = dbd.age(),
              .disk = {.kind = dbd.kind(), .device = dbd.device(), .block = dbd.block()}};
  if (words.in_frame()) {
    row.frame = row.pte_frame = frame_of(pte.ppn()).value;
    row.refs = vm().pfdata.refs(frame_of(pte.ppn()));
  } else if (const auto stale = stale_frame(pte)) {
    row.pte_frame = stale->value;
  }
  if (dbd.in_file()) {
    row.file_block = dbd.block();
    if (region.program && !vm().programs[region.program->value].file_blocks.empty())
      row.block = vm().programs[region.program->value].disk_block(
          config().block == 0 ? dbd.block() : dbd.block() * config().page / config().block);
  }
  return row;
}

void State::pages(std::uint32_t region, const Visit<PageRow>& visit) const {
  const RegionId id{region};
  for (std::uint32_t page = 0; page < vm().regions[id].pages; ++page) visit(row(id, vm().regions[id], page));
}

PageRow State::page(std::uint32_t region, std::uint32_t page, bool with_value) const {
  PageRow result = row(RegionId{region}, vm().regions[RegionId{region}], page);
  if (with_value) result.value = value(region, page, 0);
  return result;
}

std::int64_t State::value(std::uint32_t region, std::uint32_t page, std::uint64_t offset) const {
  std::array<std::byte, kPageSize> bytes;
  peek_page(vm(), vm().regions[RegionId{region}], page, bytes.data());
  std::int64_t result = 0;
  std::memcpy(&result, bytes.data() + offset, sizeof result);
  return result;
}

void State::frames(const Visit<FrameRow>& visit) const {
  for (std::uint32_t f = vm().pfdata.reserved(); f < vm().pfdata.fresh().value; ++f) {
    const FrameRow row = frame(f);
    if (row.refs > 0 || row.disk.kind != DbdKind::None) visit(row);
  }
}

FrameRow State::frame(std::uint32_t number) const {
  const PfdataTable& pfdata = vm().pfdata;
  const Frame frame{number};
  FrameRow row{.frame = number,
               .refs = pfdata.refs(frame),
               .disk = disk(pfdata.identity(frame)),
               .free = pfdata.is_free(frame),
               .being_read = vm().contexts.being_read(frame)};
  if (!kernel_.anybody_inside()) [[likely]]
    return row;
  row.read_by = actor(kernel_.contexts().reader(frame));
  row.sleepers = kernel_.contexts().sleepers({.kind = Channel::Kind::Contents, .frame = frame});
  return row;
}

void State::hash(const Visit<FrameRow>& visit) const {
  std::vector<std::pair<DiskBlock, Frame>> found;
  for (std::uint32_t f = 0; f < vm().pfdata.fresh().value; ++f) {
    if (const DiskBlock block = vm().pfdata.identity(Frame{f}); !block.none()) found.emplace_back(block, Frame{f});
  }
  std::ranges::sort(found);
  for (const auto& [block, frame] : found) visit(this->frame(frame.value));
}

void State::free_list(const Visit<FreeRow>& visit) const {
  std::optional<FreeRow> run;
  std::uint64_t position = 0;
  vm().pfdata.for_each_free([&](Frame first, Frame last) {
    if (run && first.value == run->last + 1) {
      run->last = last.value;
    } else {
      if (run) visit(*run);
      run = FreeRow{.position = position, .first = first.value, .last = last.value};
    }
    position += last.value - first.value + 1;
  });
  if (run) visit(*run);
}

DeviceRow State::device(unsigned device) const {
  const SwapMap& map = vm().swap.map(device);
  const MapCost cost = map.cost();
  return {.device = device,
          .blocks = map.blocks(),
          .free = map.free_blocks(),
          .held = cost.held,
          .most = cost.most,
          .mallocs = cost.malloc.calls,
          .looked_at = cost.malloc.looked_at,
          .mfrees = cost.mfree.calls,
          .mfree_looked_at = cost.mfree.looked_at};
}

void State::extents(unsigned device, const Visit<ExtentRow>& visit) const {
  vm().swap.map(device).for_each_extent(
      [&](std::uint64_t first, std::uint64_t blocks) { visit({.device = device, .address = first, .units = blocks}); });
}

std::optional<ExtentRow> State::extent(unsigned device, std::uint64_t number) const {
  const auto extent = vm().swap.map(device).extent(number);
  if (!extent) return std::nullopt;
  return ExtentRow{.device = device, .address = extent->first, .units = extent->blocks};
}

void State::swap_blocks(const Visit<SwapBlockRow>& visit) const {
  vm().swap.for_each_used([&](DiskBlock block, std::uint32_t uses) {
    visit({.device = block.device(), .block = block.block(), .refs = uses});
  });
}

void State::tlb(const Visit<TlbRow>& visit) const {
  std::uint32_t slot = 0;
  for (const Tlb::Entry& entry : vm().hart.tlb().entries()) {
    if (entry.asid != Tlb::kEmpty) {
      std::string grants = "---";
      grants[0] = entry.grants(Access::Load) ? 'r' : '-';
      grants[1] = entry.grants(Access::Store) ? 'w' : '-';
      grants[2] = entry.grants(Access::Fetch) ? 'x' : '-';
      visit({.slot = slot,
             .asid = entry.asid,
             .address = {.value = entry.vpn << kPageShift},
             .ppn = {.value = entry.ppn.value},
             .grants = std::move(grants)});
    }
    ++slot;
  }
}

// `base` is the address that entry 0 of the table stands for.
void State::tree(Ppn table, unsigned depth, std::uint64_t base, const Visit<TreeRow>& visit) const {
  const unsigned level = static_cast<unsigned>(levels(vm().config.mode)) - 1 - depth;
  const std::uint64_t span = kPageSize << (kTableBits * level);
  const Pte* const entries = vm().memory.table(table);
  for (unsigned i = 0; i < kTableEntries; ++i) {
    const Pte pte = entries[i];
    if (!pte.valid()) continue;
    TreeRow row{
        .depth = depth, .first = i, .last = i, .table = level > 0, .ppn = pte.ppn().value, .address = base + i * span};
    if (row.table) {
      visit(row);
      tree(pte.ppn(), depth + 1, row.address, visit);
      continue;
    }
    const auto continues = [&](unsigned next) {
      return entries[next].raw == pte.raw + (std::uint64_t{next - i} << Pte::kPpnShift);
    };
    while (row.last + 1 < kTableEntries && continues(row.last + 1)) ++row.last;
    const std::string flags = flags_of(pte);  // `dauxwrc`: the bit that is Bach's stands last
    row.flags = flags.substr(1, 6) + flags.front();
    visit(row);
    i = row.last;
  }
}

void State::memory(const std::function<void(std::uint64_t, std::span<const std::byte>)>& visit) const {
  const auto visit_pages = [&](std::uint64_t first, std::uint64_t end) {
    for (std::uint64_t page = first; page < end; ++page) {
      const Ppn ppn{PhysMem::first().value + page};
      visit(ppn.value << kPageShift, memory(ppn.value << kPageShift));
    }
  };
  visit_pages(vm().pfdata.reserved(), vm().pfdata.fresh().value);
  visit_pages(vm().pfdata.total(), vm().memory.pages());
}

std::span<const std::byte> State::memory(std::uint64_t address) const {
  return {vm().memory.page(Ppn{address >> kPageShift}), kPageSize};
}

std::vector<NumberRow> State::counters() const {
  std::vector<NumberRow> rows;
  kernel_.counters().for_each([&](std::string_view group, std::string_view, std::uint64_t value) {
    if (group == "file" && config().block == 0) return;  // the last group: the others keep their places
    rows.push_back({.name = counter_names()[rows.size()], .value = value});
  });
  return rows;
}

std::uint64_t State::counter(std::size_t index) const {
  KASSERT(index < counter_names().size());
  std::uint64_t result = 0;
  std::size_t at = 0;
  kernel_.counters().for_each([&](std::string_view, std::string_view, std::uint64_t value) {
    if (at++ == index) result = value;
  });
  return result;
}

std::vector<NumberRow> State::gauges() const {
  std::vector<NumberRow> rows;
  kernel_.gauges().for_each([&](std::string_view name, std::uint64_t value) { rows.push_back({name, value}); });
  return rows;
}

Sample State::sample() const {
  const Counters now = kernel_.counters();
  const std::uint64_t out = vm().swap.transfers_out();
  return {.ticks = now.trap.timer,
          .validity_faults = now.vfault.total(),
          .protection_faults = now.pfault.total(),
          .file_fills = now.vfault.file + now.vfault.fill,
          .reclaimed = now.stealer.stolen,
          .swap_ins = now.swap.transfers - out,
          .pages_in = now.swap.reads,
          .swap_outs = out,
          .pages_out = now.swap.writes,
          .free_frames = vm().pfdata.free(),
          .free_blocks = vm().swap.free_blocks()};
}

Disk State::disk(DiskBlock block) const {
  if (block.none()) return {};
  if (block.in_file())
    return {.kind = DbdKind::File, .block = block.logical(), .program = vm().programs[block.program().value].name};
  return {.kind = DbdKind::Swap, .device = block.device(), .block = block.block()};
}

}  // namespace bachsim
