#include "workloads/language/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace bachsim {
namespace {

// What is shown of a long line: this many bytes, the place among them.
constexpr std::size_t kWidth = 120;

// Where the character begins that the byte at `at` is part of: `at` itself for what is no character.
std::size_t character_start(std::string_view line, std::size_t at) {
  for (std::size_t back = 1; back <= 3 && back <= at && at < line.size(); ++back) {
    if (character_at(line, at - back) > back)
      return at - back;
  }
  return at;
}

// The line, or the part of it around the place, and a caret under the place.
std::string excerpt(std::string_view line, std::size_t at) {
  std::size_t begin = 0;
  if (line.size() > kWidth && at > kWidth / 2)
    begin = std::min(at - kWidth / 2, line.size() - kWidth);
  begin = character_start(line, begin);
  const std::size_t end = character_start(line, std::min(line.size(), begin + kWidth));

  std::string shown(begin > 0 ? "..." : "");
  std::string caret(shown.size(), ' ');
  for (std::size_t i = begin; i < end;) {
    const std::size_t length = character_at(line, i);
    const bool tab = line[i] == '\t';
    shown += tab ? std::string_view("\t") : length == 0 ? std::string_view("?") : line.substr(i, length);
    if (i < at)
      caret += tab ? '\t' : ' ';
    i += std::max<std::size_t>(length, 1);
  }
  if (end < line.size())
    shown += "...";
  return fmt::format("{}\n{}^\n", shown, caret);
}

std::string render_one(const Sources& sources, Place place, std::string_view kind, std::string_view what) {
  const Sources::Position at = sources.find(place);
  return fmt::format("{}:{}:{}: {}: {}\n{}", sources.name(at.file), at.line, at.column, kind, what,
                     excerpt(at.text, at.column - 1));
}

// Insertions, deletions, changes and swaps of neighbours that turn one word into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before;
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> next(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before = std::move(row);
    row = std::move(next);
  }
  return row[b.size()];
}

}  // namespace

std::string render(const Sources& sources, const Diagnostic& diagnostic, std::string_view kind) {
  std::string text = render_one(sources, diagnostic.place, kind, diagnostic.what);
  for (const Note& note : diagnostic.notes)
    text += render_one(sources, note.place, "note", note.what);
  return text;
}

std::string_view near_miss(std::string_view word, const std::vector<std::string_view>& known) {
  constexpr std::size_t kLongest = 40;  // nobody misspells longer words, but generators write them
  std::string_view best;
  std::size_t best_distance = word.size() < 8 ? 2 : word.size() < 12 ? 3 : 4;  // one too far
  if (word.size() > kLongest)
    return best;
  for (const std::string_view candidate : known) {
    if (candidate.size() > kLongest)
      continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance < std::max(word.size(), candidate.size())) {
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
