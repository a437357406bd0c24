// Golden tests: scripts with all that they are to print beside them.
//
// NAME.bach has its standard output in NAME.expected and, where that is wanted, its standard error in NAME.errors. A
// script that ends well and has no NAME.errors must not complain. Comments at the script's head say how it is run:
//
//   #run: WORDS    Options of `bachsim run`; or a command and its options; or `bachsim` and all its words. FILE and
//                  NAME stand for the script. Where neither is among them the file is the last, but behind `bachsim`.
//   #status: N     The exit status, if it is not 0.
//
// The script runs in its own folder. Standard input is NAME.in if there is one, else the script itself.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/child.h"

namespace bachsim {

struct Golden {
  std::filesystem::path script;
  std::filesystem::path beside{};    // where its files stand, and their name without an ending
  std::filesystem::path expected{};  // `beside`, or of the same name in the folder of --expected
  std::vector<std::string> words{};  // of the command
  int status = 0;
  std::string trouble{};  // why it cannot be run, for the user; empty: it can
  std::string place{};    // where in its head that is, as lines for the user; may be empty

  // All that the test itself is read from. Only the script must be there.
  [[nodiscard]] std::vector<std::filesystem::path> files() const;
};

struct GoldenOptions {
  std::vector<std::string> command{"run"};  // of the scripts that name none
  std::filesystem::path expected{};         // the folder of what is expected; empty: beside the scripts
  std::string filter{};                     // a pattern of the shell's, for a part of the script's path; empty: all
  std::vector<std::string> commands{};      // the words that can begin a `#run:` line other than an option
};

struct BadWords {
  std::size_t at;  // the byte
  std::string why;
};
// The words of a `#run:` line, with blanks between them. Quotes of both kinds keep blanks; a `\` takes away what a
// quote, a blank or a `\` behind it means. On failure, why, for the user.
[[nodiscard]] std::expected<std::vector<std::string>, BadWords> split_words(std::string_view line);

// The tests that a file is, or a folder and those below it hold, in the order of their paths. A file of expectations
// without a script is one that has gone stale: a test that fails. On failure, why, for the user.
[[nodiscard]] std::expected<std::vector<Golden>, std::string> find_goldens(const std::filesystem::path& where,
                                                                           const GoldenOptions& options);

// How a test has come out.
struct GoldenResult {
  std::string trouble{};  // empty: it passed
  std::string diff{};     // from the files that there are to what came; may be empty
  std::vector<std::filesystem::path> written{};
};

// One test that runs.
class GoldenRun {
 public:
  // `program` is this program's file.
  [[nodiscard]] static std::expected<GoldenRun, std::string> start(const Golden& golden, const std::string& program);

  [[nodiscard]] int descriptor() const { return child_.descriptor(); }
  // REQUIRES: called once; waits if the program has not ended
  GoldenResult finish(bool update);
  // Ends it: it took longer than it may.
  GoldenResult give_up(std::uint64_t seconds);
  void kill();

 private:
  GoldenRun(const Golden& golden, Child child, Descriptor output, Descriptor errors)
      : golden_(&golden), child_(std::move(child)), output_(std::move(output)), errors_(std::move(errors)) {}

  const Golden* golden_;
  Child child_;
  Descriptor output_;
  Descriptor errors_;
};

}  // namespace bachsim
