// bachsim check FILE...: parses workloads and says what is wrong with them.
#include "sim/cli/command.h"
#include "sim/cli/options.h"
#include "sim/cli/script_file.h"

namespace bachsim {

int check_command(const Arguments& arguments) {
  ColorWhen when = ColorWhen::Auto;
  std::string include_root;
  Options options;
  options.color(when, "`auto`, `always` or `never`: color errors");
  options.include_root(include_root);
  const auto files = options.parse(arguments, "bachsim check [OPTION ...] FILE ...",
                                   "Parses workloads and prints every error it finds.");
  if (!files)
    return files.error();
  if (files->empty())
    return complain("check wants a file; `bachsim check --help` tells more");
  int status = kOk;
  for (const std::string& file : *files) {
    auto loaded = load_script(file, include_root);
    if (!loaded)
      status = complain(loaded.error());
    else if (!machine_for(*loaded, {}, use_color(when, STDERR_FILENO)))
      status = kUserError;
  }
  return status;
}

}  // namespace bachsim
