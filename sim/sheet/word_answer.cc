#include "sim/sheet/word_answer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "sim/sheet/answer.h"

namespace bachsim {
namespace {

using Words = std::vector<std::string>;

Words split_joined(std::string_view text) {
  Words words(1);
  for (const char c : joined(text)) {
    if (c == '_')
      words.emplace_back();
    else
      words.back() += c;
  }
  return words;
}

// What says the same as a known word; of states in Bach's words, too. Longer ones first.
constexpr auto kSame = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"_ready_to_run_", "_ready_"},
    {"_in_memory_", "_"},
    {"_swapped_in_", "_"},
    {"_swapped_out_", "_swapped_"},
    {"_on_swap_", "_swapped_"},
    {"_on_disk_", "_swapped_"},
    {"_sleeping_", "_asleep_"},
    {"_swapped_swapped_", "_swapped_"},
    {"_swapped_ready_", "_ready_swapped_"},
    {"_swapped_asleep_", "_asleep_swapped_"},
    {"_lock_of_region_", "_lock_"},
    {"_region_lock_", "_lock_"},
    {"_contents_of_frame_", "_contents_"},
    {"_frame_contents_", "_contents_"},
    {"_free_frame_", "_frame_"},
    {"_transfer_from_swap_", "_transfer_"},
    {"_of_", "_"},
});

// The known word that this says from its first word to its last.
std::optional<std::string> known_word(std::string_view text, const Blank& blank, const Words& known) {
  static constexpr auto kIdle = std::to_array<std::string_view>(
      {"a", "an", "the", "it", "its", "s", "is", "still", "again", "and", "error", "errno", "state", "process"});
  const Words asked = split_joined(blank.asks);
  constexpr std::size_t kMost = 12;  // words that say one of them
  std::string words = "_";
  std::size_t count = 0;
  for (const std::string& word : split_joined(text)) {
    if (is_one_of(word, kIdle) || (count == 0 && std::ranges::find(asked, word) != asked.end())) continue;
    if (++count > kMost) return std::nullopt;
    words += word + "_";
  }
  for (const auto& [written, means] : kSame)
    for (std::size_t at = words.find(written); at != std::string::npos; at = words.find(written))
      words.replace(at, written.size(), means);
  const auto found = std::ranges::find_if(known, [&](const std::string& each) { return words == "_" + each + "_"; });
  return found == known.end() ? std::nullopt : std::optional(*found);
}

// Whether people tell with such a word where a process is, and whether it sleeps or lives. `state`: the one that they
// have named, which the word may explain.
bool tells_state(std::string_view word, const std::string& state) {
  static constexpr auto kPlaces = std::to_array<std::string_view>(
      {"swap", "disk", "stor", "evict", "page", "out", "memor", "core", "resident", "ram", "run"});
  static constexpr auto kSleeps = std::to_array<std::string_view>({"sleep", "wait", "block", "suspend"});
  static constexpr auto kEnds = std::to_array<std::string_view>({"kill", "exit", "end", "dead", "no", "never"});
  const auto begins = [word](const auto& with) {
    return std::ranges::any_of(with, [&](std::string_view each) { return word.starts_with(each); });
  };
  const bool ends = state == "zombie" || state == "reaped";
  return begins(kPlaces) || (!ends && (begins(kEnds) || (begins(kSleeps) && !state.starts_with("asleep"))));
}

// What stands behind an answer may say another.
void refuse_others(std::string_view behind, const std::string& said, const Words& known, Kind kind) {
  const Words of_said = split_joined(said);
  const bool no_error = joined(behind).contains("no_error") || joined(behind).contains("success");
  if (kind == Kind::Errno && no_error) throw UnclearAnswer{"it may be an error or none"};
  for (const std::string& word : split_joined(behind)) {
    const bool is_another = word != said && std::ranges::find(known, word) != known.end();
    if (!is_another && std::ranges::find(of_said, word) != of_said.end()) continue;
    if (is_another || (kind == Kind::State && tells_state(word, said)))
      throw UnclearAnswer{fmt::format("`{}` may say another than {}", word, said)};
  }
}

}  // namespace

std::string joined(std::string_view text) {
  std::string words;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c))
      words += lower(c);
    else if (!words.empty() && words.back() != '_')
      words += '_';
  }
  while (words.ends_with('_')) words.pop_back();
  return words;
}

std::string read_word(std::string_view text, const Blank& blank) {
  Words known;
  for (const std::string_view each : words_of(blank.kind)) known.push_back(joined(each));
  const bool one_side = text.find_first_of("/<>!~+&|?") == std::string_view::npos;
  if (const auto said = known_word(text, blank, known); said && one_side) return *said;
  const std::size_t end = std::min(text.find_first_of(",;(", 1), text.find(" - ", 1));
  const auto said = known_word(text.substr(0, end), blank, known);
  if (!said || !one_side) throw UnclearAnswer{fmt::format("one of these is wanted: {}", fmt::join(known, ", "))};
  refuse_others(text.substr(std::min(end, text.size())), *said, known, blank.kind);
  return *said;
}

}  // namespace bachsim
