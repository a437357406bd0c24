#include "sim/report/figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "regions/preset.h"
#include "regions/vm.h"
#include "sim/report/table.h"
#include "sim/state/labels.h"
#include "workloads/language/place_text.h"

namespace bachsim {
namespace {

// One page. Rows that only count on become one.
struct PageRow {
  std::uint64_t address;
  std::optional<Frame> frame;  // also one that an invalid PTE still names
  bool valid;
  bool cow;
  Dbd disk;
};

bool has_block(DbdKind kind) {
  return kind == DbdKind::Fill || kind == DbdKind::File || kind == DbdKind::Swap;
}

std::string disk_text(Dbd first, Dbd last) {
  const std::string block = has_block(first.kind()) ? range_text(first.block(), last.block()) : "";
  switch (first.kind()) {
    case DbdKind::None:
      break;
    case DbdKind::Zero:
      return "demand zero";
    case DbdKind::Fill:
      return fmt::format("demand fill {}", block);
    case DbdKind::File:
      return fmt::format("file {}", block);
    case DbdKind::Swap:
      return fmt::format("swap {} {}", first.device(), block);
  }
  return "-";
}

std::vector<PageRow> rows_of(const Kernel& kernel, const Labels& labels, const AddressSpace& space) {
  const Vm& vm = kernel.vm();
  std::vector<PageRow> rows;
  for (const Pregion& pregion : space.pregions) {
    const Region& region = vm.regions[pregion.region];
    for (std::uint32_t number = 0; number < region.pages; ++number) {
      const PageWords page = vm.page(region, number);
      const bool valid = page.pte.valid();
      rows.push_back({.address = labels.page(pregion, number),
                      .frame = valid ? frame_of(page.pte.ppn()) : stale_frame(page.pte),
                      .valid = valid,
                      .cow = page.pte.cow(),
                      .disk = page.dbd});
    }
  }
  std::ranges::stable_sort(rows, {}, &PageRow::address);
  return rows;
}

std::string space_table(const Run& run, ProcSlot slot) {
  const Kernel& kernel = run.kernel();
  const Labels labels(kernel, slot);
  const std::uint64_t size = kernel.config().page;
  Table table({{"VIRTUAL", Align::Right},
               {"PAGE", Align::Right},
               {"STATE", Align::Left},
               {"COW", Align::Left},
               {"DISK BLOCK", Align::Left}});
  merge_runs(
      rows_of(kernel, labels, kernel.space(slot)),
      [size](const PageRow& a, const PageRow& b) {
        const bool frames =
            a.frame.has_value() == b.frame.has_value() && (!a.frame || b.frame->value == a.frame->value + 1);
        const bool disks = a.disk.kind() == b.disk.kind() && a.disk.device() == b.disk.device() &&
                           b.disk.block() == a.disk.block() + (has_block(a.disk.kind()) ? 1 : 0);
        return b.address == a.address + size && a.valid == b.valid && a.cow == b.cow && frames && disks;
      },
      [&](const PageRow& first, const PageRow& last) {
        std::string address = text(labels.shown(first.address));
        if (last.address != first.address)
          address += "-" + text(labels.shown(last.address));
        table.add({std::move(address), first.frame ? range_text(first.frame->value, last.frame->value) : "-",
                   first.valid ? "valid" : "invalid", first.cow ? "yes" : "-", disk_text(first.disk, last.disk)});
      });
  return table.empty() ? "" : table.text();
}

std::string block_text(DiskBlock first, DiskBlock last, const std::vector<Program>& programs) {
  if (first.none())
    return "-";
  if (first.in_file())
    return fmt::format("file {} {}", programs[first.program().value].name, range_text(first.logical(), last.logical()));
  return fmt::format("swap {} {}", first.device(), range_text(first.block(), last.block()));
}

std::string frame_table(const Vm& vm) {
  struct FrameRow {
    std::uint32_t frame;
    std::uint32_t refs;
    DiskBlock disk;
  };
  std::vector<FrameRow> rows;
  for (std::uint32_t f = vm.pfdata.reserved(); f < vm.pfdata.fresh().value; ++f) {
    const Frame frame{f};
    if (vm.pfdata.refs(frame) > 0 || !vm.pfdata.identity(frame).none())
      rows.push_back({f, vm.pfdata.refs(frame), vm.pfdata.identity(frame)});
  }
  Table table({{"FRAME", Align::Right}, {"DISK BLOCK", Align::Left}, {"COUNT", Align::Right}});
  merge_runs(
      rows,
      [](const FrameRow& a, const FrameRow& b) {
        const bool next = b.disk.raw() == a.disk.raw() + (a.disk.none() ? 0u : 1u);
        return b.frame == a.frame + 1 && b.refs == a.refs && next;
      },
      [&](const FrameRow& first, const FrameRow& last) {
        table.add({range_text(first.frame, last.frame), block_text(first.disk, last.disk, vm.programs),
                   fmt::format("{}", first.refs)});
      });
  return table.empty() ? "" : table.text();
}

}  // namespace

std::string figure_view(const Run& run, std::span<const ProcSlot> processes) {
  const Kernel& kernel = run.kernel();
  std::string text;
  for (const ProcSlot slot : processes) {
    const Process& process = kernel.process(slot);
    if (process.state == ProcessState::Zombie)
      continue;
    text += fmt::format("PROCESS {}: {}\n", run.name_of(slot), kernel.vm().programs[process.program.value].name);
    if (process.lender == slot)
      text += space_table(run, slot) + "\n";
    else
      text += fmt::format("  the space of {}\n\n", run.name_of(process.lender));
  }
  return text + "FRAMES\n" + frame_table(kernel.vm());
}

}  // namespace bachsim
