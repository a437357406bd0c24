#include "sim/report/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "sim/machine/types.h"
#include "sim/report/json_writer.h"
#include "sim/report/table.h"

namespace bachsim {
namespace {

// As sentences name them.
struct ForkName {
  std::string_view value;
  std::string_view name;
};
constexpr std::array kForkNames{ForkName{"cow", "copy on write"}, ForkName{"copy", "the copying fork"},
                                ForkName{"vfork", "vfork"}};

constexpr std::size_t kMostTold = 4;  // runs whose differences are put into words

enum class In : std::uint8_t { Each, ForksOnly, OthersOnly };  // comparisons of forks, and all others
struct Row {
  std::string_view heading;
  std::string_view number;
  In in = In::Each;
};
constexpr std::array kRows{Row{"pages copied by fork", "fork.pages_copied"},
                           Row{"table entries copied", "fork.ptes_copied"},
                           Row{"table frames taken by fork", "fork.tables_allocated"},
                           Row{"frames at peak", "frames.peak"},
                           Row{"table frames at peak", "tables.peak"},
                           Row{"validity faults afterwards", "vfault.total", In::ForksOnly},
                           Row{"protection faults afterwards", "pfault.total", In::ForksOnly},
                           Row{"validity faults", "vfault.total", In::OthersOnly},
                           Row{"protection faults", "pfault.total", In::OthersOnly},
                           Row{"  that copied the page", "pfault.copied"},
                           Row{"  that kept the frame", "pfault.kept"},
                           Row{"pages stolen", "stealer.stolen", In::OthersOnly},
                           Row{"blocks read from swap", "swap.reads", In::OthersOnly},
                           Row{"blocks written to swap", "swap.writes", In::OthersOnly}};

constexpr std::size_t kHeadingWidth =
    std::ranges::max(kRows, {}, [](const Row& row) { return row.heading.size(); }).heading.size();

// `do_row(row)` for each row of this comparison.
template <class DoRow>
void for_rows(const Comparison& comparison, DoRow&& do_row) {
  for (const Row& row : kRows)
    if (row.in == In::Each || (row.in == In::ForksOnly) == comparison.of_forks) do_row(row);
}

std::uint64_t number(const ComparedRun& run, std::string_view name) {
  const auto row = std::ranges::find(run.numbers, name, &NumberRow::name);
  return row == run.numbers.end() ? 0 : row->value;
}

std::uint64_t bytes_moved(const ComparedRun& run) {
  constexpr std::uint64_t kEntryBytes = 16;  // a PTE and the dbd beside it
  return kEntryBytes * number(run, "fork.ptes_copied") +
         kPageSize * (number(run, "fork.pages_copied") + number(run, "pfault.copied") + number(run, "swap.reads") +
                      number(run, "swap.writes"));
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
  explicit Conclusions(const Comparison& comparison) : comparison_(comparison) {
    for (const ComparedRun& run : comparison.runs) {
      if (run.stopped.empty()) ran_.push_back(&run);
    }
  }

  // Sentences.
  std::vector<std::string> sentences() {
    if (comparison_.of_forks && !comparison_.forks) return {"The workload never forks: there is nothing to compare."};
    if (ran_.size() < 2 || ran_.size() > kMostTold) return {};
    if (comparison_.of_forks) forks();
    compare("Table frames at peak", [](const ComparedRun& run) { return number(run, "tables.peak"); });
    compare("Frames at peak", [](const ComparedRun& run) { return number(run, "frames.peak"); });
    compare(comparison_.of_forks ? "Page faults after the fork" : "Page faults",
            [](const ComparedRun& run) { return number(run, "vfault.total") + number(run, "pfault.total"); });
    compare("Bytes moved", bytes_moved);
    return std::move(sentences_);
  }

 private:
  // The run with this kind of fork; nullptr if there is none, or it was stopped.
  [[nodiscard]] const ComparedRun* with_fork(std::string_view fork) const {
    const auto found =
        std::ranges::find_if(ran_, [fork](const ComparedRun* run) { return run->settings.front().second == fork; });
    return found == ran_.end() ? nullptr : *found;
  }
  [[nodiscard]] bool all_are_0(std::string_view name) const {
    return std::ranges::all_of(ran_, [name](const ComparedRun* run) { return number(*run, name) == 0; });
  }
  [[nodiscard]] std::string name_of(const ComparedRun& run) const {
    const auto fork = std::ranges::find(kForkNames, run.settings.front().second, &ForkName::value);
    return comparison_.of_forks && fork != kForkNames.end() ? std::string(fork->name) : settings_text(run);
  }

  void say(std::string sentence) { sentences_.push_back(std::move(sentence)); }

  void forks() {
    if (all_are_0("syscall.fork")) vfork_statements();
    const ComparedRun* const cow = with_fork("cow");
    const ComparedRun* const copy = with_fork("copy");
    if (cow != nullptr && copy != nullptr) page_copies(*cow, *copy);
    if (const ComparedRun* const vfork = with_fork("vfork")) vfork_copies(*vfork);
  }

  // A fork takes table frames; a vfork statement that shares the space takes none.
  void vfork_statements() {
    say(all_are_0("fork.tables_allocated")
            ? "The workload forks by vfork statements only, and these share the space with each."
            : "The workload forks by vfork statements only. `machine vfork=fork` makes forks of them, except under "
              "fork=vfork.");
  }

  void page_copies(const ComparedRun& cow, const ComparedRun& copy) {
    const std::uint64_t at_once = number(copy, "fork.pages_copied");
    const std::uint64_t eager = at_once + number(copy, "pfault.copied");
    const std::uint64_t at_fork = number(cow, "fork.pages_copied");
    const std::uint64_t lazy = at_fork + number(cow, "pfault.copied");
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

  void vfork_copies(const ComparedRun& vfork) {
    say(fmt::format("vfork copied {} and {}, and took {}; what its child stored before its exec, the parent has.",
                    count(number(vfork, "fork.pages_copied"), "page", "pages"),
                    count(number(vfork, "fork.ptes_copied"), "table entry", "table entries"),
                    count(number(vfork, "fork.tables_allocated"), "table frame", "table frames")));
  }

  // Tells the number of the first that ran, and how those of the others differ.
  void compare(std::string_view what, std::uint64_t (*get)(const ComparedRun&)) {
    const std::uint64_t first = get(*ran_.front());
    if (std::ranges::all_of(ran_, [&](const ComparedRun* run) { return get(*run) == first; }))
      return say(fmt::format("{}: {}, the same with each.", what, first));
    std::string sentence = fmt::format("{}: {} with {}", what, first, name_of(*ran_.front()));
    for (std::size_t i = 1; i < ran_.size(); ++i) {
      const std::uint64_t other = get(*ran_[i]);
      std::string names = name_of(*ran_[i]);
      if (i + 1 < ran_.size() && get(*ran_[i + 1]) == other) names += fmt::format(" or {}", name_of(*ran_[++i]));
      sentence += fmt::format(", {}", difference(first, other, names));
    }
    say(sentence + ".");
  }

  const Comparison& comparison_;
  std::vector<const ComparedRun*> ran_;  // without those that were stopped
  std::vector<std::string> sentences_;
};

bool ran(const ComparedRun& run) { return run.stopped.empty(); }

// The first setting is a column's heading, and each further one has a row.
std::string table_text(const Comparison& comparison, std::size_t width) {
  const std::vector<ComparedRun>& runs = comparison.runs;
  std::vector<std::string> headings;
  for (const ComparedRun& run : runs)
    headings.push_back(fmt::format("{}={}", run.settings.front().first, run.settings.front().second));
  std::vector<TableColumn> columns{{"", Align::Right}};  // the left one; it is padded here, as none is to be cut
  for (const std::string& heading : headings) columns.push_back({heading, Align::Right});
  Table table(std::move(columns), width);
  const auto add = [&](std::string_view name, auto&& cell) {
    std::vector<std::string> cells{fmt::format("{:<{}}", name, kHeadingWidth)};
    for (const ComparedRun& run : runs) cells.push_back(cell(run));
    table.add(std::move(cells));
  };
  for (std::size_t i = 1; i < runs.front().settings.size(); ++i)
    add(runs.front().settings[i].first, [i](const ComparedRun& run) { return run.settings[i].second; });
  if (!std::ranges::all_of(runs, ran))
    add("stopped at", [](const ComparedRun& run) { return ran(run) ? std::string("-") : run.stopped; });
  const auto add_numbers = [&](std::string_view name, auto&& get) {
    add(name, [&](const ComparedRun& run) { return ran(run) ? std::to_string(get(run)) : "-"; });
  };
  for_rows(comparison, [&](const Row& row) {
    add_numbers(row.heading, [&](const ComparedRun& run) { return number(run, row.number); });
  });
  add_numbers("bytes moved", bytes_moved);
  return table.text();
}

}  // namespace

std::string settings_text(const ComparedRun& run) {
  std::string text;
  for (const auto& [key, value] : run.settings) text += fmt::format("{}{}={}", text.empty() ? "" : " ", key, value);
  return text;
}

std::string comparison_text(const Comparison& comparison, std::size_t width) {
  std::string said;
  for (const ComparedRun& run : comparison.runs) {
    for (const std::string& what : run.said) said += paragraph(fmt::format("{}: ", settings_text(run)), what, width);
  }
  std::string words;
  const bool compared = !comparison.of_forks || comparison.forks;
  for (const std::string& sentence : Conclusions(comparison).sentences())
    words += paragraph(compared ? "- " : "", sentence, width);
  std::string text = table_text(comparison, width);
  for (const std::string& part : {said, words}) text += part.empty() ? "" : "\n" + part;
  return text;
}

void write_comparison(Sink& sink, const Comparison& comparison, std::string_view script, std::string_view title) {
  const Sources none;
  JsonWriter json(sink, none);
  const auto put_settings = [&](const ComparedRun& run) {
    if (comparison.of_forks) return json.member("fork", run.settings.front().second);
    json.key("settings");
    json.array([&] {
      for (const auto& [key, value] : run.settings) {
        json.object([&] {
          json.member("key", key);
          json.member("value", value);
        });
      }
    });
  };
  const auto put_run = [&](const ComparedRun& run) {
    put_settings(run);
    json.member("stopped", ran(run) ? Field(kNothing) : Field(run.stopped));
    json.member("remarks", run.said);
    if (!run.run.empty()) json.object_of_json("run", run.run);
    json.key("numbers");
    if (!ran(run)) return json.put(kNothing);
    json.object([&] {
      for_rows(comparison, [&](const Row& row) { json.member(row.number, number(run, row.number)); });
      json.member("bytes_moved", bytes_moved(run));
    });
  };
  json.object([&] {
    json.member("format", std::int64_t{1});
    json.member("title", title);
    json.member("script", script);
    json.member("status", "ok");
    json.key("comparison");
    json.array([&] {
      for (const ComparedRun& run : comparison.runs) json.object([&] { put_run(run); });
    });
    json.member("conclusions", Conclusions(comparison).sentences());
  });
  json.hand_on();
  sink.write("\n");
}

}  // namespace bachsim
