#include "sim/cli/key_signals.h"

#include <poll.h>
#include <unistd.h>

#include <ctime>
#include <utility>

namespace bachsim {
namespace {

volatile std::sig_atomic_t given_up = 0;
volatile std::sig_atomic_t to_stop = 0;

extern "C" void note_key(int signal) { (signal == SIGINT ? given_up : to_stop) = 1; }

void note(int signal, struct sigaction* before) {
  struct sigaction action {};
  action.sa_handler = note_key;
  sigaction(signal, &action, before);
}

}  // namespace

NotedInterrupts::NotedInterrupts() {
  given_up = 0;
  note(SIGINT, &before_);
}

NotedInterrupts::~NotedInterrupts() { sigaction(SIGINT, &before_, nullptr); }

KeySignals::KeySignals() {
  to_stop = 0;
  sigemptyset(&both_);
  for (const int signal : {SIGINT, SIGTSTP}) sigaddset(&both_, signal);
  pthread_sigmask(SIG_BLOCK, &both_, &mask_before_);
  note(SIGTSTP, &stop_before_);
}

KeySignals::~KeySignals() {
  sigaction(SIGTSTP, &stop_before_, nullptr);
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

// A signal that came while there were keys to read, too.
void KeySignals::take_pending() const {
  constexpr timespec kNow{};
  for (int signal = sigtimedwait(&both_, nullptr, &kNow); signal > 0; signal = sigtimedwait(&both_, nullptr, &kNow))
    note_key(signal);
}

bool KeySignals::wait() const {
  pollfd wanted{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  sigset_t open = mask_before_;
  for (const int signal : {SIGINT, SIGTSTP}) sigdelset(&open, signal);
  const int ready = ppoll(&wanted, 1, nullptr, &open);
  take_pending();
  return ready > 0 && !is_given_up() && !is_to_stop();
}

bool KeySignals::is_given_up() const { return given_up != 0; }
void KeySignals::give_up() const { given_up = 1; }

bool KeySignals::take_interrupt() const {
  take_pending();
  return std::exchange(given_up, 0) != 0;
}

bool KeySignals::is_to_stop() const { return to_stop != 0; }

void KeySignals::stop(bool all) const {
  to_stop = 0;
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, SIGTSTP);
  struct sigaction noted {};
  sigaction(SIGTSTP, &stop_before_, &noted);
  all ? kill(0, SIGTSTP) : raise(SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
  pthread_sigmask(SIG_BLOCK, &one, nullptr);
  sigaction(SIGTSTP, &noted, nullptr);
}

}  // namespace bachsim
