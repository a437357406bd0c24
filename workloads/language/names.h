// The processes that a script means by its names.
//
// A name stands for one process until that is reaped, and for its memory afterwards, until it is given anew.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/kernel/errno.h"
#include "sim/kernel/process.h"
#include "sim/state/state.h"
#include "workloads/language/ast.h"

namespace bachsim {

// `P`, or `P[3]`.
struct ProcessName {
  std::uint32_t name = 0;  // index into Script::process_names
  bool in_family = false;
  std::int64_t index = 0;  // in the family
};

// The process that a name stands for. Its number among those of Names is the tag that the kernel keeps with it.
struct NamedProcess {
  ProcessName name;
  bool bound = false;  // false: the name stands for nobody
  bool reaped = false;
  bool promised = false;      // a fork that sleeps (`machine io=sleep`) is to give the name
  std::uint8_t status = 0;    // of a reaped process
  Errno error = Errno::None;  // of its last system call
  // What that returned, or -1 if it failed. Empty before a process's first call, while it has not returned, and where
  // it never will.
  std::optional<std::int64_t> result{};
  Pid pid{};
  ProcSlot slot = kNoProcess;  // means nothing once it is reaped
};

class Names : public Naming {
 public:
  static constexpr std::uint64_t kNobody = ~std::uint64_t{0};

  // About what one more name costs the host.
  static constexpr std::uint64_t kBytesPerName = 128;

  explicit Names(const Script& script) : script_(script), families_(script.process_names.size()) {}

  // The tag of a name; kNobody if it was never to be given to a process.
  [[nodiscard]] std::uint64_t find(std::uint32_t name) const { return families_[name].plain; }
  [[nodiscard]] std::uint64_t find(const ProcessName& name) const {
    const Family& family = families_[name.name];
    if (!name.in_family) return family.plain;
    const auto entry = family.indexed.find(name.index);
    return entry == family.indexed.end() ? kNobody : entry->second;
  }

  // The tag of a name, which stands for nobody if it is new.
  [[nodiscard]] std::uint64_t make(const ProcessName& name) {
    Family& family = families_[name.name];
    std::uint64_t& tag = name.in_family ? family.indexed.try_emplace(name.index, kNobody).first->second : family.plain;
    if (tag == kNobody) {
      tag = processes_.size();
      processes_.push_back({.name = name});
    }
    return tag;
  }

  [[nodiscard]] NamedProcess& operator[](std::uint64_t tag) { return processes_[tag]; }
  [[nodiscard]] const NamedProcess& operator[](std::uint64_t tag) const { return processes_[tag]; }

  [[nodiscard]] std::size_t size() const { return processes_.size(); }

  // The name as the script writes it.
  [[nodiscard]] std::string text(const ProcessName& name) const {
    const std::string& word = script_.process_names[name.name];
    return name.in_family ? word + "[" + std::to_string(name.index) + "]" : word;
  }
  [[nodiscard]] std::string process(std::uint64_t tag) const override { return text(processes_[tag].name); }
  [[nodiscard]] std::string key(std::uint64_t key) const override { return key_text(script_, key); }

 private:
  struct Family {
    std::uint64_t plain = kNobody;
    std::unordered_map<std::int64_t, std::uint64_t> indexed;  // never iterated
  };

  const Script& script_;
  std::vector<Family> families_;  // [ProcessName::name]
  std::vector<NamedProcess> processes_;
};

}  // namespace bachsim
