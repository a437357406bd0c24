// The free extents of a swap device in the order of their addresses (Bach 9.1.1, figures 9.1 to 9.5).
//
// Rules (checked by audit()):
//   extents are disjoint, never adjacent, never empty, inside the device
//   free_blocks() is the sum of their lengths
#pragma once

#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ranked_index.hpp>
#include <boost/multi_index_container.hpp>

#include "swap/swap_map.h"

namespace bachsim {

class ExtentMap : public SwapMap {
 public:
  explicit ExtentMap(std::uint64_t blocks);

  [[nodiscard]] std::optional<std::uint64_t> malloc(std::uint64_t blocks) override;
  void take(std::uint64_t block) override;
  void mfree(std::uint64_t first, std::uint64_t blocks) override;
  void for_each_extent(const std::function<void(std::uint64_t, std::uint64_t)>& visit) const override;
  [[nodiscard]] std::optional<FreeExtent> extent(std::uint64_t number) const override;
  [[nodiscard]] MapCost cost() const override;
  void audit(unsigned device, Violations& out) const override;

 private:
  friend struct SwapMapTestPeer;

  // A tree that knows the rank of each, and so how far Bach's scan of an array would come.
  using Extents =
      boost::multi_index_container<FreeExtent,
                                   boost::multi_index::indexed_by<boost::multi_index::ranked_unique<
                                       boost::multi_index::member<FreeExtent, std::uint64_t, &FreeExtent::first>>>>;

  Extents extents_;
  std::uint64_t most_ = 0;  // at one time

  // Below `from` no extent has `length` blocks: a search for so many begins there. It changes no answer.
  struct {
    std::uint64_t length = ~std::uint64_t{0};
    std::uint64_t from = 0;
  } no_fit_;
};

}  // namespace bachsim
