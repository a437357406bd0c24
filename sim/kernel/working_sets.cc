#include "sim/kernel/working_sets.h"

#include <algorithm>

#include "regions/out_list.h"
#include "regions/vhand.h"

namespace bachsim {
namespace {

// References from which the order of pages is known where the window is none of references.
constexpr std::size_t kRemembered = 256;
constexpr std::uint64_t kBytesPerReference = 2 * sizeof(PageId);
constexpr std::uint64_t kBytesPerPast = WorkingSets::kKept * (WorkingSets::kKept * sizeof(PageId) + sizeof(Reference));

}  // namespace

void WorkingSets::begin(ProcSlot process) {
  const auto found = pasts_.find(process);
  if (found == pasts_.end()) return;
  found->second.last.clear();
  found->second.record.clear();
}

void WorkingSets::note(ProcSlot process, const AddressSpace& space, PageId page) {
  const auto [entry, is_new] = pasts_.try_emplace(process);
  if (is_new) vm_.budget.commit(kBytesPerPast);
  Past& of = entry->second;
  const bool by_reference = vm_.config.window == Window::References;
  if (of.last.size() == (by_reference ? space.working_set : kRemembered)) {
    const PageId oldest = of.last.front();
    of.last.pop_front();
    of.last.push_back(page);
    if (by_reference && std::ranges::find(of.last, oldest) == of.last.end()) {
      // The list may be written now, and the store that this reference may be comes behind: its page must not be on it.
      if (vm_.page(vm_.regions[page.region], page.page).dbd.on_out_list()) recall(vm_, page);
      leave(oldest, space.working_set);
    }
  } else {
    of.last.push_back(page);
  }
  if (of.last.size() > of.committed) {
    vm_.budget.commit(kBytesPerReference);
    of.committed = of.last.size();
  }

  Reference reference{.page = page, .set = {}};
  for (auto each = of.last.rbegin(); each != of.last.rend() && reference.set.size() < kKept; ++each) {
    const Region& region = vm_.regions[each->region];
    const bool here = each->page < region.pages && vm_.page(region, each->page).pte.valid();
    if (here && std::ranges::find(reference.set, *each) == reference.set.end()) reference.set.push_back(*each);
  }
  of.record.push_back(std::move(reference));
  if (of.record.size() > kKept) of.record.pop_front();
}

// Nobody sleeps for it: the process is in the middle of an access.
void WorkingSets::leave(PageId page, std::uint64_t window) {
  const Region& region = vm_.regions[page.region];
  if (page.page >= region.pages || !may_lose_pages(vm_, page.region)) return;
  const PageWords words = vm_.page(region, page.page);
  if (!words.pte.valid() || words.dbd.on_out_list()) return;
  vm_.tell([&] { return on(EventKind::LeftWindow, page, {.is = window}); });
  const AtOnce at_once(vm_.contexts);
  steal_page(vm_, page);
}

const std::deque<Reference>& WorkingSets::references(ProcSlot process) const {
  static const std::deque<Reference> kNone;
  const auto found = pasts_.find(process);
  return found == pasts_.end() ? kNone : found->second.record;
}

}  // namespace bachsim
