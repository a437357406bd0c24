#include "regions/swapping.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <vector>

#include "regions/fault.h"
#include "regions/page.h"
#include "regions/pregion.h"
#include "sim/machine/check.h"

namespace bachsim {
namespace {

// Calls visit(id, page) for a space's pages: its regions by address, and in each the pages by number, so that a stack's
// come from the top (figure 9.8).
template <class Visit>
void for_each_page(const Vm& vm, const AddressSpace& space, Visit&& visit) {
  std::vector<const Pregion*> by_address;
  for (const Pregion& pregion : space.pregions)
    by_address.push_back(&pregion);
  std::ranges::sort(by_address, {},
                    [&](const Pregion* pregion) { return start_of(*pregion, vm.regions[pregion->region]); });
  for (const Pregion* pregion : by_address) {
    const std::uint32_t pages = vm.regions[pregion->region].pages;
    for (std::uint32_t page = 0; page < pages; ++page)
      visit(pregion->region, page);
  }
}

// Calls visit(region) once for each region of a space, however often it is attached.
template <class Visit>
void for_each_region(const Vm& vm, const AddressSpace& space, Visit&& visit) {
  std::vector<RegionId> ids;
  for (const Pregion& pregion : space.pregions)
    ids.push_back(pregion.region);
  std::ranges::sort(ids);
  for (auto id = ids.begin(); id != ids.end(); id = std::ranges::upper_bound(id, ids.end(), *id))
    visit(vm.regions[*id]);
}

std::vector<PageId> image_pages(const Vm& vm, const AddressSpace& space, Image image) {
  std::vector<PageId> pages;
  for_each_page(vm, space, [&](RegionId id, std::uint32_t number) {
    const Region& region = vm.regions[id];
    if (region.refs() > 1)
      return;
    const PageWords page = vm.page(region, number);
    if (page.pte.valid() || (image == Image::Whole && !page.dbd.on_swap()))
      pages.push_back({id, number});
  });
  return pages;
}

DiskBlock block_behind(DiskBlock first, std::uint64_t offset) {
  return DiskBlock::swap(first.device(), first.block() + offset);
}

void put_on_swap(Vm& vm, PageId id, DiskBlock block) {
  const Page page(vm, id);
  page.give_up_disk_copy();
  page.name_block(block);
  if (page.valid())
    page.leave_memory();
}

void bring_in(Vm& vm, PageId id) {
  const Page page(vm, id);
  if (page.valid())
    return;
  const auto grant = vm.pfdata.alloc();
  KASSERT(grant.has_value());
  std::byte* bytes = vm.memory.page(ppn_of(grant->frame));
  if (page.dbd().on_swap())
    vm.swap.read_more(page.dbd().swap_block(), bytes);
  else
    peek_page(vm, page.region(), id.page, bytes);
  page.own(grant->frame, 0);
}

}  // namespace

std::uint64_t pages_of(const Vm& vm, const AddressSpace& space) {
  std::uint64_t pages = 0;
  for_each_region(vm, space, [&pages](const Region& region) { pages += region.pages; });
  return pages;
}

std::uint64_t missing_frames(const Vm& vm, const AddressSpace& space) {
  std::uint64_t missing = 0;
  for_each_region(vm, space, [&missing](const Region& region) { missing += region.pages - region.valid(); });
  return missing;
}

bool swap_out_space(Vm& vm, AddressSpace& space, Image image) {
  const std::vector<PageId> pages = image_pages(vm, space, image);
  if (pages.empty())
    return true;
  const auto first = vm.swap.alloc(pages.size());
  if (!first)
    return false;
  vm.swap.begin_write();
  std::array<std::byte, kPageSize> bytes;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const DiskBlock block = block_behind(*first, i);
    peek_page(vm, vm.regions[pages[i].region], pages[i].page, bytes.data());
    vm.swap.write(block, bytes.data());
    put_on_swap(vm, pages[i], block);
  }
  flush_space(vm, space);
  return true;
}

void swap_in_space(Vm& vm, const AddressSpace& space) {
  const std::uint64_t reads = vm.swap.counters().reads;
  for_each_page(vm, space, [&](RegionId id, std::uint32_t number) { bring_in(vm, {id, number}); });
  if (vm.swap.counters().reads != reads)
    vm.swap.begin_read();
}

bool write_fork_image(Vm& vm, const AddressSpace& from, const AddressSpace& to) {
  std::vector<PageId> sources;
  std::vector<PageId> copies;
  const auto collect = [&vm](const AddressSpace& space, std::vector<PageId>& pages) {
    for_each_page(vm, space, [&](RegionId id, std::uint32_t number) {
      if (is_private(vm.regions[id].type))
        pages.push_back({id, number});
    });
  };
  collect(from, sources);
  collect(to, copies);
  KASSERT(sources.size() == copies.size());
  if (sources.empty())
    return true;
  const auto first = vm.swap.alloc(sources.size());
  if (!first)
    return false;
  vm.swap.begin_write();
  std::array<std::byte, kPageSize> bytes;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const DiskBlock block = block_behind(*first, i);
    peek_page(vm, vm.regions[sources[i].region], sources[i].page, bytes.data());
    vm.swap.write(block, bytes.data());
    put_on_swap(vm, copies[i], block);
  }
  return true;
}

}  // namespace bachsim
