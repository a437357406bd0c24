// --timeline: a run in the Chrome trace format, which Perfetto draws: a track for each process with what it did and the
// faults that this took, arrows from a fork to its child, curves of free memory.
//
// Time counts the steps of the run and its ticks, each as a second; nothing is of the host's clock.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "regions/event.h"
#include "sim/report/json_writer.h"
#include "workloads/language/run.h"

namespace bachsim {

class Timeline {
 public:
  // Both must outlive it.
  Timeline(Sink& sink, const Sources& sources) : sink_(sink), sources_(sources), json_(sink, sources) {}

  void start(const Run& run);
  // Around each statement. `process`: the one whose it is; kNoProcess: the operator's. Throw HostLimit beyond the
  // budget of the machine's host, and where the timeline has no more seconds.
  void begin(const Run& run, ProcSlot process);
  void done(const Statement& statement, const Events& events, const Run& run);
  // `script`: its name.
  void finish(const Run& run, std::string_view script);

 private:
  using Microseconds = std::uint64_t;
  using Track = std::uint32_t;  // a process's pid; 0: the operator and the kernel

  [[nodiscard]] static Microseconds now(const Run& run);
  [[nodiscard]] Track track_of(std::uint64_t tag) const;

  // An event of the format; put_members() puts what it has beside the members of all. put() ends its line.
  template <class PutMembers>
  void object(std::string_view phase, std::string_view name, Track track, Microseconds when, PutMembers&& put_members);
  template <class PutMembers>
  void put(std::string_view phase, std::string_view name, Track track, Microseconds when, PutMembers&& put_members);
  void put_name(Track track, std::string_view name);

  void begin_track(const Event& event, const Run& run, Microseconds end);
  struct Placed {
    const Event* event;
    Microseconds begins;
    Microseconds ends;
  };
  [[nodiscard]] std::vector<Placed> place(const Events& events, Microseconds end, HostShare& share) const;
  void put_on_track(Track track, const std::vector<Placed>& placed, const Run& run, Microseconds end);
  void put_slice(std::string_view name, Track track, Microseconds begins, Microseconds ends, std::string_view category,
                 std::string_view why = {});
  void wake(Track track, Microseconds when);
  [[nodiscard]] Track sleeper_track(std::uint64_t tag);
  void put_counters(const Events& events, const Run& run, Microseconds when);
  void put_counter(const std::string& name, std::uint64_t value, Microseconds when);

  Sink& sink_;
  const Sources& sources_;
  JsonWriter json_;
  Track track_ = 0;                                // of the statement that is being done
  Microseconds began_ = 0;                         // when it began
  std::map<std::uint64_t, Track> tracks_;          // of processes, by their tags
  std::map<Track, std::string> asleep_;            // and what they wait for
  std::map<std::string, std::uint64_t> counters_;  // as they were told last
  std::optional<HostShare> share_;                 // for what it keeps of each process
};

}  // namespace bachsim
