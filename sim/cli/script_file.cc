#include "sim/cli/script_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "sim/cli/command.h"
#include "sim/cli/terminal.h"
#include "workloads/language/settings.h"

namespace bachsim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTooLong = "the script is too long";

std::expected<std::string, std::string> read_descriptor(int descriptor) {
  std::string text;
  std::array<char, 1u << 16> buffer;
  for (;;) {
    const ssize_t count = read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return std::unexpected(std::strerror(errno));
    if (count == 0)
      return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() >= Sources::kMaxBytes)
      return std::unexpected(kTooLong);
  }
}

// What an open file holds. Closes it, and adds it to `files` if it is a plain one.
std::expected<std::string, std::string> read_file(int descriptor, std::vector<FileId>& files) {
  if (descriptor < 0)
    return std::unexpected(std::strerror(errno));
  struct stat status {};
  if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode))
    files.push_back({status.st_dev, status.st_ino});
  auto text = read_descriptor(descriptor);
  close(descriptor);
  return text;
}

// Reads files that a script includes, no farther than below some folders, links resolved: a script of somebody else
// reads nothing that its user has not put beside it.
class FileIncludes : public Includes {
 public:
  FileIncludes(std::vector<fs::path> folders, std::vector<FileId>& files)
      : folders_(std::move(folders)), files_(files) {}

  std::expected<File, std::string> open(std::string_view wanted, const std::string& from) override {
    if (folders_.empty())
      return std::unexpected("a script from standard input includes nothing without --include-root DIR");
    std::error_code error;
    const fs::path path = fs::weakly_canonical(fs::path(from).parent_path() / fs::path(wanted), error);
    if (error)
      return std::unexpected(fmt::format("cannot read `{}`: {}", wanted, error.message()));
    const auto holds = [&path](const fs::path& folder) {
      const fs::path inside = path.lexically_relative(folder);
      return !inside.empty() && *inside.begin() != "..";
    };
    if (std::ranges::none_of(folders_, holds))
      return std::unexpected(fmt::format("`{}` is outside the script's folder; --include-root DIR widens it", wanted));
    if (std::error_code none; fs::exists(path, none) && !fs::is_regular_file(path, none))
      return std::unexpected(fmt::format("cannot read `{}`: it is no plain file", wanted));
    auto text = read_file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), files_);
    if (!text)
      return std::unexpected(fmt::format("cannot read `{}`: {}", wanted, text.error()));
    return File{.name = printable(wanted), .identity = path.string(), .text = std::move(*text)};
  }

 private:
  std::vector<fs::path> folders_;
  std::vector<FileId>& files_;
};

}  // namespace

std::expected<LoadedScript, std::string> load_script(const std::string& path, const std::string& include_root) {
  const bool standard_input = path == "-";
  std::vector<fs::path> folders;
  std::error_code error;
  if (!include_root.empty()) {
    folders.push_back(fs::canonical(include_root, error));
    if (error)
      return std::unexpected(fmt::format("{}: {}", include_root, error.message()));
  }
  LoadedScript loaded;
  auto text = read_file(standard_input ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC), loaded.files);
  if (!text)
    return std::unexpected(fmt::format("{}: {}", standard_input ? "standard input" : path, text.error()));
  // What standard input includes is relative to the folder that --include-root names.
  const fs::path identity =
      !standard_input ? fs::weakly_canonical(path, error) : (folders.empty() ? fs::path() : folders.front()) / path;
  if (!standard_input)
    folders.push_back(identity.parent_path());
  const std::size_t file = loaded.sources->add(standard_input ? "<stdin>" : printable(path), std::move(*text));
  FileIncludes includes(std::move(folders), loaded.files);
  loaded.parsed = parse(*loaded.sources, file, identity.string(), includes);
  return loaded;
}

bool is_part_of(const LoadedScript& loaded, const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 &&
         std::ranges::find(loaded.files, FileId{status.st_dev, status.st_ino}) != loaded.files.end();
}

std::optional<Config> machine_for(LoadedScript& loaded, const std::vector<std::string>& words, bool color) {
  std::vector<Setting> settings;
  for (const std::string& word : words) {
    if (word.size() >= Sources::kMaxBytes - loaded.sources->bytes()) {
      complain(kTooLong);
      return std::nullopt;
    }
    auto setting = parse_setting(*loaded.sources, loaded.sources->add("--set", word));
    if (!setting) {
      print_errors(*loaded.sources, {setting.error()}, color);
      return std::nullopt;
    }
    settings.push_back(std::move(*setting));
  }
  auto config = configure(loaded.parsed.script, settings, loaded.parsed.errors);
  if (!config) {
    print_errors(*loaded.sources, config.error(), color);
    return std::nullopt;
  }
  return std::move(*config);
}

}  // namespace bachsim
