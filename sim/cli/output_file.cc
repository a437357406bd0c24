#include "sim/cli/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bachsim {
namespace {

constexpr std::size_t kBuffer = 1u << 16;
constexpr mode_t kMode = 0666;

}  // namespace

OutputFile::OutputFile() : descriptor_(STDOUT_FILENO), path_("standard output") {}

OutputFile::~OutputFile() {
  if (owned_)
    close(descriptor_);
  if (!temporary_.empty())
    unlink(temporary_.c_str());
}

std::expected<std::unique_ptr<OutputFile>, std::string> OutputFile::create(const std::string& path) {
  auto file = std::make_unique<OutputFile>();
  file->path_ = path;
  struct stat existing {};
  const bool special = stat(path.c_str(), &existing) == 0 && !S_ISREG(existing.st_mode);
  if (special) {
    file->descriptor_ = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    std::string name = path + ".XXXXXX";
    file->descriptor_ = mkostemp(name.data(), O_CLOEXEC);
    if (file->descriptor_ >= 0) {
      file->temporary_ = name;
      const mode_t mask = umask(0);
      umask(mask);
      fchmod(file->descriptor_, kMode & ~mask);
    }
  }
  if (file->descriptor_ < 0)
    return std::unexpected(fmt::format("{}: {}", path, std::strerror(errno)));
  file->owned_ = true;
  return file;
}

void OutputFile::write(std::string_view text) {
  buffer_ += text;
  written_ = written_ || !text.empty();
  if (buffer_.size() >= kBuffer)
    flush();
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

std::string OutputFile::finish() {
  flush();
  if (owned_) {
    owned_ = false;
    if (close(descriptor_) != 0 && error_ == 0)
      error_ = errno;
  }
  if (error_ == 0 && !temporary_.empty()) {
    if (std::rename(temporary_.c_str(), path_.c_str()) == 0)
      temporary_.clear();
    else
      error_ = errno;
  }
  return error_ == 0 ? std::string() : fmt::format("{}: {}", path_, std::strerror(error_));
}

}  // namespace bachsim
