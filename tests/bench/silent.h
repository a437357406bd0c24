// A script without files to include, and a run that nobody watches.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "workloads/language/interpreter.h"
#include "workloads/language/parser.h"

namespace bachsim::bench {

class NoFiles : public Includes {
 public:
  std::expected<File, std::string> open(std::string_view, const std::string&) override {
    return std::unexpected("no files here");
  }
};

class Silent : public Listener {
 public:
  void line(std::string_view) override {}
  void show(const Statement&, const Interpreter&) override {}
  void expectation(const Expectation&) override {}
  void begin(const Statement&, const Interpreter&) override {}
  void done(const Statement&, const Interpreter&) override {}
  void progress(double) override {}
};

}  // namespace bachsim::bench
