// A limit on the pages that one process may have in memory (Bach 9.2 on working sets, exercise 9.19): what it reads in
// beyond that takes the place of a page of its own, not of another process's.
//
// Only the pages of private regions count: data and stack. What processes share is nobody's in particular.
#pragma once

#include <cstdint>

#include "regions/space.h"
#include "regions/vm.h"

namespace bachsim {

// A page of a private region is about to come in. If the limit is reached, the process's page that was not referenced
// for the longest time is stolen: A clear and the highest age first, then A set; of equals the one with the lowest
// region id, then page. Pages of locked regions, and those for which swap has no room, stay in memory even so.
void trim_working_set(Vm& vm, const AddressSpace& space);

// How many pages more the process may have in memory.
[[nodiscard]] std::uint64_t room_in_working_set(const Vm& vm, const AddressSpace& space);

}  // namespace bachsim
