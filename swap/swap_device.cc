#include "swap/swap_device.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sim/machine/check.h"
#include "sim/machine/types.h"

namespace bachsim {

SwapFile::SwapFile(const std::string& path) : path_(path) {
  if (path.empty())
    return;
  descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  // Its name goes at once, so that not even a killed run leaves it behind.
  if (descriptor_ < 0)
    fail("cannot be made");
  if (unlink(path.c_str()) != 0) {
    close(descriptor_);
    fail("cannot be removed");
  }
}

SwapFile::~SwapFile() {
  if (exists())
    close(descriptor_);
}

void SwapFile::fail(const char* what) const {
  throw HostLimit(fmt::format("swap file {} {}: {}", path_, what, std::strerror(errno)));
}

void SwapFile::read(std::uint64_t offset, std::byte* page) const {
  for (std::size_t done = 0; done < kPageSize;) {
    const ssize_t count = pread(descriptor_, page + done, kPageSize - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno != EINTR)
      fail("cannot be read");
    if (count == 0) {  // behind the last block ever written
      std::memset(page + done, 0, kPageSize - done);
      return;
    }
    done += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

void SwapFile::write(std::uint64_t offset, const std::byte* page) {
  for (std::size_t done = 0; done < kPageSize;) {
    const ssize_t count = pwrite(descriptor_, page + done, kPageSize - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno != EINTR)
      fail("cannot be written");
    done += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

SwapDevice::SwapDevice(std::uint64_t blocks, HostBudget& budget)
    : blocks_(blocks), budget_(&budget), bytes_(blocks * kPageSize) {}

SwapDevice::SwapDevice(std::uint64_t blocks, SwapFile& file, std::uint64_t offset)
    : blocks_(blocks), file_(&file), offset_(offset) {}

void SwapDevice::read(std::uint64_t block, std::byte* page) const {
  KASSERT(block >= 1);
  KASSERT(block <= blocks_);
  const std::uint64_t at = (block - 1) * kPageSize;
  if (file_ != nullptr)
    file_->read(offset_ + at, page);
  else
    std::memcpy(page, bytes_.data() + at, kPageSize);
}

void SwapDevice::write(std::uint64_t block, const std::byte* page) {
  KASSERT(block >= 1);
  KASSERT(block <= blocks_);
  const std::uint64_t at = (block - 1) * kPageSize;
  if (file_ != nullptr) {
    file_->write(offset_ + at, page);
    return;
  }
  if (block > touched_) {
    budget_->commit((block - touched_) * kPageSize);
    touched_ = block;
  }
  std::memcpy(bytes_.data() + at, page, kPageSize);
}

}  // namespace bachsim
