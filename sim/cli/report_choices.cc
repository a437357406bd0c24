#include "sim/cli/report_choices.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <ranges>

#include "sim/report/views.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

std::optional<View> view_of(std::string_view word) {
  const auto words = view_words();
  const auto at = std::ranges::find(words, word);
  return at == words.end() ? std::nullopt : std::optional(static_cast<View>(at - words.begin()));
}

// A mistake in a word of --report, for the user; empty if there is none.
std::string trouble_of(bool json, const std::string& word) {
  if (word == "walk") return "--report: a walk is of one address: `show walk NAME @ADDRESS` in a script shows it";
  if (word == "none" || (json ? !member_of(word).empty() : view_of(word).has_value())) return {};
  std::vector<std::string_view> known(view_words().begin(), view_words().end());
  std::erase(known, "walk");
  known.emplace_back("none");
  return fmt::format("--report: there is no view `{}` (there are {}){}", word, fmt::join(known, ", "),
                     did_you_mean(word, known));
}

}  // namespace

std::expected<std::vector<std::string>, std::string> report_words(const std::vector<std::string>& given, bool json,
                                                                  std::string_view fallback) {
  const std::string all = given.empty() ? std::string(fallback) : fmt::format("{}", fmt::join(given, ","));
  std::vector<std::string> words;
  for (const auto word : all | std::views::split(',')) {
    words.emplace_back(word.begin(), word.end());
    if (std::string trouble = trouble_of(json, words.back()); !trouble.empty())
      return std::unexpected(std::move(trouble));
  }
  if (words.size() > 1 && std::ranges::find(words, "none") != words.end())
    return std::unexpected("--report: `none` stands alone");
  return words;
}

bool wants_samples(std::span<const std::string> words) {
  return std::ranges::any_of(words, [](const std::string& word) { return word == "sar" || word == "all"; });
}

void write_views(OutputFile& output, const Run& run, std::span<const std::string> words) {
  for (const std::string& word : words) {
    if (word == "none") continue;
    output.separate();
    write_view(output, *view_of(word), run.state(), run.samples());
  }
}

void write_json(Sink& output, const Run& run, const JsonReport& json, const RunRecord& record,
                std::span<const std::string> words) {
  std::set<std::string_view> sections;
  for (const std::string& word : words) sections.insert(member_of(word));
  if (run.halfway()) {  // what it has told, and nothing of its machine
    const bool several = sections.contains("summary") || sections.contains("all");
    std::erase_if(sections, [](std::string_view name) { return name != "expectations" && name != "output"; });
    if (several) sections.insert({"expectations", "output"});
  }
  json.write(output, {.state = run.state(), .samples = run.samples()}, record, sections);
}

int refuse_in_json(OutputFile& output, const Session& session) {
  if (session.refusals().empty()) return kUserError;  // it is --set that is wrong, too long for a place
  JsonReport(session.sources())
      .write_refused(output, {.script = script_name(session), .title = session.script().title}, session.refusals());
  return kUserError;
}

int refuse_in_json(const std::string& path, const Session& session) {
  if (session.refusals().empty()) return kUserError;
  if (!path.empty() && session.reads(path)) return complain(fmt::format("{}: the script is read from it", path));
  const auto output = OutputFile::create(path);
  if (!output) return complain(output.error());
  return finished(refuse_in_json(**output, session), (*output)->finish());
}

std::string script_name(const Session& session) {
  const std::string_view name = session.sources().name(0);
  return name == "<stdin>" ? "-" : std::filesystem::path(name).filename().string();
}

}  // namespace bachsim
