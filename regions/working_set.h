// A limit on the pages that one process may have in memory (Bach 9.2 on working sets, exercise 9.19). A page beyond the
// limit replaces one of the process's own, not one of another process.
//
// Only the pages of private regions count: data and stack. Shared pages belong to no process in particular.
#pragma once

#include <cstdint>

#include "regions/space.h"
#include "regions/vm.h"

namespace bachsim {

// To be called before a page of a private region comes in. If the limit is reached, the process's page that was not
// referenced for the longest time is stolen: A clear and the highest age first, then A set; of equals the one with the
// lowest region id, then page. A page of a locked region stays in memory, and so does a page for which swap has no
// room.
void trim_working_set(Vm& vm, const AddressSpace& space);

// The pages that the process may have in memory beyond those that it has.
[[nodiscard]] std::uint64_t room_in_working_set(const Vm& vm, const AddressSpace& space);

}  // namespace bachsim
