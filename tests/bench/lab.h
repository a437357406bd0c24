// A machine with one program, for what drives the kernel directly.
#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include "regions/layout.h"
#include "sim/kernel/kernel.h"
#include "tests/unit/peers.h"

namespace bachsim::bench {

inline Config machine(std::uint64_t frames) {
  Config config;
  config.frames = frames;
  return config;
}

class Lab {
 public:
  Lab(const Config& config, const Program& program)
      : kernel_(config),
        program_(kernel_.add_program(program)),
        pages_(static_cast<std::uint32_t>(program.data + program.bss)),
        data_(data_start(program.text)) {}

  Kernel& kernel() { return kernel_; }

  ProcSlot spawn() { return take(kernel_.spawn(program_, 0)); }
  ProcSlot fork(ProcSlot process) { return take(kernel_.fork(process, 0)); }
  ProcSlot vfork(ProcSlot process) { return take(kernel_.vfork(process, 0)); }
  void exit(ProcSlot process) { kernel_.exit(process, 0); }

  // The parent hears of a child's end.
  void wait(ProcSlot parent) {
    if (!kernel_.wait(parent)) failed("wait failed");
    benchmark::DoNotOptimize(kernel_.take_reaped());
  }

  std::byte* at(ProcSlot process, VirtAddr va, Access access) {
    if (std::byte* byte = kernel_.hit(process, va, access)) [[likely]]
      return byte;
    const auto byte = kernel_.access(process, va, access);
    if (!byte) [[unlikely]]
      failed("an access failed");
    return *byte;
  }
  void store(ProcSlot process, VirtAddr va) { *at(process, va, Access::Store) = std::byte{1}; }

  // One store, or load, to each page of data.
  void store_all(ProcSlot process) {
    for (std::uint32_t page = 0; page < pages_; ++page) store(process, data(page));
  }
  void load_all(ProcSlot process) {
    for (std::uint32_t page = 0; page < pages_; ++page)
      benchmark::DoNotOptimize(*at(process, data(page), Access::Load));
  }

  // The same, but what is loaded is not looked at: new frames stay unknown to the host.
  void map_all(ProcSlot process) {
    for (std::uint32_t page = 0; page < pages_; ++page) benchmark::DoNotOptimize(at(process, data(page), Access::Load));
  }

  [[nodiscard]] VirtAddr data(std::uint32_t page) const { return VirtAddr{data_.value + page * kPageSize}; }

  // A process has used all frames and given them back, so the host has backed them and the tables.
  void use_all_frames() {
    const ProcSlot process = spawn();
    const ProcSlot child = fork(process);
    store_all(process);
    store_all(child);
    exit(child);
    wait(process);
    exit(process);
    benchmark::DoNotOptimize(kernel_.take_reaped());
  }

 private:
  [[noreturn, gnu::noinline, gnu::cold]] static void failed(const char* what) { throw std::runtime_error(what); }

  static ProcSlot take(const SysResult<ProcSlot>& made) {
    if (!made) failed("no process");
    return *made;
  }

  Kernel kernel_;
  ProgramId program_;
  std::uint32_t pages_;
  VirtAddr data_;
};

}  // namespace bachsim::bench
