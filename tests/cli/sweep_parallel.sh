#!/bin/sh
# sweep_parallel.sh PROGRAM: shares of a sweep by Debian's GNU parallel, with four workers of which one is killed in the
# middle of its share, and resumed. Nothing is lost, nothing is there twice: the bytes of one whole run.
set -eu
program=$1
command -v parallel >/dev/null || { echo "this needs Debian's package parallel" && exit 1; }
scratch=$(mktemp -d)
workers=
# Whatever is left of ours, by its number.
finish() {
  [ -z "$workers" ] || kill "$workers" 2>/dev/null || true
  rm -rf "$scratch"
}
trap finish EXIT
cd "$scratch"
export NO_COLOR=1 HOME="$scratch"

cat >work.bach <<'BACH'
title "Pages and rounds"
param PAGES = 2..40
machine frames=64 swap=128
program demo text=1 bss=PAGES stack=1
spawn demo as P
repeat 300 {
  P: write data[*]
  P: fork as C
  C: write data[0]
  C: exit
  P: wait
}
BACH
words="--vary fork=cow,copy -D PAGES=4..13 --seeds 1..40"
# shellcheck disable=SC2086  # words
"$program" sweep $words work.bach --format csv -o whole

# A worker is stopped in the middle of its share before it is killed, so that it cannot be done by then.
cat >share <<'SHARE'
#!/bin/sh
# share PROGRAM K WORDS: what a worker runs, in the process that parallel started.
program=$1
k=$2
shift 2
echo "$k $$" >>begun
exec "$program" sweep "$@" work.bach --shard "$k/8" --jobs 1 --resume -o "share-$k"
SHARE
chmod +x share
# shellcheck disable=SC2086  # words
seq 8 | parallel -j4 --retries 3 --joblog joblog ./share "$program" {} $words &
workers=$!
killed=
while [ -z "$killed" ] && kill -0 "$workers" 2>/dev/null; do
  for part in share-*.part; do
    if [ ! -e "$part" ] || [ "$(wc -l <"$part")" -le 5 ]; then continue; fi
    k=${part#share-} && k=${k%.part}
    process=$(awk -v k="$k" '$1 == k { process = $2 } END { print process }' begun)
    kill -STOP "$process" 2>/dev/null || continue
    if [ -e "$part" ]; then
      cp "$part" "killed-$k"
      kill -KILL "$process" && killed=$k && break
    fi
    kill -CONT "$process"
  done
done
wait "$workers" || { cat joblog && exit 1; }
workers=
[ -n "$killed" ] || { echo "no worker could be killed in the middle" && exit 1; }
[ "$(grep -c "^$killed " begun)" -eq 2 ] || { cat begun && echo "share $killed was not begun twice" && exit 1; }
# It went on where it had stopped.
lines=$(($(wc -l <"killed-$killed")))
head -n "$lines" "share-$killed" | cmp - "killed-$killed" || { echo "share $killed began anew" && exit 1; }
"$program" sweep --merge share-? --format csv -o merged
cmp whole merged
