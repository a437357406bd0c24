// Sleep and wakeup inside the kernel (Bach 2.2.2.4 and 6.6), under io=sleep.
//
// A process has a context from the beginning of an operation to its end, and so has the page stealer while it works: a
// kernel stack of its own. A context sleeps on a channel. Somebody wakes all who sleep there, and each looks again. One
// context runs at a time, until it sleeps or ends.
//
// Under io=atomic there are no contexts: transfers end at once, nothing is ever locked, and nobody sleeps.
//
// Rule (checked by audit()):
//   10  a region is locked exactly if a context has it; nobody sleeps for a lock that is free, nor for valid contents;
//       nobody maps a frame whose contents are not valid
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "regions/channel.h"
#include "regions/kernel_stack.h"

namespace bachsim {

struct Vm;

// One that is inside the kernel.
struct Context {
  // The tag of the page stealer's.
  static constexpr std::uint64_t kVhand = ~std::uint64_t{0} - 1;

  Context(std::uint64_t whose, std::uint64_t when, std::function<void()> body, KernelStackMemory& memory)
      : tag(whose), came(when), since(when), stack(std::move(body), memory) {}

  std::uint64_t tag;
  std::uint64_t came;                   // contexts that came earlier have a lower number
  std::optional<Channel> sleeps_for{};  // empty: it runs, or has been woken and may go on
  std::uint64_t since;                  // contexts that fell asleep or woke earlier have a lower number
  bool refused = false;                 // it slept for a frame, and there is none to be had
  std::deque<RegionId> locks{};         // in the order in which it took them; the first often go first
  KernelStack stack;                    // last: when it unwinds, it gives up the locks
};

class Contexts {
 public:
  explicit Contexts(Vm& vm);
  Contexts(const Contexts&) = delete;
  Contexts& operator=(const Contexts&) = delete;
  ~Contexts() { end(); }
  // All leave the kernel, whose stacks unwind. Nobody enters any more.
  void end();

  // The context that runs and may sleep; nullptr between operations, under io=atomic, and within AtOnce.
  [[nodiscard]] Context* running() const { return running_; }
  // The same, also within AtOnce.
  [[nodiscard]] const Context* current() const { return current_; }

  // Those inside the kernel, in the order in which they came.
  [[nodiscard]] const std::list<Context>& all() const { return contexts_; }
  [[nodiscard]] Context* find(std::uint64_t tag);
  [[nodiscard]] const Context* find(std::uint64_t tag) const { return const_cast<Contexts*>(this)->find(tag); }

  // A context begins. It does nothing before go_on().   REQUIRES: there is none of this tag
  Context& enter(std::uint64_t tag, std::function<void()> body);
  // Runs it until it sleeps or ends. False if it has ended, and is gone. Throws what its body throws; then it is gone,
  // too.   REQUIRES: nobody runs; it does not sleep
  bool go_on(Context& context);

  // The context that runs sleeps until it is woken.   REQUIRES: running()
  void sleep(Channel channel);
  // Wakes all who sleep there.
  void wakeup(Channel channel);
  // The transfer for which a context sleeps ends.
  void wake(Context& context);
  // The first to come of those who sleep for a frame wakes without one.   REQUIRES: somebody does
  const Context& refuse();

  // The one who can go on first; nullptr: nobody can. Those who are awake go first, in the order in which they woke.
  // Then transfers end, in the order in which they began.
  [[nodiscard]] const Context* first_able() const;
  // The number of those who sleep there.   REQUIRES: it is no transfer
  [[nodiscard]] std::uint32_t sleepers(Channel channel) const;
  // The tags of those who fell asleep or woke since the last call. Some may have ended, or be there twice.
  [[nodiscard]] std::vector<std::uint64_t> take_changed() { return std::exchange(changed_, {}); }

  // Frames whose contents are being read.
  [[nodiscard]] bool being_read(Frame frame) const { return !reads_.empty() && reader(frame) != nullptr; }
  // The context that reads the frame's contents; nullptr if they are valid.
  [[nodiscard]] const Context* reader(Frame frame) const;
  // The context that has the region locked; nullptr if none has.
  [[nodiscard]] const Context* owner(RegionId region) const;
  [[nodiscard]] bool any_locked() const { return !locks_.empty(); }
  [[nodiscard]] bool locked_by_other(RegionId region) const {
    return !locks_.empty() && owner(region) != nullptr && owner(region) != current_;
  }
  // The frames whose contents are being read, and by whom.
  [[nodiscard]] const std::map<Frame, const Context*>& reads() const { return reads_; }

 private:
  friend class RegionLock;
  friend class Reading;
  friend class AtOnce;

  // A queue and the position in it. The first queue is of those who are awake, the next one of those who wait for their
  // transfers; then each channel has one, of which everybody wakes at a time.
  using Position = std::pair<std::optional<Channel>, std::uint64_t>;
  static Position position(const Context& context);

  void move(Context& context, std::optional<Channel> channel);
  void leave_channel(const Context& context);
  void remove(const Context& context);

  Vm& vm_;
  KernelStackMemory stacks_;
  std::list<Context> contexts_;
  std::unordered_map<std::uint64_t, std::list<Context>::iterator> by_tag_;  // never iterated
  std::map<Position, Context*> queues_;
  std::map<Channel, std::uint32_t> sleepers_;  // [channel]: how many sleep there
  std::vector<std::uint64_t> changed_;
  std::map<Frame, const Context*> reads_;
  std::map<RegionId, Context*> locks_;
  Context* running_ = nullptr;
  const Context* current_ = nullptr;
  std::uint64_t clock_ = 0;
  bool closing_ = false;  // the machine ends: nobody is woken
};

// Nobody sleeps while there is one of these.
class AtOnce {
 public:
  explicit AtOnce(Contexts& contexts) : contexts_(contexts), running_(std::exchange(contexts.running_, nullptr)) {}
  AtOnce(const AtOnce&) = delete;
  AtOnce& operator=(const AtOnce&) = delete;
  ~AtOnce() { contexts_.running_ = running_; }

 private:
  Contexts& contexts_;
  Context* running_;
};

// Sleeps until the contents of the frame are valid.   REQUIRES: a context runs, and another reads them
void await_contents(Vm& vm, Frame frame);
// Sleeps until the running context's transfer has ended. Nothing under io=atomic: it has ended already.
void await_transfer(Vm& vm);
// The same for a read of `block` into the frame. Its contents are not valid until then. Others who find it by its block
// meanwhile sleep for the contents. In the end they wake, and the frame has no identity any more.
void await_read(Vm& vm, Frame frame, DiskBlock block);

}  // namespace bachsim
