// The view `tree`: the page tables that each satp leads to. A table that two processes share is drawn once.
#include <fmt/format.h>

#include <map>
#include <set>

#include "regions/pfdata.h"
#include "sim/draw/dot.h"
#include "sim/draw/drawings.h"

namespace bachsim {
namespace {

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

std::string index_text(const TreeRow& row) {
  return row.first == row.last ? fmt::format("{}", row.first) : fmt::format("{}-{}", row.first, row.last);
}

DrawnRow drawn(const TreeRow& row, bool leaf_depth) {
  std::string names = fmt::format("{:#x}", row.ppn);
  if (!row.table) {
    const std::string last =
        row.first == row.last ? "" : fmt::format("-{}", frame_of(Ppn{row.ppn}).value + (row.last - row.first));
    names += fmt::format(" (frame {}{})", frame_of(Ppn{row.ppn}).value, last);
  }
  return {.port = fmt::format("e{}", row.first),
          .cells = {index_text(row), names, leaf_depth ? row.flags : "table", fmt::format("{:#x}", row.address)}};
}

bool overlap(const TreeRow& a, const TreeRow& b) { return a.first <= b.last && b.first <= a.last; }

// Whether entries of one run, or all of it, are as they were in another one.
bool within(const TreeRow& now, const TreeRow& was) {
  return was.first <= now.first && now.last <= was.last && now.ppn == was.ppn + (now.first - was.first) &&
         now.flags == was.flags && now.table == was.table;
}

// Marks the rows of a table, and adds those that have gone.
void mark(DrawnTable& table, const std::vector<TreeRow>& now, const std::vector<TreeRow>& was) {
  for (std::size_t i = 0; i < now.size(); ++i) {
    bool kept = false;
    bool known = false;
    for (const TreeRow& old : was) {
      kept = kept || within(now[i], old);
      known = known || overlap(old, now[i]);
    }
    if (!kept) table.rows[i].mark = known ? Mark::Changed : Mark::New;
  }
  for (const TreeRow& old : was) {
    bool there = false;
    for (const TreeRow& row : now) there = there || overlap(old, row);
    if (there) continue;
    DrawnRow gone = drawn(old, !old.table);
    gone.port = "g" + gone.port;
    gone.mark = Mark::Gone;
    table.rows.push_back(std::move(gone));
  }
}

}  // namespace

std::string tree_drawing(const Subject& subject, const std::vector<SpaceTree>& trees,
                         const std::vector<SpaceTree>* before) {
  std::vector<std::string> caption = subject.caption;
  caption.push_back("flags: d dirty, a accessed, u user, x w r rights, c copy on write");
  Dot dot(subject.title, caption, Dot::Direction::LeftToRight);
  const TreeTables now(subject, trees);
  const TreeTables was(subject, before == nullptr ? trees : *before);
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
    for (const TreeRow& row : rows) table.rows.push_back(drawn(row, !row.table));
    if (before != nullptr) {
      const auto old = was.rows.find(ppn);
      mark(table, rows, old == was.rows.end() ? std::vector<TreeRow>() : old->second);
    }
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
