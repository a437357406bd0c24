// What is wrong with statements: one line, one error.
#include "tests/parser/fixture.h"

namespace bachsim {
namespace {

TEST_CASE("a line that is no statement says what was expected") {
  check_marked(R"(
3
^ expected a statement, found `3`
(
^ expected a statement, found `(`
"text"
^ expected a statement, found a text in quotes
.
^ expected a statement, found `.`
as
^ expected a statement, found `as`
and
^ expected a statement, found `and`
pid
^ expected a statement, found `pid`
state
^ expected a statement, found `state`
data[0]
^ expected a statement, found `data`
swap=3
^ expected a statement, found `swap`
fork as C
^ a process must do this: `NAME: fork`
read data[0]
^ a process must do this: `NAME: read`
wait
^ a process must do this: `NAME: wait`
exit
^ a process must do this: `NAME: exit`
P
 ^ expected `:` and what the process does, found the end of the line
P exit
  ^ expected `:` and what the process does, found `exit`
P[1] exit
     ^ expected `:` and what the process does, found `exit`
P[1
   ^ expected `]`, found the end of the line
P[1:
   ^ expected `]`, found `:`
P[]: exit
  ^ expected an expression, found `]`
P:
  ^ expected an operation, found the end of the line
P: 3
   ^ expected an operation, found `3`
P: "x"
   ^ expected an operation, found a text in quotes
P: P: exit
   ^ `P` is neither an operation nor a var
}
^ there is no block to close
} tick
^ there is no block to close
tick x y
       ^ expected the end of the line, found `y`
tick )
     ^ expected an expression, found `)`
tick 1 2
       ^ expected the end of the line, found `2`
age 1
    ^ expected the end of the line, found `1`
steal 1 2
        ^ expected the end of the line, found `2`
audit all
      ^ expected the end of the line, found `all`
run
   ^ expected an expression, found the end of the line
run 3 x
      ^ expected the end of the line, found `x`
steal {
      ^ expected an expression, found `{`
tick }
     ^ expected an expression, found `}`
)");
}

TEST_CASE("a misspelt statement gets a suggestion") {
  check_marked(R"(
spwan sh as P
      ^ expected `:` and what the process does, found `sh`; did you mean `spawn`?
expct 1 == 1
      ^ expected `:` and what the process does, found `1`; did you mean `expect`?
tikc
    ^ expected `:` and what the process does, found the end of the line; did you mean `tick`?
repaet 3 {
       ^ expected `:` and what the process does, found `3`; did you mean `repeat`?
machin frames=1
       ^ expected `:` and what the process does, found `frames`; did you mean `machine`?
auditt
      ^ expected `:` and what the process does, found the end of the line; did you mean `audit`?
shwo pages
     ^ expected `:` and what the process does, found `pages`; did you mean `show`?
foo
   ^ expected `:` and what the process does, found the end of the line; did you mean `for`?
)");
}

TEST_CASE("titles and notes and includes want a text in quotes") {
  check_marked(R"(
title
     ^ expected a text in quotes, found the end of the line
title x
      ^ expected a text in quotes, found `x`
title "a" "b"
          ^ expected the end of the line, found a text in quotes
note
    ^ expected a text in quotes, found the end of the line
note x
     ^ expected a text in quotes, found `x`
note "a", "b"
        ^ expected the end of the line, found `,`
include
       ^ expected a text in quotes, found the end of the line
include x
        ^ expected a text in quotes, found `x`
include "nowhere"
         ^ cannot read `nowhere`: no such file
include "nowhere" tick
                  ^ expected the end of the line, found `tick`
include "a.bach"
         ^ cannot read `a.bach`: no such file
include "./a.bach"
         ^ cannot read `./a.bach`: no such file
)");
}

TEST_CASE("mistakes in machine statements are told") {
  check_marked(R"(
machine
       ^ expected a key of the machine, found the end of the line
machine frames
              ^ expected `=`, found the end of the line
machine frames 3
               ^ expected `=`, found `3`
machine frames=
               ^ expected a number or a word, found the end of the line
machine frames=-1
               ^ expected a number or a word, found `-`
machine frames="3"
               ^ expected a number or a word, found a text in quotes
machine frames=3 swap
                     ^ expected `=`, found the end of the line
machine frames=1,
                 ^ expected a number or a word, found the end of the line
machine 3=4
        ^ expected a key of the machine, found `3`
machine max-=3
            ^ expected a key of the machine, found `=`
machine max -age=3
            ^ expected `=`, found `-`
machine frames=3, swap=4
                      ^ expected a key of the machine, found `=`
machine frames=3; swap=4
                ^ `;` has no meaning here
machine frames=64 ram=3
                  ^ a machine has no `ram`
)");
}

TEST_CASE("mistakes in programs are told") {
  check_marked(R"(
program
       ^ expected a program's name, found the end of the line
program 3
        ^ expected a program's name, found `3`
program data
        ^ expected a program's name; `data` is a word of the language
program swap
        ^ expected a program's name; `swap` is a word of the language
program demo text
                 ^ expected `=`, found the end of the line
program demo text=
                  ^ expected a number of pages, or of bytes with K, M or G, found the end of the line
program demo text=x
                  ^ expected a number of pages, or of bytes with K, M or G, found `x`
program demo text=-1
                  ^ expected a number of pages, or of bytes with K, M or G, found `-`
program demo tetx=1
             ^ a program has no `tetx`; did you mean `text`?
program demo heap=1
             ^ a program has no `heap`
program demo unaligned=1
                      ^ expected a section with `=`, `file=`, `unaligned` or `sticky`, found `=`
program demo stikcy
             ^ a program has no `stikcy`; did you mean `sticky`?
program demo file
                 ^ expected `=`, found the end of the line
program demo file=
                  ^ expected a disk block, found the end of the line
program demo file=1,
                    ^ expected a disk block, found the end of the line
program demo file=x
                  ^ expected a disk block, found `x`
program demo text=33554433
                  ^ a section has at most 128G
program demo data=129G
                  ^ a section has at most 128G
program demo text=1, data=2
                   ^ expected a section with `=`, `file=`, `unaligned` or `sticky`, found `,`
program "sh"
        ^ expected a program's name, found a text in quotes
)");
}

TEST_CASE("mistakes in vars are told") {
  check_marked(R"(
var
   ^ expected a var's name, found the end of the line
var 3
    ^ expected a var's name, found `3`
var text = data[0]
    ^ expected a var's name; `text` is a word of the language
var x
     ^ expected `=`, found the end of the line
var x data[0]
      ^ expected `=`, found `data`
var x =
       ^ expected a location: a region with `[PAGE]` or `+OFFSET`, `@ADDRESS`, or a var, found the end of the line
var x = 3
        ^ expected a location: a region with `[PAGE]` or `+OFFSET`, `@ADDRESS`, or a var, found `3`
var x = y
        ^ `y` is neither a region nor a var
var x = daat[0]
        ^ `daat` is neither a region nor a var; did you mean `data`?
var x = data
            ^ expected `[` and a page, or `+` and an offset, found the end of the line
var x = data[
             ^ expected an expression, found the end of the line
var x = data[0
              ^ expected `]`, found the end of the line
var x = data[]
             ^ expected an expression, found `]`
var x = data[0..]
                ^ expected an expression, found `]`
var x = data[0..1]
        ^ a var is one cell: one page, an offset or an address
var x = data[*]
        ^ a var is one cell: one page, an offset or an address
var x = data[* ]+1
        ^ a var is one cell: one page, an offset or an address
var x = shm
           ^ expected `.` and the key, found the end of the line
var x = shm.
            ^ expected a key: a name or a number, found the end of the line
var x = shm.text[0]
            ^ expected a key: a name or a number; `text` is a word of the language
var x = shm.9223372036854775808[0]
            ^ a key is below 2^63
var x = @
         ^ expected an expression, found the end of the line
var x = @x y
           ^ expected the end of the line, found `y`
var x = data+
             ^ expected an expression, found the end of the line
var x = pid
        ^ expected a location: a region with `[PAGE]` or `+OFFSET`, `@ADDRESS`, or a var, found `pid`
var x = data 3
             ^ expected `[` and a page, or `+` and an offset, found `3`
)");
}

TEST_CASE("mistakes in spawn are told") {
  check_marked(R"(
spawn
     ^ expected a program's name, found the end of the line
spawn 3
      ^ expected a program's name, found `3`
spawn sh
        ^ expected `as`, found the end of the line
spawn shh as P
      ^ there is no program `shh`; did you mean `sh`?
spawn sh P
         ^ expected `as`, found `P`
spawn sh as
           ^ expected a process's name, found the end of the line
spawn sh as data
            ^ expected a process's name; `data` is a word of the language
spawn sh as 3
            ^ expected a process's name, found `3`
spawn sh as P Q
              ^ expected the end of the line, found `Q`
spawn sh as P[
              ^ expected an expression, found the end of the line
spawn text as P
      ^ expected a program's name; `text` is a word of the language
)");
}

TEST_CASE("mistakes in show are told") {
  check_marked(R"(
show pages 3
           ^ expected a process's name, found `3`
show pages P,Q
            ^ expected a process's name, found `,`
show pages P[
             ^ expected an expression, found the end of the line
show pages swap
           ^ expected a process's name; `swap` is a word of the language
show pages P[1] 2
                ^ expected a process's name, found `2`
)");
}

TEST_CASE("mistakes in the heads of loops are told") {
  check_marked(R"(
repeat
      ^ expected an expression, found the end of the line
repeat 3
        ^ expected `{`, found the end of the line
repeat 3 tick
         ^ expected `{`, found `tick`
repeat {
       ^ expected an expression, found `{`
repeat 3 as
           ^ expected a loop variable's name, found the end of the line
repeat 3 as {
            ^ expected a loop variable's name, found `{`
repeat 3 as data {
            ^ expected a loop variable's name; `data` is a word of the language
repeat 3 as 4 {
            ^ expected a loop variable's name, found `4`
repeat 3 { tick }
           ^ expected the end of the line, found `tick`
repeat 3 {}
          ^ expected the end of the line, found `}`
for
   ^ expected a loop variable's name, found the end of the line
for 3 in 1..2 {
    ^ expected a loop variable's name, found `3`
for data in 1..2 {
    ^ expected a loop variable's name; `data` is a word of the language
for I
     ^ expected `in`, found the end of the line
for I = 1..2 {
      ^ expected `in`, found `=`
for I in
        ^ expected an expression, found the end of the line
for I in {
         ^ expected an expression, found `{`
for I in 1 {
           ^ expected `..`, found `{`
for I in 1.. {
             ^ expected an expression, found `{`
for I in 1..2
             ^ expected `{`, found the end of the line
for I in 1..2..3 {
             ^ expected `{`, found `..`
for I in 1...2 {
            ^ expected an expression, found `.`
for I in 1.2 {
          ^ expected `..`, found `.`
} }
^ there is no block to close
title "x" {
          ^ expected the end of the line, found `{`
)");
}

TEST_CASE("presets that say nothing or nonsense are told") {
  check_marked(R"(
preset
      ^ expected a process's name, found the end of the line
preset swap
       ^ expected a process's name, `pfdata` or `freelist`, found `swap`
preset P
        ^ expected a location: a region with `[PAGE]` or `+OFFSET`, `@ADDRESS`, or a var, found the end of the line
preset P data[0]
                ^ expected an attribute of the page (frame, disk, age, valid, invalid, cow, writable, referenced, modified), found the end of the line
preset P data[0] fram=3
                 ^ expected an attribute of the page (frame, disk, age, valid, invalid, cow, writable, referenced, modified), found `fram`; did you mean `frame`?
preset P data[0..1] valid
         ^ a preset is of one page
preset P data[*] valid
         ^ a preset is of one page
preset P data[0] frame
                      ^ expected `=`, found the end of the line
preset P data[0] frame=
                       ^ expected an expression, found the end of the line
preset P data[0] frame=1 frame=2
                         ^ `frame` is said twice
preset P data[0] cow cow
                     ^ `cow` is said twice
preset P data[0] disk=zero disk=none
                           ^ `disk` is said twice
preset P data[0] valid invalid
                       ^ a page is valid or invalid
preset P data[0] disk=swop:1:2
                      ^ expected a disk block (none, zero, fill, file, swap), found `swop`; did you mean `swap`?
preset P data[0] disk=swap
                          ^ expected `:` and a device, found the end of the line
preset P data[0] disk=swap:1
                            ^ expected `:` and a block, found the end of the line
preset P data[0] disk=file
                          ^ expected `:` and a block, found the end of the line
preset pfdata 3
               ^ expected `disk=`, found the end of the line
preset pfdata 3 frame=2
                ^ expected `disk=`, found `frame`
preset pfdata 3 disk=zero
                     ^ expected a disk block (none, file, swap), found `zero`
preset pfdata 3 disk=file:2
                          ^ expected a program's name, found `2`
preset pfdata 3 disk=file:vi:2
                          ^ there is no program `vi`
preset freelist
               ^ expected an expression, found the end of the line
)");
}

}  // namespace
}  // namespace bachsim
