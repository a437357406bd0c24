// A script as the user names it: read, parsed with what it includes, its mistakes rendered.
#pragma once

#include <sys/types.h>

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "regions/config.h"
#include "workloads/language/parser.h"

namespace bachsim {

// One file of the host, by whatever name.
struct FileId {
  dev_t device;
  ino_t inode;

  friend bool operator==(const FileId&, const FileId&) = default;
};

struct LoadedScript {
  std::unique_ptr<Sources> sources = std::make_unique<Sources>();
  ParseResult parsed;
  std::vector<FileId> files;  // the plain files that it was read from
};

// Reads `path`, or standard input for `-`, and parses it. It may include files of its own folder and below, and of
// `include_root` and below; empty: of no other. An unreadable file is a message for the user.
[[nodiscard]] std::expected<LoadedScript, std::string> load_script(const std::string& path,
                                                                   const std::string& include_root);

// Whether a path leads to a file that the script was read from.
[[nodiscard]] bool is_part_of(const LoadedScript& loaded, const std::string& path);

// The machine that the script asks for, with KEY=VALUE words of --set over its own. All that is wrong with the script
// or these goes to standard error; nothing comes back then.
[[nodiscard]] std::optional<Config> machine_for(LoadedScript& loaded, const std::vector<std::string>& settings,
                                                bool color);

}  // namespace bachsim
