// The run as `sar -p`, `-w` and `-r` of System V Release 3 would have reported it, a line a tick statement.
#pragma once

#include <vector>

#include "sim/report/sink.h"
#include "sim/state/rows.h"

namespace bachsim {

void write_sar(Sink& sink, const std::vector<Sample>& samples);

}  // namespace bachsim
