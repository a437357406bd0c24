// A group of counters from one list: members, names and equality come from it and cannot disagree.
//
//   #define TLB_COUNTERS(X) X(hits) X(misses) X(flushes)
//   BACHSIM_COUNTER_GROUP(TlbCounters, TLB_COUNTERS)
//
// makes a struct with those members, each std::uint64_t and 0. Its for_each(visit) calls visit(name, value) in the
// list's order.
#pragma once

#include <cstdint>
#include <string_view>

#define BACHSIM_COUNTER_MEMBER(name) std::uint64_t name = 0;
#define BACHSIM_COUNTER_VISIT(name) visit(std::string_view(#name), name);

#define BACHSIM_COUNTER_GROUP(Type, LIST)                       \
  struct Type {                                                 \
    LIST(BACHSIM_COUNTER_MEMBER)                                \
    friend bool operator==(const Type&, const Type&) = default; \
    template <class Visit>                                      \
    void for_each(Visit&& visit) const {                        \
      LIST(BACHSIM_COUNTER_VISIT)                               \
    }                                                           \
  };
