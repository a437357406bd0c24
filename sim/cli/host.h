// The host of a machine: the memory that it has to spare, and a file for the contents of swap.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "sim/machine/host.h"

namespace bachsim {

// Bytes that this program may use: seven eighths of what the host has available, or of what is left to the program's
// control group or a group above it, whichever is less. `root` is where /proc and /sys are.
[[nodiscard]] std::uint64_t spare_memory(const std::filesystem::path& root = "/");

// The contents of swap devices in a file (--swap-file). It has holes where nothing was written, and is gone when the
// run is over, however that ends.
class SwapFile : public PageStore {
 public:
  // A new file. Throws HostLimit if there is one of this name, or it cannot be made.
  explicit SwapFile(const std::string& path);
  SwapFile(const SwapFile&) = delete;
  SwapFile& operator=(const SwapFile&) = delete;
  ~SwapFile() override;

  void read(std::uint64_t number, std::byte* page) const override;
  void write(std::uint64_t number, const std::byte* page) override;

 private:
  [[noreturn]] void fail(const char* what) const;

  std::string path_;
  int descriptor_;
};

}  // namespace bachsim
