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
# A session at the prompt in a terminal of its own. The test waits for what the prompt prints and never for a time, so a
# busy machine makes it slow and not wrong. The terminal stays open until the session has ended.
# begin COLUMNS FILE: starts the session, whose input is file descriptor 3 and whose output goes to $scratch/raw.
begin() {
  rm -f "$scratch/keys" "$scratch/raw"
  mkfifo "$scratch/keys"
  : >"$scratch/raw"
  TERM=dumb script -qfec "env COLUMNS=$1 $program step $2; echo status \$?" /dev/null <"$scratch/keys" >"$scratch/raw" 2>&1 &
  session=$!
  exec 3>"$scratch/keys"
}

# until_so WHAT COMMAND ARGUMENT...: waits until the command succeeds. WHAT: what this waits for.
until_so() {
  what=$1
  shift
  tries=0
  until "$@" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 3000 ]; then
      cp "$scratch/raw" "$scratch/out"
      fail "waited five minutes for $what"
    fi
    sleep 0.1
  done
}

lines_match() {
  [ "$(tr -d '\r' <"$scratch/raw" | grep -c "$2")" -ge "$1" ]
}

# await COUNT PATTERN: waits until so many lines match.
await() {
  until_so "$1 lines that match $2" lines_match "$1" "$2"
}

# The session with a script notes interrupts, and reads no line, which would note Ctrl-Z, too; has a file open.
notes_interrupts() {
  grep -q '^SigCgt:.*[0-7]...[2367abef]$' "/proc/$(pgrep -n -f "step $1")/status"
}
# Ticks of the processor that the session has taken.
ticks_of() {
  awk '{ print $14 }' "/proc/$(pgrep -n -f "step $1")/stat"
}
has_taken() {
  [ "$(ticks_of "$1")" -ge "$2" ]
}
has_open() {
  find "/proc/$(pgrep -n -f "step $1")/fd" -lname "$2" | grep -q .
}

# end: types Ctrl-D until the session has ended, and leaves what it printed in $scratch/out. The terminal throws one away
# that comes before the prompt has begun to read.
end() {
  tries=0
  until grep -q '^status 0' "$scratch/raw" || [ "$tries" -gt 3000 ]; do
    tries=$((tries + 1))
    (printf '\004' >&3) 2>/dev/null || true
    sleep 0.1
  done
  await 1 '^status 0$'
  exec 3>&-
  wait "$session"
  tr -d '\r' <"$scratch/raw" >"$scratch/out"
}

# Ctrl-C gives up the line that is being typed, and the session goes on; Ctrl-D ends it.
begin 80 "$(pwd)/fig-9.15.bach"
await 1 '(bachsim)'
printf 'print 2 * 3\n' >&3
await 1 '^6$'
printf 'quit now' >&3
await 1 'quit now'
printf '\003' >&3
await 3 '^(bachsim)'
printf '\003' >&3
await 4 '^(bachsim)'
printf 'print 100 + 11\n' >&3
await 1 '^111$'
printf 'do note "caf\303\251, 5 \342\202\254"\n' >&3
await 1 "^$(printf 'caf\303\251, 5 \342\202\254')$"
end

# Ctrl-C ends a drawing by a program that does not end, and not the session.
mkdir "$scratch/bin"
printf '#!/bin/sh\nexec sleep 1000\n' >"$scratch/bin/dot"
chmod +x "$scratch/bin/dot"
path=$PATH
PATH=$scratch/bin:$PATH
begin 80 "$(pwd)/fig-9.15.bach"
await 1 '(bachsim)'
printf 'next\n' >&3
await 1 '^step 1,'
printf 'draw %s/never.svg\n' "$scratch" >&3
draws() {
  pgrep -f "^sleep 1000" -P "$(pgrep -n -f "step $(pwd)/fig-9.15.bach")" >/dev/null
}
until_so "a drawing" draws
printf '\003' >&3
await 1 'dot. failed'
printf 'print 100 + 12\n' >&3
await 1 '^112$'
end
[ ! -e "$scratch/never.svg" ] || fail "a drawing that was interrupted is there"

# A Ctrl-D that is typed while a command runs does not make text of the next one.
printf '#!/bin/sh\nuntil [ -e "%s" ]; do sleep 0.1; done\nexit 1\n' "$scratch/typed" >"$scratch/bin/dot"
begin 80 "$(pwd)/fig-9.15.bach"
await 1 '(bachsim)'
printf 'draw %s/never.svg\n' "$scratch" >&3
waits() {
  pgrep -P "$(pgrep -n -f "step $(pwd)/fig-9.15.bach")" >/dev/null
}
until_so "a drawing that waits" waits
printf '\004' >&3
: >"$scratch/typed"
await 2 '(bachsim)'
end
PATH=$path

# Ctrl-C gives up what stands before it, and nothing that comes at once behind it.
begin 80 "$(pwd)/fig-9.15.bach"
await 1 '(bachsim)'
printf 'xyz' >&3
await 1 'xyz'
printf '\003print 100 + 15\nprint 100 + 16\n' >&3
await 1 '^115$'
await 1 '^116$'
end

# A terminal that becomes too small for the line that is being typed.
begin 80 "$(pwd)/fig-9.15.bach"
await 1 '(bachsim)'
terminal=$(readlink "/proc/$(pgrep -n -f "step $(pwd)/fig-9.15.bach")/fd/0")
stty -F "$terminal" rows 24 cols 80
printf 'note\nprint 100 + 17' >&3
await 1 '100 + 17'
printf '%0200d' 0 >&3
await 1 '00000000'
stty -F "$terminal" rows 2 cols 80
printf '\003print 100 + 18\n' >&3
await 1 '^118$'
end

# A line that would be longer than half of the screen goes no farther, whatever is typed into it.
begin "80 TERM=xterm" "$(pwd)/fig-9.15.bach"
await 1 '(bachsim)'
terminal=$(readlink "/proc/$(pgrep -n -f "step $(pwd)/fig-9.15.bach")/fd/0")
stty -F "$terminal" rows 24 cols 80
printf 'print 100 + 19\n' >&3
await 1 '^119'
printf '%02000d\001abc\005%0170d\nprint 100 + 20\n' 0 0 >&3
await 1 'there is no command'
await 1 '^120'
{ printf '%0520d\t\n\t\n' 0 | sed "s/0/$(printf '\303\251')/g" && printf 'print 100 + 22\n'; } >&3
await 1 '^122'
printf '%02000d\026a\nprint 100 + 23\n' 0 >&3  # a key behind Ctrl-V is taken as it is, or libedit waits for another
await 1 '^123'
printf 'a word\302\237\302\237\302\237\302\237\302\237\302\237\302\237\302\237\302\237\nprint 100 + 24\n' >&3
await 1 '^124'
end

# By vi's keys `$` leads nowhere in an empty line, and `x` behind Escape takes a letter away.
echo 'bind -v' >"$scratch/.editrc"
begin "80 TERM=xterm HOME=$scratch" "$(pwd)/fig-9.15.bach"
await 1 '(bachsim)'
printf '\033$xsprint 100 + 25\nprint 100 + 266\033x\n' >&3
await 1 '^125'
await 1 '^126'
end

# Ctrl-C gives up seconds that would go on for minutes, and none of them has passed.
printf 'machine paging=off frames=100 swap=2000\nprogram p data=3\nfor I in 1..100 {\n  spawn p as A[I]\n}\nrun 1000000\n' \
  >"$scratch/seconds.bach"
begin 80 "$scratch/seconds.bach"
await 1 '(bachsim)'
printf 'break 6\ncontinue\n' >&3
await 1 'next: seconds.bach:6'
printf 'next\n' >&3
until_so "a session that notes interrupts" notes_interrupts "$scratch/seconds.bach"
printf '\003' >&3
await 1 '^.*interrupted$'
await 2 'next: seconds.bach'
printf 'print A[1].seconds\n' >&3
await 1 '^0$'
end

# Ctrl-C ends the wait for somebody who reads a pipe.
mkfifo "$scratch/pipe.dot"
begin 80 "$(pwd)/fig-9.15.bach"
await 1 '(bachsim)'
printf 'next\n' >&3
await 1 '^step 1,'
printf 'draw %s/pipe.dot\n' "$scratch" >&3
await 1 'draw .*/pipe.dot'
until_so "a session that notes interrupts" notes_interrupts "$(pwd)/fig-9.15.bach"
printf '\003' >&3
await 1 'Interrupted system call'
printf 'print 100 + 13\n' >&3
await 1 '^113$'
end

# A terminal that does not know its size has no more of it than one has.
begin "99999999 LINES=99999999 TERM=xterm" "$(pwd)/fig-9.15.bach"
await 1 '(bachsim)'
printf 'print 100 + 14\n' >&3
await 1 '^114$'
end

# Ctrl-C gives up a look ahead that would take longer than anybody waits.
cat >"$scratch/endless.bach" <<END
machine stealer=opt frames=4
program demo data=1
spawn demo as P
P: read data[0]
repeat 999_999_999 {
}
END
begin 80 "$scratch/endless.bach"
until_so "a session that notes interrupts" notes_interrupts "$scratch/endless.bach"
printf '\003' >&3
await 1 'interrupted while stealer=opt looked ahead'
exec 3>&-
wait "$session"

# Ctrl-C stops a typed replay, each of whose 20 million references faults, and the session goes on before it.
cat >"$scratch/long.bach" <<END
machine frames=1 stealer=fifo
program demo data=2
spawn demo as P
P: replay "long.txt" as pages
END
yes "0
1" | head -n 20000000 >"$scratch/long.txt"
begin 80 "$scratch/long.bach"
await 1 '(bachsim)'
printf 'next\n' >&3
await 1 '^step 1,'
printf 'do P: replay "long.txt" as pages\n' >&3
until_so "a replay" has_open "$scratch/long.bach" "$scratch/long.txt"
printf '\003' >&3
await 1 '^.*interrupted; what was typed behind this step is forgotten$'
await 2 '^step 1,'
printf 'print counter.vfault.total\n' >&3
await 1 '^0$'
end
rm "$scratch/long.txt"

# Ctrl-C stops a way back, which leads over hundreds of long statements, and the session stands where it has come to.
cat >"$scratch/back.bach" <<END
machine frames=64 swap=4000
program demo data=3000
spawn demo as A
repeat 3000 {
A: write data[*]
}
END
begin 80 "$scratch/back.bach"
await 1 '(bachsim)'
printf 'next 500\n' >&3
await 1 '^step 999,'
before=$(ticks_of "$scratch/back.bach")
printf 'back\n' >&3
until_so "a way back" has_taken "$scratch/back.bach" $((before + 20))
printf '\003' >&3
await 1 '^.*interrupted$'
await 3 '^step '
end
stands=$(sed -n 's/^step \([0-9]*\),.*/\1/p' "$scratch/out" | tail -n 1)
[ "$stands" -lt 990 ] || fail "Ctrl-C has not stopped the way back: the session stands at step $stands"

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
  begin "$columns" "$scratch/forks.bach"
  cat "$scratch/session" - >&3 <<END
print 40 + 2
END
  await 1 '^42$'
  end
  sed -i 's/^(bachsim) //' "$scratch/out"
  most=$(awk '{ if (length($0) > most) most = length($0) } END { print most + 0 }' "$scratch/out")
  [ "$most" -le "$columns" ] || fail "a session has a line of $most characters on $columns columns"
done
echo "the terminal's width"
