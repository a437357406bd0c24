#include "sim/report/event_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>

namespace bachsim {
namespace {

constexpr unsigned bit(EventGroup group) { return 1u << static_cast<unsigned>(group); }

constexpr unsigned kFault = bit(EventGroup::Fault);
constexpr unsigned kCopy = bit(EventGroup::Copy);
constexpr unsigned kSteal = bit(EventGroup::Steal);
constexpr unsigned kAge = bit(EventGroup::Age);
constexpr unsigned kFork = bit(EventGroup::Fork);
constexpr unsigned kExec = bit(EventGroup::Exec);
constexpr unsigned kExit = bit(EventGroup::Exit);
constexpr unsigned kSwap = bit(EventGroup::Swap);
constexpr unsigned kSleep = bit(EventGroup::Sleep);
constexpr unsigned kSatp = bit(EventGroup::Satp);
constexpr unsigned kRegion = bit(EventGroup::Region);

// The words for an event. What is in braces is told by event_text(). Where the process is not the subject, its name
// comes first, with a colon.
struct Words {
  EventKind kind;
  std::string_view name;
  unsigned groups;
  std::string_view members;  // beside the process, as member_of() knows them
  std::string_view text;
};
constexpr std::array kWords{
    Words{EventKind::RegionAllocated, "region-allocated", kRegion, "region", "region {region} allocated"},
    Words{EventKind::RegionFreed, "region-freed", kRegion, "region", "region {region} freed"},
    Words{EventKind::RegionGrown, "region-grown", kRegion, "region was is", "region {region}: pages {was} -> {is}"},
    Words{EventKind::RegionDuplicated, "region-duplicated", kRegion, "region copy",
          "region {region} duplicated as region {other}, copy on write in both"},
    Words{EventKind::RegionCopied, "region-copied", kRegion | kCopy, "region copy",
          "region {region} copied as region {other}, all its pages at once"},
    Words{EventKind::RegionAttached, "region-attached", kRegion, "region", "region {region} attached"},
    Words{EventKind::RegionDetached, "region-detached", kRegion, "region", "region {region} detached"},

    Words{EventKind::Trapped, "trap", kFault, "scause address region page",
          "{cause} (scause {is}) at {address}{where}"},
    Words{EventKind::NoRegion, "no-region", kFault, "address",
          "no region, and no stack that may grow to there, so SIGSEGV"},
    Words{EventKind::StackGrows, "stack-grows", kFault, "address region was is",
          "below the stack and within its limit, so it grows: pages {was} -> {is}"},
    Words{EventKind::UsedSet, "used-set", kFault, "region page",
          "the access is allowed, and only A or D is missing, so set it"},

    Words{EventKind::VfaultViolation, "vfault-violation", kFault, "region page",
          "vfault: the region does not allow the access, so SIGSEGV"},
    Words{EventKind::VfaultCache, "vfault-cache", kFault, "region page frame disk",
          "vfault: {disk} is in the cache, frame {frame}, so rescue"},
    Words{EventKind::VfaultZero, "vfault-zero", kFault, "region page frame",
          "vfault: demand zero, so clear frame {frame}"},
    Words{EventKind::VfaultFill, "vfault-fill", kFault, "region page frame disk",
          "vfault: demand fill, so read {disk} into frame {frame}"},
    Words{EventKind::VfaultFile, "vfault-file", kFault, "region page frame disk private",
          "vfault: not in the cache, so read {disk} into frame {frame}{unfound}"},
    Words{EventKind::VfaultSwap, "vfault-swap", kFault | kSwap, "region page frame disk",
          "vfault: not in the cache, so read {disk} into frame {frame}"},
    Words{EventKind::Prepaged, "prepaged", kFault, "region page frame disk",
          "vfault: {page} too, read ahead from {disk} into frame {frame}"},
    Words{EventKind::WorkingSetFull, "working-set-full", kFault | kSteal, "region page limit",
          "the working set is full, {is}, so {page} must leave"},

    Words{EventKind::PfaultViolation, "pfault-violation", kFault, "region page",
          "pfault: not a store to a page that is copy on write, so SIGSEGV"},
    Words{EventKind::PfaultCopied, "pfault-copied", kFault | kCopy, "region page count from frame",
          "pfault: count {was} > 1, so copy frame {from} to frame {frame}"},
    Words{EventKind::PfaultKept, "pfault-kept", kFault, "region page count frame disk",
          "pfault: count {was}, so keep frame {frame}{given_up}"},
    Words{EventKind::NoFrame, "no-frame", kFault, "region page", "no frame is free, and none could be stolen"},
    Words{EventKind::NoTables, "no-tables", kFault, "region page", "no page-table frame is free"},

    Words{EventKind::VhandWoken, "vhand-woken", kSteal, "free goal", "vhand: free frames {was} < {is}, so steal"},
    Words{EventKind::VhandReferenced, "vhand-referenced", kAge, "region page pages",
          "vhand: {page} referenced, so age 0"},
    Words{EventKind::VhandAged, "vhand-aged", kAge, "region page pages was is",
          "vhand: {page} not referenced, so age {was} -> {is}"},
    Words{EventKind::VhandRounds, "vhand-rounds", kAge, "rounds", "vhand: the same again, {is} times"},
    Words{EventKind::VhandNoCopy, "vhand-no-copy", kSteal, "region page frame age",
          "vhand: {page}{at_age} has no copy on disk, so write it"},
    Words{EventKind::VhandCurrentCopy, "vhand-current-copy", kSteal, "region page frame age disk",
          "vhand: {page}{at_age} is the same as {disk}, so write nothing"},
    Words{EventKind::VhandOldCopy, "vhand-old-copy", kSteal, "region page frame age disk",
          "vhand: {page}{at_age} was written since it came from {disk}, so give that up and write it"},
    Words{EventKind::VhandStole, "vhand-stole", kSteal, "region page frame disk",
          "vhand: {page} leaves frame {frame}, is at {disk} now"},
    Words{EventKind::VhandFoundNoBlock, "vhand-found-no-block", kSteal, "region page frame",
          "vhand: no block of swap is free, so {page} stays in frame {frame}"},

    Words{EventKind::Spawned, "spawned", kFork, "", "{process} is spawned"},
    Words{EventKind::Forked, "forked", kFork, "child", "{process} forks {child}"},
    Words{EventKind::Vforked, "vforked", kFork, "child", "{process} vforks {child}, which borrows its space"},
    Words{EventKind::Execed, "execed", kExec, "program", "{process} execs {program}"},
    Words{EventKind::Exited, "exited", kExit, "status", "{process} exits with status {is}"},
    Words{EventKind::Killed, "killed", kExit, "status", "{process} is killed with status {is}"},
    Words{EventKind::Reaped, "reaped", kExit, "child status", "{process} reaps {child}, status {is}"},
    Words{EventKind::SleepsVfork, "sleeps-vfork", kSleep, "child", "{process} sleeps until {child} execs or exits"},
    Words{EventKind::SleepsWait, "sleeps-wait", kSleep, "", "{process} sleeps until a child exits"},
    Words{EventKind::Wakes, "wakes", kSleep, "", "{process} wakes"},
    Words{EventKind::Preempted, "preempted", kSleep, "child", "{process} waits until {child} has had its turn"},
    Words{EventKind::Resumed, "resumed", kSleep, "", "{process} may run again"},
    Words{EventKind::SatpWritten, "satp", kSatp, "satp", "satp {satp} of {process}"},
    Words{EventKind::SwappedOut, "swapped-out", kSwap, "", "{process} leaves memory for swap"},
    Words{EventKind::SwappedIn, "swapped-in", kSwap, "", "{process} comes back into memory"},

    Words{EventKind::SleepsTransfer, "sleeps-transfer", kSleep, "", "{process} sleeps until its transfer ends"},
    Words{EventKind::SleepsLock, "sleeps-lock", kSleep, "region by",
          "{process} sleeps until {child} unlocks region {region}"},
    Words{EventKind::SleepsContents, "sleeps-contents", kSleep, "frame by",
          "{process} sleeps until {child} has read the contents of frame {frame}"},
    Words{EventKind::SleepsFrame, "sleeps-frame", kSleep, "", "{process} sleeps until a frame is free"},
    Words{EventKind::SleepsText, "sleeps-text", kSleep, "region by",
          "{process} sleeps until {child} has loaded the text, region {region}"},
    Words{EventKind::TransferEnded, "transfer-ended", kSleep, "", "{process} wakes: its transfer has ended"},
    Words{EventKind::Unlocked, "unlocked", kSleep, "region", "{process} wakes: region {region} is unlocked"},
    Words{EventKind::ContentsValid, "contents-valid", kSleep, "frame",
          "{process} wakes: the contents of frame {frame} are valid"},
    Words{EventKind::FrameFreed, "frame-freed", kSleep, "", "{process} wakes: a frame is free"},
    Words{EventKind::FrameRefused, "frame-refused", kSleep, "", "{process} wakes: no frame will be free"},
    Words{EventKind::TextLoaded, "text-loaded", kSleep, "region",
          "{process} wakes: the text, region {region}, is loaded"},
    Words{EventKind::FoundValid, "found-valid", kFault, "region page",
          "vfault: {page} is valid by now, so nothing is to be done"},
    Words{EventKind::FoundInvalid, "found-invalid", kFault, "region page",
          "pfault: {page} is not valid any more, so the instruction faults anew"},
    Words{EventKind::VhandModified, "vhand-modified", kSteal, "region page frame",
          "vhand: {page} was stored to while it was written, so it stays in frame {frame}"},
    Words{EventKind::RightsGiven, "rights-given", kFault, "region page",
          "the kernel's own valid bit is set, so set A and give the rights back"},
    Words{EventKind::VfaultOutList, "vfault-out-list", kFault, "region page frame",
          "vfault: {page} waits on the out-list, in frame {frame}, so rescue"},
    Words{EventKind::VhandRescued, "vhand-rescued", kSteal, "region page frame",
          "vhand: {page} was rescued from the list, so it is written and stays in frame {frame}"},
    Words{EventKind::VhandChose, "vhand-chose", kSteal, "frame stealer", "vhand: frame {frame} {chosen}"},
    Words{EventKind::LeftWindow, "left-window", kSteal, "region page limit",
          "none of the last {is} references was to {page}, so it must leave"},

    Words{EventKind::KeyFound, "key-found", kRegion, "region", "the key has region {region} already"},
    Words{EventKind::KeyRemoved, "key-removed", kRegion, "region was is",
          "the key of region {region} is removed: count {was} -> {is}"},
    Words{EventKind::Plocked, "plocked", kRegion, "region", "region {region} is locked in memory"},
    Words{EventKind::Punlocked, "punlocked", kRegion, "region", "region {region} is locked in memory no longer"},
    Words{EventKind::Reniced, "reniced", 0, "was is", "nice value {was} -> {is}"},
};

constexpr const Words& words(EventKind kind) { return kWords[static_cast<std::size_t>(kind)]; }

constexpr bool in_order() {
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (kWords[i].kind != static_cast<EventKind>(i)) return false;
  }
  return kWords.back().kind == EventKind::Reniced;
}
static_assert(in_order());

std::string_view program_of(const Event& event, const State& state) {
  return state.program(ProgramId{static_cast<std::uint32_t>(event.is)}).name;
}

std::string page_text(const Event& event) {
  if (event.pages == 1) return fmt::format("region {} page {}", event.region.value, event.page);
  return fmt::format("region {} pages {}-{}", event.region.value, event.page, event.page + event.pages - 1);
}

// Why the frame of VhandChose is the one.
std::string_view chosen_text(StealBy rule) {
  switch (rule) {
    case StealBy::Clock:
      return "was not referenced since the hand came by";
    case StealBy::Fifo:
      return "has had its pages longest";
    case StealBy::Lru:
      return "was referenced longest ago";
    case StealBy::Nru:
      return "is the first of the lowest class";
    case StealBy::Random:
      return "is drawn";
    case StealBy::Opt:
      return "is referenced again latest";
    case StealBy::Age:
      break;
  }
  return "";
}

struct EventField {
  std::string_view name;
  Field (*get)(const Event&, const State&);
};
Field was(const Event& event, const State&) { return field(event.was); }
Field is(const Event& event, const State&) { return field(event.is); }
constexpr std::array kMembers{
    EventField{"region",
               [](const Event& event, const State&) {
                 return event.region == RegionId{} ? Field(kNothing) : field(event.region.value);
               }},
    EventField{"page", [](const Event& event,
                          const State&) { return event.region == RegionId{} ? Field(kNothing) : field(event.page); }},
    EventField{"pages", [](const Event& event, const State&) { return field(event.pages); }},
    EventField{"copy", [](const Event& event, const State&) { return field(event.other.value); }},
    EventField{"frame", [](const Event& event, const State&) { return field(event.frame.value); }},
    EventField{"from", [](const Event& event, const State&) { return field(event.from.value); }},
    EventField{"disk", [](const Event& event, const State& state) { return field(state.disk(event.block)); }},
    EventField{"address", [](const Event& event, const State&) { return field(Address{.value = event.address}); }},
    EventField{"child", [](const Event& event, const State& state) { return field(state.name_of_tag(event.child)); }},
    EventField{"by", [](const Event& event, const State& state) { return field(state.name_of_tag(event.child)); }},
    EventField{"program", [](const Event& event, const State& state) { return field(program_of(event, state)); }},
    EventField{"satp", [](const Event& event, const State&) { return field(Address{.value = event.is}); }},
    EventField{"private", [](const Event& event, const State&) { return field(event.is == 1); }},
    EventField{"stealer", [](const Event&, const State& state) { return field(name(state.config().stealer)); }},
    EventField{"was", was},
    EventField{"count", was},
    EventField{"age", was},
    EventField{"free", was},
    EventField{"is", is},
    EventField{"scause", is},
    EventField{"limit", is},
    EventField{"goal", is},
    EventField{"rounds", is},
    EventField{"status", is},
};

}  // namespace

void for_each_member(const Event& event, const State& state, const MemberVisit& visit) {
  for (const auto part : words(event.kind).members | std::views::split(' ')) {
    const std::string_view wanted(part.begin(), part.end());
    const auto member = std::ranges::find(kMembers, wanted, &EventField::name);
    KASSERT(member != kMembers.end());
    visit(member->name, member->get(event, state));
  }
}

std::span<const std::string_view> event_group_words() {
  static constexpr std::array<std::string_view, 11> kGroups{"fault", "copy", "steal", "age",  "fork",  "exec",
                                                            "exit",  "swap", "sleep", "satp", "region"};
  return kGroups;
}

bool in_group(EventKind kind, EventGroup group) { return (words(kind).groups & bit(group)) != 0; }

std::string_view name(EventKind kind) { return words(kind).name; }

std::string event_text(const Event& event, const State& state) {
  const auto who = [&state](std::uint64_t tag) { return tag == Event::kNobody ? "nobody" : state.name_of_tag(tag); };
  const std::string_view form = words(event.kind).text;
  const std::string disk = text(state.disk(event.block));
  const bool by_age = state.config().stealer == StealBy::Age;
  const std::string line = fmt::format(
      fmt::runtime(form), fmt::arg("region", event.region.value), fmt::arg("other", event.other.value),
      fmt::arg("page", page_text(event)), fmt::arg("frame", event.frame.value), fmt::arg("from", event.from.value),
      fmt::arg("disk", disk), fmt::arg("was", event.was), fmt::arg("is", event.is),
      fmt::arg("address", fmt::format("{:#x}", event.address)), fmt::arg("cause", cause_name(event.is)),
      fmt::arg("where", event.region == RegionId{} ? "" : ", " + page_text(event)),
      fmt::arg("unfound", event.is == 0 ? "" : ", which a store makes private"),
      fmt::arg("at_age", by_age ? fmt::format(" at age {}", event.was) : ""),
      fmt::arg("chosen", chosen_text(state.config().stealer)),
      fmt::arg("given_up", event.block.none() ? "" : fmt::format(", give up {}", disk)),
      fmt::arg("process", who(event.process)), fmt::arg("child", who(event.child)),
      fmt::arg("satp", fmt::format("{:#x}", event.is)),
      fmt::arg("program", event.kind == EventKind::Execed ? program_of(event, state) : ""));
  const bool named = event.process == Event::kNobody || form.find("{process}") != std::string_view::npos;
  return named ? line : fmt::format("{}: {}", who(event.process), line);
}

}  // namespace bachsim
