#include "sim/report/views.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "regions/vm.h"
#include "sim/report/figure.h"
#include "sim/report/page_views.h"
#include "sim/report/sar.h"
#include "sim/report/table.h"
#include "sim/state/labels.h"
#include "workloads/language/place_text.h"

namespace bachsim {
namespace {

std::string regions_of_type(const Run& run, ProcSlot slot, RegionType type) {
  std::string text;
  for (const Pregion& pregion : run.kernel().space(slot).pregions) {
    if (pregion.type == type)
      text += fmt::format("{}{}", text.empty() ? "" : ",", pregion.region.value);
  }
  return text.empty() ? "-" : text;
}

std::string state_text(const Process& process) {
  if (process.waiting_for == WaitingFor::Nothing)
    return std::string(name(process.state));
  return fmt::format("{} ({})", name(process.state), name(process.waiting_for));
}

std::vector<ProcSlot> chosen(const Run& run, std::span<const ProcSlot> only) {
  if (!only.empty())
    return {only.begin(), only.end()};
  return run.kernel().processes();
}

std::string processes(const Run& run, std::span<const ProcSlot> only) {
  Table table({{"NAME", Align::Left},
               {"PID", Align::Right},
               {"PPID", Align::Right},
               {"STATE", Align::Left},
               {"STATUS", Align::Right},
               {"PROGRAM", Align::Left},
               {"TEXT", Align::Right},
               {"DATA", Align::Right},
               {"STACK", Align::Right},
               {"SHM", Align::Left}});
  const Kernel& kernel = run.kernel();
  for (const ProcSlot slot : chosen(run, only)) {
    const Process& process = kernel.process(slot);
    const bool ended = process.state == ProcessState::Zombie;
    table.add({run.name_of(slot), fmt::format("{}", process.pid.value),
               fmt::format("{}", kernel.process(process.parent).pid.value), state_text(process),
               ended ? fmt::format("{}", process.status) : "-", kernel.vm().programs[process.program.value].name,
               regions_of_type(run, slot, RegionType::Text), regions_of_type(run, slot, RegionType::Data),
               regions_of_type(run, slot, RegionType::Stack), regions_of_type(run, slot, RegionType::Shm)});
  }
  return fmt::format("PROCESSES: {} alive\n", kernel.gauges().processes) + (table.empty() ? "" : table.text());
}

std::string access_text(RegionType type) {
  return type == RegionType::Text ? "r-x" : "rw-";
}

std::string pregions(const Run& run, std::span<const ProcSlot> only) {
  Table table({{"NAME", Align::Left},
               {"TYPE", Align::Left},
               {"REG", Align::Right},
               {"REGVA", Align::Right},
               {"PAGES", Align::Right},
               {"ACCESS", Align::Left},
               {"FLAGS", Align::Left}});
  const Kernel& kernel = run.kernel();
  for (const ProcSlot slot : chosen(run, only)) {
    const Labels labels(kernel, slot);
    const bool borrowed = kernel.process(slot).lender != slot;
    for (const Pregion& pregion : kernel.space(slot).pregions) {
      const Region& region = kernel.vm().regions[pregion.region];
      std::string flags = borrowed ? "borrowed" : "";
      if (pregion.locked)
        flags += flags.empty() ? "lock" : " lock";
      std::string type(name(pregion.type));
      if (pregion.type == RegionType::Shm)
        type += "." + key_text(run.script(), pregion.key);
      table.add({run.name_of(slot), std::move(type), fmt::format("{}", pregion.region.value),
                 text(labels.shown(labels.start(pregion))), fmt::format("{}", region.pages), access_text(pregion.type),
                 std::move(flags)});
    }
  }
  return "PREGIONS\n" + table.text();
}

std::set<RegionId> regions_of(const Run& run, std::span<const ProcSlot> only) {
  std::set<RegionId> ids;
  for (const ProcSlot slot : only) {
    for (const Pregion& pregion : run.kernel().space(slot).pregions)
      ids.insert(pregion.region);
  }
  return ids;
}

std::string regions(const Run& run, std::span<const ProcSlot> only) {
  Table table({{"SLOT", Align::Right},
               {"TYPE", Align::Left},
               {"REFS", Align::Right},
               {"PAGES", Align::Right},
               {"VALID", Align::Right},
               {"PROGRAM", Align::Left}});
  const Vm& vm = run.kernel().vm();
  const std::set<RegionId> wanted = regions_of(run, only);
  vm.regions.for_each([&](RegionId id, const Region& region) {
    if (!only.empty() && !wanted.contains(id))
      return;
    table.add({fmt::format("{}", id.value), std::string(name(region.type)), fmt::format("{}", region.refs()),
               fmt::format("{}", region.pages), fmt::format("{}", region.valid()),
               region.program ? vm.programs[region.program->value].name : "-"});
  });
  return fmt::format("REGIONS: {} active\n", vm.regions.active()) + (table.empty() ? "" : table.text());
}

std::string pages(const Run& run, std::span<const ProcSlot> only) {
  const std::set<RegionId> wanted = regions_of(run, only);
  std::string text;
  run.kernel().vm().regions.for_each([&](RegionId id, const Region&) {
    if (only.empty() || wanted.contains(id))
      text += (text.empty() ? "" : "\n") + region_pages(run, id);
  });
  return text;
}

std::string frames_line(const Gauges& gauges) {
  return fmt::format("FRAMES: {} total, {} reserved, {} free, {} used, {} shared, peak {}\n", gauges.frames_total,
                     gauges.frames_reserved, gauges.frames_free, gauges.frames_used, gauges.frames_shared,
                     gauges.frames_peak);
}

std::string pfdata(const Run& run) {
  const Vm& vm = run.kernel().vm();
  struct Row {
    std::uint32_t frame;
    std::uint32_t refs;
    DiskBlock disk;
  };
  std::vector<Row> rows;
  for (std::uint32_t f = vm.pfdata.reserved(); f < vm.pfdata.fresh().value; ++f) {
    const Frame frame{f};
    if (vm.pfdata.refs(frame) > 0 || !vm.pfdata.identity(frame).none())
      rows.push_back({f, vm.pfdata.refs(frame), vm.pfdata.identity(frame)});
  }
  Table table({{"FRAME", Align::Right}, {"REFS", Align::Right}, {"DISK", Align::Left}});
  merge_runs(
      rows,
      [](const Row& a, const Row& b) {
        const bool next = b.disk.raw() == a.disk.raw() + (a.disk.none() ? 0u : 1u);
        return b.frame == a.frame + 1 && b.refs == a.refs && next;
      },
      [&](const Row& first, const Row& last) {
        std::string disk = text(first.disk, vm.programs);
        if (last.disk != first.disk)
          disk += fmt::format("-{}", last.disk.in_file() ? last.disk.logical() : last.disk.block());
        table.add({range_text(first.frame, last.frame), fmt::format("{}", first.refs), std::move(disk)});
      });
  return frames_line(run.kernel().gauges()) + (table.empty() ? "" : table.text());
}

std::string freelist(const Run& run) {
  const PfdataTable& pfdata = run.kernel().vm().pfdata;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> runs;  // first and last, as they come
  pfdata.for_each_free([&](Frame frame) {
    if (!runs.empty() && frame.value == runs.back().second + 1)
      runs.back().second = frame.value;
    else
      runs.emplace_back(frame.value, frame.value);
  });
  std::vector<std::string> items;
  for (const auto& [first, last] : runs)
    items.push_back(range_text(first, last));
  return fmt::format("FREE LIST: {} frames, from its head\n", pfdata.free()) + wrapped(items, 2);
}

std::string hash(const Run& run) {
  const Vm& vm = run.kernel().vm();
  std::vector<std::pair<DiskBlock, Frame>> found;
  for (std::uint32_t f = 0; f < vm.pfdata.fresh().value; ++f) {
    if (!vm.pfdata.identity(Frame{f}).none())
      found.emplace_back(vm.pfdata.identity(Frame{f}), Frame{f});
  }
  std::ranges::sort(found);
  Table table({{"DISK", Align::Left}, {"FRAME", Align::Right}, {"REFS", Align::Right}, {"FREE", Align::Left}});
  for (const auto& [block, frame] : found) {
    table.add({text(block, vm.programs), fmt::format("{}", frame.value), fmt::format("{}", vm.pfdata.refs(frame)),
               vm.pfdata.refs(frame) == 0 ? "free" : "-"});
  }
  return fmt::format("HASH QUEUES: {} frames\n", found.size()) + (table.empty() ? "" : table.text());
}

std::string swap_line(const Gauges& gauges) {
  return fmt::format("SWAP: {} blocks, {} free, {} used\n", gauges.swap_total, gauges.swap_free, gauges.swap_used);
}

std::string swap(const Run& run) {
  const Swap& space = run.kernel().vm().swap;
  struct Row {
    DiskBlock block;
    std::uint32_t uses;
  };
  std::vector<Row> rows;
  space.for_each_used([&](DiskBlock block, std::uint32_t uses) { rows.push_back({block, uses}); });
  Table table({{"DEVICE", Align::Right}, {"BLOCK", Align::Right}, {"REFS", Align::Right}});
  merge_runs(
      rows, [](const Row& a, const Row& b) { return b.block.raw() == a.block.raw() + 1 && b.uses == a.uses; },
      [&](const Row& first, const Row& last) {
        table.add({fmt::format("{}", first.block.device()), range_text(first.block.block(), last.block.block()),
                   fmt::format("{}", first.uses)});
      });
  return swap_line(run.kernel().gauges()) + (table.empty() ? "" : table.text());
}

std::string map(const Run& run) {
  const Swap& space = run.kernel().vm().swap;
  std::string result;
  for (unsigned device = 1; device <= space.devices(); ++device) {
    Table table({{"ADDRESS", Align::Right}, {"UNITS", Align::Right}});
    std::uint64_t extents = 0;
    space.for_each_free(device, [&](std::uint64_t first, std::uint64_t blocks) {
      table.add({fmt::format("{}", first), fmt::format("{}", blocks)});
      ++extents;
    });
    result +=
        fmt::format("{}SWAP MAP {}: {} blocks, {} free in {} {}\n", result.empty() ? "" : "\n", device,
                    space.blocks(device), space.free_blocks(device), extents, extents == 1 ? "extent" : "extents");
    result += table.empty() ? "" : table.text();
  }
  return result.empty() ? "SWAP MAP: no device\n" : result;
}

// Exercise 9.15: what a map of extents and one of bits hold, and look at, for the same answers.
std::string map_cost(const Run& run) {
  const Vm& vm = run.kernel().vm();
  Table table({{"DEVICE", Align::Right},
               {"HELD", Align::Right},
               {"MOST", Align::Right},
               {"MALLOCS", Align::Right},
               {"LOOKED AT", Align::Right},
               {"MFREES", Align::Right},
               {"LOOKED AT", Align::Right}});
  for (unsigned device = 1; device <= vm.swap.devices(); ++device) {
    const MapCost cost = vm.swap.map_cost(device);
    std::vector<std::string> cells{fmt::format("{}", device)};
    for (const std::uint64_t number :
         {cost.held, cost.most, cost.malloc.calls, cost.malloc.looked_at, cost.mfree.calls, cost.mfree.looked_at})
      cells.push_back(fmt::format("{}", number));
    table.add(std::move(cells));
  }
  const bool bits = vm.config.swap_map == SwapMapKind::Bits;
  return fmt::format("SWAP MAP COST in {}\n", bits ? "words of 64 bits" : "extents") +
         (table.empty() ? "" : table.text());
}

// Figure 9.12: the pages of its own that a process has in memory, the one referenced last first. Those of the stack are
// in brackets.
std::string working_set_view(const Run& run, std::span<const ProcSlot> only) {
  struct Member {
    std::uint64_t age;
    bool stack;
    std::uint32_t page;
  };
  const Vm& vm = run.kernel().vm();
  std::string text;
  for (const ProcSlot slot : only) {
    std::vector<Member> members;
    for (const Pregion& pregion : run.kernel().space(slot).pregions) {
      if (pregion.type != RegionType::Data && pregion.type != RegionType::Stack)
        continue;
      const Region& region = vm.regions[pregion.region];
      for (std::uint32_t number = 0; number < region.pages; ++number) {
        const PageWords page = vm.page(region, number);
        if (page.pte.valid())
          members.push_back({page.pte.accessed() ? 0 : page.dbd.age() + 1u, pregion.type == RegionType::Stack, number});
      }
    }
    std::ranges::stable_sort(members, {}, &Member::age);
    text += fmt::format("WORKING SET {}:", run.name_of(slot));
    for (const Member& member : members)
      text += member.stack ? fmt::format(" [{}]", member.page) : fmt::format(" {}", member.page);
    text += "\n";
  }
  return text;
}

// Figures 9.10 and 9.11: for each second, how long each process has been in memory (i) or out (o) when it begins,
// what moved, and who had the CPU.
std::string swapper_view(const Run& run) {
  const std::vector<SwapperSecond>& seconds = run.kernel().swapper().seconds();
  if (seconds.empty())
    return "SWAPPER: no second has been run\n";
  std::vector<std::uint64_t> tags;
  for (const SwapperSecond& second : seconds) {
    for (const SwapperSecond::Stay& place : second.stays) {
      if (std::ranges::find(tags, place.tag) == tags.end())
        tags.push_back(place.tag);
    }
  }
  // A page has room for so many columns; of more processes it shows only what moves and runs.
  constexpr std::size_t kMostColumns = 10;
  const std::vector<std::uint64_t> shown = tags.size() <= kMostColumns ? tags : std::vector<std::uint64_t>();
  std::vector<std::string> names;
  for (const std::uint64_t tag : shown)
    names.push_back(run.name_of_tag(tag));
  std::vector<Table::Column> columns{{"TIME", Align::Right}};
  for (const std::string& name : names)
    columns.push_back({name, Align::Right});
  columns.push_back({"RUNS", Align::Left});
  columns.push_back({"SWAPS", Align::Left});
  Table table(std::move(columns));
  for (std::size_t time = 0; time < seconds.size(); ++time) {
    const SwapperSecond& second = seconds[time];
    std::vector<std::string> cells{fmt::format("{}", time)};
    for (const std::uint64_t tag : shown) {
      const auto place = std::ranges::find(second.stays, tag, &SwapperSecond::Stay::tag);
      cells.push_back(place == second.stays.end() ? "-"
                                                  : fmt::format("{}{}", place->seconds, place->in_memory ? 'i' : 'o'));
    }
    cells.push_back(second.runs ? run.name_of_tag(*second.runs) : "-");
    std::string moves;
    for (const SwapperSecond::Move& move : second.moves)
      moves += fmt::format("{}{} {}", moves.empty() ? "" : ", ", move.in ? "in" : "out", run.name_of_tag(move.tag));
    cells.push_back(moves.empty() ? "-" : std::move(moves));
    table.add(std::move(cells));
  }
  return "SWAPPER: seconds in memory (i) or out (o)\n" + table.text();
}

std::string counters(const Run& run, bool zeros) {
  struct Row {
    std::string name;
    std::uint64_t value;
  };
  std::vector<Row> rows;
  run.kernel().counters().for_each([&](std::string_view group, std::string_view name, std::uint64_t value) {
    if (zeros || value != 0)
      rows.push_back({fmt::format("{}.{}", group, name), value});
  });
  // Two columns, read downwards: the name to the left, its number to the right.
  constexpr std::size_t kColumn = kReportWidth / 2 - 2;
  const std::size_t height = (rows.size() + 1) / 2;
  std::string text = zeros ? "COUNTERS\n" : "COUNTERS that are not 0\n";
  const auto cell = [&](const Row& row) {
    const std::string value = fmt::format("{}", row.value);
    return fmt::format("{:<{}}{}", row.name, kColumn - value.size(), value);
  };
  for (std::size_t i = 0; i < height; ++i) {
    text += cell(rows[i]);
    if (i + height < rows.size())
      text += "    " + cell(rows[i + height]);
    text += "\n";
  }
  return text;
}

std::string summary(const Run& run, std::span<const ProcSlot> only) {
  const Gauges gauges = run.kernel().gauges();
  std::string text = processes(run, only) + "\n" + regions(run, only) + "\n" + pfdata(run) + "\n";
  text += fmt::format("PAGE-TABLE FRAMES: {} used, peak {}\n\n", gauges.tables_used, gauges.tables_peak);
  if (gauges.swap_total > 0)
    text += swap(run) + "\n";
  return text + counters(run, false);
}

}  // namespace

std::string view_text(View view, const Run& run, std::span<const ProcSlot> only) {
  switch (view) {
    case View::Summary:
      return summary(run, only);
    case View::Counters:
      return counters(run, true);
    case View::Processes:
      return processes(run, only);
    case View::Pregions:
      return pregions(run, only);
    case View::Regions:
      return regions(run, only);
    case View::Pages:
      return pages(run, only);
    case View::Pfdata:
      return pfdata(run);
    case View::Freelist:
      return freelist(run);
    case View::Hash:
      return hash(run);
    case View::Swap:
      return swap(run);
    case View::Map:
      return map(run);
    case View::MapCost:
      return map_cost(run);
    case View::Tlb:
      return tlb_view(run);
    case View::Tree:
      return tree_view(run, chosen(run, only));
    case View::Sar:
      return sar_view(run.samples());
    case View::Swapper:
      return swapper_view(run);
    case View::Figure:
      return figure_view(run, chosen(run, only));
    case View::WorkingSet:
      return working_set_view(run, chosen(run, only));
    case View::All:
      break;
  }
  std::string text;
  for (const View each :
       {View::Processes, View::Pregions, View::Regions, View::Pages, View::Pfdata, View::Freelist, View::Hash,
        View::Swap, View::Map, View::Tlb, View::Tree, View::Sar, View::Swapper, View::Counters}) {
    const std::string part = view_text(each, run, only);
    if (!part.empty())
      text += (text.empty() ? "" : "\n") + part;
  }
  return text;
}

}  // namespace bachsim
