// Runs of the scripts that are in the tree, with all that they include.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "workloads/language/parser.h"
#include "workloads/language/run.h"
#include "workloads/language/settings.h"

namespace bachsim {

// The textbook's scripts and the examples.
inline std::vector<std::filesystem::path> scripts_of_the_tree() {
  std::vector<std::filesystem::path> scripts;
  for (const char* folder : {"textbook", "examples", "compare"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(BACHSIM_SOURCE_DIR) / "workloads" / folder)) {
      if (entry.path().extension() == ".bach") scripts.push_back(entry.path());
    }
  }
  std::ranges::sort(scripts);
  REQUIRE(scripts.size() > 40);
  return scripts;
}

inline std::string text_of_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class DiskIncludes : public Includes {
 public:
  std::expected<File, std::string> open(std::string_view wanted, const std::string& from) override {
    const std::filesystem::path path = std::filesystem::path(from).parent_path() / wanted;
    return File{.name = std::string(wanted), .identity = path.string(), .text = text_of_file(path)};
  }
};

// A script that is parsed, from its file or from a text.
struct Scripted {
  explicit Scripted(const std::filesystem::path& path) : Scripted(path.string(), text_of_file(path)) {}
  Scripted(const std::string& name, std::string text)
      : parsed(parse(sources, sources.add(name, std::move(text)), name, includes)) {
    REQUIRE(parsed.errors.empty());
  }

  Sources sources;
  DiskIncludes includes;
  ParseResult parsed;
};

}  // namespace bachsim
