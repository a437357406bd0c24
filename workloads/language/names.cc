#include "workloads/language/names.h"

namespace bachsim {

std::uint64_t Names::find(const ProcessName& name) const {
  const Family& family = families_[name.name];
  if (!name.in_family)
    return family.plain;
  const auto entry = family.indexed.find(name.index);
  return entry == family.indexed.end() ? kNobody : entry->second;
}

std::uint64_t Names::make(const ProcessName& name) {
  Family& family = families_[name.name];
  std::uint64_t& tag = name.in_family ? family.indexed.try_emplace(name.index, kNobody).first->second : family.plain;
  if (tag == kNobody) {
    tag = processes_.size();
    processes_.push_back({.name = name});
  }
  return tag;
}

}  // namespace bachsim
