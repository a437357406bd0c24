#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "sim/cli/host.h"
#include "sim/cli/interruption.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBuffer = 1u << 16;
constexpr mode_t kMode = 0666;
constexpr int kMaxLinks = 40;
constexpr int kMostNames = 100;  // that are tried for a temporary file

// The descriptor of this process that a path such as /dev/stdout means. Opened anew it would not append where the shell
// said `>>`.
std::optional<int> descriptor_named(const fs::path& path) {
  const fs::path folder = path.parent_path();
  const std::string name = path.filename();
  if (folder == "/dev" && (name == "stdout" || name == "stderr"))
    return name == "stdout" ? STDOUT_FILENO : STDERR_FILENO;
  const bool number = name.size() < 8 && name.find_first_not_of("0123456789") == std::string::npos && !name.empty();
  return number && (folder == "/dev/fd" || folder == "/proc/self/fd") ? std::optional(std::stoi(name)) : std::nullopt;
}

// The path at the end of a chain of links; their ends need not exist. Empty if there is no end.
fs::path without_links(fs::path path) {
  for (int links = 0; links <= kMaxLinks; ++links) {
    std::error_code no_link;
    const fs::path next = descriptor_named(path) ? fs::path() : fs::read_symlink(path, no_link);
    if (no_link || next.empty()) return path;
    path = path.parent_path() / next;
  }
  return {};
}

std::string folder_of(const fs::path& file) {
  const fs::path folder = file.parent_path();
  return folder.empty() ? "." : folder.string();
}

// The files that a signal must not leave behind, and whose they are: a process that is forked has the list, too.
std::vector<std::string> doomed;
pid_t doomed_of = 0;

// No signal is handled while these are changed: its handler reads them, in the main thread alone, whose they are.
class WithoutSignals {
 public:
  WithoutSignals() {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before_);
  }
  WithoutSignals(const WithoutSignals&) = delete;
  WithoutSignals& operator=(const WithoutSignals&) = delete;
  ~WithoutSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

extern "C" void remove_doomed(int signal) {
  if (gettid() != getpid()) {
    tgkill(getpid(), getpid(), signal);
    return;
  }
  if (getpid() == doomed_of) {
    for (const std::string& file : doomed) ::unlink(file.c_str());
  }
  std::signal(signal, SIG_DFL);
  raise(signal);  // when this handler is left
}

void remove_on_signals(const std::string& path) {
  {
    const WithoutSignals quiet;
    doomed.push_back(path);
    doomed_of = getpid();
  }
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGXCPU}) {
    if (std::signal(signal, remove_doomed) == SIG_IGN) std::signal(signal, SIG_IGN);
  }
}

// The file is gone, or in its place.
void forget(const std::string& path) {
  const WithoutSignals quiet;
  std::erase(doomed, path);
}

// Waits until somebody reads the pipe, or interrupts.
int open_pipe(const std::string& path) {
  constexpr int kMillisecondsBetweenLooks = 20;
  for (;;) {
    const int descriptor = open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor >= 0) fcntl(descriptor, F_SETFL, O_WRONLY);  // its writes do wait
    if (descriptor >= 0 || errno != ENXIO) return descriptor;
    if (Interruption::asked()) break;
    poll(nullptr, 0, kMillisecondsBetweenLooks);
  }
  errno = EINTR;
  return -1;
}

}  // namespace

std::size_t terminal_width() {
  constexpr std::size_t kLeast = 40;
  constexpr std::size_t kMost = 1000;
  if (isatty(STDOUT_FILENO) != 1) return kReportWidth;
  std::size_t columns = 0;
  if (const char* said = std::getenv("COLUMNS"); said != nullptr) {
    const char* const end = said + std::strlen(said);
    if (std::from_chars(said, end, columns).ptr != end) columns = 0;
  }
  winsize size{};
  if (columns == 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) columns = size.ws_col;
  return columns == 0 ? kReportWidth : std::clamp(columns, kLeast, kMost);
}

OutputFile::OutputFile()
    : descriptor_(STDOUT_FILENO), interactive_(isatty(STDOUT_FILENO) == 1), path_("standard output") {
  set_width(terminal_width());
}

OutputFile::~OutputFile() {
  if (target_.empty()) flush();
  if (descriptor_ > STDERR_FILENO) close(descriptor_);
  if (temporary_.empty()) return;
  ::unlink(temporary_.c_str());
  forget(temporary_);
}

std::expected<std::unique_ptr<OutputFile>, std::string> OutputFile::create(const std::string& path) {
  auto file = std::make_unique<OutputFile>();
  if (path.empty()) return file;
  file->interactive_ = false;
  file->set_width(kReportWidth);
  file->path_ = path == "-" ? "/dev/stdout" : path;
  file->open_path();
  if (file->descriptor_ >= 0) return file;
  file->error_ = errno;
  return std::unexpected(file->trouble());
}

void OutputFile::open_path() {
  const fs::path end = without_links(path_);
  if (const auto named = descriptor_named(end)) {
    descriptor_ = fcntl(*named, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    return;
  }
  struct stat existing {};
  const bool exists = stat(path_.c_str(), &existing) == 0;
  descriptor_ = -1;
  if (exists && !S_ISREG(existing.st_mode)) {
    descriptor_ = S_ISFIFO(existing.st_mode) ? open_pipe(path_) : open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return;
  }
  if ((!exists && errno != ENOENT) || (exists && faccessat(AT_FDCWD, path_.c_str(), W_OK, AT_EACCESS) != 0)) return;
  target_ = end.string();
  // Others may write to the same folder at the same time.
  for (int tries = 0; tries < kMostNames && (tries == 0 || errno == EEXIST); ++tries) {
    temporary_ = fmt::format("{}/.bachsim-{:08x}", folder_of(target_), std::random_device()());
    remove_on_signals(temporary_);
    // What others may not read they may not read on the way either.
    const mode_t mode = exists ? existing.st_mode & 0600 : kMode;
    descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor_ >= 0) break;
    const int reason = errno;
    forget(temporary_);
    temporary_.clear();
    errno = reason;
  }
  if (!exists) return;
  // The owner and the rights stay as they were, where the host lets us.
  if (descriptor_ < 0)
    path_ = folder_of(target_);
  else if (fchown(descriptor_, existing.st_uid, existing.st_gid) == 0)
    fchmod(descriptor_, existing.st_mode & 07777);
  else if (errno == EPERM)  // another group has no more rights than others have
    fchmod(descriptor_, (existing.st_mode & 0707) | (existing.st_mode & 0007) << 3);
}

bool OutputFile::is_put_in_place(const std::string& path) {
  if (path.empty() || path == "-" || descriptor_named(without_links(path))) return false;
  struct stat existing {};
  return stat(path.c_str(), &existing) != 0 || S_ISREG(existing.st_mode);
}

bool OutputFile::shares_place_with(const OutputFile& other) const {
  if (!target_.empty() && !other.target_.empty()) return same_file(target_, other.target_);
  struct stat one {};
  struct stat two {};
  struct stat nowhere {};
  const bool found = fstat(descriptor_, &one) == 0 && fstat(other.descriptor_, &two) == 0;
  const bool null = stat("/dev/null", &nowhere) == 0 && S_ISCHR(one.st_mode) && one.st_rdev == nowhere.st_rdev;
  return found && !null && one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

bool same_file(const std::string& path, const std::string& read) {
  struct stat written {};
  struct stat status {};
  if (stat(path.c_str(), &written) == 0) {
    const int found = read == "-" ? fstat(STDIN_FILENO, &status) : stat(read.c_str(), &status);
    return found == 0 && S_ISREG(written.st_mode) && written.st_dev == status.st_dev && written.st_ino == status.st_ino;
  }
  const auto whole = [](const std::string& file) {
    const fs::path target = without_links(file);
    std::error_code none;
    const fs::path folder = fs::canonical(folder_of(target), none);
    return folder.empty() ? fs::path() : folder / target.filename();
  };
  return !path.empty() && !read.empty() && read != "-" && !whole(path).empty() && whole(path) == whole(read);
}

void OutputFile::write(std::string_view text) {
  if (!text.empty() && std::exchange(gap_, false)) buffer_ += '\n';
  buffer_ += text;
  written_ = written_ || !text.empty();
  if (buffer_.size() >= kBuffer || interactive_) flush();
  if (error_ != 0) throw OutputError(trouble());
}

void OutputFile::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && error_ == 0) {
    const ssize_t count = write_some(descriptor_, rest);
    if (count >= 0)
      rest.remove_prefix(static_cast<std::size_t>(count));
    else
      error_ = errno;
  }
  buffer_.clear();
}

bool OutputFile::put_in_place() {
  // A host that writes late says only now that its disk is full.
  if (fsync(descriptor_) != 0 && errno != EINVAL) return false;
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) return false;
  forget(temporary_);
  temporary_.clear();
  return true;
}

std::string OutputFile::finish() {
  flush();
  if (error_ == 0 && !target_.empty() && !put_in_place()) error_ = errno;
  if (descriptor_ > STDERR_FILENO && close(std::exchange(descriptor_, -1)) != 0 && error_ == 0) error_ = errno;
  return error_ == 0 ? std::string() : trouble();
}

std::string OutputFile::trouble() const { return fmt::format("{}: {}", printable(path_), std::strerror(error_)); }

}  // namespace bachsim
