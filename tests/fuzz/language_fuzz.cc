// Texts as scripts: parsed, checked, and what is wrong with them told.
#include <algorithm>
#include <string>
#include <string_view>

#include "sim/machine/check.h"
#include "workloads/language/params.h"
#include "workloads/language/parser.h"
#include "workloads/language/settings.h"

namespace bachsim {
namespace {

// One file to include, under any name that has no `/`; it includes nothing itself.
class OneInclude : public Includes {
 public:
  std::expected<File, std::string> open(std::string_view wanted, const std::string& from) override {
    if (wanted.find('/') != std::string_view::npos || from != "a.bach") return std::unexpected("there is no such file");
    return File{.name = std::string(wanted), .identity = std::string(wanted), .text = "tick\nvar included = data+8\n"};
  }
};

void check_told(const Sources& sources, const Diagnostic& error) {
  const std::string told = render(sources, error);
  KASSERT(!error.what.empty());
  const auto controls = [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t'; };
  KASSERT(std::ranges::none_of(told, controls));
}

}  // namespace
}  // namespace bachsim

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bachsim;
  const std::string text(reinterpret_cast<const char*>(data), size);
  Sources sources;
  OneInclude includes;
  const ParseResult parsed = parse(sources, sources.add("a.bach", text), "a.bach", includes);
  for (const Diagnostic& error : parsed.errors) check_told(sources, error);
  for (const Diagnostic& warning : parsed.warnings) check_told(sources, warning);
  const std::size_t setting = sources.add("--set", text.substr(0, text.find('\n')));
  if (const auto set = parse_setting(sources, setting); !set) check_told(sources, set.error());
  if (!parsed.errors.empty()) return 0;
  const auto params = choose(parsed.script, {.seed = 7});
  if (params && configure(parsed.script, {}).has_value()) return 0;
  if (!params)
    for (const Diagnostic& error : params.error()) check_told(sources, error);
  return 0;
}
