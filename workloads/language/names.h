// Which process a script means by a name.
//
// A name stands for one process until that is reaped, and for its memory afterwards, until it is given anew.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/kernel/errno.h"
#include "sim/kernel/process.h"
#include "workloads/language/ast.h"

namespace bachsim {

// What a name stands for now. Its number is the tag that the kernel keeps with the process.
struct Binding {
  std::uint32_t name = 0;  // index into Script::process_names
  bool in_family = false;  // it is name[index]
  std::int64_t index = 0;
  bool bound = false;  // false: it stands for nobody
  bool reaped = false;
  std::uint8_t status = 0;    // of a reaped process
  Errno error = Errno::None;  // of its last system call
  Pid pid{};
  ProcSlot slot = kNoProcess;  // means nothing once it is reaped
};

class Names {
 public:
  explicit Names(const Script& script) : script_(script), names_(script.process_names.size()) {}

  // The tag of the binding of `name`, or of name[index]; it is made, standing for nobody, if there is none.
  [[nodiscard]] std::uint64_t find(std::uint32_t name);
  [[nodiscard]] std::uint64_t find(std::uint32_t name, std::int64_t index);

  [[nodiscard]] Binding& operator[](std::uint64_t tag) { return bindings_[tag]; }
  [[nodiscard]] const Binding& operator[](std::uint64_t tag) const { return bindings_[tag]; }

  // About what one more name costs the host.
  static constexpr std::uint64_t kBytesPerName = 128;

  [[nodiscard]] std::size_t size() const { return bindings_.size(); }

  // `P`, or `P[3]`.
  [[nodiscard]] std::string text(std::uint64_t tag) const;

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

  struct Family {
    std::uint64_t plain = kNone;
    std::unordered_map<std::int64_t, std::uint64_t> indexed;  // looked up only: its order is nobody's
  };

  const Script& script_;
  std::vector<Family> names_;
  std::vector<Binding> bindings_;
};

}  // namespace bachsim
