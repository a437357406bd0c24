// Operations that were begun and sleep inside the kernel (`machine io=sleep`), and how they go on.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "workloads/language/run.h"

namespace bachsim {

// An operation of this step sleeps. It stays there if it was only to begin.
void Run::end_or_note(std::uint64_t actor, bool begin) {
  if (kernel_.is_inside(actor) && !standing_.begun.contains(actor)) {
    const LaterOperation begun{actor, index_, standing_};
    standing_.begun_bytes += begun.bytes();
    commit_later();
    standing_.begun.emplace(actor, begun);
  }
  if (!begin) finish(actor);
}

void Run::execute(const StealStatement& steal) {
  performer_.steal(steal, statement().place);
  if (kernel_.anybody_inside()) [[unlikely]]
    end_or_note(Context::kVhand, steal.begin);
}

void Run::execute(const FinishStatement& finished) {
  using Whose = FinishStatement::Whose;
  if (kernel_.config().io == IoMode::Atomic)
    fail(statement().place, "nobody sleeps on this machine: `finish` is for one with io=sleep");
  std::optional<std::uint64_t> actor;
  if (finished.whose == Whose::Vhand) actor = Context::kVhand;
  if (finished.whose == Whose::Process) actor = evaluate_.tag(finished.process);
  if (actor && !kernel_.is_inside(*actor))
    fail(statement().place, "`{}` has begun nothing that has not ended",
         finished.whose == Whose::Vhand ? "vhand" : performer_.names().text(evaluate_.name_of(finished.process)));
  finish(actor);
}

// Goes on until the actor's operation has ended, or everybody's.
void Run::finish(std::optional<std::uint64_t> actor) {
  while (actor ? kernel_.is_inside(*actor) : kernel_.anybody_inside()) {
    std::uint64_t next = 0;
    try {
      next = performer_.next_to_go_on(actor);
    } catch (const AllAsleep&) {
      fail(statement().place, "nobody can go on: {}; and the page stealer passes over locked regions", sleepers());
    }
    go_on(next);
  }
}

// "`A` sleeps for a frame and has region 2 locked, `B` sleeps until region 2 is unlocked".
std::string Run::sleepers() const {
  constexpr std::size_t kMostTold = 10;
  std::string text;
  std::size_t told = 0;
  for (const Context& context : kernel_.contexts().all()) {
    if (told++ == kMostTold) return text + fmt::format(", and {} more", kernel_.contexts().all().size() - kMostTold);
    const bool frame = context.sleeps_for->kind == Channel::Kind::FreeFrame;
    text += fmt::format("{}`{}` sleeps {}", text.empty() ? "" : ", ", performer_.names().process(context.tag),
                        frame ? std::string("for a frame")
                              : fmt::format("until region {} is unlocked", context.sleeps_for->region.value));
    for (const RegionId region : context.locks) text += fmt::format(" and has region {} locked", region.value);
  }
  return text;
}

void Run::go_on(std::uint64_t actor) {
  auto begun = standing_.begun.extract(actor);
  if (begun.empty()) {  // the page stealer, which a process has woken
    KASSERT(actor == Context::kVhand);
    return performer_.go_on(nullptr, actor);
  }
  {
    const SurroundingsOfThen then(standing_, begun.mapped().surroundings);
    // A mistake is that statement's, with the calls that it is in.
    const std::uint32_t here = std::exchange(index_, begun.mapped().statement);
    performer_.go_on(std::get_if<OperationStatement>(&script_.statements[index_].body), actor);
    index_ = here;
  }
  if (kernel_.is_inside(actor))
    standing_.begun.insert(std::move(begun));
  else
    standing_.begun_bytes -= begun.mapped().bytes();
}

}  // namespace bachsim
