// What the host has to spare.
#pragma once

#include <cstdint>
#include <filesystem>

namespace bachsim {

// Bytes that this program may use: seven eighths of what the host has available, or of what is left to the program's
// control group or a group above it, whichever is less. `root` is where /proc and /sys are.
[[nodiscard]] std::uint64_t spare_memory(const std::filesystem::path& root = "/");

}  // namespace bachsim
