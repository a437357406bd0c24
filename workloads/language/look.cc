// Paths into the state: what `expect` and `print` can see, without touching it.
#include <fmt/format.h>

#include <array>
#include <cstring>
#include <iterator>

#include "regions/fault.h"
#include "regions/pregion.h"
#include "regions/preset.h"
#include "regions/vm.h"
#include "sim/state/labels.h"
#include "workloads/language/evaluator.h"

namespace bachsim {
namespace {

std::string text(Dbd dbd) {
  switch (dbd.kind()) {
    case DbdKind::None:
    case DbdKind::Zero:
    case DbdKind::Fill:
      break;
    case DbdKind::File:
      return fmt::format("file:{}", dbd.block());
    case DbdKind::Swap:
      return fmt::format("swap:{}:{}", dbd.device(), dbd.block());
  }
  return std::string(name(dbd.kind()));
}

std::string text(DiskBlock block, const std::vector<Program>& programs) {
  if (block.none())
    return "none";
  if (block.in_file())
    return fmt::format("file:{}:{}", programs[block.program().value].name, block.logical());
  return fmt::format("swap:{}:{}", block.device(), block.block());
}

Value of(std::uint64_t number) {
  return Value::of(static_cast<std::int64_t>(number));
}
Value of(std::string_view word) {
  return Value::of(std::string(word));
}
Value of(bool truth) {
  return Value::of(std::int64_t{truth});
}

}  // namespace

const NamedProcess& Evaluator::named(const ProcessRef& ref) const {
  const std::uint64_t known = tag(ref);
  if (known == Names::kNobody || !names_[known].bound)
    fail(ref.place, fmt::format("nobody is called `{}`", names_.text(name_of(ref))));
  return names_[known];
}

ProcSlot Evaluator::slot(const ProcessRef& ref) const {
  const NamedProcess& process = named(ref);
  if (process.reaped)
    fail(ref.place, fmt::format("`{}` has ended and been reaped", names_.text(process.name)));
  return process.slot;
}

const Pregion& Evaluator::pregion(const AddressSpace& space, const RegionRef& ref) const {
  for (const Pregion& candidate : space.pregions) {
    if (candidate.type == ref.type && candidate.key == ref.key)
      return candidate;
  }
  if (ref.type == RegionType::Shm)
    fail(ref.place, fmt::format("the process has no shm.{} attached", key_text(script_, ref.key)));
  fail(ref.place, fmt::format("the process has no {}: it has ended", name(ref.type)));
}

VirtAddr Evaluator::cell_address(ProcSlot slot, const Location& where) const {
  const AddressSpace& space = kernel_.space(slot);
  if (where.kind == LocationKind::Page) {
    const Pregion& region = pregion(space, where.region);
    const std::uint64_t page = count(where.first, "the page");
    if (page >= kMaxPages)
      fail(where.first->place, "the page is beyond every address");
    return address_of(region, page);
  }
  const std::int64_t signed_offset = number(where.first);
  const auto offset = static_cast<std::uint64_t>(signed_offset);
  if (offset % 8 != 0)
    fail(where.first->place, fmt::format("a cell's place is a multiple of 8, not {}", signed_offset));
  if (where.kind == LocationKind::Address)
    return Labels(kernel_, slot).locate(offset);
  if (signed_offset < 0)
    fail(where.first->place, fmt::format("the offset is below 0: {}", signed_offset));
  return Labels(kernel_, slot).locate(pregion(space, where.region), offset);
}

std::string Evaluator::cell_text(ProcSlot slot, const Location& where) const {
  const Labels labels(kernel_, slot);
  const auto at = static_cast<std::uint64_t>(number(where.first));
  if (where.kind == LocationKind::Address)
    return text(labels.shown(at));
  const Pregion& region = pregion(kernel_.space(slot), where.region);
  if (where.kind == LocationKind::Page)
    return text(labels.shown(labels.page(region, at)));
  const std::uint64_t size = kernel_.config().page;
  return text(labels.shown(labels.page(region, at / size) + at % size));
}

Frame Evaluator::frame(const Expr* expr) const {
  const std::uint64_t wanted = count(expr, "the frame");
  if (wanted >= kernel_.vm().pfdata.total())
    fail(expr->place, fmt::format("there is no frame {}", wanted));
  return Frame{static_cast<std::uint32_t>(wanted)};
}

unsigned Evaluator::swap_device(const Expr* expr) const {
  const std::uint64_t device = count(expr, "the device");
  if (device < 1 || device > kernel_.vm().swap.devices())
    fail(expr->place, fmt::format("there is no swap device {}", device));
  return static_cast<unsigned>(device);
}

DiskBlock Evaluator::swap_block(const Expr* device_number, const Expr* block_number) const {
  const unsigned device = swap_device(device_number);
  const std::uint64_t block = count(block_number, "the block");
  if (block < 1 || block > kernel_.vm().swap.blocks(device))
    fail(block_number->place, fmt::format("swap device {} has no block {}", device, block));
  return DiskBlock::swap(device, block);
}

Value Evaluator::look(const Path& path) const {
  const Vm& vm = kernel_.vm();
  switch (path.kind) {
    case PathKind::Counter: {
      std::uint64_t result = 0;
      std::uint32_t index = 0;
      kernel_.counters().for_each([&](std::string_view, std::string_view, std::uint64_t value_now) {
        if (index++ == path.index)
          result = value_now;
      });
      return of(result);
    }
    case PathKind::Gauge: {
      std::uint64_t result = 0;
      std::uint32_t index = 0;
      kernel_.gauges().for_each([&](std::string_view, std::uint64_t value_now) {
        if (index++ == path.index)
          result = value_now;
      });
      return of(result);
    }
    case PathKind::PageFrame:
      return look_at_frame(path);
    case PathKind::RegionById: {
      const std::uint64_t id = count(path.first, "the region");
      if (id < 1 || id > vm.regions.last().value || !vm.regions[RegionId{static_cast<std::uint32_t>(id)}].active)
        fail(path.first->place, fmt::format("there is no region {}", id));
      return look_at_region(path, vm.regions[RegionId{static_cast<std::uint32_t>(id)}]);
    }
    case PathKind::SwapUse:
      return of(std::uint64_t{vm.swap.uses(swap_block(path.first, path.second))});
    case PathKind::SwapExtent:
      return look_at_extent(path);
    case PathKind::SwapMap: {
      const MapCost cost = vm.swap.map_cost(swap_device(path.first));
      return of(path.attribute == Attribute::Held ? cost.held : cost.malloc.looked_at);
    }
    case PathKind::Process:
      return look_at_process(path);
    case PathKind::Pregion:
      return look_at_pregion(path);
    case PathKind::Page:
      return look_at_page(path);
    case PathKind::Cell:
      break;
  }
  return look_at_cell(path);
}

Value Evaluator::look_at_extent(const Path& path) const {
  const unsigned device = swap_device(path.first);
  const std::uint64_t entry = count(path.second, "the entry");
  std::optional<std::uint64_t> found;
  std::uint64_t number = 0;
  kernel_.vm().swap.for_each_free(device, [&](std::uint64_t address, std::uint64_t units) {
    if (++number == entry)
      found = path.attribute == Attribute::Address ? address : units;
  });
  if (!found)
    fail(path.second->place, fmt::format("the map of swap device {} has no entry {}", device, entry));
  return of(*found);
}

Value Evaluator::look_at_frame(const Path& path) const {
  const PfdataTable& pfdata = kernel_.vm().pfdata;
  const Frame looked_at = frame(path.first);
  switch (path.attribute) {
    case Attribute::Refs:
      return of(std::uint64_t{pfdata.refs(looked_at)});
    case Attribute::Free:
      return of(pfdata.is_free(looked_at));
    default:
      return Value::of(text(pfdata.identity(looked_at), kernel_.vm().programs));
  }
}

Value Evaluator::look_at_region(const Path& path, const Region& region) const {
  switch (path.attribute) {
    case Attribute::Refs:
      return of(std::uint64_t{region.refs()});
    case Attribute::Pages:
      return of(std::uint64_t{region.pages});
    case Attribute::Type:
      return of(name(region.type));
    default:
      return region.program ? Value::of(kernel_.vm().programs[region.program->value].name) : Value::null();
  }
}

Value Evaluator::look_at_process(const Path& path) const {
  const NamedProcess& process = named(path.process);
  if (path.attribute == Attribute::ProcessId)
    return of(std::uint64_t{process.pid.value});
  if (path.attribute == Attribute::Errno)
    return process.error == Errno::None ? Value::of(0) : of(name(process.error));
  if (process.reaped) {
    if (path.attribute == Attribute::State)
      return of(std::string_view("reaped"));
    if (path.attribute == Attribute::Status)
      return of(std::uint64_t{process.status});
    fail(path.place, fmt::format("a reaped process has no {}", spelling(path.attribute)));
  }
  const Process& entry = kernel_.process(process.slot);
  switch (path.attribute) {
    case Attribute::ParentId:
      return of(std::uint64_t{kernel_.process(entry.parent).pid.value});
    case Attribute::State:
      return of(name(entry.state));
    case Attribute::Status:
      return entry.state == ProcessState::Zombie ? of(std::uint64_t{entry.status}) : Value::null();
    case Attribute::Seconds:
      return of(entry.stay_seconds);
    case Attribute::Ran:
      return entry.last_ran == 0 ? Value::null() : of(entry.last_ran - 1);
    case Attribute::WaitingFor:
      return of(name(entry.waiting_for));
    case Attribute::Satp:
      return of(kernel_.satp(process.slot).raw());
    case Attribute::Break:
      return entry.state == ProcessState::Zombie ? Value::null() : of(kernel_.space(process.slot).brk);
    default:
      return Value::of(kernel_.vm().programs[entry.program.value].name);
  }
}

Value Evaluator::look_at_pregion(const Path& path) const {
  const NamedProcess& process = named(path.process);
  if (process.reaped)
    fail(path.place, "a reaped process has no regions");
  const Pregion& found = pregion(kernel_.space(process.slot), path.region);
  const Region& region = kernel_.vm().regions[found.region];
  if (path.attribute == Attribute::Region)
    return of(std::uint64_t{found.region.value});
  if (path.attribute == Attribute::Start)
    return of(Labels(kernel_, process.slot).start(found));
  return look_at_region(path, region);
}

// Of a program with `file=`: where on the disk the page's logical block is.
Value Evaluator::block_of(const Region& region, Dbd dbd) const {
  if (!region.program || !dbd.in_file())
    return Value::null();
  const Program& program = kernel_.vm().programs[region.program->value];
  return program.file_blocks.empty() ? Value::null() : of(program.disk_block(dbd.block()));
}

Value Evaluator::look_at_page(const Path& path) const {
  const NamedProcess& process = named(path.process);
  if (process.reaped)
    fail(path.place, "a reaped process has no pages");
  const Pregion& found = pregion(kernel_.space(process.slot), path.region);
  const Vm& vm = kernel_.vm();
  const Region& region = vm.regions[found.region];
  const std::uint64_t page_number = count(path.first, "the page");
  if (page_number >= region.pages)
    fail(path.first->place, fmt::format("there is no page {}: the region has {}", page_number, region.pages));
  const auto page_index = static_cast<std::uint32_t>(page_number);
  const PageWords page = vm.page(region, page_index);
  const Pte pte = page.pte;
  switch (path.attribute) {
    case Attribute::Valid:
      return of(pte.valid());
    case Attribute::FrameNumber:
      return pte.valid() ? of(std::uint64_t{frame_of(pte.ppn()).value}) : Value::null();
    case Attribute::PteFrame: {
      const auto named = pte.valid() ? std::optional(frame_of(pte.ppn())) : stale_frame(pte);
      return named ? of(std::uint64_t{named->value}) : Value::null();
    }
    case Attribute::FileBlock:
      return page.dbd.in_file() ? of(page.dbd.block()) : Value::null();
    case Attribute::Writable:
      return of(pte.writable());
    case Attribute::Cow:
      return of(pte.cow());
    case Attribute::Referenced:
      return of(pte.accessed());
    case Attribute::Modified:
      return of(pte.dirty());
    case Attribute::Age:
      return of(std::uint64_t{page.dbd.age()});
    case Attribute::Disk:
      return Value::of(text(page.dbd));
    case Attribute::Block:
      return block_of(region, page.dbd);
    case Attribute::Refs:
      return of(std::uint64_t{pte.valid() ? vm.pfdata.refs(frame_of(pte.ppn())) : 0});
    default:
      return cell_value(region, page_index, 0);
  }
}

Value Evaluator::look_at_cell(const Path& path) const {
  const NamedProcess& process = named(path.process);
  if (process.reaped)
    fail(path.place, "a reaped process has no pages");
  const AddressSpace& space = kernel_.space(process.slot);
  const VirtAddr va = cell_address(process.slot, *path.location);
  const auto found = find_page(kernel_.vm(), space, va);
  if (!found)
    fail(path.place, fmt::format("there is no page at {}", cell_text(process.slot, *path.location)));
  return cell_value(kernel_.vm().regions[space.pregions[found->index].region], found->page, va.value % kPageSize);
}

// What a load of the cell would bring, wherever the page is.
Value Evaluator::cell_value(const Region& region, std::uint32_t page, std::uint64_t offset) const {
  std::array<std::byte, kPageSize> bytes;
  peek_page(kernel_.vm(), region, page, bytes.data());
  std::int64_t result = 0;
  std::memcpy(&result, bytes.data() + offset, sizeof result);
  return Value::of(result);
}

}  // namespace bachsim
