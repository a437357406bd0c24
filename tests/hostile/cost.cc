// cost COMMAND...: runs a command with its output thrown away, and prints the microseconds of the processor that it
// took and the most memory that it had, in KiB. Its exit status is the command's, or 125 where there is none.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char** words) {
  constexpr int kNotRun = 125;
  if (count < 2) return kNotRun;
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execvp(words[1], words + 1);
    _exit(kNotRun);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || wait4(child, &status, 0, &usage) != child) return kNotRun;
  // Linux shares a time out to user and system by the ticks that it sees of each. Only the sum is exact.
  const auto microseconds =
      (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  fmt::print("{} {}\n", microseconds, usage.ru_maxrss);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
