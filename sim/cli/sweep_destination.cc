#include <fmt/format.h>

#include "sim/cli/gnuplot.h"
#include "sim/cli/host.h"
#include "sim/cli/sweep.h"

namespace bachsim {

std::string why_not_in(ResultFormat format, const Plan& plan) {
  const std::string twice = format == ResultFormat::Json ? name_of_two(plan) : std::string();
  if (twice.empty()) return {};
  return fmt::format("--format json: a row would have `{}` twice; --format csv has a column for each", twice);
}

std::expected<std::unique_ptr<SweepDestination>, std::string> SweepDestination::open(const SweepChoices& choices,
                                                                                     const Plan& plan) {
  std::unique_ptr<SweepDestination> destination(new SweepDestination(choices));
  auto output = OutputFile::create(choices.output);
  if (!output) return std::unexpected(output.error());
  destination->output_ = std::move(*output);
  destination->table_.emplace(*destination->output_, plan, choices.form());
  if (choices.plot_file.empty()) return destination;
  auto plot = Plot::parse(choices.plot, plan);
  if (!plot) return std::unexpected("--plot: " + plot.error());
  destination->plot_.emplace(std::move(*plot));
  auto file = OutputFile::create(choices.plot_file);
  if (!file) return std::unexpected(file.error());
  if (!choices.output.empty() && (*file)->shares_place_with(*destination->output_))
    return std::unexpected(fmt::format("{}: two options name one file", choices.plot_file));
  destination->plot_output_ = std::move(*file);
  destination->table_->watch([plot = &*destination->plot_](const ResultRow& row) { plot->add(row); });
  return destination;
}

void SweepDestination::add(std::uint64_t run, const Outcome& outcome) {
  table_->add(run, outcome);
  if (choices_.output.empty() && choices_.form() != ResultFormat::Table) output_->flush();
}

int SweepDestination::finish(const std::string& title) {
  table_->finish();
  std::string trouble = output_->finish();
  if (plot_ && trouble.empty()) {
    const Chart chart = plot_->chart(title);
    if (chart.curves.empty()) return complain("--plot: the measure is a number in no row: there is nothing to draw");
    const auto drawing = drawn_by_gnuplot(chart);
    if (!drawing) return complain(drawing.error());
    plot_output_->write(*drawing);
    trouble = plot_output_->finish();
  }
  return finished(table_->failed() == 0 ? kOk : kExpectationFailed, trouble);
}

}  // namespace bachsim
