// bachsim sweep FILE: one workload under every combination of settings, params and seeds.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "sim/cli/command.h"
#include "sim/cli/gnuplot.h"
#include "sim/cli/host.h"
#include "sim/cli/part_file.h"
#include "sim/cli/rate.h"
#include "sim/cli/session.h"
#include "sim/cli/sweep.h"
#include "sim/sweep/plot.h"
#include "sim/sweep/results.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kMostShares = 9'999'999;  // as take_share() reads them

constexpr std::string_view kMeasures =
    "counter.vfault.total,counter.pfault.total,counter.pfault.copied,counter.fork.pages_copied,counter.swap.reads,"
    "counter.swap.writes,counter.stealer.stolen,counter.tlb.misses,frames.peak,tables.peak,swap.used,processes";

struct SweepChoices {
  std::vector<std::string> vary;
  std::vector<std::string> defines;
  std::string seeds;
  std::string measures{kMeasures};
  std::vector<std::string> settings;
  std::optional<std::uint64_t> seed{};
  std::string include_root;
  std::optional<ResultFormat> format{};
  std::string output;
  bool resume = false;
  bool merge = false;
  bool progress = false;
  std::uint64_t jobs = 0;
  std::uint64_t share = 0;  // 0: all
  std::uint64_t shares = 1;
  std::uint64_t slurm = 0;  // tasks; 0: run here
  std::string plot_file;
  std::string plot;
  ColorWhen color = ColorWhen::Auto;
  RunOptions run{};

  [[nodiscard]] ResultFormat form() const { return format.value_or(ResultFormat::Table); }
};

// The parts between commas that stand in no brackets, with blanks for tabs.
std::vector<std::string> expressions_of(std::string_view list) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char written : list) {
    const char c = written == '\t' ? ' ' : written;
    depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
    if (c == ',' && depth == 0)
      parts.emplace_back();
    else if (c != ' ' || !parts.back().empty())
      parts.back() += c;
  }
  return parts;
}

// FNV-1a of all that decides what the runs do, in hexadecimal. On failure, why there is none, for the user.
std::expected<std::string, std::string> digest_of(const Session& session, const SweepChoices& choices) {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
  const auto add_piece = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x0000'0100'0000'01b3;
  };
  const auto add = [&](std::string_view text) {
    add_piece(text);
    add_piece("\xff");
  };
  add(BACHSIM_VERSION);
  for (std::size_t i = 0; i < session.sources().files(); ++i) add(session.sources().text(i));
  for (const std::string& setting : choices.settings) add(setting);
  add(choices.seed ? fmt::format("{}", *choices.seed) : "");
  add(fmt::format("{}", choices.run.max_steps));
  std::vector<char> buffer(1u << 16);
  for (const FoundFile& file : session.replayed()) {
    const auto text = HostReferences(file).open();
    if (!text) return std::unexpected(text.error());
    while (const std::size_t count = (*text)->read(buffer)) add_piece({buffer.data(), count});
    add("");
  }
  return fmt::format("{:016x}", hash);
}

std::expected<Plan, std::string> plan_of(const Session& session, const SweepChoices& choices) {
  auto digest = digest_of(session, choices);
  if (!digest) return std::unexpected(std::move(digest.error()));
  Plan plan{.script = std::filesystem::path(session.sources().name(0)).filename(), .digest = std::move(*digest)};
  const auto vary = [&plan](Axis::Kind kind, const std::vector<std::string>& texts) -> std::string {
    for (const std::string& text : texts)
      if (std::string wrong = plan.vary(kind, text); !wrong.empty()) return wrong;
    return {};
  };
  if (auto wrong = vary(Axis::Kind::Key, choices.vary); !wrong.empty()) return std::unexpected("--vary: " + wrong);
  if (auto wrong = vary(Axis::Kind::Param, choices.defines); !wrong.empty()) return std::unexpected("-D: " + wrong);
  if (!choices.seeds.empty())
    if (auto wrong = plan.vary(Axis::Kind::Seed, "seed=" + choices.seeds); !wrong.empty())
      return std::unexpected("--seeds: " + wrong);
  plan.measures = expressions_of(choices.measures);
  for (const std::string& measure : plan.measures)
    if (printable(measure) != measure)
      return std::unexpected(fmt::format("--measure: `{}` has characters that do not show", printable(measure)));
  if (plan.runs() > Plan::kMostRuns)
    return std::unexpected(fmt::format("these are more than {} runs", Plan::kMostRuns));
  return plan;
}

// The script with what the axes' values and the measures are in it. All that is wrong goes to standard error.
class Prepared {
 public:
  static std::unique_ptr<Prepared> prepare(std::unique_ptr<Session> session, const Plan& plan,
                                           const SweepChoices& choices) {
    std::unique_ptr<Prepared> prepared(new Prepared(std::move(session), plan, choices));
    return prepared->sound_ ? std::move(prepared) : nullptr;
  }
  [[nodiscard]] const Sweep& sweep() const { return sweep_; }

 private:
  Prepared(std::unique_ptr<Session> session, const Plan& plan, const SweepChoices& choices)
      : session_(std::move(session)),
        sweep_{.plan = plan,
               .script = session_->script(),
               .sources = session_->sources(),
               .settings = {},
               .params = {.seed = choices.seed},
               .keys = std::vector<std::vector<Setting>>(plan.axes.size()),
               .definitions = std::vector<std::vector<Definition>>(plan.axes.size()),
               .measures = session_->expressions(),
               .options = choices.run,
               .budget = session_->budget()} {
    for (const std::string& word : choices.settings) take("--set", word, parse_setting, sweep_.settings);
    for (std::size_t i = 0; i < plan.axes.size(); ++i) {
      const Axis& axis = plan.axes[i];
      for (const std::string& value : axis.values) {
        if (!sound_) return;
        if (axis.kind == Axis::Kind::Key)
          take("--vary", axis.name + "=" + value, parse_setting, sweep_.keys[i]);
        else if (axis.kind == Axis::Kind::Param)
          take("-D", axis.name + "=" + value, parse_definition, sweep_.definitions[i]);
      }
    }
  }

  // Nothing, once something is wrong.
  template <class Parse, class T>
  void take(const char* option, const std::string& word, Parse&& parse, std::vector<T>& to) {
    if (!sound_) return;
    Sources& sources = session_->sources();
    if (sources.bytes() + word.size() >= Sources::kMaxBytes) {
      sound_ = complain(fmt::format("{}: all values together are too long", option)) == kOk;
      return;
    }
    auto taken = parse(sources, sources.add(option, word));
    if (taken)
      to.push_back(std::move(*taken));
    else
      sound_ = session_->stopped(taken.error()) == kOk;
  }

  std::unique_ptr<Session> session_;
  Sweep sweep_;
  bool sound_ = true;
};

// Why a plan's results cannot be in a format, for the user; empty if they can.
std::string trouble_of(const Plan& plan, ResultFormat format) {
  const std::string twice = format == ResultFormat::Json ? name_of_two(plan) : std::string();
  if (twice.empty()) return {};
  return fmt::format("--format json: a row would have `{}` twice; --format csv has a column for each", twice);
}

// Writes results to where they are to go, and a plot of them.
class Destination {
 public:
  // On failure, why, for the user.
  static std::expected<std::unique_ptr<Destination>, std::string> open(const SweepChoices& choices, const Plan& plan) {
    std::unique_ptr<Destination> destination(new Destination(choices));
    auto output = OutputFile::create(choices.output);
    if (!output) return std::unexpected(output.error());
    destination->output_ = std::move(*output);
    destination->table_.emplace(*destination->output_, plan, choices.form());
    if (choices.plot_file.empty()) return destination;
    auto plot = Plot::parse(choices.plot, plan);
    if (!plot) return std::unexpected("--plot: " + plot.error());
    destination->plot_.emplace(std::move(*plot));
    auto file = OutputFile::create(choices.plot_file);
    if (!file) return std::unexpected(file.error());
    if (!choices.output.empty() && (*file)->shares_place_with(*destination->output_))
      return std::unexpected(fmt::format("{}: two options name one file", choices.plot_file));
    destination->plot_output_ = std::move(*file);
    destination->table_->watch([plot = &*destination->plot_](const ResultRow& row) { plot->add(row); });
    return destination;
  }

  void add(std::uint64_t run, const Outcome& outcome) {
    table_->add(run, outcome);
    if (choices_.output.empty() && choices_.form() != ResultFormat::Table) output_->flush();
  }

  // The exit status; what is wrong has gone to standard error.
  int finish(const std::string& title) {
    table_->finish();
    std::string trouble = output_->finish();
    if (plot_ && trouble.empty()) {
      const Chart chart = plot_->chart(title);
      if (chart.curves.empty()) return complain("--plot: the measure is a number in no row: there is nothing to draw");
      const auto drawing = drawn_by_gnuplot(chart);
      if (!drawing) return complain(drawing.error());
      plot_output_->write(*drawing);
      trouble = plot_output_->finish();
    }
    return finished(table_->failed() == 0 ? kOk : kExpectationFailed, trouble);
  }

 private:
  explicit Destination(const SweepChoices& choices) : choices_(choices) {}

  const SweepChoices& choices_;
  std::unique_ptr<OutputFile> output_;
  std::optional<ResultTable> table_;
  std::optional<Plot> plot_;
  std::unique_ptr<OutputFile> plot_output_;
};

// Runs from `first` to `end`; `take` gets each. Says what went wrong.
template <class Take>
std::string run_here(const Sweep& sweep, const SweepChoices& choices, std::uint64_t first, std::uint64_t end,
                     Take&& take) {
  std::string trouble;
  Rate rate(choices.progress, end - first);
  const auto threads = static_cast<unsigned>(std::min<std::uint64_t>(choices.jobs, 1024));
  run_all(sweep, first, end, threads, [&](std::uint64_t run, const Outcome& outcome) {
    trouble = take(run, outcome);
    rate.show(run + 1 - first);
    return trouble.empty();
  });
  return trouble;
}

// The file beside the output in which results are until all are there.
std::string part_of(const std::string& output) { return output + ".part"; }

// Runs into a file of results, and makes a table of it at the end, or leaves it as the part that it is.
int run_to_file(const Sweep& sweep, const SweepChoices& choices, const PartHead& head) {
  const bool is_share = choices.share != 0;
  if (is_share && choices.resume && std::filesystem::exists(choices.output)) {  // it is done already
    const auto there = read_head(choices.output);
    if (!there) return complain(there.error());
    if (*there != head)
      return complain(fmt::format("{}: it is of another sweep, or of another share of it", choices.output));
    return finished(kOk, read_part(choices.output, head, [](std::uint64_t, const Outcome&) {}));
  }
  // Whether it can be written is said before the runs, which may take hours.
  for (const std::string& path : {choices.output, choices.plot_file}) {
    if (!OutputFile::is_put_in_place(path)) continue;
    if (const auto writable = OutputFile::create(path); !writable) return complain(writable.error());
  }
  if (same_file(choices.plot_file, choices.output))
    return complain(fmt::format("{}: two options name one file", choices.plot_file));
  const std::string path = part_of(choices.output);
  struct stat existing {};  // what others may not read they may not read there either
  const mode_t mode = stat(choices.output.c_str(), &existing) == 0 ? (existing.st_mode & 0666) | 0600 : 0666;
  auto part = PartFile::open(path, head, choices.resume, mode);
  if (!part) return complain(part.error());
  std::string trouble = run_here(sweep, choices, part->next(), head.end,
                                 [&](std::uint64_t run, const Outcome& outcome) { return part->add(run, outcome); });
  if (!trouble.empty()) return complain(trouble);
  if (is_share) {
    const auto output = OutputFile::create(choices.output);
    if (!output) return complain(output.error());
    trouble = part->copy_to(**output);
    if (trouble.empty()) trouble = (*output)->finish();
    if (trouble.empty()) part->remove();
    return finished(kOk, trouble);
  }
  auto destination = Destination::open(choices, head.plan);
  if (!destination) return complain(destination.error());
  trouble =
      read_part(path, head, [&](std::uint64_t run, const Outcome& outcome) { (*destination)->add(run, outcome); });
  if (!trouble.empty()) return complain(trouble);
  const int status = (*destination)->finish(sweep.script.title);
  if (status != kUserError) part->remove();
  return status;
}

int sweep(const std::string& file, const SweepChoices& choices) {
  auto session = Session::load(file, choices.include_root, use_color(choices.color, STDERR_FILENO));
  if (!session) return complain(session.error());
  if (!(*session)->errors().empty())
    return print_errors((*session)->sources(), (*session)->errors(), (*session)->color());
  const auto plan = plan_of(**session, choices);
  if (!plan) return complain(plan.error());
  if (const std::string trouble = trouble_of(*plan, choices.form()); !trouble.empty()) return complain(trouble);
  auto measured = (*session)->with_expressions(plan->measures);
  if (!measured) return complain("--measure: " + measured.error());
  const auto prepared = Prepared::prepare(std::move(*measured), *plan, choices);
  if (prepared == nullptr) return kUserError;
  const Sweep& sweep = prepared->sweep();
  // A sweep none of whose runs could begin is the user's mistake, and not a table of complaints.
  PartHead head{.plan = *plan, .first = 0, .end = plan->runs()};
  if (const std::string wrong = why_it_cannot_begin(sweep, 0); !wrong.empty()) {
    std::uint64_t run = 1;
    while (run < head.end && !why_it_cannot_begin(sweep, run).empty()) ++run;
    if (run == head.end) return complain(wrong);
  }
  if (!choices.plot_file.empty())
    if (const auto plot = Plot::parse(choices.plot, *plan); !plot) return complain("--plot: " + plot.error());
  if (choices.share != 0) {
    const std::vector<std::uint64_t> ends = shares(sweep, choices.shares);
    head.first = ends[choices.share - 1];
    head.end = ends[choices.share];
  }
  const std::string part = choices.output.empty() ? "" : part_of(choices.output);
  for (const std::string& path : {choices.output, part, choices.plot_file})
    if (!path.empty() && (*session)->reads(path)) return complain(fmt::format("{}: the script is read from it", path));
  if (OutputFile::is_put_in_place(choices.output)) {
    if (same_file(choices.plot_file, part))
      return complain(fmt::format("{}: results are kept there until all are there", choices.plot_file));
    return run_to_file(sweep, choices, head);
  }
  if (choices.share != 0 || choices.resume)
    return complain(fmt::format("{}: it is no plain file, in which results could be kept", choices.output));
  auto destination = Destination::open(choices, *plan);
  if (!destination) return complain(destination.error());
  const std::string trouble =
      run_here(sweep, choices, head.first, head.end, [&](std::uint64_t run, const Outcome& outcome) {
        (*destination)->add(run, outcome);
        return std::string();
      });
  return trouble.empty() ? (*destination)->finish(sweep.script.title) : complain(trouble);
}

// Puts parts together.
int merge(const std::vector<std::string>& files, const SweepChoices& choices) {
  struct Part {
    std::string path;
    std::uint64_t first;
    std::uint64_t end;
  };
  std::vector<Part> parts;
  Plan plan;  // of all of them
  for (const std::string& file : files) {
    for (const std::string& path : {choices.output, choices.plot_file})
      if (same_file(path, file)) return complain(fmt::format("{}: a part is read from it", path));
    auto head = read_head(file);
    if (!head) return complain(head.error());
    if (parts.empty()) plan = head->plan;
    if (head->plan != plan)
      return complain(fmt::format("{}: it is of another sweep than {}", file, parts.front().path));
    parts.push_back({file, head->first, head->end});
  }
  std::ranges::stable_sort(parts, {}, [](const Part& part) { return std::pair(part.first, part.end); });
  std::uint64_t next = 0;
  for (const Part& part : parts) {
    if (part.first > next) return complain(fmt::format("no part has the runs {} to {}", next, part.first - 1));
    if (part.first < next && part.end > part.first)
      return complain(fmt::format("{}: another part has run {}, too", part.path, part.first));
    next = std::max(next, part.end);
  }
  if (next != plan.runs()) return complain(fmt::format("no part has the runs {} to {}", next, plan.runs() - 1));
  if (const std::string trouble = trouble_of(plan, choices.form()); !trouble.empty()) return complain(trouble);
  auto destination = Destination::open(choices, plan);
  if (!destination) return complain(destination.error());
  PartHead head{.plan = plan};
  for (const Part& part : parts) {
    head.first = part.first;
    head.end = part.end;
    const std::string trouble = read_part(
        part.path, head, [&](std::uint64_t run, const Outcome& outcome) { (*destination)->add(run, outcome); });
    if (!trouble.empty()) return complain(trouble);
  }
  return (*destination)->finish(plan.script);
}

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
                       !choices.settings.empty() || choices.measures != kMeasures || !choices.include_root.empty() ||
                       choices.run.max_steps != RunOptions{}.max_steps || choices.jobs != 0 || choices.progress ||
                       choices.resume;
  if (choices.jobs == 0) choices.jobs = std::max(1u, std::thread::hardware_concurrency());
  choices.progress = choices.progress || isatty(STDERR_FILENO) == 1;
  if (choices.merge && (of_runs || choices.share != 0 || choices.slurm != 0))
    return complain("--merge has from its parts what was run and measured; it takes --format, --output and --plot");
  if (choices.merge) return merge(*files, choices);
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
