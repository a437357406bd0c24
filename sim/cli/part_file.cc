#include "sim/cli/part_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "sim/cli/host.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

std::string trouble(const std::string& path, std::string_view what) {
  return fmt::format("{}: {}", printable(path), what);
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write_some(descriptor, text);
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

std::expected<PartFile, std::string> PartFile::open(const std::string& path, const PartHead& head, bool resume,
                                                    mode_t mode) {
  const auto failed = [&path](std::string_view what) { return std::unexpected(trouble(path, what)); };
  Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!descriptor.open()) return failed(std::strerror(errno));
  struct stat status {};
  const bool locked = flock(descriptor.number(), LOCK_EX | LOCK_NB) == 0;
  if (fstat(descriptor.number(), &status) != 0) return failed(std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return failed("it is no plain file");
  // Or one has just ended and removed it, after this one opened it.
  struct stat there {};
  if (!locked || stat(path.c_str(), &there) != 0 || there.st_ino != status.st_ino || there.st_dev != status.st_dev)
    return failed("another sweep writes it");
  PartFile file(path, std::move(descriptor));
  file.next_ = head.first;
  if (status.st_size > 0 && !resume)
    return failed("a sweep was interrupted that wrote it; --resume goes on with it; remove it to begin anew");
  const std::string line = head_line(head);
  std::ifstream stream(path, std::ios::binary);
  if (!stream.is_open()) return failed(std::strerror(errno));
  std::string before(line.size(), '\0');
  before.resize(
      static_cast<std::size_t>(stream.read(before.data(), static_cast<std::streamsize>(line.size())).gcount()));
  if (!line.starts_with(before)) return failed("it is of another sweep, or of another share of it");
  std::size_t whole = 0;  // bytes
  if (before == line) {
    whole = line.size();
    for (std::string run; std::getline(stream, run) && !stream.eof(); whole += run.size() + 1) {
      const auto outcome = parse_outcome(run, head.plan);
      if (!outcome || outcome->first != file.next_ || file.next_ == head.end) break;
      ++file.next_;
    }
  }
  if (stream.bad()) return failed("it cannot be read");
  if (ftruncate(file.file_.number(), static_cast<off_t>(whole)) != 0 || lseek(file.file_.number(), 0, SEEK_END) < 0 ||
      (whole == 0 && !write_all(file.file_.number(), line)))
    return failed(std::strerror(errno));
  return file;
}

std::string PartFile::add(std::uint64_t run, const Outcome& outcome) {
  next_ = run + 1;
  return write_all(file_.number(), outcome_line(run, outcome)) ? "" : trouble(path_, std::strerror(errno));
}

std::string PartFile::copy_to(Sink& output) const {
  std::array<char, 1u << 16> buffer;
  for (off_t at = 0;;) {
    const ssize_t count = pread(file_.number(), buffer.data(), buffer.size(), at);
    if (count == 0) return {};
    if (count < 0 && errno != EINTR) return trouble(path_, std::strerror(errno));
    if (count < 0) continue;
    output.write({buffer.data(), static_cast<std::size_t>(count)});
    at += count;
  }
}

void PartFile::remove() { ::unlink(path_.c_str()); }

std::expected<PartHead, std::string> read_head(const std::string& path) {
  // It is read twice, and to its end.
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error))
    return std::unexpected(trouble(path, "it is no plain file"));
  std::ifstream stream(path, std::ios::binary);
  std::string line;
  if (!stream) return std::unexpected(trouble(path, std::strerror(errno)));
  stream.exceptions(std::ios::badbit);  // a line may want more memory than there is
  try {
    if (!std::getline(stream, line)) return std::unexpected(trouble(path, "it is empty"));
  } catch (const std::ios_base::failure& failure) {
    return std::unexpected(trouble(path, failure.code().message()));
  }
  auto head = parse_head(line);
  if (!head) return std::unexpected(trouble(path, head.error()));
  return head;
}

std::string read_part(const std::string& path, const PartHead& head,
                      const std::function<void(std::uint64_t, const Outcome&)>& each) try {
  std::ifstream stream(path, std::ios::binary);
  if (!stream.is_open()) return trouble(path, std::strerror(errno));
  stream.exceptions(std::ios::badbit);
  std::string line;
  std::getline(stream, line);
  std::uint64_t run = head.first;
  for (; std::getline(stream, line); ++run) {
    const auto outcome = parse_outcome(line, head.plan);
    if (!outcome || outcome->first != run || run == head.end || stream.eof())
      return trouble(path, fmt::format("run {} is not there, or not whole", run));
    each(run, outcome->second);
  }
  if (run != head.end)
    return trouble(path, fmt::format("it ends before run {} of {}: its share is not done", run, head.end));
  return {};
} catch (const std::ios_base::failure& failure) {
  return trouble(path, failure.code().message());
}

}  // namespace bachsim
