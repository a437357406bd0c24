// The same operations by processes of the real kernel: pages of 4096 bytes, private and anonymous,
// each touched once before. A child tells its parent the time through a page that both share.
#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "tests/bench/measure.h"
#include "tests/bench/rows.h"

namespace bachsim::bench::on_linux {
namespace {

constexpr std::size_t kPage = 4096;

void check(bool fine, const char* what) {
  if (!fine) throw std::runtime_error(what);
}

class Mapping {
 public:
  explicit Mapping(std::size_t pages, int sharing = MAP_PRIVATE) : bytes_(pages * kPage) {
    void* start = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
    check(start != MAP_FAILED, "mmap failed");
    start_ = static_cast<char*>(start);
    madvise(start_, bytes_, MADV_NOHUGEPAGE);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { munmap(start_, bytes_); }

  // One store to each page.
  void store_all() {
    for (std::size_t at = 0; at < bytes_; at += kPage) *static_cast<volatile char*>(start_ + at) = 1;
  }

  [[nodiscard]] char* start() const { return start_; }

 private:
  std::size_t bytes_;
  char* start_;
};

// What a child and its parent tell each other.
class Shared {
 public:
  void put(std::uint64_t value) { *word() = value; }
  [[nodiscard]] std::uint64_t get() const { return *word(); }

 private:
  [[nodiscard]] volatile std::uint64_t* word() const {
    return reinterpret_cast<volatile std::uint64_t*>(page_.start());
  }
  Mapping page_{1, MAP_SHARED};
};

// A child that waits until it is told to go, then calls `work` and ends.
class Child {
 public:
  template <class Work>
  explicit Child(Work&& work) {
    check(pipe(go_.data()) == 0, "pipe failed");
    pid_ = ::fork();
    if (pid_ == 0) {
      close(go_[1]);
      char byte = 0;
      if (read(go_[0], &byte, 1) == 1) work();
      _exit(0);
    }
    forked_ = now_ns();
    close(go_[0]);
    if (pid_ < 0) close(go_[1]);
    check(pid_ > 0, "fork failed");
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void go_and_wait() {
    const char byte = 0;
    const bool told = write(go_[1], &byte, 1) == 1;
    close(go_[1]);
    waitpid(pid_, nullptr, 0);
    check(told, "write failed");
  }

  [[nodiscard]] std::uint64_t forked() const { return forked_; }

 private:
  std::array<int, 2> go_{};
  pid_t pid_ = -1;
  std::uint64_t forked_ = 0;  // when fork was back
};

struct ForkTimes {
  double fork;
  double exit;
};

ForkTimes fork_and_exit(const Sizes& sizes) {
  Mapping data(sizes.pages);
  Shared ended;
  ForkTimes times{};
  for (int round = 0; round < 2; ++round) {  // the first one's page tables are new to the host
    data.store_all();
    const std::uint64_t start = now_ns();
    Child child([&] { ended.put(now_ns()); });
    times.fork = static_cast<double>(child.forked() - start) / sizes.pages;
    child.go_and_wait();
    times.exit = since(ended.get(), sizes.pages);
  }
  return times;
}

double children_one_by_one(std::uint32_t count) {
  const std::uint64_t start = now_ns();
  for (std::uint32_t i = 0; i < count; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) _exit(0);
    check(pid > 0, "fork failed");
    waitpid(pid, nullptr, 0);
  }
  return since(start, count);
}

[[gnu::noinline]] pid_t vfork_and_exit() {
  const pid_t pid = ::vfork();
  if (pid == 0) _exit(0);
  return pid;
}

constexpr char kAlive = 'a';
constexpr char kFailed = 'f';

// A process of the tree with `children` more below it: says that it is there, and ends when the
// pipe does.
void live(std::uint32_t children, int ready, int end) {
  char said = kAlive;
  for (std::uint32_t i = 0; i < children && said == kAlive; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      live(0, ready, end);
      _exit(0);
    }
    if (pid < 0) said = kFailed;
  }
  char byte = 0;
  if (write(ready, &said, 1) != 1 || read(end, &byte, 1) != 0) _exit(1);
  while (::wait(nullptr) > 0) {
  }
}

// Waits until so many processes have said that they are there. False if one could not be made.
bool all_alive(int ready, std::uint32_t wanted) {
  std::array<char, 4096> said{};
  for (std::uint32_t alive = 0; alive < wanted;) {
    const ssize_t got = read(ready, said.data(), said.size());
    if (got <= 0) return false;
    if (std::find(said.begin(), said.begin() + got, kFailed) != said.begin() + got) return false;
    alive += static_cast<std::uint32_t>(got);
  }
  return true;
}

}  // namespace

double fork(const Sizes& sizes) { return fork_and_exit(sizes).fork; }
double exit_of_child(const Sizes& sizes) { return fork_and_exit(sizes).exit; }

double copied(const Sizes& sizes) {
  Mapping data(sizes.fault_pages);
  Shared took;
  for (int round = 0; round < 2; ++round) {  // the first one's copies are new to the host
    data.store_all();
    Child child([&] {
      const std::uint64_t start = now_ns();
      data.store_all();
      took.put(now_ns() - start);
    });
    child.go_and_wait();
  }
  return static_cast<double>(took.get()) / sizes.fault_pages;
}

double kept(const Sizes& sizes) {
  Mapping data(sizes.fault_pages);
  data.store_all();
  Child([] {}).go_and_wait();
  const std::uint64_t start = now_ns();
  data.store_all();
  return since(start, sizes.fault_pages);
}

double demand_zero(const Sizes& sizes) {
  double ns = 0;
  for (int round = 0; round < 2; ++round) {  // the first one's frames are new to the host
    Mapping data(sizes.fault_pages);
    const std::uint64_t start = now_ns();
    data.store_all();
    ns = since(start, sizes.fault_pages);
  }
  return ns;
}

double last_user(const Sizes& sizes) {
  Mapping data(sizes.fault_pages);
  Shared ended;
  Child child([&] {
    data.store_all();
    ended.put(now_ns());
  });
  child.go_and_wait();
  return since(ended.get(), sizes.fault_pages);
}

double fork_small(const Sizes& sizes) {
  Mapping data(64);
  data.store_all();
  return children_one_by_one(sizes.calls);
}

double vfork_any(const Sizes& sizes) {
  Mapping data(sizes.pages);
  data.store_all();
  const std::uint64_t start = now_ns();
  for (std::uint32_t i = 0; i < sizes.calls; ++i) {
    const pid_t pid = vfork_and_exit();
    check(pid > 0, "vfork failed");
    waitpid(pid, nullptr, 0);
  }
  return since(start, sizes.calls);
}

double random_loads(const Sizes& sizes) {
  Mapping data(sizes.pages);
  data.store_all();
  const std::uint64_t mask = sizes.pages * kPage - 1;
  Numbers numbers;
  std::uint64_t sum = 0;
  const std::uint64_t start = now_ns();
  for (std::uint32_t i = 0; i < sizes.walks; ++i)
    sum += static_cast<unsigned char>(data.start()[numbers.next() & mask]);
  benchmark::DoNotOptimize(sum);
  return since(start, sizes.walks);
}

double one_by_one(const Sizes& sizes) { return children_one_by_one(sizes.calls); }

double tree(const Sizes& sizes) {
  std::array<int, 2> ready{};
  std::array<int, 2> end{};
  check(pipe(ready.data()) == 0 && pipe(end.data()) == 0, "pipe failed");
  const std::uint32_t wanted = sizes.width * sizes.width;
  const std::uint64_t start = now_ns();
  bool forked = true;
  for (std::uint32_t i = 0; i < sizes.width && forked; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      close(ready[0]);
      close(end[1]);
      live(sizes.width - 1, ready[1], end[0]);
      _exit(0);
    }
    forked = pid > 0;
  }
  close(ready[1]);
  close(end[0]);
  const bool whole = forked && all_alive(ready[0], wanted);
  close(end[1]);
  while (::wait(nullptr) > 0) {
  }
  const double ns = since(start, wanted);
  close(ready[0]);
  check(whole, "fewer processes than wanted");
  return ns;
}

}  // namespace bachsim::bench::on_linux
