// Working sets (Bach 9.2, figure 9.12): the references of each process whose pages in memory are limited.
//
// With window=references a process keeps the pages of its last N references, which is the book's definition. With
// window=limit it keeps N pages, and vfault sees to that (regions/fault.cc); then this only keeps the record.
#pragma once

#include <deque>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "sim/kernel/process.h"

namespace bachsim {

// A reference to a page of data or stack, and the process's pages in memory after it: the one referenced last first,
// and none that 256 others were referenced behind.
struct Reference {
  PageId page;
  std::vector<PageId> set;
};

class WorkingSets {
 public:
  // References of a process that are kept for reports, and pages of each set.
  static constexpr std::size_t kKept = 64;

  // `vm` must outlive it.
  explicit WorkingSets(Vm& vm) : vm_(vm) {}

  // A page of the private regions of `space` was referenced; `process` is the one whose space it is. With
  // window=references the page that has left the window leaves memory: unless its region is locked, or swap has no
  // room.
  void note(ProcSlot process, const AddressSpace& space, PageId page);
  // The process begins with a new space.
  void begin(ProcSlot process);
  [[nodiscard]] const std::deque<Reference>& references(ProcSlot process) const;

 private:
  struct Past {
    struct Referenced {
      std::uint64_t times = 0;  // in `last`
      std::list<PageId>::iterator at{};
    };

    // Takes a reference in. Returns the page of the one that leaves for it, if `window` of them are there already and
    // it is referenced no more.
    std::optional<PageId> refer(PageId page, std::uint64_t window);

    std::deque<PageId> last;                  // references, the newest at the end
    std::list<PageId> pages;                  // of these, each once, the one referenced last first
    std::map<PageId, Referenced> referenced;  // the same
    std::deque<Reference> record;
    std::size_t committed = 0;  // the longest that `last` has been
  };

  void leave(PageId page, std::uint64_t window);

  Vm& vm_;
  std::map<ProcSlot, Past> pasts_;
};

}  // namespace bachsim
