// xalloc: the text of a program, which its processes share (Bach 7.5 and 9.2.1.2).
//
// Text that is sticky is counted once for that, so that it outlives its last process.
#pragma once

#include "regions/regops.h"
#include "regions/vm.h"

namespace bachsim {

// The text region of the program: the one that there is already, or a new one, whose pages are in the program's file.
// REQUIRES: if there is none, a region of so many pages is promised
RegionId xalloc(Vm& vm, ProgramId program);

}  // namespace bachsim
