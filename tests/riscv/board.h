// QEMU's machine `virt`, whose memory is a file that we share with it.
#pragma once

#include <cstdint>
#include <string>

#include "tests/riscv/record.h"

namespace bachsim {

class Board {
 public:
  // `prober`: the bytes of the prober. `folder`: for the file of memory, and for what QEMU says.
  Board(std::string prober, std::string folder) : prober_(std::move(prober)), folder_(std::move(folder)) {}

  // Boots, has QEMU's MMU answer the records, and leaves memory as the accesses have. Throws std::runtime_error if QEMU
  // does not come to an end.   REQUIRES: no record is an access to the prober's page
  void probe(ProbedMemory& probed) const;

  // The page that has the prober's code, behind so many bytes of memory. QEMU looks for the translations of machine
  // mode's fetches and of its loads in one place, so that a load there is not translated.
  [[nodiscard]] static std::uint64_t prober_page(std::uint64_t bytes);

 private:
  std::string prober_;
  std::string folder_;
};

}  // namespace bachsim
