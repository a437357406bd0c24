// What sim/cli finds out about the host.
#include "sim/cli/host.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "sim/machine/types.h"

namespace bachsim {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    char name[] = "/tmp/bachsim-test-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path); }

  void file(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
  }

  fs::path path;
};

// A host with 8000 KiB available; results are in KiB.
struct FakeHost : Folder {
  FakeHost() { file("proc/meminfo", "MemTotal:  16000 kB\nMemFree:  100 kB\nMemAvailable:  8000 kB\n"); }

  [[nodiscard]] std::uint64_t spare() const { return spare_memory(path) >> 10; }
};

TEST_CASE_METHOD(FakeHost, "seven eighths of what the host has available may be used") { CHECK(spare() == 7000); }

TEST_CASE_METHOD(FakeHost, "a control group of version 2 limits what may be used, and so does each above it") {
  file("proc/self/cgroup", "0::/a/b\n");
  file("sys/fs/cgroup/a/b/memory.max", "max\n");
  CHECK(spare() == 7000);
  file("sys/fs/cgroup/a/b/memory.max", "4096000\n");
  file("sys/fs/cgroup/a/b/memory.current", "1024000\n");
  CHECK(spare() == std::uint64_t{3000} / 8 * 7);
  file("sys/fs/cgroup/a/b/memory.stat", "anon 5\ninactive_file 204800\n");
  CHECK(spare() == std::uint64_t{3200} / 8 * 7);
  file("sys/fs/cgroup/a/memory.max", "1638400\n");
  file("sys/fs/cgroup/a/memory.current", "2048000\n");
  CHECK(spare() == 0);
}

TEST_CASE_METHOD(FakeHost, "a control group of version 1 limits what may be used") {
  file("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory,hugetlb:/a\n0::/\n");
  file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  file("sys/fs/cgroup/memory/memory.usage_in_bytes", "100000\n");
  CHECK(spare() == 7000);
  file("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1638400\n");
  file("sys/fs/cgroup/memory/a/memory.usage_in_bytes", "1024000\n");
  file("sys/fs/cgroup/memory/a/memory.stat", "inactive_file 999999\ntotal_inactive_file 204800\n");
  CHECK(spare() == std::uint64_t{800} / 8 * 7);
}

TEST_CASE_METHOD(FakeHost, "a container that sees its own group as the root is limited by it") {
  file("proc/self/cgroup", "0::/docker/12ab\n");
  file("sys/fs/cgroup/memory.max", "1638400\n");
  file("sys/fs/cgroup/memory.current", "0\n");
  CHECK(spare() == std::uint64_t{1600} / 8 * 7);
}

using PageBytes = std::array<std::byte, kPageSize>;

TEST_CASE_METHOD(Folder, "a swap file is made anew, and is the user's trouble where it cannot be") {
  file("taken", "");
  CHECK_THROWS_AS(SwapFile(path / "taken"), HostLimit);
  CHECK_THROWS_AS(SwapFile(path / "no" / "such"), HostLimit);
  const SwapFile swap(path / "swap");
  CHECK_FALSE(fs::exists(path / "swap"));  // not even a killed run leaves it behind
}

TEST_CASE_METHOD(Folder, "a page of a swap file keeps what was written, and reads as zeros before") {
  SwapFile swap(path / "swap");
  PageBytes seven;
  seven.fill(std::byte{7});
  swap.write(2, seven.data());
  for (const unsigned number : {1u, 2u, 3u}) {
    PageBytes page;
    page.fill(std::byte{9});
    swap.read(number, page.data());
    CHECK(page == (number == 2 ? seven : PageBytes{}));
  }
}

// In a process of its own, which ends by the signal.
[[noreturn]] void end_in_time(const fs::path& folder) {
  const auto file = OutputFile::create(folder / "out");
  if (!file) _exit(1);
  std::thread([] {
    for (;;) pause();
  }).detach();
  sigset_t all;
  sigset_t none;
  sigfillset(&all);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  kill(getpid(), SIGTERM);
  usleep(100'000);
  std::ofstream(folder / "alive") << "behind the signal";
  sigprocmask(SIG_SETMASK, &none, nullptr);
  _exit(0);
}

TEST_CASE_METHOD(Folder, "a signal is not handled in another thread while the main one keeps it off") {
  const pid_t child = fork();
  if (child == 0) end_in_time(path);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGTERM);
  CHECK(fs::exists(path / "alive"));
  CHECK(std::distance(fs::directory_iterator(path), fs::directory_iterator()) == 1);
}

}  // namespace
}  // namespace bachsim
