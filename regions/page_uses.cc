#include "regions/page_uses.h"

#include <fmt/format.h>

#include <algorithm>

namespace bachsim {
namespace {

constexpr std::uint64_t kBytesPerPage = 128;  // of the host: an entry of the map, and an empty list

}  // namespace

void PageUses::note(PageId page) {
  if (size_ == kNever) throw HostLimit(fmt::format("stealer=opt looks ahead to {} references, and no more", kNever));
  const auto [entry, is_new] = numbers_.try_emplace(key(page), static_cast<std::uint32_t>(uses_.size()));
  if (is_new) {
    share_.commit(kBytesPerPage);
    uses_.emplace_back();
  }
  std::vector<std::uint32_t>& uses = uses_[entry->second];
  if (uses.size() == uses.capacity())  // the list grows by doubling
    share_.commit(std::max<std::size_t>(uses.capacity(), 1) * sizeof(std::uint32_t));
  uses.push_back(size_++);
}

std::optional<std::uint32_t> PageUses::find(PageId page) const {
  const auto found = numbers_.find(key(page));
  return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace bachsim
