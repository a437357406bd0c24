#include "sim/machine/host_memory.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
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

}  // namespace

HostBudget::HostBudget() : limit_(spare_bytes() / 8 * 7) {}

void HostBudget::refuse() const {
  throw HostLimit("the workload needs more memory than this host has");
}

std::byte* reserve_zeroed(std::uint64_t bytes) {
  void* start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED)
    throw HostLimit(fmt::format("this host has no {} MiB of address space left", bytes >> 20));
  return static_cast<std::byte*>(start);
}

void release(std::byte* start, std::uint64_t bytes) noexcept { munmap(start, bytes); }

}  // namespace bachsim
