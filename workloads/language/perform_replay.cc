// Replays: references of a file, each of them an access of the actor.
#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <optional>
#include <unordered_map>
#include <utility>

#include "regions/pregion.h"
#include "workloads/language/performer.h"

namespace bachsim {
// One replay on its way.
class Performer::Replaying {
 public:
  Replaying(Performer& performer, const Replayed& op)
      : performer_(performer), op_(op), data_(target(RegionType::Data)), pid_(pid()) {
    if (op.format != ReferenceFormat::Pages)
      shift_ = static_cast<unsigned>(std::countr_zero(performer.kernel_.config().page));
    // It is kept while its process sleeps, and of these there may be many.
    share_.commit(ReferenceReader::kBytes + 2 * PackedPages::kBytes);
    if (!op.region && is_foreign(op.format)) text_.emplace(target(RegionType::Text));
  }

  // All of them, until one kills the actor.
  void run(ReferenceReader& reader) {
    for (auto references = reader.next(); !references.empty(); references = reader.next()) {
      const std::size_t done = perform(references);
      performer_.listener_.replayed(done);
      if (done < references.size()) return stopped(reader.line_of(references[done]));
    }
  }

 private:
  // The pages of another program, numbered in the order in which they are first referenced.
  class PackedPages {
   public:
    static constexpr std::uint64_t kBytesPerPage = 64;  // of the host's memory, about
    static constexpr std::uint64_t kBytes = 25'000;     // without them

    // A page's number, and whether it has got it now.
    std::pair<std::uint64_t, bool> number(std::uint64_t page) {
      Lately& lately = lately_[page % kLately];
      if (lately.page == page && lately.known) [[likely]]
        return {lately.number, false};
      const auto [entry, added] = numbers_.try_emplace(page, numbers_.size());
      lately = {.page = page, .number = entry->second, .known = true};
      return {entry->second, added};
    }

   private:
    struct Lately {
      std::uint64_t page = 0;
      std::uint64_t number = 0;
      bool known = false;
    };
    static constexpr std::size_t kLately = 1024;

    std::unordered_map<std::uint64_t, std::uint64_t> numbers_;  // never iterated
    std::vector<Lately> lately_ = std::vector<Lately>(kLately);
  };

  // A region that references go to.
  struct Target {
    Pregion region;
    std::string name;
    PackedPages pages{};
  };

  [[nodiscard]] Target target(RegionType otherwise) const {
    const RegionRef ref = op_.region.value_or(RegionRef{.type = otherwise, .place = op_.place});
    return {.region = performer_.evaluate_.pregion(performer_.kernel_.space(performer_.slot_), ref),
            .name = ref.type == RegionType::Shm ? "shm." + key_text(performer_.script_, ref.key)
                                                : std::string(name(ref.type))};
  }
  [[nodiscard]] std::uint64_t pid() const { return performer_.kernel_.process(performer_.slot_).pid.value; }

  // How many could be performed.
  std::size_t perform(std::span<const RecordedReference> references);
  bool touch(Access access, std::uint64_t page, std::uint64_t offset);
  void stopped(const ForeignLine& line) const;

  Performer& performer_;
  HostShare share_{performer_.evaluate_.state().budget()};  // of packed pages
  const Replayed& op_;
  Target data_;                 // and of all references, if the script says a region
  std::optional<Target> text_;  // of fetches, if they go elsewhere
  std::uint64_t pid_;           // that is written
  unsigned shift_ = 0;          // of the page within a number

  // The reference that could not be performed.
  const Target* stopped_in_ = nullptr;
  std::uint64_t stopped_at_ = 0;  // its page there
  std::optional<Stop> stop_;      // empty: there is no such page on any machine
};

std::size_t Performer::Replaying::perform(std::span<const RecordedReference> references) {
  const std::uint64_t cells_in_page = ((std::uint64_t{1} << shift_) - 1) & ~std::uint64_t{7};
  for (const RecordedReference& reference : references) {
    const std::uint64_t first = reference.number >> shift_;
    const std::uint64_t last = (reference.number + reference.bytes - 1) >> shift_;
    bool sound = touch(reference.access, first, reference.number & cells_in_page);
    for (std::uint64_t page = first + 1; sound && page <= last; ++page) sound = touch(reference.access, page, 0);
    if (!sound) [[unlikely]]
      return static_cast<std::size_t>(&reference - references.data());
  }
  return references.size();
}

// An access to a page as the file numbers it.
bool Performer::Replaying::touch(Access access, std::uint64_t page, std::uint64_t offset) {
  Target& target = access == Access::Fetch && text_ ? *text_ : data_;
  if (access == Access::Fetch && !text_) access = Access::Load;
  if (op_.packed) {
    const auto [number, is_new] = target.pages.number(page);
    if (is_new) [[unlikely]]
      share_.commit(PackedPages::kBytesPerPage);
    page = number;
  }
  stopped_in_ = &target;
  stopped_at_ = page;
  if (page >= Evaluator::kMaxPages) [[unlikely]]
    return false;
  const VirtAddr va{address_of(target.region, page).value + offset};
  std::byte* cell = performer_.kernel_.hit(performer_.slot_, va, access);
  if (cell == nullptr) [[unlikely]] {
    const auto found = performer_.kernel_.access(performer_.slot_, va, access);
    if (!found) {
      stop_ = found.error();
      return false;
    }
    cell = *found;
  }
  if (access == Access::Store) std::memcpy(cell, &pid_, sizeof pid_);
  return true;
}

void Performer::Replaying::stopped(const ForeignLine& line) const {
  if (!stop_) throw BadReference{line, "the page is beyond every address"};
  performer_.listener_.line(fmt::format("{}: {} ({}:{}: page {} of {})", performer_.names_.process(performer_.actor_),
                                        name(*stop_), line.file, line.line, stopped_at_, stopped_in_->name));
}

void Performer::perform(const ReplayOp& replay) {
  const Replayed& op = *replay.what;
  auto text = op.file->open();
  if (!text) fail(op.place, "{}", text.error());
  try {
    Replaying replaying(*this, op);
    ReferenceReader reader(op.format, std::string(op.name), std::move(*text));
    replaying.run(reader);
  } catch (BadReference& bad) {
    throw Diagnostic{op.place,
                     fmt::format("line {} of `{}` is no line of the format `{}`", bad.line.line, op.name,
                                 kReferenceFormatWords[static_cast<std::size_t>(op.format)]),
                     {Note{.place = op.place, .what = std::move(bad.what), .elsewhere = std::move(bad.line)}}};
  }
}

}  // namespace bachsim
