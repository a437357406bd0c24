#include "sim/kernel/working_sets.h"

#include <ranges>

#include "regions/out_list.h"
#include "regions/vhand.h"

namespace bachsim {
namespace {

// References from which the order of pages is known where the window is none of references, and pages that are looked
// at for a set.
constexpr std::size_t kRemembered = 256;
constexpr std::uint64_t kBytesPerReference = 2 * sizeof(PageId) + 128;  // with a place in the list and the map
constexpr std::uint64_t kBytesPerPast = WorkingSets::kKept * (WorkingSets::kKept * sizeof(PageId) + sizeof(Reference));

}  // namespace

void WorkingSets::begin(ProcSlot process) {
  const auto found = pasts_.find(process);
  if (found == pasts_.end()) return;
  Past& of = found->second;
  of.last.clear();
  of.pages.clear();
  of.referenced.clear();
  of.record.clear();
}

std::optional<PageId> WorkingSets::Past::refer(PageId page, std::uint64_t window) {
  const auto [known, is_new] = referenced.try_emplace(page);
  if (is_new)
    pages.push_front(page);
  else
    pages.splice(pages.begin(), pages, known->second.at);
  known->second.at = pages.begin();
  ++known->second.times;
  last.push_back(page);
  if (last.size() <= window) return std::nullopt;
  const auto oldest = referenced.find(last.front());
  last.pop_front();
  if (--oldest->second.times > 0) return std::nullopt;
  const PageId gone = oldest->first;
  pages.erase(oldest->second.at);
  referenced.erase(oldest);
  return gone;
}

void WorkingSets::note(ProcSlot process, const AddressSpace& space, PageId page) {
  const auto [entry, is_new] = pasts_.try_emplace(process);
  if (is_new) vm_.budget.commit(kBytesPerPast);
  Past& of = entry->second;
  const bool by_reference = vm_.config.window == Window::References;
  const std::optional<PageId> oldest = of.refer(page, by_reference ? space.working_set : kRemembered);
  if (by_reference && oldest) {
    // The list may be written now, and the store that this reference may be comes behind: its page must not be on it.
    if (vm_.page(vm_.regions[page.region], page.page).dbd.on_out_list()) recall(vm_, page);
    leave(*oldest, space.working_set);
  }
  if (of.last.size() > of.committed) {
    vm_.budget.commit(kBytesPerReference);
    of.committed = of.last.size();
  }

  Reference reference{.page = page, .set = {}};
  for (const PageId each : of.pages | std::views::take(kRemembered)) {
    if (reference.set.size() == kKept) break;
    const Region& region = vm_.regions[each.region];
    if (each.page < region.pages && vm_.page(region, each.page).pte.valid()) reference.set.push_back(each);
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
