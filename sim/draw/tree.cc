// The view `tree`: the page tables that each satp leads to. A table that two processes share is drawn once.
#include <fmt/format.h>

#include <map>
#include <set>

#include "regions/pfdata.h"
#include "sim/draw/dot.h"
#include "sim/draw/drawings.h"
#include "sim/draw/ranges.h"

namespace bachsim {
namespace {

constexpr std::size_t kRangesOfIndices = 6;
constexpr std::uint64_t kPpnMask = (std::uint64_t{1} << 44) - 1;

// Rows of each table, by its PPN; and its depth below the root.
struct TreeTables {
  std::map<std::uint64_t, std::vector<TreeRow>> rows;
  std::map<std::uint64_t, unsigned> depth;

  TreeTables(const Subject& subject, const std::vector<SpaceTree>& trees) {
    for (const SpaceTree& tree : trees) {
      if (!tree.process.satp || !subject.draws(tree.process.pid)) continue;
      std::vector<std::uint64_t> path{tree.process.satp->value & kPpnMask};
      std::set<std::uint64_t> fresh;
      const auto enter = [&](std::uint64_t ppn) {
        if (rows.try_emplace(ppn).second) fresh.insert(ppn);
        depth.try_emplace(ppn, static_cast<unsigned>(path.size()) - 1);
      };
      enter(path.front());
      for (const TreeRow& row : tree.rows) {
        path.resize(row.depth + 1);
        if (fresh.contains(path.back())) rows[path.back()].push_back(row);
        if (!row.table) continue;
        path.push_back(row.ppn);
        enter(row.ppn);
      }
    }
  }
};

// Entries one behind the other that are drawn alike.
struct Entries {
  TreeRow row;
  ChangeMark mark = ChangeMark::None;
};

// The entries of a table one by one.
std::map<unsigned, TreeRow> one_by_one(const std::vector<TreeRow>& rows) {
  std::map<unsigned, TreeRow> entries;
  for (const TreeRow& row : rows) {
    for (unsigned i = row.first; i <= row.last; ++i) {
      TreeRow entry = row;
      entry.first = entry.last = i;
      entry.ppn += i - row.first;
      entry.address += (i - row.first) * kPageSize;
      entries.emplace(i, std::move(entry));
    }
  }
  return entries;
}

ChangeMark mark_of(const TreeRow* now, const TreeRow* was) {
  if (now == nullptr) return ChangeMark::Gone;
  if (was == nullptr) return ChangeMark::New;
  return now->ppn == was->ppn && now->flags == was->flags && now->table == was->table ? ChangeMark::None
                                                                                      : ChangeMark::Changed;
}

bool follows(const Entries& a, const Entries& b) {
  return b.mark == a.mark && !a.row.table && !b.row.table && b.row.flags == a.row.flags &&
         b.row.first == a.row.last + 1 && b.row.ppn == a.row.ppn + (b.row.first - a.row.first);
}

// All entries of a table, and those that it had before; `was` is nullptr if no changes are marked.
std::vector<Entries> entries_of(const std::vector<TreeRow>& now, const std::vector<TreeRow>* was) {
  const auto is = one_by_one(now);
  const auto had = was == nullptr ? is : one_by_one(*was);
  std::map<unsigned, Entries> all;
  const auto find = [](const auto& entries, unsigned index) {
    const auto at = entries.find(index);
    return at == entries.end() ? nullptr : &at->second;
  };
  for (const auto& [index, row] : had) all[index] = {.row = row, .mark = mark_of(find(is, index), &row)};
  for (const auto& [index, row] : is) all[index] = {.row = row, .mark = mark_of(&row, find(had, index))};
  std::vector<Entries> runs;
  for (const auto& [index, entries] : all) {
    if (!runs.empty() && follows(runs.back(), entries))
      runs.back().row.last = index;
    else
      runs.push_back(entries);
  }
  return runs;
}

// A row for each run of entries; or, if they are `merged`, for all pages of one mark and with the same flags.
std::vector<DrawnRow> rows_of_entries(const std::vector<Entries>& runs, bool merged) {
  std::vector<std::vector<const TreeRow*>> groups;
  std::vector<ChangeMark> marks;
  std::map<std::pair<ChangeMark, std::string>, std::size_t> known;
  for (const Entries& run : runs) {
    std::size_t group = groups.size();
    if (merged && !run.row.table) group = known.try_emplace({run.mark, run.row.flags}, group).first->second;
    if (group == groups.size()) {
      groups.emplace_back();
      marks.push_back(run.mark);
    }
    groups[group].push_back(&run.row);
  }
  std::vector<DrawnRow> rows;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const TreeRow& row = *groups[i].front();
    std::vector<std::uint32_t> indices;
    for (const TreeRow* each : groups[i]) {
      for (unsigned index = each->first; index <= each->last; ++index) indices.push_back(index);
    }
    const std::string more = groups[i].size() > 1 ? ", …" : "";
    std::string names = fmt::format("{:#x}", row.ppn);
    if (!row.table) {
      const std::uint32_t frame = frame_of(Ppn{row.ppn}).value;
      names += fmt::format(" (frame {}{})", text(field(frame), field(frame + (row.last - row.first))), more);
    }
    rows.push_back({.port = fmt::format("{}{}", marks[i] == ChangeMark::Gone ? "g" : "e", row.first),
                    .cells = {ranges_text(std::move(indices), kRangesOfIndices), names, row.table ? "table" : row.flags,
                              fmt::format("{:#x}{}", row.address, more)},
                    .mark = marks[i]});
  }
  return rows;
}

}  // namespace

// Each entry by itself, as it is and as it was, and merged.
std::uint64_t tree_drawing_bytes(const std::vector<SpaceTree>& trees) {
  std::uint64_t entries = 0;
  std::uint64_t names = 0;
  for (const SpaceTree& tree : trees) {
    names += tree.process.name.size() * kCopiesOfName;
    for (const TreeRow& row : tree.rows) entries += row.last - row.first + std::uint64_t{1};
  }
  return names + entries * 6 * sizeof(TreeRow);
}

std::string tree_drawing(const Subject& subject, const std::vector<SpaceTree>& trees,
                         const std::vector<SpaceTree>* before) {
  std::vector<std::string> caption = subject.caption;
  caption.push_back("flags: d dirty, a accessed, u user, x w r rights, c copy on write");
  Dot dot(subject.title, caption, Dot::Direction::LeftToRight);
  const TreeTables now(subject, trees);
  const TreeTables was(subject, before == nullptr ? trees : *before);
  std::map<std::uint64_t, std::vector<Entries>> entries;  // [PPN of the table]
  std::map<unsigned, std::size_t> rows_at;                // [depth]
  for (const auto& [ppn, rows] : now.rows) {
    const auto old = was.rows.find(ppn);
    const std::vector<TreeRow> none;
    entries[ppn] = entries_of(rows, before == nullptr ? nullptr : old == was.rows.end() ? &none : &old->second);
    rows_at[now.depth.at(ppn)] += entries[ppn].size();
  }
  std::vector<std::vector<std::string>> columns(1);
  for (const SpaceTree& tree : trees) {
    if (!subject.draws(tree.process.pid)) continue;
    const ProcessRow& process = tree.process;
    const std::string node = fmt::format("p{}", process.pid);
    DrawnTable box{.node = node, .title = fmt::format("process {}: {}", process.name, process.program)};
    box.rows.push_back({.port = "satp", .cells = {process.satp ? "satp " + text(*process.satp) : "no address space"}});
    dot.table(box);
    columns.front().push_back(node);
    if (process.satp)
      dot.arrow(node + ":satp_:e", fmt::format("t{:x}:head:w", process.satp->value & kPpnMask), Line::Step);
  }
  for (const auto& [ppn, rows] : now.rows) {
    const unsigned depth = now.depth.at(ppn);
    DrawnTable table{.node = fmt::format("t{:x}", ppn),
                     .title = fmt::format("{} {:#x}", depth == 0 ? "root table" : "table", ppn),
                     .headings = {"index", "PPN", "flags", "address"},
                     .left = {false, true, true, false}};
    table.rows = rows_of_entries(entries[ppn], rows_at[depth] > kRowsUnmerged);
    if (table.rows.empty()) {
      table.headings.clear();
      table.rows.push_back({.port = "none", .cells = {"no valid entry"}, .dim = true});
    }
    dot.table(table);
    columns.resize(std::max<std::size_t>(columns.size(), depth + 2));
    columns[depth + 1].push_back(table.node);
    for (const TreeRow& row : rows) {
      if (row.table)
        dot.arrow(fmt::format("{}:e{}_:e", table.node, row.first), fmt::format("t{:x}:head:w", row.ppn), Line::Step);
    }
  }
  dot.rank(columns.front());
  for (std::size_t i = 1; i < columns.size(); ++i) dot.column(columns[i]);
  return dot.finish();
}

}  // namespace bachsim
