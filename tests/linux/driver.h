// Has a session done by real processes.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/linux/session.h"

namespace bachsim::real {

// The real processes did not come back, or the host lacks something.
class DriverError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Starts processes of this program, and is init to them. One at a time in a program.
class Driver {
 public:
  Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  // Ends whoever is left, and removes the shared memory.
  ~Driver() { clean(); }

  // The lines that bachsim prints for the session's script, as these processes have it. The errors of calls go without
  // their reasons.
  [[nodiscard]] std::vector<std::string> perform(const Session& session);

  // Cells that were read.
  [[nodiscard]] std::uint64_t values() const { return values_; }

  // May be called by a signal handler.
  void clean() noexcept;

 private:
  void spawn(const RealStep& step);
  void order(const RealStep& step);
  void report(const RealStep& step);
  void await(unsigned process, Turn turn);
  void reaps(unsigned process, unsigned child);
  [[nodiscard]] Slot& slot(unsigned process) { return control_->slots[process]; }

  int control_file_ = -1;
  int program_file_ = -1;
  Control* control_ = nullptr;
  std::vector<std::string> lines_;
  std::uint64_t values_ = 0;
};

}  // namespace bachsim::real
