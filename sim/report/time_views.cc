// The views of a whole run: what each tick and each second brought.
#include <fmt/format.h>

#include <algorithm>

#include "sim/report/table.h"
#include "sim/report/views.h"

namespace bachsim {
namespace {

// From one tick statement to the next, or the whole run with its averages.
struct Interval {
  std::string ticks;  // at its end, or a word
  Sample from;
  Sample to;
};

constexpr std::uint64_t kBlocksPerPage = 8;  // sar counts blocks of 512 bytes

// Events a tick, in hundredths that are rounded: no floating point, so the same digits everywhere.
template <std::uint64_t Sample::*events, std::uint64_t unit = 1>
Field rate(const Interval& interval) {
  const std::uint64_t ticks = interval.to.ticks - interval.from.ticks;
  const std::uint64_t happened = (interval.to.*events - interval.from.*events) * unit;
  const std::uint64_t hundredths = (happened * 100 + ticks / 2) / ticks;
  return fmt::format("{}.{:02}", hundredths / 100, hundredths % 100);
}

const std::vector<ViewColumn<Interval>> kSarColumns{
    {{"tick", Align::Right}, false, [](const Interval& interval) { return field(interval.ticks); }},
    {{"vflt", Align::Right}, false, rate<&Sample::validity_faults>},
    {{"pflt", Align::Right}, false, rate<&Sample::protection_faults>},
    {{"pgfil", Align::Right}, false, rate<&Sample::file_fills>},
    {{"rclm", Align::Right}, false, rate<&Sample::reclaimed>},
    {{"swpin", Align::Right}, false, rate<&Sample::swap_ins>},
    {{"bswin", Align::Right}, false, rate<&Sample::pages_in, kBlocksPerPage>},
    {{"swpot", Align::Right}, false, rate<&Sample::swap_outs>},
    {{"bswot", Align::Right}, false, rate<&Sample::pages_out, kBlocksPerPage>},
    {{"freemem", Align::Right}, false, [](const Interval& interval) { return field(interval.to.free_frames); }},
    {{"freeswap", Align::Right}, false, [](const Interval& interval) { return field(interval.to.free_blocks); }}};

}  // namespace

// Figures 9.10 and 9.11: for each second, how long each process has been in memory (i) or out (o) when it begins,
// what moved, and who had the CPU.
void write_swapper(Sink& sink, const State& state) {
  const std::vector<SwapperSecond>& seconds = state.seconds();
  if (seconds.empty()) return sink.write("SWAPPER: no second has been run\n");
  // A page has room for so many columns; of more processes it shows only what moves and runs.
  constexpr std::size_t kMostColumns = 10;
  std::vector<std::uint64_t> tags;
  for (const SwapperSecond& second : seconds) {
    for (const SwapperSecond::Stay& stay : second.stays) {
      if (tags.size() > kMostColumns) break;
      if (std::ranges::find(tags, stay.tag) == tags.end()) tags.push_back(stay.tag);
    }
  }
  if (tags.size() > kMostColumns) tags.clear();
  std::vector<std::string> names;
  for (const std::uint64_t tag : tags) names.push_back(cut(state.name_of_tag(tag), kMostOfAName));
  std::vector<ViewColumn<SwapperSecond>> columns{
      {{"TIME", Align::Right}, false, [&](const SwapperSecond& second) { return field(&second - seconds.data()); }}};
  for (std::size_t i = 0; i < tags.size(); ++i)
    columns.push_back({{names[i], Align::Right}, false, [tag = tags[i]](const SwapperSecond& second) {
                         const auto stay = std::ranges::find(second.stays, tag, &SwapperSecond::Stay::tag);
                         if (stay == second.stays.end()) return Field(kNothing);
                         return Field(fmt::format("{}{}", stay->seconds, stay->in_memory ? 'i' : 'o'));
                       }});
  columns.push_back({{"RUNS", Align::Left}, false, [&state](const SwapperSecond& second) {
                       return second.runs ? Field(state.name_of_tag(*second.runs)) : Field(kNothing);
                     }});
  columns.push_back({{"SWAPS", Align::Left}, false, [&state](const SwapperSecond& second) {
                       std::string moves;
                       for (const SwapperSecond::Move& move : second.moves)
                         moves += fmt::format("{}{} {}", moves.empty() ? "" : ", ", move.in ? "in" : "out",
                                              state.name_of_tag(move.tag));
                       return moves.empty() ? Field(kNothing) : Field(std::move(moves));
                     }});
  sink.write("SWAPPER: seconds in memory (i) or out (o)\n");
  write_rows(sink, columns, [&](const Visit<SwapperSecond>& visit) { std::ranges::for_each(seconds, visit); });
}

// The run as `sar -p`, `-w` and `-r` of System V Release 3 would have reported it, a line a tick statement.
void write_sar(Sink& sink, const std::vector<Sample>& samples) {
  if (samples.empty() || samples.back().ticks == 0) return sink.write("SAR: no tick\n");
  sink.write("SAR: per tick\n");
  write_rows(sink, kSarColumns, [&](const Visit<Interval>& visit) {
    Sample before;
    std::uint64_t frames = 0;
    std::uint64_t blocks = 0;
    std::uint64_t lines = 0;
    for (Sample sample : samples) {
      if (sample.ticks == before.ticks) continue;
      sample.free_blocks *= kBlocksPerPage;
      visit({.ticks = fmt::format("{}", sample.ticks), .from = before, .to = sample});
      frames += sample.free_frames;
      blocks += sample.free_blocks;
      ++lines;
      before = sample;
    }
    before.free_frames = frames / lines;
    before.free_blocks = blocks / lines;
    visit({.ticks = "Average", .from = {}, .to = before});
  });
}

}  // namespace bachsim
