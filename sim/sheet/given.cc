#include "sim/sheet/given.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "workloads/language/operation.h"
#include "workloads/language/params.h"

namespace bachsim {
namespace {

// Words that blanks separate. What is in brackets is one, and so is a sum: `@A * 1K`.
std::vector<std::string> words_in(std::string_view text) {
  constexpr std::string_view kJoins = "+-*/%=:";
  std::vector<std::string> words;
  std::string word;
  int depth = 0;
  bool behind_blank = false;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t';
    depth += int{c == '(' || c == '['} - int{c == ')' || c == ']'};
    if (blank && depth == 0) {
      behind_blank = true;
      continue;
    }
    const bool joined = word.empty() || kJoins.contains(c) || kJoins.contains(word.back());
    if (behind_blank && !joined) words.push_back(std::exchange(word, {}));
    behind_blank = false;
    word += c;
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

// A text in which the names of params are their values.
std::string with_values_of(const std::vector<NamedParam>& params, std::string_view text) {
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::string whole;
  while (!text.empty()) {
    const auto end = std::ranges::find_if_not(text, in_name);
    const std::string_view name(text.begin(), end);
    const auto param = std::ranges::find(params, name, &NamedParam::name);
    whole += param == params.end() ? std::string(name) : value_text(*param);
    text.remove_prefix(name.size());
    if (text.empty()) break;
    whole += text.front();
    text.remove_prefix(1);
  }
  return whole;
}

// Of a sum: whether params are in it, and whether something else is that only the run knows.
struct Holds {
  bool params = false;
  bool others = false;
};
void look_into(const Expr* expr, Holds& holds) {
  switch (expr->kind) {
    case ExprKind::Number:
      return;
    case ExprKind::Param:
      holds.params = true;
      return;
    case ExprKind::Negate:
      return look_into(expr->left, holds);
    case ExprKind::Add:
    case ExprKind::Subtract:
    case ExprKind::Multiply:
    case ExprKind::Divide:
    case ExprKind::Remainder:
      look_into(expr->left, holds);
      return look_into(expr->right, holds);
    default:
      holds.others = true;
  }
}

// The table at the end of the sheet, if it is this one; else a new one.
GivenTable& table_at_end(std::vector<SheetPart>& parts, std::string_view title,
                         std::initializer_list<const char*> headings) {
  auto* last = parts.empty() ? nullptr : std::get_if<GivenTable>(&parts.back());
  if (last != nullptr && last->title == title) return *last;
  return std::get<GivenTable>(
      parts.emplace_back(GivenTable{.title = std::string(title), .headings = {headings.begin(), headings.end()}}));
}

// The cell of the last row below this heading, which is added where nobody has needed it yet.
std::string& cell(GivenTable& table, std::string_view heading) {
  const auto at = std::ranges::find(table.headings, heading);
  const auto column = static_cast<std::size_t>(at - table.headings.begin());
  if (at == table.headings.end()) {
    table.headings.emplace_back(heading);
    for (auto& row : table.rows) row.emplace_back("-");
  }
  return table.rows.back()[column];
}

// Makes cells of a preset: of its text, and of its expressions.
class Cells {
 public:
  Cells(const std::vector<NamedParam>& params, const ParamValues& values) : params_(params), values_(values) {}

  // The text of an expression, or what it comes to where it has params.
  [[nodiscard]] std::string number(const Expr* expr, std::string_view text) const {
    const std::optional<std::int64_t> known = of_params(expr);
    return known ? fmt::format("{}", *known) : with_values_of(params_, text);
  }
  [[nodiscard]] std::string location(const Location& where, std::string_view text) const {
    const std::optional<std::int64_t> known = of_params(where.first);
    if (!known) return with_values_of(params_, text);
    const bool in_k = *known != 0 && *known % 1024 == 0;
    const std::string_view region = text.substr(0, text.find_first_of("[+"));
    if (where.kind == LocationKind::Page) return fmt::format("{}[{}]", region, *known);
    if (where.kind == LocationKind::Offset) return fmt::format("{}+{}", region, *known);
    return in_k ? fmt::format("@{}K", *known / 1024) : fmt::format("@{}", *known);
  }
  // `swap:1:64`
  [[nodiscard]] std::string disk(const DiskForm& disk, std::string_view text) const {
    if (disk.block == nullptr) return std::string(text);
    const std::size_t block = text.rfind(':');
    std::string place(text.substr(0, block));
    if (disk.device != nullptr) {
      const std::size_t device = place.find(':') + 1;
      const std::string told = number(disk.device, std::string_view(place).substr(device));
      place = place.substr(0, device) + told;
    }
    return fmt::format("{}:{}", place, number(disk.block, text.substr(block + 1)));
  }

 private:
  [[nodiscard]] std::optional<std::int64_t> of_params(const Expr* expr) const {
    Holds holds;
    look_into(expr, holds);
    if (!holds.params || holds.others) return std::nullopt;
    return constant(expr, values_);
  }

  const std::vector<NamedParam>& params_;
  const ParamValues& values_;
};

// `disk=swap:1:64`
void add_attribute(GivenTable& table, std::string_view word, const PageForm& page, const Cells& cells) {
  const std::size_t equals = word.find('=');
  const std::string_view key = word.substr(0, equals);
  if (equals == std::string_view::npos) {
    const bool state = key == "valid" || key == "invalid";
    cell(table, state                 ? "IN MEMORY"
                : key == "cow"        ? "COPY ON WRITE"
                : key == "modified"   ? "MODIFIED"
                : key == "referenced" ? "REFERENCED"
                                      : "WRITABLE") = key == "invalid" ? "no" : "yes";
    return;
  }
  const std::string_view value = word.substr(equals + 1);
  if (key == "disk")
    cell(table, "ON DISK") = cells.disk(*page.disk, value);
  else if (key == "frame")
    cell(table, "FRAME") = cells.number(page.frame, value);
  else
    cell(table, "AGE") = cells.number(page.age, value);
}

}  // namespace

void add_given(std::vector<SheetPart>& parts, std::string_view text, const PresetBody& preset, const Script& script,
               const ParamValues& values) {
  const std::vector<NamedParam> params = named(script, values);
  const Cells cells(params, values);
  const std::vector<std::string> words = words_in(text);
  KASSERT(words.size() >= 3);
  if (const auto* freelist = std::get_if<FreelistForm>(&preset)) {
    GivenTable& table =
        table_at_end(parts, "Frames that are free, in the order in which they will be taken", {"FREE LIST"});
    KASSERT(words.size() == freelist->frames.size() + 2);
    std::vector<std::string> frames;
    for (std::size_t i = 0; i < freelist->frames.size(); ++i)
      frames.push_back(cells.number(freelist->frames[i], words[i + 2]));
    table.rows.push_back({fmt::format("{}", fmt::join(frames, " "))});
    return;
  }
  if (const auto* pfdata = std::get_if<PfdataForm>(&preset)) {
    GivenTable& table = table_at_end(parts, "Frames, and the block on a disk whose contents each holds", {"FRAME"});
    table.rows.emplace_back(table.headings.size(), "-");
    table.rows.back()[0] = cells.number(pfdata->frame, words[2]);
    const std::string& disk = words.back();
    cell(table, "ON DISK") = cells.disk(pfdata->disk, std::string_view(disk).substr(disk.find('=') + 1));
    return;
  }
  const auto& page = std::get<PageForm>(preset);
  GivenTable& table = table_at_end(parts, "Pages, as they are at this moment", {"PROCESS", "PAGE"});
  table.rows.emplace_back(table.headings.size(), "-");
  table.rows.back()[0] = with_values_of(params, words[1]);
  table.rows.back()[1] = cells.location(page.where, words[2]);
  for (std::size_t i = 3; i < words.size(); ++i) add_attribute(table, words[i], page, cells);
}

}  // namespace bachsim
