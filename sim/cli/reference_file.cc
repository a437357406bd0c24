#include "sim/cli/reference_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "sim/cli/host.h"
#include "sim/machine/host.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

class OpenText : public ReferenceFile::Text {
 public:
  OpenText(std::string name, Descriptor file) : name_(std::move(name)), file_(std::move(file)) {}

  std::size_t read(std::span<char> to) override {
    const ssize_t count = read_some(file_.number(), to);
    if (count < 0) throw LimitBetween(fmt::format("`{}` cannot be read: {}", name_, std::strerror(errno)));
    return static_cast<std::size_t>(count);
  }

 private:
  std::string name_;
  Descriptor file_;
};

FoundFile found(const std::string& path, const struct stat& status) {
  return {
      .path = path, .device = status.st_dev, .inode = status.st_ino, .size = status.st_size, .changed = status.st_mtim};
}

bool same(const FoundFile& one, const FoundFile& two) {
  return one.device == two.device && one.inode == two.inode && one.size == two.size &&
         one.changed.tv_sec == two.changed.tv_sec && one.changed.tv_nsec == two.changed.tv_nsec;
}

}  // namespace

int open_plain(int folder, const std::string& path) {
  return ::openat(folder, path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}

std::expected<FoundFile, std::string> HostReferences::find(const std::string& path, const Descriptor& file) {
  struct stat status {};
  if (!file.open() || fstat(file.number(), &status) != 0) return std::unexpected(std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return std::unexpected("it is no plain file");
  return found(path, status);
}

std::expected<std::unique_ptr<ReferenceFile::Text>, std::string> HostReferences::open() const {
  const std::string name = printable(std::filesystem::path(file_.path).filename().string());
  Descriptor file(open_plain(AT_FDCWD, file_.path));
  struct stat status {};
  if (!file.open() || fstat(file.number(), &status) != 0)
    return std::unexpected(fmt::format("cannot read `{}`: {}", name, std::strerror(errno)));
  if (!same(file_, found(file_.path, status)))
    return std::unexpected(fmt::format("`{}` has changed since the script was read", name));
  return std::make_unique<OpenText>(name, std::move(file));
}

}  // namespace bachsim
