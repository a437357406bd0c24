#include "sim/report/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sim/report/event_text.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;  // in the format's microseconds
constexpr std::uint64_t kMachine = 1;         // the format's process, which has all tracks

// Events that are slices within their statement's.
bool is_slice(EventKind kind) {
  return (in_group(kind, EventGroup::Fault) && kind != EventKind::Trapped) || kind == EventKind::VhandStole;
}

bool is_birth(EventKind kind) {
  return kind == EventKind::Spawned || kind == EventKind::Forked || kind == EventKind::Vforked;
}

constexpr std::array kSleeps{EventKind::SleepsVfork, EventKind::SleepsWait,     EventKind::SleepsTransfer,
                             EventKind::SleepsLock,  EventKind::SleepsContents, EventKind::SleepsFrame,
                             EventKind::SleepsText};
constexpr std::array kWakes{EventKind::Wakes,         EventKind::TransferEnded, EventKind::Unlocked,
                            EventKind::ContentsValid, EventKind::FrameFreed,    EventKind::FrameRefused,
                            EventKind::TextLoaded};

// Statements that change nothing take no place.
bool changes_nothing(const Statement& statement) {
  return std::holds_alternative<NoteStatement>(statement.body) ||
         std::holds_alternative<ExpectStatement>(statement.body) ||
         std::holds_alternative<ShowStatement>(statement.body);
}

}  // namespace

Timeline::Microseconds Timeline::now(const Run& run) {
  return (run.standing().steps + run.kernel().counters().trap.timer) * kSecond;
}

Timeline::Track Timeline::track_of(std::uint64_t tag) const {
  const auto found = tracks_.find(tag);
  return found == tracks_.end() ? 0 : found->second;
}

template <class PutMembers>
void Timeline::object(std::string_view phase, std::string_view name, Track track, Microseconds when,
                      PutMembers&& put_members) {
  json_.object([&] {
    json_.member("name", name);
    json_.member("ph", phase);
    json_.member("pid", kMachine);
    json_.member("tid", std::uint64_t{track});
    json_.member("ts", when);
    put_members();
  });
}

template <class PutMembers>
void Timeline::put(std::string_view phase, std::string_view name, Track track, Microseconds when,
                   PutMembers&& put_members) {
  object(phase, name, track, when, put_members);
  json_.end_line(",\n");
}

void Timeline::put_name(Track track, std::string_view name) {
  put("M", "thread_name", track, 0, [&] {
    json_.key("args");
    json_.object([&] { json_.member("name", name); });
  });
}

void Timeline::start(const Run& run) {
  sink_.write("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
  put_name(0, "operator and kernel");
  put_counters({}, run, 0);
}

void Timeline::begin(const Run& run, ProcSlot process) {
  track_ = process == kNoProcess ? 0 : run.kernel().process(process).pid.value;
  began_ = now(run) - kSecond;  // its step is counted already
}

void Timeline::done(const Statement& statement, const Events& events, const Run& run) {
  if (changes_nothing(statement)) return;
  const Microseconds end = now(run);
  put("X", sources_.slice(statement.place, statement.end), track_, began_, [&] {
    json_.member("dur", end - began_);
    json_.member("cat", "statement");
    json_.key("args");
    json_.object([&] {
      json_.where(statement.place);
      json_.member("step", run.standing().steps);
    });
  });
  std::map<Track, std::vector<const Event*>> slices;
  for (const Event& event : events) {
    if (is_birth(event.kind)) begin_track(event, run, end);
    if (is_slice(event.kind)) slices[track_of(event.process)].push_back(&event);
  }
  for (const auto& [track, list] : slices) put_slices(track, list, run, end);
  for (const Event& event : events) sleep_or_wake(event, run, end);
  if (!events.empty()) put_counters(events, run, end);
}

// A process is new: its track begins with a slice, to which an arrow leads from its parent.
void Timeline::begin_track(const Event& event, const Run& run, Microseconds end) {
  const std::uint64_t tag = event.kind == EventKind::Spawned ? event.process : event.child;
  Track track = 0;
  for (const ProcSlot slot : run.kernel().processes()) {
    if (run.kernel().process(slot).tag == tag) track = run.kernel().process(slot).pid.value;
  }
  tracks_[tag] = track;
  put_name(track, fmt::format("{} (pid {})", run.state().name_of_tag(tag), track));
  put("X", event_text(event, run.state()), track, began_, [&] {
    json_.member("dur", end - began_);
    json_.member("cat", "process");
  });
  if (event.kind == EventKind::Spawned) return;
  const auto arrow = [&](std::string_view phase, Track of) {
    put(phase, name(event.kind), of, began_, [&] {
      json_.member("cat", "fork");
      json_.member("id", std::uint64_t{track});
      if (phase == "f") json_.member("bp", "e");
    });
  };
  arrow("s", track_of(event.process));
  arrow("f", track);
}

// Side by side within the statement.
void Timeline::put_slices(Track track, const std::vector<const Event*>& events, const Run& run, Microseconds end) {
  const std::size_t count = std::min<std::size_t>(events.size(), end - began_);
  const Microseconds each = (end - began_) / count;
  for (std::size_t i = 0; i < count; ++i) {
    put("X", name(events[i]->kind), track, began_ + i * each, [&] {
      json_.member("dur", each);
      json_.member("cat", "fault");
      json_.key("args");
      json_.object([&] { json_.member("why", event_text(*events[i], run.state())); });
    });
  }
}

void Timeline::sleep_or_wake(const Event& event, const Run& run, Microseconds when) {
  const bool sleeps = std::ranges::find(kSleeps, event.kind) != kSleeps.end();
  const bool wakes = std::ranges::find(kWakes, event.kind) != kWakes.end();
  if ((!sleeps && !wakes) || event.process == Context::kVhand) return;
  const Track track = track_of(event.process);
  if (sleeps)
    asleep_[track] = event_text(event, run.state());
  else if (!asleep_.contains(track))
    return;
  put(sleeps ? "B" : "E", asleep_[track], track, when, [&] { json_.member("cat", "sleep"); });
  if (!sleeps) asleep_.erase(track);
}

void Timeline::put_counters(const Events& events, const Run& run, Microseconds when) {
  const Gauges gauges = run.state().gauge();
  put_counter("free frames", gauges.frames_free, when);
  put_counter("shared frames", gauges.frames_shared, when);
  put_counter("free swap", gauges.swap_free, when);
  std::map<std::string, std::uint64_t> sets;
  for (const Event& event : events) {
    if (event.kind == EventKind::Exited || event.kind == EventKind::Killed)
      sets[run.state().name_of_tag(event.process)] = 0;
  }
  for (const ProcSlot slot : run.kernel().processes()) {
    const Process& process = run.kernel().process(slot);
    if (process.state == ProcessState::Zombie || process.lender != slot) continue;
    std::uint64_t& pages = sets[run.state().name_of_tag(process.tag)] = 0;
    run.state().pregions(slot, [&](const PregionRow& row) {
      if (is_private(row.type)) pages += run.state().region(row.region)->valid;
    });
  }
  for (const auto& [who, pages] : sets) put_counter(fmt::format("working set of {}", who), pages, when);
}

void Timeline::put_counter(const std::string& name, std::uint64_t value, Microseconds when) {
  const auto known = counters_.find(name);
  if (known != counters_.end() && known->second == value) return;
  counters_[name] = value;
  put("C", name, 0, when, [&] {
    json_.key("args");
    json_.object([&] { json_.member("value", value); });
  });
}

void Timeline::finish(const Run& run, std::string_view script) {
  for (const auto& [track, why] : asleep_) put("E", why, track, now(run), [&] { json_.member("cat", "sleep"); });
  object("M", "process_name", 0, 0, [&] {
    json_.key("args");
    json_.object([&] { json_.member("name", script); });
  });
  json_.end_line("\n]}\n");
  json_.hand_on();
}

}  // namespace bachsim
