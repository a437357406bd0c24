#include "sim/draw/table_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace bachsim {
namespace {

template <class Row>
Field as_in_a_figure(const Row& row) {
  Disk disk = row.disk;
  disk.in_figure = true;
  return disk;
}

std::optional<ProcSlot> slot_of(const Moment& moment, std::uint32_t pid) {
  const auto found = std::ranges::find(moment.processes, pid, &ProcessRow::pid);
  return found == moment.processes.end() ? std::nullopt : std::optional(found->slot);
}

}  // namespace

bool Subject::draws(std::uint32_t pid) const { return pids.empty() || std::ranges::find(pids, pid) != pids.end(); }

DrawnSpaces::DrawnSpaces(const Subject& subject, const Scene& scene) : subject_(subject), scene_(scene) {
  std::map<std::uint32_t, const ProcessRow*> rows;
  if (scene.before != nullptr) {
    for (const ProcessRow& row : scene.before->processes) rows[row.pid] = &row;
  }
  for (const ProcessRow& row : scene.now.processes) rows[row.pid] = &row;
  for (const auto& [pid, row] : rows) {
    if (subject.draws(pid)) processes_.push_back(*row);
  }
}

std::vector<PregionRow> DrawnSpaces::pregions(const Moment& moment, std::uint32_t pid) const {
  std::vector<PregionRow> rows;
  if (const auto slot = slot_of(moment, pid)) {
    for (const PregionRow& row : moment.pregions) {
      if (row.process == *slot) rows.push_back(row);
    }
  }
  return rows;
}

std::vector<PregionRow> DrawnSpaces::all_pregions(const Moment& moment) const {
  std::vector<PregionRow> rows;
  for (const ProcessRow& process : processes_) {
    for (PregionRow& row : pregions(moment, process.pid)) rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<RegionRow> DrawnSpaces::regions(const Moment& moment) const {
  if (subject_.pids.empty()) return moment.regions;
  std::set<std::uint32_t> wanted;
  for (const PregionRow& row : all_pregions(moment)) wanted.insert(row.region);
  std::vector<RegionRow> rows;
  for (const RegionRow& row : moment.regions) {
    if (wanted.contains(row.id)) rows.push_back(row);
  }
  return rows;
}

std::vector<PageRow> DrawnSpaces::pages(const Moment& moment, std::uint32_t region) const {
  std::optional<PregionRow> attached;
  bool same = true;
  for (const PregionRow& row : all_pregions(moment)) {
    if (row.region != region) continue;
    same = same && (!attached || attached->start == row.start);
    attached = row;
  }
  std::vector<PageRow> rows;
  const auto first = std::ranges::lower_bound(moment.pages, region, {}, &PageRow::region);
  for (auto row = first; row != moment.pages.end() && row->region == region; ++row) {
    rows.push_back(*row);
    if (attached && same) rows.back().address = attached->address_of(row->page);
  }
  return rows;
}

std::vector<PageRow> DrawnSpaces::space(const Moment& moment, std::uint32_t pid) const {
  std::vector<PageRow> rows;
  for (const PregionRow& pregion : pregions(moment, pid)) {
    for (PageRow& row : pages(moment, pregion.region)) rows.push_back(row);
  }
  return rows;
}

std::string_view DrawnSpaces::program(std::uint32_t region) const {
  const auto found = std::ranges::find(scene_.now.regions, region, &RegionRow::id);
  return found == scene_.now.regions.end() ? "" : found->program.value_or("");
}

bool DrawnSpaces::any_shared() const {
  const auto shares = [this](const Moment& moment) {
    std::map<std::uint32_t, std::size_t> holders;
    for (const PregionRow& row : all_pregions(moment)) ++holders[row.region];
    return std::ranges::any_of(regions(moment),
                               [&](const RegionRow& row) { return row.pages > 0 && holders[row.id] != 1; });
  };
  return shares(scene_.now) || (scene_.before != nullptr && shares(*scene_.before));
}

std::string DrawnSpaces::heading(const RegionRow& region) const {
  std::string owners;
  for (const ProcessRow& process : processes_) {
    for (const Moment* const moment : {&scene_.now, scene_.before}) {
      if (moment == nullptr) continue;
      const auto rows = pregions(*moment, process.pid);
      if (std::ranges::find(rows, region.id, &PregionRow::region) == rows.end()) continue;
      owners += fmt::format("{}{}", owners.empty() ? "" : ", ", process.name);
      break;
    }
  }
  return fmt::format("{}{}: region {}", name(region.type), owners.empty() ? "" : " of " + owners, region.id);
}

std::vector<ViewColumn<PageRow>> drawn_page_columns(bool with_address, bool with_blocks) {
  auto columns = pick(kPageColumns, {"address", "pte_frame", "age", "cow", "modified", "referenced", "valid",
                                     "writable", "disk", "block"});
  if (!with_address) columns.front() = pick(kPageColumns, {"page"}).front();
  const std::vector<std::string_view> headings{
      with_address ? "virtual" : "page no.", "page", "age", "cow", "mod", "ref", "state", "W", "block", "on disk"};
  for (std::size_t i = 0; i < columns.size(); ++i) columns[i].heading = headings[i];
  columns[2].get = [](const PageRow& row) { return row.valid ? field(row.age) : Field(kNothing); };
  columns[6].align = Align::Left;
  columns[6].get = [](const PageRow& row) { return field(row.valid ? "valid" : "invalid"); };
  columns[8].get = as_in_a_figure<PageRow>;
  if (!with_blocks) columns.pop_back();
  return columns;
}

std::vector<HeadingGroup> page_groups(bool with_blocks) {
  return {{"page table entry", 8}, {"disk block descriptor", with_blocks ? 2u : 1u}};
}

std::vector<ViewColumn<FrameRow>> drawn_frame_columns(bool with_reads) {
  auto columns = pick(kFrameColumns, {"frame", "disk", "refs"});
  columns[0].heading = "frame";
  columns[1].heading = "disk block";
  columns[1].get = as_in_a_figure<FrameRow>;
  columns[2].heading = "count";
  if (with_reads) {
    columns.push_back(pick(kFrameColumns, {"being read"}).front());
    columns.back().heading = "contents";
    columns.back().get = [](const FrameRow& row) { return field(row.being_read ? "being read" : "valid"); };
  }
  return columns;
}

}  // namespace bachsim
