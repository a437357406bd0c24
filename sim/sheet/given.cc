#include "sim/sheet/given.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace bachsim {
namespace {

// Words that blanks separate; those in brackets do not.
std::vector<std::string_view> words_in(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    depth += int{c == '(' || c == '['} - int{c == ')' || c == ']'};
    if (c != ' ' && c != '\t') continue;
    if (i < text.size() && depth > 0) continue;
    if (i > begin) words.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
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

// `disk=swap:1:64`
void add_attribute(GivenTable& table, std::string_view word) {
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
  cell(table, key == "frame" ? "FRAME" : key == "disk" ? "ON DISK" : "AGE") = word.substr(equals + 1);
}

}  // namespace

void add_given(std::vector<SheetPart>& parts, std::string_view preset, const std::vector<NamedParam>& params) {
  const std::string with_numbers = with_values_of(params, preset);
  const std::vector<std::string_view> words = words_in(with_numbers);
  KASSERT(words.size() >= 3);
  if (words[1] == "freelist") {
    GivenTable& table =
        table_at_end(parts, "Frames that are free, in the order in which they will be taken", {"FREE LIST"});
    table.rows.push_back({fmt::format("{}", fmt::join(words.begin() + 2, words.end(), " "))});
    return;
  }
  const bool of_frame = words[1] == "pfdata";
  GivenTable& table = of_frame
                          ? table_at_end(parts, "Frames, and the block on a disk whose contents each holds", {"FRAME"})
                          : table_at_end(parts, "Pages, as they are at this moment", {"PROCESS", "PAGE"});
  table.rows.emplace_back(table.headings.size(), "-");
  table.rows.back()[0] = of_frame ? words[2] : words[1];
  if (!of_frame) table.rows.back()[1] = words[2];
  for (std::size_t i = 3; i < words.size(); ++i) add_attribute(table, words[i]);
}

}  // namespace bachsim
