// The swap-use table of one device (Bach 9.2.1): for each block, the number of dbds that name it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/machine/check.h"
#include "sim/machine/host_block.h"

namespace bachsim {

class SwapUse {
 public:
  // Blocks 1 to `blocks`, named by nobody. `spare` must outlive it.
  explicit SwapUse(std::uint64_t blocks, SpareBlocks* spare = nullptr) : uses_(blocks + 1, Backing::Small, spare) {
    reach(0);
  }

  // The map has handed out the blocks up to this one, or some of them.
  void reach(std::uint64_t block) {
    highest_ = std::max(highest_, block);
    uses_.written(highest_ + 1);
  }
  // No block above was ever handed out.
  [[nodiscard]] std::uint64_t highest() const { return highest_; }

  // REQUIRES: block <= highest()
  void use(std::uint64_t block) { ++uses_[block]; }
  // True if nobody names the block any more.   REQUIRES: uses(block) > 0
  [[nodiscard]] bool unuse(std::uint64_t block) {
    KASSERT(uses_[block] > 0);
    return --uses_[block] == 0;
  }
  [[nodiscard]] std::uint32_t uses(std::uint64_t block) const { return uses_[block]; }

 private:
  LazyArray<std::uint32_t> uses_;  // [block]
  std::uint64_t highest_ = 0;
};

}  // namespace bachsim
