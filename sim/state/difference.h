// The difference of two sets of rows.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/machine/host.h"

namespace bachsim {

// A row that came (`before` is empty), went (`after` is empty), or changed.
template <class Row>
struct Change {
  std::optional<Row> before;
  std::optional<Row> after;
};

// In the order of the keys. They are committed to `share`.
// REQUIRES: both sets are sorted by Row::key(), and no key is there twice
template <class Row>
[[nodiscard]] std::vector<Change<Row>> difference(const std::vector<Row>& before, const std::vector<Row>& after,
                                                  HostShare& share) {
  std::vector<Change<Row>> changes;
  auto old = before.begin();
  auto now = after.begin();
  while (old != before.end() || now != after.end()) {
    share.grow(changes);
    if (now == after.end() || (old != before.end() && old->key() < now->key())) {
      changes.push_back({.before = *old++, .after = std::nullopt});
    } else if (old == before.end() || now->key() < old->key()) {
      changes.push_back({.before = std::nullopt, .after = *now++});
    } else {
      if (!(*old == *now)) changes.push_back({.before = *old, .after = *now});
      ++old;
      ++now;
    }
  }
  return changes;
}

// The names of the columns in which two rows differ.
template <class Row, class Columns>
[[nodiscard]] std::vector<std::string_view> changed(const Columns& columns, const Row& before, const Row& after) {
  std::vector<std::string_view> names;
  for (const auto& column : columns) {
    if (column.get(before) != column.get(after)) names.push_back(column.name);
  }
  return names;
}

}  // namespace bachsim
