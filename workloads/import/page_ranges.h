// Sets of pages of an address space, as ranges. A copy costs nothing, and what it changes afterwards costs as much as
// the logarithm of its ranges: a process with many of them may fork often.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

namespace bachsim {

// From page `first` up to `end`.
struct PageRange {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
  std::uint64_t key = 0;  // of a shared range, for who has put it there
};

class PageRanges {
 public:
  // Adds the pages from `first` up to `end`; returns how many are new. No range has a key here.
  std::uint64_t add(std::uint64_t first, std::uint64_t end);

  // Removes them; returns how many there were.
  std::uint64_t remove(std::uint64_t first, std::uint64_t end);

  // Puts a range in place of the one with the same first page. Ranges that are put may overlap.
  void put(const PageRange& range);
  // The range that has this first page.
  [[nodiscard]] std::optional<PageRange> at(std::uint64_t first) const;
  // Takes it away.
  void erase(std::uint64_t first);

  void clear() { root_.reset(); }

 private:
  struct Node;
  using Tree = std::shared_ptr<const Node>;  // copies share their branches, which nobody changes
  struct Halves;

  static int height(const Tree& tree);
  static std::uint64_t pages(const Tree& tree);
  static Tree tree_of(Tree left, const PageRange& range, Tree right);
  static Tree balanced(const Tree& left, const PageRange& range, const Tree& right);
  static Tree join(const Tree& left, const PageRange& range, const Tree& right);
  static Tree join(const Tree& left, const Tree& right);
  static Halves split(const Tree& tree, std::uint64_t first);
  static PageRange last_of(const Tree& tree);

  Tree root_;
};

}  // namespace bachsim
