#include "sim/page/page_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "sim/page/cells.h"
#include "sim/page/free_list.h"
#include "sim/page/html.h"
#include "sim/page/json_text.h"
#include "sim/report/event_text.h"
#include "sim/report/views.h"
#include "workloads/language/characters.h"
#include "workloads/language/settings.h"

namespace bachsim {
namespace {

// A page that is larger would not open.
constexpr std::uint64_t kMaxKept = std::uint64_t{1} << 28;
// A table of `show` is cut there; the page's own tables have all rows.
constexpr std::size_t kMaxShown = 1u << 14;
// Events of one step; a loop over a thousand pages has more.
constexpr std::size_t kMaxEvents = 60;

std::string_view cut(std::string_view text) {
  if (text.size() <= kMaxShown) return text;
  return text.substr(0, text.rfind('\n', kMaxShown) + 1);
}

// Keeps a text as far as cut() looks.
class BeginningSink : public StringSink {
 public:
  void write(std::string_view piece) override {
    if (text().size() <= kMaxShown) StringSink::write(piece);
  }
};

// Tables of a moment that are no rows with a key in a page: the free list is an order.
bool has_rows(std::string_view table) { return table != "freelist" && table != "counters" && table != "gauges"; }

}  // namespace

// The last moment, and the numbers of all rows that there were.
class PageRecord::Tables {
 public:
  explicit Tables(HostBudget* budget) : kept_(budget) {}

  // What has changed since the last moment: for each table that a change is in, its index and the change; and of
  // counters and gauges pairs of index and difference.
  void move(const State& state, JsonText& json) {
    Moment now(state);
    const Changes changes(now_, now);
    HostShare share(now.budget());
    json.key("r");
    json.StartArray();
    std::int64_t table = 0;
    for_each_table(changes, [&](std::string_view name, const auto& columns, const auto& rows) {
      if (!has_rows(name)) return;
      auto cells = numbers(rows).cells(columns, rows, share, kept_);
      if (!cells.empty()) {
        json.Int64(table);
        json.raw(cells_json(std::move(cells)));
      }
      ++table;
    });
    json.EndArray();
    const std::string moves = free_list_json(now_.free_list, now.free_list);
    if (!moves.empty()) {
      json.key("q");
      json.raw(moves);
    }
    json.key("c");
    json.StartArray();
    std::int64_t index = 0;
    for (const auto member : {&Moment::counters, &Moment::gauges}) {
      for (std::size_t i = 0; i < (now.*member).size(); ++i, ++index) {
        const std::uint64_t was = i < (now_.*member).size() ? (now_.*member)[i].value : 0;
        if (was == (now.*member)[i].value) continue;
        json.Int64(index);
        json.Int64(static_cast<std::int64_t>((now.*member)[i].value - was));
      }
    }
    json.EndArray();
    now_ = std::move(now);
  }

  // The names of tables, their columns, and those of the counters and gauges.
  void put_names(JsonText& json) const {
    json.key("tables");
    json.StartArray();
    for_each_table(now_, [&]<class Row>(std::string_view name, const auto& columns, const std::vector<Row>&) {
      if (!has_rows(name)) return;
      json.StartArray();
      json.put(name);
      for_each_page_column<Row>(columns, [&](const auto& column) { json.put(column.name); });
      json.EndArray();
    });
    json.EndArray();
    for (const auto& [key, member] : {std::pair("counters", &Moment::counters), std::pair("gauges", &Moment::gauges)}) {
      json.key(key);
      json.StartArray();
      for (const NumberRow& row : now_.*member) json.put(row.name);
      json.EndArray();
    }
  }

 private:
  template <class Row>
  RowNumbers<Row>& numbers(const std::vector<Change<Row>>&) {
    return std::get<RowNumbers<Row>>(numbers_);
  }

  Moment now_;
  HostShare kept_;  // of the numbers
  std::tuple<RowNumbers<ProcessRow>, RowNumbers<PregionRow>, RowNumbers<RegionRow>, RowNumbers<PageRow>,
             RowNumbers<FrameRow>, RowNumbers<FreeRow>, RowNumbers<SwapBlockRow>, RowNumbers<ExtentRow>,
             RowNumbers<TlbRow>, RowNumbers<NumberRow>>
      numbers_;
};

PageRecord::PageRecord(const Sources& sources) : sources_(sources) {}
PageRecord::~PageRecord() = default;

void PageRecord::start(Run& run) {
  run_ = &run;
  share_ = HostShare(run.state().budget());
  tables_ = std::make_unique<Tables>(run.state().budget());
  run.watch(&events_);
  JsonText json;
  json.StartObject();
  tables_->move(run.state(), json);
  json.EndObject();
  steps_ = json.take();
  files_.insert(0);
}

// Of what is kept, the texts grow by doubling, and write() has them twice more.
void PageRecord::keep(std::uint64_t bytes) {
  kept_ += bytes;
  if (kept_ > kMaxKept)
    throw HostLimit(fmt::format("the page would be larger than {} MiB; a shorter run fits one", kMaxKept >> 20));
  share_.commit(5 * bytes);
}

std::uint64_t PageRecord::text_number(std::string_view text) {
  const auto [at, fresh] = text_numbers_.try_emplace(std::string(text), texts_.size());
  if (fresh) {
    texts_.push_back(at->first);
    keep(2 * text.size() + sizeof(std::string));
  }
  return at->second;
}

void PageRecord::line(std::string_view text) { said_.push_back(text_number(text)); }

void PageRecord::show(const Statement& statement, const Run& run) {
  const auto& show = std::get<ShowStatement>(statement.body);
  BeginningSink text;
  if (show.where == nullptr)
    write_view(text, show.view, run.state(), run.samples(), run.named(show.names));
  else
    write_walk(text, run.walk(show));
  std::string kept(cut(text.text()));
  if (kept.size() < text.text().size()) kept += "... (`run` prints all of it)\n";
  shown_.push_back(text_number(kept));
}

void PageRecord::expectation(const Expectation& expectation) {
  failed_ += expectation.held ? 0 : 1;
  expectations_.push_back(expectation);
}

// The process that a statement is about; empty if there is none.
std::string PageRecord::actor(const Statement& statement, const Run& run) const {
  const auto* operation = std::get_if<OperationStatement>(&statement.body);
  if (operation == nullptr) return {};
  try {
    const auto slots = run.named(std::span(&operation->process, 1));
    return run.state().process(slots.front()).name;
  } catch (const Diagnostic&) {  // the statement itself will say so
    return {};
  }
}

void PageRecord::begin(const Statement& statement, const Run& run) {
  begun_ = &statement;
  actor_ = actor(statement, run);
}

void PageRecord::done(const Statement& statement, const Run& run) {
  take(statement, run);
  begun_ = nullptr;
}

void PageRecord::take(const Statement& statement, const Run& run) {
  const Sources::Position at = sources_.find(statement.place);
  files_.insert(at.file);
  JsonText json;
  json.StartObject();
  json.member("n", run.standing().steps);
  json.member("l", at.line);
  if (at.file != 0) json.member("f", at.file);
  if (!actor_.empty()) json.member("p", actor_);
  const auto list = [&](std::string_view name, const std::vector<std::uint64_t>& numbers) {
    if (numbers.empty()) return;
    json.key(name);
    json.StartArray();
    for (const std::uint64_t number : numbers) json.Uint64(number);
    json.EndArray();
  };
  std::vector<std::uint64_t> events;
  for (std::size_t i = 0; i < std::min(events_.size(), kMaxEvents); ++i)
    events.push_back(text_number(event_text(events_[i], run.state())));
  if (events_.size() > kMaxEvents)
    events.push_back(
        text_number(fmt::format("... and {} more (`run --trace` tells all)", events_.size() - kMaxEvents)));
  if (std::ranges::any_of(events_, [](const Event& event) { return in_group(event.kind, EventGroup::Sleep); }))
    json.member("w", 1);
  events_.clear();
  list("e", events);
  list("s", said_);
  list("v", shown_);
  said_.clear();
  shown_.clear();
  if (!expectations_.empty()) {
    json.key("x");
    json.StartArray();
    for (const Expectation& each : expectations_) {
      json.StartArray();
      json.Int(each.held ? 1 : 0);
      json.Uint64(text_number(each.text));
      if (each.left) {
        json.put(text(*each.left));
        json.put(text(*each.right));
      }
      json.EndArray();
    }
    json.EndArray();
    expectations_.clear();
  }
  tables_->move(run.state(), json);
  json.EndObject();
  keep(json.size() + 1);
  steps_ += ",\n";
  steps_ += json.take();
}

void PageRecord::end(const std::optional<Diagnostic>& mistake) {
  if (mistake) {
    const Sources::Position at = sources_.find(mistake->place);
    const std::uint64_t number = text_number(fmt::format("The run stops here, at line {}: {}", at.line, mistake->what));
    said_.push_back(number);
  }
  if (begun_ != nullptr) take(*begun_, *run_);
}

std::string PageRecord::data(std::string_view name) const {
  JsonText json;
  json.reserve(kept_);
  json.StartObject();
  json.member("format", 1);
  json.member("title", run_->script().title);
  json.member("script", name);
  json.key("files");
  json.StartArray();
  for (const std::size_t file : files_) {
    json.StartArray();
    json.Uint64(file);
    json.put(file == 0 ? name : sources_.name(file));
    json.put(printable_lines(sources_.text(file)));  // comments are not checked
    json.EndArray();
  }
  json.EndArray();
  json.member("frames", run_->state().frames_total());
  json.member("page", run_->state().config().page);
  json.member("tlb", run_->state().tlb_slots());
  json.member("failed", failed_);
  tables_->put_names(json);
  json.key("texts");
  json.StartArray();
  for (const std::string& text : texts_) json.put(text);
  json.EndArray();
  json.key("steps");
  json.StartArray();
  json.raw(steps_);
  json.EndArray();
  json.EndObject();
  return json.take();
}

void PageRecord::write(Sink& sink, std::string_view name, std::string_view links) const {
  const std::string& title = run_->script().title;
  std::string script;
  for (const std::string_view part : {"rows.js", "drawing.js", "arrows.js", "page.js"}) script += carried(part);
  std::map<std::string, std::string, std::less<>> values{
      {"title", escaped(title.empty() ? name : std::string_view(title))},
      {"links", std::string(links)},
      {"style", std::string(carried("page.css"))},
      {"script", script}};
  values.emplace("data", data(name));
  write_html(sink, "page.html", values);
}

}  // namespace bachsim
