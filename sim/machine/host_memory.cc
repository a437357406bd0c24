#include "sim/machine/host_memory.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

namespace bachsim {

HostBudget::HostBudget()
    : limit_(static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) / 8 * 7 *
             static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE))) {}

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
