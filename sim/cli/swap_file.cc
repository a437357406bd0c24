#include "sim/cli/swap_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sim/machine/types.h"

namespace bachsim {

SwapFile::SwapFile(const std::string& path)
    : path_(path), descriptor_(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0)
    fail("cannot be made");
  // Its name goes at once, so that not even a killed run leaves it behind.
  if (unlink(path.c_str()) != 0) {
    const int reason = errno;
    close(descriptor_);
    errno = reason;
    fail("cannot be removed");
  }
}

SwapFile::~SwapFile() {
  close(descriptor_);
}

void SwapFile::fail(const char* what) const {
  throw HostLimit(fmt::format("swap file {} {}: {}", path_, what, std::strerror(errno)));
}

void SwapFile::read(std::uint64_t number, std::byte* page) const {
  for (std::size_t done = 0; done < kPageSize;) {
    const auto offset = static_cast<off_t>(number * kPageSize + done);
    const ssize_t count = pread(descriptor_, page + done, kPageSize - done, offset);
    if (count < 0 && errno != EINTR)
      fail("cannot be read");
    if (count == 0) {  // behind the last page ever written
      std::memset(page + done, 0, kPageSize - done);
      return;
    }
    done += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

void SwapFile::write(std::uint64_t number, const std::byte* page) {
  for (std::size_t done = 0; done < kPageSize;) {
    const auto offset = static_cast<off_t>(number * kPageSize + done);
    const ssize_t count = pwrite(descriptor_, page + done, kPageSize - done, offset);
    if (count < 0 && errno != EINTR)
      fail("cannot be written");
    done += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

}  // namespace bachsim
