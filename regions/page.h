// One page of a region, and the only code that changes one: its PTE and its dbd, and with them the counts of its frame,
// of its swap block and of its region's valid pages (Bach 9.2.1, figures 9.12 and 9.13).
//
//   a page begins and ends     describe, share, empty
//   it comes into memory       map, cache, rescue, own
//   it leaves memory           leave_memory
//   its copy on swap           name_block, give_up_disk_copy
//   its rights                 set_rights, copy_on_write, set_used, give_rights
//   its age                    set_age, unreference
//   the out-list               set_on_out_list, wait_on_out_list, come_back
#pragma once

#include <algorithm>
#include <type_traits>

#include "regions/vm.h"

namespace bachsim {

// The permission bits of every valid page of such a region, without W.
constexpr std::uint64_t page_bits(RegionType type) {
  return Pte::kV | Pte::kU | Pte::kR | (type == RegionType::Text ? Pte::kX : 0);
}

// A handle on a page, for as long as its region does not shrink. Copies are handles on the same page.
class Page {
 public:
  // REQUIRES: the page exists
  Page(Vm& vm, PageId id) : Page(vm, vm.regions[id.region], id) {}

  [[nodiscard]] PageId id() const { return id_; }
  [[nodiscard]] const Region& region() const { return *region_; }
  [[nodiscard]] Pte pte() const { return *pte_; }
  [[nodiscard]] Dbd dbd() const { return *dbd_; }
  [[nodiscard]] bool valid() const { return pte_->valid(); }
  // It is not valid, but on the out-list, in its frame (out-list=keep).
  [[nodiscard]] bool waits() const { return dbd_->on_out_list() && !valid(); }
  // REQUIRES: valid() or waits()
  [[nodiscard]] Frame frame() const { return frame_of(pte_->ppn()); }
  // The identity of a frame that holds the bytes of the page's disk copy.
  [[nodiscard]] DiskBlock identity() const { return dbd_->identity(region_->program.value_or(ProgramId{})); }
  // Its swap block holds older bytes than its frame: it was written since.
  [[nodiscard]] bool has_old_copy() const { return is_changed(*pte_) && dbd_->on_swap(); }
  // valid=software: it would grant the access, had it not lost its rights to the stealer's last examination.
  [[nodiscard]] bool withholds(Access access) const {
    return (pte_->raw & (Pte::kV | Pte::kR)) == Pte::kV && (rights() & right(access)) != 0;
  }

  // Says where the contents are.   REQUIRES: neither the page's dbd nor the new one is on swap
  void describe(Dbd dbd) const { *dbd_ = dbd; }
  // The same contents and copy-on-write bit as another page.   REQUIRES: neither is valid, nor on swap
  void describe_like(const Page& other) const {
    *pte_ = *other.pte_;
    *dbd_ = *other.dbd_;
  }

  // The page becomes valid in a frame that holds the bytes of its disk copy and counts it already. `referenced` is A
  // or 0. Without copy on write it has W if its region may be written.   REQUIRES: it is not valid
  void map(Frame frame, std::uint64_t referenced) const {
    // Others find a file's page by its block, so a private region must not change it in place.
    const bool cow = pte_->cow() || (dbd_->kind() == DbdKind::File && is_private(region_->type));
    enter(frame, referenced | (cow ? Pte::kCow : is_writable(region_->type) ? Pte::kW : 0));
  }
  // The same, and others find the frame by the block of the disk copy from now on.   REQUIRES: none is found by it yet
  void cache(Frame frame, std::uint64_t referenced) const {
    vm_->pfdata.set_identity(frame, identity());
    map(frame, referenced);
  }
  // As map(), for a frame that does not count the page yet; it may be free.   REQUIRES: the frame has an identity
  void rescue(Frame holder, std::uint64_t referenced) const {
    vm_->pfdata.rescue(holder);
    map(holder, referenced);
  }
  // The page has this frame for itself, which counts it already. It gives up its disk copy, its share of another frame
  // and copy on write. `used` is of A and D.
  void own(Frame frame, std::uint64_t used) const {
    give_up_disk_copy();
    own_beside_copy(frame, used);
  }
  // The same, but its dbd goes on naming the disk copy (disk-copy=keep).
  void own_beside_copy(Frame frame, std::uint64_t used) const {
    const std::uint64_t bits = used | (is_writable(region_->type) ? Pte::kW : 0);
    if (valid()) {
      const Frame old = this->frame();
      if (old == frame) return stay(frame, bits);
      vm_->pfdata.unref(old);
      --region_->valid_;
    }
    enter(frame, bits);
  }

  // The page gives its frame back. Its PTE keeps copy on write.   REQUIRES: valid() or waits(); its dbd tells where its
  // contents are
  void leave_memory() const {
    const Frame old = frame();
    region_->valid_ -= valid() ? 1u : 0u;
    pte_->raw &= Pte::kCow;
    dbd_->set_age(0);
    dbd_->set_on_out_list(false);
    vm_->pfdata.unref(old);
  }

  // The dbd names this swap block, whose use count goes up.   REQUIRES: it names none
  void name_block(DiskBlock block) const {
    dbd_->set_disk(Dbd::swap(block));
    vm_->swap.use(block);
  }
  // The dbd names no block. A swap block loses a use; the last one frees it, and its frame loses its identity.
  void give_up_disk_copy() const {
    if (dbd_->on_swap()) give_up(*vm_, dbd_->swap_block());
    dbd_->set_disk(Dbd::make(DbdKind::None));
  }

  // `bits` are of W, A, D and copy on write.
  void set_rights(std::uint64_t bits) const {
    pte_->raw = (pte_->raw & ~kRights) | bits;
    if (valid() && accessed()) pte_->raw |= rights();
    withhold_unreferenced();
  }
  void set_unmodified() const { pte_->raw &= ~Pte::kD; }
  void copy_on_write() const { pte_->raw = (pte_->raw & ~Pte::kW) | Pte::kCow; }
  // Sets the bits that an access sets, where the hardware does not (Bach 9.2.4).
  void set_used(Access access) const { pte_->raw |= access == Access::Store ? Pte::kA | Pte::kD : Pte::kA; }
  // The page was referenced, and has all its rights.   REQUIRES: valid()
  void give_rights() const { pte_->raw |= rights() | Pte::kA; }
  // The PTE keeps a number that means nothing (figures 9.22 and 9.23).   REQUIRES: the page is not valid
  void keep_number(Frame frame) const { *pte_ = Pte::make(ppn_of(frame), pte_->raw & Pte::kCow); }

  // REQUIRES: valid(); age <= Dbd::kMaxAge
  void set_age(unsigned age) const { dbd_->set_age(age); }
  void unreference() const {
    pte_->raw &= ~Pte::kA;
    dbd_->set_age(0);
    withhold_unreferenced();
  }
  void set_on_out_list(bool on) const { dbd_->set_on_out_list(on); }
  // It is not valid any more, and stays in its frame, which goes on counting it.   REQUIRES: valid(); on the out-list
  void wait_on_out_list() const {
    pte_->raw &= ~Pte::kV;
    --region_->valid_;
  }
  // REQUIRES: waits()
  void come_back() const {
    pte_->raw |= Pte::kV;
    ++region_->valid_;
  }

  // The pages of `to` become those of `from`: the same frames and swap blocks, each counted once more, copy on write in
  // both (model.md, "fork"). An old copy on swap is given up: no two pages share one.
  // REQUIRES: `to` has as many leaf tables, and no pages
  static void share(Vm& vm, RegionId from_id, RegionId to_id);

  // The page ends: frame and swap block go back, and both words are zeros.
  void empty() const {
    if (valid()) {
      vm_->pfdata.unref(frame());
      --region_->valid_;
    }
    if (dbd_->on_swap()) give_up(*vm_, dbd_->swap_block());
    *pte_ = Pte{};
    *dbd_ = Dbd{};
  }

 private:
  friend struct PageTestPeer;  // tests break a rule on purpose to see an audit notice
  template <class Visit>
  friend void for_each_page(Vm& vm, RegionId id, std::uint32_t begin, std::uint32_t end, Visit&& visit);

  static constexpr std::uint64_t kRights = Pte::kW | Pte::kA | Pte::kD | Pte::kCow;
  static constexpr std::uint64_t kGranted = Pte::kR | Pte::kW | Pte::kX;

  Page(Vm& vm, Region& region, PageId id) : vm_(&vm), region_(&region), id_(id) {
    const Ppn leaf = region.leaves[id.page / kTableEntries];
    const unsigned slot = region.slot(id.page);
    pte_ = vm.tables.ptes(leaf) + slot;
    dbd_ = vm.tables.dbds(leaf) + slot;
  }

  void enter(Frame frame, std::uint64_t bits) const {
    *pte_ = Pte::make(ppn_of(frame), page_bits(region_->type) | bits);
    ++region_->valid_;
    if (vm_->watches_entries) [[unlikely]]
      entered(frame);
  }
  void entered(Frame frame) const;
  // It is in that frame already.
  void stay(Frame frame, std::uint64_t bits) const {
    *pte_ = Pte::make(ppn_of(frame), page_bits(region_->type) | bits);
    withhold_unreferenced();
  }

  // Stored to since it got its frame, which no other page has.
  static bool is_changed(Pte pte) { return (pte.raw & (Pte::kV | Pte::kD | Pte::kCow)) == (Pte::kV | Pte::kD); }

  [[nodiscard]] bool accessed() const { return pte_->accessed(); }
  // What a valid page of the region grants.
  [[nodiscard]] std::uint64_t rights() const {
    return (page_bits(region_->type) & kGranted) | (is_writable(region_->type) && !pte_->cow() ? Pte::kW : 0);
  }
  // Without a reference bit in the hardware, a page that was not referenced grants nothing, so that its next reference
  // is seen (valid=software).
  void withhold_unreferenced() const {
    if (vm_->config.valid == ValidBit::Software && !accessed()) [[unlikely]]
      pte_->raw &= ~kGranted;
  }

  static void give_up(Vm& vm, DiskBlock block) {
    if (!vm.swap.unuse(block)) return;
    if (const auto holder = vm.pfdata.find(block)) vm.pfdata.drop_identity(*holder);
  }

  Vm* vm_;
  Region* region_;
  Pte* pte_;
  Dbd* dbd_;
  PageId id_;
};

// Calls visit(Page) for the pages [begin, end) of a region in their order. A visit that returns false is the last.
// REQUIRES: end <= the region's pages
template <class Visit>
void for_each_page(Vm& vm, RegionId id, std::uint32_t begin, std::uint32_t end, Visit&& visit) {
  Region& region = vm.regions[id];
  const std::ptrdiff_t step = region.type == RegionType::Stack ? -1 : 1;
  while (begin < end) {
    Page page(vm, region, {id, begin});
    const std::uint32_t table_end = std::min(end, (begin / kTableEntries + 1) * kTableEntries);
    for (; begin < table_end; ++begin, ++page.id_.page, page.pte_ += step, page.dbd_ += step) {
      if constexpr (std::is_same_v<decltype(visit(page)), bool>) {
        if (!visit(page)) return;
      } else {
        visit(page);
      }
    }
  }
}

// Calls visit(Page) for every page there is, by region, then page.
template <class Visit>
void for_each_page(Vm& vm, Visit&& visit) {
  vm.regions.for_each([&](RegionId id, const Region& region) { for_each_page(vm, id, 0, region.pages, visit); });
}

}  // namespace bachsim
