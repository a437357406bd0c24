#include "tests/bench/reporter.h"

#include <fmt/format.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace bachsim::bench {
namespace {

// A limit that a row has and what it came to.
struct Limit {
  std::string_view what;
  std::string_view relation;
  double limit;
  double is;

  [[nodiscard]] bool met() const { return relation == ">=" ? is >= limit : is <= limit; }
};

struct Line {
  const Row* row;
  Result ours;
  std::optional<Result> linux_kernel;
  std::optional<Result> bare;
  std::optional<Result> smaller;

  [[nodiscard]] std::optional<double> linux_ratio() const {
    return linux_kernel ? std::optional(linux_kernel->median / ours.median) : std::nullopt;
  }
  [[nodiscard]] std::optional<double> bare_ratio() const {
    return bare ? std::optional(ours.median / bare->median) : std::nullopt;
  }

  // The stated limit to Linux; or 0.7 of what bare traffic reaches, on a machine whose memory allows no more.
  [[nodiscard]] double linux_limit() const {
    constexpr double kOfBare = 0.7;
    return bare ? std::min(*row->linux_least, linux_kernel->median / bare->median * kOfBare) : *row->linux_least;
  }

  [[nodiscard]] std::vector<Limit> limits() const {
    std::vector<Limit> list;
    if (row->linux_least && linux_kernel) list.push_back({"Linux/ours", ">=", linux_limit(), *linux_ratio()});
    if (row->bare_most && bare) list.push_back({"ours/bare", "<=", *row->bare_most, *bare_ratio()});
    if (row->ns_most) list.push_back({"ns", "<=", *row->ns_most, ours.median});
    if (row->kept_least && smaller)
      list.push_back({"rate kept", ">=", *row->kept_least, smaller->median / ours.median});
    return list;
  }
};

std::vector<Line> lines_of(const Reporter& results) {
  std::vector<Line> lines;
  for (const Row& row : kRows) {
    if (const auto ours = results.result(row.key, kOurs)) {
      lines.push_back({&row, *ours, results.result(row.key, kLinux), results.result(row.key, kBare),
                       results.result(row.key, kSmaller)});
    }
  }
  return lines;
}

// Three digits, which is more than the rounds agree on.
std::string number(double value) {
  if (value >= 99.95) return fmt::format("{:.0f}", value);
  return value >= 9.995 ? fmt::format("{:.1f}", value) : fmt::format("{:.2f}", value);
}

std::string number(std::optional<double> value) { return value ? number(*value) : "-"; }

std::string median(const std::optional<Result>& result) { return result ? number(result->median) : "-"; }

std::string spread(const std::optional<Result>& result) {
  return result ? fmt::format("{:.0f}", result->spread()) : "-";
}

std::string describe(const Line& line) {
  std::string text;
  for (const Limit& limit : line.limits()) {
    const std::string is = limit.what == "rate kept" ? fmt::format(" ({})", number(limit.is)) : "";
    const bool stated = limit.what != "Linux/ours" || limit.limit == *line.row->linux_least;
    text += fmt::format("{}{}{} {} {:.3g}{}{}", text.empty() ? "" : ", ", limit.met() ? "" : "MISSED ", limit.what,
                        limit.relation, limit.limit, is, stated ? "" : " (0.7 of bare's)");
  }
  return text.empty() ? "-" : text;
}

using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

void write(Writer& json, const char* key, std::string_view text) {
  json.Key(key);
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write(Writer& json, const char* key, std::optional<double> value) {
  if (!value) return;
  json.Key(key);
  json.Double(std::round(*value * 1000) / 1000);
}

void write(Writer& json, const char* key, const std::optional<Result>& result) {
  if (!result) return;
  json.Key(key);
  json.StartObject();
  write(json, "ns", result->median);
  write(json, "least", result->least);
  write(json, "most", result->most);
  json.Key("rounds");
  json.Uint64(result->rounds);
  json.EndObject();
}

void write(Writer& json, const Line& line) {
  json.StartObject();
  write(json, "key", line.row->key);
  write(json, "operation", line.row->text);
  write(json, "unit", line.row->unit);
  write(json, kOurs, std::optional(line.ours));
  write(json, kLinux, line.linux_kernel);
  write(json, kBare, line.bare);
  write(json, kSmaller, line.smaller);
  write(json, "linux_over_ours", line.linux_ratio());
  write(json, "ours_over_bare", line.bare_ratio());
  json.Key("limits");
  json.StartArray();
  for (const Limit& limit : line.limits()) {
    json.StartObject();
    write(json, "what", limit.what);
    write(json, "relation", limit.relation);
    write(json, "limit", std::optional(limit.limit));
    write(json, "is", std::optional(limit.is));
    json.Key("met");
    json.Bool(limit.met());
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
}

}  // namespace

void Reporter::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    if (run.run_type != Run::RT_Iteration) continue;
    const std::string& name = run.run_name.function_name;
    if (run.error_occurred)
      failures_.push_back(fmt::format("{}: {}", name, run.error_message));
    else
      ns_[name].push_back(run.GetAdjustedRealTime());
  }
  if (!runs.empty() && runs.front().run_type == Run::RT_Iteration)
    fmt::print(stderr, "{}\n", runs.front().run_name.function_name);
}

std::optional<Result> Reporter::result(std::string_view key, std::string_view subject) const {
  const auto found = ns_.find(fmt::format("{}/{}", key, subject));
  if (found == ns_.end()) return std::nullopt;
  std::vector<double> ns = found->second;
  std::ranges::sort(ns);
  const std::size_t half = ns.size() / 2;
  const double median = ns.size() % 2 == 1 ? ns[half] : (ns[half - 1] + ns[half]) / 2;
  return Result{.median = median, .least = ns.front(), .most = ns.back(), .rounds = ns.size()};
}

std::string table_text(const Reporter& results, const Machine& machine) {
  const std::vector<Line> lines = lines_of(results);
  std::size_t rounds = 0;
  for (const Line& line : lines) rounds = std::max(rounds, line.ours.rounds);
  std::string text = fmt::format(
      "{}, {}, CPU {} alone; medians of {} rounds; spread: least to most in % of the median (ours, "
      "Linux, bare)\n\n",
      machine.cpu, machine.kernel, machine.pinned, rounds);
  constexpr std::string_view kFormat = "{:<40} {:<9} {:>8} {:>8} {:>8} {:>12} {:>10} {:>9}  {}\n";
  text += fmt::format(kFormat, "OPERATION", "UNIT", "OURS ns", "LINUX ns", "BARE ns", "SPREAD %", "LINUX/OURS",
                      "OURS/BARE", "LIMITS");
  for (const Line& line : lines) {
    const std::string spreads =
        fmt::format("{} {} {}", spread(line.ours), spread(line.linux_kernel), spread(line.bare));
    text +=
        fmt::format(kFormat, line.row->text, line.row->unit, median(line.ours), median(line.linux_kernel),
                    median(line.bare), spreads, number(line.linux_ratio()), number(line.bare_ratio()), describe(line));
  }
  return text;
}

std::string table_json(const Reporter& results, const Machine& machine) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  json.SetIndent(' ', 2);
  json.StartObject();
  write(json, "cpu", machine.cpu);
  write(json, "kernel", machine.kernel);
  json.Key("pinned_to");
  json.Uint64(machine.pinned);
  json.Key("rows");
  json.StartArray();
  for (const Line& line : lines_of(results)) write(json, line);
  json.EndArray();
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

std::vector<std::string> far_off(const Reporter& results) {
  std::vector<Line> lines = lines_of(results);
  std::erase_if(lines, [](const Line& line) { return !line.row->linux_least || !line.linux_kernel; });
  std::ranges::sort(lines, std::greater{}, [](const Line& line) { return *line.row->linux_least; });
  lines.resize(std::min<std::size_t>(lines.size(), 2));
  std::vector<std::string> found;
  for (const Line& line : lines) {
    if (*line.linux_ratio() < *line.row->linux_least / 2)
      found.push_back(fmt::format("{}: Linux / ours is {}, not half of {:g}", line.row->text,
                                  number(line.linux_ratio()), *line.row->linux_least));
  }
  return found;
}

}  // namespace bachsim::bench
