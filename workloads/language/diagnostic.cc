#include "workloads/language/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "workloads/language/characters.h"

namespace bachsim {
namespace {

// Bytes that are shown of a long line, the place among them.
constexpr std::size_t kWidth = 120;
constexpr std::size_t kLongestName = 1024;  // of a file

// The line, or the part of it around the place, and a caret under the place.
std::string excerpt(std::string_view line, std::size_t at) {
  std::size_t begin = 0;
  if (line.size() > kWidth && at > kWidth / 2) begin = std::min(at - kWidth / 2, line.size() - kWidth);
  begin = character_start(line, begin);
  const std::size_t end = character_start(line, std::min(line.size(), begin + kWidth));

  std::string shown(begin > 0 ? "..." : "");
  std::string caret(shown.size(), ' ');
  for (std::size_t i = begin; i < end;) {
    const std::size_t length = character_at(line, i);
    const bool tab = line[i] == '\t';
    shown += tab ? std::string_view("\t") : length == 0 ? std::string_view("?") : line.substr(i, length);
    if (i < at) caret += tab ? '\t' : ' ';
    i += std::max<std::size_t>(length, 1);
  }
  if (end < line.size()) shown += "...";
  return fmt::format("{}\n{}^\n", shown, caret);
}

std::string render_line(const ForeignLine& line, std::string_view kind, std::string_view what) {
  return fmt::format("{}:{}:{}: {}: {}\n{}", shortened(printable(line.file), kLongestName), line.line, line.column,
                     kind, printable(cut_message(what), true), excerpt(line.text, line.at));
}

std::string render_one(const Sources& sources, Place place, std::string_view kind, std::string_view what) {
  const Sources::Position at = sources.find(place);
  return fmt::format("{}:{}:{}: {}: {}\n{}", shortened(printable(sources.name(at.file)), kLongestName), at.line,
                     at.column, kind, printable(cut_message(what), true), excerpt(at.text, at.column - 1));
}

constexpr std::size_t kLongestMisspelt = 40;  // nobody misspells longer words, but generators write them

// Insertions, deletions, changes and swaps of neighbours that turn one word into the other.
// REQUIRES: neither is longer than kLongestMisspelt
std::size_t edit_distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, kLongestMisspelt + 1>;
  std::array<Row, 3> rows;
  std::iota(rows[0].begin(), rows[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const Row& row = rows[(i - 1) % 3];
    Row& next = rows[i % 3];
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        next[j] = std::min(next[j], rows[(i - 2) % 3][j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string cut_message(std::string_view what) {
  constexpr std::size_t kLongestWord = 80;
  constexpr std::size_t kLongest = 600;
  std::string text;
  for (std::size_t at = 0; at < what.size();) {
    const std::size_t end = std::min(what.find(' ', at), what.size());
    text += shortened(what.substr(at, end - at), kLongestWord);
    text += end < what.size() ? " " : "";
    at = end + 1;
  }
  return shortened(text, kLongest);
}

std::string render(const Sources& sources, const Diagnostic& diagnostic, std::string_view kind) {
  std::string text = render_one(sources, diagnostic.place, kind, diagnostic.what);
  for (const Note& note : diagnostic.notes) {
    text += note.elsewhere ? render_line(*note.elsewhere, "note", note.what)
                           : render_one(sources, note.place, "note", note.what);
  }
  return text;
}

std::string_view near_miss(std::string_view word, const std::vector<std::string_view>& known) {
  constexpr std::size_t kMostCompared = 10'000;  // of those whose length is near
  std::string_view best;
  std::size_t best_distance = word.size() < 8 ? 2 : word.size() < 12 ? 3 : 4;  // one too far
  std::size_t compared = 0;
  if (word.size() > kLongestMisspelt) return best;
  for (const std::string_view candidate : known) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    if (longer > kLongestMisspelt || longer - std::min(word.size(), candidate.size()) >= best_distance) continue;
    if (++compared > kMostCompared) break;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance < longer) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
  const std::string_view best = near_miss(word, known);
  return best.empty() ? std::string() : fmt::format("; did you mean `{}`?", best);
}

}  // namespace bachsim
