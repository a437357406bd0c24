#include "sim/cli/child.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "sim/machine/check.h"

namespace bachsim {
namespace {

// The bytes of any file that a child writes.
std::uint64_t most_of(const Child::Launch& launch) {
  rlimit own{};
  getrlimit(RLIMIT_FSIZE, &own);
  return std::min<std::uint64_t>(own.rlim_cur, launch.most_output);
}

// Between fork and exec. Returns errno; nothing here allocates.
int become(const Child::Launch& launch, std::uint64_t most_output, char* const* words) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // it goes when this program does
  if (!launch.folder.empty() && chdir(launch.folder.c_str()) != 0) return errno;
  if (dup2(launch.input, STDIN_FILENO) < 0 || dup2(launch.output, STDOUT_FILENO) < 0 ||
      dup2(launch.errors, STDERR_FILENO) < 0)
    return errno;
  const rlimit most{.rlim_cur = most_output, .rlim_max = most_output};
  setrlimit(RLIMIT_FSIZE, &most);
  std::signal(SIGPIPE, SIG_DFL);
  execvp(words[0], words);
  return errno;
}

}  // namespace

Descriptor::~Descriptor() {
  if (open()) close(number_);
}

Descriptor Descriptor::memory() { return Descriptor(memfd_create("output", MFD_CLOEXEC)); }

std::string Descriptor::text() const {
  std::string text;
  std::array<char, 1u << 16> buffer;
  while (true) {
    const ssize_t count = pread(number_, buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

std::expected<Child, std::string> Child::start(const Launch& launch) {
  std::vector<char*> words;
  for (const std::string& word : launch.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  std::array<int, 2> trouble{};
  if (pipe2(trouble.data(), O_CLOEXEC) != 0) return std::unexpected(std::strerror(errno));
  const Descriptor reader(trouble[0]);
  Descriptor writer(trouble[1]);
  const std::uint64_t most = most_of(launch);
  const pid_t pid = fork();
  if (pid < 0) return std::unexpected(std::strerror(errno));
  if (pid == 0) {
    const int error = become(launch, most, words.data());
    [[maybe_unused]] const ssize_t told = write(writer.number(), &error, sizeof error);
    _exit(127);
  }
  writer = Descriptor();
  Child child(pid, Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))), most);
  int error = 0;
  if (read(reader.number(), &error, sizeof error) == static_cast<ssize_t>(sizeof error) || !child.end_.open()) {
    if (error == 0) error = errno;
    child.kill();
    child.wait();
    return std::unexpected(std::strerror(error));
  }
  return child;
}

void Child::kill() const { ::kill(-pid_, SIGKILL); }

int Child::wait() {
  int status = 0;
  pid_t ended = 0;
  while ((ended = waitpid(pid_, &status, 0)) < 0 && errno == EINTR) continue;
  KASSERT(ended == pid_);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

bool Child::has_filled(const Descriptor& file) const {
  struct stat status {};
  return fstat(file.number(), &status) != 0 || static_cast<std::uint64_t>(status.st_size) >= most_;
}

}  // namespace bachsim
