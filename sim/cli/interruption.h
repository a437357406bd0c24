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

  // Somebody has interrupted since the last one of these was made.
  [[nodiscard]] static bool asked();

 private:
  bool installed_;
  struct sigaction before_ {};
};

}  // namespace bachsim
