#include <fmt/format.h>

#include <boost/program_options.hpp>

#include "sim/cli/command.h"
#include "sim/cli/options.h"
#include "sim/cli/script_file.h"
#include "sim/cli/terminal.h"
#include "workloads/language/settings.h"

namespace bachsim {
namespace {

namespace po = boost::program_options;

// True if the file is a script without mistakes.
bool check(const std::string& path, bool color) {
  auto loaded = load_script(path);
  if (!loaded) {
    complain(loaded.error());
    return false;
  }
  const auto config = configure(loaded->parsed.script, {}, loaded->parsed.errors);
  if (!config)
    print_errors(*loaded->sources, config.error(), color);
  return config.has_value();
}

}  // namespace

int check_command(const Arguments& arguments) {
  ColorWhen when = ColorWhen::Auto;
  po::options_description options("options");
  options.add_options()                                                                        //
      ("color", po::value<std::string>()->value_name("WHEN")->notifier(color_notifier(when)),  //
       "`auto`, `always` or `never`: color errors")                                            //
      ("help,h", "print this text");
  const auto parsed = parse_options(arguments, options);
  if (!parsed)
    return complain(parsed.error());
  if (parsed->count("help") != 0) {
    print_help("bachsim check [OPTION ...] FILE ...", "Parses workloads and prints every error it finds.", options);
    return kOk;
  }
  const auto files = files_of(*parsed);
  if (files.empty())
    return complain("check wants a file; `bachsim check --help` tells more");
  bool sound = true;
  for (const std::string& file : files)
    sound = check(file, use_color(when, STDERR_FILENO)) && sound;
  return sound ? kOk : kUserError;
}

}  // namespace bachsim
