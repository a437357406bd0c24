#include "sim/cli/textbook.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace bachsim {
namespace {

// What else a script may be called: `9.12` or `ex-12` for `ex-9.12`.
bool is_short_for(std::string_view word, std::string_view name) {
  const std::size_t number = name.find('-') + 1;
  const std::size_t end = std::min(name.find('-', number), name.size());
  const std::size_t dot = name.substr(0, end).rfind('.');
  if (word == name.substr(number))
    return true;
  return dot != std::string_view::npos && word == fmt::format("{}{}", name.substr(0, number), name.substr(dot + 1));
}

class TextbookIncludes : public Includes {
 public:
  std::expected<File, std::string> open(std::string_view wanted, const std::string&) override {
    const auto found = std::ranges::find(textbook_includes(), wanted, &TextbookInclude::name);
    if (found == textbook_includes().end())
      return std::unexpected(fmt::format("the textbook has no `{}`", wanted));
    return File{.name = std::string(wanted), .identity = std::string(wanted), .text = std::string(found->text)};
  }
};

}  // namespace

std::expected<const TextbookScript*, std::string> find_textbook_script(std::string_view word) {
  std::vector<std::string_view> known;
  std::vector<const TextbookScript*> meant;
  for (const TextbookScript& script : textbook_scripts()) {
    if (script.name == word)
      return &script;
    if (is_short_for(word, script.name))
      meant.push_back(&script);
    known.push_back(script.name);
  }
  if (meant.size() == 1)
    return meant.front();
  if (meant.empty())
    return std::unexpected(fmt::format("the textbook has no `{}`{}", word, did_you_mean(word, known)));
  std::string list;
  for (const TextbookScript* script : meant)
    list += fmt::format("{}`{}`", list.empty() ? "" : " or ", script->name);
  return std::unexpected(fmt::format("`{}` may be {}", word, list));
}

LoadedScript load_textbook_script(const TextbookScript& script) {
  LoadedScript loaded;
  const std::string name = fmt::format("{}.bach", script.name);
  const std::size_t file = loaded.sources->add(name, std::string(script.text));
  TextbookIncludes includes;
  loaded.parsed = parse(*loaded.sources, file, name, includes);
  return loaded;
}

}  // namespace bachsim
