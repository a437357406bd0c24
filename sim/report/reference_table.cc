#include "sim/report/reference_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "sim/report/table.h"

namespace bachsim {
namespace {

constexpr std::size_t kLongestName = 40;

// A process's references, in words.
struct ProcessColumn {
  std::string heading;
  std::vector<std::string> pages;
  std::vector<std::string> sets;
};

ProcessColumn column_of(const State& state, ProcSlot slot) {
  std::uint32_t stack = 0;
  state.pregions(slot, [&stack](const PregionRow& row) { stack = row.type == RegionType::Stack ? row.region : stack; });
  const auto text = [stack](PageId page) {
    return page.region.value == stack ? fmt::format("[{}]", page.page) : fmt::format("{}", page.page);
  };
  ProcessColumn column{
      .heading = fmt::format("{}: {}", cut(state.process(slot).name, kLongestName), state.working_set(slot)),
      .pages = {},
      .sets = {}};
  for (const Reference& reference : state.references(slot)) {
    column.pages.push_back(text(reference.page));
    std::string& set = column.sets.emplace_back();
    for (const PageId page : reference.set) set += (set.empty() ? "" : " ") + text(page);
  }
  return column;
}

void write_reference_table(Sink& sink, std::span<const ProcessColumn> columns) {
  std::vector<TableColumn> headings{{"REFERENCE", Align::Right}};
  for (const ProcessColumn& column : columns) headings.push_back({column.heading, Align::Left});
  const std::vector<std::string>& pages = columns.front().pages;
  write_table(
      sink, headings,
      [&](const std::function<void(const std::vector<std::string>&)>& line) {
        for (std::size_t i = 0; i < pages.size(); ++i) {
          std::vector<std::string> cells{pages[i]};
          for (const ProcessColumn& column : columns) cells.push_back(column.sets[i]);
          line(cells);
        }
      },
      IfEmpty::Headings);
}

}  // namespace

void write_reference_tables(Sink& sink, const State& state, std::span<const ProcSlot> processes) {
  std::vector<ProcessColumn> columns;
  for (const ProcSlot slot : processes) columns.push_back(column_of(state, slot));
  const std::span<const ProcessColumn> all(columns);
  for (std::size_t first = 0, end = 0; first < all.size(); first = end) {
    while (end < all.size() && all[end].pages == all[first].pages) ++end;
    sink.write(first == 0 ? "WORKING SETS: pages in memory, the one referenced last first\n" : "\n");
    write_reference_table(sink, all.subspan(first, end - first));
  }
}

}  // namespace bachsim
