// Evaluates the expressions, names and locations of a script in the state of a machine, and changes nothing.
//
// A script's mistake is thrown as a Diagnostic.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/state/state.h"
#include "workloads/language/ast.h"
#include "workloads/language/diagnostic.h"
#include "workloads/language/listener.h"
#include "workloads/language/names.h"
#include "workloads/language/params.h"
#include "workloads/language/standing.h"
#include "workloads/language/zipf.h"

namespace bachsim {

class Evaluator {
 public:
  // Beyond this page of any region, no address has 64 bits.
  static constexpr std::uint64_t kMaxPages = std::uint64_t{1} << 51;

  // All must outlive it. The numbers that expressions draw follow from the machine's seed and the surroundings: a
  // statement that is evaluated again sees the same ones.
  Evaluator(const Kernel& kernel, const Script& script, const Names& names, const ParamValues& params,
            const Surroundings& surroundings)
      : kernel_(kernel), script_(script), names_(names), params_(params), surroundings_(surroundings) {}

  // evaluate.cc: expressions
  [[nodiscard]] std::int64_t number(const Expr* expr) const;
  // A number, an address (a number that is shown in hexadecimal), or a word.
  [[nodiscard]] Field value(const Expr* expr) const;
  [[nodiscard]] bool truth(const Expr* expr) const { return number(expr) != 0; }
  // REQUIRES: `expr` is a comparison, of these two
  [[nodiscard]] bool compare(const Expr* expr, const Field& left, const Field& right) const;
  // A number that counts or names something, and so is not below 0. `of` names it in the mistake.
  [[nodiscard]] std::uint64_t count(const Expr* expr, std::string_view of) const;
  // A number of bytes: so many pages, or a single number with a suffix. Stops at the ends of 64 bits.
  [[nodiscard]] std::int64_t bytes(const Expr* expr) const;
  // The same in whole pages, rounded up.
  [[nodiscard]] std::int64_t pages(const Expr* expr) const;

  // look.cc: names and locations
  [[nodiscard]] ProcessName name_of(const ProcessRef& ref) const {
    return {.name = ref.name, .in_family = ref.index != nullptr, .index = ref.index == nullptr ? 0 : number(ref.index)};
  }
  // The tag that a name has; Names::kNobody if it was never to be given to a process.
  [[nodiscard]] std::uint64_t tag(const ProcessRef& ref) const {
    return ref.index == nullptr ? names_.find(ref.name) : names_.find(name_of(ref));
  }
  // A process that has or had the name.
  [[nodiscard]] const NamedProcess& named(const ProcessRef& ref) const;
  // A process that has the name and is not reaped.
  [[nodiscard]] ProcSlot slot(const ProcessRef& ref) const;
  [[nodiscard]] const Pregion& pregion(const AddressSpace& space, const RegionRef& ref) const;
  // The one cell of a location that has one.   REQUIRES: its kind is not Pages or AllPages
  [[nodiscard]] VirtAddr cell_address(ProcSlot slot, const Location& where) const;
  // The same for any byte, which need not begin a cell.
  [[nodiscard]] VirtAddr byte_address(ProcSlot slot, const Location& where) const;
  // That cell's address as the script would write it.
  [[nodiscard]] std::string cell_text(ProcSlot slot, const Location& where) const;
  [[nodiscard]] Frame frame(const Expr* expr) const;
  [[nodiscard]] DiskBlock swap_block(const Expr* device_number, const Expr* block_number) const;

  [[nodiscard]] const State& state() const { return state_; }

 private:
  std::string word(const WordText& word) const;
  std::int64_t draw(const Draw& draw) const;

  // look.cc: paths
  Field look(const Path& path) const;
  unsigned swap_device(const Expr* expr) const;
  ProcessRow process_row(const Path& path) const;
  PregionRow pregion_row(const Path& path) const;
  PageRow page_row(const Path& path) const;
  ExtentRow extent_row(const Path& path) const;
  std::int64_t cell_value(const Path& path) const;

  const Kernel& kernel_;
  const Script& script_;
  const Names& names_;
  const ParamValues& params_;
  const Surroundings& surroundings_;
  mutable Zipf zipf_;  // tables that are made when they are wanted
  const State state_{kernel_, names_};
};

}  // namespace bachsim
