#include <algorithm>
#include <string>

#include "sim/machine/check.h"
#include "tests/fuzz/fuzz.h"
#include "workloads/language/params.h"
#include "workloads/language/parser.h"
#include "workloads/language/settings.h"

namespace bachsim::fuzz {
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

void read_script(std::string_view text) {
  Sources sources;
  OneInclude includes;
  const ParseResult parsed = parse(sources, sources.add("a.bach", std::string(text)), "a.bach", includes);
  for (const Diagnostic& error : parsed.errors) check_told(sources, error);
  for (const Diagnostic& warning : parsed.warnings) check_told(sources, warning);
  std::vector<Setting> settings;
  const std::size_t word = sources.add("--set", std::string(text.substr(0, text.find('\n'))));
  if (const auto setting = parse_setting(sources, word); setting)
    settings.push_back(*setting);
  else
    check_told(sources, setting.error());
  if (!parsed.errors.empty()) return;
  const auto params = choose(parsed.script, {.seed = 7});
  if (!params) {
    for (const Diagnostic& error : params.error()) check_told(sources, error);
    return;
  }
  if (const auto config = configure(parsed.script, settings, {}, *params); !config)
    for (const Diagnostic& error : config.error()) check_told(sources, error);
}

}  // namespace bachsim::fuzz
