// All rows of a state at one moment, and the difference of two moments: the changes that a statement made.
//
// Stepping, --trace, --trace-json, pages and drawings are made from these, so that they cannot disagree.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/state/difference.h"
#include "sim/state/rows.h"
#include "sim/state/state.h"

namespace bachsim {

// Rows of each table, sorted by key(). They borrow words from the moment, which is good without its kernel, but not
// without the host's budget.
struct Moment {
  Moment() = default;
  // Throws HostLimit beyond the budget.
  explicit Moment(const State& state);

  // What holds for it holds for all that is made of it.
  [[nodiscard]] HostBudget* budget() const { return share_.budget(); }

  std::vector<ProcessRow> processes{};
  std::vector<PregionRow> pregions{};
  std::vector<RegionRow> regions{};
  std::vector<PageRow> pages{};  // of every region; without the values of cells
  std::vector<FrameRow> frames{};
  std::vector<FreeRow> free_list{};
  std::vector<SwapBlockRow> swap_use{};
  std::vector<ExtentRow> swap_map{};
  std::vector<TlbRow> tlb{};
  std::vector<NumberRow> counters{};
  std::vector<NumberRow> gauges{};

 private:
  class Keep;
  template <class Row>
  void add(std::vector<Row>& rows, const Row& row);

  HostShare share_{};
  std::shared_ptr<const std::set<std::string, std::less<>>> words_{};  // names of programs
};

// The changes of each table, in the order of the keys. They borrow words from both moments.
struct Changes {
  // Throws HostLimit beyond the budget.   REQUIRES: both moments are of one script
  Changes(const Moment& before, const Moment& after);

  std::vector<Change<ProcessRow>> processes;
  std::vector<Change<PregionRow>> pregions;
  std::vector<Change<RegionRow>> regions;
  std::vector<Change<PageRow>> pages;
  std::vector<Change<FrameRow>> frames;
  std::vector<Change<FreeRow>> free_list;
  std::vector<Change<SwapBlockRow>> swap_use;
  std::vector<Change<ExtentRow>> swap_map;
  std::vector<Change<TlbRow>> tlb;
  std::vector<Change<NumberRow>> counters;
  std::vector<Change<NumberRow>> gauges;

 private:
  Changes(const Moment& before, const Moment& after, HostShare share);
  HostShare share_;
};

// Calls visit(name, columns, table) for each table of a Moment or of Changes. `name` is the table's in JSON.
template <class Tables, class Visit>
void for_each_table(Tables& tables, Visit&& visit) {
  visit("processes", kProcessColumns, tables.processes);
  visit("pregions", kPregionColumns, tables.pregions);
  visit("regions", kRegionColumns, tables.regions);
  visit("pages", kPageColumns, tables.pages);
  visit("pfdata", kFrameColumns, tables.frames);
  visit("freelist", kFreeColumns, tables.free_list);
  visit("swap_use", kSwapBlockColumns, tables.swap_use);
  visit("swap_map", kExtentColumns, tables.swap_map);
  visit("tlb", kTlbColumns, tables.tlb);
  visit("counters", kNumberColumns, tables.counters);
  visit("gauges", kNumberColumns, tables.gauges);
}

}  // namespace bachsim
