// What makes a sheet stand alone: the meaning of the words in its lines, and the forms of its answers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "sim/sheet/sheet.h"

namespace bachsim {
namespace {

struct Meaning {
  std::string_view word;  // begins a statement or an operation; or a key of `machine`, with its `=`
  std::string_view form;
  std::string_view meaning;
};

// In the order in which sheets list them.
constexpr std::array kMeanings{
    Meaning{"frames=", "frames=N", "memory has N page frames, 0 to N-1"},
    Meaning{"reserve=", "reserve=N", "the kernel keeps the first N frames to itself"},
    Meaning{"swap=", "swap=N", "the swap device has N blocks, 1 to N, each as large as a page"},
    Meaning{"page=", "page=N", "a page has N bytes (without this line: 4K)"},
    Meaning{"paging=", "paging=off", "whole processes go to swap and come back; on: pages do; hybrid: both"},
    Meaning{"fork=", "fork=copy", "fork copies each page at once; cow: only when one of the two writes to it"},
    Meaning{"vfork=", "vfork=fork", "a vfork is a fork"},
    Meaning{"first=", "first=child", "after a fork the child has the processor first; parent: the parent has"},
    Meaning{"max-age=", "max-age=N", "the page stealer takes a page that it has found unused N times in a row"},
    Meaning{"low=", "low=N", "the page stealer wakes when fewer than N frames are free"},
    Meaning{"high=", "high=N", "the page stealer, once awake, works until N frames are free"},
    Meaning{"cluster=", "cluster=N", "the page stealer writes up to N pages to swap in one transfer"},
    Meaning{"prepage=", "prepage=N", "a fault that reads a page reads up to N pages behind it in the same transfer"},
    Meaning{"working-set=", "working-set=N", "a process may have N pages of data and stack in memory; 0: any number"},
    Meaning{"swap-map=", "swap-map=KIND", "free swap space is recorded by extents (address, units), or by bits"},
    Meaning{"ad=", "ad=software",
            "the kernel sets the reference and modify bits, by a fault; hardware: the machine does"},
    Meaning{"valid=", "valid=software",
            "the machine looks at rights alone; the kernel keeps the valid and reference bits"},
    Meaning{"check=", "check=protection-first",
            "an access that is not allowed is a protection fault, valid page or not"},
    Meaning{"disk-copy=", "disk-copy=keep", "a page that is stored to keeps its copy on disk; drop: it gives it up"},
    Meaning{"out-list=", "out-list=keep",
            "a list of pages for swap that is not full waits for more; write: it is written when the stealer stops"},
    Meaning{"window=", "window=references",
            "a page leaves memory that none of its process's last N references was to; N is working-set"},
    Meaning{"dispatch=", "dispatch=nice", "the lowest nice value in memory has the processor; turns: they take turns"},
    Meaning{"stealer=", "stealer=fifo",
            "the page stealer takes the page that came first; lru: the one referenced longest ago; age: see max-age"},
    Meaning{"frame-wait=", "frame-wait=locked", "a fault that sleeps for a frame keeps its region locked"},
    Meaning{"block=", "block=N", "a block of a file has N bytes (without it: as many as a page)"},
    Meaning{"file-of=", "file-of=X", "the program's file is that of program X"},
    Meaning{"io=", "io=sleep", "a process sleeps during its transfers; atomic: they take no time"},
    Meaning{"mode=", "mode=sv39", "an address is translated by page tables of three levels; sv48: of four"},
    Meaning{"tlb=", "tlb=N", "the TLB has N entries"},
    Meaning{"nproc=", "nproc=N", "the process table has N entries, init's included"},
    Meaning{"stack-limit=", "stack-limit=N", "a stack grows to N pages at most"},
    Meaning{"tables=", "tables=N", "there are N frames for page tables"},
    Meaning{"nregion=", "nregion=N", "the region table has N entries"},
    Meaning{"program", "program X ...",
            "an executable file: pages of text, data, bss (data that begin as zeros) and stack; "
            "`text=32K@0` also says at which address"},
    Meaning{"var", "var x = stack+16", "x is the 8 bytes at offset 16 of the stack"},
    Meaning{"spawn", "spawn X as P",
            "P begins, a process that runs program X; none of its pages is in memory yet, unless "
            "the machine swaps whole processes"},
    Meaning{"read", "P: read data[0..3]",
            "P loads from pages 0 to 3 of its data; [*]: from each page. Pages count from 0, "
            "those of a stack from its top"},
    Meaning{"fetch", "P: fetch text[0]", "P executes an instruction of page 0 of its text"},
    Meaning{"write", "P: write data[0] = 7", "P stores 7 at the beginning of page 0 of its data"},
    Meaning{"print", "P: print x", "P loads x and prints it"},
    Meaning{"fork", "P: fork as C", "P forks, and its child is called C"},
    Meaning{"vfork", "P: vfork as C", "P forks by vfork: C runs in P's memory, and P sleeps until C execs or ends"},
    Meaning{"exec", "P: exec X", "P runs program X from now on"},
    Meaning{"exit", "P: exit", "P ends"},
    Meaning{"wait", "P: wait", "P waits for a child to end"},
    Meaning{"sbrk", "P: sbrk 4", "P's data grow by 4 pages"},
    Meaning{"shmget", "P: shmget k 2", "P makes 2 pages of shared memory, called k"},
    Meaning{"shmat", "P: shmat k", "P attaches shared memory"},
    Meaning{"shmdt", "P: shmdt k", "P detaches it"},
    Meaning{"shmrm", "P: shmrm k", "P removes it"},
    Meaning{"plock", "P: plock text", "P's text may not leave memory from now on"},
    Meaning{"punlock", "P: punlock text", "it may again"},
    Meaning{"nice", "P: nice 25", "P's nice value is 25 from now on (at first: 20)"},
    Meaning{"swapout", "P: swapout", "all of P leaves memory for swap"},
    Meaning{"swapin", "P: swapin", "all of P comes back"},
    Meaning{"begin", "P: begin ...", "P begins to, and goes as far as it can without waiting for a transfer"},
    Meaning{"finish", "finish", "what was begun, by P where that stands before it, goes on to its end"},
    Meaning{"age", "age",
            "the page stealer looks at each page once: an unused one grows older, a used one is young again"},
    Meaning{"steal", "steal 5", "the page stealer works until 5 more frames are free"},
    Meaning{"tick", "tick", "the clock ticks"},
    Meaning{"run", "run 7", "seven seconds pass; in each the swapper works, and one process has the processor"},
    Meaning{"repeat", "repeat 3 as I { }", "the lines in the braces happen three times, with I = 0, 1 and 2"},
    Meaning{"for", "for I in 0..7 { }", "the lines in the braces happen for each I from 0 to 7"},
    Meaning{"if", "if X { } else { }",
            "the lines in the first braces happen if X is true, those in the others if it is not"},
    Meaning{"define", "define f(P, N) { }",
            "the lines in the braces happen wherever f(A, 3) stands, with A in the place of P and 3 in that of N"},
    Meaning{"random", "random(1..6)", "a number from 1 to 6, by chance"},
    Meaning{"zipf", "zipf(9, 1)", "a number from 0 to 8, by chance: k is drawn as often as 1/(k+1)"},
};

// Words of a line, and what stands before each `=` with that.
void add_words(std::set<std::string, std::less<>>& words, std::string_view line) {
  std::string word;
  for (const char c : line) {
    const bool part =
        (c >= 'a' && c <= 'z') || c == '-' || c == '_' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (part) {
      word += c;
      continue;
    }
    words.insert(c == '=' ? word + '=' : word);
    word.clear();
  }
  words.insert(std::move(word));
}

bool any_kind(const Sheet& sheet, Kind kind) {
  return std::ranges::any_of(sheet.questions(), [kind](const Question* question) {
    return std::ranges::any_of(question->blanks, [kind](const Blank& blank) { return blank.kind == kind; });
  });
}

template <class Test>
bool any_asks(const Sheet& sheet, const Test& test) {
  return std::ranges::any_of(sheet.questions(),
                             [&](const Question* question) { return std::ranges::any_of(question->blanks, test); });
}

void explain_formats(Sheet& sheet) {
  auto& formats = sheet.formats;
  if (any_asks(sheet, [](const Blank&) { return true; }))
    formats.emplace_back(
        "Write the value behind the two signs of equality. Numbers may be decimal or, with 0x, hexadecimal.");
  if (any_asks(sheet, [](const Blank& blank) { return blank.asks.ends_with(".frame"); }))
    formats.emplace_back("A frame is a number. A page that has none: no frame.");
  if (any_kind(sheet, Kind::Disk) || any_kind(sheet, Kind::Identity))
    formats.emplace_back(
        "A disk block: swap:D:B is block B of swap device D; file:B is logical block B of the program's file; "
        "none: there is no copy; zero: a page that begins as zeros; fill: a page that is filled from the file and then "
        "has "
        "no copy.");
  if (any_kind(sheet, Kind::State))
    formats.emplace_back(
        "A state of a process: ready, asleep, preempted, zombie, reaped (ended, and its parent knows); ready_swapped, "
        "asleep_swapped: the same on swap.");
  if (any_kind(sheet, Kind::Event))
    formats.emplace_back(
        "A process may wait for: vfork, wait, transfer, lock, contents, frame, text; or for nothing: none.");
  if (any_asks(sheet, [](const Blank& blank) { return blank.asks.ends_with(".status"); }))
    formats.emplace_back(
        "A status is what a process has ended with. For one that was killed it is the number of the signal and 128; "
        "that is "
        "11 for an access that is not allowed, 9 for want of memory.");
  if (any_asks(sheet, [](const Blank& blank) { return blank.asks.ends_with(".result"); }))
    formats.emplace_back(
        "A result is what a process's last call has returned: a number, -1 if the call failed; none: it has not "
        "returned.");
  if (any_asks(sheet, [](const Blank& blank) { return blank.asks.ends_with(".ran"); }))
    formats.emplace_back("Seconds count from 0. A process that has not had the processor yet: never.");
  if (any_kind(sheet, Kind::Truth)) formats.emplace_back("Yes and no may be written as 1 and 0.");
  if (any_kind(sheet, Kind::Errno)) formats.emplace_back("An error of a call is its name, such as EINVAL; 0 for none.");
  if (any_asks(sheet, [](const Blank& blank) { return blank.asks.find("counter.") != std::string::npos; }))
    formats.emplace_back(
        "Counters begin at 0 and count up from the first line on; the question says what each counts.");
  if (std::ranges::any_of(sheet.questions(), [](const Question* question) { return question->blanks.empty(); }))
    formats.emplace_back("A question without such a sign is answered in words, below it.");
}

}  // namespace

void explain(Sheet& sheet) {
  std::set<std::string, std::less<>> words;
  for (const SheetPart& part : sheet.parts) {
    const auto* lines = std::get_if<ScriptLines>(&part);
    for (std::size_t i = 0; lines != nullptr && i < lines->lines.size(); ++i) add_words(words, lines->lines[i]);
  }
  for (const Meaning& each : kMeanings) {
    if (words.contains(each.word)) sheet.words.emplace_back(each.form, each.meaning);
  }
  explain_formats(sheet);
}

}  // namespace bachsim
