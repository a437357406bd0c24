#include "workloads/language/names.h"

#include <fmt/format.h>

namespace bachsim {

std::uint64_t Names::find(std::uint32_t name) {
  std::uint64_t& tag = names_[name].plain;
  if (tag == kNone) {
    tag = bindings_.size();
    bindings_.push_back({.name = name});
  }
  return tag;
}

std::uint64_t Names::find(std::uint32_t name, std::int64_t index) {
  const auto [entry, is_new] = names_[name].indexed.try_emplace(index, bindings_.size());
  if (is_new)
    bindings_.push_back({.name = name, .in_family = true, .index = index});
  return entry->second;
}

std::string Names::text(std::uint64_t tag) const {
  const Binding& binding = bindings_[tag];
  const std::string& name = script_.process_names[binding.name];
  return binding.in_family ? fmt::format("{}[{}]", name, binding.index) : name;
}

}  // namespace bachsim
