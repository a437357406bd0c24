#include "sim/report/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "regions/config.h"
#include "sim/machine/types.h"
#include "sim/report/json_writer.h"
#include "sim/report/table.h"

namespace bachsim {
namespace {

constexpr std::array<std::string_view, kForkModes> kHeadings{"fork=cow", "fork=copy", "fork=vfork"};
constexpr std::array<std::string_view, kForkModes> kNames{"copy on write", "the copying fork", "vfork"};

struct Row {
  std::string_view heading;
  std::string_view number;
};
constexpr std::array kRows{Row{"pages copied by fork", "fork.pages_copied"},
                           Row{"table entries copied", "fork.ptes_copied"},
                           Row{"table frames taken by fork", "fork.tables_allocated"},
                           Row{"frames at peak", "frames.peak"},
                           Row{"table frames at peak", "tables.peak"},
                           Row{"validity faults afterwards", "vfault.total"},
                           Row{"protection faults afterwards", "pfault.total"},
                           Row{"  that copied the page", "pfault.copied"},
                           Row{"  that kept the frame", "pfault.kept"}};

std::uint64_t number(const ForkColumn& column, std::string_view name) {
  const auto row = std::ranges::find(column.numbers, name, &NumberRow::name);
  return row == column.numbers.end() ? 0 : row->value;
}

std::uint64_t bytes_moved(const ForkColumn& column) {
  constexpr std::uint64_t kEntryBytes = 16;  // a PTE and the dbd beside it
  return kEntryBytes * number(column, "fork.ptes_copied") +
         kPageSize * (number(column, "fork.pages_copied") + number(column, "pfault.copied") +
                      number(column, "swap.reads") + number(column, "swap.writes"));
}

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

class Conclusions {
 public:
  explicit Conclusions(const ForkColumns& columns) : columns_(columns) {
    for (std::size_t i = 0; i < kForkModes; ++i) {
      if (columns[i].stopped.empty()) ran_.push_back(i);
    }
  }

  // Sentences.
  std::vector<std::string> sentences() {
    if (ran_.size() < 2) return {};
    if (all_are_0("syscall.fork")) vfork_statements();
    if (ran(ForkMode::Cow) && ran(ForkMode::Copy)) page_copies();
    if (ran(ForkMode::Vfork)) vfork_copies();
    compare("Table frames at peak", [](const ForkColumn& column) { return number(column, "tables.peak"); });
    compare("Frames at peak", [](const ForkColumn& column) { return number(column, "frames.peak"); });
    compare("Page faults after the fork",
            [](const ForkColumn& column) { return number(column, "vfault.total") + number(column, "pfault.total"); });
    compare("Bytes moved", bytes_moved);
    return std::move(sentences_);
  }

 private:
  [[nodiscard]] const ForkColumn& column(ForkMode mode) const { return columns_[static_cast<std::size_t>(mode)]; }
  [[nodiscard]] bool ran(ForkMode mode) const { return column(mode).stopped.empty(); }
  [[nodiscard]] bool all_are_0(std::string_view name) const {
    return std::ranges::all_of(ran_, [&](std::size_t mode) { return number(columns_[mode], name) == 0; });
  }

  void say(std::string sentence) { sentences_.push_back(std::move(sentence)); }

  // A fork takes table frames; a vfork statement that shares the space takes none.
  void vfork_statements() {
    say(all_are_0("fork.tables_allocated")
            ? "The workload forks by vfork statements only, and these share the space with each."
            : "The workload forks by vfork statements only. `machine vfork=fork` makes forks of them, except under "
              "fork=vfork.");
  }

  void page_copies() {
    const std::uint64_t at_once = number(column(ForkMode::Copy), "fork.pages_copied");
    const std::uint64_t eager = at_once + number(column(ForkMode::Copy), "pfault.copied");
    const std::uint64_t at_fork = number(column(ForkMode::Cow), "fork.pages_copied");
    const std::uint64_t lazy = at_fork + number(column(ForkMode::Cow), "pfault.copied");
    if (lazy == 0 && eager == 0) return say("Neither the copying fork nor copy on write copied a page.");
    std::string result = "none saved";
    if (lazy < eager)
      result = fmt::format("{} saved", count(eager - lazy, "copy", "copies"));
    else if (lazy > eager)
      result = fmt::format("{} more", count(lazy - eager, "copy", "copies"));
    std::string later = count(lazy, "page", "pages");
    if (at_fork == 0 && lazy > 0) later += lazy == 1 ? ", when it was written to" : ", when they were written to";
    say(fmt::format("The copying fork copied {} at once. Copy on write copied {}: {}.", count(at_once, "page", "pages"),
                    later, result));
  }

  void vfork_copies() {
    const ForkColumn& vfork = column(ForkMode::Vfork);
    say(fmt::format("vfork copied {} and {}, and took {}; what its child stored before its exec, the parent has.",
                    count(number(vfork, "fork.pages_copied"), "page", "pages"),
                    count(number(vfork, "fork.ptes_copied"), "table entry", "table entries"),
                    count(number(vfork, "fork.tables_allocated"), "table frame", "table frames")));
  }

  // Tells the number of the first that ran, and how those of the others differ.
  void compare(std::string_view what, std::uint64_t (*get)(const ForkColumn&)) {
    const std::uint64_t first = get(columns_[ran_.front()]);
    if (std::ranges::all_of(ran_, [&](std::size_t mode) { return get(columns_[mode]) == first; }))
      return say(fmt::format("{}: {}, the same with each.", what, first));
    std::string sentence = fmt::format("{}: {} with {}", what, first, kNames[ran_.front()]);
    for (std::size_t i = 1; i < ran_.size(); ++i) {
      const std::uint64_t other = get(columns_[ran_[i]]);
      std::string names(kNames[ran_[i]]);
      if (i + 1 < ran_.size() && get(columns_[ran_[i + 1]]) == other) names += fmt::format(" or {}", kNames[ran_[++i]]);
      sentence += fmt::format(", {}", difference(first, other, names));
    }
    say(sentence + ".");
  }

  const ForkColumns& columns_;
  std::vector<std::size_t> ran_;  // ForkModes, without those that were stopped
  std::vector<std::string> sentences_;
};

constexpr std::string_view kNoFork = "The workload never forks: there is nothing to compare.";

}  // namespace

std::string comparison_text(const ForkColumns& columns, bool forks, std::size_t width) {
  Table table(
      {{"", Align::Left}, {kHeadings[0], Align::Right}, {kHeadings[1], Align::Right}, {kHeadings[2], Align::Right}},
      width);
  const auto add = [&](std::string_view name, auto&& cell) {
    table.add({std::string(name), cell(columns[0]), cell(columns[1]), cell(columns[2])});
  };
  const auto ran = [](const ForkColumn& column) { return column.stopped.empty(); };
  if (!std::ranges::all_of(columns, ran))
    add("stopped at", [&](const ForkColumn& column) { return ran(column) ? std::string("-") : column.stopped; });
  const auto add_numbers = [&](std::string_view name, auto&& get) {
    add(name, [&](const ForkColumn& column) { return ran(column) ? std::to_string(get(column)) : "-"; });
  };
  for (const Row& row : kRows)
    add_numbers(row.heading, [&](const ForkColumn& column) { return number(column, row.number); });
  add_numbers("bytes moved", bytes_moved);

  std::string said;
  for (std::size_t i = 0; i < kForkModes; ++i) {
    for (const std::string& what : columns[i].said) said += paragraph(fmt::format("{}: ", kHeadings[i]), what, width);
  }
  std::string words = forks ? "" : paragraph("", kNoFork, width);
  if (forks) {
    for (const std::string& sentence : Conclusions(columns).sentences()) words += paragraph("- ", sentence, width);
  }
  std::string text = table.text();
  for (const std::string& part : {said, words}) text += part.empty() ? "" : "\n" + part;
  return text;
}

void write_comparison(Sink& sink, const ForkColumns& columns, bool forks, std::string_view script,
                      std::string_view title) {
  const Sources none;
  JsonWriter json(sink, none);
  const auto put_column = [&](std::size_t i) {
    const ForkColumn& column = columns.at(i);
    json.member("fork", kHeadings.at(i).substr(kHeadings.at(i).find('=') + 1));
    json.member("stopped", column.stopped.empty() ? Field(kNothing) : Field(column.stopped));
    json.member("remarks", column.said);
    if (!column.run.empty()) json.object_of_json("run", column.run);
    json.key("numbers");
    if (!column.stopped.empty()) return json.put(kNothing);
    json.object([&] {
      for (const Row& row : kRows) json.member(row.number, number(column, row.number));
      json.member("bytes_moved", bytes_moved(column));
    });
  };
  json.object([&] {
    json.member("format", std::int64_t{1});
    json.member("title", title);
    json.member("script", script);
    json.member("status", "ok");
    json.key("comparison");
    json.array([&] {
      for (std::size_t i = 0; i < kForkModes; ++i) json.object([&] { put_column(i); });
    });
    json.member("conclusions", forks ? Conclusions(columns).sentences() : std::vector{std::string(kNoFork)});
  });
  json.hand_on();
  sink.write("\n");
}

}  // namespace bachsim
