// bachsim sweep FILE: its options.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "sim/cli/host.h"
#include "sim/cli/sweep.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kMostShares = 9'999'999;  // as take_share() reads them

std::string take_share(const std::string& word, SweepChoices& choices) {
  const auto number = [](std::string_view text) -> std::uint64_t {
    if (text.empty() || text.size() > 7 || text.find_first_not_of("0123456789") != std::string_view::npos) return 0;
    return std::stoull(std::string(text));
  };
  const std::size_t slash = word.find('/');
  choices.share = number(std::string_view(word).substr(0, slash));
  choices.shares = slash == std::string::npos ? 0 : number(std::string_view(word).substr(slash + 1));
  if (choices.share == 0 || choices.shares < choices.share)
    return fmt::format("`{}` is no share K/N with K from 1 to N", word);
  return {};
}

std::string take_format(const std::string& word, std::optional<ResultFormat>& format) {
  if (word == "table")
    format = ResultFormat::Table;
  else if (word == "csv")
    format = ResultFormat::Csv;
  else if (word == "json")
    format = ResultFormat::Json;
  else
    return fmt::format("`{}` is none of table, csv, json", word);
  return {};
}

// `--plot FILE TEXT` is two words for an option; the second becomes one of its own.
std::expected<Arguments, std::string> with_plot_apart(const Arguments& arguments) {
  Arguments words;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    words.push_back(arguments[i]);
    if (arguments[i] != "--plot" || is_completing(arguments)) continue;
    if (i + 2 >= arguments.size()) return std::unexpected("--plot wants a file and, in quotes, MEASURE over AXIS");
    words.push_back(arguments[++i]);
    words.push_back("--plot-of=" + arguments[++i]);
  }
  return words;
}

}  // namespace

int sweep_command(const Arguments& arguments) {
  SweepChoices choices;
  Options options;
  const auto text = [](std::string& target) {
    return [&target](const std::string& word) {
      target = word;
      return word.empty() ? std::string("it is empty") : std::string();
    };
  };
  options.list("vary", "KEY=LIST", "values of a key of the machine: `fork=cow,copy`, `frames=500..4000:500`",
               choices.vary);
  options.list("define,D", "NAME=LIST", "values of a param of the script", choices.defines);
  options.word("seeds", "LIST", "draw the params that -D does not set by each of these seeds; rows have means",
               text(choices.seeds));
  options.word("measure", "EXPR,...", "what is measured at the end of each run (default: a dozen counters)",
               text(choices.measures));
  options.list("set", "KEY=VALUE", "set a key of the machine; wins over the script's", choices.settings);
  options.word("format", "FORMAT", "`table`, `csv` or `json`, a line a row",
               [&choices](const std::string& word) { return take_format(word, choices.format); });
  options.among("format", {"table", "csv", "json"});
  options.output(choices.output);
  options.flag("resume", "go on with a sweep to --output that was interrupted, or begin it", choices.resume);
  options.count("jobs", "run N at once (default: one a processor)", choices.jobs);
  options.word("shard", "K/N", "run share K of N, by the work in it, to --output",
               [&choices](const std::string& word) { return take_share(word, choices); });
  options.flag("merge", "put the parts that --shard wrote together: they are the FILEs", choices.merge);
  options.count("slurm", "write a job of Slurm's with N tasks in place of running", choices.slurm);
  options.file("plot", "SVG", "draw: --plot FILE.svg \"MEASURE over AXIS by AXIS\"", choices.plot_file);
  options.word("plot-of", "TEXT", "what --plot draws", text(choices.plot));
  options.flag("progress", "say how far it is, even where no terminal is", choices.progress);
  options.include_root(choices.include_root);
  options.color(choices.color);
  options.count("max-steps", "stop each run after N statements and rounds of loops (default: 10^9)",
                choices.run.max_steps);
  const auto words = with_plot_apart(arguments);
  if (!words) return complain(words.error());
  const auto files = options.parse(*words, "bachsim sweep [OPTION ...] FILE",
                                   "Runs a workload under every combination of settings, params and seeds.");
  if (!files) return files.error();
  if (files->empty()) return complain("sweep wants a file; `bachsim sweep --help` tells more");
  if (choices.plot_file.empty() != choices.plot.empty())
    return complain("--plot wants a file and, in quotes, MEASURE over AXIS");
  const bool of_runs = !choices.vary.empty() || !choices.defines.empty() || !choices.seeds.empty() ||
                       !choices.settings.empty() || choices.measures != kSweepMeasures ||
                       !choices.include_root.empty() || choices.run.max_steps != RunOptions{}.max_steps ||
                       choices.jobs != 0 || choices.progress || choices.resume;
  if (choices.jobs == 0) choices.jobs = std::max(1u, std::thread::hardware_concurrency());
  choices.progress = choices.progress || isatty(STDERR_FILENO) == 1;
  if (choices.merge && (of_runs || choices.share != 0 || choices.slurm != 0))
    return complain("--merge has from its parts what was run and measured; it takes --format, --output and --plot");
  if (choices.merge) return merge_parts(*files, choices);
  if (files->size() > 1) return complain("sweep wants one file; with --merge it wants parts");
  if (choices.share != 0 && choices.output.empty())
    return complain("--shard wants --output: the file of this share's part");
  if (choices.share != 0 && (choices.format || !choices.plot_file.empty()))
    return complain("--format and --plot are for --merge, which has all parts");
  if (choices.resume && choices.output.empty()) return complain("--resume wants --output: the file of the sweep");
  if (choices.slurm > kMostShares) return complain(fmt::format("--slurm: more than {} tasks", kMostShares));
  if (choices.slurm != 0 && choices.share != 0)
    return complain("--slurm makes the shares itself: --shard is one of them");
  if (choices.slurm != 0 && (files->front() == "-" || files->front() == "/dev/stdin"))
    return complain("--slurm wants a file: its tasks have no standard input");
  if (choices.slurm != 0) return write_slurm_job(arguments, options, choices.slurm, choices.output);
  return sweep(files->front(), choices);
}

}  // namespace bachsim
