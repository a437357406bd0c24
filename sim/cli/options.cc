#include "sim/cli/options.h"

#include <fmt/format.h>

#include <charconv>
#include <sstream>
#include <stdexcept>

namespace bachsim {
namespace {

namespace po = boost::program_options;

constexpr const char* kFiles = "files";

class OptionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace

std::expected<po::variables_map, std::string> parse_options(const Arguments& arguments,
                                                            const po::options_description& options) {
  po::options_description all;
  all.add(options).add_options()(kFiles, po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add(kFiles, -1);
  namespace style = po::command_line_style;
  try {
    po::variables_map parsed;
    po::store(po::command_line_parser(arguments)
                  .options(all)
                  .positional(positional)
                  .style(style::default_style & ~style::allow_guessing)
                  .run(),
              parsed);
    po::notify(parsed);
    return parsed;
  } catch (const po::error& error) {
    return std::unexpected(error.what());
  } catch (const OptionError& error) {
    return std::unexpected(error.what());
  }
}

std::vector<std::string> files_of(const po::variables_map& parsed) {
  return parsed.count(kFiles) == 0 ? std::vector<std::string>() : parsed[kFiles].as<std::vector<std::string>>();
}

void refuse_option(std::string_view name, std::string_view why) {
  throw OptionError(fmt::format("--{}: {}", name, why));
}

std::function<void(const std::string&)> color_notifier(ColorWhen& when) {
  return [&when](const std::string& word) {
    if (word == "auto")
      when = ColorWhen::Auto;
    else if (word == "always")
      when = ColorWhen::Always;
    else if (word == "never")
      when = ColorWhen::Never;
    else
      refuse_option("color", fmt::format("`{}` is not `auto`, `always` or `never`", word));
  };
}

std::function<void(const std::string&)> count_notifier(std::string name, std::uint64_t& target) {
  return [name = std::move(name), &target](const std::string& word) {
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, target);
    if (error != std::errc() || stop != end || target == 0)
      refuse_option(name, fmt::format("`{}` is no number from 1 to 2^64-1", word));
  };
}

void print_help(std::string_view usage, std::string_view what, const po::options_description& options) {
  std::ostringstream list;
  list << options;
  fmt::print("usage: {}\n\n{}\n\n{}", usage, what, list.str());
}

}  // namespace bachsim
