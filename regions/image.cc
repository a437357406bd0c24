#include "regions/image.h"

#include <array>
#include <list>

#include "regions/fault.h"
#include "regions/out_list.h"
#include "regions/page.h"
#include "regions/region_lock.h"

namespace bachsim {
namespace {

// The pages of a space that are wanted(region, words): regions by address, and in each the pages by number, so that a
// stack's come from the top (figure 9.8).
template <class Wanted>
std::vector<PageId> pages_in_order(const Vm& vm, const AddressSpace& space, Wanted&& wanted) {
  std::vector<const Pregion*> by_address;
  for (const Pregion& pregion : space.pregions) by_address.push_back(&pregion);
  std::ranges::sort(by_address, {},
                    [&](const Pregion* pregion) { return lowest_address(*pregion, vm.regions[pregion->region]); });
  std::vector<PageId> pages;
  for (const Pregion* pregion : by_address) {
    const Region& region = vm.regions[pregion->region];
    for (std::uint32_t page = 0; page < region.pages; ++page) {
      if (wanted(region, vm.page(region, page))) pages.push_back({pregion->region, page});
    }
  }
  return pages;
}

// Writes the bytes of `sources` into one extent, in which the pages of `images` are from then on.
bool write_image(Vm& vm, const std::vector<PageId>& sources, const std::vector<PageId>& images) {
  KASSERT(sources.size() == images.size());
  if (sources.empty()) return true;
  const auto first = vm.swap.alloc(sources.size());
  if (!first) return false;
  NewExtent blocks(vm.swap, *first, sources.size());
  vm.swap.begin_write();
  const bool sleeps = vm.contexts.running() != nullptr;
  std::array<std::byte, kPageSize> bytes;
  for (std::size_t i = 0; i < sources.size(); ++i, blocks.named()) {
    peek_page(vm, vm.regions[sources[i].region], sources[i].page, bytes.data());
    vm.swap.write(blocks.next(), bytes.data());
    const Page page(vm, images[i]);
    if (page.dbd().on_out_list()) recall(vm, images[i]);
    page.give_up_disk_copy();
    page.name_block(blocks.next());
    if (sleeps)
      page.set_unmodified();
    else if (page.valid())
      page.leave_memory();
  }
  if (!sleeps) return true;
  // Until the transfer has ended the pages are in memory, with current copies. Text may have found others to share it:
  // then it stays, and the stealer may take it without another write. A frame that pages of other regions are in has
  // their identity, so that such text has to leave all the same, unless there is no paging to bring it back.
  vm.hart.sfence_vma();
  await_transfer(vm);
  bool others_lose_pages = false;
  for (const PageId id : images) {
    const Page page(vm, id);
    if (!page.valid()) continue;
    const bool is_shared = page.region().refs() > 1;
    if (is_shared && vm.pfdata.refs(page.frame()) == 1) {
      vm.pfdata.drop_identity(page.frame());
      vm.pfdata.set_identity(page.frame(), page.identity());
    } else if (!is_shared || vm.config.paging != PagingPolicy::Off) {
      page.leave_memory();
      others_lose_pages |= is_shared;
    }
  }
  if (others_lose_pages) vm.hart.sfence_vma();
  return true;
}

}  // namespace

ImageSize image_size(const Vm& vm, const AddressSpace& space) {
  std::vector<RegionId> ids;
  for (const Pregion& pregion : space.pregions) ids.push_back(pregion.region);
  std::ranges::sort(ids);
  const auto repeated = std::ranges::unique(ids);
  ids.erase(repeated.begin(), repeated.end());
  ImageSize size;
  for (const RegionId id : ids) {
    const Region& region = vm.regions[id];
    size.pages += region.pages;
    size.missing += region.pages - region.valid();
    size.own += region.refs() == 1 ? region.pages : 0;
  }
  return size;
}

bool swapout(Vm& vm, AddressSpace& space, Image image) {
  std::list<RegionLock> locks;
  for (std::size_t i = 0; vm.contexts.running() != nullptr && i < space.pregions.size(); ++i) {
    const RegionId id = space.pregions[i].region;
    if (vm.regions[id].refs() == 1) locks.emplace_back(vm, id);
  }
  const auto pages = pages_in_order(vm, space, [image](const Region& region, PageWords page) {
    return region.refs() == 1 && (page.in_frame() || (image == Image::Whole && !page.dbd.on_swap()));
  });
  if (!write_image(vm, pages, pages)) return false;
  if (!pages.empty()) flush_space(vm, space);
  return true;
}

void swapin(Vm& vm, const AddressSpace& space) {
  std::list<RegionLock> locks;
  for (const Pregion& pregion : space.pregions) {
    if (vm.contexts.running() != nullptr) locks.emplace_back(vm, pregion.region);
  }
  const std::uint64_t reads = vm.swap.counters().reads;
  for (const PageId id : pages_in_order(vm, space, [](const Region&, PageWords page) { return !page.pte.valid(); })) {
    const Page page(vm, id);
    if (page.valid()) continue;  // its region is attached twice
    const auto grant = vm.pfdata.alloc();
    KASSERT(grant.has_value());
    read_page(vm, page.dbd(), *grant);
    page.own(grant->frame, 0);
  }
  if (vm.swap.counters().reads == reads) return;
  vm.swap.begin_read();
  await_transfer(vm);  // its process is on swap until then
}

bool fork_swap(Vm& vm, const AddressSpace& from, const AddressSpace& to) {
  const auto is_copied = [](const Region& region, PageWords) { return is_private(region.type); };
  return write_image(vm, pages_in_order(vm, from, is_copied), pages_in_order(vm, to, is_copied));
}

}  // namespace bachsim
