#include "workloads/language/ast.h"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "workloads/language/place_text.h"

namespace bachsim {
namespace {

constexpr std::array kAttributeWords{
#define X(enumerator, spelling) std::string_view(spelling),
    BACHSIM_ATTRIBUTES(X)
#undef X
};

constexpr std::array kViewWords{
#define X(enumerator, spelling) std::string_view(spelling),
    BACHSIM_VIEWS(X)
#undef X
};

}  // namespace

std::string_view spelling(Attribute attribute) {
  return kAttributeWords[static_cast<std::size_t>(attribute)];
}

std::string_view spelling(View view) {
  return kViewWords[static_cast<std::size_t>(view)];
}

std::span<const std::string_view> view_words() {
  return kViewWords;
}

std::string key_text(const Script& script, std::uint64_t key) {
  if ((key & kNamedKey) != 0)
    return script.shm_keys[key & ~kNamedKey];
  return fmt::format("{}", key);
}

}  // namespace bachsim
