// The blocks of one swap device: 4096 bytes each, numbered from 1, in memory of the host or in a file of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "sim/machine/host_memory.h"

namespace bachsim {

// A file of the host that all swap devices share, each with a part of its own. It has holes where nothing was
// written, and is gone when the run is over, however that ends.
class SwapFile {
 public:
  // A new file; none if the path is empty. Throws HostLimit if there is one of this name, or it cannot be made.
  explicit SwapFile(const std::string& path);
  SwapFile(const SwapFile&) = delete;
  SwapFile& operator=(const SwapFile&) = delete;
  ~SwapFile();

  [[nodiscard]] bool exists() const { return descriptor_ >= 0; }

  // 4096 bytes at an offset. Throw HostLimit if the host fails: a full disk must not become a wrong page.
  void read(std::uint64_t offset, std::byte* page) const;
  void write(std::uint64_t offset, const std::byte* page);

 private:
  [[noreturn]] void fail(const char* what) const;

  std::string path_;
  int descriptor_ = -1;
};

class SwapDevice {
 public:
  // In memory. `budget` must outlive the device. Throws HostLimit if the host has no address space for `blocks`.
  SwapDevice(std::uint64_t blocks, HostBudget& budget);
  // In a file from `offset` on. `file` must outlive the device.   REQUIRES: file.exists()
  SwapDevice(std::uint64_t blocks, SwapFile& file, std::uint64_t offset);

  // Copy 4096 bytes. Throw HostLimit if the host fails.   REQUIRES: 1 <= block <= blocks()
  void read(std::uint64_t block, std::byte* page) const;
  void write(std::uint64_t block, const std::byte* page);

  [[nodiscard]] std::uint64_t blocks() const { return blocks_; }

 private:
  std::uint64_t blocks_;
  // One of the two:
  HostBudget* budget_ = nullptr;
  SwapFile* file_ = nullptr;
  std::uint64_t offset_ = 0;   // in the file
  std::uint64_t touched_ = 0;  // the highest block ever written: the host backs about that many
  LazyArray<std::byte> bytes_;
};

}  // namespace bachsim
