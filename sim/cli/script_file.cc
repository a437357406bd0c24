#include "sim/cli/script_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "sim/cli/terminal.h"
#include "workloads/language/settings.h"

namespace bachsim {
namespace {

namespace fs = std::filesystem;

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
      return std::unexpected("the script is too long");
  }
}

// Files beside the script, and no farther than the folder above its own.
class FileIncludes : public Includes {
 public:
  std::expected<File, std::string> open(std::string_view wanted, const std::string& from) override {
    const fs::path folder = fs::path(from).parent_path();
    std::error_code error;
    const fs::path path = fs::weakly_canonical(folder / fs::path(wanted), error);
    if (error)
      return std::unexpected(fmt::format("cannot read `{}`: {}", wanted, error.message()));
    const fs::path bound = folder.parent_path();
    const fs::path inside = path.lexically_relative(bound);
    if (inside.empty() || *inside.begin() == "..")
      return std::unexpected(fmt::format("`{}` is outside the folder above this script's", wanted));
    auto text = read_file(path.string(), FileKind::Plain);
    if (!text)
      return std::unexpected(fmt::format("cannot read `{}`: {}", wanted, text.error()));
    return File{.name = std::string(wanted), .identity = path.string(), .text = std::move(*text)};
  }
};

}  // namespace

std::expected<std::string, std::string> read_file(const std::string& path, FileKind kind) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | (kind == FileKind::Plain ? O_NONBLOCK : 0));
  if (descriptor < 0)
    return std::unexpected(std::strerror(errno));
  struct stat status {};
  if (kind == FileKind::Plain && (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))) {
    close(descriptor);
    return std::unexpected("it is no plain file");
  }
  auto text = read_descriptor(descriptor);
  close(descriptor);
  return text;
}

std::expected<LoadedScript, std::string> load_script(const std::string& path) {
  const bool standard_input = path == "-";
  auto text = standard_input ? read_descriptor(STDIN_FILENO) : read_file(path, FileKind::Any);
  if (!text)
    return std::unexpected(fmt::format("{}: {}", standard_input ? "standard input" : path, text.error()));
  std::error_code error;
  const fs::path identity = standard_input ? fs::current_path(error) / "-" : fs::weakly_canonical(path, error);
  LoadedScript loaded;
  const std::size_t file = loaded.sources->add(standard_input ? "<stdin>" : path, std::move(*text));
  FileIncludes includes;
  loaded.parsed = parse(*loaded.sources, file, identity.string(), includes);
  return loaded;
}

std::optional<Config> machine_for(LoadedScript& loaded, const std::vector<std::string>& words, bool color) {
  std::vector<Setting> settings;
  for (const std::string& word : words) {
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
