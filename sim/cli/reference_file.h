// Files of references on the host, which scripts replay.
#pragma once

#include <sys/types.h>

#include <ctime>
#include <expected>
#include <memory>
#include <string>

#include "sim/cli/child.h"
#include "workloads/language/references.h"

namespace bachsim {

// A plain file as it was when it was found.
struct FoundFile {
  std::string path;
  dev_t device;
  ino_t inode;
  off_t size;
  timespec changed;
};

// Opens a file of a folder to be read, which must be a plain one and no link: a pipe is not waited for. `folder` as
// openat() has it; -1, and errno, on failure.
[[nodiscard]] int open_plain(int folder, const std::string& path);

class HostReferences : public ReferenceFile {
 public:
  explicit HostReferences(FoundFile file) : file_(std::move(file)) {}

  // A file that is open at this path. On failure, why not, for the user.
  [[nodiscard]] static std::expected<FoundFile, std::string> find(const std::string& path, const Descriptor& file);

  // Fails if the file is another by now: a run that is taken back would come to another place.
  [[nodiscard]] std::expected<std::unique_ptr<Text>, std::string> open() const override;

 private:
  FoundFile file_;
};

}  // namespace bachsim
