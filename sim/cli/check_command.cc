// bachsim check FILE...: parses workloads and says what is wrong with them.
#include "sim/cli/command.h"
#include "sim/cli/session.h"

namespace bachsim {

int check_command(const Arguments& arguments) {
  ColorWhen when = ColorWhen::Auto;
  std::string include_root;
  bool strict = false;
  Options options;
  options.color(when, "`auto`, `always` or `never`: color errors");
  options.include_root(include_root);
  options.flag("strict", "warn of variables, programs, params and keys that nobody uses", strict);
  const auto files = options.parse(arguments, "bachsim check [OPTION ...] FILE ...",
                                   "Parses workloads and prints every error it finds.");
  if (!files) return files.error();
  if (files->empty()) return complain("check wants a file; `bachsim check --help` tells more");
  int status = kOk;
  for (const std::string& file : *files) {
    const auto session = Session::load(file, include_root, use_color(when, STDERR_FILENO));
    if (!session)
      status = complain(session.error());
    else if (!(*session)->configure({}))
      status = kUserError;
    else if (strict)
      print_errors((*session)->sources(), (*session)->warnings(), (*session)->color(), "warning");
  }
  return status;
}

}  // namespace bachsim
