#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "sim/cli/command.h"
#include "sim/machine/check.h"

namespace bachsim {

namespace po = boost::program_options;

Options::Options() : options_(std::make_unique<po::options_description>("options")) {}
Options::~Options() = default;

void Options::flag(const char* name, const char* help, bool& target) {
  known_.push_back({.name = name, .value = {}, .about = help});
  options_->add_options()(name, po::bool_switch(&target), help);
}

void Options::list(const char* name, const char* value, const char* help, std::vector<std::string>& target) {
  known_.push_back({.name = name, .value = value, .about = help});
  options_->add_options()(name, po::value(&target)->composing()->value_name(value), help);
}

void Options::word(const char* name, const char* value, const char* help,
                   std::function<std::string(const std::string&)> take, const char* implied) {
  known_.push_back({.name = name, .value = value, .about = help, .alone = implied != nullptr});
  const std::string_view words = name;  // `output,o`: the letter is short for the word
  const auto notify = [called = words.substr(0, words.find(',')), take = std::move(take)](const std::string& word) {
    if (const std::string trouble = take(word); !trouble.empty())
      throw std::runtime_error(fmt::format("--{}: {}", called, trouble));
  };
  auto* const text = po::value<std::string>()->value_name(value)->notifier(notify);
  if (implied != nullptr) {
    text->implicit_value(implied);
    implied_.emplace_back(fmt::format("--{}", name), fmt::format("--{}={}", name, implied));
  }
  options_->add_options()(name, text, help);
}

void Options::file(const char* name, const char* value, const char* help, std::string& target) {
  word(name, value, help, [&target](const std::string& path) {
    target = path;
    return path.empty() ? "a file's name cannot be empty" : "";
  });
}

void Options::count(const char* name, const char* help, std::uint64_t& target) {
  word(name, "N", help, [&target](const std::string& word) {
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, target);
    const bool sound = error == std::errc() && stop == end && target != 0;
    return sound ? "" : fmt::format("`{}` is no number from 1 to 2^64-1", word);
  });
}

void Options::stage(StageChoices& target) {
  list("set", "KEY=VALUE", "set a key of the machine; wins over the script's", target.settings);
  list("define,D", "NAME=NUMBER", "set a param of the script", target.definitions);
  word("seed", "N", "the seed of params that -D does not set, of random() and of zipf()",
       [&target](const std::string& word) {
         std::uint64_t seed = 0;
         const char* const end = word.data() + word.size();
         const auto [stop, error] = std::from_chars(word.data(), end, seed);
         if (error != std::errc() || stop != end) return fmt::format("`{}` is no number from 0 to 2^64-1", word);
         target.seed = seed;
         return std::string();
       });
}

void Options::include_root(std::string& target) {
  file("include-root", "DIR", "let the script include files of DIR and below, not of its own folder only", target);
}

void Options::report(std::vector<std::string>& target, const char* help) { list("report", "VIEW,...", help, target); }

void Options::format(bool& json) {
  word("format", "text|json", "how to report (default: text)", [&json](const std::string& word) {
    json = word == "json";
    return word == "json" || word == "text" ? "" : fmt::format("`{}` is not `text` or `json`", word);
  });
  among("format", {"text", "json"});
}

void Options::output(std::string& target) {
  word("output,o", "FILE", "write to FILE, whole or not at all", [&target](const std::string& path) {
    target = path == "-" ? "" : path;
    return path.empty() ? "a file's name cannot be empty" : "";
  });
}

void Options::trace(std::optional<std::string>& target) {
  word(
      "trace", "WORD,...",
      "print what each statement made the kernel do, and why: of these kinds of event, of these processes",
      [&target](const std::string& words) {
        target = words;
        return "";
      },
      "all");
}

void Options::color(ColorWhen& target, const char* help) {
  word("color", "WHEN", help, [&target](const std::string& word) {
    target = word == "always" ? ColorWhen::Always : word == "never" ? ColorWhen::Never : ColorWhen::Auto;
    const bool sound = word == "auto" || target != ColorWhen::Auto;
    return sound ? "" : fmt::format("`{}` is not `auto`, `always` or `never`", word);
  });
  among("color", {"auto", "always", "never"});
}

void Options::among(const char* name, std::vector<std::string_view> words) {
  const auto option = std::ranges::find(known_, std::string_view(name), &KnownOption::name);
  KASSERT(option != known_.end());
  option->words = std::move(words);
}

bool Options::wants_next(std::string_view argument) const {
  return std::ranges::any_of(known_, [argument](const KnownOption& option) {
    const std::size_t comma = option.name.find(',');
    const bool is_short = comma != std::string::npos && argument == fmt::format("-{}", option.name.substr(comma + 1));
    return !option.value.empty() && (is_short || argument == fmt::format("--{}", option.name.substr(0, comma)));
  });
}

std::expected<std::vector<std::string>, int> Options::parse(const Arguments& arguments, std::string_view usage,
                                                            std::string_view what, std::string_view one) {
  constexpr const char* kHelp = "print this text";
  options_->add_options()("help,h", kHelp);
  if (is_completing(arguments)) {
    known_.push_back({.name = "help,h", .value = {}, .about = kHelp});
    fmt::print("{}", completions(arguments, usage, known_));
    return std::unexpected(kOk);
  }
  std::vector<std::string> files;
  po::options_description all;
  all.add(*options_).add_options()("files", po::value(&files));
  po::positional_options_description positional;
  positional.add("files", -1);
  constexpr int kStyle = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
  po::variables_map parsed;
  try {
    // Boost would take what comes behind an option that stands alone for its word: a file.
    Arguments spelled_out = arguments;
    for (const auto& [alone, whole] : implied_)
      std::replace(spelled_out.begin(), std::ranges::find(spelled_out, "--"), alone, whole);
    po::store(po::command_line_parser(spelled_out).options(all).positional(positional).style(kStyle).run(), parsed);
    po::notify(parsed);
  } catch (const std::exception& error) {
    return std::unexpected(complain(error.what()));
  }
  if (parsed.count("help") != 0) {
    std::ostringstream list;
    list << *options_;
    fmt::print("usage: {}\n\n{}\n\n{}", usage, what, list.str());
    return std::unexpected(kOk);
  }
  if (!one.empty() && files.size() != 1)
    return std::unexpected(complain(fmt::format("{0} wants one file; `bachsim {0} --help` tells more", one)));
  return files;
}

}  // namespace bachsim
