// What a machine gets from its host. Below sim/cli nobody touches files, terminal or clock: whoever makes a machine
// passes in what it may use.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/machine/host_memory.h"

namespace bachsim {

// Pages of 4096 bytes outside simulated memory, by number. A page that was never written reads as zeros.
class PageStore {
 public:
  PageStore() = default;
  PageStore(const PageStore&) = delete;
  PageStore& operator=(const PageStore&) = delete;
  virtual ~PageStore() = default;

  // Copy 4096 bytes. Throw HostLimit if the host fails: a full disk must not become a wrong page.
  virtual void read(std::uint64_t number, std::byte* page) const = 0;
  virtual void write(std::uint64_t number, const std::byte* page) = 0;
};

// All must outlive the machine.
struct Host {
  HostBudget* budget = nullptr;     // may be shared by machines, on several threads; none: no limit
  PageStore* swap_pages = nullptr;  // the contents of all swap devices, for this machine alone; none: in memory
};

}  // namespace bachsim
