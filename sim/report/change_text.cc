#include "sim/report/change_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <type_traits>

namespace bachsim {
namespace {

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
std::string text_of(const ColumnInfo& column, const Field& field, const State& state) {
  if (const auto* pid = std::get_if<std::int64_t>(&field); pid != nullptr && column.kind == Kind::Actor) {
    for (const ProcSlot slot : state.processes()) {
      if (state.process(slot).pid == *pid) return state.process(slot).name;
    }
  }
  return text(field);
}

// Behind the row's name. Empty if no column that tells has changed.
template <class Row, class Columns>
std::string change_text(const Change<Row>& change, const Columns& columns, const State& state) {
  if (!change.after) return "gone";
  std::vector<std::string> parts;
  if (!change.before) parts.emplace_back("new");
  for (const auto& column : columns) {
    if (!tells<Row>(column)) continue;
    const Field after = column.get(*change.after);
    if (!change.before) {
      if (!plain(column, after)) parts.push_back(fmt::format("{} {}", column.name, text_of(column, after, state)));
    } else if (const Field before = column.get(*change.before); before != after) {
      parts.push_back(
          fmt::format("{} {} -> {}", column.name, text_of(column, before, state), text_of(column, after, state)));
    }
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

struct ChangeLines {
  std::vector<std::string> all{};
  HostShare share;
};

template <class Row, class Columns>
void add(ChangeLines& lines, const std::vector<Change<Row>>& changes, const Columns& columns, const State& state) {
  const Row* first = nullptr;  // of neighbours that changed alike
  const Row* last = nullptr;
  std::string how;
  const auto finish = [&] {
    if (how.empty()) return;
    std::string line = fmt::format("{}: {}", name_of(*first, *last, state), how);
    lines.share.grow(lines.all);
    lines.share.commit(line.capacity());
    lines.all.push_back(std::move(line));
  };
  for (const Change<Row>& change : changes) {
    const Row& row = change.after ? *change.after : *change.before;
    std::string text_of_change = change_text(change, columns, state);
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
  add(lines, changes.processes, kProcessColumns, state);
  // Those of a process that has gone, went with it.
  const std::vector<ProcSlot> alive = state.processes();
  std::erase_if(changes.pregions, [&alive](const Change<PregionRow>& change) {
    return !change.after && std::ranges::find(alive, change.before->process) == alive.end();
  });
  add(lines, changes.pregions, kPregionColumns, state);
  add(lines, changes.regions, kRegionColumns, state);
  // The pages of a region that came or went did so with it; those that came valid say in which frames.
  const auto came_or_went = [&changes](std::uint32_t id) {
    return std::ranges::any_of(changes.regions, [id](const Change<RegionRow>& change) {
      return (!change.before && change.after->id == id) || (!change.after && change.before->id == id);
    });
  };
  std::erase_if(changes.pages, [&](const Change<PageRow>& change) {
    if (change.before && change.after) return false;
    return (!change.after || !change.after->valid) &&
           came_or_went((change.after ? change.after : change.before)->region);
  });
  // Counts come first: they are what one looks for.
  add(lines, changes.frames, kFrameColumns, state);
  add(lines, changes.swap_use, kSwapBlockColumns, state);
  add(lines, changes.pages, kPageColumns, state);
  add(lines, changes.swap_map, kExtentColumns, state);
  std::string counters;
  for (const Change<NumberRow>& change : changes.counters)
    counters += fmt::format("{}{} {:+}", counters.empty() ? "" : ", ", change.after->name,
                            static_cast<std::int64_t>(change.after->value - change.before->value));
  if (!counters.empty()) lines.all.push_back(counters);
  return std::move(lines.all);
}

}  // namespace bachsim
