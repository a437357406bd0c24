#include "sim/cli/graphviz.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "sim/machine/check.h"

namespace bachsim {
namespace {

// Both ends of a pipe. Neither goes to another program by itself.
class Pipe {
 public:
  Pipe() { sound_ = pipe2(ends_.data(), O_CLOEXEC) == 0; }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  [[nodiscard]] bool sound() const { return sound_; }
  [[nodiscard]] int reader() const { return ends_[0]; }
  [[nodiscard]] int writer() const { return ends_[1]; }
  void close_end(std::size_t end) {
    if (sound_ && ends_.at(end) >= 0) close(ends_.at(end));
    ends_.at(end) = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
  bool sound_ = false;
};

// A write to a program that has ended is an error of that write.
class NoBrokenPipe {
 public:
  NoBrokenPipe() : before_(std::signal(SIGPIPE, SIG_IGN)) {}
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;
  ~NoBrokenPipe() { std::signal(SIGPIPE, before_); }

 private:
  void (*before_)(int);
};

// Starts `dot -TFORMAT` on the pipes. Returns errno.
int start(const std::string& format, const Pipe& in, const Pipe& out, const Pipe& errors, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, in.reader(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.writer(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors.writer(), STDERR_FILENO);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  std::string program = "dot";
  std::string option = "-T" + format;
  const std::array<char*, 3> words{program.data(), option.data(), nullptr};
  const int error = posix_spawnp(&pid, "dot", &actions, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Appends what can be read. False at the end.
bool take(int descriptor, std::string& text) {
  std::array<char, 1u << 16> buffer;
  const ssize_t count = read(descriptor, buffer.data(), buffer.size());
  if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
}

// Writes `dot` and reads what comes back, each as the other program is ready for it.
void exchange(std::string_view dot, Pipe& in, const Pipe& out, const Pipe& errors, std::string& drawing,
              std::string& complaint) {
  fcntl(in.writer(), F_SETFL, O_NONBLOCK);
  std::array<pollfd, 3> ends{pollfd{in.writer(), POLLOUT, 0}, pollfd{out.reader(), POLLIN, 0},
                             pollfd{errors.reader(), POLLIN, 0}};
  while (ends[1].fd >= 0 || ends[2].fd >= 0) {
    if (poll(ends.data(), ends.size(), -1) < 0) {
      if (errno == EINTR) continue;  // nothing is known of the ends
      return;
    }
    if (ends[0].fd >= 0 && ends[0].revents != 0) {
      const ssize_t count = write(in.writer(), dot.data(), dot.size());
      if (count > 0) dot.remove_prefix(static_cast<std::size_t>(count));
      if (dot.empty() || (count < 0 && errno != EINTR && errno != EAGAIN)) {
        in.close_end(1);
        ends[0].fd = -1;
      }
    }
    if (ends[1].fd >= 0 && ends[1].revents != 0 && !take(out.reader(), drawing)) ends[1].fd = -1;
    if (ends[2].fd >= 0 && ends[2].revents != 0 && !take(errors.reader(), complaint)) ends[2].fd = -1;
  }
}

}  // namespace

std::expected<std::string, std::string> laid_out(const std::string& dot, const std::string& format) {
  const NoBrokenPipe no_broken_pipe;
  Pipe in;
  Pipe out;
  Pipe errors;
  if (!in.sound() || !out.sound() || !errors.sound()) return std::unexpected(std::strerror(errno));
  pid_t pid = 0;
  if (const int error = start(format, in, out, errors, pid); error != 0) {
    if (error == ENOENT)
      return std::unexpected(
          "there is no program `dot`, which lays drawings out: install the package graphviz, or take --format dot");
    return std::unexpected(fmt::format("`dot` cannot be started: {}", std::strerror(error)));
  }
  in.close_end(0);
  out.close_end(1);
  errors.close_end(1);
  std::string drawing;
  std::string complaint;
  exchange(dot, in, out, errors, drawing, complaint);
  int status = 0;
  pid_t ended = 0;
  while ((ended = waitpid(pid, &status, 0)) < 0 && errno == EINTR) continue;
  KASSERT(ended == pid);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !drawing.empty()) return drawing;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
    return std::unexpected("`dot` cannot be started: install the package graphviz, or take --format dot");
  while (!complaint.empty() && complaint.back() == '\n') complaint.pop_back();
  return std::unexpected(fmt::format("`dot` failed: {}", complaint.empty() ? "it said nothing" : complaint));
}

}  // namespace bachsim
