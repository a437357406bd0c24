#include "workloads/language/arena.h"

#include <algorithm>

namespace bachsim {

// The first chunk is for scripts that people write. One that needs more is a large one, and worth huge pages; address
// space that it does not touch costs nothing.
void Arena::add_chunk(std::size_t least) {
  constexpr std::size_t kFirst = std::size_t{64} << 10;
  constexpr std::size_t kLater = std::size_t{16} << 20;
  const std::size_t bytes = std::max(least, chunks_.empty() ? kFirst : kLater);
  chunks_.emplace_back(bytes, Backing::Huge);
  next_ = chunks_.back().data();
  left_ = bytes;
}

}  // namespace bachsim
