#pragma once

#include <string>

#include "workloads/language/ast.h"

namespace bachsim {

// The script as text again, fully bracketed: what parser tests compare.
[[nodiscard]] std::string dump(const Script& script);

}  // namespace bachsim
