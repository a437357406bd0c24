#include "sim/state/column.h"

#include <fmt/format.h>

namespace bachsim {

std::string bytes_text(std::uint64_t bytes) {
  return bytes > 0 && bytes % 1024 == 0 ? fmt::format("{}K", bytes / 1024) : fmt::format("{}", bytes);
}

std::string text(const Disk& disk) {
  const char between = disk.in_figure ? ' ' : ':';
  switch (disk.kind) {
    case DbdKind::None:
      return disk.in_figure ? "-" : "none";
    case DbdKind::Zero:
      return disk.in_figure ? "demand zero" : "zero";
    case DbdKind::Fill:
      return disk.in_figure ? fmt::format("demand fill {}", disk.block) : "fill";
    case DbdKind::File:
      return fmt::format("file{}{}{}{}", between, disk.program, disk.program.empty() ? "" : std::string(1, between),
                         disk.block);
    case DbdKind::Swap:
      break;
  }
  return fmt::format("swap{}{}{}{}", between, disk.device, between, disk.block);
}

std::string text(const Address& address) {
  return address.label ? bytes_text(address.value) : fmt::format("{:#x}", address.value);
}

std::string text(const Field& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field)) return std::to_string(*number);
  if (const auto* truth = std::get_if<bool>(&field)) return *truth ? "yes" : "-";
  if (const auto* address = std::get_if<Address>(&field)) return text(*address);
  if (const auto* disk = std::get_if<Disk>(&field)) return text(*disk);
  if (const auto* word = std::get_if<std::string>(&field)) return *word;
  return "-";
}

std::string text(const Field& first, const Field& last) {
  if (first == last) return text(first);
  if (const auto* disk = std::get_if<Disk>(&last))
    return disk->kind == DbdKind::Fill && !disk->in_figure ? text(first)
                                                           : fmt::format("{}-{}", text(first), disk->block);
  return fmt::format("{}-{}", text(first), text(last));
}

std::string count_text(std::uint64_t count, std::string_view one, std::string_view several) {
  if (count == 1 || !several.empty()) return fmt::format("{} {}", count, count == 1 ? one : several);
  return fmt::format("{} {}s", count, one);
}

bool counts_on(const Field& a, const Field& b) {
  if (a.index() != b.index()) return false;
  if (const auto* number = std::get_if<std::int64_t>(&a)) return std::get<std::int64_t>(b) == *number + 1;
  if (const auto* address = std::get_if<Address>(&a))
    return std::get<Address>(b) ==
           Address{.value = address->value + address->page, .page = address->page, .label = address->label};
  if (const auto* disk = std::get_if<Disk>(&a)) {
    Disk next = *disk;
    next.block += disk->has_block() ? 1u : 0u;
    return std::get<Disk>(b) == next;
  }
  return a == b;
}

std::vector<std::string_view> words_of(Kind kind) {
  const auto all = [](const auto& words, int first = 0) { return std::vector(words.begin() + first, words.end()); };
  if (kind == Kind::State) {
    auto words = all(kWords<ProcessState>);
    // Between two statements no process runs or is half made, so a comparison with these would be a mistake.
    for (const auto never : {ProcessState::UserRunning, ProcessState::KernelRunning, ProcessState::Created})
      std::erase(words, name(never));
    words.emplace_back("reaped");
    return words;
  }
  // No event is written null and no error 0, so neither is a word.
  if (kind == Kind::Event) return all(kWords<WaitingFor>, 1);
  if (kind == Kind::Errno) return all(kWords<Errno>, 1);
  if (kind == Kind::Actor) return {"vhand"};
  if (kind == Kind::Type) return all(kWords<RegionType>);
  if (kind == Kind::Disk) return all(kWords<DbdKind>);
  if (kind == Kind::Identity) return {"none", "file", "swap"};
  return {};
}

}  // namespace bachsim
