#include "sim/report/page_views.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "regions/pregion.h"
#include "regions/vm.h"
#include "sim/report/table.h"
#include "workloads/language/place_text.h"

namespace bachsim {
namespace {

// What one row of a page table shows. Two neighbours that differ only by counting on are one row.
struct PageRow {
  std::uint32_t page;
  std::optional<Frame> frame;
  std::uint32_t refs;
  std::string flags;
  Dbd dbd;
};

PageRow row_of(const Vm& vm, const Region& region, std::uint32_t number) {
  const PageWords page = vm.page(region, number);
  const Pte pte = page.pte;
  PageRow row{.page = number, .frame = {}, .refs = 0, .flags = {}, .dbd = page.dbd};
  if (pte.valid()) {
    row.frame = frame_of(pte.ppn());
    row.refs = vm.pfdata.refs(*row.frame);
  }
  const auto flag = [&](bool set, char letter) { row.flags += set ? letter : '-'; };
  flag(pte.valid(), 'v');
  flag(pte.writable(), 'w');
  flag(pte.cow(), 'c');
  flag(pte.accessed(), 'r');
  flag(pte.dirty(), 'm');
  return row;
}

bool continues(const PageRow& a, const PageRow& b) {
  const bool frames_continue =
      a.frame.has_value() == b.frame.has_value() && (!a.frame || b.frame->value == a.frame->value + 1);
  const bool counted = a.dbd.kind() == DbdKind::File || a.dbd.kind() == DbdKind::Fill || a.dbd.on_swap();
  const bool disks_continue = a.dbd.kind() == b.dbd.kind() && a.dbd.device() == b.dbd.device() &&
                              b.dbd.block() == a.dbd.block() + (counted ? 1 : 0);
  return frames_continue && disks_continue && a.refs == b.refs && a.flags == b.flags && a.dbd.age() == b.dbd.age();
}

std::string disk_text(const PageRow& first, const PageRow& last) {
  std::string disk = text(first.dbd);
  if (first.dbd.block() != last.dbd.block() && first.dbd.kind() != DbdKind::Fill)
    disk += fmt::format("-{}", last.dbd.block());
  return disk;
}

// `file=` of the program: where its blocks are on the disk.
std::string block_text(const Program& program, const PageRow& first, const PageRow& last) {
  if (first.dbd.kind() != DbdKind::File && first.dbd.kind() != DbdKind::Fill)
    return "-";
  const std::uint64_t begin = program.disk_block(first.dbd.block());
  const std::uint64_t end = program.disk_block(last.dbd.block());
  return range_text(begin, end);
}

// Rows of one run must also be neighbours on the disk where that is shown.
bool blocks_continue(const Program* program, const PageRow& a, const PageRow& b) {
  if (program == nullptr || (a.dbd.kind() != DbdKind::File && a.dbd.kind() != DbdKind::Fill))
    return true;
  return program->disk_block(b.dbd.block()) == program->disk_block(a.dbd.block()) + 1;
}

}  // namespace

std::string region_pages(const Run& run, RegionId id) {
  const Vm& vm = run.kernel().vm();
  const Region& region = vm.regions[id];
  const Program* program = nullptr;
  if (region.program && !vm.programs[region.program->value].file_blocks.empty())
    program = &vm.programs[region.program->value];

  std::vector<Table::Column> columns{{"PAGE", Align::Right}, {"FLAGS", Align::Left}, {"FRAME", Align::Right},
                                     {"REFS", Align::Right}, {"AGE", Align::Right},  {"DISK", Align::Left}};
  if (program != nullptr)
    columns.push_back({"BLOCK", Align::Right});
  Table table(std::move(columns));
  for (std::uint32_t page = 0; page < region.pages;) {
    const PageRow first = row_of(vm, region, page);
    PageRow last = first;
    while (++page < region.pages) {
      PageRow next = row_of(vm, region, page);
      if (!continues(last, next) || !blocks_continue(program, last, next))
        break;
      last = std::move(next);
    }
    std::vector<std::string> cells{range_text(first.page, last.page),
                                   first.flags,
                                   first.frame ? range_text(first.frame->value, last.frame->value) : "-",
                                   fmt::format("{}", first.refs),
                                   fmt::format("{}", first.dbd.age()),
                                   disk_text(first, last)};
    if (program != nullptr)
      cells.push_back(block_text(*program, first, last));
    table.add(std::move(cells));
  }
  std::string text = fmt::format("REGION {}: {}, {} {}, {} valid\n", id.value, name(region.type), region.pages,
                                 region.pages == 1 ? "page" : "pages", region.valid());
  return text + (table.empty() ? "" : table.text());
}

namespace {

// The entries of one table and of those below it. `base` is the address that entry 0 stands for.
void tree_lines(const Vm& vm, Ppn table, int level, std::uint64_t base, std::string& text) {
  const std::uint64_t span = kPageSize << (kTableBits * static_cast<unsigned>(level));
  const std::string indent(static_cast<std::size_t>(2 * (levels(vm.config.mode) - level)), ' ');
  for (unsigned i = 0; i < kTableEntries; ++i) {
    const Pte pte = vm.memory.table(table)[i];
    if (!pte.valid())
      continue;
    const std::uint64_t address = base + i * span;
    if (level > 0) {
      text += fmt::format("{}[{}] table {:#x}, addresses from {:#x}\n", indent, i, pte.ppn().value, address);
      tree_lines(vm, pte.ppn(), level - 1, address, text);
      continue;
    }
    unsigned last = i;
    const auto continued = [&](unsigned next) {
      return vm.memory.table(table)[next].raw == pte.raw + (std::uint64_t{next - i} << Pte::kPpnShift);
    };
    while (last + 1 < kTableEntries && continued(last + 1))
      ++last;
    const auto bit = [&](std::uint64_t mask, char letter) { return pte.has(mask) ? letter : '-'; };
    text += fmt::format("{}[{}] ppn {:#x} {}{}{}{}{}{}{} at {:#x}\n", indent, range_text(i, last), pte.ppn().value,
                        bit(Pte::kD, 'd'), bit(Pte::kA, 'a'), bit(Pte::kU, 'u'), bit(Pte::kX, 'x'), bit(Pte::kW, 'w'),
                        bit(Pte::kR, 'r'), bit(Pte::kCow, 'c'), address);
    i = last;
  }
}

}  // namespace

std::string tree_view(const Run& run, std::span<const ProcSlot> processes) {
  std::string text;
  for (const ProcSlot slot : processes) {
    const Process& process = run.kernel().process(slot);
    if (process.state == ProcessState::Zombie)
      continue;
    const Satp satp = run.kernel().satp(slot);
    text += fmt::format("{}TREE of {}: satp {:#x}, root {:#x}\n", text.empty() ? "" : "\n", run.name_of(slot),
                        satp.raw(), satp.root.value);
    const Vm& vm = run.kernel().vm();
    if (process.lender == slot)
      tree_lines(vm, satp.root, levels(vm.config.mode) - 1, 0, text);
    else
      text += fmt::format("  the space of {}\n", run.name_of(process.lender));
  }
  return text.empty() ? "TREE: no process\n" : text;
}

std::string tlb_view(const Run& run) {
  const Hart& hart = run.kernel().vm().hart;
  Table table({{"SLOT", Align::Right},
               {"ASID", Align::Right},
               {"ADDRESS", Align::Right},
               {"PPN", Align::Right},
               {"GRANTS", Align::Left}});
  const auto entries = hart.tlb().entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Tlb::Entry& entry = entries[i];
    if (entry.asid == Tlb::kEmpty)
      continue;
    std::string grants;
    grants += entry.grants(Access::Load) ? 'r' : '-';
    grants += entry.grants(Access::Store) ? 'w' : '-';
    grants += entry.grants(Access::Fetch) ? 'x' : '-';
    table.add({fmt::format("{}", i), fmt::format("{}", entry.asid), fmt::format("{:#x}", entry.vpn << kPageShift),
               fmt::format("{:#x}", entry.ppn.value), std::move(grants)});
  }
  return fmt::format("TLB: {} entries\n", entries.size()) + (table.empty() ? "" : table.text());
}

}  // namespace bachsim
