#include <fmt/format.h>

#include "sim/cli/host.h"
#include "sim/cli/sweep.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

// A word of the shell's.
std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

int write_slurm_job(const Arguments& arguments, const Options& known, std::uint64_t tasks, const std::string& output) {
  if (output.empty()) return complain("--slurm wants --output: the file of the whole sweep");
  // Behind a line's end it could close the job's text, whatever its quotes, and the shell would run the rest.
  for (const std::string& word : arguments)
    if (word.contains('\n'))
      return complain(fmt::format("--slurm: a word of a job has no line's end: `{}`", word));
    else if (printable(word) != word)
      return complain(fmt::format("--slurm: `{}` has characters that do not show", word));
  Arguments of_run;
  Arguments of_merge;
  // Options of the result are those of the merge; all others are those of the runs. Behind `--` are none.
  bool options = true;
  bool jobs = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    options = options && word != "--";
    const std::string name = word.substr(0, word.find('='));
    jobs = jobs || (options && name == "--jobs");
    const bool joined = name.size() < word.size();
    const auto pass = [&](Arguments& to, std::size_t values) {
      to.push_back(word);
      for (; values > 0 && i + 1 < arguments.size(); --values) to.push_back(arguments[++i]);
    };
    const bool with_file = word.starts_with("-o") && word != "-o";
    if (options && (name == "--slurm" || name == "--output" || word == "-o"))
      i += joined ? 0 : 1;
    else if (options && word == "--plot")
      pass(of_merge, 2);
    else if (options && (name == "--plot" || name == "--plot-of" || name == "--format"))
      pass(of_merge, joined ? 0 : 1);
    else if (!options || (!with_file && name != "--resume" && name != "--progress"))
      pass(of_run, options && known.wants_next(word) ? 1 : 0);
  }
  const auto line = [](const Arguments& words) {
    std::string text;
    for (const std::string& word : words) text += " " + shell_word(word);
    return text;
  };
  const std::string part = shell_word(output + ".share-");
  OutputFile out;
  out.write(fmt::format(
      "#!/bin/sh\n"
      "# Runs a sweep as {0} tasks of Slurm's, and then puts their parts together. Options of sbatch may follow:\n"
      "#   sh THIS --partition=short --cpus-per-task=4\n"
      "# Run it again after a failure: tasks that are done are not done twice.\n"
      "set -eu\n"
      "runs=$(sbatch --parsable --requeue --array=1-{0} --job-name=bachsim \"$@\" <<'END'\n"
      "#!/bin/sh\n"
      "exec bachsim sweep --shard \"$SLURM_ARRAY_TASK_ID/{0}\"{5} \\\n"
      "  --resume --output {2}\"$SLURM_ARRAY_TASK_ID\"{1}\n"
      "END\n"
      ")\n"
      "runs=${{runs%%;*}}\n"
      "sbatch --parsable --dependency=\"afterok:$runs\" --job-name=bachsim-merge \"$@\" <<'END'\n"
      "#!/bin/sh\n"
      "set -- \n"
      "for share in $(seq {0}); do set -- \"$@\" {2}\"$share\"; done\n"
      "exec bachsim sweep --merge{3} --output {4} -- \"$@\"\n"
      "END\n",
      tasks, line(of_run), part, line(of_merge), shell_word(output),
      jobs ? "" : " --jobs \"${SLURM_CPUS_PER_TASK:-1}\""));
  return finished(kOk, out.finish());
}

}  // namespace bachsim
