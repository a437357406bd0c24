#include "sim/machine/host_memory.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace bachsim {
namespace {

// Memory that could be had without swapping, as Linux estimates it; all that there is where it does not say.
std::uint64_t spare_bytes() {
  std::ifstream meminfo("/proc/meminfo");
  std::string key;
  std::uint64_t kibibytes = 0;
  for (std::string unit; meminfo >> key >> kibibytes; std::getline(meminfo, unit)) {
    if (key == "MemAvailable:")
      return kibibytes << 10;
  }
  return static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// What the control group of a container leaves; no limit where there is none.
std::uint64_t group_bytes() {
  const auto number = [](const char* path, std::uint64_t otherwise) {
    std::uint64_t value = 0;
    std::ifstream file(path);
    return file >> value ? value : otherwise;
  };
  const std::uint64_t limit = number("/sys/fs/cgroup/memory.max", std::numeric_limits<std::uint64_t>::max());
  const std::uint64_t used = number("/sys/fs/cgroup/memory.current", 0);
  return limit - std::min(used, limit);
}

}  // namespace

HostBudget::HostBudget() : limit_(std::min(spare_bytes(), group_bytes()) / 8 * 7) {}

void HostBudget::refuse() const {
  throw HostLimit("the workload needs more memory than this host has");
}

std::byte* reserve_zeroed(std::uint64_t bytes, Backing backing) {
  void* start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED)
    throw HostLimit(fmt::format("this host has no {} MiB of address space left", bytes >> 20));
  constexpr std::uint64_t kHugePage = std::uint64_t{2} << 20;
  if (backing == Backing::Huge && bytes >= kHugePage)
    madvise(start, bytes, MADV_HUGEPAGE);  // a wish: a host that cannot backs it in small pages
  return static_cast<std::byte*>(start);
}

void release(std::byte* start, std::uint64_t bytes) noexcept {
  munmap(start, bytes);
}

}  // namespace bachsim
