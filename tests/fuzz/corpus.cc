// corpus SOURCE: does with every input of tests/fuzz/corpus what its fuzzer does, in a program that any compiler
// builds.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace {

namespace fs = std::filesystem;

// Returns how many there are.
std::size_t each_input(const fs::path& folder, void (*input)(std::string_view)) {
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  for (const fs::path& path : paths) {
    fmt::print(stderr, "{}\n", path.string());  // the last one is where it ended
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    input(text);
  }
  return paths.size();
}

}  // namespace

int main(int argc, char** argv) {
  using namespace bachsim;
  if (argc != 2) {
    fmt::print(stderr, "usage: corpus SOURCE\n");
    return 2;
  }
  const fs::path corpus = fs::path(argv[1]) / "tests/fuzz/corpus";
  try {
    const std::size_t count = each_input(corpus / "language", fuzz::read_script) +
                              each_input(corpus / "run", fuzz::run_script) +
                              each_input(corpus / "readers", fuzz::read_other);
    fmt::print("checked: {} inputs that fuzzers have kept\n", count);
    return 0;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return 1;
  }
}
