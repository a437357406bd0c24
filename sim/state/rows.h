// The visible state of a machine as plain values: a row for each entry of each table.
//
// A row borrows its words (string_view) from the kernel, and owns all else. `key()` tells rows of one set apart and
// orders them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "sim/state/column.h"
#include "sim/state/machine_rows.h"

namespace bachsim {

struct ProcessRow {
  ProcSlot slot = kNoProcess;
  std::string name;
  std::uint32_t pid = 0;
  std::uint32_t parent = 0;  // pid
  ProcessState state = ProcessState::Ready;
  bool reaped = false;
  WaitingFor waiting_for = WaitingFor::Nothing;
  std::optional<std::uint32_t> awaited_region{};  // that it sleeps for; of a transfer too
  std::optional<std::uint32_t> awaited_frame{};
  std::optional<std::uint32_t> status{};  // of a zombie, or reaped
  std::string_view program;
  std::optional<Address> satp{};            // not of a zombie
  std::optional<std::uint64_t> brk{};       // the break, in bytes from the start of data; not of a zombie
  std::uint64_t seconds = 0;                // in memory, or out of it
  std::optional<std::uint64_t> last_ran{};  // the second in which it had the CPU
  Errno error = Errno::None;                // of its last call; the script keeps it
  std::optional<std::int64_t> result{};     // what that returned; the script keeps it
  int nice = 0;
  ProcSlot lender = kNoProcess;  // whose space it runs on: itself, or the parent of a vfork child
  [[nodiscard]] bool borrows() const { return lender != slot; }
  [[nodiscard]] auto key() const { return pid; }
  friend bool operator==(const ProcessRow&, const ProcessRow&) = default;
};

inline constexpr std::array kProcessColumns{
    column<&ProcessRow::name>("name", kInJson, "NAME"),
    column<&ProcessRow::pid>("pid", kInPath | kInJson | kWhenReaped, "PID"),
    column<&ProcessRow::parent>("ppid", kInPath | kInJson, "PPID"),
    Column<ProcessRow>{{"state", "STATE", Kind::State, kInPath | kInJson | kWhenReaped},
                       [](const ProcessRow& row) { return row.reaped ? field("reaped") : field(row.state); }},
    column<&ProcessRow::waiting_for>("waiting_for", kInPath | kInJson),
    column<&ProcessRow::awaited_region>("awaited_region", kInPath | kInJson | kIfAny | kNotOnPages),
    column<&ProcessRow::awaited_frame>("awaited_frame", kInPath | kInJson | kIfAny | kNotOnPages),
    column<&ProcessRow::status>("status", kInPath | kInJson | kWhenReaped, "STATUS"),
    column<&ProcessRow::program>("program", kInPath | kInJson, "PROGRAM"),
    column<&ProcessRow::satp>("satp", kInPath | kInJson),
    column<&ProcessRow::brk>("break", kInPath | kInJson),
    column<&ProcessRow::seconds>("seconds", kInPath),
    column<&ProcessRow::last_ran>("ran", kInPath),
    column<&ProcessRow::error>("errno", kInPath | kWhenReaped),
    column<&ProcessRow::result>("result", kInPath | kWhenReaped),
};

struct PregionRow {
  ProcSlot process = kNoProcess;
  std::uint32_t pid = 0;    // of the process: another may come to have its slot
  std::uint32_t index = 0;  // in its process's list
  RegionType type = RegionType::Text;
  std::string name;  // `data`, `shm.KEY`
  std::uint32_t region = 0;
  Address start;                 // as the script's labels have it
  std::uint64_t real_start = 0;  // the lowest address
  std::uint32_t pages = 0;
  std::uint32_t refs = 0;  // of the region
  std::optional<std::string_view> program{};
  bool borrowed = false;             // a vfork child's, its parent's in truth
  bool locked = false;               // plocked
  std::optional<Actor> locked_by{};  // the region, as RegionRow has it
  std::uint32_t sleepers = 0;
  std::uint64_t page_bytes = kPageSize;  // from one page's address to the next one's
  bool downwards = false;                // page 0 is the highest: a stack's, unless it has labels
  // Where a page of it begins.   REQUIRES: page < pages
  [[nodiscard]] Address address_of(std::uint32_t page) const {
    Address address = start;
    address.value += page_bytes * (downwards ? pages - 1 - page : page);
    return address;
  }
  [[nodiscard]] auto key() const { return std::tuple(pid, index); }
  friend bool operator==(const PregionRow&, const PregionRow&) = default;
};

inline constexpr std::array kPregionColumns{
    column<&PregionRow::type>("type", kInPath | kInJson),
    column<&PregionRow::name>("name", 0, "TYPE"),
    column<&PregionRow::region>("region", kInPath | kInJson, "REG"),
    column<&PregionRow::start>("start", kInPath | kInJson, "REGVA"),
    column<&PregionRow::pages>("pages", kInPath | kInJson, "PAGES"),
    Column<PregionRow>{{"access", "ACCESS", Kind::Text, kInJson},
                       [](const PregionRow& row) { return field(row.type == RegionType::Text ? "r-x" : "rw-"); }},
    column<&PregionRow::refs>("refs", kInPath),
    column<&PregionRow::program>("program", kInPath),
    column<&PregionRow::locked_by>("locked_by", kInPath),
    column<&PregionRow::sleepers>("sleepers", kInPath),
    column<&PregionRow::borrowed>("borrowed", kInJson | kIfAny),
    Column<PregionRow>{
        {"flags", "FLAGS", Kind::Text, 0},
        [](const PregionRow& row) {
          return field(row.borrowed ? row.locked ? "borrowed lock" : "borrowed" : row.locked ? "lock" : "");
        }},
};

struct RegionRow {
  std::uint32_t id = 0;
  RegionType type = RegionType::Text;
  std::uint32_t refs = 0;
  std::uint32_t pages = 0;
  std::uint32_t valid = 0;  // pages in memory
  std::optional<std::string_view> program{};
  std::optional<ProgramId> program_id{};
  std::string locked_by{};       // who works on its pages and may sleep meanwhile; empty: nobody
  std::optional<Actor> owner{};  // the same one, by its pid
  std::uint32_t sleepers = 0;    // that wait until it is unlocked or loaded
  [[nodiscard]] auto key() const { return id; }
  friend bool operator==(const RegionRow&, const RegionRow&) = default;
};

inline constexpr std::array kRegionColumns{
    column<&RegionRow::id>("id", kInJson, "SLOT"),
    column<&RegionRow::type>("type", kInPath | kInJson, "TYPE"),
    column<&RegionRow::refs>("refs", kInPath | kInJson, "REFS"),
    column<&RegionRow::pages>("pages", kInPath | kInJson, "PAGES"),
    column<&RegionRow::valid>("valid", 0, "VALID"),
    column<&RegionRow::program>("program", kInPath | kInJson, "PROGRAM"),
    column<&RegionRow::locked_by>("locked by", 0),
    column<&RegionRow::owner>("locked_by", kInPath | kInJson | kIfAny | kNotOnPages),
    column<&RegionRow::sleepers>("sleepers", kInPath | kInJson | kIfAny | kNotOnPages),
};

struct PageRow {
  std::uint32_t region = 0;
  std::uint32_t page = 0;
  std::optional<Address> address{};  // where it was asked for through a process
  bool valid = false;
  std::optional<std::uint32_t> frame{};      // of a valid page
  std::optional<std::uint32_t> pte_frame{};  // also one that a preset left in the PTE
  bool writable = false;
  bool cow = false;
  bool referenced = false;
  bool modified = false;
  std::uint32_t age = 0;
  Disk disk;
  std::optional<std::uint64_t> file_block{};  // logical block of the program's file
  std::optional<std::uint64_t> block{};       // its disk block, of a program with `file=`
  std::uint32_t refs = 0;                     // of its frame
  std::optional<std::int64_t> value{};        // of its first cell, where one page was asked for
  [[nodiscard]] auto key() const { return std::tuple(region, page); }
  friend bool operator==(const PageRow&, const PageRow&) = default;
};

inline constexpr std::array kPageColumns{
    column<&PageRow::page>("page", kInJson | kCountsOn, "PAGE"),
    column<&PageRow::address>("address", kCountsOn, "VIRTUAL"),
    column<&PageRow::valid>("valid", kInPath | kInJson),
    column<&PageRow::frame>("frame", kInPath | kInJson | kCountsOn, "FRAME"),
    column<&PageRow::pte_frame>("pte_frame", kInPath | kCountsOn, "PAGE"),
    column<&PageRow::writable>("writable", kInPath | kInJson, "W"),
    column<&PageRow::cow>("cow", kInPath | kInJson, "COW"),
    column<&PageRow::referenced>("referenced", kInPath | kInJson, "REF"),
    column<&PageRow::modified>("modified", kInPath | kInJson, "MOD"),
    column<&PageRow::age>("age", kInPath | kInJson, "AGE"),
    column<&PageRow::disk>("disk", kInPath | kInJson | kCountsOn, "DISK"),
    column<&PageRow::file_block>("file_block", kInPath),
    column<&PageRow::block>("block", kInPath | kCountsOn, "BLOCK"),
    column<&PageRow::refs>("refs", kInPath, "REFS"),
    column<&PageRow::value>("value", kInPath | kIfAsked),
    Column<PageRow>{{"flags", "FLAGS", Kind::Text, 0},
                    [](const PageRow& row) {
                      std::string flags = "-----";
                      const std::array bits{row.valid, row.writable, row.cow, row.referenced, row.modified};
                      for (std::size_t i = 0; i < bits.size(); ++i) flags[i] = bits[i] ? "vwcrm"[i] : '-';
                      return Field(std::move(flags));
                    }},
};

// One that is inside the kernel (io=sleep): a process, or the page stealer.
struct InsideRow {
  std::string name;
  WaitingFor waiting_for = WaitingFor::Nothing;   // nothing: it has been woken, and may go on
  std::optional<std::uint32_t> awaited_region{};  // as ProcessRow has them
  std::optional<std::uint32_t> awaited_frame{};
  std::vector<std::uint32_t> locks{};  // regions that it has locked
};

inline constexpr std::array kInsideColumns{
    column<&InsideRow::name>("name", kInJson, "INSIDE"),
    column<&InsideRow::waiting_for>("waiting_for", kInPath | kInJson, "WAITS FOR"),
    column<&InsideRow::awaited_region>("awaited_region", kInPath | kInJson | kIfAny | kNotOnPages, "REGION"),
    column<&InsideRow::awaited_frame>("awaited_frame", kInPath | kInJson | kIfAny | kNotOnPages, "FRAME"),
    Column<InsideRow>{{"locks", "LOCKS", Kind::Text, 0},
                      [](const InsideRow& row) {
                        std::string list;
                        for (const std::uint32_t region : row.locks)
                          list += (list.empty() ? "" : ",") + std::to_string(region);
                        return list.empty() ? Field(kNothing) : Field(std::move(list));
                      }},
};

}  // namespace bachsim
