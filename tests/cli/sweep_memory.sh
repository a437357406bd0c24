#!/bin/sh
# sweep_memory.sh PROGRAM: ten thousand runs, of machines of many sizes, take no more memory than a thousand.
set -eu
program=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
cat >work.bach <<'BACH'
param PAGES = 1..20000
machine frames=64 swap=64+PAGES%700 io=sleep
program demo text=1 bss=1+PAGES%90 stack=1
spawn demo as P
P: write data[*]
P: fork as C
C: write data[0]
P: read data[*]
BACH
# Rows come as their runs end; the pipe holds back some hundred of them.
sh -c 'echo $$ >process && exec "$@"' sh "$program" sweep -D PAGES=1..10000 --measure frames.used --format csv --jobs 2 work.bach |
  awk '
    NR == 1 { getline process <"process" }
    NR == 2000 || NR == 9500 {
      file = "/proc/" process "/status"
      while ((getline line <file) > 0) if (line ~ /^VmHWM/) { split(line, words, " "); peak[NR] = words[2] }
      close(file)
    }
    $0 !~ /,ok$/ && NR > 1 { print "not ok: " $0; bad = 1 }
    END {
      if (NR != 10001 || peak[2000] == 0) { print "only " NR " rows"; exit 1 }
      if (peak[9500] > peak[2000] + 1024) { print "from " peak[2000] " KiB to " peak[9500]; exit 1 }
      exit bad
    }'
