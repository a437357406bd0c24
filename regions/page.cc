#include "regions/page.h"

#include <algorithm>

#include "regions/residents.h"

namespace bachsim {

void Page::entered(Frame frame) const {
  withhold_unreferenced();
  if (vm_->residents != nullptr) vm_->residents->entered(id_, frame);
}

void Page::share(Vm& vm, RegionId from_id, RegionId to_id) {
  Region& from = vm.regions[from_id];
  Region& to = vm.regions[to_id];
  KASSERT(to.pages == 0);
  to.pages = from.pages;
  to.valid_ = from.valid_;
  for (std::uint32_t number = 0; number < from.pages;) {
    const std::uint32_t end = std::min((number / kTableEntries + 1) * kTableEntries, from.pages);
    // The order of pages matters to nobody here, so both kinds of region run upwards through memory.
    const std::uint32_t lowest = from.type == RegionType::Stack ? end - 1 : number;
    const Page first(vm, from, {from_id, lowest});
    const Page copy(vm, to, {to_id, lowest});
    Pte* pte = first.pte_;
    Dbd* dbd = first.dbd_;
    Pte* pte_copy = copy.pte_;
    Dbd* dbd_copy = copy.dbd_;
    for (; number < end; ++number, ++pte, ++dbd, ++pte_copy, ++dbd_copy) {
      if (dbd->on_swap()) {
        if (is_changed(*pte)) {
          give_up(vm, dbd->swap_block());
          dbd->set_disk(Dbd::make(DbdKind::None));
        } else {
          vm.swap.use(dbd->swap_block());
          ++vm.fork.swap_refs;
        }
      }
      if (pte->valid()) vm.pfdata.ref(frame_of(pte->ppn()));
      pte->raw = (pte->raw & ~Pte::kW) | Pte::kCow;
      *pte_copy = *pte;
      *dbd_copy = *dbd;
    }
  }
  vm.fork.frame_refs += from.valid_;
}

}  // namespace bachsim
