#include "sim/report/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sim/report/event_text.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;  // in the format's microseconds
// What is later has the last time: a viewer's numbers hold these microseconds, and no more.
constexpr std::uint64_t kMostSeconds = std::uint64_t{1} << 33;
constexpr std::uint64_t kBytesPerProcess = 512;  // a track, a curve, and what it waits for
constexpr std::uint64_t kCopiesOfName = 8;       // in these
constexpr std::uint64_t kMachine = 1;            // the format's process, which has all tracks
constexpr std::uint32_t kStealersTrack = 1;      // init's pid, who does nothing here

// Events that are slices within their statement's.
bool is_slice(EventKind kind) {
  return (in_group(kind, EventGroup::Fault) && kind != EventKind::Trapped) || kind == EventKind::VhandStole;
}

bool ends_sleep(EventKind kind) {
  constexpr std::array kWakes{EventKind::Wakes,      EventKind::Resumed,       EventKind::TransferEnded,
                              EventKind::Unlocked,   EventKind::ContentsValid, EventKind::FrameFreed,
                              EventKind::TextLoaded, EventKind::FrameRefused};
  return std::ranges::find(kWakes, kind) != kWakes.end();
}

bool begins_sleep(EventKind kind) { return in_group(kind, EventGroup::Sleep) && !ends_sleep(kind); }

bool is_birth(EventKind kind) {
  return kind == EventKind::Spawned || kind == EventKind::Forked || kind == EventKind::Vforked;
}

// Statements that change nothing take no place.
bool changes_nothing(const Statement& statement) {
  return std::holds_alternative<NoteStatement>(statement.body) ||
         std::holds_alternative<ExpectStatement>(statement.body) ||
         std::holds_alternative<ShowStatement>(statement.body);
}

}  // namespace

Timeline::Microseconds Timeline::now(const Run& run) {
  return std::min(run.standing().steps + run.kernel().counters().trap.timer, kMostSeconds) * kSecond;
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
  if (began_ == (kMostSeconds - 1) * kSecond)
    throw LimitBetween("more steps and ticks than a timeline has seconds, 2^33");
}

void Timeline::done(const Statement& statement, const Events& events, const Run& run) {
  if (changes_nothing(statement)) return;
  const Microseconds end = now(run);
  HostShare share(run.state().budget());
  const std::vector<Placed> placed = place(events, end, share);
  // Whoever goes on has slept until now.
  for (const Placed& each : placed) {
    if (!ends_sleep(each.event->kind) || track_of(each.event->process) != track_) continue;
    wake(track_, began_);
    break;
  }
  put("X", sources_.shown(statement.place, statement.end), track_, began_, [&] {
    json_.member("dur", end - began_);
    json_.member("cat", "statement");
    json_.key("args");
    json_.object([&] {
      json_.where(statement.place);
      json_.member("step", run.standing().steps);
    });
  });
  for (const Event& event : events) {
    if (is_birth(event.kind)) begin_track(event, run, end);
  }
  std::map<Track, std::vector<Placed>> tracks;
  for (const Placed& each : placed) {
    const bool sleeper = begins_sleep(each.event->kind) || ends_sleep(each.event->kind);
    std::vector<Placed>& list = tracks[sleeper ? sleeper_track(each.event->process) : track_of(each.event->process)];
    share.grow(list);
    list.push_back(each);
  }
  for (const auto& [track, list] : tracks) put_on_track(track, list, run, end);
  if (!events.empty()) put_counters(events, run, end);
}

// The events that are shown, each with a time of its own within the statement, in their order.
std::vector<Timeline::Placed> Timeline::place(const Events& events, Microseconds end, HostShare& share) const {
  std::vector<Placed> placed;
  for (const Event& event : events) {
    if (!is_slice(event.kind) && !begins_sleep(event.kind) && !ends_sleep(event.kind)) continue;
    share.grow(placed);
    placed.push_back({.event = &event, .begins = 0, .ends = 0});
  }
  if (placed.size() > end - began_) placed.resize(end - began_);
  Microseconds at = began_;
  for (Placed& each : placed) {
    each.begins = at;
    each.ends = at += (end - began_) / placed.size();
  }
  return placed;
}

// A process is new: its track begins with a slice, to which an arrow leads from its parent.
void Timeline::begin_track(const Event& event, const Run& run, Microseconds end) {
  const std::uint64_t tag = event.kind == EventKind::Spawned ? event.process : event.child;
  const auto slot = run.find(tag);
  const Track track = slot ? run.kernel().process(*slot).pid.value : 0;
  if (!share_) share_.emplace(run.state().budget());
  const std::string called = run.state().name_of_tag(tag);
  share_->commit(kBytesPerProcess + called.size() * kCopiesOfName);
  tracks_[tag] = track;
  put_name(track, fmt::format("{} (pid {})", called, track));
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

// What happened on one track within a statement. A sleep that the statement does not end goes on behind it.
void Timeline::put_on_track(Track track, const std::vector<Placed>& placed, const Run& run, Microseconds end) {
  const Placed* asleep = nullptr;
  const auto why = [&](const Placed& each) { return event_text(*each.event, run.state()); };
  for (const Placed& each : placed) {
    if (begins_sleep(each.event->kind)) {
      if (!asleep_.contains(track)) asleep = &each;
    } else if (ends_sleep(each.event->kind)) {
      if (asleep != nullptr)
        put_slice(why(*asleep), track, asleep->begins, each.ends, "sleep");
      else
        wake(track, each.ends);
      asleep = nullptr;
    } else {
      put_slice(name(each.event->kind), track, each.begins, each.ends, "fault", why(each));
    }
  }
  if (asleep == nullptr) return;
  asleep_[track] = why(*asleep);
  put("B", asleep_[track], track, end, [&] { json_.member("cat", "sleep"); });
}

void Timeline::put_slice(std::string_view name, Track track, Microseconds begins, Microseconds ends,
                         std::string_view category, std::string_view why) {
  put("X", name, track, begins, [&] {
    json_.member("dur", ends - begins);
    json_.member("cat", category);
    if (why.empty()) return;
    json_.key("args");
    json_.object([&] { json_.member("why", why); });
  });
}

void Timeline::wake(Track track, Microseconds when) {
  const auto found = asleep_.find(track);
  if (found == asleep_.end()) return;
  put("E", found->second, track, when, [&] { json_.member("cat", "sleep"); });
  asleep_.erase(found);
}

// The page stealer has a track of its own from its first sleep on.
Timeline::Track Timeline::sleeper_track(std::uint64_t tag) {
  if (tag != Context::kVhand) return track_of(tag);
  if (tracks_.try_emplace(tag, kStealersTrack).second) put_name(kStealersTrack, "vhand");
  return kStealersTrack;
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
  if (json_.torn()) throw HostLimit("no timeline is written");
  for (const auto& [track, why] : asleep_) put("E", why, track, now(run), [&] { json_.member("cat", "sleep"); });
  object("M", "process_name", 0, 0, [&] {
    json_.key("args");
    json_.object([&] { json_.member("name", script); });
  });
  json_.end_line("\n]}\n");
  json_.hand_on();
}

}  // namespace bachsim
