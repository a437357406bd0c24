// What students write, and how it is marked.
#include "sim/sheet/written.h"

#include "tests/sheet/made.h"

namespace bachsim {
namespace {

Blank blank_of(Kind kind, Field value, bool may_be_null = false) {
  Blank blank{.asks = "P.data[0].x", .kind = kind, .may_be_null = may_be_null};
  blank.answers.push_back({.value = std::move(value)});
  return blank;
}

Mark mark(std::string_view written, const Blank& blank) { return judge(written, blank).mark; }

const Blank kNumber = blank_of(Kind::Number, std::int64_t{38000});
const Blank kSmall = blank_of(Kind::Number, std::int64_t{4});
const Blank kSwap = blank_of(Kind::Disk, Disk{.kind = DbdKind::Swap, .device = 1, .block = 65});
const Blank kNoCopy = blank_of(Kind::Disk, Disk{});
const Blank kUnderscored = blank_of(Kind::Disk, Disk{.kind = DbdKind::File, .block = 24, .program = "My_prog2"});
const Blank kFile = blank_of(Kind::Disk, Disk{.kind = DbdKind::File, .block = 24, .program = "demo"});
const Blank kState = blank_of(Kind::State, std::string("ready_swapped"));
const Blank kNoFrame = blank_of(Kind::Number, Field(kNothing), true);
const Blank kFrame = blank_of(Kind::Number, std::int64_t{967}, true);
const Blank kTruth = blank_of(Kind::Truth, true);
const Blank kNoError = blank_of(Kind::Errno, std::int64_t{0});
const Blank kError = blank_of(Kind::Errno, std::string("EAGAIN"));

}  // namespace

TEST_CASE("A truth that the answer denies is unclear") {
  for (const char* written : {"yes/no",
                              "yes no",
                              "yes, no",
                              "yes; no",
                              "yes (no)",
                              "true/false",
                              "set: no",
                              "cow set: no",
                              "is it set? no",
                              "0,001",
                              "no, 1",
                              "no -- 1",
                              "clear (1)",
                              "0 (1)",
                              "yes; 0",
                              "no, x",
                              "17 is in memory",
                              "in frame 1",
                              "frame 0",
                              "page 1 is in memory",
                              "in frame 9",
                              "wasn't 1",
                              "doesn't equal 1",
                              "no yes",
                              "wasn't set",
                              "hasn't been set",
                              "cannot be set",
                              "can't be set",
                              "un-set",
                              "non-set",
                              "!set",
                              "! set",
                              "\xE2\x89\xA0 set",
                              "1 no",
                              "1: no",
                              "1/no",
                              "1, no",
                              "1 - no",
                              "1; false",
                              "valid = 1, so no",
                              "yes (but no longer)",
                              "set, then clear",
                              "clear/set",
                              "clear -> set",
                              "no/set",
                              "false/set",
                              "yes, 0 no",
                              "was clear, now set",
                              "clear, set",
                              "clear; it is set",
                              "0, set",
                              "no; set",
                              "nothing is clear",
                              "no longer clear",
                              "never cleared",
                              "not set, is it",
                              "n/a",
                              "N/A",
                              "yes, not set",
                              "once set",
                              "yes, not any more",
                              "yes, it isn't",
                              "no (later set)",
                              "yes, until the fork",
                              "set, cleared",
                              "yes (cleared)",
                              "yes, unset",
                              "yes, it is invalid",
                              "yes, off",
                              "yes, nowhere",
                              "yes, in none",
                              "no (P), set (C)",
                              "1 (P) 0 (C)",
                              "set (P) 0 (C)"}) {
    CAPTURE(written);
    CHECK(mark(written, kTruth) == Mark::Unclear);
  }
  Blank valid = blank_of(Kind::Truth, true);
  valid.asks = "P.data[0].valid";
  for (const char* written : {"no, is valid", "0, valid", "0 (valid)", "0; P has it valid"}) {
    CAPTURE(written);
    CHECK(mark(written, valid) == Mark::Unclear);
  }
  CHECK(mark("no, P has made it not valid", valid) == Mark::Wrong);
  CHECK(mark("nowhere set", kTruth) == Mark::Wrong);
  for (const char* written : {"no", "n", "not set", "no bit set", "no, it is set by nobody", "no longer set"}) {
    CAPTURE(written);
    CHECK(mark(written, kTruth) == Mark::Wrong);
  }
  for (const char* written :
       {"yes", "yes, set", "set, true", "yes, by a fork", "yes, two processes have it", "yes! it is",
        "yes, under fork=cow", "1", "valid = 1", "yes 2 processes", "yes, never before", "y"}) {
    CAPTURE(written);
    CHECK(mark(written, kTruth) == Mark::Right);
  }
}

TEST_CASE("A number may be written in many ways") {
  for (const char* written : {"38000", " 38000 ", "38,000", "38_000", "0x9470", "0X9470", "38000 bytes", "= 38000",
                              "__38000__", "`38000`", "38000.", "38000\r", "38000 (0x9470)", "0x9470 (hex)",
                              "byte 38000", "38000, because 18 * 2048 + 1136", "38000; I think",
                              "\xC2\xA0"
                              "38000"}) {
    CAPTURE(written);
    CHECK(mark(written, kNumber) == Mark::Right);
  }
  for (const char* written : {"4", "four", "Four pages", "4 pages", "FOUR"}) {
    CAPTURE(written);
    CHECK(mark(written, kSmall) == Mark::Right);
  }
  for (const char* written : {"139", "139, signal 11", "139: signal 11", "139 (signal 11)"}) {
    CAPTURE(written);
    CHECK(mark(written, blank_of(Kind::Number, std::int64_t{139})) == Mark::Right);
  }
  CHECK(mark("12 (of 1400)", blank_of(Kind::Number, std::int64_t{12})) == Mark::Right);
  CHECK(mark("4 (of P (and Q))", kSmall) == Mark::Right);
  for (const char* written : {"4 (P) 5 (C)", "4 (deleted) 5", "4 (P) of P"}) {
    CAPTURE(written);
    CHECK(mark(written, kSmall) == Mark::Unclear);
  }
  CHECK(mark("11 (139)", blank_of(Kind::Number, std::int64_t{139})) == Mark::Unclear);
  Blank sum = blank_of(Kind::Number, std::int64_t{4});
  sum.asks = "P.data[0].valid + P.data[1].valid";
  CHECK(mark("yes", sum) == Mark::Unclear);
  CHECK(mark("4", sum) == Mark::Right);
  for (const char* written : {"one", "is one", "one page", "page one", "one of them", "only one"}) {
    CAPTURE(written);
    CHECK(mark(written, blank_of(Kind::Number, std::int64_t{1})) == Mark::Right);
  }
  CHECK(mark("4K", blank_of(Kind::Number, std::int64_t{4096})) == Mark::Right);
  for (const std::int64_t pages_or_bytes : {4, 4096}) {
    CHECK(mark("4KB", blank_of(Kind::Number, pages_or_bytes)) == Mark::Right);
    CHECK(mark("4 KB (4096)", blank_of(Kind::Number, pages_or_bytes)) == Mark::Right);
    CHECK(mark("4 KB", blank_of(Kind::Number, pages_or_bytes)) == Mark::Right);
    CHECK(mark("4 KB of it", blank_of(Kind::Number, pages_or_bytes)) == Mark::Right);
  }
  CHECK(mark("4 MB", blank_of(Kind::Number, std::int64_t{4 << 20})) == Mark::Right);
  CHECK(mark("4 MB", blank_of(Kind::Number, std::int64_t{4096})) == Mark::Wrong);
  CHECK(mark("4 MB", blank_of(Kind::Number, std::int64_t{4})) == Mark::Wrong);
  CHECK(mark("64 KB", blank_of(Kind::Address, Address{65536})) == Mark::Right);
  CHECK(mark("18014398509482048 KB", blank_of(Kind::Address, Address{65536})) == Mark::Unclear);
  CHECK(mark("none", blank_of(Kind::Number, std::int64_t{0})) == Mark::Right);
  CHECK(mark("no pages", blank_of(Kind::Number, std::int64_t{0})) == Mark::Right);
  for (const char* written : {"no answer", "no value", "no number"})
    CHECK(mark(written, blank_of(Kind::Number, std::int64_t{0})) == Mark::Unclear);
  for (const char* written : {"-3", "= -3", "-3, as fork fails",
                              "\xE2\x88\x92"
                              "3",
                              "\xE2\x80\x93"
                              "3",
                              "-3 \xE2\x80\x94 it fails"}) {
    CAPTURE(written);
    CHECK(mark(written, blank_of(Kind::Number, std::int64_t{-3})) == Mark::Right);
    CHECK(mark(written, blank_of(Kind::Number, std::int64_t{3})) == Mark::Wrong);
  }
  for (const char* written : {"4, four of them",
                              "4; that is all",
                              "-> 4",
                              "== 4",
                              "4!",
                              "it is 4",
                              "4 frames are used",
                              "set to 4",
                              "4th",
                              "4pages",
                              "\xE2\x80\x9C"
                              "4\xE2\x80\x9D",
                              "4\xE2\x80\xA6",
                              "4\xE2\x80\x8B",
                              "\xE2\x86\x92"
                              "4",
                              "**4**",
                              "4 = 0x4",
                              "four (of 5)",
                              "4 (not 5)",
                              "x = 4",
                              "x: 4",
                              "data 4",
                              "4, because 2 + 2"}) {
    CAPTURE(written);
    CHECK(mark(written, kSmall) == Mark::Right);
  }
}

TEST_CASE("A wrong number is wrong, whatever stands around it") {
  for (const char* written : {"38001", "3800", "380000", "0x38000", "-38000", "38", "none", "38000K"}) {
    CAPTURE(written);
    CHECK(mark(written, kNumber) == Mark::Wrong);
  }
}

TEST_CASE("Nothing is guessed where two readings are possible") {
  for (const char* written : {"3 or 4",
                              "4 5",
                              "not 4",
                              "between 3 and 4",
                              "about 4",
                              "4.5",
                              "four or five",
                              "abc",
                              "x",
                              "99999999999999999999",
                              "frames",
                              "4, 5",
                              "4; 5",
                              "4 - 5",
                              "four two",
                              "four, two",
                              "4, two",
                              "<4",
                              "> 4",
                              ">=4",
                              "!4",
                              "~4",
                              "\xE2\x89\xA0"
                              "4",
                              "\xE2\x89\xA5 4",
                              "\xC2\xBD"
                              "4",
                              "4\xC2\xBD",
                              "4e3",
                              "0x4x",
                              "0xg",
                              "0b100",
                              "four hundred",
                              "twenty four",
                              "minus 4",
                              "none, 4",
                              "no, 4",
                              "less than 4",
                              "isn't 4",
                              "4 + 5",
                              "4 - 4",
                              "4 of five",
                              "4 * 4",
                              "4 for the parent, 4 for the child",
                              "4 for P and 4 for C",
                              "the same one",
                              "the second one",
                              "the free one",
                              "4, signal 11",
                              "four/fifth",
                              "was 4",
                              "was 3, now 4",
                              "first 4",
                              "4, then 5",
                              "4, then 4",
                              "4 (now 5)",
                              "4, with 5",
                              "4 no longer used",
                              "4 Ki",
                              "4 hex",
                              "4 (hex)",
                              "4, no",
                              "4 - no",
                              "4 (no)",
                              "4, in hexadecimal",
                              "frame-4",
                              "- 4",
                              "4 Seiten"}) {
    CAPTURE(written);
    CHECK(mark(written, kSmall) == Mark::Unclear);
    CHECK(!judge(written, kSmall).trouble.empty());
  }
}

TEST_CASE("Letters and signs that are not known may deny what stands beside them") {
  for (const char* written : {"\xD0\xBD\xD0\xB5 4", "\xE4\xB8\x8D\xE6\x98\xAF 4", "\xE2\x88\xBC 4", "\xC2\xAC 4",
                              "4, \xD0\xBD\xD0\xB5\xD1\x82", "4 (\xD0\xBD\xD0\xB5\xD1\x82)"}) {
    CAPTURE(written);
    CHECK(mark(written, kSmall) == Mark::Unclear);
  }
  CHECK(mark("\xD0\xBD\xD0\xB5 set", kTruth) == Mark::Unclear);
  CHECK(mark("\xC2\xAC"
             "ready_swapped",
             kState) == Mark::Unclear);
  CHECK(mark("\xC2\xAC"
             "EAGAIN",
             kError) == Mark::Unclear);
  CHECK(mark("\xE2\x80\xA2 4", kSmall) == Mark::Right);
  CHECK(mark("4, because \xD0\xBD", kSmall) == Mark::Right);
}

TEST_CASE("A blank that was left alone is missing") {
  for (const char* written : {"", "   ", "____", "__ __", "?", "???", "\r", "``", "..."}) {
    CAPTURE(written);
    CHECK(mark(written, kSmall) == Mark::Missing);
    CHECK(mark(written, kSwap) == Mark::Missing);
    CHECK(mark(written, kState) == Mark::Missing);
  }
}

TEST_CASE("A disk block may be written with words") {
  for (const char* written : {"swap:1:65", "swap 1 65", "Swap 65", "swap:65", "SWAP:1:65", "swap device 1, block 65",
                              "block 65 of swap", "swap block 65", "swap 1:65 (behind all)"}) {
    CAPTURE(written);
    CHECK(mark(written, kSwap) == Mark::Right);
  }
  CHECK(mark("swap:2:65", kSwap) == Mark::Wrong);
  CHECK(mark("swap:4294967297:65", kSwap) == Mark::Wrong);  // 1 in 32 bits
  CHECK(mark("swap:1:66", kSwap) == Mark::Wrong);
  CHECK(mark("file:65", kSwap) == Mark::Wrong);
  CHECK(mark("none", kSwap) == Mark::Wrong);
  CHECK(mark("65", kSwap) == Mark::Unclear);
  CHECK(mark("swap", kSwap) == Mark::Unclear);
  CHECK(mark("swap 1 65 7", kSwap) == Mark::Unclear);
  CHECK(mark("swap 1 - 65", kSwap) == Mark::Right);
  for (const char* written : {"swap block 65; device 2", "swap 65 - device 2", "swap device two block 65"}) {
    CAPTURE(written);
    CHECK(mark(written, kSwap) == Mark::Wrong);
  }
  for (const char* written :
       {"swap block 64, swap block 65", "swap block 65 block 66", "page 1 on swap block 65", "2 pages on swap block 65",
        "swap 1 (block 65)", "swap 65 (device 2)", "swap 65-66", "swap, later 65", "formerly swap 65",
        "swap 1 65, then none", "swap 65 (second device)", "swap 65 (of device two)"}) {
    CAPTURE(written);
    CHECK(mark(written, kSwap) == Mark::Unclear);
  }
  CHECK(mark("file:other:24", kFile) == Mark::Unclear);
  for (const char* written :
       {"swap[1,65]", "swap 1, 65", "swap,1,65", "swap block 1:65", "block 1:65 of swap", "swap, block 1:65",
        "(1,65) on swap", "swap device 1 block 65", "it is on swap 1:65", "block swap:1:65",
        "block 65 on the swap device 1", "swap space, block 65", "= swap 65"}) {
    CAPTURE(written);
    CHECK(mark(written, kSwap) == Mark::Right);
  }
  const Blank far = blank_of(Kind::Disk, Disk{.kind = DbdKind::Swap, .device = 1, .block = 847});
  for (const char* written :
       {"swap[1,847]", "(1,847) on swap", "swap block 1:847", "swap:1, block 847", "swap 1, 847"}) {
    CAPTURE(written);
    CHECK(mark(written, far) == Mark::Right);
  }
  const Blank farther = blank_of(Kind::Disk, Disk{.kind = DbdKind::Swap, .device = 1, .block = 1847});
  CHECK(mark("swap[1,847]", farther) == Mark::Wrong);
  for (const char* written : {"swap 1,847", "swap:1,847", "swap 1_847", "swap 1:1,847", "swap 847, refs 1", "swap -847",
                              "swap 847!", "swap 847?", "swap + 847", "swap 847/1", "swap 847, not", "swap 847, or one",
                              "swap 847, perhaps", "swap 847, zero", "swap 847K", "swap 1.847", "swap block 847 1"}) {
    CAPTURE(written);
    CHECK(mark(written, far) == Mark::Unclear);
    CHECK(mark(written, farther) == Mark::Unclear);
  }
  for (const char* written : {"logical block 24 of the file", "file, block 24", "file: logical block 24",
                              "block 24 of demo's file", "file demo block 24", "24 of file", "file[24]"}) {
    CAPTURE(written);
    CHECK(mark(written, kFile) == Mark::Right);
  }
  CHECK(mark("file:my_prog2:24", kUnderscored) == Mark::Right);
  CHECK(mark("file My_prog2, block 25", kUnderscored) == Mark::Wrong);
  const Blank zero = blank_of(Kind::Disk, Disk{.kind = DbdKind::Zero});
  const Blank fill = blank_of(Kind::Disk, Disk{.kind = DbdKind::Fill});
  for (const char* written :
       {"zero", "demand zero", "zeros", "fill with zeros", "zero fill", "demand fill with zeros"}) {
    CAPTURE(written);
    CHECK(mark(written, zero) == Mark::Right);
    CHECK(mark(written, fill) == Mark::Wrong);
  }
  for (const char* written : {"fill", "demand fill", "fill from the file", "filled from file"}) {
    CAPTURE(written);
    CHECK(mark(written, fill) == Mark::Right);
    CHECK(mark(written, zero) == Mark::Wrong);
  }
  for (const char* written : {"fill, zeros", "fill (with zeros)", "no fill", "none, fill", "fill zero", "zero/fill",
                              "fill 3", "no swap", "copy"}) {
    CAPTURE(written);
    CHECK(mark(written, fill) == Mark::Unclear);
    CHECK(mark(written, zero) == Mark::Unclear);
    CHECK(mark(written, kNoCopy) == Mark::Unclear);
  }
  CHECK(mark("swap 1 65, demand zero", kSwap) == Mark::Unclear);
  CHECK(mark("none, swap 1 65", kSwap) == Mark::Unclear);
  for (const char* written : {"none", "no copy", "-", "None.", "nowhere", "there is no copy", "no copy on disk",
                              "none, it has been read in", "no copy; the page is new"}) {
    CAPTURE(written);
    CHECK(mark(written, kNoCopy) == Mark::Right);
  }
  CHECK(mark("zero", kNoCopy) == Mark::Wrong);
  CHECK(mark("file 24", kFile) == Mark::Right);
  CHECK(mark("file:demo:24", kFile) == Mark::Right);
  CHECK(mark("demand zero", blank_of(Kind::Disk, Disk{.kind = DbdKind::Zero})) == Mark::Right);
}

TEST_CASE("A state may be written with a blank, and with words behind it") {
  for (const char* written :
       {"ready_swapped", "ready, swapped", "Ready swapped", "READY_SWAPPED", "ready swapped, on swap", "ready on swap",
        "Ready to Run, Swapped", "ready (swapped)", "ready (on swap)", "ready, swapped out", "swapped out, ready",
        "P is ready and swapped", "state: ready_swapped", "the process is ready, on swap"}) {
    CAPTURE(written);
    CHECK(mark(written, kState) == Mark::Right);
  }
  CHECK(mark("ready", kState) == Mark::Wrong);
  CHECK(mark("asleep_swapped", kState) == Mark::Wrong);
  for (const char* written : {"asleep on swap", "ready to run", "ready in memory", "ready (first in the list)",
                              "ready, swapped in", "ready (swapped in)", "asleep, swapped in", "a zombie", "sleeping",
                              "it is asleep", "reaped, its parent knows"}) {
    CAPTURE(written);
    CHECK(mark(written, kState) == Mark::Wrong);
  }
  for (const char* written :
       {"ready, not swapped", "ready once", "ready, nearly swapped", "ready swapped (then asleep)",
        "ready (nearly swapped)", "ready swapped (was asleep)", "ready, asleep", "swapped", "ready ready",
        "ready/swapped", "ready, the disk has it", "ready (evicted)", "ready, killed", "ready, maybe",
        "ready, paged to disk", "ready, sleeping"}) {
    CAPTURE(written);
    CHECK(mark(written, kState) == Mark::Unclear);
  }
  CHECK(mark("sitting", kState) == Mark::Unclear);
  for (const char* written : {"reaped (ended, and its parent knows)", "reaped; it has exited", "Reaped, killed"}) {
    CAPTURE(written);
    CHECK(mark(written, blank_of(Kind::State, std::string("reaped"))) == Mark::Right);
  }
  CHECK(mark("asleep (waiting for its child)", blank_of(Kind::State, std::string("asleep"))) == Mark::Right);
  CHECK(mark("zombie (its parent has not waited)", blank_of(Kind::State, std::string("zombie"))) == Mark::Right);
  CHECK(mark("ready or asleep", kState) == Mark::Unclear);
  CHECK(mark("ready; swapped", kState) == Mark::Right);
  CHECK(mark("ready \xE2\x80\x94 swapped", kState) == Mark::Right);
  CHECK(mark("ready swapped; zombie", kState) == Mark::Unclear);
  CHECK(mark("ready_swapped / asleep", kState) == Mark::Unclear);
  CHECK(mark("ready swapped, ready", kState) == Mark::Unclear);
  CHECK(mark("ready_swapped (first in the list)", kState) == Mark::Right);
  CHECK(judge("sitting", kState).trouble.find("ready") != std::string::npos);
}

TEST_CASE("What is not there has many words") {
  for (const char* written :
       {"none", "no frame", "No frame.", "never", "null", "-", "it has none", "x: none", "there is no frame"}) {
    CAPTURE(written);
    CHECK(mark(written, kNoFrame) == Mark::Right);
    CHECK(mark(written, kFrame) == Mark::Wrong);
  }
  CHECK(mark("0", kNoFrame) == Mark::Wrong);
  for (const char* written : {"none, 4", "no, frame 4", "none, yes"}) {
    CAPTURE(written);
    CHECK(mark(written, kNoFrame) == Mark::Unclear);
  }
  const Blank no_event = blank_of(Kind::Event, kNothing, true);
  CHECK(mark("none", no_event) == Mark::Right);
  for (const char* written :
       {"none or transfer", "nothing, then transfer", "none, transfer", "nothing but a transfer"}) {
    CAPTURE(written);
    CHECK(mark(written, no_event) == Mark::Unclear);
  }
  CHECK(mark("frame 967", kFrame) == Mark::Right);
  const Blank lock = blank_of(Kind::Event, std::string("lock"), true);
  for (const char* written :
       {"lock", "the lock", "lock of the region", "it is the region's lock", "Lock.", "lock, which another has"}) {
    CAPTURE(written);
    CHECK(mark(written, lock) == Mark::Right);
  }
  for (const char* written : {"transfer", "transfer from swap", "contents of the frame", "a free frame", "none"}) {
    CAPTURE(written);
    CHECK(mark(written, lock) == Mark::Wrong);
  }
  for (const char* written : {"lock of the frame", "lock, then contents", "lock (or text)", "locked", "no lock"}) {
    CAPTURE(written);
    CHECK(mark(written, lock) == Mark::Unclear);
  }
}

TEST_CASE("Yes and no, and errors") {
  for (const char* written : {"yes", "1", "Yes.", "true", "set"}) CHECK(mark(written, kTruth) == Mark::Right);
  for (const char* written : {"no", "0", "clear", "false"}) CHECK(mark(written, kTruth) == Mark::Wrong);
  CHECK(mark("perhaps", kTruth) == Mark::Unclear);
  for (const char* written : {"yes, 2 processes do", "yes; two others", "true, three times", "set, two", "yes 2 do"}) {
    CAPTURE(written);
    CHECK(mark(written, kTruth) == Mark::Right);
  }
  for (const char* written : {"no, one process has it", "No; one is enough", "never; one"}) {
    CAPTURE(written);
    CHECK(mark(written, kTruth) == Mark::Wrong);
  }
  for (const char* written : {"no one", "yes 0", "1, 2"}) {
    CAPTURE(written);
    CHECK(mark(written, kTruth) == Mark::Unclear);
  }
  for (const char* written : {"0", "none", "no error", "no error, all is well"})
    CHECK(mark(written, kNoError) == Mark::Right);
  for (const char* written : {"no children", "no more processes", "none or EINVAL", "none, EAGAIN", "no EAGAIN",
                              "0, EAGAIN", "nothing but EAGAIN", "EAGAIN, ENOMEM", "EAGAIN or ENOMEM",
                              "EAGAIN, no error", "EAGAIN (no error)", "EAGAIN, a success"}) {
    CAPTURE(written);
    CHECK(mark(written, kNoError) == Mark::Unclear);
    CHECK(mark(written, kError) == Mark::Unclear);
  }
  CHECK(mark("EAGAIN, as the table is full", kError) == Mark::Right);
  for (const char* written : {"EAGAIN, the table is full", "EAGAIN (no swap space left)", "EAGAIN, out of memory",
                              "error EAGAIN", "errno: EAGAIN"}) {
    CAPTURE(written);
    CHECK(mark(written, kError) == Mark::Right);
  }
  CHECK(mark("eagain", kError) == Mark::Right);
  CHECK(mark("ENOMEM", kError) == Mark::Wrong);
  CHECK(mark("0", kError) == Mark::Wrong);
}

TEST_CASE("The rounds of a loop are values in a row") {
  Blank blank = blank_of(Kind::Number, std::int64_t{1});
  blank.answers.push_back({.value = std::int64_t{2}});
  blank.answers.push_back({.value = std::int64_t{3}});
  CHECK(mark("1, 2, 3", blank) == Mark::Right);
  CHECK(mark("1 2 3", blank) == Mark::Right);
  CHECK(mark("1,2,4", blank) == Mark::Wrong);
  CHECK(mark("1, 2", blank) == Mark::Unclear);
}

TEST_CASE("No text of a student's makes the reading fail") {
  const std::vector<Blank> blanks{kNumber, kSwap, kNoCopy, kState, kNoFrame, kFrame, kTruth, kError};
  std::uint64_t state = 1;
  const std::string_view letters = "0123456789xKMG:,;._- ()\"'`*swapfilenodezr#=\xC2\xA0\xFF\x01";
  for (int i = 0; i < 20000; ++i) {
    std::string written;
    for (std::size_t k = 0; k < 1 + state % 23; ++k) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      written += letters[(state >> 33) % letters.size()];
    }
    state = state * 6364136223846793005u + 1442695040888963407u;
    for (const Blank& blank : blanks) CHECK_NOTHROW(judge(written, blank));
  }
}

}  // namespace bachsim
