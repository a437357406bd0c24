#include "sim/report/echo.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>
#include <vector>

#include "sim/report/event_text.h"

namespace bachsim {
namespace {

// Events of one kind are one part of the effect: how many there were, and the frame if there was one.
struct EffectPart {
  EventKind kind;
  std::string_view one;
  std::string_view several;
  bool with_frame;
};
constexpr std::array kEffectParts{
    EffectPart{EventKind::VfaultZero, "zero fault", "zero faults", true},
    EffectPart{EventKind::VfaultFill, "fill fault", "fill faults", true},
    EffectPart{EventKind::VfaultFile, "file fault", "file faults", true},
    EffectPart{EventKind::VfaultSwap, "swap fault", "swap faults", true},
    EffectPart{EventKind::VfaultCache, "page rescued", "pages rescued", true},
    EffectPart{EventKind::Prepaged, "page read ahead", "pages read ahead", false},
    EffectPart{EventKind::PfaultCopied, "page copied", "pages copied", true},
    EffectPart{EventKind::PfaultKept, "page kept", "pages kept", true},
    EffectPart{EventKind::UsedSet, "bit set by the kernel", "bits set by the kernel", false},
    EffectPart{EventKind::VhandReferenced, "page referenced", "pages referenced", false},
    EffectPart{EventKind::VhandAged, "page aged", "pages aged", false},
    EffectPart{EventKind::VhandStole, "page stolen", "pages stolen", false},
    EffectPart{EventKind::RegionDuplicated, "region duplicated", "regions duplicated", false},
    EffectPart{EventKind::RegionCopied, "region copied", "regions copied", false},
    EffectPart{EventKind::RegionFreed, "region freed", "regions freed", false},
    EffectPart{EventKind::RegionAllocated, "region allocated", "regions allocated", false},
};

// Kinds that are told as they are, in the words of a trace.
bool is_whole(EventKind kind) {
  constexpr std::array kWhole{EventKind::Killed,     EventKind::Reaped,       EventKind::SwappedOut,
                              EventKind::SwappedIn,  EventKind::NoFrame,      EventKind::NoTables,
                              EventKind::FoundValid, EventKind::FoundInvalid, EventKind::VhandModified,
                              EventKind::KeyFound,   EventKind::KeyRemoved,   EventKind::Plocked,
                              EventKind::Punlocked,  EventKind::Reniced};
  return in_group(kind, EventGroup::Sleep) || std::ranges::find(kWhole, kind) != kWhole.end();
}

// A duplicate is allocated too.
std::uint64_t count_of(EventKind kind, const Events& events) {
  std::uint64_t count = 0;
  for (const Event& event : events) {
    const bool made_by_fork = event.kind == EventKind::RegionDuplicated || event.kind == EventKind::RegionCopied;
    if (event.kind == kind) count += event.pages > 1 && !made_by_fork ? event.pages : 1;
    if (kind == EventKind::RegionAllocated && made_by_fork) --count;
  }
  return count;
}

}  // namespace

std::string effect_text(const Statement& statement, const Events& events, const State& state) {
  std::vector<std::string> parts;
  for (const EffectPart& part : kEffectParts) {
    const std::uint64_t count = count_of(part.kind, events);
    if (count == 0) continue;
    if (count > 1 || !part.with_frame) {
      parts.push_back(fmt::format("{} {}", count, count == 1 ? part.one : part.several));
      continue;
    }
    const Event& event = *std::ranges::find(events, part.kind, &Event::kind);
    parts.push_back(part.kind == EventKind::PfaultCopied
                        ? fmt::format("{}, frame {} to {}", part.one, event.from.value, event.frame.value)
                        : fmt::format("{}, frame {}", part.one, event.frame.value));
  }
  std::unordered_set<std::string> told(parts.begin(), parts.end());
  for (const Event& event : events) {
    if (event.kind == EventKind::RegionGrown && event.was > 0 && event.is > 0)
      parts.push_back(fmt::format("pages {} -> {}", event.was, event.is));
    if (is_whole(event.kind)) {
      std::string words = event_text(event, state);
      if (told.insert(words).second) parts.push_back(std::move(words));
    }
  }
  if (!parts.empty()) return fmt::format("{}", fmt::join(parts, "; "));
  const auto* operation = std::get_if<OperationStatement>(&statement.body);
  const bool access =
      operation != nullptr &&
      (std::holds_alternative<AccessOp>(*operation->body) || std::holds_alternative<WriteOp>(*operation->body) ||
       std::holds_alternative<PrintOp>(*operation->body) || std::holds_alternative<ReplayOp>(*operation->body));
  return access ? "no fault" : "";
}

std::string echo_text(std::string_view statement, std::string_view effect) {
  if (effect.empty()) return std::string(statement);
  return fmt::format("{:<32}    {}", statement, effect);
}

}  // namespace bachsim
