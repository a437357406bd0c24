// What the drawings of tables share: which rows a subject has, and the columns that they are drawn with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/draw/drawings.h"
#include "sim/draw/row_table.h"

namespace bachsim {

// The processes of a subject, and what belongs to them, at one moment or two. A `moment` below is one of the scene's.
class DrawnSpaces {
 public:
  // Both must outlive it, and so must the scene's moments.
  DrawnSpaces(const Subject& subject, const Scene& scene);
  DrawnSpaces(const DrawnSpaces&) = delete;
  DrawnSpaces& operator=(const DrawnSpaces&) = delete;

  // Those that live, and those that did before.
  [[nodiscard]] const std::vector<ProcessRow>& processes() const { return processes_; }
  // nullptr if it does not live at that moment.
  [[nodiscard]] const ProcessRow* process(const Moment& moment, std::uint32_t pid) const;
  [[nodiscard]] const std::vector<PregionRow>& pregions(const Moment& moment, std::uint32_t pid) const;
  // Those who have a region attached, once for each time: places in processes(), rising.
  [[nodiscard]] std::vector<std::size_t> holders(const Moment& moment, std::uint32_t region) const;
  // Regions of the subject's processes; all active ones if it has all processes.
  [[nodiscard]] std::vector<RegionRow> regions(const Moment& moment) const;
  // Pages of a region, with the addresses that they have in every process of the subject, if they are the same there.
  [[nodiscard]] std::vector<PageRow> pages(const Moment& moment, std::uint32_t region) const;
  // Pages of all regions of a process.
  [[nodiscard]] std::vector<PageRow> space(const Moment& moment, std::uint32_t pid) const;
  // The program of a region; empty if it has none.
  [[nodiscard]] std::string_view program(std::uint32_t region) const;
  // Whether a region with pages has another number of the subject's processes than one.
  [[nodiscard]] bool any_shared() const;
  // `data of P: region 2`
  [[nodiscard]] std::string heading(const RegionRow& region) const;

 private:
  // What the subject's processes have at one moment, found by who has it and by what is had.
  struct Attached {
    struct Holder {
      std::size_t process;  // in processes_
      const PregionRow* pregion;
    };

    std::map<std::uint32_t, const ProcessRow*> processes{};       // [pid]
    std::map<std::uint32_t, std::vector<PregionRow>> pregions{};  // [pid]
    std::map<std::uint32_t, std::vector<Holder>> holders{};       // [region]
    std::map<std::uint32_t, const PregionRow*> places{};          // [region]; nullptr: holders have it at several
  };

  void attach(const Moment& moment, Attached& attached);
  [[nodiscard]] const Attached& attached(const Moment& moment) const;
  [[nodiscard]] std::span<const Attached::Holder> holders_of(const Moment& moment, std::uint32_t region) const;

  const Subject& subject_;
  const Scene& scene_;
  std::vector<ProcessRow> processes_{};
  Attached now_{};
  Attached before_{};
};

// A page table entry with its disk block descriptor, in the order of figure 9.13, and headings over both. The first
// column is the virtual address, or the page's number; the last may be the disk block of a program with `file=`.
[[nodiscard]] std::vector<ViewColumn<PageRow>> drawn_page_columns(bool with_address, bool with_blocks);
[[nodiscard]] std::vector<HeadingGroup> page_groups(bool with_blocks);
// `with_reads`: and whether the contents are valid, or still being read.
[[nodiscard]] std::vector<ViewColumn<FrameRow>> drawn_frame_columns(bool with_reads);

// Figure 9.14, if one page is in memory and nothing else is known of any frame.
[[nodiscard]] std::optional<std::string> one_page_drawing(const Subject& subject, const Moment& moment);

}  // namespace bachsim
