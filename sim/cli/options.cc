#include "sim/cli/options.h"

#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <charconv>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace bachsim {
namespace {

namespace po = boost::program_options;

constexpr const char* kFiles = "files";

class OptionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace

Options::Options() : options_(std::make_unique<po::options_description>("options")) {}
Options::~Options() = default;

void Options::flag(const char* name, const char* help, bool& target) {
  options_->add_options()(name, po::bool_switch(&target), help);
}

void Options::list(const char* name, const char* value, const char* help, std::vector<std::string>& target) {
  options_->add_options()(name, po::value(&target)->composing()->value_name(value), help);
}

void Options::word(const char* name, const char* value, const char* help,
                   std::function<void(const std::string&)> take) {
  options_->add_options()(name, po::value<std::string>()->value_name(value)->notifier(std::move(take)), help);
}

void Options::file(const char* name, const char* value, const char* help, std::string& target) {
  word(name, value, help, [name, &target](const std::string& path) {
    if (path.empty())
      refuse_option(name, "a file's name cannot be empty");
    target = path;
  });
}

void Options::count(const char* name, const char* help, std::uint64_t& target) {
  word(name, "N", help, [name, &target](const std::string& word) {
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, target);
    if (error != std::errc() || stop != end || target == 0)
      refuse_option(name, fmt::format("`{}` is no number from 1 to 2^64-1", word));
  });
}

void Options::settings(std::vector<std::string>& target) {
  list("set", "KEY=VALUE", "set a key of the machine; wins over the script's", target);
}

void Options::include_root(std::string& target) {
  file("include-root", "DIR", "let the script include files of DIR and below, not of its own folder only", target);
}

void Options::color(ColorWhen& target, const char* help) {
  word("color", "WHEN", help, [&target](const std::string& word) {
    if (word == "auto")
      target = ColorWhen::Auto;
    else if (word == "always")
      target = ColorWhen::Always;
    else if (word == "never")
      target = ColorWhen::Never;
    else
      refuse_option("color", fmt::format("`{}` is not `auto`, `always` or `never`", word));
  });
}

std::expected<std::vector<std::string>, int> Options::parse(const Arguments& arguments, std::string_view usage,
                                                            std::string_view what) {
  options_->add_options()("help,h", "print this text");
  std::vector<std::string> files;
  po::options_description all;
  all.add(*options_).add_options()(kFiles, po::value(&files));
  po::positional_options_description positional;
  positional.add(kFiles, -1);
  constexpr int kStyle = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
  try {
    po::variables_map parsed;
    po::store(po::command_line_parser(arguments).options(all).positional(positional).style(kStyle).run(), parsed);
    po::notify(parsed);
    if (parsed.count("help") == 0)
      return files;
  } catch (const po::error& error) {
    return std::unexpected(complain(error.what()));
  } catch (const OptionError& error) {
    return std::unexpected(complain(error.what()));
  }
  std::ostringstream list;
  list << *options_;
  fmt::print("usage: {}\n\n{}\n\n{}", usage, what, list.str());
  return std::unexpected(kOk);
}

void refuse_option(std::string_view name, std::string_view why) {
  throw OptionError(fmt::format("--{}: {}", name, why));
}

}  // namespace bachsim
