// The run as `sar -p`, `-w` and `-r` of System V Release 3 would have reported it, a line a tick statement.
#pragma once

#include <string>
#include <vector>

#include "workloads/language/sample.h"

namespace bachsim {

[[nodiscard]] std::string sar_view(const std::vector<Sample>& samples);

}  // namespace bachsim
