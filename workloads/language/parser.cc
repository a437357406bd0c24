#include "workloads/language/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "workloads/language/grammar.h"

namespace bachsim {

// The text between two places with each run of blanks as one.
std::string_view Grammar::squeezed(Place begin, Place end) {
  const std::string_view raw = sources_.slice(begin, end);
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  std::vector<char> text;
  for (const char c : raw) {
    if (!blank(c))
      text.push_back(c);
    else if (text.back() != ' ')
      text.push_back(' ');
  }
  if (std::ranges::equal(text, raw)) return raw;
  const auto kept = script_.arena.keep(text);
  return {kept.data(), kept.size()};
}

ParseResult parse(Sources& sources, std::size_t file, const std::string& identity, Includes& includes,
                  std::span<const std::size_t> behind) {
  Grammar grammar(sources, includes);
  grammar.file(file, identity);
  grammar.end_script();
  for (const std::size_t more : behind) grammar.file(more, identity);
  return grammar.finish();
}

namespace {

// A text of the command line, read by one function of the grammar.
template <class Result>
std::expected<Result, Diagnostic> parse_only(Sources& sources, std::size_t file, Result (Grammar::*read)(std::size_t)) {
  struct NoIncludes : Includes {
    std::expected<File, std::string> open(std::string_view, const std::string&) override { return std::unexpected(""); }
  } none;
  try {
    Grammar grammar(sources, none);
    return (grammar.*read)(file);
  } catch (Diagnostic& mistake) {
    return std::unexpected(std::move(mistake));
  }
}

}  // namespace

std::expected<Setting, Diagnostic> parse_setting(Sources& sources, std::size_t file) {
  return parse_only(sources, file, &Grammar::only_setting);
}

std::expected<Definition, Diagnostic> parse_definition(Sources& sources, std::size_t file) {
  return parse_only(sources, file, &Grammar::only_definition);
}

}  // namespace bachsim
