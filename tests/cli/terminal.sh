#!/bin/sh
# terminal.sh PROGRAM FOLDER: what is printed to a terminal keeps to its width, and what is printed elsewhere to 80
# columns, whatever the terminal. FOLDER has the textbook's scripts.
set -eu
program=$1
cd "$2"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# widest COLUMNS ARGUMENT...: the longest line that the program prints to a terminal of so many columns.
widest() {
  columns=$1
  shift
  script -qec "env COLUMNS=$columns $program $*" /dev/null </dev/null | tr -d '\r' >"$scratch/out"
  awk '{ if (length($0) > most) most = length($0) } END { print most + 0 }' "$scratch/out"
}

fail() {
  echo "$*"
  cat "$scratch/out"
  exit 1
}

for name in fig-9.10 ex-9.19-thrashing; do
  for columns in 70 80 120; do
    most=$(widest "$columns" "textbook $name --report sar,counters,pfdata,processes,regions")
    [ "$most" -le "$columns" ] || fail "$name: a line of $most characters on $columns columns"
  done
done
most=$(widest 60 "textbook")
[ "$most" -le 60 ] || fail "the listing has a line of $most characters on 60 columns"
most=$(widest 120 "textbook")
[ "$most" -gt 80 ] || fail "the listing does not use 120 columns"

COLUMNS=50 "$program" textbook fig-9.10 >"$scratch/narrow"
COLUMNS=150 "$program" textbook fig-9.10 >"$scratch/wide"
cmp "$scratch/narrow" "$scratch/wide"
script -qec "env COLUMNS=50 $program textbook fig-9.10 --output $scratch/file" /dev/null </dev/null
cmp "$scratch/file" "$scratch/wide"
# The prompt at a terminal. Ctrl-C gives up the line that is being typed, and the session goes on; Ctrl-D ends it.
script=$(pwd)/fig-9.15.bach
{
  sleep 1
  printf 'print 2 * 3\n'
  sleep 0.5
  printf 'quit now\003'
  sleep 0.5
  printf '\003'
  sleep 0.5
  printf 'print 100 + 11\n'
  sleep 0.5
  printf '\004'
} | TERM=dumb script -qec "env COLUMNS=80 $program step $script; echo status \$?" /dev/null | tr -d '\r' >"$scratch/out"
for line in '^6$' '^111$' '^status 0$'; do
  grep -q "$line" "$scratch/out" || fail "no line $line in a session with Ctrl-C"
done

# All that the prompt says fits, but for lines that are the script's own.
cat >"$scratch/forks.bach" <<END
title "A page is shared until one of the two processes that have it writes to it"
program demo text=1 data=2
spawn demo as parent
parent: write data[0..1] = 7
parent: fork as child
child: write data[0] = 8
END
cat >"$scratch/session" <<END
help
next 4
changes
why
next 2
back
frame 1
ps
nonsense
show summary
END
for columns in 40 60 80; do
  { cat "$scratch/session"; sleep 1; printf '\004'; } |
    TERM=dumb script -qec "env COLUMNS=$columns $program step $scratch/forks.bach" /dev/null | tr -d '\r' | sed 's/^(bachsim) //' \
    >"$scratch/out"
  most=$(awk '{ if (length($0) > most) most = length($0) } END { print most + 0 }' "$scratch/out")
  [ "$most" -le "$columns" ] || fail "a session has a line of $most characters on $columns columns"
done
echo "the terminal's width"
