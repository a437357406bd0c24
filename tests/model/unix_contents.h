// What UNIX says must be in the memory of processes: fork copies, vfork lends, exec loads, sbrk and the stack bring
// zeros, shared memory is one for all. It follows a kernel statement by statement, and compares every page.
//
// There are no frames here and no swap, and nobody sleeps. Who lives, how large a stack is and which segments there are
// is asked of the kernel. What is to be in their pages is not.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel/kernel.h"
#include "tests/model/model_vm.h"
#include "tests/model/workload.h"

namespace bachsim {

class UnixContents {
 public:
  // `kernel` must outlive it.
  explicit UnixContents(const Kernel& kernel) : kernel_(kernel) {}

  // A process is about to make this access or call. It has not done so before ended() says so.
  void begin(ProcSlot process, const Step& step);
  // It has, unless it has died or was told that it cannot be done.
  void ended(std::uint64_t tag, bool as_asked);

  // What the process may find in the cells of a place, one by one.
  [[nodiscard]] std::vector<std::set<std::uint64_t>> readable(ProcSlot process, const CellPlace& place) const;

  // Follows what a statement has done.
  void follow(const Events& events);
  // Compares every page of every process and of shared memory. Returns the first that is wrong; empty if none is.
  [[nodiscard]] std::string compare();

  // Pages that were compared.
  [[nodiscard]] std::uint64_t pages() const { return pages_; }

 private:
  using Contents = std::shared_ptr<ModelRegion>;
  struct Space {
    Contents data;
    Contents stack;
  };
  // A store of one value into a cell of each of some pages.
  struct Write {
    Contents region;
    std::uint64_t first;
    std::uint64_t last;
    std::uint64_t cell;
    std::uint64_t value;
    enum class State : std::uint8_t {
      Inside,  // each page may have it, or not yet
      Done,    // each page has it
      Cut,     // each page may have it, or never will
    } state = State::Inside;
    // Pages where others have ended a store meanwhile: this one may have come before it, and be gone, or behind it.
    std::set<std::uint64_t> overtaken{};

    [[nodiscard]] bool covers(const Contents& other, std::uint64_t page, std::uint64_t at) const {
      return region == other && cell == at && first <= page && page <= last;
    }
  };

  [[nodiscard]] Space loaded(ProgramId program) const;
  [[nodiscard]] Contents region(ProcSlot process, const Pregion& pregion) const;
  [[nodiscard]] Contents region(ProcSlot process, const CellPlace& place) const;
  void find_segments();
  void settle(const Write& write);
  void overtake(const Write& ended);
  [[nodiscard]] std::string compare(const Region& real, const Contents& model);
  [[nodiscard]] std::string compare_page(const Cells& real, const Contents& model, std::uint32_t page);

  const Kernel& kernel_;
  std::map<std::uint64_t, Space> spaces_;        // by tag; that of a vfork child is its parent's
  std::map<std::uint32_t, Contents> segments_;   // shared memory by region
  std::map<std::uint64_t, Write> writes_;        // by tag
  std::map<std::uint64_t, std::int64_t> sbrks_;  // pages that are asked for, by tag
  std::uint64_t pages_ = 0;
};

}  // namespace bachsim
