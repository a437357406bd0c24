// A script without files to include.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "workloads/language/parser.h"
#include "workloads/language/run.h"

namespace bachsim::bench {

class NoFiles : public Includes {
 public:
  std::expected<File, std::string> open(std::string_view, const std::string&) override {
    return std::unexpected("no files here");
  }
};

}  // namespace bachsim::bench
