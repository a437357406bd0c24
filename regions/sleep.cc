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
  const auto found = by_tag_.find(tag);
  return found == by_tag_.end() ? nullptr : &*found->second;
}

Context& Contexts::enter(std::uint64_t tag, std::function<void()> body) {
  KASSERT(find(tag) == nullptr);
  Context& context = contexts_.emplace_back(tag, ++clock_, std::move(body), stacks_);
  by_tag_[tag] = std::prev(contexts_.end());
  queues_[position(context)] = &context;
  return context;
}

void Contexts::leave_channel(const Context& context) {
  if (!context.sleeps_for) return;
  const auto here = sleepers_.find(*context.sleeps_for);
  if (--here->second == 0) sleepers_.erase(here);
}

void Contexts::remove(const Context& context) {
  leave_channel(context);
  queues_.erase(position(context));
  contexts_.erase(by_tag_.extract(context.tag).mapped());
}

Contexts::Position Contexts::position(const Context& context) {
  if (!context.sleeps_for) return {std::nullopt, context.since};
  if (context.sleeps_for->kind == Channel::Kind::Transfer) return {Channel{}, context.since};
  return {context.sleeps_for, context.came};
}

// The context falls asleep there, or wakes.
void Contexts::move(Context& context, std::optional<Channel> channel) {
  auto node = queues_.extract(position(context));
  leave_channel(context);
  if (channel) ++sleepers_[*channel];
  context.sleeps_for = channel;
  context.since = ++clock_;
  node.key() = position(context);
  queues_.insert(std::move(node));
  changed_.push_back(context.tag);
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
  move(self, channel);
  self.stack.suspend();
  KASSERT(running_ == &self);
}

void Contexts::wakeup(Channel channel) {
  if (closing_) return;
  for (auto next = queues_.lower_bound({channel, 0}); next != queues_.end() && next->first.first == channel;)
    wake(*(next++)->second);
}

void Contexts::wake(Context& context) {
  KASSERT(context.sleeps_for.has_value());
  const Channel channel = *context.sleeps_for;
  move(context, std::nullopt);
  vm_.tell([&] {
    const EventKind why = kWakes[static_cast<std::size_t>(channel.kind)];
    return event(context.refused ? EventKind::FrameRefused : why, context, channel);
  });
}

const Context& Contexts::refuse() {
  const auto first = queues_.lower_bound({Channel{.kind = Channel::Kind::FreeFrame}, 0});
  KASSERT(first != queues_.end());
  Context& context = *first->second;
  KASSERT(context.sleeps_for->kind == Channel::Kind::FreeFrame);
  context.refused = true;
  wake(context);
  return context;
}

const Context* Contexts::first_able() const {
  if (queues_.empty()) return nullptr;
  const Context& first = *queues_.begin()->second;
  return !first.sleeps_for || first.sleeps_for->kind == Channel::Kind::Transfer ? &first : nullptr;
}

std::uint32_t Contexts::sleepers(Channel channel) const {
  const auto here = sleepers_.find(channel);
  return here == sleepers_.end() ? 0 : here->second;
}

const Context* Contexts::reader(Frame frame) const {
  const auto found = reads_.find(frame);
  return found == reads_.end() ? nullptr : found->second;
}

const Context* Contexts::owner(RegionId region) const {
  const auto found = locks_.find(region);
  return found == locks_.end() ? nullptr : found->second;
}

// A read of a frame, from its beginning to its end.
class Reading {
 public:
  Reading(Vm& vm, Frame frame, DiskBlock block) : vm_(vm), contexts_(vm.contexts), frame_(frame) {
    contexts_.reads_[frame] = contexts_.running();
    if (!block.none()) vm.pfdata.set_identity(frame, block);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() {
    vm_.pfdata.drop_identity(frame_);
    contexts_.reads_.erase(frame_);
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

}  // namespace bachsim
