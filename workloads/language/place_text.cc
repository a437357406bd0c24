#include "workloads/language/place_text.h"

#include <fmt/format.h>

namespace bachsim {

std::string_view name(DbdKind kind) {
  switch (kind) {
    case DbdKind::None:
      return "none";
    case DbdKind::Zero:
      return "zero";
    case DbdKind::Fill:
      return "fill";
    case DbdKind::File:
      return "file";
    case DbdKind::Swap:
      break;
  }
  return "swap";
}

std::string text(Dbd dbd) {
  switch (dbd.kind()) {
    case DbdKind::None:
    case DbdKind::Zero:
    case DbdKind::Fill:
      break;
    case DbdKind::File:
      return fmt::format("file:{}", dbd.block());
    case DbdKind::Swap:
      return fmt::format("swap:{}:{}", dbd.device(), dbd.block());
  }
  return std::string(name(dbd.kind()));
}

std::string bytes_text(std::uint64_t bytes) {
  return bytes > 0 && bytes % 1024 == 0 ? fmt::format("{}K", bytes / 1024) : fmt::format("{}", bytes);
}

std::string text(DiskBlock block, const std::vector<Program>& programs) {
  if (block.none())
    return "none";
  if (block.in_file())
    return fmt::format("file:{}:{}", programs[block.program().value].name, block.logical());
  return fmt::format("swap:{}:{}", block.device(), block.block());
}

std::string_view name(RegionType type) {
  switch (type) {
    case RegionType::Text:
      return "text";
    case RegionType::Data:
      return "data";
    case RegionType::Stack:
      return "stack";
    case RegionType::Shm:
      break;
  }
  return "shm";
}

}  // namespace bachsim
