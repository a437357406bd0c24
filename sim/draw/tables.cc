// The view `tables`, column by column, and the arrows between the columns.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "sim/draw/dot.h"
#include "sim/draw/drawings.h"
#include "sim/draw/table_columns.h"

namespace bachsim {
namespace {

constexpr std::size_t kRowsClose = 20;  // arrows from more rows need more room

// Frames by number, and by the disk block that they hold, as ports of pfdata.
struct FramePorts {
  std::map<std::uint32_t, std::string> by_number;
  std::map<Disk, std::string> by_block;
};

bool by_address(const PageRow& a, const PageRow& b) {
  const auto address = [](const PageRow& row) { return row.address ? row.address->value : 0; };
  return std::tuple(address(a), a.key()) < std::tuple(address(b), b.key());
}

bool being_read(const Moment& moment) { return std::ranges::any_of(moment.frames, &FrameRow::being_read); }

class Tables {
 public:
  // Nodes' names begin with `prefix`.
  Tables(Dot& dot, const Subject& subject, const Scene& scene, std::string prefix = {})
      : dot_(dot), subject_(subject), scene_(scene), prefix_(std::move(prefix)), spaces_(subject, scene) {}

  void draw(std::string_view heading = {}) {
    if (spaces_.any_shared()) {
      processes();
      region_table();
    }
    if (spaces_.any_shared())
      page_tables();
    else
      page_tables_by_process();
    if (page_runs_.size() > kRowsClose) dot_.spread();
    const FramePorts frames = pfdata();
    const auto blocks = subject_.swap ? swap_use() : std::map<Disk, std::string>();
    for (const auto& run : page_runs_) page_arrows(run, frames, blocks);
    if (!heading.empty()) {
      const std::string node = prefix_ + "heading";
      dot_.heading(node, heading);
      columns_.front().insert(columns_.front().begin(), node);
    }
    if (std::ranges::all_of(columns_, &std::vector<std::string>::empty)) {
      columns_.push_back({prefix_ + "nothing"});
      dot_.heading(columns_.back().front(), "no process yet, and no page in memory");
    }
    const std::vector<std::string>* last = nullptr;
    for (const auto& column : columns_) {
      if (column.empty()) continue;
      dot_.rank(column);
      if (last != nullptr) dot_.behind(last->front(), column.front());
      last = &column;
    }
  }

 private:
  void processes() {
    columns_.emplace_back();
    for (const ProcessRow& process : spaces_.processes()) {
      const std::string node = fmt::format("{}p{}", prefix_, process.pid);
      DrawnTable table{.node = node, .title = fmt::format("process {}: {}", process.name, process.program)};
      auto columns = pick(kPregionColumns, {"name", "start", "pages", "region"});
      const std::vector<std::string_view> headings{"region", "from", "pages", "no."};
      for (std::size_t i = 0; i < columns.size(); ++i) columns[i].heading = headings[i];
      const auto& now = spaces_.pregions(scene_.now, process.pid);
      const auto& was = scene_.before == nullptr ? now : spaces_.pregions(*scene_.before, process.pid);
      const auto runs = draw_rows<PregionRow>(
          table, columns, now, scene_.before == nullptr ? nullptr : &was, Merge::No,
          [](const PregionRow& row) { return fmt::format("g{}", row.index); }, [](const PregionRow&) { return false; });
      table.groups = {{fmt::format("pid {}, {}", process.pid, state_text(process.pid)), columns.size()}};
      dot_.table(table);
      columns_.back().push_back(node);
      for (const auto& run : runs)
        dot_.arrow(fmt::format("{}:{}_:e", node, run.port), fmt::format("{}regions:r{}:w", prefix_, run.rows[0].region),
                   Line::Attached);
    }
  }

  // `zombie`, or with marks `ready → zombie`.
  [[nodiscard]] std::string state_text(std::uint32_t pid) const {
    const auto at = [&](const Moment& moment) {
      const ProcessRow* const row = spaces_.process(moment, pid);
      if (row == nullptr) return std::string();
      const std::string why =
          row->waiting_for == WaitingFor::Nothing ? "" : fmt::format(" ({})", name(row->waiting_for));
      return fmt::format("{}{}{}", name(row->state), why, row->borrows() ? ", on its parent's space" : "");
    };
    std::string is = at(scene_.now);
    if (scene_.before == nullptr) return is;
    const std::string was = at(*scene_.before);
    if (was.empty()) return is + " (new)";
    return is == was ? is : fmt::format("{} → {}", was, is.empty() ? "gone" : is);
  }

  void region_table() {
    columns_.push_back({prefix_ + "regions"});
    DrawnTable table{.node = columns_.back().front(), .title = "region table"};
    auto columns = pick(kRegionColumns, {"id", "type", "refs", "pages", "valid"});
    const std::vector<std::string_view> headings{"no.", "type", "count", "pages", "valid"};
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].heading = headings[i];
    const auto now = spaces_.regions(scene_.now);
    const auto was = scene_.before == nullptr ? now : spaces_.regions(*scene_.before);
    const auto locked = [](const RegionRow& row) { return !row.locked_by.empty(); };
    if (std::ranges::any_of(now, locked) || std::ranges::any_of(was, locked)) {
      columns.push_back(pick(kRegionColumns, {"locked by"}).front());
      columns.back().heading = "locked by";
    }
    draw_rows<RegionRow>(
        table, columns, now, scene_.before == nullptr ? nullptr : &was, Merge::No,
        [](const RegionRow& row) { return fmt::format("r{}", row.id); },
        [](const RegionRow& row) { return row.pages == 0; });
    dot_.table(table);
    for (const RegionRow& row : now) {
      if (row.pages > 0)
        dot_.arrow(fmt::format("{}regions:r{}_:e", prefix_, row.id), fmt::format("{}t{}:head:w", prefix_, row.id),
                   Line::Names);
    }
  }

  // A page table that is to be drawn, with the rows that it has at both moments.
  struct PageTable {
    std::string node;
    std::string title;
    std::vector<PageRow> now{};
    std::vector<PageRow> was{};
    bool (*less)(const PageRow& a, const PageRow& b) = by_address;
  };
  using DrawnPages = std::vector<DrawnRows<PageRow>>;

  void page_tables() {
    auto regions = spaces_.regions(scene_.now);
    if (scene_.before != nullptr) {
      const std::size_t there = regions.size();
      for (const RegionRow& row : spaces_.regions(*scene_.before)) {
        if (!std::ranges::binary_search(std::span(regions).first(there), row.id, {}, &RegionRow::id))
          regions.push_back(row);
      }
      std::ranges::sort(regions, {}, &RegionRow::id);
    }
    std::vector<PageTable> tables;
    for (const RegionRow& region : regions)
      add_page_table(tables, {.node = fmt::format("{}t{}", prefix_, region.id), .title = spaces_.heading(region)},
                     [&](const Moment& moment) { return spaces_.pages(moment, region.id); });
    draw_page_tables(tables);
  }

  // Where each region is one process's, its pages are rows of that process's one table, as in figure 9.22.
  void page_tables_by_process() {
    std::vector<PageTable> tables;
    for (const ProcessRow& process : spaces_.processes())
      add_page_table(tables,
                     {.node = fmt::format("{}s{}", prefix_, process.pid),
                      .title = fmt::format("process {}: {}", process.name, process.program)},
                     [&](const Moment& moment) { return spaces_.space(moment, process.pid); });
    draw_page_tables(tables);
  }

  // `pages` gives the rows that the table has at a moment.
  template <class Pages>
  void add_page_table(std::vector<PageTable>& tables, PageTable table, const Pages& pages) const {
    table.now = pages(scene_.now);
    if (scene_.before != nullptr) table.was = pages(*scene_.before);
    // A region may have an address, or this one, at one moment alone: that does not order its pages.
    if (!table.now.empty() && !table.was.empty() && table.now.front().key() == table.was.front().key() &&
        table.now.front().address != table.was.front().address)
      table.less = by_key<PageRow>;
    std::ranges::sort(table.now, table.less);
    std::ranges::sort(table.was, table.less);
    if (!table.now.empty() || !table.was.empty()) tables.push_back(std::move(table));
  }

  void draw_page_tables(const std::vector<PageTable>& tables) {
    columns_.emplace_back();
    std::size_t rows = 0;
    for (const PageTable& table : tables) rows += std::max(table.now.size(), table.was.size());
    DrawnPages drawn = with_few_rows(rows, [&](Merge merge) {
      DrawnPages all;
      for (const PageTable& table : tables) all.push_back(page_table(table, merge));
      return all;
    });
    for (auto& [table, runs] : drawn) {
      dot_.table(table);
      columns_.back().push_back(table.node);
      for (auto& run : runs) {
        run.port = fmt::format("{}:{}_:e", table.node, run.port);
        page_runs_.push_back(std::move(run));
      }
    }
  }

  [[nodiscard]] DrawnRows<PageRow> page_table(const PageTable& pages, Merge merge) const {
    DrawnRows<PageRow> drawn{.table = {.node = pages.node, .title = pages.title}};
    const bool blocks = std::ranges::any_of(pages.now, [](const PageRow& row) { return row.block.has_value(); });
    drawn.table.groups = page_groups(blocks);
    const PageRow& any = pages.now.empty() ? pages.was.front() : pages.now.front();
    drawn.runs = draw_rows<PageRow>(
        drawn.table, drawn_page_columns(any.address.has_value(), blocks), pages.now,
        scene_.before == nullptr ? nullptr : &pages.was, merge,
        [](const PageRow& row) { return fmt::format("e{}_{}", row.region, row.page); },
        [](const PageRow& row) { return !row.valid && !row.pte_frame && row.disk.kind != DbdKind::Swap; }, pages.less);
    return drawn;
  }

  // A table of rows that a moment has, alone in its place.
  template <class Row>
  std::vector<DrawnRun<Row>> draw_alone(const DrawnTable& form, const std::vector<ViewColumn<Row>>& columns,
                                        const std::vector<Row> Moment::*rows,
                                        const std::function<std::string(const Row&)>& port,
                                        const std::function<bool(const Row&)>& dim) {
    const std::vector<Row>& now = scene_.now.*rows;
    const std::vector<Row>* const was = scene_.before == nullptr ? nullptr : &(scene_.before->*rows);
    auto drawn = with_few_rows(std::max(now.size(), was == nullptr ? 0 : was->size()), [&](Merge merge) {
      std::vector<DrawnRows<Row>> all{{.table = form}};
      all.front().runs = draw_rows<Row>(all.front().table, columns, now, was, merge, port, dim);
      return all;
    });
    dot_.table(drawn.front().table);
    columns_.back().push_back(form.node);
    return std::move(drawn.front().runs);
  }

  FramePorts pfdata() {
    FramePorts ports;
    columns_.emplace_back();
    if (scene_.now.frames.empty() && (scene_.before == nullptr || scene_.before->frames.empty())) return ports;
    const DrawnTable table{.node = prefix_ + "pfdata", .title = "page frame data table"};
    const auto runs = draw_alone<FrameRow>(
        table, drawn_frame_columns(being_read(scene_.now) || (scene_.before != nullptr && being_read(*scene_.before))),
        &Moment::frames, [](const FrameRow& row) { return fmt::format("f{}", row.frame); },
        [](const FrameRow& row) { return row.refs == 0; });
    for (const auto& run : runs) {
      const std::string port = fmt::format("{}:{}:w", table.node, run.port);
      for (const FrameRow& row : run.rows) {
        ports.by_number[row.frame] = port;
        if (row.disk.kind != DbdKind::None) ports.by_block[row.disk] = port;
      }
    }
    return ports;
  }

  // Below the frames, so that no arrow has to go around them.
  std::map<Disk, std::string> swap_use() {
    std::map<Disk, std::string> ports;
    if (scene_.now.swap_use.empty() && (scene_.before == nullptr || scene_.before->swap_use.empty())) return ports;
    const DrawnTable table{.node = prefix_ + "swap", .title = "swap use"};
    auto columns = pick(kSwapBlockColumns, {"device", "block", "refs"});
    const std::vector<std::string_view> headings{"device", "block", "count"};
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i].heading = headings[i];
    const auto runs = draw_alone<SwapBlockRow>(
        table, columns, &Moment::swap_use,
        [](const SwapBlockRow& row) { return fmt::format("b{}_{}", row.device, row.block); },
        [](const SwapBlockRow&) { return false; });
    for (const auto& run : runs) {
      for (const SwapBlockRow& row : run.rows)
        ports[Disk{.kind = DbdKind::Swap, .device = row.device, .block = row.block}] =
            fmt::format("{}:{}:w", table.node, run.port);
    }
    return ports;
  }

  // From a row of a page table to all rows that its pages name.
  void page_arrows(const DrawnRun<PageRow>& run, const FramePorts& frames, const std::map<Disk, std::string>& blocks) {
    std::set<std::string> drawn;
    const auto arrow = [&](const std::string& to, Line line) {
      if (drawn.insert(to).second) dot_.arrow(run.port, to, line);
    };
    for (const PageRow& page : run.rows) {
      if (page.frame) {
        if (const auto at = frames.by_number.find(*page.frame); at != frames.by_number.end())
          arrow(at->second, Line::ToFrame);
      } else if (page.disk.kind == DbdKind::Swap || page.disk.kind == DbdKind::File) {
        Disk wanted = page.disk;
        if (wanted.kind == DbdKind::File) wanted.program = spaces_.program(page.region);
        if (const auto at = frames.by_block.find(wanted); at != frames.by_block.end()) arrow(at->second, Line::Cached);
      }
      if (page.disk.kind == DbdKind::Swap) {
        if (const auto at = blocks.find(page.disk); at != blocks.end()) arrow(at->second, Line::ToSwap);
      }
    }
  }

  Dot& dot_;
  const Subject& subject_;
  const Scene& scene_;
  std::string prefix_;
  DrawnSpaces spaces_;
  std::vector<std::vector<std::string>> columns_;  // of the drawing: nodes, from top to bottom
  std::vector<DrawnRun<PageRow>> page_runs_;
};

}  // namespace

std::uint64_t drawing_bytes(const Moment& moment) {
  constexpr std::uint64_t kBytesPerRow = 1024;
  std::uint64_t names = 0;
  for (const ProcessRow& process : moment.processes) names += process.name.size() * kCopiesOfName;
  return names + moment.pages.size() * 3 * sizeof(PageRow) +
         (moment.frames.size() + moment.swap_use.size()) * kBytesPerRow;
}

std::string tables_drawing(const Subject& subject, const Scene& scene) {
  if (scene.before == nullptr) {
    if (auto figure = one_page_drawing(subject, scene.now)) return *figure;
  }
  Dot dot(subject.title, subject.caption, Dot::Direction::LeftToRight);
  Tables(dot, subject, scene).draw();
  return dot.finish();
}

std::string tables_before_after(const Subject& subject, const Moment& before, const Moment& after) {
  Dot dot(subject.title, subject.caption, Dot::Direction::LeftToRight);
  // The one that is written last stands on top.
  Tables(dot, subject, Scene{.now = after}, "b_").draw("(b) after");
  Tables(dot, subject, Scene{.now = before}, "a_").draw("(a) before");
  return dot.finish();
}

}  // namespace bachsim
