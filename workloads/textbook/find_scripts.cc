#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/report/json_writer.h"
#include "workloads/language/diagnostic.h"
#include "workloads/textbook/textbook.h"

namespace bachsim {
namespace {

// `fig-9.12` of `fig-9.12-limit`.
std::string_view subject_of(std::string_view name) { return name.substr(0, name.find('-', name.find('-') + 1)); }

// Whether a script may be called so: `ex-9.12-one`, `9.12-one`, and the others as it is one of several on its subject:
// `ex-9.12`, `9.12`, `ex-12`.
bool is_called(std::string_view word, std::string_view name) {
  const std::string_view subject = subject_of(name);
  const std::size_t number = name.find('-') + 1;
  const std::size_t dot = subject.rfind('.');
  return word == name.substr(number) || word == subject || word == subject.substr(number) ||
         (dot != std::string_view::npos &&
          word == fmt::format("{}{}", subject.substr(0, number), subject.substr(dot + 1)));
}

std::string lowered(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

}  // namespace

std::expected<std::vector<const TextbookScript*>, std::string> find_scripts(std::string_view word) {
  std::vector<std::string_view> known;
  std::vector<const TextbookScript*> meant;
  std::vector<std::string_view> subjects;
  for (const TextbookScript& script : textbook_scripts()) {
    if (script.name == word) return std::vector<const TextbookScript*>{&script};
    known.push_back(script.name);
    if (!is_called(word, script.name)) continue;
    meant.push_back(&script);
    // std::vector<const TextbookScript*> on one subject stand together.
    if (subjects.empty() || subjects.back() != subject_of(script.name)) subjects.push_back(subject_of(script.name));
  }
  if (subjects.size() == 1) return meant;
  if (subjects.empty())
    return std::unexpected(fmt::format("the textbook has no `{}`{}", word, did_you_mean(word, known)));
  return std::unexpected(fmt::format("`{}` may be `{}`", word, fmt::join(subjects, "` or `")));
}

std::vector<const TextbookScript*> search_scripts(std::string_view word) {
  std::vector<const TextbookScript*> found;
  if (word.empty()) return found;
  const std::string wanted = lowered(word);
  const bool chapter = wanted.find_first_not_of("0123456789") == std::string::npos;
  if (!chapter && wanted.find_first_not_of("0123456789.") == std::string::npos) return found;  // a name in part
  for (const TextbookScript& script : textbook_scripts()) {
    const std::string_view number = script.name.substr(script.name.find('-') + 1);
    const bool meant = chapter ? number.starts_with(wanted + ".")
                               : lowered(script.name).find(wanted) != std::string::npos ||
                                     lowered(script.shows).find(wanted) != std::string::npos;
    if (meant) found.push_back(&script);
  }
  return found;
}

void write_list_json(Sink& sink, std::span<const ListedScript> scripts) {
  const Sources none;
  JsonWriter json(sink, none);
  json.object([&] {
    json.member("format", std::int64_t{1});
    json.key("scripts");
    json.array([&] {
      for (const ListedScript& listed : scripts) {
        json.object([&] {
          json.member("name", listed.script->name);
          json.member("shows", listed.script->shows);
          json.member("sections", listed.script->sections);
          json.member("exact", listed.script->computed);
          json.member("computed", static_cast<std::int64_t>(listed.computed));
          json.member("given", static_cast<std::int64_t>(listed.given));
          json.member("reconstructed", static_cast<std::int64_t>(listed.reconstructed));
        });
      }
    });
  });
  json.hand_on();
  sink.write("\n");
}

}  // namespace bachsim
