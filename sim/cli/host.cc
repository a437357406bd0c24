#include "sim/cli/host.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>

#include "sim/machine/types.h"

namespace bachsim {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

// The number behind a key in a file of lines `KEY NUMBER ...`, or at the file's beginning for an empty key; `otherwise`
// where there is none.
std::uint64_t number_in(const fs::path& path, std::string_view key, std::uint64_t otherwise) {
  std::ifstream file(path);
  std::string word;
  while (!key.empty() && file >> word && word != key) std::getline(file, word);
  std::uint64_t number = 0;
  return file >> number ? number : otherwise;
}

// Memory that could be had without swapping, as Linux estimates it; all that there is where it does not say.
std::uint64_t available_bytes(const fs::path& root) {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const auto all = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return number_in(root / "proc/meminfo", "MemAvailable:", all >> 10) << 10;
}

// Whether a read or write that has failed may be tried once more: behind a signal at once, and where it would block
// when the descriptor is ready, which this waits for.
bool wait_until(int descriptor, short ready) {
  if (errno == EINTR) return true;
  if (errno != EAGAIN) return false;
  pollfd wanted{.fd = descriptor, .events = ready, .revents = 0};
  return poll(&wanted, 1, -1) >= 0 || errno == EINTR;
}

// The files that say so in one version of control groups.
struct GroupFiles {
  const char* limit;
  const char* used;
  const char* cache;  // its key in memory.stat: what the kernel gives up when it needs memory
};
constexpr GroupFiles kVersion1{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"};
constexpr GroupFiles kVersion2{"memory.max", "memory.current", "inactive_file"};

// The bytes that a group and all groups above it leave. A container may see its own group as the mount's root while
// /proc gives the path that the host knows: the folders that are missing then say nothing.
std::uint64_t left_in_group(const fs::path& mount, const fs::path& group, const GroupFiles& files) {
  const fs::path folder = mount / group.relative_path();
  const std::uint64_t limit = number_in(folder / files.limit, "", kNoLimit);
  const std::uint64_t used = number_in(folder / files.used, "", 0);
  const std::uint64_t held = used - std::min(number_in(folder / "memory.stat", files.cache, 0), used);
  const std::uint64_t left = limit - std::min(held, limit);
  return group.has_relative_path() ? std::min(left, left_in_group(mount, group.parent_path(), files)) : left;
}

// Lines of /proc/self/cgroup: NUMBER:CONTROLLERS:PATH, with number 0 and no controllers for version 2.
std::uint64_t group_bytes(const fs::path& root) {
  std::uint64_t left = kNoLimit;
  const fs::path mount = root / "sys/fs/cgroup";
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const fs::path group = fs::path(line.substr(second + 1)).lexically_normal();
    if (controllers == ",,") {
      left = std::min(left, left_in_group(mount, group, kVersion2));
      left = std::min(left, left_in_group(mount / "unified", group, kVersion2));
    } else if (controllers.find(",memory,") != std::string::npos) {
      left = std::min(left, left_in_group(mount / "memory", group, kVersion1));
    }
  }
  return left;
}

}  // namespace

std::uint64_t spare_memory(const fs::path& root) { return std::min(available_bytes(root), group_bytes(root)) / 8 * 7; }

ssize_t read_some(int descriptor, std::span<char> to) {
  for (;;) {
    const ssize_t count = read(descriptor, to.data(), to.size());
    if (count >= 0 || !wait_until(descriptor, POLLIN)) return count;
  }
}

ssize_t write_some(int descriptor, std::string_view text) {
  for (;;) {
    const ssize_t count = write(descriptor, text.data(), text.size());
    if (count >= 0 || !wait_until(descriptor, POLLOUT)) return count;
  }
}

SwapFile::SwapFile(const std::string& path)
    : path_(path), descriptor_(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0) fail("cannot be made");
  // Its name goes at once, so that not even a killed run leaves it behind.
  if (::unlink(path.c_str()) != 0) {
    const int reason = errno;
    close(descriptor_);
    errno = reason;
    fail("cannot be removed");
  }
}

SwapFile::~SwapFile() { close(descriptor_); }

void SwapFile::fail(const char* what) const {
  throw HostLimit(fmt::format("swap file {} {}: {}", path_, what, std::strerror(errno)));
}

void SwapFile::read(std::uint64_t number, std::byte* page) const {
  std::memset(page, 0, kPageSize);  // it may be behind the last page ever written
  for (std::size_t done = 0; done < kPageSize;) {
    const ssize_t count =
        pread(descriptor_, page + done, kPageSize - done, static_cast<off_t>(number * kPageSize + done));
    if (count < 0 && errno != EINTR) fail("cannot be read");
    if (count == 0) return;
    done += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

void SwapFile::write(std::uint64_t number, const std::byte* page) {
  for (std::size_t done = 0; done < kPageSize;) {
    const ssize_t count =
        pwrite(descriptor_, page + done, kPageSize - done, static_cast<off_t>(number * kPageSize + done));
    if (count < 0 && errno != EINTR) fail("cannot be written");
    done += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

}  // namespace bachsim
