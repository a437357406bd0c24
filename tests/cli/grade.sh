#!/bin/sh
# grade.sh PROGRAM: a class hands in its sheets and its scripts, and the marks are what they should be.
set -u
program=$1
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2
failed=0
fail() {
  failed=1
  echo "$*"
}

# A sheet that was made with options which have blanks and comments is found again by its first line.
for words in '--set|swap = 65536' '--set|frames=1024 # more' '-D|pairs = 5'; do
  "$program" textbook ex-9.15-bits --questions "${words%%|*}" "${words#*|}" >blanks.txt || fail "no sheet of $words"
  "$program" grade blanks.txt >/dev/null 2>errors
  [ $? -eq 1 ] || fail "a sheet of $words: $(cat errors)"
done
"$program" grade --max-seconds 5 blanks.txt 2>errors
[ "$(cat errors)" = 'bachsim: --max-seconds is for scripts: it wants --with' ] || fail "--max-seconds of sheets: $(cat errors)"
rm blanks.txt errors

# Thirty students get a sheet of exercise 9.15 each, by seeds of their own, and hand it in. What is right is computed here
# from the numbers on their sheets, by the rules of the two kinds of map.
mkdir sheets
number=0
while [ $number -lt 30 ]; do
  number=$((number + 1))
  sheet=sheets/$(printf '%02d' $number).txt
  "$program" textbook ex-9.15 --questions --seed $((4700 + number)) >"$sheet" || fail "no sheet of seed $number"
  param() { sed -n "s/^ *$1 = \([0-9]*\)$/\1/p" "$sheet" | head -1; }
  pairs=$(param pairs) piece=$(param piece) wanted=$(param wanted) blocks=$(param blocks)
  place=$((2 * pairs * piece + 1))
  words=$(((blocks + 63) / 64))
  # A search of the bit map reads all words up to the end of the hole that it takes.
  words_read=0
  for image in $(seq $((2 * pairs))); do
    words_read=$((words_read + (image * piece + 63) / 64))
  done
  words_read=$((words_read + (place - 1 + wanted + 63) / 64))
  extents=$((pairs + 1))
  extents_read=$((3 * pairs + 1))
  case $((number % 6)) in
    0) answers="swap:1:$place|$words|$words_read|swap:1:$place|$extents|$extents_read" ;; # all right
    1) # all right, typed otherwise
      answers="Swap 1 $place|$words words|$(printf '0x%x' $words_read), I think|block $place of swap|$extents entries|${extents_read}." ;;
    2) answers="swap:1:$((place + 1))|$((words + 1))|0|none|$((extents - 1))|$((extents_read + 1))" ;; # all wrong
    3) answers="|||||" ;;                                                                               # nothing
    4) answers="block $place of swap||17 or 18|swap:1:$place||$extents_read" ;; # right, missing, unclear; right, missing, right
    5) answers="none|about $words|eighteen or so|swap:1:$place|$extents|$((extents_read - 1))" ;; # wrong, two unclear; two right, wrong
  esac
  awk -v answers="$answers" -v name="Student $number" '
    BEGIN { split(answers, answer, "|") }
    /^Name: / { $0 = "Name: " name }
    / == ____$/ { sub(/____$/, answer[++blank]) }
    { print }' "$sheet" >filled.txt && mv filled.txt "$sheet"
  [ $((number % 2)) -eq 0 ] || sed -i 's/$/\r/' "$sheet"
done
different=$(cat sheets/*.txt | sed -n 's/^    [a-z]* = \([0-9]*\).*/\1/p' | paste -s -d '    \n' | sort -u | wc -l)
[ "$different" -ge 29 ] || fail "only $different of 30 sheets differ"
"$program" grade --csv sheets/*.txt >marks.csv 2>errors
[ $? -eq 2 ] || fail "unclear answers are not told by the status"
sed 's/"\([^",]*\),\([^"]*\)"/\1\2/' marks.csv | awk -F, '
  NR == 1 { next }
  {
    n = NR - 1
    split("6 0 0 0,0 6 0 0,0 0 6 0,3 0 2 1,2 2 0 2,6 0 0 0", kinds, ",")
    want = kinds[(n - 1) % 6 + 1]
    if ($4 " " $5 " " $6 " " $7 != want || $9 != $4 || $10 != 6 || $2 != "Student " n) { print "marks of " n ": " $0; bad = 1 }
    head = "ex-9.15-bits --seed " 4700 + n " ex-9.15-extents --seed " 4700 + n
    if ($3 != head) { print "sheet of " n ": " $3; bad = 1 }
  }
  END { if (NR != 31) { print NR " lines"; bad = 1 } exit bad }' || fail "the table is wrong"
[ "$(grep -c ': unclear: ' errors)" -eq 15 ] || fail "$(grep -c ': unclear: ' errors) answers are told to be unclear, of 15"
grep -q '^sheets/04.txt:[0-9]*:[0-9]*: unclear: it is no single value$' errors || fail "an unclear answer has no place"
"$program" grade sheets/*.txt 2>/dev/null | grep -q '^30 sheets read, on average 2.8 of 6.0 points$' || fail "no mean"
"$program" grade sheets/06.txt >one && [ "$(grep -c ': 3 of 3 points$' one)" -eq 2 ] || fail "a right sheet is not right"
"$program" grade sheets/02.txt >one
[ $? -eq 1 ] || fail "a wrong sheet has another status than 1"
grep -q 'wrong *0 *swap:1:[0-9]* *swap:1:' one || fail "what would be right is not said"
cp sheets/06.txt again.txt
"$program" grade sheets/06.txt again.txt | grep -q '^2 sheets have the same numbers: ex-9.15-bits --seed ' ||
  fail "two sheets with the same numbers are not noticed"
# The answers to one seed are wrong for another.
sed 's/--seed 4706/--seed 4711/' sheets/06.txt >other-seed.txt
"$program" grade --csv other-seed.txt | grep -q ',6,0,0,0,' && fail "answers to another seed are right"
# Of a file with a sheet that cannot be read, or that is there twice, the others are marked.
sed '0,/^Sheet: .*/s//Sheet: ex-9.155/' sheets/06.txt >half.txt
cat sheets/06.txt sheets/12.txt >twice.txt
"$program" grade --csv half.txt 2>errors | grep -q ',3,0,0,0,0,3,3,1 sheet of the file cannot be read$' || fail "half a file"
"$program" grade --csv twice.txt 2>errors | grep -q ',6,0,0,0,0,6,6,2 sheets of the file cannot be read$' || fail "a file twice"
[ "$(grep -c 'the file has another sheet of' errors)" -eq 2 ] || fail "a sheet that is there twice is not told"

# What cannot be read is told with its line, and the others are marked all the same.
"$program" textbook ex-9.15-bits --answers | sed 's/^Sheet: .*/Sheet: ex-9.155-bits/' >unknown.txt
printf 'Sheet: ex-9.15-bits --set swap=wide\n' >setting.txt
printf 'Sheet: ex-9.15-bits --page\n' >option.txt
printf 'Sheet: ex-9.15-bits\nNothing else.\n' >nothing.txt
printf 'Hello\n' >hello.txt
: >empty.txt
printf '\377\376S\0h\0' >utf16.txt
printf 'PK\003\004' >word.docx
printf '<!DOCTYPE html>' >page.html
head -c 2000000 /dev/zero | tr '\0' 'x' >long.txt
for sheet in unknown.txt setting.txt option.txt nothing.txt hello.txt empty.txt utf16.txt word.docx page.html long.txt \
  missing.txt .; do
  "$program" grade "$sheet" sheets/06.txt >out 2>errors
  [ $? -eq 2 ] || fail "$sheet: another status than 2"
  [ -s errors ] || fail "$sheet: nothing is said"
  grep -q '^sheets/06.txt .* 6/6 ' out || fail "$sheet: the sheet behind it is not marked"
done
for sheet in unknown.txt setting.txt option.txt nothing.txt hello.txt; do
  "$program" grade $sheet 2>&1 | grep -q "^$sheet:[0-9]*:[0-9]*: error: " || fail "$sheet: an error without a place"
  "$program" grade $sheet 2>&1 | grep -q '^ *^$' || fail "$sheet: an error without a caret"
done
"$program" grade unknown.txt 2>&1 | grep -q 'did you mean `ex-9.15-bits`?' || fail "no name is offered"

# Scripts by a teacher's expectations.
cat >expectations.bach <<'END'
title "The teacher's"
expect counter.pfault.copied == 1
C: read data[1]
for I in 0..1 {
  expect C.data[I].valid == 1
}
expect P.data[0].value == 7
END
cat >good.bach <<'END'
title "A student's"
program sh data=4
spawn sh as P
P: write data[0] = 7
P: fork as C
C: write data[0] = 8
END
sed 's/^C: write.*/C: write data[1] = 8/' good.bach >half.bach
cat good.bach - >open.bach <<'END'
repeat 0 {
END
cat good.bach - >cheat.bach <<'END'
expect 1 == 1
expect 1 == 2
include "expectations.bach"
END
cat good.bach - >steals.bach <<'END'
include "half.bach"
END
cat good.bach - >endless.bach <<'END'
repeat 1000000000 {
  repeat 1000000000 {
    P: read data[0]
  }
}
END
cat >huge.bach <<'END'
machine frames=100000000 swap=0
program sh bss=99000000
spawn sh as P
P: write data[*]
P: fork as C
END
cat >slow.bach <<'END'
machine frames=16 swap=100000000 max-age=0
program sh bss=90000000 stack=0
spawn sh as P
P: write data[*]
P: fork as C
END
echo 'C: write data[0' >broken.bach
sed 's/as C/as D/; s/^C:/D:/' good.bach >other.bach
grade() {
  "$program" grade --csv --with expectations.bach "$@" 2>errors | sed 1d
}
[ "$(grade good.bach)" = "good.bach,A student's,3,3," ] || fail "good: $(grade good.bach)"
grade half.bach | grep -q "^half.bach,A student's,[12],3,$" || fail "half: $(grade half.bach)"
for name in open cheat steals broken other; do
  grade $name.bach | grep -q "^$name.bach,.*,0,3,.*line" || fail "$name: $(grade $name.bach)"
  [ -s errors ] || fail "$name: nothing is said"
done
[ "$(grade endless.bach | cut -d, -f3,4)" = 0,3 ] || fail "endless: $(grade endless.bach)"
grade --max-seconds 1 --max-steps 1000000000000 endless.bach | grep -q ',0,3,it takes more than 1 second$' || fail "a limit of time"
[ "$(grade --max-seconds 1 huge.bach | cut -d, -f3,4)" = 0,3 ] || fail "huge: $(grade huge.bach)"
[ "$(grade --max-seconds 1 slow.bach | cut -d, -f3,4)" = 0,3 ] || fail "slow: $(grade slow.bach)"
# Killed outright, it leaves nobody behind.
"$program" grade --with expectations.bach --max-seconds 60 --max-steps 1000000000000 endless.bach >/dev/null 2>&1 &
grader=$!
child() { grep -hs ") [^Z] $grader " /proc/[0-9]*/stat | cut -d' ' -f1; }
for _ in $(seq 100); do
  marker=$(child)
  [ -n "$marker" ] && break
  sleep 0.1
done
[ -n "$marker" ] || fail "no child that marks"
sleep 0.2
kill -KILL "$grader"
wait "$grader" 2>/dev/null
runs() { grep -qs ") [^Z] " "/proc/$marker/stat"; }
for _ in $(seq 100); do
  runs || break
  sleep 0.1
done
runs && fail "a submission runs on when its grader was killed"
grade --max-seconds 1 endless.bach good.bach | tail -1 | grep -q ",3,3,$" || fail "the one behind an endless one is not marked"
mkdir library && cp good.bach library/base.bach
echo 'include "base.bach"' >included.bach
grade included.bach | grep -q ',0,3,.*includes nothing without' || fail "a submission includes: $(grade included.bach)"
[ "$(grade --include-root library included.bach | cut -d, -f3,4)" = 3,3 ] || fail "--include-root: $(cat errors)"
cp expectations.bach library/
echo 'include "expectations.bach"' >>included.bach
"$program" grade --csv --with library/expectations.bach --include-root library included.bach 2>/dev/null |
  grep -q 'not for this script to read' || fail "a submission reads the expectations"
# Standard input is a submission, or the expectations, which no submission reads then either.
[ "$(grade - half.bach <good.bach | head -n 1)" = "<stdin>,A student's,3,3," ] || fail "a submission from standard input"
[ "$("$program" grade --csv --with - good.bach <expectations.bach | sed 1d)" = "good.bach,A student's,3,3," ] ||
  fail "expectations from standard input"
"$program" grade --csv --with - --include-root library included.bach 2>/dev/null <library/expectations.bach |
  grep -q 'not for this script to read' || fail "a submission reads the expectations of standard input"
# However an expectation is written, it is one point, in a definition, too: there it has to hold in each call.
printf '\357\273\277title "T"\nexpect-1 == -1\nexpect(1 == 1)\ndefine equal(A, B) {\n expect A == B\n}\nequal(1, 1)\n' >odd.bach
echo 'title "A student"' >idle.bach
grade_odd() { "$program" grade --csv --with odd.bach idle.bach 2>&1 | sed 1d; }
[ "$(grade_odd)" = "idle.bach,A student,3,3," ] || fail "odd: $(grade_odd)"
echo 'equal(2, 2)' >>odd.bach
[ "$(grade_odd)" = "idle.bach,A student,3,3," ] || fail "odd, called twice: $(grade_odd)"
echo 'equal(1, 2)' >>odd.bach
[ "$(grade_odd)" = "idle.bach,A student,2,3," ] || fail "odd, called with what does not hold: $(grade_odd)"
"$program" grade --with good.bach good.bach 2>&1 | grep -q 'it has no `expect`' || fail "expectations that expect nothing"
"$program" grade --with expectations.bach good.bach half.bach >out
grep -q '^good.bach: A student.s: 3 of 3 points$' out && grep -q 'FAILED' out || fail "no details"
exit $failed
