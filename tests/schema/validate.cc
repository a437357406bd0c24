// validate SCHEMA [--spoil]: RapidJSON's validator on each line of standard input that begins as one of our objects
// does. Tells which are not as the schema says; fails if there is one, or if there was no object at all. With --spoil
// it also spoils each sound object that is not long, everywhere and in each way that it can, and wants the schema to
// see it.
#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

using rapidjson::Document;
using rapidjson::SchemaDocument;
using rapidjson::SchemaValidator;
using rapidjson::Value;

constexpr std::size_t kLongToSpoil = 8000;

std::string text_of(const rapidjson::Pointer& pointer) {
  rapidjson::StringBuffer buffer;
  pointer.StringifyUriFragment(buffer);
  return buffer.GetString();
}

// Where the object is not as the schema says; empty if it is.
std::string trouble(const SchemaDocument& schema, const Value& json) {
  SchemaValidator validator(schema);
  if (json.Accept(validator)) return {};
  return fmt::format("{}: {} of {}", text_of(validator.GetInvalidDocumentPointer()),
                     validator.GetInvalidSchemaKeyword(), text_of(validator.GetInvalidSchemaPointer()));
}

class Spoiler {
 public:
  Spoiler(const SchemaDocument& schema, Document& json) : schema_(schema), json_(json) {}

  // The number of ways in which it was spoilt and the schema did not see it.
  int spoil() {
    visit(json_, "", true);
    return unseen_;
  }
  [[nodiscard]] int ways() const { return ways_; }

 private:
  // Keys that need not be there: sections, and a few others.
  [[nodiscard]] static bool optional(const std::string& key, bool sections) {
    static const std::set<std::string> kAlways{"format", "title",      "script",     "scripts",
                                               "status", "comparison", "conclusions"};
    static const std::set<std::string> kIfAny{
        "io", "file", "borrowed", "awaited_region", "awaited_frame", "locked_by", "read_by", "sleepers", "run"};
    return sections ? !kAlways.contains(key) : kIfAny.contains(key);
  }
  // Objects that have what there is: counters and rows that moved, and what belongs to an event.
  [[nodiscard]] static bool partly(const std::string& path) {
    static constexpr std::array kEnds{"/was", "/is", "/tables", "/params"};
    const bool in_trace = path.find("trace") != std::string::npos;
    return (in_trace && path.ends_with("counters")) || path.find("/events/") != std::string::npos ||
           path.substr(0, path.rfind('/')).ends_with("/tables") ||
           std::ranges::any_of(kEnds, [&](const char* end) { return path.ends_with(end); });
  }

  void check(const std::string& path, const char* how) {
    ++ways_;
    if (!trouble(schema_, json_).empty()) return;
    ++unseen_;
    fmt::print("not seen: {} {}\n", path, how);
  }

  // A value of a kind that nothing of its place may have, for a moment.
  void replace(Value& value, const std::string& path) {
    Value other(value.IsArray() ? rapidjson::kObjectType : rapidjson::kArrayType);
    value.Swap(other);
    check(path, "of another type");
    value.Swap(other);
  }

  void visit(Value& value, const std::string& path, bool sections) {
    if (value.IsObject()) {
      auto& allocator = json_.GetAllocator();
      value.AddMember("Unknown key", 0, allocator);
      if (!path.ends_with("/params")) check(path, "with an unknown key");  // their names are the script's
      value.RemoveMember("Unknown key");
      std::vector<std::string> keys;
      for (const auto& member : value.GetObject()) keys.emplace_back(member.name.GetString());
      for (const std::string& key : keys) {
        const std::string place = path + "/" + key;
        replace(value[key.c_str()], place);
        visit(value[key.c_str()], place, key == "data" || key == "run");
        if (partly(path) || optional(key, sections)) continue;
        Value held;
        held.Swap(value[key.c_str()]);
        value.EraseMember(key.c_str());
        check(place, "missing");
        value.AddMember(Value(key.c_str(), allocator), held, allocator);
      }
    } else if (value.IsArray()) {
      for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
        const std::string item = fmt::format("{}/{}", path, i);
        replace(value[i], item);
        visit(value[i], item, false);
      }
    }
  }

  const SchemaDocument& schema_;
  Document& json_;
  int ways_ = 0;
  int unseen_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  std::ifstream file(argv[1]);
  std::stringstream text;
  text << file.rdbuf();
  Document document;
  if (document.Parse(text.str().c_str()).HasParseError()) {
    fmt::print("{} is no JSON\n", argv[1]);
    return 2;
  }
  const SchemaDocument schema(document);
  int objects = 0;
  int bad = 0;
  int ways = 0;
  for (std::string line; std::getline(std::cin, line);) {
    if (!line.starts_with("{\"format\":") && !line.starts_with("{\"step\":")) continue;
    ++objects;
    Document json;
    if (json.Parse(line.c_str()).HasParseError()) {
      fmt::print("no JSON: {:.200}\n", line);
      ++bad;
      continue;
    }
    if (const std::string what = trouble(schema, json); !what.empty()) {
      fmt::print("{}: {:.120}\n", what, line);
      ++bad;
    } else if (argc > 2 && line.size() < kLongToSpoil) {
      Spoiler spoiler(schema, json);
      bad += spoiler.spoil();
      ways += spoiler.ways();
    }
  }
  fmt::print("{} objects, spoilt in {} ways; {} bad\n", objects, ways, bad);
  return bad == 0 && objects > 0 && (argc <= 2 || ways > 0) ? 0 : 1;
}
