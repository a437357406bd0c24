// Paths into the state: what `expect` and `print` can see, without touching it.
#include <fmt/format.h>

#include "regions/pregion.h"
#include "sim/state/labels.h"
#include "workloads/language/evaluator.h"

namespace bachsim {
namespace {

// A field as a script compares it: truth is a number, and so is a label; nothing and blocks on a disk are words.
Field plain(Field field) {
  if (const auto* truth = std::get_if<bool>(&field)) return std::int64_t{*truth};
  if (const auto* address = std::get_if<Address>(&field); address != nullptr && address->label)
    return static_cast<std::int64_t>(address->value);
  if (const auto* disk = std::get_if<Disk>(&field)) return text(*disk);
  if (std::holds_alternative<std::monostate>(field)) return "null";
  return field;
}

// The path's column of a row.   REQUIRES: it is a column of such rows
template <class Row>
Field get(const Path& path, const Row& row) {
  return plain(static_cast<const Column<Row>*>(path.column)->get(row));
}

}  // namespace

const NamedProcess& Evaluator::named(const ProcessRef& ref) const {
  const std::uint64_t known = tag(ref);
  if (known == Names::kNobody || !names_[known].bound)
    fail(ref.place, "nobody is called `{}`", names_.text(name_of(ref)));
  return names_[known];
}

ProcSlot Evaluator::slot(const ProcessRef& ref) const {
  const NamedProcess& process = named(ref);
  if (process.reaped) fail(ref.place, "`{}` has ended and been reaped", names_.text(process.name));
  return process.slot;
}

const Pregion& Evaluator::pregion(const AddressSpace& space, const RegionRef& ref) const {
  if (const Pregion* found = find_pregion(space, ref.type, ref.key)) return *found;
  if (ref.type == RegionType::Shm) fail(ref.place, "the process has no shm.{} attached", key_text(script_, ref.key));
  fail(ref.place, "the process has no {}: it has ended", name(ref.type));
}

VirtAddr Evaluator::cell_address(ProcSlot slot, const Location& where) const {
  if (where.kind != LocationKind::Page) {
    const std::int64_t place = number(where.first);
    if (place % 8 != 0) fail(where.first->place, "a cell's place is a multiple of 8, not {}", place);
  }
  return byte_address(slot, where);
}

VirtAddr Evaluator::byte_address(ProcSlot slot, const Location& where) const {
  const AddressSpace& space = kernel_.space(slot);
  if (where.kind == LocationKind::Page) {
    const Pregion& region = pregion(space, where.region);
    const std::uint64_t page = count(where.first, "the page");
    if (page >= kMaxPages) fail(where.first->place, "the page is beyond every address");
    return address_of(region, page);
  }
  const std::int64_t signed_offset = number(where.first);
  const auto offset = static_cast<std::uint64_t>(signed_offset);
  if (where.kind == LocationKind::Address) return Labels(kernel_, slot).locate(offset);
  if (signed_offset < 0) fail(where.first->place, "the offset is below 0: {}", signed_offset);
  if (offset / kernel_.config().page >= kMaxPages) fail(where.first->place, "the offset is beyond every address");
  return Labels(kernel_, slot).locate(pregion(space, where.region), offset);
}

std::string Evaluator::cell_text(ProcSlot slot, const Location& where) const {
  const Labels labels(kernel_, slot);
  const auto at = static_cast<std::uint64_t>(number(where.first));
  if (where.kind == LocationKind::Address) return text(labels.shown(at));
  const Pregion& region = pregion(kernel_.space(slot), where.region);
  if (where.kind == LocationKind::Page) return text(labels.shown(labels.page(region, at)));
  const std::uint64_t size = kernel_.config().page;
  return text(labels.shown(labels.page(region, at / size) + at % size));
}

Frame Evaluator::frame(const Expr* expr) const {
  const std::uint64_t wanted = count(expr, "the frame");
  if (wanted >= state_.frames_total()) fail(expr->place, "there is no frame {}", wanted);
  return Frame{static_cast<std::uint32_t>(wanted)};
}

unsigned Evaluator::swap_device(const Expr* expr) const {
  const std::uint64_t device = count(expr, "the device");
  if (device < 1 || device > state_.devices()) fail(expr->place, "there is no swap device {}", device);
  return static_cast<unsigned>(device);
}

DiskBlock Evaluator::swap_block(const Expr* device_number, const Expr* block_number) const {
  const unsigned device = swap_device(device_number);
  const std::uint64_t block = count(block_number, "the block");
  if (block < 1 || block > state_.device(device).blocks)
    fail(block_number->place, "swap device {} has no block {}", device, block);
  return DiskBlock::swap(device, block);
}

Field Evaluator::look(const Path& path) const {
  switch (path.kind) {
    case PathKind::Counter:
      return field(state_.counter(path.index));
    case PathKind::Gauge:
      return field(state_.gauges()[path.index].value);
    case PathKind::PageFrame:
      return get(path, state_.frame(frame(path.first).value));
    case PathKind::RegionById: {
      const std::uint64_t id = count(path.first, "the region");
      const auto region = state_.region(id);
      if (!region) fail(path.first->place, "there is no region {}", id);
      return get(path, *region);
    }
    case PathKind::SwapUse: {
      const DiskBlock block = swap_block(path.first, path.second);
      return field(state_.swap_block(block.device(), block.block()).refs);
    }
    case PathKind::SwapExtent:
      return get(path, extent_row(path));
    case PathKind::SwapMap:
      return get(path, state_.device(swap_device(path.first)));
    case PathKind::Process:
      return get(path, process_row(path));
    case PathKind::Pregion:
      return get(path, pregion_row(path));
    case PathKind::Page:
      return get(path, page_row(path));
    case PathKind::Stealer:
      return get(path, state_.stealer());
    case PathKind::Cell:
      break;
  }
  return cell_value(path);
}

ExtentRow Evaluator::extent_row(const Path& path) const {
  const unsigned device = swap_device(path.first);
  const std::uint64_t entry = count(path.second, "the entry");
  const std::optional<ExtentRow> found = state_.extent(device, entry);
  if (!found) fail(path.second->place, "the map of swap device {} has no entry {}", device, entry);
  return *found;
}

ProcessRow Evaluator::process_row(const Path& path) const {
  const NamedProcess& process = named(path.process);
  ProcessRow row;
  if (!process.reaped) {
    row = state_.process(process.slot);
  } else {
    row.pid = process.pid.value;
    row.reaped = true;
    row.status = process.status;
    if (!path.column->is(kWhenReaped)) fail(path.place, "a reaped process has no {}", path.column->name);
  }
  row.error = process.error;
  row.result = process.result;
  return row;
}

PregionRow Evaluator::pregion_row(const Path& path) const {
  const NamedProcess& process = named(path.process);
  if (process.reaped) fail(path.place, "a reaped process has no {}", path.kind == PathKind::Page ? "pages" : "regions");
  const AddressSpace& space = kernel_.space(process.slot);
  const auto index = static_cast<std::uint32_t>(&pregion(space, path.region) - space.pregions.data());
  return state_.pregion(process.slot, index);
}

PageRow Evaluator::page_row(const Path& path) const {
  const PregionRow region = pregion_row(path);
  const std::uint64_t page = count(path.first, "the page");
  if (page >= region.pages) fail(path.first->place, "there is no page {}: the region has {}", page, region.pages);
  return state_.page(region.region, static_cast<std::uint32_t>(page), path.column->is(kIfAsked));
}

// The value that a load of the cell would bring, wherever the page is.
std::int64_t Evaluator::cell_value(const Path& path) const {
  const NamedProcess& process = named(path.process);
  if (process.reaped) fail(path.place, "a reaped process has no pages");
  const VirtAddr va = cell_address(process.slot, *path.location);
  const auto found = state_.find(process.slot, va);
  if (!found) fail(path.place, "there is no page at {}", cell_text(process.slot, *path.location));
  return state_.value(found->region.value, found->page, va.value % kPageSize);
}

}  // namespace bachsim
