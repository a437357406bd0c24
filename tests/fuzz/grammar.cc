// The mutator of scripts, so that more of them are whole: statements of one go into another, change places, come into
// blocks, and have words and numbers of theirs changed for others.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace bachsim::fuzz {
namespace {

using Draws = std::minstd_rand;
using Lines = std::vector<std::string>;

// Their names are those that scripts of the tree have mostly, so that much goes together.
constexpr std::string_view kStatements = R"(program p text=2 data=4 bss=1 stack=2
program q data=1@64K stack=1@128K
spawn p as P
spawn p as Q
P: fork as C
P: vfork as C
Q: fork as R
C: exec p
P: exec q
C: exit 1
P: wait
P: write data[*]
P: write data+8 = random(0..9)
C: write data[0] = 7
P: write stack[3]
P: read data[0..2]
P: fetch text[*]
P: begin write data[1]
C: begin read text[0]
P: finish
finish
P: sbrk 3
P: sbrk -2
P: shmget a 3
P: shmat a
C: shmat a
P: write shm.a[*]
P: shmdt a
P: shmrm a
P: swapout
P: swapin
P: plock data
P: punlock data
P: nice 25
P: print data[0..1]
P: print P.data[0].frame
tick
tick 5
age
steal 2
run 3
audit
show all
show processes P
show walk P data[1]
expect P.errno == 0
note "{frames.free}"
preset P data[1] invalid disk=zero
preset freelist 3 2
)";

constexpr std::string_view kMachines = R"(machine frames=6
machine frames=12 swap=9
machine swap=30,4
machine low=2 high=4 cluster=3
machine fork=copy
machine fork=vfork
machine vfork=fork
machine ad=software
machine valid=software
machine paging=off
machine paging=hybrid
machine first=child
machine io=sleep
machine io=sleep frame-wait=locked
machine prepage=3
machine working-set=2
machine working-set=3 window=references
machine out-list=keep
machine swap-map=bits
machine stealer=clock
machine stealer=opt
machine stealer=lru
machine stealer=random
machine stealer=nru
machine stealer=fifo
machine mode=sv48
machine mode=sv57
machine check=protection-first
machine disk-copy=keep
machine page=1K
machine block=512
machine block=16K
machine dispatch=nice
machine nproc=5
machine nregion=6
machine tables=9
machine stack-limit=3
machine tlb=1
machine max-age=1
)";

constexpr std::array<std::string_view, 11> kNumbers{"0",  "1",  "2",    "3",      "5",         "8",
                                                    "17", "64", "4096", "100000", "4294967296"};

constexpr std::array<std::string_view, 4> kBlocks{"repeat 3 {", "for I in 0..2 {", "if random(0..1) == 1 {",
                                                  "define f() {"};

// REQUIRES: bound > 0
std::size_t below(Draws& random, std::size_t bound) { return static_cast<std::size_t>(random()) % bound; }

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Where the word or number at a place begins and ends.
std::pair<std::size_t, std::size_t> word_at(const std::string& line, std::size_t at) {
  const auto in_word = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  std::size_t begin = at;
  while (begin > 0 && in_word(line[begin - 1])) --begin;
  std::size_t end = at;
  while (end < line.size() && in_word(line[end])) ++end;
  return {begin, end};
}

// Changes a number for another one, or a word for one of another line.
void change_word(std::string& line, const std::string& other, Draws& random) {
  if (line.empty() || other.empty()) return;
  const auto [begin, end] = word_at(line, below(random, line.size()));
  if (begin < end && line[begin] >= '0' && line[begin] <= '9') {
    line.replace(begin, end - begin, kNumbers[below(random, kNumbers.size())]);
  } else {
    const auto [first, last] = word_at(other, below(random, other.size()));
    line.replace(begin, end - begin, other, first, last - first);
  }
}

// Some lines one behind the other.   REQUIRES: there is one
std::pair<std::ptrdiff_t, std::ptrdiff_t> some_of(const Lines& lines, Draws& random) {
  const std::size_t first = below(random, lines.size());
  const std::size_t count = 1 + below(random, std::min<std::size_t>(lines.size() - first, 8));
  return {static_cast<std::ptrdiff_t>(first), static_cast<std::ptrdiff_t>(first + count)};
}

// Changes a script in one place.   REQUIRES: neither it nor `other` is empty
void change(Lines& lines, const Lines& other, Draws& random) {
  static const Lines statements = lines_of(kStatements);
  static const Lines machines = lines_of(kMachines);
  const auto at = static_cast<std::ptrdiff_t>(below(random, lines.size()));
  const auto line = lines.begin() + at;
  switch (below(random, 8)) {
    case 0:
      lines.insert(line + 1, statements[below(random, statements.size())]);
      return;
    case 1:
      lines.insert(lines.begin(), machines[below(random, machines.size())]);
      return;
    case 2:
      lines.erase(line);
      return;
    case 3:
      std::swap(*line, lines[below(random, lines.size())]);
      return;
    case 4: {
      const auto [first, end] = some_of(other, random);
      const Lines some(other.begin() + first, other.begin() + end);
      lines.insert(line + 1, some.begin(), some.end());
      return;
    }
    case 5: {
      const std::string word = other[below(random, other.size())];
      change_word(*line, word, random);
      return;
    }
    case 6:
      lines.insert(line, std::string(*line));
      return;
    default: {
      const auto [first, end] = some_of(lines, random);
      lines.insert(lines.begin() + end, "}");
      lines.insert(lines.begin() + first, std::string(kBlocks[below(random, kBlocks.size())]));
    }
  }
}

// Changes a script in a few places, by words and lines of `other` too. Returns the size of what is then at `to`.
std::size_t change_some(Lines lines, const Lines& other, std::uint8_t* to, std::size_t most, Draws& random) {
  for (std::size_t times = 1 + below(random, 4); times > 0; --times) {
    if (lines.empty()) lines = {"program p text=2 data=4 bss=1 stack=2", "spawn p as P"};
    const Lines own = lines;
    change(lines, other.empty() ? own : other, random);
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  const std::size_t size = std::min(text.size(), most);
  std::memcpy(to, text.data(), size);
  return size;
}

}  // namespace
}  // namespace bachsim::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned int seed) {
  using namespace bachsim::fuzz;
  Draws random(seed);
  if (below(random, 20) == 0) return LLVMFuzzerMutate(data, size, most);
  return change_some(lines_of({reinterpret_cast<const char*>(data), size}), {}, data, most, random);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size, const std::uint8_t* two,
                                                 std::size_t two_size, std::uint8_t* out, std::size_t most,
                                                 unsigned int seed) {
  using namespace bachsim::fuzz;
  Draws random(seed);
  return change_some(lines_of({reinterpret_cast<const char*>(one), one_size}),
                     lines_of({reinterpret_cast<const char*>(two), two_size}), out, most, random);
}
