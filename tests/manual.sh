#!/bin/sh
# manual.sh PROGRAM ROOT: the teacher's guide, docs/textbook.md, against the scripts of workloads/textbook/ and the program.
#   What there is: each script has one row, and each row is a script's.
#   A course: each script is taught in one lesson, by its name or as one of several; each name is of a script; the sections of
#     a lesson are those that its scripts claim.
#   From a lecture: each name is of a script, or of a file; the sections of a row are those of its scripts.
#   From the book: each section that a script claims has a row, with all scripts that claim it, and there are no others.
#   Commands, in blocks that begin with "```sh", run. Lines that begin with "(bachsim) " are what the command above is told.
set -u
program=$1
root=$2
guide=$root/docs/textbook.md
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2
failed=0
complain() {
  echo "docs/textbook.md: $*"
  failed=1
}

# facts: a line for each script: its name, then the sections that it claims.
for script in "$root"/workloads/textbook/*.bach; do
  echo "$(basename "$script" .bach) $(sed -n '2{s/\. [CR][a-z]*\.$//;s/[^0-9. ]//g;p;q}' "$script" | tr -s ' ')"
done >facts

# chapter HEADING: that part of the guide. names, sections: those that stand in a text, a line each.
chapter() { awk -v heading="$1" '/^## / { inside = $0 == heading } inside' "$guide"; }
# shellcheck disable=SC2016  # backquotes of the guide
names() { grep -oE '`(fig|sec|ex)-[0-9]+\.[^` ]*`' | tr -d '`'; }
sections() { grep -oE '(^|[^-0-9.])[0-9]+\.[0-9]+(\.[0-9]+)*' | grep -oE '[0-9.]+$' | sort -u -V; }
# scripts_of NAME: the scripts that a name stands for, as `fig-9.12` for `fig-9.12-2`.
scripts_of() {
  awk -v name="$1" '$1 == name { all = name "\n"; exit } index($1, name "-") == 1 { all = all $1 "\n" }
    END { printf "%s", all }' facts
}
# claimed: the sections that the scripts claim which are named in the input.
claimed() {
  while read -r name; do scripts_of "$name"; done | while read -r script; do
    awk -v script="$script" '$1 == script { for (i = 2; i <= NF; i++) print $i }' facts
  done | sort -u -V
}

cut -d' ' -f1 facts | sort >scripts
# shellcheck disable=SC2016
chapter "## What there is" | grep -oE '^\| `[^`]*` \|' | tr -d '`| ' | sort >rows
diff scripts rows >difference || complain "scripts (<) and rows of What there is (>): $(grep '^[<>]' difference | tr '\n' ' ')"

chapter "## A course" | awk '/^### / { file = "lesson-" ++n } file { print >file }'
[ "$(find . -name 'lesson-*' | wc -l)" -eq 10 ] || complain "the course has other than ten lessons"
for lesson in lesson-*; do
  title=$(sed -n '1s/^### //p' "$lesson")
  # The paragraph that names the lesson's sections and scripts.
  awk '/^Sections? / { inside = 1 } /^$/ { inside = 0 } inside' "$lesson" >heading
  names <heading | while read -r name; do scripts_of "$name" | grep . || echo "?$name"; done >taught
  if grep '?' taught; then complain "lesson $title names what is no script"; fi
  cat taught >>all-taught
  sed 's/Scripts:.*//' heading | sed '/^`/d' | sections >said
  names <heading | claimed >wanted
  diff wanted said >difference || complain "lesson $title: its scripts claim (<), and it says (>): $(grep '^[<>]' difference | tr '\n' ' ')"
done
sort all-taught >taught
diff scripts taught >difference || complain "scripts (<), and those of the course (>): $(grep '^[<>]' difference | tr '\n' ' ')"

for name in $(names <"$guide"); do
  [ -n "$(scripts_of "$name")" ] || complain "$name is no script"
done
# shellcheck disable=SC2016
for file in $(grep -oE '`?workloads/[a-z]+/[^` ]+\.bach' "$guide" | tr -d '`' | sort -u); do
  [ -e "$root/$file" ] || complain "there is no $file"
done

chapter "## From a lecture to a script" | grep '^| ' | sed 1,2d >lectures
[ "$(wc -l <lectures)" -gt 10 ] || complain "there are no lectures"
while IFS='|' read -r _ topic shown section _; do
  echo "$section" | sections >said
  for file in $(echo "$shown" | grep -oE 'workloads/[^`]*'); do
    grep -qF "$(cat said)" "$root/$file" || complain "$file does not say section $(cat said)"
  done
  echo "$shown" | names | claimed >wanted
  [ ! -s wanted ] || diff wanted said >difference || complain "lecture$topic: $(grep '^[<>]' difference | tr '\n' ' ')"
done <lectures

# shellcheck disable=SC2016
awk '{ for (i = 2; i <= NF; i++) print $i, index("fse", substr($1, 1, 1)), $1 }' facts | sort -V | cut -d' ' -f1,3 |
  awk '$1 != last { if (last) print line; line = last = $1 } { line = line " `" $2 "`" } END { print line }' >wanted
chapter "## From the book to a script" | grep -E '^\| [0-9]' | awk -F'|' '{ gsub(/ /, "", $2); print $2 $4 }' | sed 's/ *$//' >sections
diff wanted sections >difference || {
  complain "sections as scripts claim them (<), and as the guide has them (>):"
  cat difference
}

# commands: one file each, and its input.
awk '/^```/ { inside = $0 == "```sh"; next }
  inside && /^bachsim / { n++; print substr($0, 9) >("command-" n) }
  inside && /^\(bachsim\) / { print substr($0, 11) >("input-" n) }' "$guide"
ln -s "$root/workloads" workloads
mkdir -p out
ran=0
for command in command-*; do
  number=${command#command-}
  [ -e "input-$number" ] || : >"input-$number"
  words=$(cat "$command")
  case $words in *" | "*) continue ;; esac
  case $words in *FILE* | *NAME* | *DIR*) continue ;; esac  # a form, no command
  # shellcheck disable=SC2086  # words
  "$program" $words <"input-$number" >output 2>&1
  status=$?
  ran=$((ran + 1))
  # On another machine expectations may fail.
  case $words in *--set*) [ $status -le 1 ] || complain "bachsim $words: exit status $status" ;;
    *) [ $status -eq 0 ] || complain "bachsim $words: exit status $status" ;;
  esac
  if grep -q '^error: ' output; then complain "bachsim $words: $(grep '^error: ' output)"; fi
done
echo "$(wc -l <scripts) scripts, $ran commands"
[ $ran -gt 40 ] || complain "has no commands"
exit $failed
