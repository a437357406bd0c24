// A script made of what strace has recorded of a tree of processes (docs/traces.md).
#pragma once

#include <string>
#include <string_view>

#include "workloads/import/strace_events.h"

namespace bachsim {

// `name`: of the trace, for the title. What has no place in the model is a comment where it stands, and is counted at
// the head. The script is sound and runs to its end.   REQUIRES: there are events
[[nodiscard]] std::string script_of(const StraceEvents& trace, std::string_view name);

}  // namespace bachsim
