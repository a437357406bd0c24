// bachsim textbook --site DIR: the textbook as a folder of pages.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>

#include "sim/cli/command.h"
#include "sim/cli/numbers.h"
#include "sim/cli/page.h"
#include "sim/page/site.h"

namespace bachsim {
namespace {

namespace fs = std::filesystem;

// Names the files of a site, a line each; tells a site of ours from any other folder.
constexpr std::string_view kList = "bachsim-site.txt";

struct SiteFile {
  std::string name;
  std::string text;
};

// Why a site cannot stand there, for the user; empty if it can.
std::string trouble_with(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found) return {};
  if (!fs::is_directory(status)) return fmt::format("{}: is there, and no folder", folder.string());
  const bool empty = fs::is_empty(folder, error);
  if (error) return fmt::format("{}: {}", folder.string(), error.message());
  if (empty || fs::is_regular_file(folder / kList, error)) return {};
  return fmt::format("{}: has files that are no site of ours; name a new folder, or an empty one", folder.string());
}

// Puts a file in its place, whole or not at all. Empty if all went well, else why not.
std::string put(const fs::path& path, std::string_view text) {
  std::error_code none;
  if (fs::is_symlink(path, none))
    return fmt::format("{}: it is a link, and a site is written into its folder alone", path.string());
  const auto file = OutputFile::create(path.string());
  if (!file) return file.error();
  (*file)->write(text);
  return (*file)->finish();
}

// The files that an earlier site lists, and ours does not have. A list names files of its own folder only.
std::set<std::string> left_over(const fs::path& folder, const std::vector<SiteFile>& files) {
  std::set<std::string> names;
  std::ifstream list(folder / kList);
  for (std::string name; std::getline(list, name);) {
    const bool ours = std::ranges::any_of(files, [&name](const SiteFile& file) { return file.name == name; });
    if (!ours && name.ends_with(".html") && name.find('/') == std::string::npos) names.insert(name);
  }
  return names;
}

std::string put_all(const fs::path& folder, const std::vector<SiteFile>& files) {
  std::error_code error;
  fs::create_directory(folder, error);
  if (error) return fmt::format("{}: {}", folder.string(), error.message());
  const std::set<std::string> old = left_over(folder, files);
  std::string list;
  for (const std::string& name : old) list += name + "\n";
  for (const SiteFile& file : files) list += file.name + "\n";
  if (std::string trouble = put(folder / kList, list); !trouble.empty()) return trouble;
  for (const SiteFile& file : files) {
    if (std::string trouble = put(folder / file.name, file.text); !trouble.empty()) return trouble;
  }
  for (const std::string& name : old) {
    list.erase(0, name.size() + 1);
    if (!fs::remove(folder / name, error) && error) return fmt::format("{}: {}", name, error.message());
  }
  return put(folder / kList, list);
}

// Where a document names a script, the name leads to its page.
std::string with_links_to(std::span<const TextbookScript* const> scripts, std::string html) {
  for (const TextbookScript* script : scripts) {
    const std::string name = fmt::format("<code>{}</code>", script->name);
    const std::string link = fmt::format("<a href=\"{}.html\">{}</a>", script->name, name);
    for (std::size_t at = html.find(name); at != std::string::npos; at = html.find(name, at + link.size()))
      html.replace(at, name.size(), link);
  }
  return html;
}

}  // namespace

int write_site(const std::string& folder, std::span<const TextbookScript* const> scripts) {
  if (const std::string trouble = trouble_with(folder); !trouble.empty()) return complain(trouble);
  std::vector<SiteScript> entries;
  for (const TextbookScript* script : scripts) {
    Session session(fmt::format("{}.bach", script->name), std::string(script->text), false);
    if (!session.configure({})) return kUserError;
    const Numbers numbers(session, *script);
    entries.push_back({.name = script->name,
                       .shows = script->shows,
                       .sections = script->sections,
                       .numbers = fmt::format("{}, {} given", numbers.text(), numbers.given())});
  }
  std::vector<SiteFile> files{{"index.html", site_index(entries)}};
  for (const std::string_view name : site_documents())
    files.push_back({fmt::format("{}.html", name), with_links_to(scripts, site_document(name))});
  int worst = kOk;
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    const std::string links = site_links(entries, i);
    const std::string name = fmt::format("{}.bach", scripts[i]->name);
    Session session(name, std::string(scripts[i]->text), false);
    if (!session.configure({})) return kUserError;
    StringSink page;
    worst = std::max(worst, write_page(session, {.name = name, .links = links}, page));
    files.push_back({fmt::format("{}.html", scripts[i]->name), std::move(page.text())});
  }
  return finished(worst, put_all(folder, files));
}

}  // namespace bachsim
