// A script on a machine, ready to run; and a listener that prints nothing.
#pragma once

#include <string>
#include <vector>

#include "sim/kernel/kernel.h"
#include "workloads/language/interpreter.h"
#include "workloads/language/settings.h"

namespace bachsim {

// `script` and `listener` must outlive it.
struct ScriptRun {
  ScriptRun(const Config& config, const Script& script, Listener& listener, const RunOptions& options = {})
      : kernel(config), interpreter(kernel, script, listener, options) {
    for (const Program& program : programs_of(script, config))
      kernel.add_program(program);
  }

  Kernel kernel;
  Interpreter interpreter;
};

// Keeps what expectations came to, and nothing else.
class QuietListener : public Listener {
 public:
  void line(std::string_view) override {}
  void show(const Statement&, const Interpreter&) override {}
  void expectation(const Expectation& expectation) override { expectations.push_back(expectation); }
  void begin(const Statement&, const Interpreter&) override {}
  void done(const Statement&, const Interpreter&) override {}
  void progress(double) override {}

  std::vector<Expectation> expectations;
};

}  // namespace bachsim
