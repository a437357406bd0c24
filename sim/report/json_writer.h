// RapidJSON's writer, with what our values need.
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/report/json_allocator.h"
#include "sim/report/sink.h"
#include "sim/state/rows.h"
#include "sim/state/state.h"
#include "workloads/language/source.h"

namespace bachsim {

// Puts one value, in front of a sink that gets it piece by piece. Both arguments must outlive it.
class JsonWriter {
 public:
  JsonWriter(Sink& sink, const Sources& sources) : sink_(sink), sources_(sources) {}

  // Hands the text so far to the sink; more may follow.
  void hand_on() {
    sink_.write({buffer_.GetString(), buffer_.GetSize()});
    buffer_.Clear();
  }

  // The value is whole: its line ends with `end`, and another value may come.
  void end_line(std::string_view end = "\n") {
    for (const char c : end) buffer_.Put(c);
    hand_on_if_full();
    json_.Reset(buffer_);
  }

  // What stands in an array or object has thrown: the text can become no JSON any more.
  [[nodiscard]] bool torn() const { return open_ > 0; }

  void hand_on_if_full() {
    constexpr std::size_t kFull = 1u << 16;
    if (buffer_.GetSize() > kFull) hand_on();
  }

  void key(std::string_view name) { json_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  void put(std::string_view text) { json_.String(text.data(), static_cast<rapidjson::SizeType>(text.size())); }
  void put(const char* text) { put(std::string_view(text)); }
  void put(const std::string& text) { put(std::string_view(text)); }
  void put(std::monostate) { json_.Null(); }
  void put(std::int64_t number) { json_.Int64(number); }
  void put(std::uint64_t number) { json_.Uint64(number); }
  void put(bool truth) { json_.Bool(truth); }
  void put(const Address& address) { put(bachsim::text(Address{.value = address.value})); }
  void put(const Disk& disk) { put(bachsim::text(disk)); }
  void put(const Field& field) {
    std::visit([this](const auto& value) { put(value); }, field);
  }
  template <class T>
  void put(const std::vector<T>& list) {
    array([&] {
      for (const T& each : list) put(each);
    });
  }
  void put(const std::vector<NumberRow>& numbers) {
    object([&] {
      for (const NumberRow& row : numbers) member(row.name, row.value);
    });
  }
  template <class T>
  void member(std::string_view name, const T& value) {
    key(name);
    put(value);
  }
  // `json`: members of an array.
  void member_of_json(std::string_view name, std::string_view json) {
    key(name);
    array([&] {
      if (!json.empty()) json_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
    });
  }
  // `json`: an object.
  void object_of_json(std::string_view name, std::string_view json) {
    key(name);
    json_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  }
  void where(Place place) {
    const Sources::Position at = sources_.find(place);
    member("line", std::int64_t{at.line});
    if (at.file != 0) member("file", sources_.name(at.file));
  }

  // `put_members` puts what is in it.
  template <class PutMembers>
  void array(PutMembers&& put_members) {
    ++open_;
    json_.StartArray();
    put_members();
    json_.EndArray();
    --open_;
  }
  template <class PutMembers>
  void object(PutMembers&& put_members) {
    ++open_;
    json_.StartObject();
    put_members();
    json_.EndObject();
    --open_;
    hand_on_if_full();
  }

  // The members that the columns give a row.
  template <class Row, class Columns>
  void members(const Columns& columns, const Row& row) {
    for (const Column<Row>& column : columns) {
      if (!column.is(kInJson)) continue;
      if (const Field field = column.get(row); !column.is(kIfAny) || any(column, field)) member(column.name, field);
    }
  }
  // An array of objects. `visit_all` hands the rows to its argument.
  template <class Row, class Columns, class VisitAll>
  void rows(const Columns& columns, VisitAll&& visit_all) {
    array([&] { visit_all(Visit<Row>([&](const Row& row) { object([&] { members(columns, row); }); })); });
  }

 private:
  // Of a column that may have nothing, 0 is something.
  [[nodiscard]] static bool any(const ColumnInfo& column, const Field& field) {
    if (column.is(kMayBeNull)) return field != Field(kNothing);
    return field != Field(false) && field != Field(std::int64_t{0});
  }

  Sink& sink_;
  const Sources& sources_;
  using Buffer = rapidjson::GenericStringBuffer<rapidjson::UTF8<>, JsonAllocator>;
  Buffer buffer_;
  rapidjson::Writer<Buffer, rapidjson::UTF8<>, rapidjson::UTF8<>, JsonAllocator> json_{buffer_};
  unsigned open_ = 0;  // arrays and objects
};

// The machine's settings, as an object.
void put_machine(JsonWriter& json, const State& state);

}  // namespace bachsim
