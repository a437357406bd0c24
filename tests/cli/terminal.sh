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
echo "the terminal's width"
