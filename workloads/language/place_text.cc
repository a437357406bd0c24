#include "workloads/language/place_text.h"

#include <fmt/format.h>

namespace bachsim {

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

std::string text(DiskBlock block, const std::vector<Program>& programs) {
  if (block.none())
    return "none";
  if (block.in_file())
    return fmt::format("file:{}:{}", programs[block.program().value].name, block.logical());
  return fmt::format("swap:{}:{}", block.device(), block.block());
}

}  // namespace bachsim
