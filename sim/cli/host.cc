#include "sim/cli/host.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace bachsim {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// The number behind a key in a file of lines `KEY NUMBER ...`; an empty key stands for a file of one number.
std::optional<std::uint64_t> number_in(const fs::path& path, std::string_view key) {
  std::ifstream file(path);
  std::string word;
  std::uint64_t number = 0;
  if (key.empty())
    return file >> number ? std::optional(number) : std::nullopt;
  for (std::string rest; file >> word; std::getline(file, rest)) {
    if (word == key)
      return file >> number ? std::optional(number) : std::nullopt;
  }
  return std::nullopt;
}

// Memory that could be had without swapping, as Linux estimates it; all that there is where it does not say.
std::uint64_t available_bytes(const fs::path& root) {
  if (const auto kibibytes = number_in(root / "proc/meminfo", "MemAvailable:"))
    return *kibibytes << 10;
  return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// The files that say so in one version of control groups.
struct GroupFiles {
  const char* limit;
  const char* used;
  const char* cache;  // its key in memory.stat: what the kernel gives up when it needs memory
};
constexpr GroupFiles kVersion1{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"};
constexpr GroupFiles kVersion2{"memory.max", "memory.current", "inactive_file"};

// What a group leaves, and all groups above it. A container may see its own group as the mount's root while /proc gives
// the path that the host knows: the folders that are missing then say nothing.
std::uint64_t left_in_group(const fs::path& mount, fs::path group, const GroupFiles& files) {
  std::uint64_t left = kNoLimit;
  for (;; group = group.parent_path()) {
    const fs::path folder = mount / group.relative_path();
    if (const auto limit = number_in(folder / files.limit, "")) {
      const std::uint64_t cache = number_in(folder / "memory.stat", files.cache).value_or(0);
      const std::uint64_t used = number_in(folder / files.used, "").value_or(0);
      const std::uint64_t held = used - std::min(cache, used);
      left = std::min(left, *limit - std::min(held, *limit));
    }
    if (!group.has_relative_path())
      return left;
  }
}

// Lines of /proc/self/cgroup: NUMBER:CONTROLLERS:PATH, with number 0 and no controllers for version 2.
std::uint64_t group_bytes(const fs::path& root) {
  std::uint64_t left = kNoLimit;
  const fs::path mount = root / "sys/fs/cgroup";
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos)
      continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const fs::path group = fs::path(line.substr(second + 1)).lexically_normal();
    if (controllers == ",,") {
      left = std::min(left, left_in_group(mount, group, kVersion2));
      left = std::min(left, left_in_group(mount / "unified", group, kVersion2));
    } else if (controllers.find(",memory,") != std::string::npos) {
      left = std::min(left, left_in_group(mount / "memory", group, kVersion1));
    }
  }
  return left;
}

}  // namespace

std::uint64_t spare_memory(const fs::path& root) {
  return std::min(available_bytes(root), group_bytes(root)) / 8 * 7;
}

}  // namespace bachsim
