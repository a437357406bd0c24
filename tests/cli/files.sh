#!/bin/bash
# files.sh BACHSIM: how the program treats the files of its host: outputs, includes, names.
# Prints each case that fails; succeeds if none does.
set -u
bachsim=$(realpath -e "$1") || exit 1
failures=0
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder" "$shm"' EXIT
shm=$(mktemp -d /dev/shm/bachsim-XXXXXX)
cd "$folder" || exit 1

# same WHAT GOT WANTED
same() {
  if [ "$2" != "$3" ]; then
    printf '%s\n  got:    %s\n  wanted: %s\n' "$1" "$2" "$3"
    failures=$((failures + 1))
  fi
}
# run ARGUMENT...: quietly; the last line of its complaints in $said, its status in $status
run() {
  said=$("$bachsim" run "$@" 2>&1 >/dev/null)
  status=$?
  said=${said##*$'\n'}
}
# as_user COMMAND...: without the rights of root. What counts its lines as it runs may not write where root does.
as_user() {
  if [ "$(id -u)" -eq 0 ]; then
    mkdir -p "$folder/counts" && chmod 777 "$folder/counts"
    GCOV_PREFIX=$folder/counts setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
  else
    "$@"
  fi
}

echo 'note "done"' > note.bach
printf 'note "done"\nspawn nobody as P\n' > unparsable.bach
printf 'program p text=1\nspawn p as P\nnote "done"\nP: exit\nP: exit\n' > failing.bach
quiet=(--report none)

# Outputs appear whole or not at all.
run "${quiet[@]}" --output new note.bach
same "a new file" "$status $(cat new)" "0 done"
echo old > new
chmod 640 new
run "${quiet[@]}" --output new note.bach
same "a file that is there" "$status $(cat new) $(stat -c %a new)" "0 done 640"
for script in unparsable failing; do
  echo old > new
  run "${quiet[@]}" --output new $script.bach
  same "a run that fails: $script" "$status $(cat new)" "2 old"
done
run --format json --output new failing.bach
same "a run that fails, in JSON" "$status $(grep -c '"message"' new)" "2 1"
run --output no/folder note.bach
same "a folder that is not there" "$status $said" "2 bachsim: no/folder: No such file or directory"
run --output . note.bach
same "a folder for a file" "$status $said" "2 bachsim: .: Is a directory"
head -c 300000 /dev/zero | tr '\0' x > "$shm/report"
run "${quiet[@]}" --output "$shm/report" note.bach
same "a file below /dev" "$status $(cat "$shm/report")" "0 done"
run "${quiet[@]}" --output "$shm/new" note.bach
same "a new file below /dev" "$status $(cat "$shm/new")" "0 done"
echo old > new
for _ in {1..5000}; do echo 'note "a line of some length, so that the buffer is written many times"'; done > long.bach
# The lines that a build counts for ./test --coverage would be cut off for all, and so go elsewhere.
(ulimit -f 4; GCOV_PREFIX=$folder/cut "$bachsim" run --output new long.bach 2> /dev/null)
same "a limit on files" "$? $(cat new)" "2 old"
chmod 444 new
as_user "$bachsim" run --output new note.bach 2> /dev/null
same "a file that may not be written" "$?" 2
mkdir locked
echo old > locked/open
chmod 666 locked/open
chmod 555 locked
chmod 755 .
said=$(as_user "$bachsim" run --output locked/open note.bach 2>&1)
same "a folder that may not be written" "$? $said $(cat locked/open)" "2 bachsim: locked: Permission denied old"

# Links stay links.
ln -s target link
run "${quiet[@]}" --output link note.bach
same "a dangling link" "$status $(readlink link) $(cat target)" "0 target done"
echo old > target
run "${quiet[@]}" --output link note.bach
same "a link" "$status $(readlink link) $(cat target)" "0 target done"
ln -s circle circle
run --output circle note.bach
same "a circle of links" "$status $said" "2 bachsim: circle: Too many levels of symbolic links"

# Devices, pipes and descriptors are written at once.
echo first > log
"$bachsim" run "${quiet[@]}" --output /dev/stdout note.bach >> log
same "/dev/stdout behind >>" "$? $(tr '\n' ' ' < log)" "0 first done "
"$bachsim" run "${quiet[@]}" --output /dev/fd/7 note.bach 7>> log
same "/dev/fd/7 behind >>" "$? $(tr '\n' ' ' < log)" "0 first done done "
same "/dev/stdout in a pipe" "$("$bachsim" run "${quiet[@]}" --output /dev/stdout note.bach | cat)" "done"
mkfifo pipe
cat pipe > log &
run "${quiet[@]}" --output pipe note.bach < /dev/null &
wait
same "a named pipe" "$(sort -u log)" "done"
for options in "" --trace "--format json"; do
  # shellcheck disable=SC2086  # two words
  run $options --output /dev/full note.bach
  same "a full device: $options" "$status $said" "2 bachsim: /dev/full: No space left on device"
done
said=$("$bachsim" run --trace note.bach 2>&1 > /dev/full)
same "standard output on a full device" "$said" "bachsim: standard output: No space left on device"
said=$("$bachsim" run note.bach 2>&1 >&-)
same "standard output that is closed" "$said" "bachsim: standard output: Bad file descriptor"
run --output /dev/null note.bach
same "/dev/null" "$status $(stat -c %F /dev/null)" "0 character special file"

# An output is no input.
cp note.bach script.bach
mkdir -p parts
echo 'note "part"' > parts/part.inc
echo 'include "parts/part.inc"' >> script.bach
ln script.bach hard
ln -s script.bach soft
ln parts/part.inc hard-part
for output in script.bach ./script.bach hard soft parts/part.inc hard-part; do
  run --output $output script.bach
  same "the output is an input: $output" "$status $said" "2 bachsim: $output: the script is read from it"
done
same "the script after these" "$(tail -n 1 script.bach)" 'include "parts/part.inc"'
# shellcheck disable=SC2094  # that they are one file is what is tried
"$bachsim" run --output script.bach - < script.bach 2> /dev/null
same "the output is standard input" "$? $(head -n 1 script.bach)" '2 note "done"'

# What a script includes stays in its folder, or in that of --include-root.
mkdir -p lesson/below other
echo 'note "other"' > other/other.inc
echo 'note "below"' > lesson/below/below.inc
ln -s ../other/other.inc lesson/link.inc
# includes WANTED SCRIPT-LINE ARGUMENT...
includes() {
  echo "include \"$2\"" > lesson/script.bach
  for command in "run --report none" check compare; do
    # shellcheck disable=SC2086  # two words
    "$bachsim" $command "${@:3}" lesson/script.bach > /dev/null 2>&1
    same "$command: include \"$2\" ${*:3}" "$?" "$1"
  done
}
includes 0 below/below.inc
includes 0 ../lesson/below/below.inc
includes 2 ../other/other.inc
includes 2 /etc/passwd
includes 2 link.inc
includes 0 ../other/other.inc --include-root other
includes 0 ../other/other.inc --include-root .
includes 0 link.inc --include-root other
includes 0 below/below.inc --include-root other
includes 2 ../parts/part.inc --include-root other
includes 2 below/below.inc --include-root nowhere
from_input() { (cd lesson && echo 'include "below/below.inc"' | "$bachsim" run --report none "$@" - 2> /dev/null); }
same "standard input includes nothing" "$(from_input)" ""
same "standard input with --include-root" "$(from_input --include-root .)" below
same "standard input by its other name" "$(cd lesson && echo 'include "below/below.inc"' |
  "$bachsim" run --report none --include-root . /dev/stdin) $("$bachsim" check /dev/stdin < lesson/script.bach; echo $?)" \
  "below 2"
same "standard input with another root" "$(cd / && from_input --include-root "$folder/lesson" 2> /dev/null)" ""

# A dump is written whole or not at all.
cat > dumped.bach << 'EOF'
machine frames=8
program sh data=1
spawn sh as P
P: write data[0] = 7
EOF
"$bachsim" run --report none --dump core dumped.bach
same "a dump" "$? $(head -c 4 core | od -An -c | tr -d ' ')" '0 177ELF'
echo kept > core
"$bachsim" run --report none --dump core failing.bach > /dev/null 2>&1
same "a dump of a run that fails" "$? $(cat core)" "2 kept"
"$bachsim" run --report none --dump dumped.bach dumped.bach 2> /dev/null
same "a dump over its script" "$? $(head -n 1 dumped.bach)" "2 machine frames=8"
"$bachsim" run --output core --dump core dumped.bach 2> /dev/null
same "a dump over the output" "$? $(cat core)" "2 kept"
"$bachsim" run --report none --dump /dev/full dumped.bach 2> /dev/null
same "a dump that does not fit" "$?" 2

# All that one run writes, at once.
run "${quiet[@]}" --output all.txt --dump all.core --trace-json all.json --timeline all.timeline dumped.bach
same "four files of one run" "$status $(tail -n 1 all.json | head -c 8) $(tail -n 1 all.timeline) $(ls -A | grep -c bachsim-)" \
  '0 {"step": ]} 0'
same "four files of one run, the dump" "$(head -c 4 all.core | od -An -c | tr -d ' ')" '177ELF'
ln -s all.json all.link
for other in ./all.json all.link killed/../all.json; do
  mkdir -p killed
  run "${quiet[@]}" --trace-json all.json --timeline $other dumped.bach
  same "one file by two names: $other" "$status $said $(head -c 9 all.json)" "2 bachsim: $other: two options name one file {\"format\""
done
run "${quiet[@]}" --trace-json /dev/null --timeline /dev/null dumped.bach
same "two options on one device" "$status" 0
mkdir several
for signal in TERM INT HUP; do
  "$bachsim" run "${quiet[@]}" --output several/1 --dump several/2 --trace-json several/3 --timeline several/4 long.bach &
  for _ in {1..100}; do [ "$(ls -A several | wc -l)" = 4 ] && break; sleep 0.005; done
  kill -$signal $! 2> /dev/null
  wait $! 2> /dev/null
  same "left of four files by $signal" "$(ls -A several | grep -c bachsim-)" 0
done

# Pages and sites appear whole or not at all, and replace nothing but their own.
page() {
  said=$("$bachsim" page "$@" 2>&1 >/dev/null)
  status=$?
  said=${said##*$'\n'}
}
page -o page.html note.bach
same "a page" "$status $(grep -c '</html>' page.html)" "0 1"
page --output page.html failing.bach
same "a page of a run that is stopped" "$status $(grep -c 'The run stops here, at line 5' page.html)" "2 1"
page -o note.bach note.bach
same "a page over its script" "$status $said" "2 bachsim: note.bach: the script is read from it"
page -o "" note.bach
same "a page without a name" "$status $said" "2 bachsim: --output: a file's name cannot be empty"
same "a page on standard output" "$("$bachsim" page note.bach | tail -n 1)" "</html>"
"$bachsim" textbook fig-9.15 --page -o figure.html
same "a page of a figure" "$? $(grep -c '<h1>Figure 9.15' figure.html)" "0 1"
mkdir theirs
echo kept > theirs/notes
same "a site in a folder of others" "$("$bachsim" textbook --site theirs 2>&1; echo $?; ls theirs)" \
  "bachsim: theirs: has files that are no site of ours; name a new folder, or an empty one"$'\n2\nnotes'
same "a site in place of a file" "$("$bachsim" textbook --site note.bach 2>&1)" "bachsim: note.bach: is there, and no folder"
"$bachsim" textbook --site site
same "a site" "$? $(find site -name '*.html' -printf '%f\n' | sort | sha256sum)" \
  "0 $(sed '/bachsim-site.txt/d' site/bachsim-site.txt | sort | sha256sum)"
echo gone.html >> site/bachsim-site.txt
touch site/gone.html site/kept.html
"$bachsim" textbook --site site
same "an earlier site" "$? $(ls site | grep -E '^(gone|kept).html')" "0 kept.html"

# Names of files are printed so that a terminal may have them, and JSON may hold them.
name=$'\e]0;x\a\xe2\x80\xae\xed\xa0\x80\xff.bach'
shown='\x1b]0;x\x07\xe2\x80\xae\xed\xa0\x80\xff.bach'
cp failing.bach "$name"
run "$name"
same "a name in an error" "$("$bachsim" run "$name" 2>&1 | grep error)" "$shown:5:1: error: \`P\` has ended and been reaped"
same "a name of a file that is not there" "$("$bachsim" run "no$name" 2>&1)" "bachsim: no$shown: No such file or directory"
same "a name in JSON" "$("$bachsim" run --format json "$name" 2> /dev/null | grep -o '"script":"[^,]*')" \
  "\"script\":\"${shown//\\/\\\\}\""
same "an option" "$("$bachsim" run $'--\e[31m' 2>&1 | grep -c $'\e')" 0

# A killed run leaves neither half an output nor a trace of one.
mkdir -p killed
for signal in KILL TERM INT; do
  for delay in 0.005 0.01 0.02 0.04; do
    echo old > killed/out
    "$bachsim" run "${quiet[@]}" --output killed/out long.bach 2> /dev/null &
    sleep $delay
    kill -$signal $! 2> /dev/null
    wait $! 2> /dev/null
    lines=$(wc -l < killed/out)
    [ "$lines" = 1 ] || [ "$lines" = 5000 ] || same "killed by $signal after $delay: lines" "$lines" "1 or 5000"
    # Nobody can tidy up behind KILL.
    if [ "$signal" = KILL ]; then rm -f killed/.bachsim-*; else same "left by $signal after $delay" "$(ls -A killed)" out; fi
    rm -f killed/.bachsim-*
  done
done
for _ in 1 2 3; do
  "$bachsim" run "${quiet[@]}" --output killed/out long.bach &
done
wait
same "three writers" "$(wc -l < killed/out) $(ls -A killed)" "5000 out"

[ $failures -eq 0 ]
