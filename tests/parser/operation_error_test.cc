// What is wrong with operations and locations: one line, one error.
#include "tests/parser/fixture.h"

namespace bachsim {
namespace {

TEST_CASE("an unknown operation is told and a misspelt one gets a suggestion") {
  check_marked(R"(
P: spawn
   ^ expected an operation, found `spawn`
P: tick
   ^ expected an operation, found `tick`
P: as
   ^ expected an operation, found `as`
P: text[0] = 3
   ^ expected an operation, found `text`
P: fokr as C
   ^ `fokr` is neither an operation nor a var; did you mean `fork`?
P: raed data[0]
   ^ `raed` is neither an operation nor a var; did you mean `read`?
P: cel = 3
   ^ `cel` is neither an operation nor a var; did you mean `cell`?
P: foo = 3
   ^ `foo` is neither an operation nor a var
P: foo
   ^ `foo` is neither an operation nor a var
P: shmgett 3 4
   ^ `shmgett` is neither an operation nor a var; did you mean `shmget`?
P: Fork as C
   ^ `Fork` is neither an operation nor a var; did you mean `fork`?
P: read daat[0]
        ^ `daat` is neither a region nor a var; did you mean `data`?
P: parent: fork C
   ^ `parent` is neither an operation nor a var
P: exec hs
        ^ there is no program `hs`; did you mean `sh`?
)");
}

TEST_CASE("mistakes in accesses and their locations are told") {
  check_marked(R"(
P: cell
       ^ expected `=`, found the end of the line
P: cell == 3
        ^ expected `=`, found `==`
P: cell =
         ^ expected an expression, found the end of the line
P: read
       ^ expected a location: a region with `[PAGE]` or `+OFFSET`, `@ADDRESS`, or a var, found the end of the line
P: read 3
        ^ expected a location: a region with `[PAGE]` or `+OFFSET`, `@ADDRESS`, or a var, found `3`
P: read P
        ^ `P` is neither a region nor a var
P: read ce
        ^ `ce` is neither a region nor a var
P: read pid
        ^ expected a location: a region with `[PAGE]` or `+OFFSET`, `@ADDRESS`, or a var, found `pid`
P: read data
            ^ expected `[` and a page, or `+` and an offset, found the end of the line
P: read data 0
             ^ expected `[` and a page, or `+` and an offset, found `0`
P: read data.0
            ^ expected `[` and a page, or `+` and an offset, found `.`
P: read data[0] data[1]
                ^ expected the end of the line, found `data`
P: read data[0], data[1]
               ^ expected the end of the line, found `,`
P: read data[0 1]
               ^ expected `]`, found `1`
P: read data[0..1..2]
                 ^ expected `]`, found `..`
P: read data[*..1]
              ^ expected `]`, found `..`
P: read shm[0]
           ^ expected `.` and the key, found `[`
P: read shm.k
             ^ expected `[` and a page, or `+` and an offset, found the end of the line
P: read shm.[0]
            ^ expected a key: a name or a number, found `[`
P: read heap[0]
        ^ `heap` is neither a region nor a var
P: fetch
        ^ expected a location: a region with `[PAGE]` or `+OFFSET`, `@ADDRESS`, or a var, found the end of the line
P: write
        ^ expected a location: a region with `[PAGE]` or `+OFFSET`, `@ADDRESS`, or a var, found the end of the line
P: write data[0] =
                  ^ expected an expression, found the end of the line
P: write data[0] 3
                 ^ expected the end of the line, found `3`
P: write 3 = 4
         ^ expected a location: a region with `[PAGE]` or `+OFFSET`, `@ADDRESS`, or a var, found `3`
P: print
        ^ expected an expression, found the end of the line
P: print 1,
           ^ expected an expression, found the end of the line
P: print ,
         ^ expected an expression, found `,`
P: print 1 2
           ^ expected the end of the line, found `2`
P: print data
             ^ expected `[` and a page, or `+` and an offset, found the end of the line
P: print cell + 1
              ^ expected the end of the line, found `+`
P: print text
             ^ expected `[` and a page, or `+` and an offset, found the end of the line
)");
}

TEST_CASE("mistakes in system calls are told") {
  check_marked(R"(
P: fork
       ^ expected `as`, found the end of the line
P: fork C
        ^ expected `as`, found `C`
P: fork as
          ^ expected a process's name, found the end of the line
P: fork as 3
           ^ expected a process's name, found `3`
P: fork as exit
           ^ expected a process's name; `exit` is a word of the language
P: vfork
        ^ expected `as`, found the end of the line
P: vfork as
           ^ expected a process's name, found the end of the line
P: exec
       ^ expected a program's name, found the end of the line
P: exec vi
        ^ there is no program `vi`
P: exec 3
        ^ expected a program's name, found `3`
P: exec text
        ^ expected a program's name; `text` is a word of the language
P: exit 0 1
          ^ expected the end of the line, found `1`
P: exit )
        ^ expected an expression, found `)`
P: wait 3
        ^ expected the end of the line, found `3`
P: nice
       ^ expected an expression, found the end of the line
P: nice 3 4
          ^ expected the end of the line, found `4`
P: swapout 1
           ^ expected the end of the line, found `1`
P: swapin C
          ^ expected the end of the line, found `C`
P: sbrk
       ^ expected an expression, found the end of the line
P: sbrk a b
          ^ expected the end of the line, found `b`
P: shmget
         ^ expected a key: a name or a number, found the end of the line
P: shmget log
             ^ expected an expression, found the end of the line
P: shmget 1
           ^ expected an expression, found the end of the line
P: shmget -1 2
          ^ expected a key: a name or a number, found `-`
P: shmget swap 2
          ^ expected a key: a name or a number; `swap` is a word of the language
P: shmget 9223372036854775808 1
          ^ a key is below 2^63
P: shmat
        ^ expected a key: a name or a number, found the end of the line
P: shmat 1 2
           ^ expected the end of the line, found `2`
P: shmdt
        ^ expected a key: a name or a number, found the end of the line
P: shmrm
        ^ expected a key: a name or a number, found the end of the line
P: plock
        ^ expected `text`, `data` or `stack`, found the end of the line
P: plock shm
         ^ expected `text`, `data` or `stack`, found `shm`
P: plock all
         ^ expected `text`, `data` or `stack`, found `all`
P: punlock 3
           ^ expected `text`, `data` or `stack`, found `3`
)");
}

}  // namespace
}  // namespace bachsim
