#include "sim/machine/phys_mem.h"

#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace bachsim {

PhysMem::PhysMem(std::uint64_t frames, std::uint64_t most_tables, SpareBlocks* spare)
    : frames_(frames),
      first_table_(first().value + frames),
      most_tables_(most_tables),
      pages_(frames),
      bytes_(reserve(frames * kPageSize, backing_for(frames), spare)),
      tables_(backing_for(frames), spare) {}

void PhysMem::add_table() {
  tables_.add();
  ++pages_;
}

void PhysMem::copy_page(Ppn from, Ppn to, bool past_caches) {
#ifdef __SSE2__
  if (past_caches) {
    const auto* source = reinterpret_cast<const __m128i*>(page(from));
    auto* target = reinterpret_cast<__m128i*>(page(to));
    constexpr std::size_t kWords = kPageSize / sizeof(__m128i);
    // All lines at one time: the host by itself asks for a few ahead.
    for (std::size_t word = 0; word < kWords; word += 4) __builtin_prefetch(source + word, 0, 3);
    for (std::size_t word = 0; word < kWords; ++word) _mm_stream_si128(target + word, _mm_load_si128(source + word));
    _mm_sfence();
    return;
  }
#endif
  std::memcpy(page(to), page(from), kPageSize);
}

}  // namespace bachsim
