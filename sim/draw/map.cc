// The view `map`: what is free of each swap device, entry by entry (figures 9.1 to 9.5).
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/draw/drawings.h"
#include "sim/draw/row_table.h"

namespace bachsim {
namespace {

std::vector<ExtentRow> entries_of(const Moment& moment, unsigned device) {
  std::vector<ExtentRow> entries;
  std::ranges::copy_if(moment.swap_map, std::back_inserter(entries),
                       [device](const ExtentRow& row) { return row.device == device; });
  return entries;
}

}  // namespace

std::string map_drawing(const Subject& subject, const Scene& scene) {
  Dot dot(subject.title, subject.caption, Dot::Direction::LeftToRight);
  std::set<unsigned> devices;
  for (const Moment* const moment : {&scene.now, scene.before}) {
    if (moment == nullptr) continue;
    for (const ExtentRow& row : moment->swap_map) devices.insert(row.device);
  }
  auto columns = pick(kExtentColumns, {"address", "units"});
  columns[0].heading = "address";
  columns[1].heading = "units";
  std::vector<std::string> nodes;
  for (const unsigned device : devices) {
    DrawnTable table{.node = fmt::format("map{}", device), .title = fmt::format("map of swap device {}", device)};
    const auto was = scene.before == nullptr ? std::vector<ExtentRow>() : entries_of(*scene.before, device);
    draw_rows<ExtentRow>(
        table, columns, entries_of(scene.now, device), scene.before == nullptr ? nullptr : &was, Merge::No,
        [](const ExtentRow& row) { return fmt::format("e{}", row.address); }, [](const ExtentRow&) { return false; });
    dot.table(table);
    nodes.push_back(table.node);
  }
  if (nodes.empty()) {
    nodes.emplace_back("nothing");
    dot.heading(nodes.back(), "no block of swap is free");
  }
  dot.rank(nodes);
  return dot.finish();
}

}  // namespace bachsim
