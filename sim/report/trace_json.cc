#include "sim/report/trace_json.h"

#include <algorithm>
#include <concepts>
#include <tuple>
#include <utility>

#include "sim/report/event_text.h"

namespace bachsim {
namespace {

// Puts rows and their keys. A key is an array of numbers and words.
class Rows {
 public:
  explicit Rows(JsonWriter& json) : json_(json) {}

  template <class Columns, class Row>
  void put(const Columns& columns, const std::vector<Change<Row>>& changes) {
    list(
        "added", changes, [](const auto& change) { return !change.before; },
        [&](const auto& change) { whole(columns, *change.after); });
    list(
        "changed", changes,
        [&](const auto& change) { return change.before && change.after && differs(columns, change); },
        [&](const auto& change) {
          json_.object([&] {
            key(*change.after);
            part("was", columns, change, *change.before);
            part("is", columns, change, *change.after);
          });
        });
    list(
        "removed", changes, [](const auto& change) { return !change.after; },
        [&](const auto& change) { json_.object([&] { key(*change.before); }); });
  }

  // Whether any of the changes is one that is put.
  template <class Columns, class Row>
  [[nodiscard]] static bool any(const Columns& columns, const std::vector<Change<Row>>& changes) {
    return std::ranges::any_of(
        changes, [&](const auto& change) { return !change.before || !change.after || differs(columns, change); });
  }

 private:
  template <class Columns, class Row>
  static bool differs(const Columns& columns, const Change<Row>& change) {
    return std::ranges::any_of(columns, [&](const auto& column) {
      return column.is(kInJson) && column.get(*change.before) != column.get(*change.after);
    });
  }

  // A member that is a list of those changes that are `wanted`, if there are any.
  template <class Changes, class Wanted, class Put>
  void list(std::string_view name, const Changes& changes, Wanted&& wanted, Put&& put_one) {
    if (std::ranges::none_of(changes, wanted)) return;
    json_.key(name);
    json_.array([&] {
      for (const auto& change : changes) {
        if (wanted(change)) put_one(change);
      }
    });
  }

  template <class Columns, class Row>
  void whole(const Columns& columns, const Row& row) {
    json_.object([&] {
      key(row);
      json_.members(columns, row);
    });
  }

  template <class Columns, class Row>
  void part(std::string_view name, const Columns& columns, const Change<Row>& change, const Row& row) {
    json_.key(name);
    json_.object([&] {
      for (const auto& column : columns) {
        if (column.is(kInJson) && column.get(*change.before) != column.get(*change.after))
          json_.member(column.name, column.get(row));
      }
    });
  }

  template <class Row>
  void key(const Row& row) {
    json_.key("key");
    json_.array([&] { each(row.key()); });
  }
  template <class... Parts>
  void each(const std::tuple<Parts...>& parts) {
    std::apply([&](const auto&... part_of) { (each(part_of), ...); }, parts);
  }
  void each(std::string_view word) { json_.put(word); }
  void each(std::integral auto number) { json_.put(static_cast<std::uint64_t>(number)); }

  JsonWriter& json_;
};

void put_event(JsonWriter& json, const Event& event, const State& state) {
  json.object([&] {
    json.member("event", name(event.kind));
    if (event.process != Event::kNobody) json.member("process", state.name_of_tag(event.process));
    for_each_member(event, state, [&](std::string_view name, const Field& value) { json.member(name, value); });
  });
}

}  // namespace

// What has moved since the last line. It is found before a line begins: a line stands whole, or not at all.
struct TraceJson::Moved {
  Moved(const Moment& before, const State& state) : now(state), changes(before, now) {}

  Moment now;
  Changes changes;
};

void TraceJson::start(const Run& run, std::string_view script) {
  Moved moved(moment_, run.state());
  json_.object([&] {
    json_.member("format", std::int64_t{1});
    json_.member("script", script);
    json_.member("step", std::uint64_t{0});
    json_.key("machine");
    put_machine(json_, run.state());
    put_changes(std::move(moved));
  });
  json_.end_line();
}

void TraceJson::done(const Statement& statement, std::string_view process, const Events& events, const Run& run) {
  Moved moved(moment_, run.state());
  json_.object([&] {
    json_.member("step", run.standing().steps);
    json_.where(statement.place);
    if (!process.empty()) json_.member("process", process);
    json_.member("statement", sources_.shown(statement.place, statement.end));
    if (held_) json_.member("held", *held_);
    json_.key("events");
    json_.array([&] {
      for (const Event& event : events) put_event(json_, event, run.state());
    });
    put_output();
    put_changes(std::move(moved));
  });
  json_.end_line();
  held_.reset();
}

void TraceJson::finish(const Run& run, std::string_view status) {
  if (json_.torn()) throw HostLimit("no trace is written");
  std::optional<Moved> moved;
  try {
    if (!run.halfway()) moved.emplace(moment_, run.state());
  } catch (const HostLimit&) {  // it has stopped the run, which says so
  }
  json_.object([&] {
    json_.member("step", run.standing().steps);
    json_.member("status", status);
    put_output();
    if (moved) return put_changes(std::move(*moved));
    json_.key("tables");
    json_.object([] {});
  });
  json_.end_line();
  json_.hand_on();
}

void TraceJson::put_output() {
  if (!output_.empty()) json_.member("output", output_);
  output_.clear();
}

void TraceJson::put_changes(Moved moved) {
  json_.key("tables");
  json_.object([&] {
    Rows rows(json_);
    for_each_table(moved.changes, [&](std::string_view name, const auto& columns, const auto& table) {
      const bool in_json = std::ranges::any_of(columns, [](const auto& column) { return column.is(kInJson); });
      if (!in_json || !Rows::any(columns, table)) return;
      json_.key(name);
      json_.object([&] { rows.put(columns, table); });
    });
  });
  moment_ = std::move(moved.now);
}

}  // namespace bachsim
