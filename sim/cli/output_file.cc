#include "sim/cli/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "sim/machine/host_memory.h"

namespace bachsim {
namespace {

constexpr std::size_t kBuffer = 1u << 16;
constexpr mode_t kMode = 0666;

namespace fs = std::filesystem;

// What lies there is not for replacing, whatever it leads to.
bool is_device(const std::string& path) {
  return path.starts_with("/dev/") || path.starts_with("/proc/");
}

}  // namespace

OutputFile::OutputFile()
    : descriptor_(STDOUT_FILENO), interactive_(isatty(STDOUT_FILENO) == 1), path_("standard output") {}

OutputFile::~OutputFile() {
  if (owned_)
    close(descriptor_);
}

std::expected<std::unique_ptr<OutputFile>, std::string> OutputFile::create(const std::string& path) {
  const auto failure = [&path] { return std::unexpected(fmt::format("{}: {}", path, std::strerror(errno))); };
  auto file = std::make_unique<OutputFile>();
  file->interactive_ = false;
  // A link stays: what it leads to is replaced.
  std::error_code error;
  const fs::path target = fs::weakly_canonical(path, error);
  file->path_ = error ? path : target.string();
  struct stat existing {};
  const bool exists = stat(path.c_str(), &existing) == 0;
  if (is_device(path) || (exists && !S_ISREG(existing.st_mode))) {
    file->descriptor_ = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    if (exists && access(path.c_str(), W_OK) != 0)
      return failure();
    // A file without a name: nothing is left of it if the run is killed.
    const fs::path folder = fs::path(file->path_).parent_path();
    file->descriptor_ = open(folder.empty() ? "." : folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kMode);
    file->nameless_ = true;
    if (file->descriptor_ >= 0 && exists)
      fchmod(file->descriptor_, existing.st_mode & 07777);
  }
  if (file->descriptor_ < 0)
    return failure();
  file->owned_ = true;
  return file;
}

void OutputFile::write(std::string_view text) {
  buffer_ += text;
  written_ = written_ || !text.empty();
  if (buffer_.size() >= kBuffer || interactive_)
    flush();
  if (error_ != 0)
    throw HostLimit(trouble());
}

void OutputFile::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && error_ == 0) {
    const ssize_t count = ::write(descriptor_, rest.data(), rest.size());
    if (count >= 0)
      rest.remove_prefix(static_cast<std::size_t>(count));
    else if (errno != EINTR)
      error_ = errno;
  }
  buffer_.clear();
}

// Gives the nameless file its name: under another one first, as a link cannot replace a file.
void OutputFile::name_file() {
  const std::string own = fmt::format("/proc/self/fd/{}", descriptor_);
  const std::string temporary = fmt::format("{}.{}.new", path_, getpid());
  if (linkat(AT_FDCWD, own.c_str(), AT_FDCWD, temporary.c_str(), AT_SYMLINK_FOLLOW) != 0) {
    error_ = errno;
  } else if (std::rename(temporary.c_str(), path_.c_str()) != 0) {
    error_ = errno;
    unlink(temporary.c_str());
  }
}

std::string OutputFile::finish() {
  flush();
  if (nameless_ && error_ == 0)
    name_file();
  if (owned_) {
    owned_ = false;
    if (close(descriptor_) != 0 && error_ == 0)
      error_ = errno;
  }
  return error_ == 0 ? std::string() : trouble();
}

std::string OutputFile::trouble() const {
  return fmt::format("{}: {}", path_, std::strerror(error_));
}

}  // namespace bachsim
