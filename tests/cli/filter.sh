#!/bin/sh
# filter.sh PROGRAM: every command that help names, as a part of pipelines. It reads `-`, writes to pipes, ends without a
# word when nobody reads on, and any number of it run at once.
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

cat >script.bach <<'END'
title "A fork"
machine frames=32
program demo text=1 data=2
spawn demo as P
P: write data[*] = 1
P: fork as C
C: write data[0] = 2
C: exit
P: wait
expect counter.pfault.copied == 1
END
mkdir golden
cp script.bach golden/fork.bach
"$program" test --update golden >/dev/null || complain "golden files cannot be written"
"$program" textbook fig-9.15 --questions >sheet.txt || complain "a sheet cannot be written"
printf '7 execve("/bin/sh", ["sh"], 0x1 /* 0 vars */) = 0\n7 fork() = 8\n8 exit_group(0) = ?\n7 wait4(-1, NULL, 0, NULL) = 8\n' >trace
echo next >moves

# For each command: `words`, of a run that prints something; `input`, what it reads where FILE is `-`, or why it does not.
of_command() {
  input=script.bach
  case $1 in
    run) words="run FILE" ;;
    check) words="check --strict FILE" ;;
    compare) words="compare FILE" ;;
    draw) words="draw --format dot FILE" ;;
    page) words="page FILE" ;;
    sweep) words="sweep FILE --vary frames=16,32 --format csv" ;;
    grade) words="grade FILE" input=sheet.txt ;;
    import) words="import strace FILE" input=trace ;;
    textbook) words="textbook fig-9.15" input="names are no files" ;;
    step) words="step script.bach" input="commands come from there" ;;
    test) words="test golden" input="what is expected stands beside a file" ;;
    *) return 1 ;;
  esac
}
# run FILE: the words, with that in the place of FILE.
run() {
  file=$1
  set --
  for word in $words; do
    [ "$word" = FILE ] && word=$file
    set -- "$@" "$word"
  done
  "$program" "$@"
}

mkfifo pipe
seen=0
for command in $("$program" help | sed -n 's/^  bachsim \([a-z]*\) .*/\1/p'); do
  seen=$((seen + 1))
  of_command "$command" || {
    complain "$command: this test does not know it"
    continue
  }
  stdin=moves
  [ "$command" = step ] || stdin=/dev/null
  run "${input}" <$stdin >whole 2>errors
  status=$?
  [ $status -le 1 ] || complain "$command: exit status $status: $(cat errors)"
  [ -s whole ] || [ "$command" = check ] || complain "$command prints nothing"

  # `-` is standard input: the same, but for its name.
  if [ -e "$input" ]; then
    run - <"$input" >out 2>errors
    [ $? -eq $status ] || complain "$command -: exit status is not $status: $(cat errors)"
    sed "s/\\(<\\|.u003c\\)stdin>/$input/g;s/standard input/$input/g" out >named
    cmp -s whole named || complain "$command -: prints other than $command $input: $(diff whole named | head -c 1000)"
    # shellcheck disable=SC2002  # a pipe is what is tested
    cat "$input" | run - 2>errors | cat >named
    cmp -s out named || complain "$command - from a pipe to a pipe prints something else"
  fi

  # Nobody reads: the program ends at once, by SIGPIPE, and says nothing. Its caller may ignore the signal.
  for ignored in no yes; do
    exec 4<>pipe 5>pipe
    exec 4<&-
    (
      [ $ignored = no ] || trap '' PIPE
      run "$input" <$stdin >&5 2>errors
    )
    status=$?
    exec 5>&-
    [ $status -eq 141 ] || [ "$command" = check ] || complain "$command to a closed pipe: exit status $status"
    [ ! -s errors ] || complain "$command to a closed pipe says: $(cat errors)"
    run "$input" <$stdin 2>errors | head -1 >/dev/null
    [ ! -s errors ] || [ "$command" = check ] || complain "$command | head says: $(cat errors)"
  done

  # `-o -` is standard output.
  case $command in check | step | test | textbook | compare) continue ;; esac
  words="$words -o -"
  run "$input" <$stdin >out 2>errors
  cmp -s out whole || complain "$command -o -: $(cat errors) $(diff out whole | head -c 1000)"
  [ ! -e - ] || complain "$command -o - makes a file of that name"
  rm -f ./-
done
[ $seen -gt 10 ] || complain "help names no commands"

# Many at once, in one folder, some to one file: each whole, and nothing is left behind.
mkdir many
i=0
while [ $i -lt 60 ]; do
  "$program" run -o "many/$i" script.bach &
  "$program" page -o many/page.html script.bach &
  "$program" draw --format dot -o "many/$i.dot" script.bach &
  i=$((i + 1))
  [ $((i % 10)) -ne 0 ] || wait
done
wait
"$program" run script.bach >one
"$program" page script.bach >page
"$program" draw --format dot script.bach >dot
i=0
while [ $i -lt 60 ]; do
  cmp -s one "many/$i" || complain "run $i of many is another"
  cmp -s dot "many/$i.dot" || complain "drawing $i of many is another"
  i=$((i + 1))
done
cmp -s page many/page.html || complain "the page of many is another"
[ "$(ls -A many | wc -l)" -eq 121 ] || complain "files are left behind: $(ls -A many)"
exit $failed
