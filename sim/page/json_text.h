// JSON that stands in an HTML page without ending it: `<` and all that is not ASCII is escaped.
#pragma once

#include <rapidjson/writer.h>

#include <string>
#include <string_view>
#include <utility>

#include "sim/machine/check.h"
#include "sim/report/json_allocator.h"

namespace bachsim {

class JsonTextStream {
 public:
  using Ch = char;
  void Put(char c) {
    if (c == '<')  // is in strings only
      text += "\\u003c";
    else
      text += c;
  }
  void Flush() {}

  std::string text;
};

// RapidJSON's name for it.
inline void PutUnsafe(JsonTextStream& stream, char c) { stream.Put(c); }

class JsonText : private JsonTextStream,
                 public rapidjson::Writer<JsonTextStream, rapidjson::UTF8<>, rapidjson::ASCII<>, JsonAllocator> {
 public:
  using Writer = rapidjson::Writer<JsonTextStream, rapidjson::UTF8<>, rapidjson::ASCII<>, JsonAllocator>;
  JsonText() : Writer(static_cast<JsonTextStream&>(*this)) {}
  JsonText(const JsonText&) = delete;
  JsonText& operator=(const JsonText&) = delete;

  // REQUIRES: UTF-8
  void put(std::string_view word) { KASSERT(String(word.data(), static_cast<rapidjson::SizeType>(word.size()))); }
  void key(std::string_view name) { Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  template <class T>
  void member(std::string_view name, const T& value) {
    key(name);
    if constexpr (std::is_same_v<T, bool>)
      Bool(value);
    else if constexpr (std::is_integral_v<T>)
      Int64(static_cast<std::int64_t>(value));
    else
      put(value);
  }
  // JSON that is finished, as a value.
  void raw(std::string_view json) { RawValue(json.data(), json.size(), rapidjson::kObjectType); }

  // So much text is to come, or less.
  void reserve(std::size_t bytes) { text.reserve(bytes); }
  [[nodiscard]] std::size_t size() const { return text.size(); }
  [[nodiscard]] std::string take() { return std::exchange(text, {}); }
};

}  // namespace bachsim
