#include "sim/report/sar.h"

#include <fmt/format.h>

#include <array>

#include "sim/report/table.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kBlocksPerPage = 8;  // sar counts blocks of 512 bytes

// What is counted between two samples: the columns that are rates.
constexpr std::array kRates{&Sample::validity_faults, &Sample::protection_faults, &Sample::file_fills,
                            &Sample::reclaimed,       &Sample::swap_ins,          &Sample::pages_in,
                            &Sample::swap_outs,       &Sample::pages_out};

bool in_pages(std::uint64_t Sample::*rate) {
  return rate == &Sample::pages_in || rate == &Sample::pages_out;
}

// Hundredths in whole numbers, rounded: no floating point, so the same digits everywhere.
std::string rate_text(std::uint64_t events, std::uint64_t ticks) {
  const std::uint64_t hundredths = (events * 100 + ticks / 2) / ticks;
  return fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
}

std::vector<std::string> row(std::string label, const Sample& from, const Sample& to) {
  std::vector<std::string> cells{std::move(label)};
  for (const auto rate : kRates) {
    const std::uint64_t events = (to.*rate - from.*rate) * (in_pages(rate) ? kBlocksPerPage : 1);
    cells.push_back(rate_text(events, to.ticks - from.ticks));
  }
  return cells;
}

}  // namespace

std::string sar_view(const std::vector<Sample>& samples) {
  std::vector<Table::Column> columns;
  for (const std::string_view heading :
       {"tick", "vflt", "pflt", "pgfil", "rclm", "swpin", "bswin", "swpot", "bswot", "freemem", "freeswap"})
    columns.push_back({heading, Align::Right});
  Table table(std::move(columns));
  Sample before;
  std::uint64_t frames = 0;
  std::uint64_t blocks = 0;
  std::uint64_t lines = 0;
  for (const Sample& sample : samples) {
    if (sample.ticks == before.ticks)
      continue;
    auto cells = row(fmt::format("{}", sample.ticks), before, sample);
    cells.push_back(fmt::format("{}", sample.free_frames));
    cells.push_back(fmt::format("{}", sample.free_blocks * kBlocksPerPage));
    table.add(std::move(cells));
    frames += sample.free_frames;
    blocks += sample.free_blocks;
    ++lines;
    before = sample;
  }
  if (table.empty())
    return "SAR: no tick\n";
  auto average = row("Average", Sample{}, before);
  average.push_back(fmt::format("{}", frames / lines));
  average.push_back(fmt::format("{}", blocks * kBlocksPerPage / lines));
  table.add(std::move(average));
  return "SAR: per tick\n" + table.text();
}

}  // namespace bachsim
