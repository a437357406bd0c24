// Signals that stand for keys while lines are typed: SIGINT for Ctrl-C, SIGTSTP for Ctrl-Z. Other programs may send
// them.
#pragma once

#include <csignal>

namespace bachsim {

// While this is there, a SIGINT is noted, and does not end the program; so also one that comes between two lines. There
// is one at a time.
class NotedInterrupts {
 public:
  NotedInterrupts();
  NotedInterrupts(const NotedInterrupts&) = delete;
  NotedInterrupts& operator=(const NotedInterrupts&) = delete;
  ~NotedInterrupts();

 private:
  struct sigaction before_ {};
};

// While this is there, both signals come only where a key is waited for. One at a time, for each line that is typed.
// REQUIRES: interrupts are noted.
class KeySignals {
 public:
  KeySignals();
  KeySignals(const KeySignals&) = delete;
  KeySignals& operator=(const KeySignals&) = delete;
  ~KeySignals();

  // Waits for standard input. Whether there is something to read, or its end; false also where a signal has come.
  [[nodiscard]] bool wait() const;

  // Somebody has given up the line, by a signal or by the key itself.
  [[nodiscard]] bool is_given_up() const;
  void give_up() const;
  // Whether the line is given up; the next one begins.
  [[nodiscard]] bool take_interrupt() const;

  // Somebody wants the program to stop.
  [[nodiscard]] bool is_to_stop() const;
  // Stops until somebody continues the program. `all`: and the others of its job, as the terminal's Ctrl-Z does.
  void stop(bool all) const;

 private:
  void take_pending() const;

  sigset_t both_{};
  sigset_t mask_before_{};
  struct sigaction stop_before_ {};
};

}  // namespace bachsim
