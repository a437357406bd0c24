#include "regions/residents.h"

#include <algorithm>

#include "regions/page.h"
#include "regions/vhand.h"

namespace bachsim {
namespace {

std::unique_ptr<Replacement> rule_of(const Config& config, HostShare& budget) {
  switch (config.stealer) {
    case StealBy::Clock:
      return replace_by_clock();
    case StealBy::Lru:
      return replace_by_lru(budget);
    case StealBy::Nru:
      return replace_by_nru();
    case StealBy::Random:
      return replace_by_random(config.seed);
    case StealBy::Fifo:
    case StealBy::Opt:  // of its first run nothing is wanted but the references
      return replace_by_fifo(budget);
    case StealBy::Age:
      break;
  }
  KASSERT(config.stealer != StealBy::Age);
  return nullptr;
}

}  // namespace

Residents::Residents(Vm& vm, HostBudget* budget) : vm_(vm), rule_(rule_of(vm.config, vm.budget)) {
  if (vm.config.stealer != StealBy::Opt) return;
  recorded_ = std::make_shared<PageUses>(budget);
  uses_ = recorded_;
}

void Residents::foresee(std::shared_ptr<const PageUses> uses) {
  KASSERT(records());
  KASSERT(recorded_->size() == 0);
  recorded_.reset();
  rule_ = replace_by_opt(uses, vm_.budget);
  uses_ = std::move(uses);
}

void Residents::used(PageId page) {
  if (records()) return recorded_->note(page);
  if (uses_ != nullptr && !foreseen_) return;
  rule_->used(page, Page(vm_, page).frame());
}

void Residents::entered(PageId page, Frame frame) {
  if (frame.value >= entries_.size()) {
    const std::uint32_t size = vm_.pfdata.fresh().value;
    vm_.budget.commit(2 * sizeof(Entry) * (size - entries_.size()));  // the list grows by doubling
    entries_.resize(size);
  }
  if (vm_.pfdata.refs(frame) != 1) return;
  entries_[frame.value].page = page;
  rule_->loaded(frame);
}

void Residents::begin(PageId served) {
  ++work_;
  served_ = served;
  rule_->begin(*this);
}

std::optional<Frame> Residents::choose() {
  const auto frame = rule_->choose(*this);
  if (frame) entries_[frame->value].chosen = work_;
  return frame;
}

Frame Residents::first() const { return Frame{std::min(vm_.pfdata.reserved(), end().value)}; }

bool Residents::is_free(Frame frame) const { return vm_.pfdata.is_free(frame); }

bool Residents::is_in(PageId page, Frame frame) const {
  if (page.region.value < 1 || page.region.value > vm_.regions.last().value) return false;
  const Region& region = vm_.regions[page.region];
  if (!region.active || page.page >= region.pages) return false;
  const Pte pte = vm_.page(region, page.page).pte;
  return pte.valid() && frame_of(pte.ppn()) == frame;
}

// Links the pages of each frame to it, the last one first.
void Residents::look_through() {
  looked_through_ = work_;
  ++looks_;
  links_.clear();
  for_each_page(vm_, [this](const Page& page) {
    if (!page.valid() || page.frame().value >= entries_.size()) return;
    Entry& entry = entries_[page.frame().value];
    const std::uint32_t before = entry.linked == looks_ ? entry.links : 0;
    vm_.budget.grow(links_);
    links_.push_back({.page = page.id(), .next = before});
    entry.links = static_cast<std::uint32_t>(links_.size());
    entry.linked = looks_;
  });
}

// The pages that were linked to the frame, as far as they are still in it. Others may have come since.
Residents::Pages Residents::linked(Frame frame) const {
  Pages found;
  const Entry& entry = entries_[frame.value];
  for (std::uint32_t link = entry.linked == looks_ ? entry.links : 0; link != 0; link = links_[link - 1].next) {
    if (is_in(links_[link - 1].page, frame)) found.push_back(links_[link - 1].page);
  }
  std::ranges::reverse(found);
  return found;
}

Residents::Pages Residents::pages(Frame frame) {
  Pages found;
  const std::uint32_t refs = vm_.pfdata.refs(frame);
  if (refs == 0 || frame.value >= entries_.size()) return found;
  Entry& entry = entries_[frame.value];
  if (refs == 1 && is_in(entry.page, frame)) {
    found.push_back(entry.page);
    return found;
  }
  found = linked(frame);
  if (found.size() != refs && looked_through_ != work_) {
    look_through();
    found = linked(frame);
  }
  if (found.size() != refs) found.clear();
  if (found.size() == 1) entry.page = found.front();
  return found;
}

bool Residents::can_leave(PageId page, Frame frame) const {
  return page != served_ && is_in(page, frame) && may_lose_pages(vm_, page.region) &&
         !vm_.page(vm_.regions[page.region], page.page).dbd.on_out_list();
}

bool Residents::can_leave(Frame frame) {
  if (frame.value < vm_.pfdata.reserved() || frame >= end() || entries_[frame.value].chosen == work_) return false;
  const Pages found = pages(frame);
  return !found.empty() && std::ranges::all_of(found, [&](PageId page) { return can_leave(page, frame); });
}

bool Residents::referenced(Frame frame) {
  const Pages found = pages(frame);
  const bool any = std::ranges::any_of(found, [this](PageId page) { return Page(vm_, page).pte().accessed(); });
  ++vm_.stealer.examined;
  vm_.stealer.referenced += any ? 1 : 0;
  return any;
}

bool Residents::modified(Frame frame) {
  const Pages found = pages(frame);
  return std::ranges::any_of(found, [this](PageId page) { return Page(vm_, page).pte().has(Pte::kD); });
}

void Residents::unreference(Frame frame) {
  for (const PageId id : pages(frame)) {
    const Page page(vm_, id);
    if (!page.pte().accessed()) continue;
    page.unreference();
    vm_.tell([&] { return on(EventKind::VhandReferenced, id); });
  }
}

void Residents::unreference_all() {
  for_each_page(vm_, [this](const Page& page) {
    if (!page.valid() || !page.pte().accessed() || vm_.contexts.locked_by_other(page.id().region)) return;
    page.unreference();
    vm_.tell([&] { return on(EventKind::VhandReferenced, page.id()); });
  });
  vm_.hart.sfence_vma();
}

}  // namespace bachsim
