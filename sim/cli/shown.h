// What a script itself shows before a moment: a drawing without choices draws that.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/machine/types.h"
#include "workloads/language/ast.h"
#include "workloads/language/run.h"
#include "workloads/language/source.h"

namespace bachsim {

// What a run has shown so far: what its last `show` of tables keeps to, and the address of its last `show walk`. A copy
// stays as it is, and costs little.
class Shown {
 public:
  struct WalkPlace {
    std::string process;
    VirtAddr address;
  };

  // The run performs a `show`, and has done another statement.
  void show(const ShowStatement& show, const Run& run);
  void done(const Statement& statement, const Script& script);

  // Processes; none: all.
  [[nodiscard]] const std::vector<std::string>& names() const { return *names_; }
  // Whether a statement behind that `show` has given this name.
  [[nodiscard]] bool made_since(std::string_view process) const {
    const auto first = made_->find(process.substr(0, process.find('[')));
    return first != made_->end() && first->second <= statements_;
  }
  // nullptr: none.
  [[nodiscard]] const WalkPlace* walk() const { return walk_.get(); }

 private:
  using Made = std::map<std::string_view, std::uint64_t>;

  std::uint64_t statements_ = 0;  // done so far
  std::shared_ptr<const std::vector<std::string>> names_ = std::make_shared<std::vector<std::string>>();
  std::shared_ptr<Made> made_ =
      std::make_shared<Made>();  // words of names: how many statements were done with the first
  std::shared_ptr<const WalkPlace> walk_{};
};

// Whether a script that shows figures shows swap, too: a figure is drawn of what its script shows.
[[nodiscard]] bool shows_swap(const Script& script);

// Where a script says that it is drawn: a comment `#draw`, with the view behind it or without. It means the moment
// behind the statement above it, the last time that this is done.
struct DrawMark {
  Place place;                        // of the comment
  std::string_view view{};            // empty: none is said
  std::optional<std::uint32_t> line;  // of the statement; empty: there is none above it
};
// The last such comment of the script itself.
[[nodiscard]] std::optional<DrawMark> draw_mark(const Script& script, const Sources& sources);

}  // namespace bachsim
