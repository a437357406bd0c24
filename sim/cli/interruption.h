// While one of these is there, an interrupt (Ctrl-C) asks the run to stop, and the program goes on; a second one ends
// it. Where no person sits at a terminal, interrupts do what they did before.
#pragma once

#include <csignal>

namespace bachsim {

class Interruption {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  // Somebody has interrupted since this was made, or since the last answer.   REQUIRES: there is one of these at a time
  [[nodiscard]] static bool asked();
  // What was to stop has stopped; the next interrupt is another.
  void answer() const;

 private:
  bool installed_;
  struct sigaction before_ {};
};

}  // namespace bachsim
