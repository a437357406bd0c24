// The references of a run, by page: those that `stealer=opt` looks ahead to (Belady, 1966). A run records them, and a
// second one of the same script knows them from its start.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <stdexcept>
#include <unordered_map>
#include <vector>

#include "regions/region.h"
#include "sim/machine/host.h"

namespace bachsim {

// A reference came that the first run did not make, so that nobody knows what is to come.
class Unforeseen : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class PageUses {
 public:
  // References count from 0. No reference has this number.
  static constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();

  // `budget` must outlive it; none: no limit.
  explicit PageUses(HostBudget* budget) : share_(budget) {}

  // The next reference is to this page. Throws HostLimit if there are too many.
  void note(PageId page);

  // All references.
  [[nodiscard]] std::uint32_t size() const { return size_; }
  // Pages that were referenced have numbers from 0 on, in the order of their first references.
  [[nodiscard]] std::size_t pages() const { return uses_.size(); }
  [[nodiscard]] std::optional<std::uint32_t> find(PageId page) const;
  // The numbers of the references to a page, ascending.   REQUIRES: page < pages()
  [[nodiscard]] std::span<const std::uint32_t> of(std::uint32_t page) const { return uses_[page]; }

 private:
  // A region's id above a page's number.
  static std::uint64_t key(PageId page) { return std::uint64_t{page.region.value} << 32 | page.page; }

  HostShare share_;
  std::uint32_t size_ = 0;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
  std::vector<std::vector<std::uint32_t>> uses_;
};

}  // namespace bachsim
