// Options as Boost.Program_options reads them, without its guessing of abbreviations.
#pragma once

#include <boost/program_options.hpp>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/command.h"
#include "sim/cli/terminal.h"

namespace bachsim {

// Options, and files in whatever place among them. On failure, what is wrong, for the user.
[[nodiscard]] std::expected<boost::program_options::variables_map, std::string> parse_options(
    const Arguments& arguments, const boost::program_options::options_description& options);

[[nodiscard]] std::vector<std::string> files_of(const boost::program_options::variables_map& parsed);

// Throws what parse_options() turns into a message: `--NAME: why`.
[[noreturn]] void refuse_option(std::string_view name, std::string_view why);

[[nodiscard]] std::function<void(const std::string&)> color_notifier(ColorWhen& when);

// A number from 1 on.
[[nodiscard]] std::function<void(const std::string&)> count_notifier(std::string name, std::uint64_t& target);

void print_help(std::string_view usage, std::string_view what,
                const boost::program_options::options_description& options);

}  // namespace bachsim
