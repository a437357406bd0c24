#include "sim/page/free_list.h"

#include <algorithm>

#include "sim/page/json_text.h"

namespace bachsim {
namespace {

// Most changes are at the head and at the end; a list in which more runs than these went or came at one place is
// written as so much gone and so much new.
constexpr std::size_t kLookAhead = 8;

void put_runs(JsonText& json, const std::vector<FreeRow>& rows, std::size_t from, std::size_t to) {
  json.StartArray();
  for (std::size_t i = from; i < to; ++i) {
    json.Uint64(rows[i].first);
    json.Uint64(rows[i].last);
  }
  json.EndArray();
}

}  // namespace

std::string free_list_json(const std::vector<FreeRow>& was, const std::vector<FreeRow>& is) {
  const auto same = [&](std::size_t i, std::size_t j) {
    return i < was.size() && j < is.size() && was[i].first == is[j].first && was[i].last == is[j].last;
  };
  JsonText json;
  json.StartArray();
  const std::size_t nothing = json.size();
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < was.size() || j < is.size()) {
    if (same(i, j)) {
      ++i;
      ++j;
      continue;
    }
    const std::size_t went = i;
    const std::size_t came = j;
    while ((i < was.size() || j < is.size()) && !same(i, j)) {
      std::size_t ahead = 1;
      while (ahead <= kLookAhead && !same(i + ahead, j) && !same(i, j + ahead)) ++ahead;
      if (ahead > kLookAhead) {
        i = std::min(i + 1, was.size());
        j = std::min(j + 1, is.size());
      } else {
        (same(i + ahead, j) ? i : j) += ahead;
      }
    }
    json.Uint64(went);
    put_runs(json, was, went, i);
    put_runs(json, is, came, j);
  }
  const bool any = json.size() > nothing;
  json.EndArray();
  return any ? json.take() : std::string();
}

}  // namespace bachsim
