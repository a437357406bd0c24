#include "regions/out_list.h"

#include <utility>

#include "regions/page.h"

namespace bachsim {
namespace {

// Takes off the pages for which leaves(PageId) holds. A frame stays while a page waits in it.
template <class Leaves>
void take_off(Vm& vm, Leaves&& leaves) {
  const OutList old = std::exchange(vm.out_list, {});
  for (const Frame frame : old.frames) vm.pfdata.set_out_list_position(frame, 0);
  for (const OutList::Waiting& waiting : old.pages) {
    if (!leaves(waiting.page)) {
      vm.out_list.add(vm.pfdata, old.frames[waiting.index], waiting.page);
      continue;
    }
    const Page page(vm, waiting.page);
    if (page.waits()) page.come_back();
    page.set_on_out_list(false);
  }
}

}  // namespace

void take_off_out_list(Vm& vm, RegionId region) {
  take_off(vm, [region](PageId page) { return page.region == region; });
}

void recall(Vm& vm, PageId page) {
  take_off(vm, [page](PageId each) { return each == page; });
}

void recall_all(Vm& vm) {
  if (!vm.out_list.pages.empty()) take_off(vm, [](PageId) { return true; });
}

}  // namespace bachsim
