// The free extents of a swap map, by address. The tree knows the rank of each, and so how far Bach's scan of an array
// would come.
#pragma once

#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ranked_index.hpp>
#include <boost/multi_index_container.hpp>

#include "swap/swap_map.h"

namespace bachsim {

struct Extent {
  std::uint64_t first;
  std::uint64_t blocks;
};

struct SwapMap::Extents
    : boost::multi_index_container<Extent, boost::multi_index::indexed_by<boost::multi_index::ranked_unique<
                                               boost::multi_index::member<Extent, std::uint64_t, &Extent::first>>>> {};

}  // namespace bachsim
