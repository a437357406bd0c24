// TBB orders the calls of its filters in a library that ThreadSanitizer does not see into: it is told here. Of no
// effect in any other build.
#pragma once

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#include <sanitizer/tsan_interface.h>
#define BACHSIM_ORDER_IS_TOLD
#endif
#endif

namespace bachsim {

// All that a thread did before it calls `told_done(place)` comes before what a thread does that later calls
// `told_begun(place)`. A place is an address, and is neither read nor written.
inline void told_done([[maybe_unused]] void* place) {
#ifdef BACHSIM_ORDER_IS_TOLD
  __tsan_release(place);
#endif
}

inline void told_begun([[maybe_unused]] void* place) {
#ifdef BACHSIM_ORDER_IS_TOLD
  __tsan_acquire(place);
#endif
}

}  // namespace bachsim
