// The contents of swap devices in a file of the host (--swap-file). It has holes where nothing was written, and is gone
// when the run is over, however that ends.
#pragma once

#include <string>

#include "sim/machine/host.h"

namespace bachsim {

class SwapFile : public PageStore {
 public:
  // A new file. Throws HostLimit if there is one of this name, or it cannot be made.
  explicit SwapFile(const std::string& path);
  ~SwapFile() override;

  void read(std::uint64_t number, std::byte* page) const override;
  void write(std::uint64_t number, const std::byte* page) override;

 private:
  [[noreturn]] void fail(const char* what) const;

  std::string path_;
  int descriptor_;
};

}  // namespace bachsim
