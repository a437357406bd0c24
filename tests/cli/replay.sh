#!/bin/sh
# replay.sh PROGRAM: files of references. Textbook strings, other programs' traces, mistakes, files that are none.
set -u
program=$(realpath "$1") || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2
failed=0
complain() {
  echo "$*"
  failed=1
}
# prints WHAT WANTED COMMAND...: it prints that, on both its outputs.
prints() {
  what=$1
  printf '%s\n' "$2" >wanted
  shift 2
  "$@" >out 2>&1
  diff -u wanted out || complain "$what"
}
# script LINE...: a process P of 4 pages of text and 8 of data, and these lines.
script() {
  printf 'program demo text=4 data=8\nspawn demo as P\n' >s.bach
  printf '%s\n' "$@" >>s.bach
}
# stops STATUS WORDS: the script in s.bach ends with that status, and says so.
stops() {
  timeout 60 "$program" run s.bach >out 2>&1
  status=$?
  [ $status -eq "$1" ] || complain "exit status $status where $1 was wanted: $(cat out)"
  grep -qF -- "$2" out || complain "does not say \`$2\`: $(cat out)"
}

printf '1 2 3 4 1 2 5 1 2 3 4 5\n' >string.txt
script 'P: replay "string.txt" as pages' 'expect counter.vfault.total == 5' 'expect P.data[5].valid' 'expect not P.data[0].valid'
prints "a reference string" 'EXPECTATIONS: 3 held, 0 failed' sh -c '"$0" run s.bach | tail -1' "$program"
prints "the references of a replay" 'P: replay "string.txt" as pages     12 references; 5 file faults' \
  sh -c '"$0" run --echo s.bach | sed -n 2p' "$program"

# A last line without a newline, lines that end as on DOS, comments, hexadecimal numbers, reads and writes.
printf '# two reads\r\n0 r\r\n\r\n0x1, 2w\r\nw 3' >mixed.txt
script 'P: replay "mixed.txt" as pages' 'expect P.data[1].referenced and not P.data[1].modified' \
  'expect P.data[2].modified and P.data[3].modified' 'expect P.data[2].value == P.pid'
stops 0 '3 held'

# Addresses are places in data; another program's are packed, its fetches in text.
printf '0 4095 4096\n0x3008 w\n' >addresses.txt
script 'P: replay "addresses.txt" as addresses' 'expect counter.vfault.total == 3' 'P: print data+12296' 'expect P.data[3].modified'
stops 0 'P: data+12296 = 2'
script 'P: replay "addresses.txt" as addresses packed in stack' 'expect P.stack.pages == 3'
stops 0 '1 held'
printf 'I  04001100,3\n L 1ffeffe7f0,8\n S 1ffeffeffc,8\n M 04222cac,4\n' >lackey.txt
script 'P: replay "lackey.txt" as lackey' 'expect P.text[0].valid and not P.text[1].valid' \
  'expect P.data[0].modified and P.data[1].modified and P.data[2].modified and not P.data[3].valid'
stops 0 '2 held'
script 'P: replay "lackey.txt" as lackey in stack' 'expect P.stack.pages == 4' 'expect not P.text[0].valid'
stops 0 '2 held'
printf '2 0\n0 1000\n1 70f60888\n' >dinero.txt
printf '0041f7a0 R\n13f5e2c0 W\n' >hex.txt
printf 'READ hex CC32\nWRITE bin 0101\nREAD 19\n' >moss.txt
for format in dinero hex moss; do
  script "P: replay \"$format.txt\" as $format" 'expect P.data[1].modified and not P.data[2].valid'
  stops 0 '1 held'
done

# Another process's pages are what it shares; a shared segment; a program of its own page size.
script 'P: write data[*]' 'P: fork as C' 'C: replay "mixed.txt" as pages' 'expect counter.pfault.copied == 2' \
  'P: shmget k 4' 'P: shmat k' 'P: replay "mixed.txt" as pages in shm.k' 'expect P.shm.k[3].modified'
stops 0 '2 held'
printf 'machine page=1K\nprogram sh text=4K data=8K\nspawn sh as P\nP: replay "addresses.txt" as addresses\nexpect counter.vfault.total == 4\n' >s.bach
stops 0 'page 12 of data'

# With io=sleep it sleeps in the middle, and goes on.
script 'P: begin replay "string.txt" as pages' 'expect P.state == asleep' 'P: finish' 'expect counter.vfault.total == 5'
sed -i '1i machine io=sleep' s.bach
stops 0 '2 held'

# Beyond the region, a process sees what it would see of any access.
printf '1\n2\n9\n1\n' >beyond.txt
script 'P: replay "beyond.txt" as pages' 'expect counter.vfault.total == 3'
stops 0 'P: killed: SIGSEGV (beyond.txt:3: page 9 of data)'
printf '1\n0xffffffffffffff\n' >beyond.txt
stops 2 'beyond.txt:2:1: note: the page is beyond every address'

# Mistakes have their place.
printf '1 2\n3 x 4\n' >bad.txt
script 'P: replay "bad.txt" as pages'
prints "a mistake in a file" 's.bach:3:12: error: line 2 of `bad.txt` is no line of the format `pages`
P: replay "bad.txt" as pages
           ^
bad.txt:2:3: note: expected a number, found `x`
3 x 4
  ^' "$program" run s.bach
: >empty.txt
script 'P: replay "empty.txt" as pages' 'P: replay "empty.txt" as lackey' 'expect counter.vfault.total == 0'
stops 0 '1 held'
mkdir folder
mkfifo pipe
for file in missing.txt folder pipe ../string.txt /etc/passwd; do
  script "P: replay \"$file\" as pages"
  stops 2 "$file"
  timeout 60 "$program" check s.bach >/dev/null 2>&1
  [ $? -eq 2 ] || complain "check of $file"
done
script 'P: replay "string.txt" as pages'
"$program" run - <s.bach >out 2>&1
grep -q 'a script from standard input replays nothing without --include-root DIR' out || complain "standard input: $(cat out)"
"$program" run --report none --include-root . - <s.bach || complain "standard input with a root"
"$program" run -o string.txt s.bach 2>&1 | grep -q 'the script is read from it' || complain "writes over what it replays"

# Back and forth at the prompt, and in a sweep.
script 'P: replay "string.txt" as pages' 'P: replay "string.txt" as pages'
printf 'next 4\nback\nnext\nprint counter.vfault.total\ndo P: replay "string.txt" as pages in stack\nprint P.stack.pages\n' |
  "$program" step s.bach >out 2>&1
grep -q '^5$' out || complain "prompt: $(cat out)"
grep -q '^6$' out || complain "a replay that is typed in: $(cat out)"
"$program" sweep s.bach --vary frames=16,32 --measure counter.vfault.total >out 2>&1 || complain "sweep: $(cat out)"

# A file that becomes another between reading the script and running it.
script 'P: replay "string.txt" as pages'
mkfifo talk
"$program" step s.bach <talk >out 2>&1 &
session=$!
exec 3>talk
echo next >&3
tries=600
until grep -q '^step 1' out || [ $tries -eq 0 ]; do
  sleep 0.1
  tries=$((tries - 1))
done
echo 7 >>string.txt
echo next >&3
exec 3>&-
wait $session
grep -q 'has changed since the script was read' out || complain "a file that changes: $(cat out)"
exit $failed
