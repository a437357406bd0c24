#include "sim/report/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "sim/machine/types.h"
#include "sim/report/table.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kEntryBytes = 16;  // a PTE and the dbd beside it

constexpr std::array<std::string_view, kForkKinds> kHeadings{"fork=cow", "fork=copy", "fork=vfork"};
constexpr std::array<std::string_view, kForkKinds> kNames{"copy on write", "the copying fork", "vfork"};

struct Row {
  std::string_view name;
  std::uint64_t ForkCost::*value;
};
constexpr std::array kRows{Row{"pages copied by fork", &ForkCost::pages_copied},
                           Row{"table entries copied", &ForkCost::entries_copied},
                           Row{"table frames taken by fork", &ForkCost::tables},
                           Row{"frames at peak", &ForkCost::frames_peak},
                           Row{"table frames at peak", &ForkCost::tables_peak},
                           Row{"validity faults afterwards", &ForkCost::validity_faults},
                           Row{"protection faults afterwards", &ForkCost::protection_faults},
                           Row{"  that copied the page", &ForkCost::copied},
                           Row{"  that kept the frame", &ForkCost::kept},
                           Row{"bytes moved", &ForkCost::bytes}};

// `no page`, `1 page`, `2 pages`
std::string count(std::uint64_t number, std::string_view one, std::string_view many) {
  if (number == 0) return fmt::format("no {}", one);
  return number == 1 ? fmt::format("1 {}", one) : fmt::format("{} {}", number, many);
}

// `3 more than with vfork`
std::string difference(std::uint64_t one, std::uint64_t other, std::string_view name) {
  if (one == other) return fmt::format("as many as with {}", name);
  return one > other ? fmt::format("{} more than with {}", one - other, name)
                     : fmt::format("{} fewer than with {}", other - one, name);
}

class Words {
 public:
  explicit Words(const std::array<ForkColumn, kForkKinds>& columns) : columns_(columns) {
    for (std::size_t i = 0; i < kForkKinds; ++i) {
      if (columns[i].stopped.empty()) ran_.push_back(i);
    }
  }

  std::string text() {
    if (ran_.size() < 2) return {};
    if (std::ranges::all_of(ran_, [&](std::size_t kind) { return columns_[kind].cost.forks == 0; })) vfork_statements();
    if (ran(ForkKind::Cow) && ran(ForkKind::Copy)) page_copies();
    if (ran(ForkKind::Vfork)) vfork_copies();
    compare("Table frames at peak", [](const ForkCost& cost) { return cost.tables_peak; });
    compare("Frames at peak", [](const ForkCost& cost) { return cost.frames_peak; });
    compare("Page faults after the fork",
            [](const ForkCost& cost) { return cost.validity_faults + cost.protection_faults; });
    compare("Bytes moved", [](const ForkCost& cost) { return cost.bytes; });
    return text_;
  }

 private:
  [[nodiscard]] const ForkCost& cost(ForkKind kind) const { return columns_[static_cast<std::size_t>(kind)].cost; }
  [[nodiscard]] bool ran(ForkKind kind) const {
    return std::ranges::find(ran_, static_cast<std::size_t>(kind)) != ran_.end();
  }

  void say(std::string_view sentence) { text_ += paragraph("- ", sentence); }

  // A fork takes table frames; a vfork statement that shares the space takes none.
  void vfork_statements() {
    const bool shared = std::ranges::all_of(ran_, [&](std::size_t kind) { return columns_[kind].cost.tables == 0; });
    say(shared ? "The workload forks by vfork statements only, and these share the space with each."
               : "The workload forks by vfork statements only. `machine vfork=fork` makes forks of them, except under "
                 "fork=vfork.");
  }

  void page_copies() {
    const ForkCost& cow = cost(ForkKind::Cow);
    const ForkCost& copy = cost(ForkKind::Copy);
    const std::uint64_t lazy = cow.pages_copied + cow.copied;
    const std::uint64_t eager = copy.pages_copied + copy.copied;
    if (lazy == 0 && eager == 0) return say("Neither the copying fork nor copy on write copied a page.");
    std::string result = "none saved";
    if (lazy < eager)
      result = fmt::format("{} saved", count(eager - lazy, "copy", "copies"));
    else if (lazy > eager)
      result = fmt::format("{} more", count(lazy - eager, "copy", "copies"));
    std::string later = count(lazy, "page", "pages");
    if (cow.pages_copied == 0 && lazy > 0)
      later += lazy == 1 ? ", when it was written to" : ", when they were written to";
    say(fmt::format("The copying fork copied {} at once. Copy on write copied {}: {}.",
                    count(copy.pages_copied, "page", "pages"), later, result));
  }

  void vfork_copies() {
    const ForkCost& vfork = cost(ForkKind::Vfork);
    say(fmt::format("vfork copied {} and {}, and took {}; what its child stored before its exec, the parent has.",
                    count(vfork.pages_copied, "page", "pages"),
                    count(vfork.entries_copied, "table entry", "table entries"),
                    count(vfork.tables, "table frame", "table frames")));
  }

  // Tells the number of the first kind that ran, and how those of the others differ.
  template <class Get>
  void compare(std::string_view what, Get get) {
    const std::uint64_t first = get(columns_[ran_.front()].cost);
    if (std::ranges::all_of(ran_, [&](std::size_t kind) { return get(columns_[kind].cost) == first; }))
      return say(fmt::format("{}: {}, the same with each.", what, first));
    std::string sentence = fmt::format("{}: {} with {}", what, first, kNames[ran_.front()]);
    for (std::size_t i = 1; i < ran_.size(); ++i) {
      const std::uint64_t other = get(columns_[ran_[i]].cost);
      std::string names(kNames[ran_[i]]);
      if (i + 1 < ran_.size() && get(columns_[ran_[i + 1]].cost) == other)
        names += fmt::format(" or {}", kNames[ran_[++i]]);
      sentence += fmt::format(", {}", difference(first, other, names));
    }
    say(sentence + ".");
  }

  const std::array<ForkColumn, kForkKinds>& columns_;
  std::vector<std::size_t> ran_;  // kinds, without those that were stopped
  std::string text_;
};

}  // namespace

ForkCost cost_of(const Counters& before, const Counters& after, const Gauges& gauges) {
  ForkCost cost{.forks = after.syscall.fork,
                .pages_copied = after.fork.pages_copied - before.fork.pages_copied,
                .entries_copied = after.fork.ptes_copied - before.fork.ptes_copied,
                .tables = after.fork.tables_allocated - before.fork.tables_allocated,
                .frames_peak = gauges.frames_peak,
                .tables_peak = gauges.tables_peak,
                .validity_faults = after.vfault.total() - before.vfault.total(),
                .protection_faults = after.pfault.total() - before.pfault.total(),
                .copied = after.pfault.copied - before.pfault.copied,
                .kept = after.pfault.kept - before.pfault.kept};
  const std::uint64_t swapped = after.swap.reads - before.swap.reads + after.swap.writes - before.swap.writes;
  cost.bytes = (cost.pages_copied + cost.copied + swapped) * kPageSize + cost.entries_copied * kEntryBytes;
  return cost;
}

std::string comparison_text(const std::array<ForkColumn, kForkKinds>& columns, bool forks) {
  Table table(
      {{"", Align::Left}, {kHeadings[0], Align::Right}, {kHeadings[1], Align::Right}, {kHeadings[2], Align::Right}});
  const auto add = [&](std::string_view name, auto&& cell) {
    table.add({std::string(name), cell(columns[0]), cell(columns[1]), cell(columns[2])});
  };
  const auto ran = [](const ForkColumn& column) { return column.stopped.empty(); };
  if (!std::ranges::all_of(columns, ran))
    add("stopped at", [&](const ForkColumn& column) { return ran(column) ? std::string("-") : column.stopped; });
  for (const Row& row : kRows)
    add(row.name, [&](const ForkColumn& column) {
      return ran(column) ? fmt::format("{}", column.cost.*row.value) : std::string("-");
    });

  std::string said;
  for (std::size_t i = 0; i < kForkKinds; ++i) {
    for (const std::string& what : columns[i].said) said += paragraph(fmt::format("{}: ", kHeadings[i]), what);
  }
  const std::string words = forks ? Words(columns).text() : "The workload never forks: there is nothing to compare.\n";
  std::string text = table.text();
  for (const std::string& part : {said, words}) text += part.empty() ? "" : "\n" + part;
  return text;
}

}  // namespace bachsim
