#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "sim/cli/host.h"
#include "sim/cli/part_file.h"
#include "sim/cli/rate.h"
#include "sim/cli/session.h"
#include "sim/cli/sweep.h"
#include "sim/sweep/sweep.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

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
  for (std::string& part : parts) part.resize(part.find_last_not_of(' ') + 1);
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
               .params = {},
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
  auto destination = SweepDestination::open(choices, head.plan);
  if (!destination) return complain(destination.error());
  trouble =
      read_part(path, head, [&](std::uint64_t run, const Outcome& outcome) { (*destination)->add(run, outcome); });
  if (!trouble.empty()) return complain(trouble);
  const int status = (*destination)->finish(sweep.script.title);
  if (status != kUserError) part->remove();
  return status;
}

}  // namespace

int sweep(const std::string& file, const SweepChoices& choices) {
  auto session = Session::load(file, choices.include_root, use_color(choices.color, STDERR_FILENO));
  if (!session) return complain(session.error());
  if (!(*session)->errors().empty())
    return print_errors((*session)->sources(), (*session)->errors(), (*session)->color());
  const auto plan = plan_of(**session, choices);
  if (!plan) return complain(plan.error());
  if (const std::string trouble = why_not_in(choices.form(), *plan); !trouble.empty()) return complain(trouble);
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
  auto destination = SweepDestination::open(choices, *plan);
  if (!destination) return complain(destination.error());
  const std::string trouble =
      run_here(sweep, choices, head.first, head.end, [&](std::uint64_t run, const Outcome& outcome) {
        (*destination)->add(run, outcome);
        return std::string();
      });
  return trouble.empty() ? (*destination)->finish(sweep.script.title) : complain(trouble);
}

}  // namespace bachsim
