#include "sim/report/sar.h"

#include <fmt/format.h>

#include <array>

#include "sim/report/table.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kBlocksPerPage = 8;  // sar counts blocks of 512 bytes

// The columns that are rates between two samples.
struct Rate {
  std::string_view heading;
  std::uint64_t Sample::*events;
  std::uint64_t unit = 1;
};
constexpr std::array kRates{Rate{"vflt", &Sample::validity_faults}, Rate{"pflt", &Sample::protection_faults},
                            Rate{"pgfil", &Sample::file_fills},     Rate{"rclm", &Sample::reclaimed},
                            Rate{"swpin", &Sample::swap_ins},       Rate{"bswin", &Sample::pages_in, kBlocksPerPage},
                            Rate{"swpot", &Sample::swap_outs},      Rate{"bswot", &Sample::pages_out, kBlocksPerPage}};

// Hundredths in whole numbers, rounded: no floating point, so the same digits everywhere.
std::string rate_text(std::uint64_t events, std::uint64_t ticks) {
  const std::uint64_t hundredths = (events * 100 + ticks / 2) / ticks;
  return fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
}

std::vector<std::string> cells(std::string label, const Sample& from, const Sample& to, std::uint64_t frames,
                               std::uint64_t blocks) {
  std::vector<std::string> cells{std::move(label)};
  for (const Rate& rate : kRates)
    cells.push_back(rate_text((to.*rate.events - from.*rate.events) * rate.unit, to.ticks - from.ticks));
  cells.push_back(fmt::format("{}", frames));
  cells.push_back(fmt::format("{}", blocks));
  return cells;
}

}  // namespace

void write_sar(Sink& sink, const std::vector<Sample>& samples) {
  if (samples.empty() || samples.back().ticks == 0)
    return sink.write("SAR: no tick\n");
  std::vector<TableColumn> columns{{"tick", Align::Right}};
  for (const Rate& rate : kRates)
    columns.push_back({rate.heading, Align::Right});
  columns.push_back({"freemem", Align::Right});
  columns.push_back({"freeswap", Align::Right});
  sink.write("SAR: per tick\n");
  write_table(sink, columns, [&](const auto& line) {
    Sample before;
    std::uint64_t frames = 0;
    std::uint64_t blocks = 0;
    std::uint64_t lines = 0;
    for (const Sample& sample : samples) {
      if (sample.ticks == before.ticks)
        continue;
      line(cells(fmt::format("{}", sample.ticks), before, sample, sample.free_frames,
                 sample.free_blocks * kBlocksPerPage));
      frames += sample.free_frames;
      blocks += sample.free_blocks;
      ++lines;
      before = sample;
    }
    line(cells("Average", Sample{}, before, frames / lines, blocks * kBlocksPerPage / lines));
  });
}

}  // namespace bachsim
