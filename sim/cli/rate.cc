#include "sim/cli/rate.h"

#include <fmt/format.h>

#include "sim/cli/command.h"

namespace bachsim {

Rate::~Rate() {
  if (drawn_) tell("\r\033[K");
}

void Rate::show(std::uint64_t done) {
  const Clock::time_point now = Clock::now();
  if (!enabled_ || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  drawn_ = true;
  const double seconds = std::chrono::duration<double>(now - begin_).count();
  const double rate = static_cast<double>(done) / seconds;
  const auto left = static_cast<std::uint64_t>(static_cast<double>(whole_ - done) / rate);
  tell(fmt::format("\r\033[K{} of {} runs ({} %), {:.0f} a second, {}:{:02}:{:02} left", done, whole_,
                   done * 100 / whole_, rate, left / 3600, left / 60 % 60, left % 60));
}

}  // namespace bachsim
