// A listener that prints nothing.
#pragma once

#include <vector>

#include "workloads/language/listener.h"

namespace bachsim {

// Keeps what expectations came to, and nothing else.
class QuietListener : public Listener {
 public:
  void expectation(const Expectation& expectation) override { expectations.push_back(expectation); }

  std::vector<Expectation> expectations;
};

}  // namespace bachsim
