#include "sim/cli/completion.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/report/event_text.h"
#include "sim/state/state.h"
#include "workloads/language/ast.h"
#include "workloads/language/settings.h"
#include "workloads/textbook/textbook.h"

namespace bachsim {
namespace {

// No word of a command line holds a zero byte.
constexpr std::string_view kCompleting("\0", 1);

class Offers {
 public:
  // Of the words that are added, those that begin with `typed` count; `before` stands before each of them.
  explicit Offers(std::string_view typed, std::string before = {}) : typed_(typed), before_(std::move(before)) {}

  void add(std::string_view word, std::string_view about = {}) {
    if (!word.starts_with(typed_)) return;
    std::string line(about.substr(0, about.find('\n')));
    text_ += fmt::format("{}{}\t{}\n", before_, word, line);
  }
  void add_all(std::span<const std::string_view> words) {
    for (const std::string_view word : words) add(word);
  }
  void add_names(std::string_view kind) { text_ += fmt::format("\t{}\n", kind); }

  [[nodiscard]] std::string& text() { return text_; }

 private:
  std::string_view typed_;
  std::string before_;
  std::string text_;
};

// A word of several with commas between: the part behind the last comma goes on, with what is not there yet.
std::string list_completions(std::string_view typed, const std::string& before,
                             std::span<const std::string_view> words) {
  const std::size_t comma = typed.rfind(',');
  const std::string_view there = typed.substr(0, comma == std::string_view::npos ? 0 : comma + 1);
  Offers offers(typed.substr(there.size()), before + std::string(there));
  for (const std::string_view word : words)
    if (fmt::format(",{}", there).find(fmt::format(",{},", word)) == std::string::npos) offers.add(word);
  return offers.text();
}

// KEY=VALUE; with `list`, KEY=VALUE,VALUE.
std::string setting_completions(std::string_view typed, const std::string& before, bool list) {
  const std::size_t equal = typed.find('=');
  if (equal == std::string_view::npos) {
    Offers offers(typed, before);
    for (const MachineKey& key : machine_keys())
      offers.add(fmt::format("{}=", key.name), fmt::format("{}", fmt::join(key.words, " ")));
    return offers.text();
  }
  const std::vector<MachineKey> keys = machine_keys();
  const auto key = std::ranges::find(keys, typed.substr(0, equal), &MachineKey::name);
  if (key == keys.end()) return {};
  const std::string_view value = typed.substr(equal + 1);
  const std::string all_before = before + std::string(typed.substr(0, equal + 1));
  if (list) return list_completions(value, all_before, key->words);
  Offers offers(value, all_before);
  offers.add_all(key->words);
  return offers.text();
}

std::string report_completions(std::string_view typed, const std::string& before) {
  std::vector<std::string_view> views(view_words().begin(), view_words().end());
  views.push_back("none");
  return list_completions(typed, before, views);
}

std::string trace_completions(std::string_view typed, const std::string& before) {
  std::vector<std::string_view> words(event_group_words().begin(), event_group_words().end());
  for (const std::string_view more : {"count", "counter", "all"}) words.push_back(more);
  return list_completions(typed, before, words);
}

std::string measure_completions(std::string_view typed, const std::string& before) {
  std::vector<std::string> counters;
  for (const std::string& counter : counter_names()) counters.push_back("counter." + counter);
  std::vector<std::string_view> words(counters.begin(), counters.end());
  words.insert(words.end(), gauge_names().begin(), gauge_names().end());
  return list_completions(typed, before, words);
}

// What a value of this name can be, as far as it is typed.
std::string value_completions(std::string_view value, std::string_view typed, const std::string& before) {
  Offers offers(typed, before);
  if (value == "KEY=VALUE" || value == "KEY=LIST") return setting_completions(typed, before, value == "KEY=LIST");
  if (value == "VIEW,...") return report_completions(typed, before);
  if (value == "WORD,...") return trace_completions(typed, before);
  if (value == "EXPR,...") return measure_completions(typed, before);
  if (value == "NAME")
    for (const TextbookScript& script : textbook_scripts()) offers.add(script.name, script.shows);
  else if (value == "DIR")
    offers.add_names("folder");
  else if (value.find("FILE") != std::string_view::npos || value == "SVG" || value == "PATH")
    offers.add_names("file");
  else if (value == "strace")
    offers.add(value, "what `strace -f` has recorded");
  return offers.text();
}

std::string option_value(const KnownOption& option, std::string_view typed, const std::string& before) {
  if (option.words.empty()) return value_completions(option.value, typed, before);
  Offers offers(typed, before);
  offers.add_all(option.words);
  return offers.text();
}

std::string_view long_name(const KnownOption& option) { return option.name.substr(0, option.name.find(',')); }

// The option of `--NAME` or `-N`; nullptr if there is none.
const KnownOption* option_of(std::span<const KnownOption> options, std::string_view word) {
  const auto found = std::ranges::find_if(options, [word](const KnownOption& option) {
    const std::string_view name = long_name(option);
    const std::string_view letter = option.name.substr(std::min(name.size() + 1, option.name.size()));
    return (word.starts_with("--") && word.substr(2) == name) ||
           (!letter.empty() && word.size() == 2 && word.front() == '-' && word.substr(1) == letter);
  });
  return found == options.end() ? nullptr : &*found;
}

// What stands behind the options: `FILE`, or `strace FILE`, whose last word may come again.
std::string_view argument_called(std::string_view usage, std::size_t index) {
  constexpr std::string_view kBlanks = " []\n";
  const std::size_t options = usage.find("[OPTION ...]");
  std::string_view rest = usage.substr(options == std::string_view::npos ? usage.size() : options + 12);
  std::string_view last;
  for (;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
    const std::string_view word = rest.substr(0, rest.find_first_of(kBlanks));
    if (word.empty() || word == "...") return last;
    last = word;
    rest.remove_prefix(word.size());
    if (index-- == 0) return last;
  }
}

// What the program's usage says behind a command, which may take several lines.
std::string about_command(const std::string& command, std::string_view usage) {
  constexpr std::string_view kNextLine = "\n      ";  // a command's line begins with two blanks
  const std::size_t begin = usage.find(fmt::format("\n  bachsim {} ", command));
  if (begin == std::string_view::npos) return {};
  std::string_view rest = usage.substr(begin + 3);
  rest.remove_prefix(std::min(rest.find("  "), rest.size()));
  std::string about;
  for (;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \n"), rest.size()));
    const std::string_view line = rest.substr(0, rest.find('\n'));
    about += (about.empty() ? "" : " ") + std::string(line);
    rest.remove_prefix(line.size());
    if (!rest.starts_with(kNextLine)) return about;
  }
}

}  // namespace

std::string first_word_completions(std::string_view typed, std::span<const std::string> commands,
                                   std::string_view usage) {
  Offers offers(typed);
  for (const std::string& command : commands) offers.add(command, about_command(command, usage));
  for (const std::string_view option : {"--help", "--version"})
    if (!typed.empty()) offers.add(option);
  if (offers.text().empty()) offers.add_names("file");  // a file alone is run
  return offers.text();
}

Arguments to_complete(std::span<const std::string> words) {
  Arguments arguments{std::string(kCompleting)};
  arguments.insert(arguments.end(), words.begin(), words.end());
  return arguments;
}

bool is_completing(const Arguments& arguments) { return arguments.size() > 1 && arguments.front() == kCompleting; }

std::string completions(const Arguments& arguments, std::string_view usage, std::span<const KnownOption> options) {
  const std::string_view typed = arguments.back();
  std::size_t files = 0;
  bool only_files = false;
  for (std::size_t i = 1; i + 1 < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    only_files = only_files || word == "--";
    if (only_files || !word.starts_with('-') || word == "-") {
      if (word != "--") ++files;
      continue;
    }
    const KnownOption* const option = option_of(options, word);
    if (option == nullptr || option->value.empty() || option->alone) continue;
    if (++i + 1 == arguments.size()) return option_value(*option, typed, {});
  }
  if (!only_files && typed.starts_with('-')) {
    if (const std::size_t equal = typed.find('='); equal != std::string_view::npos) {
      const KnownOption* const option = option_of(options, typed.substr(0, equal));
      if (option == nullptr || option->value.empty()) return {};
      return option_value(*option, typed.substr(equal + 1), std::string(typed.substr(0, equal + 1)));
    }
    Offers offers(typed);
    for (const KnownOption& option : options) {
      offers.add(fmt::format("--{}", long_name(option)), option.about);
      if (option.alone) offers.add(fmt::format("--{}=", long_name(option)), option.about);
    }
    return offers.text();
  }
  return value_completions(argument_called(usage, files), typed, {});
}

}  // namespace bachsim
