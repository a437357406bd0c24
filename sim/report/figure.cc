#include "sim/report/figure.h"

#include <fmt/format.h>

#include "sim/report/table.h"

namespace bachsim {
namespace {

template <class Row>
Field drawn(const Row& row) {
  Disk disk = row.disk;
  disk.in_figure = true;
  return disk;
}

// The page's entry as figure 9.13 has it, with the dbd beside it.
auto page_columns() {
  auto columns =
      pick(kPageColumns, {"address", "pte_frame", "valid", "writable", "cow", "referenced", "modified", "age", "disk"});
  columns[2] = {{{"STATE", Align::Left}}, [](const PageRow& row) { return field(row.valid ? "valid" : "invalid"); }};
  columns[7].get = [](const PageRow& row) { return row.valid ? field(row.age) : Field(kNothing); };
  columns[8].heading = "DISK BLOCK";
  columns[8].get = drawn<PageRow>;
  return columns;
}

}  // namespace

void write_figure(Sink& sink, const State& state, std::span<const ProcSlot> processes) {
  for (const ProcSlot slot : processes) {
    const ProcessRow process = state.process(slot);
    if (process.state == ProcessState::Zombie)
      continue;
    sink.write(fmt::format("PROCESS {}: {}\n", process.name, process.program));
    if (process.borrows())
      sink.write(fmt::format("  the space of {}\n", state.process(process.lender).name));
    else
      write_rows(sink, page_columns(), [&](const Visit<PageRow>& visit) { state.space(slot, visit); });
    sink.write("\n");
  }
  auto columns = pick(kFrameColumns, {"frame", "disk", "refs"});
  columns[1].heading = "DISK BLOCK";
  columns[1].get = drawn<FrameRow>;
  columns[2].heading = "COUNT";
  sink.write("FRAMES\n");
  write_rows(sink, columns, [&](const Visit<FrameRow>& visit) { state.frames(visit); });
}

}  // namespace bachsim
