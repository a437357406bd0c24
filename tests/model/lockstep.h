// Runs steps on a real kernel and on the model side by side, and compares all that there is to
// compare after each.
//
// Writes down the script of what it did, and the lines that such a script prints: the interpreter
// must then print the same.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "sim/kernel/kernel.h"
#include "tests/model/model_vm.h"
#include "tests/model/snapshot.h"
#include "tests/model/workload.h"

namespace bachsim {

// Kernel and model, or the kernel and its own rules, disagree.
class Mismatch : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

class Lockstep {
 public:
  Lockstep(const Config& config, const std::vector<Program>& programs);

  // Whether the step is one that a script may ask for now.
  [[nodiscard]] bool possible(const Step& step) const;

  // Throws Mismatch, KernelPanic.   REQUIRES: possible(step)
  void perform(const Step& step);

  // Ends every process, and looks at what is left. Removes shared memory before if it is told to.
  void wind_down(bool remove_shm);

  [[nodiscard]] const ModelVm& model() const { return model_; }
  [[nodiscard]] const Cast& cast() const { return cast_; }
  [[nodiscard]] Counters counters() const { return kernel_.counters(); }

  // Of the steps performed, the last one included even if it failed.
  [[nodiscard]] const std::string& script() const { return script_; }
  [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

 private:
  void dispatch(const Step& step);
  [[nodiscard]] std::uint64_t expected_value(const Step& step) const;

  // lockstep.cc: what a step does
  void system_call(const Step& step);
  [[nodiscard]] Errno model_call(const Step& step);
  static void agree(const Step& step, const SysResult<void>& real, Errno model);
  [[nodiscard]] bool within_rights(const Step& step, Errno error, const Gauges& before) const;
  [[nodiscard]] bool frames_may_run_out(std::uint64_t more_pages) const;
  void access(const Step& step);
  void move(const Step& step);
  bool bring_one_in();
  [[nodiscard]] ProcSlot slot_of(Pid pid) const;
  void check_refused(const Step& step, const Snapshot& before, const SysError& error) const;
  void killed(Stop death, VirtAddr va, Access kind);
  [[nodiscard]] std::vector<VirtAddr> cells_of(const Step& step) const;
  [[nodiscard]] std::uint64_t kernel_stack_pages(Pid pid) const;

  // compare.cc: what must be the same afterwards
  void compare();
  void compare_processes();
  void compare_space(ProcSlot slot, const ModelSpace& model, const std::string& who);
  void compare_region(RegionId id, const ModelRegion& model, const std::string& what);
  void compare_shm();
  void check_audit();
  void check_counters();
  void check_limits();
  void check_leftovers();

  [[noreturn]] static void mismatch(const std::string& what) { throw Mismatch(what); }

  Config config_;
  Kernel kernel_;
  ModelVm model_;
  Cast cast_;
  Pid actor_;  // of the step in hand, and its slot
  ProcSlot slot_ = kNoProcess;
  bool locked_ = false;  // a region was locked in memory when the step began
  Counters before_;
  std::string script_;
  std::vector<std::string> lines_;
};

}  // namespace bachsim
