#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <sstream>
#include <stdexcept>

#include "sim/cli/grade.h"
#include "sim/cli/prompt.h"
#include "sim/machine/check.h"
#include "tests/fuzz/fuzz.h"
#include "workloads/import/strace_script.h"
#include "workloads/language/references.h"

namespace bachsim::fuzz {
namespace {

// A file in memory with this text, for readers that want a path.
class TextFile {
 public:
  explicit TextFile(std::string_view text) : descriptor_(memfd_create("fuzzed", MFD_CLOEXEC)) {
    if (descriptor_ < 0 || write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      throw std::runtime_error("no file in memory");
  }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  ~TextFile() { close(descriptor_); }

  [[nodiscard]] std::string path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }

 private:
  int descriptor_;
};

class References : public ReferenceFile::Text {
 public:
  explicit References(std::string_view text) : text_(text) {}
  std::size_t read(std::span<char> to) override {
    const std::size_t count = std::min({to.size(), text_.size(), std::size_t{61}});  // lines are cut in two
    std::memcpy(to.data(), text_.data(), count);
    text_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view text_;
};

void read_references(ReferenceFormat format, std::string_view text) {
  ReferenceReader reader(format, "references", std::make_unique<References>(text));
  try {
    for (auto found = reader.next(); !found.empty(); found = reader.next())
      for (const RecordedReference& reference : found) KASSERT(reader.line_of(reference).line >= 1);
  } catch (const BadReference& bad) {
    KASSERT(!bad.what.empty());
  }
}

// Any trace becomes a script that is sound.
void import(std::string_view text) {
  const StraceEvents trace = strace_events(text);
  if (trace.events.empty()) return;
  Session made("imported.bach", script_of(trace, "trace"), false);
  KASSERT(made.errors().empty());
  KASSERT(made.configure({}));
}

void grade(std::string_view text) {
  const TextFile file(text);
  const auto output = OutputFile::create("/dev/null");
  KASSERT(output.has_value());
  KASSERT(grade_sheets({file.path()}, {.with = {}, .max_steps = 10'000}, **output).has_value());
}

void merge(std::string_view text) {
  const TextFile file(text);
  for (const char* format : {"table", "csv", "json"})
    sweep_command({"--merge", file.path(), "--format", format, "--output", "/dev/null"});
}

constexpr std::string_view kStepped =
    "param A = 3 in 1..5\nmachine frames=12 swap=40,8 low=2 high=4 cluster=2 tlb=4\nvar cell = data+8\n"
    "program p text=2 data=4 bss=2 stack=2\nprogram q data=1@64K stack=1@128K\nspawn p as P\nfor I in 0..A {\n"
    "P: write data[*]\nP: fork as C[I]\nC[I]: cell = I\nif I == 1 {\nC[I]: exec q\n}\n}\n"
    "define f(N) {\nP: write stack[N]\n}\nf(1)\nP: shmget a 2\nP: shmat a\nP: write shm.a[*]\nC[0]: exit 3\nP: wait\n";
constexpr int kMostLines = 40;

void prompt(std::string_view text) {
  StringSink said;
  Prompt prompt(session_of(kStepped), {}, {.max_steps = 2000, .audit_each = true, .trace = true}, said);
  prompt.greet();
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int count = 0; count < kMostLines && std::getline(lines, line); ++count) {
    const std::vector<std::string> words = split(line);
    static_cast<void>(prompt.completions(words));
    if (!words.empty() && words.front().starts_with("dr")) continue;  // a drawing is a file of the host
    if (!prompt.command(line)) break;
  }
}

}  // namespace

void read_other(std::string_view text) {
  if (text.empty()) return;
  const char reader = text.front();
  text.remove_prefix(1);
  switch (reader) {
    case 'S':
      return import(text);
    case 'F':
      return grade(text);
    case 'M':
      return merge(text);
    case 'P':
      return prompt(text);
    default:
      read_references(static_cast<ReferenceFormat>(static_cast<unsigned char>(reader) % kReferenceFormatWords.size()),
                      text);
  }
}

}  // namespace bachsim::fuzz
