// How the free list moves from step to step. Its runs have no key: what counts is their order.
#pragma once

#include <string>
#include <vector>

#include "sim/state/rows.h"

namespace bachsim {

// JSON of how a free list changed, `[index, [frames that went], [frames that came], ...]`: runs of frames, each as its
// first and last, and the index that they had, or were put before, in the list as it was. Empty if nothing changed.
[[nodiscard]] std::string free_list_json(const std::vector<FreeRow>& was, const std::vector<FreeRow>& is);

}  // namespace bachsim
