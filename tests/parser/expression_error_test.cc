// What is wrong with expressions and paths: one line, one error.
#include "tests/parser/fixture.h"

namespace bachsim {
namespace {

TEST_CASE("mistakes in expressions are told") {
  check_marked(R"(
expect
      ^ expected an expression, found the end of the line
expect == 1
       ^ expected an expression, found `==`
expect 1 ==
           ^ expected an expression, found the end of the line
expect 1 == 2 == 3
              ^ comparisons do not chain; join two with `and`
expect 1 < 2 >= 3
             ^ comparisons do not chain; join two with `and`
expect 1 +
          ^ expected an expression, found the end of the line
expect 1 + * 2
           ^ expected an expression, found `*`
expect (1
         ^ expected `)`, found the end of the line
expect (1 + 2
             ^ expected `)`, found the end of the line
expect ()
        ^ expected an expression, found `)`
expect 1)
        ^ expected the end of the line, found `)`
expect 1 2
         ^ expected the end of the line, found `2`
expect not
          ^ expected an expression, found the end of the line
expect 1 and
            ^ expected an expression, found the end of the line
expect 1 or or 2
            ^ expected an expression, found `or`
expect and
       ^ expected an expression, found `and`
expect or 1
       ^ expected an expression, found `or`
expect in
       ^ expected an expression, found `in`
expect as
       ^ expected an expression, found `as`
expect 1 and as
             ^ expected an expression, found `as`
expect [1]
       ^ expected an expression, found `[`
expect 1 ,2
         ^ expected the end of the line, found `,`
expect "x" == 1
       ^ expected an expression, found a text in quotes
expect +1
       ^ expected an expression, found `+`
expect @8 == 1
       ^ expected an expression, found `@`
expect {
       ^ expected an expression, found `{`
)");
}

TEST_CASE("mistakes in words with colons are told") {
  check_marked(R"(
expect swap:
            ^ expected a name or a number behind the `:`, found the end of the line
expect swap: 1
             ^ expected a name or a number behind the `:`, found `1`
expect swap:1:
              ^ expected a name or a number behind the `:`, found the end of the line
expect swap:1 :2
              ^ expected the end of the line, found `:`
expect swap:1:+
              ^ expected a name or a number behind the `:`, found `+`
expect file:"x"
            ^ expected a name or a number behind the `:`, found a text in quotes
)");
}

TEST_CASE("mistakes in counters and gauges are told") {
  check_marked(R"(
expect counter
              ^ expected `.` and a counter's group, found the end of the line
expect counter.
               ^ expected a counter's group, found the end of the line
expect counter.fork
                   ^ expected `.` and a counter's name, found the end of the line
expect counter.fork.
                    ^ expected a counter's name, found the end of the line
expect counter.fork.3
                    ^ expected a counter's name, found `3`
expect counter.fork.ptes_copeid
               ^ there is no counter `fork.ptes_copeid`; did you mean `fork.ptes_copied`?
expect counter.vfault.cach
               ^ there is no counter `vfault.cach`; did you mean `vfault.cache`?
expect counter.nothing.at_all
               ^ there is no counter `nothing.at_all`
expect counter fork
               ^ expected `.` and a counter's group, found `fork`
expect counter.fork.ptes_copied.x
                               ^ expected the end of the line, found `.`
expect frames.fre
       ^ there is no gauge `frames.fre`; did you mean `frames.free`?
expect frames.
              ^ expected a gauge's name, found the end of the line
expect frames.3
              ^ expected a gauge's name, found `3`
expect tables.used.now
                  ^ expected the end of the line, found `.`
expect swap.size
       ^ there is no gauge `swap.size`
expect processes.x
       ^ there is no gauge `processes.x`; did you mean `processes`?
expect regions.x == 1
       ^ there is no gauge `regions.x`; did you mean `regions`?
expect processes[1]
                ^ expected the end of the line, found `[`
expect swap.
            ^ expected a gauge's name, found the end of the line
)");
}

TEST_CASE("mistakes in paths to tables are told") {
  check_marked(R"(
expect pfdata
             ^ expected `[`, found the end of the line
expect pfdata[
              ^ expected an expression, found the end of the line
expect pfdata[1
               ^ expected `]`, found the end of the line
expect pfdata[1]
                ^ expected `.` and an attribute, found the end of the line
expect pfdata[1].
                 ^ expected an attribute of pfdata (refs, disk, free, read_by, sleepers), found the end of the line
expect pfdata[1].cow
                 ^ expected an attribute of pfdata (refs, disk, free, read_by, sleepers), found `cow`
expect pfdata[1].ref
                 ^ expected an attribute of pfdata (refs, disk, free, read_by, sleepers), found `ref`; did you mean `refs`?
expect pfdata[1,2].refs
               ^ expected `]`, found `,`
expect region
             ^ expected `[`, found the end of the line
expect region[1].reffs
                 ^ expected an attribute of a region (type, refs, pages, program, locked_by, sleepers), found `reffs`; did you mean `refs`?
expect region[1].disk
                 ^ expected an attribute of a region (type, refs, pages, program, locked_by, sleepers), found `disk`
expect region.refs
             ^ expected `[`, found `.`
expect swap_use
               ^ expected `[`, found the end of the line
expect swap_use[1]
                 ^ expected `,` and the block, found `]`
expect swap_use[1,
                  ^ expected an expression, found the end of the line
expect swap_use[1,2
                   ^ expected `]`, found the end of the line
expect swap_use[1,2].refs
                    ^ expected the end of the line, found `.`
expect swap_map
               ^ expected `[`, found the end of the line
expect swap_map[1]
                  ^ expected `.` and an attribute, found the end of the line
expect swap_map[1].units
                   ^ expected an attribute of a swap map (held, looked_at), found `units`
expect swap_map[1,2]
                    ^ expected `.` and an attribute, found the end of the line
expect swap_map[1,2].refs
                     ^ expected an attribute of an entry (address, units), found `refs`
)");
}

TEST_CASE("mistakes in paths to processes are told") {
  check_marked(R"(
expect P.
         ^ expected an attribute of a process (pid, ppid, state, waiting_for, awaited_region, awaited_frame, status, program, satp, break, seconds, ran, errno, result), found the end of the line
expect P.3
         ^ expected an attribute of a process (pid, ppid, state, waiting_for, awaited_region, awaited_frame, status, program, satp, break, seconds, ran, errno, result), found `3`
expect P.foo
         ^ expected an attribute of a process (pid, ppid, state, waiting_for, awaited_region, awaited_frame, status, program, satp, break, seconds, ran, errno, result), found `foo`
expect P.sttae
         ^ expected an attribute of a process (pid, ppid, state, waiting_for, awaited_region, awaited_frame, status, program, satp, break, seconds, ran, errno, result), found `sttae`; did you mean `state`?
expect P.valid
         ^ expected an attribute of a process (pid, ppid, state, waiting_for, awaited_region, awaited_frame, status, program, satp, break, seconds, ran, errno, result), found `valid`
expect P[1]
           ^ expected `.` and what to look at, found the end of the line
expect P[1].
            ^ expected an attribute of a process (pid, ppid, state, waiting_for, awaited_region, awaited_frame, status, program, satp, break, seconds, ran, errno, result), found the end of the line
expect P[].pid
         ^ expected an expression, found `]`
expect P.data
             ^ expected `.` and an attribute of the region, or `[` and a page, found the end of the line
expect P.data.
              ^ expected an attribute of a region (type, region, start, pages, refs, program, locked_by, sleepers), found the end of the line
expect P.data.x
              ^ expected an attribute of a region (type, region, start, pages, refs, program, locked_by, sleepers), found `x`
expect P.data.valid
              ^ expected an attribute of a region (type, region, start, pages, refs, program, locked_by, sleepers), found `valid`
expect P.data.refz
              ^ expected an attribute of a region (type, region, start, pages, refs, program, locked_by, sleepers), found `refz`; did you mean `refs`?
expect P.data[0]
                ^ expected `.` and an attribute of the page, found the end of the line
expect P.data[0].
                 ^ expected an attribute of a page (valid, frame, pte_frame, writable, cow, referenced, modified, age, disk, file_block, block, refs, value), found the end of the line
expect P.data[0].vaild
                 ^ expected an attribute of a page (valid, frame, pte_frame, writable, cow, referenced, modified, age, disk, file_block, block, refs, value), found `vaild`; did you mean `valid`?
expect P.data[0].start
                 ^ expected an attribute of a page (valid, frame, pte_frame, writable, cow, referenced, modified, age, disk, file_block, block, refs, value), found `start`
expect P.data[*].valid
              ^ expected an expression, found `*`
expect P.data[0..1].valid
               ^ expected `]`, found `..`
expect P.shm
            ^ expected `.` and the key, found the end of the line
expect P.shm.log
                ^ expected `.` and an attribute of the region, or `[` and a page, found the end of the line
expect P.shm.
             ^ expected a key: a name or a number, found the end of the line
expect P.pid.x
            ^ expected the end of the line, found `.`
expect P.cel
         ^ expected an attribute of a process (pid, ppid, state, waiting_for, awaited_region, awaited_frame, status, program, satp, break, seconds, ran, errno, result), found `cel`; did you mean `cell`?
)");
}

}  // namespace
TEST_CASE("what stands in indexes and locations counts as nesting") {
  const auto nested = [](int times, const std::string& sum, std::string expr = "0") {
    for (int i = 0; i < times; ++i) expr = "pfdata[" + expr + sum + "].refs";
    return expr;
  };
  const auto deep = [](const std::string& script) {
    return errors_of("program sh data=1\nvar a = data+0\nspawn sh as P\n" + script).find("nests more than 500 deep") !=
           std::string::npos;
  };
  CHECK_FALSE(deep("expect " + nested(499, "") + "\n"));
  CHECK(deep("expect " + nested(500, "") + "\n"));
  CHECK_FALSE(deep("expect " + nested(99, "+0+0+0+0")));
  CHECK(deep("expect " + nested(100, "+0+0+0+0+0")));
  CHECK(deep("expect P.data[" + nested(100, "+0+0+0+0+0") + "].refs"));
  CHECK(deep("P: read @(" + nested(100, "+0+0+0+0+0") + ")"));
  std::string sum = "0";
  for (int i = 0; i < 300; ++i) sum += "+0";
  CHECK(deep("var b = @(" + sum + ")\nexpect " + nested(300, "", "P.b")));
  CHECK_FALSE(deep("var b = @(" + sum + ")\nexpect " + nested(100, "", "P.b")));
}

}  // namespace bachsim
