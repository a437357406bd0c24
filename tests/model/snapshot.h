// What a machine holds at one moment, table by table: to see that a call which failed has changed nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "sim/kernel/kernel.h"

namespace bachsim {

// A fingerprint of each table, by the table's name: processes, regions, pages, pfdata, frames (their bytes), free list
// (its order), swap use, swap (the bytes of blocks in use), swap map, shared memory, gauges (the peaks among them).
using Snapshot = std::map<std::string_view, std::uint64_t>;

[[nodiscard]] Snapshot snapshot_of(const Kernel& kernel);

// The first table that is not as it was; empty if all are.
[[nodiscard]] std::string_view first_change(const Snapshot& before, const Snapshot& after);

// What processes can see, whatever the settings of the machine: a fingerprint for each process, by its pid, of who it
// is, of how it stands and of every byte of its pages, and one for all shared memory.
[[nodiscard]] std::map<std::string, std::uint64_t> contents_of(const Kernel& kernel);

}  // namespace bachsim
