#include "sim/report/views.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "sim/report/reference_table.h"
#include "sim/report/seen.h"
#include "sim/report/table.h"

namespace bachsim {
namespace {

template <class Row>
Field drawn(const Row& row) {
  Disk disk = row.disk;
  disk.in_figure = true;
  return disk;
}

// The page's entry as figure 9.13 has it, with the dbd beside it.
auto page_columns() {
  auto columns =
      pick(kPageColumns, {"address", "pte_frame", "valid", "writable", "cow", "referenced", "modified", "age", "disk"});
  columns[2] = {
      {"STATE", Align::Left}, false, [](const PageRow& row) { return field(row.valid ? "valid" : "invalid"); }};
  columns[7].get = [](const PageRow& row) { return row.valid ? field(row.age) : Field(kNothing); };
  columns[8].heading = "DISK BLOCK";
  columns[8].get = drawn<PageRow>;
  return columns;
}

// Behind a heading as many of the items as have room in a line of this width, and how many more there are.
std::string list_on_a_line(std::string line, const std::vector<std::string>& items, std::size_t width) {
  constexpr std::size_t kRoomForMore = 16;
  std::size_t shown = 0;
  for (; shown < items.size(); ++shown) {
    if (line.size() + 2 + items[shown].size() + kRoomForMore > width) break;
    line += fmt::format("{} {}", shown == 0 ? ":" : ",", items[shown]);
  }
  if (shown > 0 && shown < items.size()) line += fmt::format(", {} more", items.size() - shown);
  return line;
}

// Views of one moment. Each is written from the rows of the state, which come one by one.
class Views {
 public:
  Views(Sink& sink, const Seen& seen)
      : sink_(sink), seen_(seen), state_(seen.state), chosen_(seen.processes()), regions_(seen.regions()) {}

  void write(View view) {
    struct Part {
      View view;
      void (Views::*write)();
      bool in_all = true;
    };
    static constexpr std::array kParts{Part{View::Processes, &Views::processes},
                                       Part{View::Pregions, &Views::pregions},
                                       Part{View::Regions, &Views::regions},
                                       Part{View::Pages, &Views::pages},
                                       Part{View::Pfdata, &Views::pfdata},
                                       Part{View::Freelist, &Views::freelist},
                                       Part{View::Hash, &Views::hash},
                                       Part{View::Swap, &Views::swap},
                                       Part{View::Map, &Views::map},
                                       Part{View::Tlb, &Views::tlb},
                                       Part{View::Tree, &Views::tree},
                                       Part{View::Sar, &Views::sar},
                                       Part{View::Swapper, &Views::swapper},
                                       Part{View::Counters, &Views::counters},
                                       Part{View::Summary, &Views::summary, false},
                                       Part{View::MapCost, &Views::map_cost, false},
                                       Part{View::Figure, &Views::figure, false},
                                       Part{View::WorkingSet, &Views::working_set, false}};
    std::string_view between;
    for (const Part& part : kParts) {
      if (view == View::All ? !part.in_all || (part.view == View::Pages && !any_region()) : part.view != view) continue;
      sink_.write(between);
      (this->*part.write)();
      between = "\n";
    }
  }

 private:
  template <class... Parts>
  void head(fmt::format_string<Parts...> format, Parts&&... parts) {
    const std::string text = fmt::format(format, std::forward<Parts>(parts)...);
    const std::size_t empty = text.find_first_not_of('\n');  // lines before it
    const std::string_view line = std::string_view(text).substr(empty);
    if (line.size() <= sink_.width() + 1) return sink_.write(text);
    const std::size_t indent = line.find_first_not_of(' ');
    sink_.write(text.substr(0, empty));
    sink_.write(paragraph(line.substr(0, indent), line.substr(indent, line.size() - indent - 1), indent > 0 ? 4u : 0u,
                          sink_.width()));
  }

  [[nodiscard]] bool wanted(const RegionRow& region) const {
    return seen_.only.empty() || regions_.contains(region.id);
  }

  [[nodiscard]] bool any_region() const {
    bool any = false;
    state_.regions([&](const RegionRow& region) { any = any || wanted(region); });
    return any;
  }

  [[nodiscard]] std::string name_of(ProcSlot slot) const { return cut(state_.process(slot).name, kMostOfAName); }

  [[nodiscard]] Field regions_of_type(ProcSlot slot, RegionType type) const {
    std::string text;
    state_.pregions(slot, [&](const PregionRow& row) {
      if (row.type == type) text += fmt::format("{}{}", text.empty() ? "" : ",", row.region);
    });
    return text.empty() ? Field(kNothing) : Field(std::move(text));
  }

  void processes() {
    auto columns = pick(kProcessColumns, {"name", "pid", "ppid", "state", "status", "program"});
    columns[3].get = [](const ProcessRow& row) {
      const std::string state(name(row.state));
      return row.waiting_for == WaitingFor::Nothing ? state : fmt::format("{} ({})", state, name(row.waiting_for));
    };
    using Heading = std::pair<std::string_view, RegionType>;
    for (const auto& [heading, type] : {Heading{"TEXT", RegionType::Text},
                                        {"DATA", RegionType::Data},
                                        {"STACK", RegionType::Stack},
                                        {"SHM", RegionType::Shm}}) {
      const Align align = type == RegionType::Shm ? Align::Left : Align::Right;
      columns.push_back({{heading, align}, false, [this, of = type](const ProcessRow& row) {
                           return regions_of_type(row.slot, of);
                         }});
    }
    head("PROCESSES: {} alive\n", state_.gauge().processes);
    write_rows(sink_, columns, [&](const Visit<ProcessRow>& visit) {
      for (const ProcSlot slot : chosen_) visit(state_.process(slot));
    });
    inside();
  }

  // Who is inside the kernel, what each waits for there and what it has locked: all of them, since whoever was asked
  // for may wait for others.
  void inside() {
    bool any = false;
    state_.inside([&any](const InsideRow&) { any = true; });
    if (!any) return;
    sink_.write("\n");
    auto columns = pick(kInsideColumns, {"name", "waiting_for", "awaited_region", "awaited_frame", "locks"});
    columns.back().align = Align::Left;
    write_rows(sink_, columns, [&](const Visit<InsideRow>& visit) { state_.inside(visit); });
  }

  void pregions() {
    auto columns = pick(kPregionColumns, {"name", "name", "region", "start", "pages", "access", "flags"});
    columns.front().heading = "NAME";
    columns.front().get = [this](const PregionRow& row) { return state_.process(row.process).name; };
    head("PREGIONS\n");
    write_rows(
        sink_, columns,
        [&](const Visit<PregionRow>& visit) {
          for (const ProcSlot slot : chosen_) state_.pregions(slot, visit);
        },
        IfEmpty::Headings);
  }

  void regions() {
    head("REGIONS: {} active\n", state_.gauge().regions);
    write_rows(sink_, pick(kRegionColumns, {"id", "type", "refs", "pages", "valid", "program"}),
               [&](const Visit<RegionRow>& visit) {
                 state_.regions([&](const RegionRow& region) {
                   if (wanted(region)) visit(region);
                 });
               });
  }

  void pages() {
    const auto columns = pick(kPageColumns, {"page", "flags", "frame", "refs", "age", "disk", "block"});
    const std::vector without_block(columns.begin(), columns.end() - 1);
    std::string_view between;
    state_.regions([&](const RegionRow& region) {
      if (!wanted(region)) return;
      const bool has_blocks = region.program_id && !state_.program(*region.program_id).file_blocks.empty();
      head("{}REGION {}: {}, {}, {} valid\n", between, region.id, name(region.type), count_text(region.pages, "page"),
           region.valid);
      write_rows(sink_, has_blocks ? columns : without_block,
                 [&](const Visit<PageRow>& visit) { state_.pages(region.id, visit); });
      between = "\n";
    });
  }

  void pfdata() {
    const Gauges gauges = state_.gauge();
    head("FRAMES: {} total, {} reserved, {} free, {} used, {} shared, peak {}\n", gauges.frames_total,
         gauges.frames_reserved, gauges.frames_free, gauges.frames_used, gauges.frames_shared, gauges.frames_peak);
    auto columns = pick(kFrameColumns, {"frame", "refs", "disk"});
    write_rows(sink_, columns, [&](const Visit<FrameRow>& visit) { state_.frames(visit); });
  }

  void freelist() {
    head("FREE LIST: {}, from its head\n", count_text(state_.gauge().frames_free, "frame"));
    Wrapper wrapper(sink_, 2);
    state_.free_list([&](const FreeRow& row) {
      wrapper.add(row.first == row.last ? fmt::format("{}", row.first) : fmt::format("{}-{}", row.first, row.last));
    });
    wrapper.finish();
  }

  void hash() {
    auto columns = pick(kFrameColumns, {"disk", "frame", "refs", "free"});
    for (auto& column : columns) column.counts_on = false;
    columns.back().align = Align::Left;
    columns.back().get = [](const FrameRow& row) { return field(row.free ? "free" : "-"); };
    std::uint64_t found = 0;
    state_.frames([&](const FrameRow& row) { found += row.disk.kind == DbdKind::None ? 0u : 1u; });
    head("HASH QUEUES: {}\n", count_text(found, "frame"));
    write_rows(sink_, columns, [&](const Visit<FrameRow>& visit) { state_.hash(visit); });
  }

  void swap() {
    const Gauges gauges = state_.gauge();
    head("SWAP: {}, {} free, {} used\n", count_text(gauges.swap_total, "block"), gauges.swap_free, gauges.swap_used);
    write_rows(sink_, pick(kSwapBlockColumns, {"device", "block", "refs"}),
               [&](const Visit<SwapBlockRow>& visit) { state_.swap_blocks(visit); });
  }

  void map() {
    for (unsigned number = 1; number <= state_.devices(); ++number) {
      const DeviceRow device = state_.device(number);
      std::uint64_t extents = 0;
      state_.extents(number, [&](const ExtentRow&) { ++extents; });
      head("{}SWAP MAP {}: {}, {} free in {}\n", number == 1 ? "" : "\n", number, count_text(device.blocks, "block"),
           device.free, count_text(extents, "extent"));
      write_rows(sink_, pick(kExtentColumns, {"address", "units"}),
                 [&](const Visit<ExtentRow>& visit) { state_.extents(number, visit); });
    }
    if (state_.devices() == 0) head("SWAP MAP: no device\n");
  }

  void map_cost() {
    head("SWAP MAP COST in {}\n", state_.config().swap_map == SwapMapKind::Bits ? "words of 64 bits" : "extents");
    write_rows(sink_,
               pick(kDeviceColumns, {"device", "held", "most", "mallocs", "looked_at", "mfrees", "mfree_looked_at"}),
               [&](const Visit<DeviceRow>& visit) {
                 for (unsigned device = 1; device <= state_.devices(); ++device) visit(state_.device(device));
               });
  }

  void tlb() {
    head("TLB: {} entries\n", state_.tlb_slots());
    write_rows(sink_, pick(kTlbColumns, {"slot", "asid", "address", "ppn", "grants"}),
               [&](const Visit<TlbRow>& visit) { state_.tlb(visit); });
  }

  void tree() {
    std::string_view between;
    for (const ProcSlot slot : chosen_) {
      const ProcessRow process = state_.process(slot);
      if (!process.satp) continue;
      head("{}TREE of {}: satp {:#x}, root {:#x}\n", between, name_of(slot), process.satp->value,
           process.satp->value & ((std::uint64_t{1} << 44) - 1));
      between = "\n";
      if (process.borrows())
        head("  the space of {}\n", name_of(process.lender));
      else
        state_.tree(slot, [this](const TreeRow& row) { tree_line(row); });
    }
    if (between.empty()) head("TREE: no process\n");
  }

  void tree_line(const TreeRow& row) {
    const std::string indent(std::size_t{2} * (row.depth + 1), ' ');
    const std::string index = text(field(row.first), field(row.last));
    if (row.table)
      head("{}[{}] table {:#x}, addresses from {:#x}\n", indent, index, row.ppn, row.address);
    else
      head("{}[{}] ppn {:#x} {} at {:#x}\n", indent, index, row.ppn, row.flags, row.address);
  }

  // Those of the stack are in brackets.
  void working_set() {
    std::vector<ProcSlot> limited;
    for (const ProcSlot slot : chosen_) {
      const bool lives = state_.process(slot).state != ProcessState::Zombie;
      if (lives && state_.working_set(slot) > 0 && !state_.references(slot).empty()) limited.push_back(slot);
    }
    if (!limited.empty()) write_reference_tables(sink_, state_, limited);
    bool apart = !limited.empty();  // the lines of the others are, from the tables
    auto next = limited.begin();
    for (const ProcSlot slot : chosen_) {
      if (next != limited.end() && *next == slot) {
        ++next;
        continue;
      }
      if (!limited.empty() && state_.process(slot).state == ProcessState::Zombie) continue;
      if (std::exchange(apart, false)) sink_.write("\n");
      std::string line = fmt::format("WORKING SET {}:", name_of(slot));
      for (const WorkingSetPage& page : working_set_of(state_, slot))
        line += page.type == RegionType::Stack ? fmt::format(" [{}]", page.page) : fmt::format(" {}", page.page);
      sink_.write(paragraph("", line, 4, sink_.width()));
    }
  }

  // Two columns, read downwards: the name to the left, its number to the right.
  void counters() {
    constexpr std::size_t kWidth = kReportWidth / 2 - 2;
    const std::vector<NumberRow> rows = state_.counters();
    head("COUNTERS\n");
    const auto cell = [](const NumberRow& row) {
      const std::string value = fmt::format("{}", row.value);
      return fmt::format("{:<{}}{}", row.name, kWidth - value.size(), value);
    };
    const std::size_t height = sink_.width() < kReportWidth ? rows.size() : (rows.size() + 1) / 2;
    for (std::size_t i = 0; i < height; ++i)
      head("{}{}{}\n", cell(rows[i]), i + height < rows.size() ? "    " : "",
           i + height < rows.size() ? cell(rows[i + height]) : "");
  }

  // The situation as the book's figures lay it out (9.14, 9.15, 9.22): what each process has at which address, then
  // the frames that are in use or hold a disk block.
  void figure() {
    for (const ProcSlot slot : chosen_) {
      const ProcessRow process = state_.process(slot);
      if (process.state == ProcessState::Zombie) continue;
      head("PROCESS {}: {}\n", name_of(slot), cut(process.program, kMostOfAName));
      if (process.borrows())
        head("  the space of {}\n", name_of(process.lender));
      else
        write_rows(sink_, page_columns(), [&](const Visit<PageRow>& visit) { state_.space(slot, visit); });
      sink_.write("\n");
    }
    auto columns = pick(kFrameColumns, {"frame", "disk", "refs"});
    columns[1].heading = "DISK BLOCK";
    columns[1].get = drawn<FrameRow>;
    columns[2].heading = "COUNT";
    sink_.write("FRAMES\n");
    write_rows(sink_, columns, [&](const Visit<FrameRow>& visit) { state_.frames(visit); });
  }

  // A few lines, however large the machine is.
  void summary() {
    const Gauges gauges = state_.gauge();
    std::vector<std::string> states;
    for (const ProcSlot slot : chosen_) {
      const ProcessRow row = state_.process(slot);
      const bool waits = row.waiting_for != WaitingFor::Nothing;
      states.push_back(
          fmt::format("{} {}{}", row.name, name(row.state), waits ? fmt::format(" ({})", name(row.waiting_for)) : ""));
    }
    head("{}\n", list_on_a_line(fmt::format("PROCESSES: {} alive", gauges.processes), states, sink_.width()));
    head("REGIONS: {} active\n", gauges.regions);
    head("FRAMES: {} total, {} reserved, {} free, {} used, {} shared, peak {}\n", gauges.frames_total,
         gauges.frames_reserved, gauges.frames_free, gauges.frames_used, gauges.frames_shared, gauges.frames_peak);
    head("PAGE-TABLE FRAMES: {} used, peak {}\n", gauges.tables_used, gauges.tables_peak);
    if (gauges.swap_total > 0)
      head("SWAP: {}, {} free, {} used\n", count_text(gauges.swap_total, "block"), gauges.swap_free, gauges.swap_used);
    const Sample sample = state_.sample();
    head("FAULTS: {} validity, {} protection; {} stolen\n", sample.validity_faults, sample.protection_faults,
         count_text(sample.reclaimed, "page"));
  }

  void sar() { write_sar(sink_, seen_.samples); }
  void swapper() { write_swapper(sink_, state_); }

  Sink& sink_;
  const Seen& seen_;
  const State& state_;
  const std::vector<ProcSlot> chosen_;
  const std::set<std::uint32_t> regions_;
};

}  // namespace

void write_view(Sink& sink, View view, const State& state, const std::vector<Sample>& samples,
                std::span<const ProcSlot> only) {
  Views(sink, {.state = state, .samples = samples, .only = only}).write(view);
}

void write_walk(Sink& sink, const Walk& walk) {
  const std::string label = walk.label ? text(*walk.label) + " = " : "";
  sink.write(fmt::format("WALK of {} at {}{}: {}, satp {:#x}, offset {:#x}\n", walk.process, label, text(walk.address),
                         mode_name(walk.satp.mode), walk.satp.raw(), walk.offset()));
  write_rows(sink, pick(kWalkColumns, {"level", "index", "at", "pte", "ppn", "flags"}),
             [&](const Visit<WalkRow>& visit) {
               for (const WalkRow& row : walk.rows) visit(row);
             });
  for (const Access access : {Access::Load, Access::Store, Access::Fetch}) {
    const WalkEnd& end = walk.ends.at(static_cast<unsigned>(access));
    if (end.physical)
      sink.write(fmt::format("{:<6}physical address {}\n", name(access), text(*end.physical)));
    else
      sink.write(fmt::format("{:<6}scause {} ({}), stval {:#x}\n", name(access), *end.scause, cause_name(*end.scause),
                             end.stval));
  }
}

}  // namespace bachsim
