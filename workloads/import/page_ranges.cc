// An AVL tree by first pages, whose nodes do not change. All is made of joining trees and splitting them (G. Blelloch,
// D. Ferizovic, Y. Sun: Just Join for Parallel Ordered Sets, 2016, section 4).
#include "workloads/import/page_ranges.h"

#include <algorithm>
#include <utility>

namespace bachsim {

struct PageRanges::Node {
  PageRange range;
  Tree left;
  Tree right;
  int height;
  std::uint64_t pages;  // of all ranges here and below
};

struct PageRanges::Halves {
  Tree before;
  Tree from;
};

int PageRanges::height(const Tree& tree) { return tree ? tree->height : 0; }
std::uint64_t PageRanges::pages(const Tree& tree) { return tree ? tree->pages : 0; }

PageRanges::Tree PageRanges::tree_of(Tree left, const PageRange& range, Tree right) {
  const int below = std::max(height(left), height(right));
  const std::uint64_t all = pages(left) + range.end - range.first + pages(right);
  return std::make_shared<const Node>(
      Node{.range = range, .left = std::move(left), .right = std::move(right), .height = below + 1, .pages = all});
}

// REQUIRES: the heights differ by 2 at most
PageRanges::Tree PageRanges::balanced(const Tree& left, const PageRange& range, const Tree& right) {
  if (height(left) > height(right) + 1) {
    const Tree& inner = left->right;
    if (height(left->left) >= height(inner)) return tree_of(left->left, left->range, tree_of(inner, range, right));
    return tree_of(tree_of(left->left, left->range, inner->left), inner->range, tree_of(inner->right, range, right));
  }
  if (height(right) > height(left) + 1) {
    const Tree& inner = right->left;
    if (height(right->right) >= height(inner)) return tree_of(tree_of(left, range, inner), right->range, right->right);
    return tree_of(tree_of(left, range, inner->left), inner->range, tree_of(inner->right, right->range, right->right));
  }
  return tree_of(left, range, right);
}

// REQUIRES: the range is behind all of `left`, and before all of `right`
PageRanges::Tree PageRanges::join(const Tree& left, const PageRange& range, const Tree& right) {
  if (height(left) > height(right) + 1) return balanced(left->left, left->range, join(left->right, range, right));
  if (height(right) > height(left) + 1) return balanced(join(left, range, right->left), right->range, right->right);
  return tree_of(left, range, right);
}

PageRanges::Tree PageRanges::join(const Tree& left, const Tree& right) {
  if (!left) return right;
  const PageRange last = last_of(left);
  return join(split(left, last.first).before, last, right);
}

// The ranges whose first pages are before `first`, and the others.
PageRanges::Halves PageRanges::split(const Tree& tree, std::uint64_t first) {
  if (!tree) return {};
  if (tree->range.first < first) {
    const Halves halves = split(tree->right, first);
    return {.before = join(tree->left, tree->range, halves.before), .from = halves.from};
  }
  const Halves halves = split(tree->left, first);
  return {.before = halves.before, .from = join(halves.from, tree->range, tree->right)};
}

PageRange PageRanges::last_of(const Tree& tree) {
  const Node* node = tree.get();
  while (node->right) node = node->right.get();
  return node->range;
}

std::uint64_t PageRanges::add(std::uint64_t first, std::uint64_t end) {
  if (end <= first) return 0;
  const std::uint64_t held = remove(first, end);
  put({.first = first, .end = end});
  return end - first - held;
}

std::uint64_t PageRanges::remove(std::uint64_t first, std::uint64_t end) {
  if (end <= first) return 0;
  const auto [before, from] = split(root_, first);
  const auto [inside, behind] = split(from, end);
  root_ = join(before, behind);
  std::uint64_t removed = pages(inside);
  // The last range before may reach inside or further, and the last one inside further. These parts stay.
  for (const Tree& tree : {before, inside}) {
    if (!tree) continue;
    const PageRange last = last_of(tree);
    if (last.first < first && last.end > first) {
      put({.first = last.first, .end = first});
      removed += last.end - first;
    }
    if (last.end > end) {
      put({.first = end, .end = last.end});
      removed -= last.end - end;
    }
  }
  return removed;
}

void PageRanges::put(const PageRange& range) {
  const auto [before, from] = split(root_, range.first);
  root_ = join(before, range, split(from, range.first + 1).from);
}

std::optional<PageRange> PageRanges::at(std::uint64_t first) const {
  const Node* node = root_.get();
  while (node != nullptr && node->range.first != first)
    node = first < node->range.first ? node->left.get() : node->right.get();
  return node == nullptr ? std::nullopt : std::optional(node->range);
}

void PageRanges::erase(std::uint64_t first) {
  const auto [before, from] = split(root_, first);
  root_ = join(before, split(from, first + 1).from);
}

}  // namespace bachsim
