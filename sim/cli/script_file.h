// A script as the user names it: read, parsed with what it includes, its mistakes rendered.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "regions/config.h"
#include "workloads/language/parser.h"

namespace bachsim {

struct LoadedScript {
  std::unique_ptr<Sources> sources = std::make_unique<Sources>();
  ParseResult parsed;
};

// Reads `path`, or standard input for `-`, and parses it. An unreadable file is a message for the user.
[[nodiscard]] std::expected<LoadedScript, std::string> load_script(const std::string& path);

// The machine that the script asks for, with KEY=VALUE words of --set over its own. All that is wrong with the script
// or these goes to standard error; nothing comes back then.
[[nodiscard]] std::optional<Config> machine_for(LoadedScript& loaded, const std::vector<std::string>& settings,
                                                bool color);

// The file's contents, or why it cannot be read. Only a plain file, or also a pipe that somebody has yet to fill.
enum class FileKind : std::uint8_t { Plain, Any };
[[nodiscard]] std::expected<std::string, std::string> read_file(const std::string& path, FileKind kind);

}  // namespace bachsim
