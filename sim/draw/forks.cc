// The view `forks`: the process tree, with what each call cost.
#include <fmt/format.h>

#include <algorithm>

#include "sim/draw/dot.h"
#include "sim/draw/drawings.h"
#include "sim/draw/fork_history.h"
#include "workloads/language/characters.h"
#include "workloads/language/run.h"

namespace bachsim {
namespace {

// With its words, a copy as it was, and its box of a drawing.
constexpr std::uint64_t kBytesPerProcess = 4096;
constexpr std::uint64_t kBytesPerCall = 1024;

std::string moved_text(std::int64_t number, std::string_view what) {
  const auto size = static_cast<std::uint64_t>(number < 0 ? -number : number);
  return fmt::format("{}{}", number < 0 ? "gives back " : "", count_text(size, what));
}

std::string cost_text(const CallCost& cost, bool of_fork) {
  std::string text = moved_text(cost.frames, "frame") + ", " + moved_text(cost.tables, "page table");
  if (of_fork)
    text += fmt::format(", {} copied, {} copied", count_text(cost.pages_copied, "page"),
                        count_text(cost.entries_copied, "entry", "entries"));
  return text;
}

}  // namespace

std::string ForkHistory::text(const Statement* statement) const {
  if (statement == nullptr) return "with the script's end";
  return fmt::format("line {}: {}", sources_.find(statement->place).line,
                     shortened(sources_.slice(statement->place, statement->end), 60));
}

void ForkHistory::begin(const Statement& /*statement*/, const Run& run) {
  before_ = run.kernel().counters();
  gauges_before_ = run.kernel().gauges();
}

void ForkHistory::done(const Statement& statement, const Run& run) {
  take(&statement, run);
  begin(statement, run);  // what comes behind the last one has none of its own
}

// REQUIRES: statement is what has been done since begin(); nullptr: the end of the script
void ForkHistory::take(const Statement* statement, const Run& run) {
  take_events();
  const Counters now = run.kernel().counters();
  const Gauges gauges = run.kernel().gauges();
  const auto moved = [](std::uint64_t after, std::uint64_t before) {
    return static_cast<std::int64_t>(after) - static_cast<std::int64_t>(before);
  };
  const CallCost cost{.frames = moved(gauges.frames_used, gauges_before_.frames_used),
                      .tables = moved(gauges.tables_used, gauges_before_.tables_used),
                      .pages_copied = now.fork.pages_copied - before_.fork.pages_copied,
                      .entries_copied = now.fork.ptes_copied - before_.fork.ptes_copied};
  const std::string with = text(statement);
  movers_ =
      static_cast<std::size_t>(std::ranges::count_if(doings_, [](const auto& each) { return each.second.moved; }));
  add_newborn(with, cost, run);
  for (const auto& [tag, doings] : doings_) {
    const auto pid = pids_.find(tag);
    if (pid == pids_.end()) continue;
    ForkedProcess& process = processes_.at(pid->second);
    process.faults.validity += doings.faults.validity;
    process.faults.copied += doings.faults.copied;
    process.faults.kept += doings.faults.kept;
    const std::string others = others_moved(tag, tag) ? ", with others" : "";
    for (std::uint64_t i = 0; i < doings.calls; ++i) {
      commit(run, kBytesPerCall);
      process.calls.push_back({.statement = with + others, .cost = cost});
    }
  }
  doings_.clear();
}

void ForkHistory::add_newborn(const std::string& with, const CallCost& cost, const Run& run) {
  for (const std::uint64_t tag : newborn_) {
    const auto slot = run.find(tag);
    if (!slot) continue;
    const ProcessRow row = run.state().process(*slot);
    commit(run, kBytesPerProcess + row.name.size() * kCopiesOfName);
    pids_[tag] = row.pid;
    const auto parent = processes_.find(row.parent);
    const bool others = others_moved(tag, parent == processes_.end() ? tag : parent->second.tag);
    processes_[row.pid] = {.pid = row.pid,
                           .tag = tag,
                           .parent = row.parent,
                           .name = row.name,
                           .made_by = with + (others ? ", with others" : ""),
                           .vforked = doings_[tag].vforked,
                           .cost = cost,
                           .calls = {},
                           .faults = {}};
  }
  newborn_.clear();
}

// Whether frames or page tables were moved by others than these two: nobody knows then who has moved how many.
bool ForkHistory::others_moved(std::uint64_t one, std::uint64_t other) const {
  const auto moved = [this](std::uint64_t tag) -> std::size_t {
    const auto found = doings_.find(tag);
    return found != doings_.end() && found->second.moved ? 1 : 0;
  };
  return movers_ > moved(one) + (other == one ? 0 : moved(other));
}

// A replay has more of them than can be kept.
void ForkHistory::replayed(std::uint64_t /*references*/) { take_events(); }

void ForkHistory::take_events() {
  for (const Event& event : events) {
    Doings& doings = doings_[event.process];
    switch (event.kind) {
      case EventKind::NoRegion:
      case EventKind::VfaultViolation:
      case EventKind::VfaultOutList:
        ++doings.faults.validity;
        break;
      case EventKind::VfaultCache:  // it may take the frame off the free list
      case EventKind::VfaultZero:
      case EventKind::VfaultFill:
      case EventKind::VfaultFile:
      case EventKind::VfaultSwap:
        ++doings.faults.validity;
        doings.moved = true;
        break;
      case EventKind::PfaultCopied:
        ++doings.faults.copied;
        doings.moved = true;
        break;
      case EventKind::PfaultKept:
        ++doings.faults.kept;
        break;
      case EventKind::Execed:
      case EventKind::Exited:
        ++doings.calls;
        doings.moved = true;
        break;
      case EventKind::Vforked:
        doings_[event.child].vforked = true;
        newborn_.push_back(event.child);
        break;
      case EventKind::Spawned:
        newborn_.push_back(event.process);
        break;
      case EventKind::Forked:
        newborn_.push_back(event.child);
        doings.moved = true;
        break;
      case EventKind::Killed:
      case EventKind::SwappedOut:
      case EventKind::SwappedIn:
      case EventKind::RegionFreed:
      case EventKind::RegionGrown:
      case EventKind::RegionAttached:
      case EventKind::RegionDetached:
      case EventKind::StackGrows:
      case EventKind::Prepaged:
      case EventKind::VhandStole:
      case EventKind::LeftWindow:
      case EventKind::WorkingSetFull:
        doings.moved = true;
        break;
      default:
        break;
    }
  }
  events.clear();
}

void ForkHistory::commit(const Run& run, std::uint64_t bytes) {
  if (!share_) share_.emplace(run.state().budget());
  share_->commit(bytes);
}

std::string forks_drawing(const Subject& subject, const ForkHistory& history, const Moment& now,
                          const std::map<std::uint32_t, ForkedProcess>* before) {
  Dot dot(subject.title, subject.caption, Dot::Direction::TopToBottom);
  bool any_marked = false;
  for (const auto& [pid, process] : history.processes()) {
    if (!subject.draws(pid)) continue;
    const auto row = std::ranges::lower_bound(now.processes, pid, {}, &ProcessRow::pid);
    const bool lives = row != now.processes.end() && row->pid == pid;
    const ForkedProcess none;
    const ForkedProcess* was = &process;
    if (before != nullptr) {
      const auto found = before->find(pid);
      was = found == before->end() ? &none : &found->second;
    }
    std::string label = "<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" CELLPADDING=\"4\" COLOR=\"#555555\">\n";
    const auto line = [&](std::string_view above, std::string_view text, ChangeMark mark) {
      any_marked = any_marked || mark != ChangeMark::None;
      label += fmt::format("    <TR><TD ALIGN=\"LEFT\"{}>{}{}<BR ALIGN=\"LEFT\"/>{}<BR ALIGN=\"LEFT\"/></TD></TR>\n",
                           mark == ChangeMark::None ? "" : fmt::format(" BGCOLOR=\"{}\"", mark_color(mark)),
                           mark == ChangeMark::None ? "" : bold_label(fmt::format("{}: ", mark_word(mark))),
                           label_text(above), small_label(text, "#222222"));
    };
    label += fmt::format("    <TR><TD BGCOLOR=\"#DCE6EE\">{}</TD></TR>\n",
                         bold_label(fmt::format(
                             "{}, pid {}{}", process.name, pid,
                             lives ? fmt::format(": {}, {}", row->program, name(row->state)) : std::string(": gone"))));
    line(process.made_by, cost_text(process.cost, process.parent != 1),
         was == &none ? ChangeMark::New : ChangeMark::None);
    for (std::size_t i = 0; i < process.calls.size(); ++i)
      line(process.calls[i].statement, cost_text(process.calls[i].cost, false),
           i >= was->calls.size() ? ChangeMark::New : ChangeMark::None);
    line("its faults",
         fmt::format("{}, {} copied and {} kept on write", count_text(process.faults.validity, "validity fault"),
                     count_text(process.faults.copied, "page"), process.faults.kept),
         process.faults != was->faults ? ChangeMark::Changed : ChangeMark::None);
    dot.node(fmt::format("p{}", pid), label + "  </TABLE>");
    if (history.processes().contains(process.parent) && subject.draws(process.parent))
      dot.arrow(fmt::format("p{}", process.parent), fmt::format("p{}", pid),
                process.vforked ? Line::Vfork : Line::Fork);
  }
  dot.explain_marks(any_marked);
  return dot.finish();
}

}  // namespace bachsim
