#include "regions/sleep.h"

#include "regions/vm.h"

namespace bachsim {
namespace {

constexpr std::array kSleeps{EventKind::SleepsTransfer, EventKind::SleepsLock, EventKind::SleepsContents,
                             EventKind::SleepsFrame, EventKind::SleepsText};
constexpr std::array kWakes{EventKind::TransferEnded, EventKind::Unlocked, EventKind::ContentsValid,
                            EventKind::FrameFreed, EventKind::TextLoaded};

Event event(EventKind kind, const Context& context, Channel channel) {
  return {.kind = kind, .region = channel.region, .frame = channel.frame, .process = context.tag};
}

// The one for whom a sleeper there waits; nullptr: nobody in particular.
const Context* awaited(const Contexts& contexts, Channel channel) {
  switch (channel.kind) {
    case Channel::Kind::Lock:
    case Channel::Kind::Text:
      return contexts.owner(channel.region);
    case Channel::Kind::Contents:
      return contexts.reader(channel.frame);
    case Channel::Kind::Transfer:
    case Channel::Kind::FreeFrame:
      break;
  }
  return nullptr;
}

}  // namespace

Contexts::Contexts(Vm& vm) : vm_(vm), stacks_(vm.budget) {}

// Each leaves the list before it unwinds.
void Contexts::end() {
  closing_ = true;
  while (!contexts_.empty()) {
    std::list<Context> last;
    last.splice(last.begin(), contexts_, contexts_.begin());
  }
}

Context* Contexts::find(std::uint64_t tag) {
  const auto found = std::ranges::find(contexts_, tag, &Context::tag);
  return found == contexts_.end() ? nullptr : &*found;
}

Context& Contexts::enter(std::uint64_t tag, std::function<void()> body) {
  KASSERT(find(tag) == nullptr);
  Context& context = contexts_.emplace_back(tag, std::move(body), stacks_);
  context.since = ++clock_;
  return context;
}

void Contexts::remove(const Context& context) {
  std::erase_if(contexts_, [&](const Context& each) { return &each == &context; });
}

bool Contexts::go_on(Context& context) {
  KASSERT(running_ == nullptr);
  KASSERT(!context.sleeps_for.has_value());
  running_ = &context;
  current_ = &context;
  vm_.actor = context.tag == Context::kVhand ? Event::kNobody : context.tag;
  try {
    context.stack.resume();
  } catch (...) {
    running_ = nullptr;
    current_ = nullptr;
    remove(context);
    throw;
  }
  running_ = nullptr;
  current_ = nullptr;
  vm_.actor = Event::kNobody;
  if (!context.stack.ended()) return true;
  remove(context);
  return false;
}

void Contexts::sleep(Channel channel) {
  KASSERT(running_ != nullptr);
  Context& self = *running_;
  vm_.tell([&] {
    Event sleeps = event(kSleeps[static_cast<std::size_t>(channel.kind)], self, channel);
    if (const Context* const other = awaited(*this, channel)) sleeps.child = other->tag;
    return sleeps;
  });
  self.sleeps_for = channel;
  self.since = ++clock_;
  self.stack.suspend();
  KASSERT(running_ == &self);
}

void Contexts::wakeup(Channel channel) {
  if (closing_) return;
  for (Context& context : contexts_) {
    if (context.sleeps_for == channel) wake(context);
  }
}

void Contexts::wake(Context& context) {
  KASSERT(context.sleeps_for.has_value());
  const Channel channel = *context.sleeps_for;
  context.sleeps_for.reset();
  context.since = ++clock_;
  vm_.tell([&] {
    const EventKind why = kWakes[static_cast<std::size_t>(channel.kind)];
    return event(context.refused ? EventKind::FrameRefused : why, context, channel);
  });
}

void Contexts::refuse(Context& context) {
  context.refused = true;
  wake(context);
}

const Context* Contexts::reader(Frame frame) const {
  const auto found = std::ranges::find(reads_, frame, &Read::frame);
  return found == reads_.end() ? nullptr : found->by;
}

const Context* Contexts::owner(RegionId region) const {
  const auto found = std::ranges::find(locks_, region, &Lock::region);
  return found == locks_.end() ? nullptr : found->by;
}

RegionLock::RegionLock(Vm& vm, RegionId region) : vm_(vm) {
  if (vm.contexts.running() != nullptr) [[unlikely]]
    lock(region);
}

void RegionLock::lock(RegionId region) {
  Contexts& contexts = vm_.contexts;
  if (contexts.owner(region) == contexts.running()) return;
  await_unlocked(vm_, region);
  region_ = region;
  contexts.locks_.push_back({region, contexts.running()});
}

// Also while a context unwinds.
void RegionLock::unlock() {
  Contexts& contexts = vm_.contexts;
  std::erase_if(contexts.locks_, [this](const Contexts::Lock& lock) { return lock.region == region_; });
  contexts.wakeup({.kind = Channel::Kind::Lock, .region = region_});
  contexts.wakeup({.kind = Channel::Kind::Text, .region = region_});
}

bool RegionLock::await_frame() {
  const RegionId region = region_;
  KASSERT(region != RegionId{});
  const bool keeps = vm_.config.frame_wait == FrameWait::Locked;
  if (!keeps) {
    unlock();
    region_ = {};
  }
  vm_.contexts.sleep({.kind = Channel::Kind::FreeFrame});
  const bool refused = std::exchange(vm_.contexts.running()->refused, false);
  if (!keeps) lock(region);
  return !refused;
}

// A read of a frame, from its beginning to its end.
class Reading {
 public:
  Reading(Vm& vm, Frame frame, DiskBlock block) : vm_(vm), contexts_(vm.contexts), frame_(frame) {
    contexts_.reads_.push_back({frame, contexts_.running()});
    if (!block.none()) vm.pfdata.set_identity(frame, block);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() {
    vm_.pfdata.drop_identity(frame_);
    std::erase_if(contexts_.reads_, [this](const Contexts::Read& read) { return read.frame == frame_; });
    contexts_.wakeup({.kind = Channel::Kind::Contents, .frame = frame_});
  }

 private:
  Vm& vm_;
  Contexts& contexts_;
  Frame frame_;
};

void await_contents(Vm& vm, Frame frame) { vm.contexts.sleep({.kind = Channel::Kind::Contents, .frame = frame}); }

void await_transfer(Vm& vm) {
  if (vm.contexts.running() != nullptr) [[unlikely]]
    vm.contexts.sleep({.kind = Channel::Kind::Transfer});
}

void await_read(Vm& vm, Frame frame, DiskBlock block) {
  if (vm.contexts.running() == nullptr) [[likely]]
    return;
  const Reading reading(vm, frame, block);
  vm.contexts.sleep({.kind = Channel::Kind::Transfer, .frame = frame});
}

bool await_unlocked(Vm& vm, RegionId region, Channel::Kind kind) {
  Contexts& contexts = vm.contexts;
  bool slept = false;
  while (contexts.running() != nullptr && contexts.locked_by_other(region)) {
    contexts.sleep({.kind = kind, .region = region});
    slept = true;
  }
  return slept;
}

}  // namespace bachsim
