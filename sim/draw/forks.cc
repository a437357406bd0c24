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

std::string ForkHistory::text(const Statement& statement) const {
  return fmt::format("line {}: {}", sources_.find(statement.place).line,
                     shortened(sources_.slice(statement.place, statement.end), 60));
}

void ForkHistory::begin(const Statement& statement, const Run& run) {
  before_ = run.kernel().counters();
  gauges_before_ = run.kernel().gauges();
  actor_ = 0;
  if (const auto* operation = std::get_if<OperationStatement>(&statement.body)) {
    try {
      actor_ = run.state().process(run.named({&operation->process, 1}).front()).pid;
    } catch (const Diagnostic&) {
      return;  // the statement is about to say so itself
    }
  }
}

void ForkHistory::done(const Statement& statement, const Run& run) {
  const Counters now = run.kernel().counters();
  const Gauges gauges = run.kernel().gauges();
  const auto moved = [](std::uint64_t after, std::uint64_t before) {
    return static_cast<std::int64_t>(after) - static_cast<std::int64_t>(before);
  };
  const CallCost cost{.frames = moved(gauges.frames_used, gauges_before_.frames_used),
                      .tables = moved(gauges.tables_used, gauges_before_.tables_used),
                      .pages_copied = now.fork.pages_copied - before_.fork.pages_copied,
                      .entries_copied = now.fork.ptes_copied - before_.fork.ptes_copied};
  if (now.process.created != before_.process.created) {
    for (const ProcSlot slot : run.state().processes()) {
      const ProcessRow row = run.state().process(slot);
      if (processes_.contains(row.pid)) continue;
      processes_[row.pid] = {.pid = row.pid,
                             .parent = row.parent,
                             .name = row.name,
                             .made_by = text(statement),
                             .cost = cost,
                             .calls = {},
                             .step = run.standing().steps};
    }
    return;
  }
  const auto actor = processes_.find(actor_);
  if (actor == processes_.end()) return;
  ForkedProcess& process = actor->second;
  process.validity_faults += now.vfault.total() - before_.vfault.total();
  process.copied += now.pfault.copied - before_.pfault.copied;
  process.kept += now.pfault.kept - before_.pfault.kept;
  if (now.syscall.exec != before_.syscall.exec || now.syscall.exit != before_.syscall.exit)
    process.calls.push_back({.statement = text(statement), .cost = cost});
}

std::string forks_drawing(const Subject& subject, const ForkHistory& history, const Moment& now,
                          std::optional<std::uint64_t> since) {
  Dot dot(subject.title, subject.caption, Dot::Direction::TopToBottom);
  bool any_new = false;
  for (const auto& [pid, process] : history.processes()) {
    if (!subject.draws(pid)) continue;
    const auto row = std::ranges::find(now.processes, pid, &ProcessRow::pid);
    const bool there = row != now.processes.end();
    const bool fresh = since && process.step > *since;
    any_new = any_new || fresh;
    std::string label = "<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" CELLPADDING=\"4\" COLOR=\"#555555\">\n";
    const auto line = [&label](std::string_view above, std::string_view text) {
      label += fmt::format("    <TR><TD ALIGN=\"LEFT\">{}<BR ALIGN=\"LEFT\"/>{}<BR ALIGN=\"LEFT\"/></TD></TR>\n",
                           label_text(above), small_label(text, "#222222"));
    };
    label += fmt::format("    <TR><TD BGCOLOR=\"{}\">{}</TD></TR>\n", fresh ? mark_color(Mark::New) : "#DCE6EE",
                         bold_label(fmt::format(
                             "{}{}, pid {}{}", fresh ? "new: " : "", process.name, pid,
                             there ? fmt::format(": {}, {}", row->program, name(row->state)) : std::string(": gone"))));
    line(process.made_by, cost_text(process.cost, process.parent != 1));
    for (const auto& call : process.calls) line(call.statement, cost_text(call.cost, false));
    line("its faults",
         fmt::format("{}, {} copied and {} kept on write", count_text(process.validity_faults, "validity fault"),
                     count_text(process.copied, "page"), process.kept));
    dot.node(fmt::format("p{}", pid), label + "  </TABLE>");
    if (history.processes().contains(process.parent) && subject.draws(process.parent))
      dot.arrow(fmt::format("p{}", process.parent), fmt::format("p{}", pid), Line::Fork);
  }
  dot.explain_marks(any_new);
  return dot.finish();
}

}  // namespace bachsim
