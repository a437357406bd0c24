// Another program: started, watched, and ended with all that it has started.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <string>
#include <utility>
#include <vector>

namespace bachsim {

// An open file of the host's, closed with its owner; -1 is none.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  // A file in memory, without a name.
  [[nodiscard]] static Descriptor memory();

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool open() const { return number_ >= 0; }
  // All that the file holds, from its beginning.
  [[nodiscard]] std::string text() const;

 private:
  int number_;
};

class Child {
 public:
  struct Launch {
    std::vector<std::string> words;  // the program's file, or its name if it is to be looked for; then its arguments
    std::string folder;              // where it runs; empty: here
    int input;
    int output;
    int errors;
    std::uint64_t most_output;  // bytes of any file that it writes; fewer where this program may write no more
  };
  // Starts the program as the head of a process group. On failure, why, for the user.
  [[nodiscard]] static std::expected<Child, std::string> start(const Launch& launch);

  Child(Child&&) noexcept = default;
  Child& operator=(Child&&) noexcept = default;
  // REQUIRES: wait() has been called, or the program was moved from
  ~Child() = default;

  // Can be read from, as poll() says, once the program has ended.
  [[nodiscard]] int descriptor() const { return end_.number(); }
  void kill() const;
  // Waits for the end. The exit status, or minus the signal that ended it.
  int wait();
  // Whether a file is as long as it could make one, so that the rest may be missing, whatever its exit status.
  [[nodiscard]] bool has_filled(const Descriptor& file) const;

 private:
  Child(pid_t pid, Descriptor end, std::uint64_t most) : pid_(pid), end_(std::move(end)), most_(most) {}

  pid_t pid_;
  Descriptor end_;
  std::uint64_t most_;  // bytes of a file
};

}  // namespace bachsim
