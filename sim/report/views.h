// The tables of the simulated kernel as text, as `show` and --report print them.
#pragma once

#include <span>
#include <vector>

#include "sim/kernel/process.h"
#include "sim/report/sink.h"
#include "sim/state/state.h"
#include "workloads/language/ast.h"

namespace bachsim {

inline constexpr std::size_t kMostOfAName = 40;  // that is shown where no table cuts it

// A view of everything, or, where processes are named, of them, their regions and pages. `samples` is for `sar`.
// Writes whole lines, or nothing.
void write_view(Sink& sink, View view, const State& state, const std::vector<Sample>& samples,
                std::span<const ProcSlot> only = {});

// Of a whole run: a line a tick statement, and a line a second of the swapper.
void write_sar(Sink& sink, const std::vector<Sample>& samples);
void write_swapper(Sink& sink, const State& state);

// The walk of one address: an entry a line, and then where an access of each kind comes out.
void write_walk(Sink& sink, const Walk& walk);

}  // namespace bachsim
