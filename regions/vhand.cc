// Each examination makes a page older, unless it was referenced since the last one (figure 9.18). A page that has
// reached max-age is stolen, in one of three cases. By other rules than age (`stealer=`) a frame is chosen, and all its
// pages are stolen.
//
//   1  no disk copy           it goes onto the out-list, to be written
//   2  a current disk copy    nothing is written
//   3  an old swap copy       the page gives up that block, then as 1
#include "regions/vhand.h"

#include <limits>
#include <list>
#include <utility>

#include "regions/page.h"
#include "regions/region_lock.h"
#include "regions/residents.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

// One run of the stealer, from its waking until its out-list is written.
class Stealer {
 public:
  // Stops when `goal` frames are free. Never examines `served`.
  Stealer(Vm& vm, std::uint64_t goal, PageId served) : vm_(vm), goal_(goal), served_(served) {}
  Stealer(const Stealer&) = delete;
  Stealer& operator=(const Stealer&) = delete;
  // Nothing has run on the hart meanwhile, so one fence is enough for all entries that lost V or A. If the host could
  // not write the out-list, what is left of it stays in memory.
  ~Stealer() {
    while (done_ < list_.frames.size()) take_off();
    for (const Waiting& waiting : list_.pages) take_back(Page(vm_, waiting.page));
    if (took_rights_) vm_.hart.sfence_vma();
  }

  // Steals until the goal is reached, or nothing is left to be stolen.
  void work() {
    if (vm_.residents == nullptr)
      rounds();
    else
      by_rule(*vm_.residents);
  }

  // Rounds until the goal is reached, or until every page has had the time to grow old and no frame came free.
  void rounds() {
    const std::uint64_t patience = std::max<std::uint64_t>(vm_.config.max_age + 1, 2);
    for (std::uint64_t idle = 0; !reached() && idle < patience;) {
      const std::uint64_t freed = vm_.pfdata.counters().freed;
      quiet_ = true;
      oldest_ = 0;
      const std::uint64_t examined = vm_.stealer.examined;
      round();
      idle = vm_.pfdata.counters().freed == freed ? idle + 1 : 0;
      if (quiet_ && idle < patience && oldest_ + 1 < vm_.config.max_age) {
        const std::uint64_t alike = std::min(patience - idle, vm_.config.max_age - 1 - oldest_);
        repeat_round(alike, vm_.stealer.examined - examined);
        idle += alike;
      }
    }
  }

  // Chooses frames. Those on the out-list will be free when it is written, so no more are chosen than are wanted,
  // unless the list is kept.
  void by_rule(Residents& residents) {
    residents.begin(served_);
    for (;;) {
      const std::uint64_t listed = keeps_list() ? 0 : list_.frames.size();
      std::optional<Frame> frame;
      took_rights_ = true;  // clock clears referenced bits on its way
      if (vm_.pfdata.free() + listed < goal_) frame = residents.choose();
      if (frame)
        steal_pages(residents, *frame);
      else if (listed > 0)
        write_out_list();
      else
        return;
    }
  }

  void steal_pages(Residents& residents, Frame frame) {
    vm_.tell([&] { return Event{.kind = EventKind::VhandChose, .frame = frame}; });
    for (const PageId page : residents.pages(frame)) {
      // Others may have changed it while its neighbour was written.
      if (residents.can_leave(page, frame)) steal(Page(vm_, page));
    }
  }

  // Once around all valid pages, beginning behind the hand.
  void round() {
    const PageId start = vm_.hand;
    const std::uint32_t last = vm_.regions.last().value;
    const bool inside = start.region.value >= 1 && start.region.value <= last;
    if (inside) scan(start.region, start.page + 1, kAllPages);
    for (std::uint32_t id = start.region.value + 1; id <= last; ++id) scan(RegionId{id}, 0, kAllPages);
    for (std::uint32_t id = 1; id < start.region.value && id <= last; ++id) scan(RegionId{id}, 0, kAllPages);
    if (inside) scan(start.region, 0, start.page + 1);
  }

  void steal(Page page) {
    // Another run of the stealer, which sleeps, is to write the frame.
    if (!(keeps_list() ? vm_.out_list : list_).takes(vm_.pfdata, page.frame())) return;
    const bool old_copy = page.has_old_copy();
    if (old_copy) {
      tell(EventKind::VhandOldCopy, page, page.dbd().swap_block());
      page.give_up_disk_copy();
    }
    const DiskBlock copy = vm_.pfdata.identity(page.frame());
    if (!old_copy) tell(copy.none() ? EventKind::VhandNoCopy : EventKind::VhandCurrentCopy, page, copy);
    if (copy.none())
      put_on_out_list(page);
    else
      evict_to(page, copy);
  }

  // With out-list=keep a list that is not full waits for others to come, unless nothing else would free a frame.
  void finish() {
    if (!keeps_list() || vm_.pfdata.free() == 0) write_out_list();
  }

 private:
  using Waiting = OutList::Waiting;

  [[nodiscard]] bool keeps_list() const { return vm_.config.out_list == OutListEnd::Keep; }

  // The list that has been kept is this run's to write. Not while others have locked a region of it.
  void take_kept_list() {
    if (std::ranges::any_of(vm_.out_list.pages, [this](const Waiting& waiting) {
          return vm_.contexts.locked_by_other(waiting.page.region);
        }))
      return;
    list_ = std::exchange(vm_.out_list, {});
  }

  // Into one extent, or frame by frame where there is none that long. A page without a block stays in memory.
  void write_out_list() {
    if (keeps_list()) take_kept_list();
    if (list_.frames.empty()) return;
    std::list<RegionLock> locks;
    if (vm_.contexts.running() != nullptr) {
      for (const Waiting& waiting : list_.pages) locks.emplace_back(vm_, waiting.page.region);
    }
    if (!std::ranges::is_sorted(list_.pages, {}, &Waiting::index))
      std::ranges::stable_sort(list_.pages, {}, &Waiting::index);
    const auto count = static_cast<std::uint32_t>(list_.frames.size());
    if (const auto extent = vm_.swap.alloc(count)) write(count, *extent);
    while (done_ < count) {
      if (const auto block = vm_.swap.alloc(1))
        write(1, *block);
      else
        let_go(take_off());
    }
    list_.frames.clear();
    list_.pages.clear();
    done_ = 0;
  }

  // After a round in which pages only grew older, the next ones do the same until the oldest page has reached max-age.
  // With a large max-age nearly all rounds are such, so the algorithm takes `rounds` of them at once, each of so many
  // examinations. A trace tells them as one, too.
  void repeat_round(std::uint64_t rounds, std::uint64_t examinations) {
    vm_.stealer.examined += rounds * examinations;
    vm_.tell([&] { return Event{.kind = EventKind::VhandRounds, .is = rounds}; });
    for_each_page(vm_, [&](const Page& page) {
      if (!may_lose_pages(vm_, page.id().region) || !is_due(page)) return;
      page.set_age(page.dbd().age() + static_cast<unsigned>(rounds));
    });
  }

  static constexpr std::uint32_t kAllPages = std::numeric_limits<std::uint32_t>::max();

  [[nodiscard]] bool reached() const { return vm_.pfdata.free() >= goal_; }

  [[nodiscard]] bool is_due(const Page& page) const {
    return page.valid() && !page.dbd().on_out_list() && page.id() != served_;
  }

  // Examines the valid pages of [first, end) of one region, until the goal is reached.
  void scan(RegionId id, std::uint32_t first, std::uint32_t end) {
    const Region& region = vm_.regions[id];
    if (!region.active || region.valid() == 0 || !may_lose_pages(vm_, id) || reached()) return;
    for_each_page(vm_, id, first, std::min(end, region.pages), [this](const Page& page) {
      if (!is_due(page)) return true;
      vm_.hand = page.id();
      examine(page);
      return !reached();
    });
  }

  void examine(const Page& page) {
    ++vm_.stealer.examined;
    if (page.pte().accessed()) {
      ++vm_.stealer.referenced;
      page.unreference();
      vm_.tell([&] { return on(EventKind::VhandReferenced, page.id()); });
      took_rights_ = true;
      quiet_ = false;
      return;
    }
    const auto max_age = static_cast<unsigned>(vm_.config.max_age);
    const unsigned old_age = page.dbd().age();
    const unsigned age = std::min(old_age + 1, max_age);
    page.set_age(age);
    vm_.tell([&] { return on(EventKind::VhandAged, page.id(), {.was = old_age, .is = age}); });
    oldest_ = std::max(oldest_, age);
    if (age < max_age) return;
    steal(page);
  }

  // The page leaves memory. `copy` holds its bytes: a block of its file, or one on swap, which its dbd is to name.
  void evict_to(Page page, DiskBlock copy) {
    if (copy.on_swap() && !page.dbd().on_swap()) page.name_block(copy);
    KASSERT(!copy.on_swap() || page.dbd().swap_block() == copy);
    tell(EventKind::VhandStole, page, copy);
    page.leave_memory();
    ++vm_.stealer.stolen;
    took_rights_ = true;
  }

  void put_on_out_list(Page page) {
    OutList& list = keeps_list() ? vm_.out_list : list_;
    list.add(vm_.pfdata, page.frame(), page.id());
    page.set_on_out_list(true);
    if (keeps_list()) {
      page.wait_on_out_list();
      took_rights_ = true;
    }
    if (list.frames.size() >= vm_.config.cluster) write_out_list();
  }

  // The pages in a frame of the out-list.   REQUIRES: the list is sorted
  [[nodiscard]] auto pages_in(std::uint32_t index) const {
    return std::ranges::equal_range(list_.pages, index, {}, &Waiting::index);
  }

  // The next frame loses its position, before others see it written.
  std::uint32_t take_off() {
    vm_.pfdata.set_out_list_position(list_.frames[done_], 0);
    return done_++;
  }

  // The next `count` frames go to swap in one transfer, from `block` on.
  void write(std::uint32_t count, DiskBlock block) {
    NewExtent blocks(vm_.swap, block, count);
    const bool sleeps = vm_.contexts.running() != nullptr;
    const std::uint32_t first = done_;
    vm_.swap.begin_write();
    while (done_ < first + count) {
      const Frame frame = list_.frames[done_];
      vm_.swap.write(blocks.next(), vm_.memory.page(ppn_of(frame)));
      // Until the transfer has ended the pages are valid, with a current copy. A store would make it an old one.
      vm_.pfdata.set_identity(frame, blocks.next());
      const std::uint32_t index = take_off();
      for (const Waiting& waiting : pages_in(index)) {
        const Page page(vm_, waiting.page);
        page.name_block(blocks.next());
        page.set_unmodified();
      }
      blocks.named();
      ++vm_.stealer.written;
      took_rights_ = true;
      if (!sleeps) let_go(index);
    }
    if (!sleeps) return;
    await_write();
    for (std::uint32_t index = first; index < first + count; ++index) let_go(index);
  }

  // The pages in a frame leave memory, if they have a current copy by now.
  void let_go(std::uint32_t index) {
    for (const Waiting& waiting : pages_in(index)) {
      const Page page(vm_, waiting.page);
      if (!page.dbd().on_swap())
        keep(page, EventKind::VhandFoundNoBlock);
      else if (keeps_list() && page.valid())
        keep(page, EventKind::VhandRescued);
      else if (page.has_old_copy())
        keep(page, EventKind::VhandModified);
      else
        evict_to(page, page.identity());
    }
  }

  // Others run on the hart meanwhile, so that no entry may have rights that its PTE has lost.
  void await_write() {
    if (std::exchange(took_rights_, false)) vm_.hart.sfence_vma();
    await_transfer(vm_);
  }

  // No swap is free for it, or it was stored to while it was written, or rescued before.
  void keep(const Page& page, EventKind why) {
    tell(why, page, {});
    take_back(page);
  }

  static void take_back(const Page& page) {
    if (page.waits()) page.come_back();
    page.set_on_out_list(false);
  }

  void tell(EventKind kind, const Page& page, DiskBlock block) {
    vm_.tell([&] { return on(kind, page.id(), {.frame = page.frame(), .block = block, .was = page.dbd().age()}); });
  }

  Vm& vm_;
  std::uint64_t goal_;
  PageId served_;
  bool took_rights_ = false;
  // The out-list, written in one transfer when it has as many frames as a cluster; empty then.
  OutList list_;
  std::uint32_t done_ = 0;  // frames at its beginning that are written, or cannot be
  // Of the round: nothing but ageing has happened; how old the oldest page is.
  bool quiet_ = true;
  unsigned oldest_ = 0;
};

}  // namespace

std::uint64_t high_water(const Config& config) { return std::max({config.high, config.low, std::uint64_t{1}}); }

void vhand(Vm& vm, PageId served) {
  ++vm.stealer.wakeups;
  vm.tell([&] { return Event{.kind = EventKind::VhandWoken, .was = vm.pfdata.free(), .is = high_water(vm.config)}; });
  Stealer stealer(vm, high_water(vm.config), served);
  stealer.work();
  stealer.finish();
  if (vm.pfdata.free() > 0 || vm.config.out_list == OutListEnd::Write) return;
  // Pages that had been rescued from the list were passed over, and it has been written.
  stealer.work();
  stealer.finish();
}

bool is_below_low_water(const Vm& vm) {
  return vm.pfdata.free() < vm.config.low && vm.config.paging != PagingPolicy::Off;
}

void tick(Vm& vm) {
  if (vm.residents != nullptr) [[unlikely]]
    vm.residents->tick();
}

void age(Vm& vm) {
  if (vm.config.paging == PagingPolicy::Off) return;
  if (vm.residents != nullptr) return vm.residents->tick();
  Stealer stealer(vm, kNever, {});
  stealer.round();
  stealer.finish();
}

void steal_page(Vm& vm, PageId page) {
  Stealer stealer(vm, kNever, {});
  stealer.steal(Page(vm, page));
  stealer.finish();
}

void steal(Vm& vm, std::optional<std::uint64_t> more) {
  if (vm.config.paging == PagingPolicy::Off) return;
  Stealer stealer(vm, more ? vm.pfdata.free() + *more : high_water(vm.config), {});
  stealer.work();
  stealer.finish();
}

}  // namespace bachsim
