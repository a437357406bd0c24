#include "sim/cli/interruption.h"

#include <unistd.h>

namespace bachsim {
namespace {

volatile std::sig_atomic_t interrupt_noted = 0;

extern "C" void note_interrupt(int) { interrupt_noted = 1; }

void listen(struct sigaction* before) {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigaction(SIGINT, &action, before);
}

}  // namespace

Interruption::Interruption() : installed_(isatty(STDIN_FILENO) == 1) {
  interrupt_noted = 0;
  if (installed_) listen(&before_);
}

Interruption::~Interruption() {
  interrupt_noted = 0;
  if (installed_) sigaction(SIGINT, &before_, nullptr);
}

bool Interruption::asked() { return interrupt_noted != 0; }

void Interruption::answer() const {
  interrupt_noted = 0;
  if (installed_) listen(nullptr);
}

}  // namespace bachsim
