#include "sim/sweep/results.h"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <utility>

#include "sim/report/json_allocator.h"
#include "sim/report/table.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

using Buffer = rapidjson::GenericStringBuffer<rapidjson::UTF8<>, JsonAllocator>;
using Json = rapidjson::Writer<Buffer, rapidjson::UTF8<>, rapidjson::UTF8<>, JsonAllocator>;
using Document =
    rapidjson::GenericDocument<rapidjson::UTF8<>, rapidjson::MemoryPoolAllocator<JsonAllocator>, JsonAllocator>;
using Value = Document::ValueType;

constexpr std::string_view kCounter = "counter.";  // which most measures begin with, and tables leave out

// [Axis::Kind]
constexpr std::array kKindWords{std::string_view("key"), std::string_view("param"), std::string_view("seed")};

void put(Json& json, std::string_view text) { json.String(text.data(), static_cast<rapidjson::SizeType>(text.size())); }
void put_field(Json& json, const Field& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field))
    json.Int64(*number);
  else if (const auto* truth = std::get_if<bool>(&field))
    json.Bool(*truth);
  else if (const auto* text = std::get_if<std::string>(&field))
    put(json, *text);
  else
    json.Null();
}
// Six digits, and a large number as many more as make it exact to a tenth.
std::string short_number(double number) {
  constexpr double kSixDigits = 1e5;
  const double size = std::min(std::abs(number), 1e15);
  const int more = size < kSixDigits ? 0 : static_cast<int>(std::log10(size / kSixDigits)) + 1;
  return fmt::format("{:.{}g}", number, 6 + more);
}
void put_number(Json& json, std::optional<double> number) {
  if (!number) return static_cast<void>(json.Null());
  const std::string text = short_number(*number);
  json.RawValue(text.data(), text.size(), rapidjson::kNumberType);
}
void put(Json& json, const std::vector<std::string>& texts) {
  json.StartArray();
  for (const std::string& text : texts) put(json, text);
  json.EndArray();
}
std::string line_of(const Buffer& buffer) { return std::string(buffer.GetString(), buffer.GetSize()) + "\n"; }

// A file may come from anywhere: depth costs memory, not our stack.
bool parse_line(Document& document, std::string_view line) {
  document.Parse<rapidjson::kParseIterativeFlag>(line.data(), line.size());
  return !document.HasParseError();
}

std::string text_of(const Value& value) { return {value.GetString(), value.GetStringLength()}; }

// Whether it is a text that tables can show.
bool can_be_shown(const Value& value) { return value.IsString() && printable(text_of(value)) == text_of(value); }

bool texts_of(const Value& value, std::vector<std::string>& texts) {
  if (!value.IsArray()) return false;
  for (const auto& each : value.GetArray()) {
    if (!can_be_shown(each)) return false;
    texts.push_back(text_of(each));
  }
  return true;
}

bool axis_of(const Value& value, Axis& axis) {
  if (!value.IsArray() || value.Size() != 3 || !value[0].IsString() || !can_be_shown(value[1])) return false;
  const auto word = std::ranges::find(kKindWords, text_of(value[0]));
  if (word == kKindWords.end()) return false;
  axis.kind = static_cast<Axis::Kind>(word - kKindWords.begin());
  axis.name = text_of(value[1]);
  return texts_of(value[2], axis.values) && !axis.values.empty();
}

std::optional<double> number_of(const Field& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field)) return static_cast<double>(*number);
  if (const auto* truth = std::get_if<bool>(&field)) return *truth ? 1 : 0;
  return std::nullopt;
}

// RFC 4180.
std::string csv_cell(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) line += (line.empty() && &cell == &cells.front() ? "" : ",") + csv_cell(cell);
  return line + "\n";
}

}  // namespace

std::string head_line(const PartHead& head) {
  Buffer buffer;
  Json json(buffer);
  json.StartObject();
  json.Key("sweep");
  put(json, head.plan.script);
  json.Key("digest");
  put(json, head.plan.digest);
  json.Key("axes");
  json.StartArray();
  for (const Axis& axis : head.plan.axes) {
    json.StartArray();
    put(json, kKindWords.at(static_cast<std::size_t>(axis.kind)));
    put(json, axis.name);
    put(json, axis.values);
    json.EndArray();
  }
  json.EndArray();
  json.Key("measures");
  put(json, head.plan.measures);
  json.Key("first");
  json.Uint64(head.first);
  json.Key("end");
  json.Uint64(head.end);
  json.EndObject();
  return line_of(buffer);
}

std::string outcome_line(std::uint64_t run, const Outcome& outcome) {
  Buffer buffer;
  Json json(buffer);
  json.StartArray();
  json.Uint64(run);
  put(json, outcome.status);
  for (const Field& value : outcome.values) put_field(json, value);
  json.EndArray();
  return line_of(buffer);
}

std::expected<PartHead, std::string> parse_head(std::string_view line) {
  Document head;
  const bool parsed = parse_line(head, line);
  const auto wrong = [](std::string_view what) {
    return std::unexpected(fmt::format("its first line is not that of a part of a sweep: {}", what));
  };
  if (!parsed || !head.IsObject()) return wrong("it is no object");
  for (const char* name : {"sweep", "digest"})
    if (!head.HasMember(name) || !can_be_shown(head[name])) return wrong(fmt::format("no `{}`", name));
  for (const char* name : {"first", "end"})
    if (!head.HasMember(name) || !head[name].IsUint64()) return wrong(fmt::format("no `{}`", name));
  PartHead part{.plan = {.script = text_of(head["sweep"]), .digest = text_of(head["digest"])},
                .first = head["first"].GetUint64(),
                .end = head["end"].GetUint64()};
  if (!head.HasMember("axes") || !head["axes"].IsArray()) return wrong("no `axes`");
  for (const auto& each : head["axes"].GetArray())
    if (!axis_of(each, part.plan.axes.emplace_back())) return wrong("an axis is none");
  if (!head.HasMember("measures") || !texts_of(head["measures"], part.plan.measures)) return wrong("no `measures`");
  if (part.plan.runs() > Plan::kMostRuns || part.first > part.end || part.end > part.plan.runs())
    return wrong("it has more runs than its plan");
  return part;
}

std::expected<std::pair<std::uint64_t, Outcome>, std::string> parse_outcome(std::string_view line, const Plan& plan) {
  Document row;
  if (!parse_line(row, line) || !row.IsArray() || row.Size() != plan.measures.size() + 2 || !row[0].IsUint64() ||
      !can_be_shown(row[1]))
    return std::unexpected("a line is no run of this sweep");
  Outcome outcome{.status = text_of(row[1]), .values = {}};
  for (rapidjson::SizeType i = 2; i < row.Size(); ++i) {
    if (row[i].IsInt64())
      outcome.values.emplace_back(row[i].GetInt64());
    else if (row[i].IsBool())
      outcome.values.emplace_back(row[i].GetBool());
    else if (can_be_shown(row[i]))
      outcome.values.emplace_back(text_of(row[i]));
    else if (row[i].IsNull())
      outcome.values.emplace_back(kNothing);
    else
      return std::unexpected("a line has a value that is none");
  }
  return std::pair(row[0].GetUint64(), std::move(outcome));
}

void Series::add(const Field& value) {
  if (value == Field(kNothing)) return;
  if (!common_) common_ = value;
  same_ = same_ && common_ == value;
  const std::optional<double> number = number_of(value);
  numbers_ = numbers_ && number;
  ++count_;
  if (!number) return;
  const double distance = *number - mean_;
  mean_ += distance / static_cast<double>(count_);
  squares_ += distance * (*number - mean_);
}

std::optional<Field> Series::common() const { return same_ ? common_ : std::nullopt; }

std::optional<Statistics> Series::statistics() const {
  if (!numbers_ || count_ == 0) return std::nullopt;
  Statistics statistics{.count = count_, .mean = mean_};
  if (count_ < 2) return statistics;
  const auto freedom = static_cast<double>(count_ - 1);
  const double deviation = std::sqrt(squares_ / freedom);
  const double t = boost::math::quantile(boost::math::students_t(freedom), 0.975);
  statistics.deviation = deviation;
  statistics.interval = t * deviation / std::sqrt(static_cast<double>(count_));
  return statistics;
}

std::string name_of_two(const Plan& plan) {
  std::vector<std::string> names = plan.measures;
  for (const Axis& axis : plan.axes)
    if (axis.kind != Axis::Kind::Seed) names.push_back(axis.name);
  if (plan.repetitions() > 1) names.insert(names.end(), {"runs", "failed"});
  names.emplace_back("status");
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  return twice == names.end() ? std::string() : *twice;
}

ResultTable::ResultTable(Sink& sink, const Plan& plan, ResultFormat format)
    : sink_(sink), plan_(plan), format_(format), repetitions_(plan.repetitions()) {
  if (format_ == ResultFormat::Csv) sink_.write(csv_line(headings()));
}

void ResultTable::add(std::uint64_t run, const Outcome& outcome) {
  if (run % repetitions_ == 0)
    row_ = {.first = run, .measures = std::vector<Series>(plan_.measures.size()), .failed = 0, .status = "ok"};
  if (outcome.status != kRunIsOk) {
    if (row_.failed++ == 0) row_.status = outcome.status;
    ++failed_;
  }
  for (std::size_t i = 0; i < outcome.values.size(); ++i) row_.measures[i].add(outcome.values[i]);
  if (run % repetitions_ == repetitions_ - 1) write_row(row_);
}

void ResultTable::write_row(const ResultRow& row) {
  if (watcher_) watcher_(row);
  switch (format_) {
    case ResultFormat::Table:
      kept_.push_back(cells(row));
      break;
    case ResultFormat::Csv:
      sink_.write(csv_line(cells(row)));
      break;
    case ResultFormat::Json:
      write_json(row);
      break;
  }
}

std::vector<std::string> ResultTable::headings() const {
  std::vector<std::string> names;
  for (const Axis& axis : plan_.axes)
    if (axis.kind != Axis::Kind::Seed) names.push_back(axis.name);
  if (repetitions_ > 1) names.emplace_back("runs");
  for (const std::string& measure : plan_.measures) {
    const bool is_counter = measure.starts_with(kCounter) && format_ == ResultFormat::Table;
    names.push_back(is_counter ? measure.substr(kCounter.size()) : measure);
    if (repetitions_ > 1 && format_ == ResultFormat::Csv) {
      names.back() += " mean";
      names.push_back(measure + " deviation");
      names.push_back(measure + " interval");
    }
  }
  names.emplace_back("status");
  return names;
}

std::vector<std::string> ResultTable::cells(const ResultRow& row) const {
  std::vector<std::string> cells;
  const std::vector<std::size_t> chosen = plan_.indices_of(row.first);
  for (std::size_t i = 0; i < chosen.size(); ++i)
    if (plan_.axes[i].kind != Axis::Kind::Seed) cells.push_back(plan_.axes[i].values[chosen[i]]);
  if (repetitions_ > 1) cells.push_back(fmt::format("{}", repetitions_));
  for (const Series& series : row.measures) {
    const std::optional<Statistics> numbers = series.statistics();
    const std::string common = series.common() ? text(*series.common()) : "";
    const auto number = [](std::optional<double> known) { return known ? short_number(*known) : std::string(); };
    if (repetitions_ == 1) {
      cells.push_back(common);
    } else if (format_ == ResultFormat::Csv) {
      cells.push_back(numbers ? short_number(numbers->mean) : common);
      cells.push_back(numbers ? number(numbers->deviation) : "");
      cells.push_back(numbers ? number(numbers->interval) : "");
    } else {
      cells.push_back(!numbers ? common
                      : numbers->deviation.value_or(0) > 0
                          ? fmt::format("{:.4g} +- {:.2g}", numbers->mean, *numbers->interval)
                          : short_number(numbers->mean));
    }
  }
  cells.push_back(row.failed > 0 && repetitions_ > 1 ? fmt::format("{} of {}: {}", row.failed, repetitions_, row.status)
                                                     : row.status);
  return cells;
}

void ResultTable::write_json(const ResultRow& row) {
  Buffer buffer;
  Json json(buffer);
  json.StartObject();
  const std::vector<std::size_t> chosen = plan_.indices_of(row.first);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (plan_.axes[i].kind == Axis::Kind::Seed) continue;
    json.Key(plan_.axes[i].name.c_str());
    put(json, plan_.axes[i].values[chosen[i]]);
  }
  if (repetitions_ > 1) {
    json.Key("runs");
    json.Uint64(repetitions_);
    json.Key("failed");
    json.Uint64(row.failed);
  }
  for (std::size_t i = 0; i < row.measures.size(); ++i) {
    const Series& series = row.measures[i];
    const std::optional<Statistics> numbers = series.statistics();
    json.Key(plan_.measures[i].c_str());
    if (repetitions_ == 1 || !numbers) {
      put_field(json, series.common().value_or(Field(kNothing)));
      continue;
    }
    json.StartObject();
    json.Key("mean");
    put_number(json, numbers->mean);
    json.Key("deviation");
    put_number(json, numbers->deviation);
    json.Key("interval");
    put_number(json, numbers->interval);
    json.EndObject();
  }
  json.Key("status");
  put(json, row.status);
  json.EndObject();
  sink_.write(line_of(buffer));
}

void ResultTable::finish() {
  if (format_ != ResultFormat::Table) return;
  std::vector<TableColumn> columns;
  const std::vector<std::string> names = headings();
  for (std::size_t i = 0; i < names.size(); ++i)
    columns.push_back({names[i], i + 1 == names.size() ? Align::Left : Align::Right});
  write_table(
      sink_, columns, [this](const auto& line) { std::ranges::for_each(kept_, line); }, IfEmpty::Headings);
}

}  // namespace bachsim
