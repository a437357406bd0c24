// bachsim draw FILE: a moment of a run as a drawing.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>
#include <ranges>

#include "sim/cli/command.h"
#include "sim/cli/graphviz.h"
#include "sim/cli/moments.h"
#include "sim/cli/session.h"
#include "sim/cli/shown.h"
#include "sim/draw/copy_history.h"
#include "sim/draw/drawings.h"
#include "sim/draw/fork_history.h"
#include "sim/state/labels.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

enum class Picture : std::uint8_t { Tables, Pages, Walk, Tree, Forks, Memory, Map };
constexpr std::array<std::string_view, 7> kPictures{"tables", "pages", "walk", "tree", "forks", "memory", "map"};
constexpr std::array<std::string_view, 3> kFormats{"svg", "png", "dot"};

struct DrawChoices {
  std::optional<Picture> view;
  std::string format;
  std::string output;  // empty: standard output
  std::optional<When> at;
  std::optional<When> before_after;
  When marked{};  // without both: where the script says that it is drawn, or the end
  bool diff = false;
  std::vector<std::string> processes;
  std::string address;
  StageChoices stage;
  std::string include_root;
  std::uint64_t max_steps = RunOptions{}.max_steps;
  ColorWhen color = ColorWhen::Auto;
};

// Takes a word that is one of several.
template <class Words, class Take>
std::string choose(const Words& words, const std::string& word, Take&& take) {
  const std::vector<std::string_view> known(words.begin(), words.end());
  const auto at = std::ranges::find(known, word);
  if (at == known.end())
    return fmt::format("`{}` is none of {}{}", word, fmt::join(known, ", "), did_you_mean(word, known));
  take(static_cast<std::size_t>(at - known.begin()));
  return {};
}

// `line 12: C: write data[0] = 8`
std::string statement_text(const Session& session, const Statement& statement) {
  const auto position = session.sources().find(statement.place);
  const std::string file = position.file == 0 ? "" : fmt::format("{}, ", session.sources().name(position.file));
  return fmt::format("{}line {}: {}", file, position.line,
                     shortened(session.sources().shown(statement.place, statement.end), 100));
}

// `0x400000`, `66K`, `data[2]`, as the tables of a process have it; or `@0x400000`, as scripts have it.
std::optional<std::uint64_t> shown_address(const std::string& word, const Moment& moment, ProcSlot slot) {
  const auto number = [](std::string_view digits) -> std::optional<std::uint64_t> {
    const bool hex = digits.starts_with("0x");
    if (hex) digits.remove_prefix(2);
    std::uint64_t unit = 1;
    if (!hex && !digits.empty() && std::string_view("KMG").find(digits.back()) != std::string_view::npos) {
      unit = std::uint64_t{1} << 10 * (std::string_view("KMG").find(digits.back()) + 1);
      digits.remove_suffix(1);
    }
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
    if (error != std::errc() || stop != digits.data() + digits.size() || value > ~std::uint64_t{0} / unit)
      return std::nullopt;
    return value * unit;
  };
  const std::size_t bracket = word.find('[');
  if (bracket == std::string::npos) return number(std::string_view(word).substr(word.starts_with('@') ? 1 : 0));
  if (word.back() != ']') return std::nullopt;
  const auto page = number(std::string_view(word).substr(bracket + 1, word.size() - bracket - 2));
  for (const PregionRow& pregion : moment.pregions) {
    if (pregion.process == slot && pregion.name == word.substr(0, bracket) && page && *page < pregion.pages)
      return pregion.address_of(static_cast<std::uint32_t>(*page)).value;
  }
  return std::nullopt;
}

class Drawer {
 public:
  Drawer(Session& session, const DrawChoices& choices) : session_(session), choices_(choices) {}

  // The drawing in DOT; or, once all is told, the exit status.
  std::expected<std::string, int> draw() {
    const When when = choices_.before_after.value_or(choices_.at.value_or(choices_.marked));
    const auto found = find_moment(session_, when, choices_.max_steps);
    if (!found) return std::unexpected(found.error());
    if (choices_.before_after && found->statement == nullptr)
      return std::unexpected(complain("--before-after: no statement has been done then"));
    ForkHistory forks(session_.sources());
    CopyHistory copies;
    Listener& history = view() == Picture::Pages ? static_cast<Listener&>(copies) : forks;
    const bool wanted = view() == Picture::Forks || view() == Picture::Pages;
    Run& run = session_.start(history, {.max_steps = choices_.max_steps, .trace = wanted});
    if (wanted) run.watch(view() == Picture::Pages ? &copies.events : &forks.events);
    std::optional<Seen> before;
    if (choices_.before_after || (choices_.diff && found->changing != nullptr)) {
      run.run_to(choices_.before_after ? found->begin : found->before_change);
      before.emplace(run.state(), view() == Picture::Tree);
      if (view() == Picture::Walk) before->walk = walk(run, *found);
      before->copies = copies.copies();
      before->fills = copies.fills();
      before->freed = copies.freed();
      before->forked = forks.processes();
    }
    run.run_to(found->step);
    if (run.mistake()) return std::unexpected(session_.stopped(*run.mistake()));  // its events want memory, too
    if (found->step == FoundMoment::kEnd && view() == Picture::Pages) copies.end(run);
    if (found->step == FoundMoment::kEnd && view() == Picture::Forks) forks.end(run);
    Seen now(run.state(), view() == Picture::Tree);
    now.copies = copies.copies();
    now.fills = copies.fills();
    now.freed = copies.freed();
    HostShare share(now.moment.budget());
    for (const Seen* const seen : {before ? &*before : nullptr, &now}) {
      if (seen == nullptr) continue;
      share.commit(view() == Picture::Pages ? pages_drawing_bytes(seen->moment) : drawing_bytes(seen->moment));
      share.commit(tree_drawing_bytes(seen->trees));
    }
    if (const int status = choose_processes(now.moment, before ? &before->moment : nullptr, *found); status != kOk)
      return std::unexpected(status);
    describe(*found);
    if (view() == Picture::Forks) return forks_drawing(subject_, forks, now.moment, before ? &before->forked : nullptr);
    if (view() == Picture::Walk) {
      now.walk = walk(run, *found);
      if (!now.walk) return std::unexpected(complain(walk_trouble_));
      return walk_drawing(subject_, *now.walk, before && before->walk ? &*before->walk : nullptr);
    }
    if (choices_.before_after && view() == Picture::Tables)
      return tables_before_after(subject_, before->moment, now.moment);
    if (choices_.before_after)
      return pages_before_after(subject_, before->pages(), now.pages(), statement_text(session_, *found->statement));
    const Scene scene{.now = now.moment, .before = before ? &before->moment : nullptr};
    if (view() == Picture::Tree) return tree_drawing(subject_, now.trees, before ? &before->trees : nullptr);
    if (view() == Picture::Tables) return tables_drawing(subject_, scene);
    if (view() == Picture::Memory) return memory_drawing(subject_, scene);
    if (view() == Picture::Map) return map_drawing(subject_, scene);
    const std::optional<PagesMoment> old = before ? std::optional(before->pages()) : std::nullopt;
    return pages_drawing(subject_, now.pages(), old ? &*old : nullptr);
  }

 private:
  // What drawings are made of, at one moment.
  struct Seen {
    Seen(const State& state, bool with_trees) : moment(state), share(moment.budget()) {
      if (!with_trees) return;
      for (const ProcessRow& process : moment.processes) {
        share.grow(trees);
        std::vector<TreeRow>& rows = trees.emplace_back(SpaceTree{.process = process}).rows;
        if (!process.satp) continue;
        state.tree(process.slot, [&](const TreeRow& row) {
          share.grow(rows);
          rows.push_back(row);
        });
      }
    }
    [[nodiscard]] PagesMoment pages() const {
      return {.moment = moment, .copies = copies, .fills = fills, .freed = freed};
    }

    Moment moment;
    HostShare share;
    std::vector<SpaceTree> trees{};  // for that drawing alone
    std::optional<Walk> walk{};
    Copies copies{};
    Fills fills{};
    Freed freed{};
    std::map<std::uint32_t, ForkedProcess> forked{};
  };

  [[nodiscard]] Picture view() const {
    return choices_.view.value_or(choices_.before_after ? Picture::Pages : Picture::Tables);
  }

  // The walk that --process and --address ask for, or the script's last `show walk` before the moment.
  std::optional<Walk> walk(const Run& run, const FoundMoment& found) {
    const Shown::WalkPlace* const shown = found.shown.walk();
    const bool as_shown = choices_.address.empty();
    if (as_shown && (!shown || !choices_.processes.empty())) {
      walk_trouble_ = shown ? "--process: --view walk wants --address ADDRESS with it"
                            : "--view walk wants --process NAME and --address ADDRESS: there was no `show walk` before";
      return std::nullopt;
    }
    if (!as_shown && (choices_.processes.size() != 1 || choices_.processes.front().find(',') != std::string::npos)) {
      walk_trouble_ = "--view walk wants one --process NAME";
      return std::nullopt;
    }
    const Moment moment(run.state());
    const std::string& name = as_shown ? shown->process : choices_.processes.front();
    const auto process = std::ranges::find(moment.processes, name, &ProcessRow::name);
    if (process == moment.processes.end() || !process->satp) {
      walk_trouble_ =
          fmt::format("{}: nobody called `{}` has an address space then", as_shown ? "show walk" : "--process", name);
      return std::nullopt;
    }
    if (as_shown) return run.state().walk(process->slot, shown->address);
    const auto address = shown_address(choices_.address, moment, process->slot);
    if (!address) {
      walk_trouble_ =
          fmt::format("--address: `{}` is no address, as 0x400000 or 66K, nor a page that the process has, as data[2]",
                      choices_.address);
      return std::nullopt;
    }
    return run.state().walk(process->slot, Labels(run.kernel(), process->slot).locate(*address));
  }

  // Fills the subject's pids, from --process or from what the script shows.
  int choose_processes(const Moment& now, const Moment* before, const FoundMoment& found) {
    const Shown& shown = found.shown;
    subject_.swap = shows_swap(session_.script());
    if (view() == Picture::Map && !choices_.processes.empty())
      return complain("--process: a swap map has no processes");
    std::map<std::string, std::uint32_t> known;
    for (const Moment* const moment : {before, &now}) {
      if (moment == nullptr) continue;
      for (const ProcessRow& row : moment->processes) known[row.name] = row.pid;
    }
    std::vector<std::string> wanted;
    for (const std::string& words : choices_.processes) {
      for (const auto word : words | std::views::split(',')) wanted.emplace_back(word.begin(), word.end());
    }
    const bool as_shown = view() == Picture::Tables || view() == Picture::Pages;
    if (wanted.empty() && !as_shown) return kOk;
    if (wanted.empty() && !shown.names().empty()) {
      for (const auto& [name, pid] : known) {
        if (shown.made_since(name) && std::ranges::find(shown.names(), name) == shown.names().end())
          subject_.pids.insert(pid);
      }
    }
    for (const std::string& name : wanted.empty() ? shown.names() : wanted) {
      if (const auto at = known.find(name); at != known.end()) {
        subject_.pids.insert(at->second);
      } else if (!wanted.empty()) {
        std::vector<std::string_view> names;
        for (const auto& entry : known) names.push_back(entry.first);
        if (names.empty())
          return complain(fmt::format("--process: nobody is called `{}` then: there is no process", name));
        return complain(fmt::format("--process: nobody is called `{}` then (there are {}){}", name,
                                    fmt::join(names, ", "), did_you_mean(name, names)));
      }
    }
    return kOk;
  }

  void describe(const FoundMoment& found) {
    subject_.title = session_.script().title;
    if (choices_.before_after && view() == Picture::Tables)
      subject_.caption.push_back("before and after " + statement_text(session_, *found.statement));
    if (choices_.at && choices_.at->kind == When::Kind::Step)
      subject_.caption.push_back(fmt::format("after step {}", choices_.at->number));
    else if (choices_.at && choices_.at->kind == When::Kind::Line)
      subject_.caption.push_back("after " + statement_text(session_, *found.statement));
    if (choices_.diff && found.changing != nullptr)
      subject_.caption.push_back("marked: what changed by " + statement_text(session_, *found.changing));
  }

  Session& session_;
  const DrawChoices& choices_;
  Subject subject_;
  std::string walk_trouble_;  // why there is no walk
};

// Graphviz takes minutes for more.
constexpr std::ptrdiff_t kMostLines = 6000;

int write_drawing(Session& session, const DrawChoices& choices, OutputFile& output) {
  auto drawing = Drawer(session, choices).draw();
  if (!drawing) return drawing.error();
  if (choices.format != "dot") {
    const auto lines = std::ranges::count(*drawing, '\n');
    if (lines > kMostLines)
      return complain(fmt::format(
          "the drawing has {} rows and arrows, more than Graphviz lays out in a minute; --process NAME draws "
          "less, and --format dot writes it all",
          lines));
    auto picture = laid_out(*drawing, choices.format);
    if (!picture) return complain(picture.error());
    drawing = std::move(*picture);
  }
  output.write(*drawing);
  return finished(kOk, output.finish());
}

// The format that goes with a file's name; empty if none does.
std::string format_of(const std::string& path) {
  if (path.empty()) return "svg";
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".gv") return "dot";
  const auto at = std::ranges::find(kFormats, extension.empty() ? "" : std::string_view(extension).substr(1));
  return at == kFormats.end() ? "" : std::string(*at);
}

std::string contradiction(const DrawChoices& choices) {
  if (choices.before_after && choices.at) return "--before-after names its moments itself: take it or --at";
  if (choices.before_after && choices.diff) return "--diff marks changes in one moment, --before-after draws two";
  const bool pairs = !choices.view || *choices.view == Picture::Tables || *choices.view == Picture::Pages;
  if (choices.before_after && !pairs) return "--before-after draws tables or pages";
  if (std::ranges::find(choices.processes, "") != choices.processes.end()) return "--process: a name cannot be empty";
  if (!choices.address.empty() && choices.view != Picture::Walk) return "--address belongs to --view walk";
  if (choices.format.empty())
    return fmt::format("`{}` does not tell a format: --format is svg, png or dot", choices.output);
  return {};
}

// Where nothing else is said, a script is drawn as it says itself.
int follow_mark(const Session& session, DrawChoices& choices) {
  if (choices.at || choices.before_after || choices.view) return kOk;
  const auto mark = draw_mark(session.script(), session.sources());
  if (!mark) return kOk;
  if (mark->line) choices.marked = {.kind = When::Kind::Line, .number = *mark->line};
  if (mark->view.empty()) return kOk;
  const std::string trouble =
      choose(kPictures, std::string(mark->view), [&choices](std::size_t i) { choices.view = static_cast<Picture>(i); });
  if (trouble.empty()) return kOk;
  print_errors(session.sources(), {{mark->place, trouble}}, use_color(choices.color, STDERR_FILENO));
  return kUserError;
}

}  // namespace

int draw_command(const Arguments& arguments) {
  DrawChoices choices;
  Options options;
  const auto when = [](std::optional<When>& target) {
    return [&target](const std::string& word) -> std::string {
      const auto parsed = parse_when(word);
      if (!parsed) return parsed.error();
      target = *parsed;
      return {};
    };
  };
  options.word("view", "VIEW",
               "what to draw: tables (default), pages (with --before-after), walk, tree, forks, memory or map",
               [&choices](const std::string& word) {
                 return choose(kPictures, word, [&choices](std::size_t i) { choices.view = static_cast<Picture>(i); });
               });
  options.word("at", "LINE|step:N|end",
               "the moment: after the statement on LINE was done for the last time, after N steps, or the end "
               "(default: where the "
               "script has `#draw`, or the end)",
               when(choices.at));
  options.flag("diff", "mark what the last statement changed that is no note, show, expect or audit", choices.diff);
  options.word("before-after", "LINE",
               "draw the moments before and after the statement on LINE was done, for the last time",
               when(choices.before_after));
  options.list("process", "NAME,...",
               "draw these processes (default: those that the script's last `show` names and those made since, or all)",
               choices.processes);
  options.word("address", "ADDRESS",
               "what --view walk walks: 0x400000, 66K, data[2] (default: the script's last `show walk`)",
               [&choices](const std::string& word) {
                 choices.address = word;
                 return word.empty() ? "an address cannot be empty" : "";
               });
  options.word("format", "svg|png|dot", "as what (default: as the file of --output is called, or svg)",
               [&choices](const std::string& word) {
                 return choose(kFormats, word, [&choices](std::size_t i) { choices.format = kFormats.at(i); });
               });
  options.among("view", {kPictures.begin(), kPictures.end()});
  options.among("format", {kFormats.begin(), kFormats.end()});
  options.output(choices.output);
  options.stage(choices.stage);
  options.include_root(choices.include_root);
  options.color(choices.color, "of errors: `auto`, `always` or `never`");
  options.count("max-steps", "stop after N statements and rounds of loops (default: 10^9)", choices.max_steps);
  const auto files = options.parse(
      arguments, "bachsim draw [OPTION ...] FILE",
      "Runs a workload and draws its tables at one moment, with Graphviz; `-` reads standard input.", "draw");
  if (!files) return files.error();
  if (choices.format.empty()) choices.format = format_of(choices.output);
  if (const std::string trouble = contradiction(choices); !trouble.empty()) return complain(trouble);
  const auto session = Session::load(files->front(), choices.include_root, use_color(choices.color, STDERR_FILENO));
  if (!session) return complain(session.error());
  if (!(*session)->configure(choices.stage)) return kUserError;
  if (const int status = follow_mark(**session, choices); status != kOk) return status;
  if (!choices.output.empty() && (*session)->reads(choices.output))
    return complain(fmt::format("{}: the script is read from it", choices.output));
  const auto output = OutputFile::create(choices.output);
  return output ? write_drawing(**session, choices, **output) : complain(output.error());
}

}  // namespace bachsim
