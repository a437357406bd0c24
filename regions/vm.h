// The tables of the memory system, side by side. Each keeps its own rules; page.h changes several of them together.
#pragma once

#include <boost/container/small_vector.hpp>
#include <functional>
#include <memory>

#include "regions/config.h"
#include "regions/counters.h"
#include "regions/event.h"
#include "regions/sleep.h"
#include "regions/table_frames.h"
#include "sim/machine/hart.h"
#include "swap/program.h"
#include "swap/swap.h"

namespace bachsim {

// A page's PTE and the descriptor beside it.
struct PageWords {
  Pte pte;
  Dbd dbd;

  // Its contents are in the frame that its PTE names: it is valid, or waits on the out-list.
  [[nodiscard]] bool in_frame() const { return pte.valid() || dbd.on_out_list(); }
};

// Frames that wait to be written to swap in one extent, with their pages. Kept between runs of the
// stealer with out-list=keep (out_list.h); else each run has its own.
struct OutList {
  struct Waiting {
    PageId page;
    std::uint32_t index;  // of its frame in `frames`
  };
  boost::container::small_vector<Frame, 8> frames;
  boost::container::small_vector<Waiting, 8> pages;

  // A frame is on one list at most.
  [[nodiscard]] bool takes(const PfdataTable& pfdata, Frame frame) const {
    const std::uint32_t position = pfdata.out_list_position(frame);
    return position == 0 || (position <= frames.size() && frames[position - 1] == frame);
  }
  // A page that shares a listed frame joins it.   REQUIRES: takes(frame)
  void add(PfdataTable& pfdata, Frame frame, PageId page) {
    std::uint32_t position = pfdata.out_list_position(frame);
    if (position == 0) {
      frames.push_back(frame);
      position = static_cast<std::uint32_t>(frames.size());
      pfdata.set_out_list_position(frame, position);
    }
    pages.push_back({page, position - 1});
  }
};

// ASIDs are given out in order. After the last one, a flush of the whole TLB starts a new generation, in which every
// space needs a new one (space.h).
struct AsidTable {
  std::uint64_t generation = 1;
  std::uint32_t next = 1;
};

class Residents;
struct AddressSpace;

struct Vm {
  // Throws HostLimit if the host has no memory for such a machine.
  explicit Vm(const Config& config, const Host& host = {});
  ~Vm();
  Vm(const Vm&) = delete;
  Vm& operator=(const Vm&) = delete;

  const Config config;
  HostShare budget;
  PhysMem memory;
  Hart hart;
  Swap swap;
  std::vector<Program> programs;  // [ProgramId]
  std::vector<RegionId> texts;    // [ProgramId]: its text region, id 0 where there is none now
  PfdataTable pfdata;
  TableFrames tables;
  RegionTable regions;
  bool promised = false;  // there is a Promise (promise.h)
  // How the stealer chooses frames (residents.h); nullptr with stealer=age.
  std::unique_ptr<Residents> residents;
  // paging=hybrid: what the swapper does where a page finds no frame free (Swapper::make_room()). Empty with others.
  std::function<bool(const AddressSpace* spared, PageId page)> make_room;
  // More is to be done where a page comes into memory than to write its PTE.
  const bool watches_entries = config.valid == ValidBit::Software || config.stealer != StealBy::Age;
  AsidTable asids;
  PageId hand;                           // the page that the stealer examined last
  OutList out_list;                      // kept between runs of the stealer (out-list=keep)
  Events* events = nullptr;              // where a watcher wants to be told: see watch(); not owned
  std::uint64_t actor = Event::kNobody;  // tag of the process for which the kernel works

  ForkCounters fork;
  VfaultCounters vfault;
  PfaultCounters pfault;
  StealerCounters stealer;
  FileCounters file;

  Contexts contexts{*this};

  // Tells the event that `make` returns. It is made only while somebody watches.
  template <class Make>
  void tell([[maybe_unused]] Make&& make) {
#ifndef BACHSIM_WITHOUT_EVENTS  // the benchmark builds it once without, to see that nobody pays for it
    if (events != nullptr) [[unlikely]]
      record(make());
#endif
  }
  // From now on events are told to this list; nullptr: to nobody.
  void watch(Events* list);
  // Appends it. An examination of the stealer joins the one before, where that was of the page before with the same
  // outcome.   REQUIRES: somebody watches
  void record(Event event);

  // The program whose file it runs: text and data are that one's, and processes of both share the text.
  [[nodiscard]] ProgramId file_of(ProgramId program) const { return programs[program.value].file.value_or(program); }

  // Makes a program known; its id is the next one.
  ProgramId add(Program program) {
    KASSERT(programs.size() <= DiskBlock::kMaxProgram);
    budget.commit(sizeof(Program) + program.file_blocks.size() * sizeof(std::uint64_t));
    programs.push_back(std::move(program));
    texts.emplace_back();
    return ProgramId{static_cast<std::uint32_t>(programs.size() - 1)};
  }

  // The words of a page as they are now; Page (page.h) changes them.   REQUIRES: page < region.pages
  [[nodiscard]] PageWords page(const Region& region, std::uint32_t page) const {
    const Ppn leaf = region.leaves[page / kTableEntries];
    const unsigned slot = region.slot(page);
    return {memory.table(leaf)[slot], tables.dbds(leaf)[slot]};
  }
};

}  // namespace bachsim
