#!/bin/bash
# linear.sh BACHSIM COST [PATTERN]: doubles each list that a script or a file can make long, and sees that this costs at
# most 2.3 times the time of the processor and the memory. With PATTERN, only the lists whose names match.
set -u
bachsim=$(realpath -e "$1") || exit 1
cost=$(realpath -e "$2") || exit 1
only=${3:-}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
lists=0
failures=0
enough=50000    # microseconds: a time that can be compared
longest=5000000 # of a list that is cheap
# Stopping at the first ratio that passes favours a list whose runs of `n` were all disturbed more than those of `2 * n`.
# Each pair makes that rarer, so that eight always come first. A list fails where many could not lower its ratio.
fewest=8
most=24

# once N WORD...: one run with N entries, which counts in `time` and `memory` where it is the least so far.
once() {
  local n=$1 said status t m
  shift
  [ -e "list.$n" ] || awk -v n="$n" "BEGIN { $maker }" > "list.$n"
  ln -f "list.$n" x.bach
  said=$("$cost" "$bachsim" "${@//@N/$n}" < x.bach)
  status=$?
  if [ $status != "$wanted" ]; then
    printf '%s: %s entries end with %s, not %s: %s\n' "$name" "$n" $status "$wanted" \
      "$("$bachsim" "${@//@N/$n}" < x.bach 2>&1 | head -c 300)"
    return 1
  fi
  read -r t m <<< "$said"
  [ "$t" -ge "${time[n]:=$t}" ] || time[n]=$t
  [ "$m" -ge "${memory[n]:=$m}" ] || memory[n]=$m
}

# linear_at N WORD...: sees by pairs of runs whether 2 * N entries cost at most 2.3 times as much as N. The runs take
# turns, so that what else the machine does meets both. It makes a run longer, never shorter: the least of many counts.
# Returns 1 where they cost more, 2 where a run did not end as it should.
linear_at() {
  local n=$1 twice=$(($1 * 2)) pair verdict='TOO MUCH'
  shift
  local -a time=() memory=()
  for ((pair = 1; pair <= most; ++pair)); do
    once "$n" "$@" && once $twice "$@" || return 2
    [ $pair -ge $fewest ] || continue
    if [ $((time[twice] * 10)) -le $((time[n] * 23)) ] && [ $((memory[twice] * 10)) -le $((memory[n] * 23)) ]; then
      verdict=linear
      break
    fi
  done
  printf '%s: %s: %s entries take %s us and %s KiB, twice as many %s us and %s KiB\n' \
    "$name" "$verdict" "$n" "${time[n]}" "${memory[n]}" "${time[twice]}" "${memory[twice]}"
  larger=$((n * (memory[twice] > 131072 ? 2 : 4)))
  [ "$verdict" = linear ]
}

# long_enough N WORD...: makes `n` of N and longer until it costs enough, or takes 64 MiB: what a host asks for more is
# not in proportion. One disturbed run does not end the search.
long_enough() {
  local -a time=() memory=()
  local next room
  n=$1
  shift
  while once "$n" "$@" && once "$n" "$@" || return; do
    [ "${time[n]}" -lt $enough ] && [ "$n" -lt "$longest" ] || return 0
    if [ $((time[n] * 8)) -lt $enough ]; then next=$((n * 8)); else next=$((n * enough * 6 / (time[n] * 5) + 1)); fi
    room=$((n * 65536 / memory[n]))
    [ "$next" -le "$room" ] || next=$room
    [ "$next" -le "$longest" ] || next=$longest
    [ "$next" -gt "$n" ] || return 0
    n=$next
  done
}

# doubled NAME FIRST STATUS MAKER WORD...: MAKER is a program of awk that prints x.bach for `n` entries, which is also
# standard input; the words are those of bachsim, with the number of entries for @N.
doubled() {
  local name=$1 first=$2 wanted=$3 maker=$4 n larger
  shift 4
  [[ $name =~ $only ]] || return
  lists=$((lists + 1))
  # A host's caches end at some size, and four times as many entries are beyond it. Time that grows with the square is
  # too long at all sizes. Memory that a virtual machine's host has to find first is slow: of that, no more than twice.
  if ! long_enough "$first" "$@" || ! { linear_at "$n" "$@" || { [ $? = 1 ] && linear_at "$larger" "$@"; }; }; then
    failures=$((failures + 1))
  fi
  rm -f list.*
}
p='print "program p text=1 data=9 stack=1\nspawn p as P";'
run=(run --report none)

doubled "lines without a meaning" 1000 2 'for (i = 0; i < n; i++) print "nonsense"' check x.bach
doubled "empty lines" 10000 0 'for (i = 0; i < n; i++) print ""' check x.bach
doubled "one long comment" 10000 0 'printf "#"; for (i = 0; i < n; i++) printf "xxxxxxxx"; print ""' check x.bach
doubled "a failing expectation behind a long comment" 10000 1 \
  'printf "#"; for (i = 0; i < n; i++) printf "xxxxxxxx"; print ""; for (i = 0; i < 100; i++) print "expect 1 == 2"' "${run[@]}" x.bach
doubled "notes" 1000 0 'for (i = 0; i < n; i++) print "note \"a line\""' "${run[@]}" x.bach
doubled "notes in JSON" 1000 0 'for (i = 0; i < n; i++) print "note \"a line\""' run --format json x.bach
doubled "expectations" 1000 1 'for (i = 0; i < n; i++) print "expect frames.free == 5"' "${run[@]}" x.bach
doubled "expectations in blocks" 1000 1 'for (i = 0; i < n; i++) print "repeat 1 {\nexpect frames.free == 5\n}"' "${run[@]}" x.bach
doubled "expectations in JSON" 1000 1 'for (i = 0; i < n; i++) print "expect frames.free == 5"' run --format json x.bach
doubled "tables that are shown" 100 0 "$p"'for (i = 0; i < n; i++) print "show processes"' "${run[@]}" x.bach
doubled "tables that are shown, in JSON" 100 0 "$p"'for (i = 0; i < n; i++) print "show processes"' run --format json x.bach
doubled "numbers of a machine" 1000 0 'for (i = 0; i < n; i++) print "machine frames=" 100 + i' "${run[@]}" x.bach
doubled "params" 500 0 'for (i = 0; i < n; i++) print "param A" i " = " i' "${run[@]}" x.bach
doubled "params by a seed" 500 0 'for (i = 0; i < n; i++) print "param A" i " = 1 in 0..9"' run --report none --seed 3 x.bach
doubled "values of a param" 1000 0 'printf "param A = 1"; for (i = 0; i < n; i++) printf ", %d", i; print ""' run --report none --seed 3 x.bach
doubled "vars" 500 0 'for (i = 0; i < n; i++) print "var v" i " = data+" i * 8' check x.bach
doubled "vars and paths in turn" 200 0 'print "program p data=1\nspawn p as P"; for (i = 0; i < n; i++) print "var v" i " = data+8\nexpect P.pid == 2"' check x.bach
doubled "the same mistake in calls" 200 2 'print "define f() {\nspawn q as P\n}"; for (i = 0; i < n; i++) print "program p" i " data=1\nf()"' check x.bach
doubled "programs" 500 0 'for (i = 0; i < n; i++) print "program p" i " data=1"' "${run[@]}" x.bach
doubled "names of programs that are unknown" 200 2 'for (i = 0; i < n; i++) print "program p" i " data=1"; for (i = 0; i < 19; i++) print "spawn q" i " as P"' check x.bach
doubled "blocks of a program's file" 500 0 'printf "program p data=1 file=0"; for (i = 1; i < n; i++) printf ",%d", i; print ""' "${run[@]}" x.bach
doubled "definitions" 200 0 'for (i = 0; i < n; i++) print "define f" i "(A) {\ntick\n}"' "${run[@]}" x.bach
# Calls come to 4 MiB of text at most, and a sheet to 1 MiB.
longest=200000 doubled "the body of a definition" 500 0 'print "define f() {"; for (i = 0; i < n; i++) print "tick"; print "}\nf()"' "${run[@]}" x.bach
doubled "calls" 500 0 'print "define f() {\ntick\n}"; for (i = 0; i < n; i++) print "f()"' "${run[@]}" x.bach
doubled "branches of one if" 500 0 'print "if 0 {"; for (i = 0; i < n; i++) print "} else if 0 {"; print "}"' "${run[@]}" x.bach
doubled "ifs in a row" 500 0 'for (i = 0; i < n; i++) print "if 1 {\ntick\n}"' "${run[@]}" x.bach
doubled "loops in a row" 500 0 'for (i = 0; i < n; i++) print "repeat 1 {\ntick\n}"' "${run[@]}" x.bach
doubled "rounds of a loop" 10000 0 'print "repeat " n " {\ntick\n}"' "${run[@]}" x.bach
doubled "brackets in a row" 500 0 'printf "note \""; for (i = 0; i < n; i++) printf "{(1)}"; print "\""' "${run[@]}" x.bach
doubled "items of a print" 500 0 "$p"'printf "P: print 1"; for (i = 0; i < n; i++) printf ", data[1]"; print ""' "${run[@]}" x.bach
doubled "processes" 200 0 'print "machine frames=60000 tables=999999\nprogram p data=1"; print "for I in 1.." n " {\nspawn p as P[I]\n}"' "${run[@]}" x.bach
doubled "processes that are named one by one" 200 0 'print "machine frames=60000 tables=999999\nprogram p data=1"; for (i = 0; i < n; i++) print "spawn p as P" i' "${run[@]}" x.bach
doubled "children of one process" 200 0 'print "machine frames=60000 tables=999999\nprogram p data=1\nspawn p as P"; print "for I in 1.." n " {\nP: fork as C[I]\n}"' "${run[@]}" x.bach
doubled "generations" 200 0 'print "machine frames=60000 tables=999999\nprogram p data=1\nspawn p as C[0]"; print "for I in 1.." n " {\nC[I - 1]: fork as C[I]\n}"' "${run[@]}" x.bach
doubled "zombies that are waited for" 200 0 'print "machine frames=60000 tables=999999\nprogram p data=1\nspawn p as P"; print "for I in 1.." n " {\nP: fork as C[I]\nC[I]: exit\n}\nrepeat " n " {\nP: wait\n}"' "${run[@]}" x.bach
doubled "orphans" 200 0 'print "machine frames=60000 tables=999999\nprogram p data=1\nspawn p as P"; print "for I in 1.." n " {\nP: fork as C[I]\n}\nP: exit"' "${run[@]}" x.bach
doubled "processes in a report" 200 0 'print "machine frames=60000 tables=999999\nprogram p data=1"; print "for I in 1.." n " {\nspawn p as P[I]\n}"' run --report processes x.bach
doubled "processes in JSON" 200 0 'print "machine frames=60000 tables=999999\nprogram p data=1"; print "for I in 1.." n " {\nspawn p as P[I]\n}"' run --format json x.bach
doubled "processes in a drawing" 100 0 'print "machine frames=60000 tables=999999\nprogram p data=1\nspawn p as P"; print "for I in 1.." n " {\nP: fork as C[I]\n}"' draw --format dot x.bach
doubled "processes of one program in a drawing of pages" 500 0 'print "machine frames=400000 tables=999999\nprogram d text=1 data=1"; print "for I in 1.." n " {\nspawn d as P[I]\nP[I]: write data[0]\n}"' draw --view pages --format dot x.bach
doubled "processes in a drawing of forks" 100 0 'print "machine frames=60000 tables=999999\nprogram p data=1\nspawn p as P"; print "for I in 1.." n " {\nP: fork as C[I]\n}"' draw --view forks --format dot x.bach
doubled "processes that go on in one statement, in a drawing of forks" 100 0 'print "machine io=sleep frames=" 99 + 9 * n " tables=999999\nprogram p data=1\nfor I in 1.." n " {\nspawn p as P[I]\nP[I]: begin write data[0]\n}\nfinish"' draw --view forks --format dot x.bach
doubled "processes in a drawing of memory" 100 0 'print "machine frames=60000 tables=999999\nprogram p data=1\nspawn p as P"; print "for I in 1.." n " {\nP: fork as C[I]\n}"' draw --view memory --format dot x.bach
doubled "names behind show" 500 0 "$p"'printf "show processes"; for (i = 0; i < n; i++) printf " P"; print ""' "${run[@]}" x.bach
doubled "regions by key" 200 0 "$p"'print "for I in 1.." n " {\nP: shmget 7 1\nP: shmrm 7\n}"' "${run[@]}" x.bach
doubled "regions" 100 0 "$p"'for (i = 0; i < n; i++) print "P: shmget k" i " 1"' "${run[@]}" x.bach
doubled "pages of a region" 500 0 'print "machine frames=999999\nprogram p data=" n "\nspawn p as P\nP: write data[*]"' "${run[@]}" x.bach
doubled "pages of a region in a report" 500 0 'print "machine frames=999999\nprogram p data=" n "\nspawn p as P\nP: write data[*]"' run --report pages,pfdata,figure x.bach
doubled "pages of a region in JSON" 500 0 'print "machine frames=999999\nprogram p data=" n "\nspawn p as P\nP: write data[*]"' run --format json --report all x.bach
doubled "times that pages go to swap" 20 0 'print "machine frames=64 low=2 high=8 cluster=4 swap=999\nprogram p data=99\nspawn p as P\nrepeat " n " {\nP: write data[*]\n}"' "${run[@]}" x.bach
doubled "looks at extents of a swap map" 100 0 'print "machine frames=9 tables=99999 stealer=fifo cluster=1 swap=9999999\nprogram p data=" n "\nspawn p as P\nspawn p as Q\nfor I in 0.." n - 1 " {\nP: write data[I]\nQ: write data[I]\n}\nQ: exit\nfor I in 1.." int(n / 2) " {\nexpect swap_map[1,I].units > 0\n}"' "${run[@]}" x.bach
doubled "segments of a process whose children exec" 200 0 'print "machine frames=10\nprogram a data=1\nspawn a as P\nrepeat " n " {\nP: shmget 1 1\nP: shmat 1\nP: shmrm 1\n}\nrepeat 2000 {\nP: fork as C\nC: exec a\nC: exit\nP: wait\n}"' "${run[@]}" x.bach
doubled "segments of a process that goes to swap, with io=sleep" 800 0 'print "machine io=sleep frames=4000 swap=9000\nprogram a data=1\nspawn a as P\nrepeat " n " {\nP: shmget 1 1\nP: shmat 1\nP: shmrm 1\n}\nrepeat 250 {\nP: swapout\nP: swapin\n}"' "${run[@]}" x.bach
doubled "extents of the swap map" 100 0 'print "machine paging=off frames=60000 swap=999999 tables=99999\nprogram p data=1\nfor I in 1.." n " {\nspawn p as P[I]\nP[I]: swapout\n}\nfor I in 1.." int(n / 2) " {\nP[2 * I]: swapin\n}"' "${run[@]}" x.bach
doubled "presets of the free list" 500 0 'print "machine frames=" n + 9; printf "preset freelist"; for (i = 0; i < n; i++) printf " %d", i; print ""' "${run[@]}" x.bach
doubled "presets of frames" 200 0 'print "machine swap=999999 frames=999999\nprogram p data=" n "\nspawn p as P"; for (i = 0; i < n; i++) print "preset P data[" i "] frame=" i' "${run[@]}" x.bach
doubled "presets of pages on swap" 100 0 'print "machine frames=100 tables=99999 swap=999999\nprogram d data=" n "\nspawn d as P\nfor I in 0.." n " - 1 {\npreset P data[I] invalid disk=swap:1:(I + 1)\n}"' "${run[@]}" x.bach
doubled "ticks that sar shows" 500 0 'print "repeat " n " {\ntick\n}\nshow sar"' "${run[@]}" x.bach
doubled "seconds of run" 200 0 "$p"'print "run " n' "${run[@]}" x.bach
doubled "seconds of run in a report" 200 0 "$p"'print "run " n' run --report swapper x.bach
doubled "processes that come and go in a report of the swapper" 200 0 'print "program p data=1\nfor I in 1.." n " {\nspawn p as P[I]\nrun 1\nP[I]: exit\n}"' run --report swapper x.bach
doubled "operations that wait for their turn" 200 0 'print "machine first=child"; '"$p"'print "P: fork as C"; for (i = 0; i < n; i++) print "P: write data[1]"' "${run[@]}" x.bach
doubled "who sleep for one region, in its views" 400 0 'print "machine io=sleep frames=" 8 * n + 100 " tables=999999\nprogram p text=4 data=1\nspawn p as Z\nfor I in 1.." n " {\nspawn p as P[I]\nP[I]: begin fetch text[0]\n}\nrepeat 5 {\nshow pregions\n}"' "${run[@]}" x.bach
doubled "shared frames that fifo takes" 2000 0 'print "machine stealer=fifo frames=" n " swap=" 9 * n " tables=999999\nprogram p text=0 data=" n " stack=0\nspawn p as P\nP: write data[*]\nP: fork as C\nspawn p as Q\nQ: write data[*]"' "${run[@]}" x.bach
doubled "processes inside the kernel" 20 0 'print "machine io=sleep frames=60000 tables=999999\nprogram p data=1"; for (i = 0; i < n; i++) print "spawn p as P" i "\nP" i ": begin write data[0]"; print "finish"' "${run[@]}" x.bach
doubled "references of opt" 500 0 'print "machine stealer=opt frames=4"; '"$p"'print "for I in 1.." n " {\nP: read data[I % 9]\n}"' "${run[@]}" x.bach
doubled "lines of a trace" 200 0 "$p"'print "for I in 1.." n " {\nP: write data[I % 9]\n}"' run --report none --trace x.bach
doubled "lines of a trace in JSON" 200 0 "$p"'print "for I in 1.." n " {\nP: write data[I % 9]\n}"' run --format json --trace x.bach
doubled "lines of a trace for programs" 200 0 "$p"'print "for I in 1.." n " {\nP: write data[I % 9]\n}"' run --report none --trace-json out x.bach
doubled "events of a timeline" 200 0 "$p"'print "for I in 1.." n " {\nP: write data[I % 9]\n}"' run --report none --timeline out x.bach
doubled "steps of a page" 100 0 "$p"'for (i = 0; i < n; i++) print "P: write data[1]"' page -o out x.bach
doubled "statements of a comparison" 200 0 "$p"'for (i = 0; i < n; i++) print "P: write data[1]"' compare x.bach
doubled "unused names that are warned of" 500 0 'for (i = 0; i < n; i++) print "program p" i " data=1"' check --strict x.bach

echo tick > tick.bach
# What a thread keeps from run to run weighs more than some 2,000 rows. The machines are alike: a larger one costs more.
doubled "values of a sweep" 4000 0 'print ""' sweep --vary tables=8..@N --measure frames.free tick.bach
doubled "seeds of a sweep" 200 0 'print ""' sweep --vary frames=8 --seeds 1..@N --measure frames.free tick.bach
doubled "runs of a sweep into a file" 4000 0 'print ""' sweep --vary tables=8..@N --measure frames.free -o out tick.bach
"$bachsim" textbook fig-9.15 --questions > sheet
longest=450000 doubled "commas of an answer" 1000 2 'while ((getline line < "sheet") > 0) { if (sub(/== ____$/, "== 4", line) && !done++) { printf "%s", line; for (i = 0; i < n; i++) printf ","; line = "5" } print line }' grade x.bach
longest=70000 doubled "lines of a sheet" 100 1 'while ((getline line < "sheet") > 0) print line; for (i = 0; i < n; i++) print "words"' grade x.bach
longest=70000 doubled "lines of a sheet that answer nothing" 100 1 'while ((getline line < "sheet") > 0) print line; for (i = 0; i < n; i++) print "x == 3"' grade x.bach
longest=35000 doubled "lines of a sheet that begin what it asks" 100 1 'while ((getline line < "sheet") > 0) { print line; if (line ~ /== ____$/) name = substr(line, 1, 11) } for (i = 0; i < n; i++) print name "\n "' grade x.bach
for format in pages addresses lackey dinero hex moss; do
  case $format in
    pages) line='print i % 9' ;;
    addresses) line='print (i % 9) * 4096 " w"' ;;
    lackey) line='print " S " (i % 9) "000,8"' ;;
    dinero) line='print "1 " (i % 9) "000"' ;;
    hex) line='printf "%08x W\n", (i % 9) * 4096' ;;
    moss) line='print "WRITE hex " (i % 9) "000"' ;;
  esac
  printf 'program p text=9 data=9\nspawn p as P\nP: replay "x.bach" as %s\n' $format > replay.bach
  doubled "references of a replay: $format" 5000 0 "for (i = 0; i < n; i++) { $line }" "${run[@]}" replay.bach
done
doubled "calls that use a process before it is made" 500 2 'print "program p data=1"; for (i = 0; i < n; i++) print "spawn p as name" i; print "define f() {\n  name: wait\n}"; for (i = 0; i < 4 * n; i++) print "f()"' check x.bach
doubled "words of a line that are nothing" 1000 2 'print "program p data=1"; for (i = 0; i < n; i++) print "var v" i " = data+" 8 * i; printf "spawn p as P\nP: print zz"; for (i = 1; i < n; i++) printf ", zz"; print ""' check x.bach
doubled "processes that go on in one statement, told" 12000 0 'print "machine io=sleep frames=" 8 * n "\nprogram p data=1\nfor i in 1.." n " {\n  spawn p as P[i]\n  P[i]: begin read data[0]\n}\nfinish"' run --echo --report none x.bach
doubled "lines of strace: calls of one process" 1000 0 'for (i = 0; i < n; i++) print "1 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = " 65536 * (i + 1)' import strace x.bach
doubled "lines of strace: processes" 1000 0 'for (i = 0; i < n; i++) print "1 fork() = " i + 2' import strace x.bach
mapping='print "1 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = " 65536 * (i + 1)'
doubled "lines of strace: children of a process with mappings" 1000 0 'for (i = 0; i < n; i++) '"$mapping"'; for (i = 0; i < n; i++) print "1 fork() = " i + 2 "\n" i + 2 " munmap(65536, 1000000000000) = 0"' import strace x.bach
doubled "lines of strace: children of a process with shared memory" 1000 0 'for (i = 0; i < n; i++) '"${mapping/PRIVATE/SHARED}"'; for (i = 0; i < n; i++) print "1 fork() = " i + 2 "\n" i + 2 " munmap(65536, 8192) = 0"' import strace x.bach
doubled "lines of strace: programs" 1000 0 'for (i = 0; i < n; i++) print "1 execve(\"/" i "/sh\", [], 0x1) = 0"' import strace x.bach
doubled "lines of strace: children of a program with a long name" 1000 0 'printf "1 execve(\"/"; for (i = 0; i < 50 * n; i++) printf "a"; print "\", [], 0x1) = 0"; for (i = 0; i < n; i++) print "1 fork() = " i + 2' import strace x.bach
doubled "lines of strace: none of them" 1000 2 'for (i = 0; i < n; i++) print "nothing"' import strace x.bach
doubled "blanks and equals signs of a line of strace" 5000 0 'printf "1 fork() = 2\n1 f("; for (i = 0; i < 20 * n; i++) printf " "; for (i = 0; i < n; i++) printf "= "; print ""' import strace x.bach
doubled "lines of strace: unfinished" 1000 0 'for (i = 0; i < n; i++) print i + 1 " wait4(-1,  <unfinished ...>"; for (i = 0; i < n; i++) print i + 1 " <... wait4 resumed>NULL) = 5"' import strace x.bach
doubled "lines of the prompt" 200 0 'for (i = 0; i < n; i++) print "print frames.free"' step tick.bach
cat > generations.bach <<'END'
param N = 1..999999
machine frames=60000 tables=999999
program p data=1
spawn p as C[0]
for I in 1..N {
C[I - 1]: fork as C[I]
}
for I in 1..N {
C[I]: exit
}
END
doubled "processes that have come with a move of the prompt" 200 0 'print "goto " 2 * n + 1 "\nchanges\nframe 0"' step -D N=@N generations.bach
doubled "processes that have gone with a move of the prompt" 200 0 'print "goto " 2 * n + 2 "\ncontinue\nchanges"' step -D N=@N generations.bach
cat > chain.bach <<'END'
param N = 1..999999
machine frames=60000 tables=999999
program p data=1
spawn p as C[0]
C[0]: write data[0]
for I in 1..N {
C[I - 1]: fork as C[I]
C[I]: write data[0]
C[I - 1]: exit
}
END
doubled "copies of copies in a drawing" 200 0 '' draw --view pages --format dot -D N=@N chain.bach
cat > copied.bach <<'END'
param N = 1..999999
machine frames=900000 swap=10
program p data=N
spawn p as P
P: write data[*]
P: fork as C
C: write data[*]
C: exit
END
doubled "copied pages in a drawing" 2000 0 '' draw --view pages --format dot -D N=@N copied.bach
doubled "rounds behind copies in a drawing" 2000 0 'print "machine frames=900 swap=10\nprogram p data=100\nspawn p as P\nP: write data[*]\nP: fork as C\nC: write data[*]\nrepeat " n " {\nP: write data[0]\n}"' draw --view pages --format dot x.bach
doubled "processes of a call that is drawn" 500 0 'print "machine frames=400000\nprogram p text=0 data=1\ndefine f(X) {"; for (i = 0; i < n; i++) print "X: fork as P" i; print "}\nspawn p as Q\nf(Q)\n#draw"' draw --process Q --format dot x.bach
cat > holders.bach <<'END'
param N = 1..999999
machine frames=60000 tables=999999
program p text=200 data=1 bss=0 stack=0
spawn p as P
P: fetch text[*]
repeat N as I {
P: fork as C[I]
}
END
doubled "processes of each frame in a drawing of memory" 50 0 '' draw --view memory --format dot -D N=@N holders.bach
cat > window.bach <<'END'
param N = 1..999999
machine window=references working-set=999999 frames=100
program p data=4
spawn p as P
repeat N as I {
P: write data[I % 4]
}
END
doubled "references in a window" 2000 0 '' run --report none -D N=@N window.bach
cat > sets.bach <<'END'
param N = 1..999999
machine working-set=3 frames=60000 tables=999999
program p data=1
for I in 1..N {
spawn p as a_rather_long_name_of_which_a_heading_has_the_beginning[I]
a_rather_long_name_of_which_a_heading_has_the_beginning[I]: write data[0]
}
END
doubled "processes of a table of working sets" 100 0 '' run --report working-set -D N=@N sets.bach

echo "checked: $lists lists doubled; $failures cost more than 2.3 times as much"
[ $failures -eq 0 ]
