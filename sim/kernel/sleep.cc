// Sleep and wakeup as processes know it (Bach 6.6): who is inside the kernel, what each waits for, and who goes on
// next.
#include "regions/region_lock.h"
#include "regions/vhand.h"
#include "regions/vm.h"
#include "sim/kernel/kernel.h"

namespace bachsim {
namespace {

bool sleeps_for(const Context& context, Channel::Kind kind) {
  return context.sleeps_for && context.sleeps_for->kind == kind;
}

// Whom the context waits for, directly or through others: somebody who can go on, or one who sleeps for a frame.
const Context& awaited(const Contexts& contexts, const Context& context) {
  const Context* at = &context;
  while (at->sleeps_for && at->sleeps_for->kind != Channel::Kind::Transfer &&
         at->sleeps_for->kind != Channel::Kind::FreeFrame) {
    at = at->sleeps_for->kind == Channel::Kind::Contents ? contexts.reader(at->sleeps_for->frame)
                                                         : contexts.owner(at->sleeps_for->region);
    KASSERT(at != nullptr);
    KASSERT(at != &context);
  }
  return *at;
}

}  // namespace

bool Kernel::enter(ProcSlot process, std::function<void()> body, Acts acts) {
  const std::uint64_t tag = at(process).tag;
  inside_[tag] = {.process = process, .acts = acts};
  contexts_.enter(tag, std::move(body));
  return go_on(tag);
}

bool Kernel::enter_vhand(std::function<void()> body) {
  contexts_.enter(Context::kVhand, std::move(body));
  return go_on(Context::kVhand);
}

bool Kernel::go_on(std::uint64_t tag) {
  Context& context = *contexts_.find(tag);
  if (context.sleeps_for) {
    KASSERT(sleeps_for(context, Channel::Kind::Transfer));
    contexts_.wake(context);
  }
  note_sleepers();
  in_operation_ = tag != Context::kVhand;
  bool stays = false;
  try {
    stays = contexts_.go_on(context);
  } catch (...) {
    in_operation_ = false;
    inside_.erase(tag);
    throw;
  }
  in_operation_ = false;
  if (!stays) inside_.erase(tag);
  if (vm_.pfdata.free() > 0) contexts_.wakeup({.kind = Channel::Kind::FreeFrame});
  note_sleepers();
  if (!stays && tag != Context::kVhand) return_to_user();
  return stays;
}

// The states of the processes inside the kernel follow their contexts.
void Kernel::note_sleepers() {
  for (const std::uint64_t tag : contexts_.take_changed()) {
    const Context* const context = contexts_.find(tag);
    if (context == nullptr || tag == Context::kVhand || inside_.at(tag).acts == Acts::No) continue;
    Process& process = at(inside_.at(tag).process);
    if (context->sleeps_for) {
      // An exec that found no room in memory sleeps for its text on swap.
      process.state = is_swapped(process.state) ? ProcessState::AsleepSwapped : ProcessState::Asleep;
      process.waiting_for = waiting_for(context->sleeps_for->kind);
      give_up_processor(inside_.at(tag).process);
    } else if (process.state == ProcessState::Asleep || process.state == ProcessState::AsleepSwapped) {
      wake(process);
    }
  }
}

// Until nobody else is at work on the regions of the process.
void Kernel::await_regions(ProcSlot process) {
  for (bool again = true; again;) {
    again = false;
    for (const Pregion& pregion : space_of(process).pregions) again = again || await_unlocked(vm_, pregion.region);
  }
}

bool Kernel::may_change(RegionId region, Channel::Kind kind) {
  const bool locked = contexts_.current() != nullptr && contexts_.locked_by_other(region);
  if (locked) locked_ = Channel{.kind = kind, .region = region};
  return !locked;
}

bool Kernel::may_change(ProcSlot process) {
  return contexts_.current() == nullptr || !contexts_.any_locked() ||
         std::ranges::all_of(space_of(process).pregions,
                             [this](const Pregion& pregion) { return may_change(pregion.region); });
}

// Sleepers for a frame hold locks on the only pages that the stealer could free (frame-wait=locked).
bool Kernel::waits_for_itself() const {
  const auto keeps_pages = [this](RegionId id) {
    const bool listed =
        std::ranges::any_of(vm_.out_list.pages, [id](const OutList::Waiting& each) { return each.page.region == id; });
    return (vm_.regions[id].valid() > 0 || listed) && vm_.regions[id].locks == 0;
  };
  return std::ranges::any_of(contexts_.all(), [&](const Context& context) {
    return sleeps_for(context, Channel::Kind::FreeFrame) && std::ranges::any_of(context.locks, keeps_pages);
  });
}

std::uint64_t Kernel::next_to_go_on(std::optional<std::uint64_t> wanted) {
  const Context* next = wanted ? &awaited(contexts_, *contexts_.find(*wanted)) : contexts_.first_able();
  if (next != nullptr && !sleeps_for(*next, Channel::Kind::FreeFrame)) return next->tag;

  // A process that finds no frame wakes the page stealer, which sleeps for its own transfers alone.
  if (is_inside(Context::kVhand)) return Context::kVhand;
  for (bool stays = enter_vhand([this] { vhand(vm_, {}); }); stays;) stays = go_on(Context::kVhand);
  if (vm_.pfdata.free() > 0) return next_to_go_on(wanted);

  // The stealer found nothing. Those who can go on may give frames back, or unlock regions.
  if (const Context* other = contexts_.first_able()) return other->tag;
  if (waits_for_itself()) throw AllAsleep();
  return contexts_.refuse().tag;  // nobody waits in a circle, so that somebody sleeps for a frame
}

}  // namespace bachsim
