// The answers of a run, and the reasons that its trace gives for them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "sim/report/event_text.h"
#include "sim/sheet/sheet.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

constexpr std::size_t kLongestLine = 60;

bool has_two_sides(ExprKind kind) { return kind > ExprKind::Not; }
bool has_sides(ExprKind kind) { return kind >= ExprKind::Negate; }

// Whether an expression means the same wherever it is evaluated: neither a loop variable is in it nor chance.
bool fixed(const Expr* expr) {
  if (expr == nullptr) return true;
  if (expr->kind == ExprKind::LoopVariable || expr->kind == ExprKind::Draw) return false;
  if (expr->kind == ExprKind::Path) {
    const Path& path = *expr->path;
    const bool where = path.location == nullptr || (fixed(path.location->first) && fixed(path.location->last));
    return where && fixed(path.first) && fixed(path.second) && fixed(path.process.index);
  }
  return !has_sides(expr->kind) || (fixed(expr->left) && (!has_two_sides(expr->kind) || fixed(expr->right)));
}

// The first path in an expression; nullptr if it has none.
const Path* path_in(const Expr* expr) {
  if (expr->kind == ExprKind::Path) return expr->path;
  if (!has_sides(expr->kind)) return nullptr;
  const Path* path = path_in(expr->left);
  return path != nullptr || !has_two_sides(expr->kind) ? path : path_in(expr->right);
}

// Events that only say that a statement went its way.
bool is_noise(EventKind kind) {
  switch (kind) {
    case EventKind::SatpWritten:
    case EventKind::RegionAllocated:
    case EventKind::RegionFreed:
    case EventKind::RegionAttached:
    case EventKind::RegionDetached:
    case EventKind::Trapped:
    case EventKind::UsedSet:
    case EventKind::VhandRounds:
    case EventKind::VhandWoken:
    case EventKind::VhandReferenced:
    case EventKind::VhandAged:
      return true;
    default:
      return false;
  }
}

// Whether an event moves a counter: the event has the counter's name, or is of its kind.
bool moves(const Event& event, std::string counter) {
  std::ranges::replace(counter, '.', '-');
  const std::string_view kind = name(event.kind);
  if (kind == counter) return true;
  const std::string_view of = std::string_view(counter).substr(0, counter.find('-'));
  if (of == "stealer" || of == "frame") return kind.starts_with("vhand");
  if (of == "swap") return kind == "vhand-stole" || kind == "vfault-swap" || kind.starts_with("swapped");
  if (of == "swapper") return kind.starts_with("swapped");
  if (counter == "fork-regions_shared") return kind.ends_with("forked");
  if (of == "fork") return kind == "region-duplicated" || kind == "region-copied";
  return (of == "vfault" || of == "pfault") && counter.ends_with("total") && kind.starts_with(of);
}

// The kinds of event that alone can have changed what a path leads to; none where others may have.
std::span<const EventKind> deciding(const Path& path) {
  using enum EventKind;
  static constexpr std::array kCounts{RegionAttached, RegionDetached, KeyRemoved};
  static constexpr std::array kAttached{RegionAttached};
  static constexpr std::array kGrown{RegionGrown};
  static constexpr std::array kRegions{RegionAllocated, RegionFreed};
  static constexpr std::array kProcesses{Spawned, Forked, Vforked, Exited, Killed, Reaped};
  if (path.kind == PathKind::Gauge) {
    const std::string_view gauge = gauge_names()[path.index];
    if (gauge == "regions") return kRegions;
    if (gauge == "processes") return kProcesses;
  }
  if (path.kind != PathKind::Pregion || path.column == nullptr) return {};
  const std::string_view column = path.column->name;
  if (column == "refs") return kCounts;
  if (column == "pages") return kGrown;
  if (column == "region" || column == "start") return kAttached;
  return {};
}

// Events that say why a process is killed.
bool is_mortal(EventKind kind) {
  using enum EventKind;
  return kind == NoRegion || kind == VfaultViolation || kind == PfaultViolation || kind == NoFrame || kind == NoTables;
}

// Whether an event is on the frame that a page is in.
bool shares_frame(const Event& event, const Path& path, const Evaluator& evaluator) {
  const auto page = static_cast<std::uint64_t>(evaluator.number(path.first));
  bool shares = false;
  evaluator.state().pregions(evaluator.slot(path.process), [&](const PregionRow& pregion) {
    if (pregion.type != path.region.type || page >= pregion.pages) return;
    const PageRow row = evaluator.state().page(pregion.region, static_cast<std::uint32_t>(page), false);
    const bool copied = event.kind == EventKind::PfaultCopied && event.from.value == row.frame;
    const bool counts = path.column != nullptr && path.column->name == "refs";
    const bool found = counts && event.kind == EventKind::VfaultCache && event.frame.value == row.frame;
    shares = shares || (row.valid && (copied || found));
  });
  return shares;
}

// Whether an event is on the entry that a path leads to.
bool is_on(const Event& event, const Path& path, const Evaluator& evaluator) {
  switch (path.kind) {
    case PathKind::PageFrame: {
      const Frame frame = evaluator.frame(path.first);
      return event.frame == frame || event.from == frame;
    }
    case PathKind::Counter:
      return moves(event, std::string(counter_names()[path.index]));
    case PathKind::Process: {
      const std::uint64_t tag = evaluator.tag(path.process);
      return event.process == tag || event.child == tag;
    }
    case PathKind::Page:
    case PathKind::Cell:
    case PathKind::Pregion: {
      const ProcSlot slot = evaluator.slot(path.process);
      const bool own = event.process == evaluator.tag(path.process) || event.child == evaluator.tag(path.process);
      bool region = false;
      const RegionType type =
          path.kind == PathKind::Cell && path.location != nullptr ? path.location->region.type : path.region.type;
      evaluator.state().pregions(slot, [&](const PregionRow& row) {
        region = region || (row.type == type && (event.region.value == row.region || event.other.value == row.region));
      });
      if (path.kind == PathKind::Page && shares_frame(event, path, evaluator)) return true;
      if (path.kind != PathKind::Page) return region || (own && event.region == RegionId{});
      const auto page = static_cast<std::uint64_t>(evaluator.number(path.first));
      const bool here = page >= event.page && page < std::uint64_t{event.page} + event.pages;
      const bool whole = event.kind == EventKind::RegionDuplicated || event.kind == EventKind::RegionCopied;
      return region && (here || whole);
    }
    default:
      return true;
  }
}

// The event that made the value of a path what it is; empty if none did so that anybody can tell.
std::string cause_of(const Events& events, const Expr* expr, const Evaluator& evaluator) {
  const Path* path = path_in(expr);
  const bool of_age =
      path != nullptr && path->column != nullptr && (path->column->name == "age" || path->column->name == "referenced");
  const std::span<const EventKind> deciding_kinds = path == nullptr ? std::span<const EventKind>() : deciding(*path);
  const auto may_decide = [&](EventKind kind) {
    if (!deciding_kinds.empty()) return std::ranges::find(deciding_kinds, kind) != deciding_kinds.end();
    if (kind == EventKind::RegionGrown) return path != nullptr && path->kind == PathKind::Pregion;
    const bool ages = kind == EventKind::VhandAged || kind == EventKind::VhandReferenced;
    return !is_noise(kind) || (of_age && ages);
  };
  const Event* last = nullptr;
  std::size_t more = 0;
  for (const Event& event : events) {
    if (!may_decide(event.kind)) continue;
    try {
      if (path != nullptr && !is_on(event, *path, evaluator)) continue;
    } catch (const Diagnostic&) {
      continue;  // the path leads nowhere by now
    }
    // What killed a process is told, and not that it was killed.
    if (event.kind == EventKind::Killed && last != nullptr && is_mortal(last->kind)) continue;
    more += last == nullptr ? 0u : 1u;
    last = &event;
  }
  if (last == nullptr) return {};
  std::string text = event_text(*last, evaluator.state());
  if (more > 0) text += fmt::format(" (and {} before it)", more);
  return text;
}

// A disk block as a path has it: `swap:1:64`, `file:demo:24`, `none`.
Disk disk_of(std::string_view text) {
  Disk disk;
  const std::string_view word = text.substr(0, text.find(':'));
  for (const DbdKind kind : {DbdKind::None, DbdKind::Zero, DbdKind::Fill, DbdKind::File, DbdKind::Swap}) {
    if (name(kind) == word) disk.kind = kind;
  }
  if (disk.kind != DbdKind::File && disk.kind != DbdKind::Swap) return disk;
  const std::size_t last = text.rfind(':');
  std::from_chars(text.data() + last + 1, text.data() + text.size(), disk.block);
  if (disk.kind == DbdKind::Swap) std::from_chars(text.data() + word.size() + 1, text.data() + last, disk.device);
  return disk;
}

// The value of an expression, which is a number or a word there, as its column has it.
Field typed(const Field& value, const Blank& blank) {
  const auto* number = std::get_if<std::int64_t>(&value);
  const auto* word = std::get_if<std::string>(&value);
  if (word != nullptr && *word == "null" && blank.may_be_null) return kNothing;
  if (number != nullptr && blank.kind == Kind::Truth) return *number != 0;
  if (word != nullptr && (blank.kind == Kind::Disk || blank.kind == Kind::Identity)) return disk_of(*word);
  return value;
}

std::string text_of(const Field& value) { return value == Field(kNothing) ? "none" : text(value); }

}  // namespace

AnswerListener::AnswerListener(Sheet& sheet, const Sources& sources) : sources_(sources) {
  for (Question* question : sheet.questions()) {
    for (Blank& blank : question->blanks) watched_.push_back({.blank = &blank});
  }
}

void AnswerListener::expectation(const Expectation& expectation) {
  for (const Watched& watched : watched_) {
    if (watched.blank->place != expectation.place || !expectation.left) continue;
    const Field value = typed(*expectation.left, *watched.blank);
    const bool known = watched.value == value;
    watched.blank->answers.push_back({.value = value, .reason = known ? watched.reason : std::string()});
  }
}

void AnswerListener::begin(const Statement&, const Run& run) {
  events.clear();
  if (!begun_) look(nullptr, run);
  begun_ = true;
}

void AnswerListener::done(const Statement& statement, const Run& run) { look(&statement, run); }

// `statement`: the one that has been done; nullptr: none yet, and what is there has no reason.
void AnswerListener::look(const Statement* statement, const Run& run) {
  const Evaluator& evaluator = run.evaluator();
  for (Watched& watched : watched_) {
    if (!fixed(watched.blank->expr)) continue;
    std::optional<Field> value;
    try {
      value = typed(evaluator.value(watched.blank->expr), *watched.blank);
    } catch (const Diagnostic&) {
      continue;  // not there yet, or not any more
    }
    if (watched.value == value) continue;
    const std::string cause = cause_of(events, watched.blank->expr, evaluator);
    const bool known = watched.value.has_value();
    watched.reason.clear();
    if (statement != nullptr) {
      const std::string change = known ? fmt::format("{} -> ", text_of(*watched.value)) : "";
      const std::string line = sources_.shown(statement->place, statement->end);
      watched.reason = fmt::format("{}{} at `{}`{}{}", change, text_of(*value), shortened(line, kLongestLine),
                                   cause.empty() ? "" : ", because ", cause);
    }
    watched.value = std::move(value);
  }
}

}  // namespace bachsim
