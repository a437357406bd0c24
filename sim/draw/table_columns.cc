#include "sim/draw/table_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/machine/check.h"

namespace bachsim {
namespace {

template <class Row>
Field as_in_a_figure(const Row& row) {
  Disk disk = row.disk;
  disk.in_figure = true;
  return disk;
}

}  // namespace

bool Subject::draws(std::uint32_t pid) const { return pids.empty() || pids.contains(pid); }

DrawnSpaces::DrawnSpaces(const Subject& subject, const Scene& scene) : subject_(subject), scene_(scene) {
  std::map<std::uint32_t, const ProcessRow*> rows;
  if (scene.before != nullptr) {
    for (const ProcessRow& row : scene.before->processes) rows[row.pid] = &row;
  }
  for (const ProcessRow& row : scene.now.processes) rows[row.pid] = &row;
  for (const auto& [pid, row] : rows) {
    if (subject.draws(pid)) processes_.push_back(*row);
  }
  attach(scene.now, now_);
  if (scene.before != nullptr) attach(*scene.before, before_);
}

void DrawnSpaces::attach(const Moment& moment, Attached& attached) {
  std::map<ProcSlot, std::uint32_t> pids;
  for (const ProcessRow& row : moment.processes) {
    if (!subject_.draws(row.pid)) continue;
    pids[row.slot] = row.pid;
    attached.processes[row.pid] = &row;
  }
  for (const PregionRow& row : moment.pregions) {
    if (const auto pid = pids.find(row.process); pid != pids.end()) attached.pregions[pid->second].push_back(row);
  }
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    const auto rows = attached.pregions.find(processes_[i].pid);
    if (rows == attached.pregions.end()) continue;
    for (const PregionRow& row : rows->second) {
      attached.holders[row.region].push_back({.process = i, .pregion = &row});
      const auto [place, is_new] = attached.places.try_emplace(row.region, &row);
      if (!is_new && place->second != nullptr && place->second->start != row.start) place->second = nullptr;
    }
  }
}

const DrawnSpaces::Attached& DrawnSpaces::attached(const Moment& moment) const {
  if (&moment == &scene_.now) return now_;
  KASSERT(&moment == scene_.before);
  return before_;
}

std::span<const DrawnSpaces::Attached::Holder> DrawnSpaces::holders_of(const Moment& moment,
                                                                       std::uint32_t region) const {
  const auto& holders = attached(moment).holders;
  const auto found = holders.find(region);
  return found == holders.end() ? std::span<const Attached::Holder>() : found->second;
}

const ProcessRow* DrawnSpaces::process(const Moment& moment, std::uint32_t pid) const {
  const auto& rows = attached(moment).processes;
  const auto found = rows.find(pid);
  return found == rows.end() ? nullptr : found->second;
}

const std::vector<PregionRow>& DrawnSpaces::pregions(const Moment& moment, std::uint32_t pid) const {
  static const std::vector<PregionRow> kNone;
  const auto& rows = attached(moment).pregions;
  const auto found = rows.find(pid);
  return found == rows.end() ? kNone : found->second;
}

std::vector<std::size_t> DrawnSpaces::holders(const Moment& moment, std::uint32_t region) const {
  std::vector<std::size_t> processes;
  for (const Attached::Holder& holder : holders_of(moment, region)) processes.push_back(holder.process);
  return processes;
}

std::vector<RegionRow> DrawnSpaces::regions(const Moment& moment) const {
  if (subject_.pids.empty()) return moment.regions;
  std::vector<RegionRow> rows;
  for (const RegionRow& row : moment.regions) {
    if (!holders_of(moment, row.id).empty()) rows.push_back(row);
  }
  return rows;
}

std::vector<PageRow> DrawnSpaces::pages(const Moment& moment, std::uint32_t region) const {
  const auto& places = attached(moment).places;
  const auto place = places.find(region);
  std::vector<PageRow> rows;
  const auto first = std::ranges::lower_bound(moment.pages, region, {}, &PageRow::region);
  for (auto row = first; row != moment.pages.end() && row->region == region; ++row) {
    rows.push_back(*row);
    if (place != places.end() && place->second != nullptr) rows.back().address = place->second->address_of(row->page);
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
  const auto found = std::ranges::lower_bound(scene_.now.regions, region, {}, &RegionRow::id);
  return found == scene_.now.regions.end() || found->id != region ? "" : found->program.value_or("");
}

bool DrawnSpaces::any_shared() const {
  const auto shares = [this](const Moment& moment) {
    return std::ranges::any_of(
        regions(moment), [&](const RegionRow& row) { return row.pages > 0 && holders_of(moment, row.id).size() != 1; });
  };
  return shares(scene_.now) || (scene_.before != nullptr && shares(*scene_.before));
}

std::string DrawnSpaces::heading(const RegionRow& region) const {
  std::set<std::size_t> holders;
  for (const Moment* const moment : {&scene_.now, scene_.before}) {
    if (moment == nullptr) continue;
    for (const Attached::Holder& holder : holders_of(*moment, region.id)) holders.insert(holder.process);
  }
  std::string owners;
  for (const std::size_t process : holders) {
    owners += fmt::format("{}{}", owners.empty() ? "" : ", ", processes_[process].name);
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
