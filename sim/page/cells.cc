#include "sim/page/cells.h"

#include <algorithm>
#include <functional>
#include <span>

#include "sim/page/json_text.h"

namespace bachsim {
namespace {

bool follows(const Cell& a, const Cell& b) {
  return a.kind == b.kind && (a.kind == Cell::Kind::Number || a.kind == Cell::Kind::Numbered) && a.text == b.text &&
         b.number == a.number + 1;
}

// How a column's values go on from row to row.
enum class Way : std::uint8_t { Same, Counts, Other };

Way way(const Cell& a, const Cell& b) { return a == b ? Way::Same : follows(a, b) ? Way::Counts : Way::Other; }

// A value that holds for several rows: as it is, or in an array if it counts on.
void put(JsonText& json, const Cell& first, Way way) {
  const bool counts = way == Way::Counts;
  if (counts) json.StartArray();
  switch (first.kind) {
    case Cell::Kind::Nothing:
      json.Null();
      break;
    case Cell::Kind::Number:
      json.Int64(first.number);
      break;
    case Cell::Kind::Text:
      json.put(first.text);
      break;
    case Cell::Kind::Numbered:
      json.put(counts ? first.text : first.text + std::to_string(first.number));
      if (counts) json.Int64(first.number);
      break;
  }
  if (counts) json.EndArray();
}

// Several rows, numbers one behind the other, whose values go on in one way: a run. `first` and `next` say how its
// second row follows its first.
template <class GoesOn>
std::size_t run_length(std::span<const CellChange> changes, GoesOn&& goes_on) {
  std::size_t length = 1;
  while (length < changes.size() && changes[length].row == changes[length - 1].row + 1 && goes_on(length)) ++length;
  return length;
}

std::vector<Way> ways(const Cells& a, const Cells& b) {
  std::vector<Way> result;
  for (std::size_t i = 0; i < a.size(); ++i) result.push_back(way(a[i], b[i]));
  return result;
}

// Whole rows: `[number, count, value ...]`, one run each.
void put_rows(JsonText& json, std::span<const CellChange> changes, Cells CellChange::*side) {
  while (!changes.empty()) {
    const Cells& first = changes.front().*side;
    std::vector<Way> how(first.size(), Way::Same);
    const std::size_t length = run_length(changes, [&](std::size_t i) {
      const auto now = ways(changes[i - 1].*side, changes[i].*side);
      if (i == 1) how = now;
      return std::ranges::find(now, Way::Other) == now.end() && now == how;
    });
    if (length == 1) how.assign(first.size(), Way::Same);
    json.StartArray();
    json.Uint64(changes.front().row);
    json.Uint64(length);
    for (std::size_t i = 0; i < first.size(); ++i) put(json, first[i], how[i]);
    json.EndArray();
    changes = changes.subspan(length);
  }
}

struct Step {
  std::size_t column = 0;
  Way was = Way::Same;
  Way is = Way::Same;
  bool adds = false;  // values differ, but all by the same number
  friend bool operator==(const Step&, const Step&) = default;
};

bool numbers(const Cell& was, const Cell& is) {
  return was.kind == Cell::Kind::Number && is.kind == Cell::Kind::Number;
}

// The columns in which a row changed, and how they go on from those of the row before; none if they do not.
std::vector<Step> steps(const CellChange& last, const CellChange& now) {
  std::vector<Step> result;
  for (std::size_t i = 0; i < now.before.size(); ++i) {
    const bool moved = now.before[i] != now.after[i];
    if (moved != (last.before[i] != last.after[i])) return {};
    if (!moved) continue;
    Step step{.column = i, .was = way(last.before[i], now.before[i]), .is = way(last.after[i], now.after[i])};
    if (step.was == Way::Other || step.is == Way::Other) {
      step = {.column = i, .adds = true};
      if (!numbers(last.before[i], last.after[i]) || !numbers(now.before[i], now.after[i])) return {};
      if (last.after[i].number - last.before[i].number != now.after[i].number - now.before[i].number) return {};
    }
    result.push_back(step);
  }
  return result;
}

// Changed rows: `[number, count, column, was, is, ...]`, one run each; `{"+": n}, 0` for what was added to numbers.
void put_changed(JsonText& json, std::span<const CellChange> changes) {
  while (!changes.empty()) {
    const CellChange& first = changes.front();
    std::vector<Step> how;
    const std::size_t length = run_length(changes, [&](std::size_t i) {
      const auto now = steps(changes[i - 1], changes[i]);
      if (i == 1) how = now;
      return !now.empty() && now == how;
    });
    if (length == 1) {
      how.clear();
      for (std::size_t i = 0; i < first.before.size(); ++i) {
        if (first.before[i] != first.after[i]) how.push_back({.column = i});
      }
    }
    json.StartArray();
    json.Uint64(first.row);
    json.Uint64(length);
    for (const Step& step : how) {
      json.Uint64(step.column);
      if (step.adds) {
        json.StartObject();
        json.Key("+");
        json.Int64(first.after[step.column].number - first.before[step.column].number);
        json.EndObject();
        json.Int(0);
        continue;
      }
      put(json, first.before[step.column], step.was);
      put(json, first.after[step.column], step.is);
    }
    json.EndArray();
    changes = changes.subspan(length);
  }
}

}  // namespace

Cell cell(const Field& field) {
  if (std::holds_alternative<std::monostate>(field)) return {};
  if (const auto* number = std::get_if<std::int64_t>(&field)) return {.kind = Cell::Kind::Number, .number = *number};
  if (const auto* truth = std::get_if<bool>(&field)) return {.kind = Cell::Kind::Number, .number = *truth ? 1 : 0};
  if (const auto* disk = std::get_if<Disk>(&field); disk != nullptr && disk->has_block()) {
    std::string words = text(*disk);
    const std::size_t end = words.find_last_not_of("0123456789") + 1;
    if (end < words.size() && words.size() - end < 19) {
      const std::int64_t number = std::stoll(words.substr(end));
      words.resize(end);
      return {.kind = Cell::Kind::Numbered, .number = number, .text = std::move(words)};
    }
  }
  if (const auto* word = std::get_if<std::string>(&field)) return {.kind = Cell::Kind::Text, .text = *word};
  return {.kind = Cell::Kind::Text, .text = text(field)};
}

std::string cells_json(std::vector<CellChange> changes) {
  const auto went = [](const CellChange& change) { return change.after.empty(); };
  const auto came = [](const CellChange& change) { return change.before.empty(); };
  const auto behind_gone = std::stable_partition(changes.begin(), changes.end(), went);
  const auto behind_new = std::stable_partition(behind_gone, changes.end(), came);
  JsonText json;
  json.StartArray();
  json.StartArray();
  put_rows(json, {changes.begin(), behind_gone}, &CellChange::before);
  json.EndArray();
  json.StartArray();
  put_rows(json, {behind_gone, behind_new}, &CellChange::after);
  json.EndArray();
  json.StartArray();
  put_changed(json, {behind_new, changes.end()});
  json.EndArray();
  json.EndArray();
  return json.take();
}

}  // namespace bachsim
