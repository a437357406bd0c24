// Machine statements and --set: the machine that they make, and what is wrong with them.
#include "workloads/language/settings.h"

#include <string>
#include <string_view>
#include <vector>

#include "sim/state/column.h"
#include "tests/parser/fixture.h"

namespace bachsim {
namespace {

std::string value_text(const decltype(KeyValue::value)& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return fmt::format("{}", *number);
  if (const auto* word = std::get_if<std::string_view>(&value)) return std::string(*word);
  if (const auto* list = std::get_if<std::vector<std::uint64_t>>(&value))
    return fmt::format("[{}]", fmt::join(*list, ","));
  return "-";
}

using Machine = std::vector<std::pair<std::string, std::string>>;  // key, value

Machine machine_of(const Config& config) {
  Machine machine;
  for (const KeyValue& setting : settings_of(config)) machine.emplace_back(setting.key, value_text(setting.value));
  return machine;
}

// What a script and --set change in the machine, `key=value key=value`; or what is wrong.
std::string changes(std::string_view script, const std::vector<std::string>& overrides = {}) {
  Parsed parsed{std::string(script)};
  std::string text;
  for (const Diagnostic& error : parsed.result.errors) text += render(parsed.sources, error);
  std::vector<Setting> settings;
  for (const std::string& word : overrides) {
    auto setting = parse_setting(parsed.sources, parsed.sources.add("--set", word));
    if (setting)
      settings.push_back(*setting);
    else
      text += render(parsed.sources, setting.error());
  }
  if (!text.empty()) return text;
  const auto config = configure(parsed.result.script, settings);
  if (!config) {
    for (const Diagnostic& error : config.error()) text += render(parsed.sources, error);
    return text;
  }
  const Machine before = machine_of(Config());
  const Machine after = machine_of(*config);
  for (const auto& each : after) {  // some keys are not there while they have their first value
    if (std::ranges::find(before, each) == before.end())
      text += fmt::format("{}{}={}", text.empty() ? "" : " ", each.first, each.second);
  }
  return text;
}

TEST_CASE("a machine that nobody sets up is as the manual says") {
  const Machine machine{{"frames", "1024"}, {"reserve", "0"},        {"swap", "[]"},
                        {"mode", "sv39"},   {"fork", "cow"},         {"vfork", "share"},
                        {"ad", "hardware"}, {"paging", "on"},        {"low", "0"},
                        {"high", "0"},      {"max-age", "3"},        {"cluster", "1"},
                        {"tlb", "64"},      {"stack-limit", "2048"}, {"nproc", "-"},
                        {"nregion", "-"},   {"tables", "-"},         {"first", "parent"},
                        {"prepage", "0"},   {"working-set", "0"},    {"swap-map", "extents"},
                        {"page", "4096"}};
  CHECK(machine_of(Config()) == machine);
  CHECK(changes("").empty());
}

TEST_CASE("every key sets its own value") {
  const std::vector<std::pair<std::string, std::string>> table{{"frames=64", ""},
                                                               {"reserve=3", ""},
                                                               {"swap=5", "swap=[5]"},
                                                               {"swap=5,7", "swap=[5,7]"},
                                                               {"mode=sv48", ""},
                                                               {"mode=sv57", ""},
                                                               {"fork=copy", ""},
                                                               {"fork=vfork", ""},
                                                               {"vfork=fork", ""},
                                                               {"ad=software", ""},
                                                               {"paging=off", ""},
                                                               {"paging=hybrid", ""},
                                                               {"low=3", ""},
                                                               {"high=3", ""},
                                                               {"max-age=7", ""},
                                                               {"max-age=0", ""},
                                                               {"cluster=8", ""},
                                                               {"tlb=1", ""},
                                                               {"stack-limit=9", ""},
                                                               {"nproc=2", ""},
                                                               {"nregion=0", ""},
                                                               {"tables=0", ""},
                                                               {"prepage=3", ""},
                                                               {"working-set=5", ""},
                                                               {"first=child", ""},
                                                               {"swap-map=bits", ""},
                                                               {"io=sleep", ""},
                                                               {"dispatch=nice", ""},
                                                               {"check=protection-first", ""},
                                                               {"valid=software", ""},
                                                               {"disk-copy=keep", ""},
                                                               {"out-list=keep", ""},
                                                               {"frame-wait=locked", ""},
                                                               {"stealer=clock", ""},
                                                               {"stealer=fifo", ""},
                                                               {"stealer=lru", ""},
                                                               {"stealer=nru", ""},
                                                               {"stealer=random", ""},
                                                               {"stealer=opt", ""},
                                                               {"block=8K", "block=8192"},
                                                               {"nproc=18446744073709551615", ""}};
  for (const auto& [setting, change] : table) {
    CAPTURE(setting);
    CHECK(changes("machine " + setting) == (change.empty() ? setting : change));
    CHECK(changes("", {setting}) == (change.empty() ? setting : change));
  }
}

TEST_CASE("the defaults may be said too") {
  CHECK(changes("machine frames=1024 reserve=0 swap=0 mode=sv39 fork=cow vfork=share ad=hardware "
                "paging=on low=0 "
                "high=0 max-age=3 cluster=1 tlb=64 stack-limit=8M page=4K "
                "working-set=0 first=parent prepage=0 swap-map=extents io=atomic window=limit "
                "dispatch=turns check=validity-first valid=hardware disk-copy=drop out-list=write stealer=age")
            .empty());
  CHECK(changes("machine page=4096").empty());
}

TEST_CASE("sizes with a suffix are bytes rounded up to pages") {
  CHECK(changes("machine frames=64K") == "frames=16");
  CHECK(changes("machine frames=65K reserve=1K") == "frames=17 reserve=1");
  CHECK(changes("machine swap=4K,5K,1M") == "swap=[1,2,256]");
  CHECK(changes("machine low=8K high=1M stack-limit=1G") == "low=2 high=256 stack-limit=262144");
  CHECK(changes("machine tlb=1K cluster=1K") == "cluster=1024 tlb=1024");
}

TEST_CASE("sizes count pages of the size that page= has in the end") {
  CHECK(changes("machine page=1K") == "page=1024");
  CHECK(changes("machine frames=64K page=1K swap=3K") == "frames=64 swap=[3] page=1024");
  CHECK(changes("machine frames=64K swap=1K\nmachine page=2K") == "frames=32 swap=[1] page=2048");
  CHECK(changes("machine frames=64K page=1K", {"page=512"}) == "frames=128 page=512");
  CHECK(changes("machine frames=64K page=1K", {"page=4K"}) == "frames=16");
  CHECK(changes("machine page=1K stack-limit=8M") == "stack-limit=8192 page=1024");
}

// "sh 2+3+0+1 at 0, 64K, 128K": sizes in pages, and where they are shown if that is said.
std::string program_of(const std::string& script, const std::vector<std::string>& overrides = {}) {
  Parsed parsed(script);
  REQUIRE(parsed.errors().empty());
  std::vector<Setting> settings;
  for (const std::string& word : overrides)
    settings.push_back(*parse_setting(parsed.sources, parsed.sources.add("--set", word)));
  const Config config = *configure(parsed.result.script, settings);
  const Program program = programs_of(parsed.result.script, config).front();
  std::string text =
      fmt::format("{} {}+{}+{}+{}", program.name, program.text, program.data, program.bss, program.stack);
  if (program.starts)
    text += fmt::format(" at {}, {}, {}", bytes_text(program.starts->text), bytes_text(program.starts->data),
                        bytes_text(program.starts->stack));
  return text;
}

TEST_CASE("programs count pages of the machine's size and are shown where they say") {
  const std::string textbook = "program sh text=32K@0 data=64K@64K stack=8K@128K\n";
  CHECK(program_of(textbook + "machine page=1K") == "sh 32+64+0+8 at 0, 64K, 128K");
  CHECK(program_of(textbook) == "sh 8+16+0+2 at 0, 64K, 128K");
  CHECK(program_of(textbook + "machine page=1K", {"page=2K"}) == "sh 16+32+0+4 at 0, 64K, 128K");
  CHECK(program_of("program a text=3K data=2 bss=5K\nmachine page=1K") == "a 3+2+5+1 at 0, 64K, 128K");
  CHECK(program_of("program a text=3K data=2 bss=5K") == "a 1+2+2+1");
}

TEST_CASE("a section without an address is shown at the next 64K behind those before it") {
  CHECK(program_of("program a\nmachine page=1K") == "a 0+0+0+1 at 0, 64K, 128K");
  CHECK(program_of("program a text=64K data=1\nmachine page=1K") == "a 64+1+0+1 at 0, 64K, 128K");
  CHECK(program_of("program a text=65K data=64K bss=1\nmachine page=1K") == "a 65+64+1+1 at 0, 128K, 256K");
  CHECK(program_of("program a text=8K@4K data=8K") == "a 2+2+0+1 at 4K, 64K, 128K");
  CHECK(program_of("program a text=4K@512K data=8K@0 stack=1") == "a 1+2+0+1 at 512K, 0, 576K");
}

TEST_CASE("a section is no longer than its real pages have addresses") {
  CHECK(program_of("program a text=31G\nmachine page=1K").starts_with("a 32505856+"));
  CHECK(
      errors_of("machine page=1K\nprogram a text=33G").starts_with("a.bach:2:16: error: a section has at most 32G\n"));
}

TEST_CASE("addresses that sections cannot be shown at are told") {
  check_marked(R"(
program a text=4K@1K
                  ^ a section begins at a multiple of the page, 4K
program a text=8K@0 data=4K@4K
                            ^ data begins at 4K, but text ends at 8K
program a text=8K@64K data=4K@64K
                              ^ data begins at 64K, but text ends at 72K
program a data=8K@60K stack=8K@56K
                  ^ data begins at 60K, but stack ends at 64K
program a text=8K@64K data=128K@0
                  ^ text begins at 64K, but data ends at 128K
program a data=8K@128K stack=8K@128G
                                ^ a section begins below 128G
program a text=4K@134217724K
        ^ program `a` does not fit: its stack ends above 128G
program a text=1 bss=4K@0
                        ^ bss has no address of its own: it follows data
program a text=1@data
                 ^ expected an address, found `data`
)");
}

TEST_CASE("the largest values are taken") {
  CHECK(changes("machine frames=1073741824") == "frames=1073741824");
  CHECK(changes("machine frames=4096G") == "frames=1073741824");
  CHECK(changes("machine reserve=1023") == "reserve=1023");
  CHECK(changes("machine low=1024 high=1024") == "low=1024 high=1024");
  CHECK(changes("machine swap=4294967296") == "swap=[4294967296]");
  CHECK(changes("machine max-age=65535 tlb=65536") == "max-age=65535 tlb=65536");
  CHECK(changes("machine stack-limit=33554432") == "stack-limit=33554432");
  std::string devices;
  for (int i = 0; i < 255; ++i) devices += i == 0 ? "1" : ",1";
  CHECK(changes("machine swap=" + devices) == "swap=[" + devices + "]");
  CHECK(changes("machine swap=" + devices + ",1")
            .starts_with("a.bach:1:524: error: swap is at most 4294967296 blocks on 255 devices\n"));
}

TEST_CASE("later settings win and the command line over all") {
  CHECK(changes("machine frames=64 tlb=8\nmachine frames=32 fork=copy") == "frames=32 fork=copy tlb=8");
  CHECK(changes("machine swap=5,7\nmachine swap=3") == "swap=[3]");
  CHECK(changes("machine swap=5,7\nmachine swap=0").empty());
  CHECK(changes("machine frames=64 tlb=8", {"frames=32", "fork=copy"}) == "frames=32 fork=copy tlb=8");
  CHECK(changes("machine frames=64", {"frames=32", "frames=16"}) == "frames=16");
  CHECK(changes("machine frames=4 reserve=4", {"reserve=3"}) == "frames=4 reserve=3");
}

TEST_CASE("unknown keys are told") {
  check_marked(R"(
machine ram=3
        ^ a machine has no `ram`
machine frame=3
        ^ a machine has no `frame`; did you mean `frames`?
machine Frames=3
        ^ a machine has no `Frames`; did you mean `frames`?
machine stack=3
        ^ a machine has no `stack`
machine stack-limt=3
        ^ a machine has no `stack-limt`; did you mean `stack-limit`?
machine maxage=3
        ^ a machine has no `maxage`; did you mean `max-age`?
)");
}

TEST_CASE("numbers that cannot be are told") {
  check_marked(R"(
machine frames=1,2
                 ^ `frames` takes one value
machine frames=many
               ^ `frames` takes a number, not `many`
machine frames=0
               ^ `frames` is from 1 to 1073741824
machine frames=0K
               ^ `frames` is from 1 to 1073741824
machine frames=99999999999
               ^ `frames` is from 1 to 1073741824
machine reserve=99999999999
                ^ `reserve` is from 0 to 1073741824
machine page=x
             ^ `page` takes a number, not `x`
machine max-age=x
                ^ `max-age` takes a number, not `x`
machine cluster=0
                ^ `cluster` is from 1 to 1073741824
machine tlb=0
            ^ `tlb` is from 1 to 65536
machine tlb=65537
            ^ `tlb` is from 1 to 65536
machine tlb=-1
            ^ expected a number or a word, found `-`
machine prepage=1073741825
                ^ `prepage` is from 0 to 1073741824
machine nproc=1
              ^ `nproc` is 2 or more
machine nproc=x
              ^ `nproc` takes a number, not `x`
machine nregion=x
                ^ `nregion` takes a number, not `x`
machine tables=x
               ^ `tables` takes a number, not `x`
machine stack-limit=999999999999
                    ^ `stack-limit` is from 0 to 33554432
machine max-age=65536
                ^ `max-age` is from 0 to 65535
machine low=4294967296M
            ^ `low` is from 0 to 1073741824
machine high=18446744073709551615
             ^ `high` is from 0 to 1073741824
machine frames=1073741825
               ^ `frames` is from 1 to 1073741824
machine frames=18446744073709551615
               ^ `frames` is from 1 to 1073741824
machine cluster=1073741825
                ^ `cluster` is from 1 to 1073741824
machine nproc=0
              ^ `nproc` is 2 or more
machine stack-limit=33554433
                    ^ `stack-limit` is from 0 to 33554432
)");
}

TEST_CASE("words that are none of a key are told") {
  check_marked(R"(
machine mode=sv32
             ^ `mode` is one of sv39, sv48, sv57, not `sv32`; did you mean `sv39`?
machine mode=39
             ^ `mode` takes a word, not `39`
machine mode=sv39,sv48
                  ^ `mode` takes one value
machine mode=sv93
             ^ `mode` is one of sv39, sv48, sv57, not `sv93`; did you mean `sv39`?
machine fork=cwo
             ^ `fork` is one of cow, copy, vfork, not `cwo`; did you mean `cow`?
machine fork=none
             ^ `fork` is one of cow, copy, vfork, not `none`
machine vfork=shrae
              ^ `vfork` is one of share, fork, not `shrae`; did you mean `share`?
machine vfork=3
              ^ `vfork` takes a word, not `3`
machine ad=softwere
           ^ `ad` is one of hardware, software, not `softwere`; did you mean `software`?
machine ad=off
           ^ `ad` is one of hardware, software, not `off`
machine paging=maybe
               ^ `paging` is one of on, off, hybrid, not `maybe`
machine paging=1
               ^ `paging` takes a word, not `1`
machine paging=on,off
                  ^ `paging` takes one value
machine swap-map=bit
                 ^ `swap-map` is one of extents, bits, not `bit`; did you mean `bits`?
machine block=3K
              ^ `block` is one of 512, 1K, 2K, 4K, 8K, 16K, 32K, 64K
machine check=protection
              ^ `check` is one of validity-first, protection-first, not `protection`
machine check=protection-
                         ^ expected a word, found the end of the line
machine dispatch=nicely
                 ^ `dispatch` is one of turns, nice, not `nicely`
machine valid=1
              ^ `valid` takes a word, not `1`
machine window=references
               ^ no program has a working set: `working-set=` says of how many references
machine page=3K
             ^ `page` is one of 512, 1K, 2K, 4K
machine page=1
             ^ `page` is one of 512, 1K, 2K, 4K
machine page=4K,4K
                ^ `page` takes one value
)");
}

TEST_CASE("swap devices that cannot be are told") {
  check_marked(R"(
machine swap=x
             ^ `swap` takes numbers of blocks, not `x`
machine swap=1,x
               ^ `swap` takes numbers of blocks, not `x`
machine swap=0,1
             ^ a swap device has at least 1 block
machine swap=1,0
               ^ a swap device has at least 1 block
machine swap=1,2,0
                 ^ a swap device has at least 1 block
machine swap=4294967297
             ^ swap is at most 4294967296 blocks on 255 devices
machine swap=4294967296,1
                        ^ swap is at most 4294967296 blocks on 255 devices
)");
}

TEST_CASE("settings that do not go together are told") {
  check_marked(R"(
machine reserve=1024
                ^ no frame is left: reserve=1024 of frames=1024
machine frames=4 reserve=4
                         ^ no frame is left: reserve=4 of frames=4
machine frames=4 reserve=5
                         ^ no frame is left: reserve=5 of frames=4
machine reserve=5 frames=5
                ^ no frame is left: reserve=5 of frames=5
machine frames=4 reserve=1 low=4
                               ^ low=4 is above the 3 frames that can be handed out
machine low=1025
            ^ low=1025 is above the 1024 frames that can be handed out
machine high=1025
             ^ high=1025 is above the 1024 frames that can be handed out
machine frames=10 high=11 reserve=0
                       ^ high=11 is above the 10 frames that can be handed out
)");
  check_errors({
      {"machine io=sleep stealer=opt\n",
       R"(a.bach:1:26: error: stealer=opt knows what is to come only where nobody sleeps for a page: io=atomic
machine io=sleep stealer=opt
                         ^
)"},
      {"machine low=1025 high=4M frames=1000\n",
       R"(a.bach:1:13: error: low=1025 is above the 1000 frames that can be handed out
machine low=1025 high=4M frames=1000
            ^
a.bach:1:23: error: high=1024 is above the 1000 frames that can be handed out
machine low=1025 high=4M frames=1000
                      ^
)"},
      {"machine reserve=9\nmachine frames=9\n",
       R"(a.bach:1:17: error: no frame is left: reserve=9 of frames=9
machine reserve=9
                ^
)"},
  });
}

TEST_CASE("programs that do not fit the machine are told") {
  check_errors({
      {"program big data=128G\n",
       R"(a.bach:1:9: error: program `big` does not fit: text and data end at 128G
program big data=128G
        ^
)"},
      {"program big data=64G bss=64G\n",
       R"(a.bach:1:9: error: program `big` does not fit: text and data end at 128G
program big data=64G bss=64G
        ^
)"},
      {"program big text=16777216 data=16777216\n",
       R"(a.bach:1:9: error: program `big` does not fit: text and data end at 128G
program big text=16777216 data=16777216
        ^
)"},
      {"program big data=33553920\n", ""},
      {"program big data=33553921\n",
       R"(a.bach:1:9: error: program `big` does not fit: text and data end at 128G
program big data=33553921
        ^
)"},
      {"program deep stack=2048\n", ""},
      {"program deep stack=2049\n",
       R"(a.bach:1:9: error: program `deep` does not fit: stack=2049 is above stack-limit=2048
program deep stack=2049
        ^
)"},
      {"machine stack-limit=0\nprogram flat stack=0\nprogram sh\n",
       R"(a.bach:3:9: error: program `sh` does not fit: stack=1 is above stack-limit=0
program sh
        ^
)"},
      {"program fine\nprogram huge bss=128G stack=4G\n",
       R"(a.bach:2:9: error: program `huge` does not fit: text and data end at 128G
program huge bss=128G stack=4G
        ^
a.bach:2:9: error: program `huge` does not fit: stack=1048576 is above stack-limit=2048
program huge bss=128G stack=4G
        ^
)"},
  });
}

TEST_CASE("all wrong settings are told at once and what they might go with later") {
  check_errors({{R"(machine ram=1
machine fork=3 tlb=0 reserve=2000
program huge data=128G
)",
                 R"(a.bach:1:9: error: a machine has no `ram`
machine ram=1
        ^
a.bach:2:14: error: `fork` takes a word, not `3`
machine fork=3 tlb=0 reserve=2000
             ^
a.bach:2:20: error: `tlb` is from 1 to 65536
machine fork=3 tlb=0 reserve=2000
                   ^
)"}});
}

TEST_CASE("twenty wrong settings are told and no more") {
  std::string script;
  std::string text;
  for (int i = 1; i <= 25; ++i) {
    script += "machine tlb=0\n";
    if (i <= 20)
      text += fmt::format("a.bach:{}:13: error: `tlb` is from 1 to 65536\nmachine tlb=0\n            ^\n", i);
  }
  CHECK(errors_of(script) == text);
}

TEST_CASE("a wrong setting of the command line is told as such") {
  const std::vector<ScriptText> table{
      {"frames", "--set:1:7: error: expected `=`, found the end\nframes\n      ^\n"},
      {"", "--set:1:1: error: expected a key of the machine, found the end\n\n^\n"},
      {"frames=",
       "--set:1:8: error: expected a number or a word, found the end\nframes=\n     "
       "  ^\n"},
      {"frames=1 2", "--set:1:10: error: expected the end of the setting, found `2`\nframes=1 2\n         ^\n"},
      {"frames=1\n",
       "--set:1:9: error: expected the end of the setting, found the end of the line\nframes=1\n   "
       "     ^\n"},
      {"frames=1_",
       "--set:1:8: error: `1_` is no number: digits, 0x and hexadecimal digits, `_` between "
       "digits, "
       "a suffix K, M or G\nframes=1_\n       ^\n"},
      {"frame=1", "--set:1:1: error: a machine has no `frame`; did you mean `frames`?\nframe=1\n^\n"},
      {"frames=0", "--set:1:8: error: `frames` is from 1 to 1073741824\nframes=0\n       ^\n"},
      {"reserve=1024",
       "--set:1:9: error: no frame is left: reserve=1024 of frames=1024\nreserve=1024\n        "
       "^\n"},
  };
  for (const ScriptText& row : table) {
    CAPTURE(row.script);
    CHECK(changes("machine tlb=8", {std::string(row.script)}) == row.text);
  }
}

TEST_CASE("blanks and comments may stand in a setting of the command line") {
  CHECK(changes("", {" frames = 8 # few"}) == "frames=8");
  CHECK(changes("", {"swap=1, 2"}) == "swap=[1,2]");
}

}  // namespace
}  // namespace bachsim
