// Events in words: what the kernel did, which branch it took, and why.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "regions/event.h"
#include "sim/state/state.h"

namespace bachsim {

// Kinds of event as people choose them, for `--trace=KIND` and `break KIND`.
enum class EventGroup : std::uint8_t { Fault, Copy, Steal, Age, Fork, Exec, Exit, Swap, Sleep, Satp, Region };

// The words of the groups.   [EventGroup]
[[nodiscard]] std::span<const std::string_view> event_group_words();
// An event may belong to several groups.
[[nodiscard]] bool in_group(EventKind kind, EventGroup group);
// `vfault-cache`: a word that no other kind has.
[[nodiscard]] std::string_view name(EventKind kind);

// `C: pfault: count 2 > 1, so copy frame 5 to frame 6 (region 4 page 0)`. `state` is one of the same run, not earlier
// than the event.
[[nodiscard]] std::string event_text(const Event& event, const State& state);

// The members of an event beside its process, as JSON names them: region, page, frame, and so on.
using MemberVisit = std::function<void(std::string_view name, const Field& value)>;
void for_each_member(const Event& event, const State& state, const MemberVisit& visit);

}  // namespace bachsim
