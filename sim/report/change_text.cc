#include "sim/report/change_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <type_traits>

namespace bachsim {
namespace {

// The state behind the changes, and its processes, pids ascending.
struct Now {
  const State& state;
  std::vector<ProcSlot> processes = state.processes();
};

std::string name_of(const ProcessRow& row, const State&) { return row.name; }
std::string name_of(const PregionRow& row, const State& state) {
  return fmt::format("{} {}", state.process(row.process).name, row.name);
}
std::string name_of(const RegionRow& row, const State&) { return fmt::format("region {}", row.id); }
std::string name_of(const PageRow& row, const State&) { return fmt::format("region {} page {}", row.region, row.page); }
std::string name_of(const FrameRow& row, const State&) { return fmt::format("frame {}", row.frame); }
std::string name_of(const SwapBlockRow& row, const State&) { return fmt::format("swap {}:{}", row.device, row.block); }
std::string name_of(const ExtentRow& row, const State&) {
  return fmt::format("swap map {} from {}", row.device, row.address);
}

// Columns that people follow. Others are a row's name, or change with everything.
template <class Row>
bool tells(const ColumnInfo& column) {
  static constexpr std::array kQuiet{"satp", "name", "page", "id", "device", "block"};
  const bool frame_itself = std::is_same_v<Row, FrameRow> && column.name == "frame";
  return column.is(kInJson) && !frame_itself && std::ranges::find(kQuiet, column.name) == kQuiet.end();
}

// A field that says nothing about a new row. Where there may be nothing, 0 says something: a frame, or a block.
bool plain(const ColumnInfo& column, const Field& field) {
  const auto* number = std::get_if<std::int64_t>(&field);
  const auto* truth = std::get_if<bool>(&field);
  return field == Field(kNothing) || (number != nullptr && *number == 0 && !column.is(kMayBeNull)) ||
         (truth != nullptr && !*truth) || text(field) == "none";
}

// The part of a change that neighbours share is said once.
template <class Row>
bool is_behind(const Row&, const Row&) {
  return false;
}
bool is_behind(const PageRow& row, const PageRow& other) {
  return row.region == other.region && row.page == other.page + 1;
}
bool is_behind(const FrameRow& row, const FrameRow& other) { return row.frame == other.frame + 1; }

template <class Row>
std::string name_of(const Row& first, const Row& last, const State& state) {
  if (&first == &last) return name_of(first, state);
  if constexpr (std::is_same_v<Row, PageRow>)
    return fmt::format("region {} pages {}-{}", first.region, first.page, last.page);
  else if constexpr (std::is_same_v<Row, FrameRow>)
    return fmt::format("frames {}-{}", first.frame, last.frame);
  else
    return name_of(first, state);
}

// A process by its name.
std::string text_of(const ColumnInfo& column, const Field& field, const Now& now) {
  if (const auto* pid = std::get_if<std::int64_t>(&field); pid != nullptr && column.kind == Kind::Actor) {
    const auto pid_of = [&now](ProcSlot slot) { return std::int64_t{now.state.process(slot).pid}; };
    const auto found = std::ranges::lower_bound(now.processes, *pid, {}, pid_of);
    if (found != now.processes.end() && pid_of(*found) == *pid) return now.state.process(*found).name;
  }
  return text(field);
}

// Behind the row's name. Empty if no column that tells has changed.
template <class Row, class Columns>
std::string change_text(const Change<Row>& change, const Columns& columns, const Now& now) {
  if (!change.after) return "gone";
  std::vector<std::string> parts;
  if (!change.before) parts.emplace_back("new");
  for (const auto& column : columns) {
    if (!tells<Row>(column)) continue;
    const Field after = column.get(*change.after);
    if (!change.before) {
      if (!plain(column, after)) parts.push_back(fmt::format("{} {}", column.name, text_of(column, after, now)));
    } else if (const Field before = column.get(*change.before); before != after) {
      parts.push_back(
          fmt::format("{} {} -> {}", column.name, text_of(column, before, now), text_of(column, after, now)));
    }
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

struct ChangeLines {
  std::vector<std::string> all{};
  HostShare share;
};

template <class Row, class Columns>
void add(ChangeLines& lines, const std::vector<Change<Row>>& changes, const Columns& columns, const Now& now) {
  const Row* first = nullptr;  // of neighbours that changed alike
  const Row* last = nullptr;
  std::string how;
  const auto finish = [&] {
    if (how.empty()) return;
    std::string line = fmt::format("{}: {}", name_of(*first, *last, now.state), how);
    lines.share.grow(lines.all);
    lines.share.commit(line.capacity());
    lines.all.push_back(std::move(line));
  };
  for (const Change<Row>& change : changes) {
    const Row& row = change.after ? *change.after : *change.before;
    std::string text_of_change = change_text(change, columns, now);
    if (last == nullptr || text_of_change != how || !is_behind(row, *last)) {
      finish();
      first = &row;
      how = std::move(text_of_change);
    }
    last = &row;
  }
  finish();
}

}  // namespace

std::vector<std::string> change_texts(Changes changes, const State& state) {
  ChangeLines lines{.share = HostShare(state.budget())};
  const Now now{state};
  add(lines, changes.processes, kProcessColumns, now);
  // Those of a process that has gone, went with it.
  const auto pid_of = [&state](ProcSlot slot) { return state.process(slot).pid; };
  std::erase_if(changes.pregions, [&](const Change<PregionRow>& change) {
    return !change.after && !std::ranges::binary_search(now.processes, change.before->pid, {}, pid_of);
  });
  add(lines, changes.pregions, kPregionColumns, now);
  add(lines, changes.regions, kRegionColumns, now);
  // The pages of a region that came or went did so with it; those that came valid say in which frames.
  const auto came_or_went = [&changes](std::uint32_t id) {
    const auto id_of = [](const Change<RegionRow>& change) {
      return (change.after ? change.after : change.before)->id;
    };
    const auto found = std::ranges::lower_bound(changes.regions, id, {}, id_of);
    return found != changes.regions.end() && id_of(*found) == id && (!found->before || !found->after);
  };
  std::erase_if(changes.pages, [&](const Change<PageRow>& change) {
    if (change.before && change.after) return false;
    return (!change.after || !change.after->valid) &&
           came_or_went((change.after ? change.after : change.before)->region);
  });
  // Counts come first: they are what one looks for.
  add(lines, changes.frames, kFrameColumns, now);
  add(lines, changes.swap_use, kSwapBlockColumns, now);
  add(lines, changes.pages, kPageColumns, now);
  add(lines, changes.swap_map, kExtentColumns, now);
  std::string counters;
  for (const Change<NumberRow>& change : changes.counters)
    counters += fmt::format("{}{} {:+}", counters.empty() ? "" : ", ", change.after->name,
                            static_cast<std::int64_t>(change.after->value - change.before->value));
  if (!counters.empty()) lines.all.push_back(counters);
  return std::move(lines.all);
}

}  // namespace bachsim
