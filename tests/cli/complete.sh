#!/bin/sh
# complete.sh PROGRAM: what the program offers to shells. tests/install/shells.sh has the shells themselves.
set -u
program=$1
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
failed=0

# offers WORDS-THAT-COME WORD...: the words in front of the tabs, on one line.
offers() {
  wanted=$1
  shift
  came=$("$program" complete "$@" | sed 's/^\t/:/; s/\t.*//' | tr '\n' ' ')
  [ "$came" = "$wanted" ] || {
    echo "after \`$*\` come \`$came\`, not \`$wanted\`"
    failed=1
  }
}
offers "step sweep " s
offers "--help " --h
offers ":file " some.file
offers ":file " run ""
offers ":file " run --report pages ""
offers ":folder " textbook --site ""
offers "strace " import ""
offers ":file " import strace ""
offers "frames= frame-wait= " run --set fram
offers "stealer=clock " run --set stealer=c
offers "--set=stealer=clock " run --set=stealer=c
offers "fork=cow,copy fork=cow,vfork " sweep --vary fork=cow,
offers "pages,swap pages,swapper " run --report pages,swap
offers "--trace --trace= --trace-json " run --trace
offers "--trace=fault,fork " run --trace=fault,fo
offers "auto always " run --color a
offers "json " sweep --format j
offers "table csv json " sweep --format ""
offers "" run --max-steps ""
offers "" run --no-such=
offers ":file " run -- --ech
offers "sec-6.5.4 " textbook --all sec-6.5.4
# Every option that --help lists is offered, for every command.
commands=$("$program" help | sed -n 's/^  bachsim \([a-z]*\) .*/\1/p')
for command in $commands; do
  "$program" complete "$command" -- | sed 's/[=\t].*//' | sort -u >"$scratch/offered"
  options=$("$program" "$command" --help | sed -n 's/^  \(-. \[ \)\?\(--[a-z-]*\).*/\2/p')
  for option in $options; do
    grep -qx -e "$option" "$scratch/offered" || {
      echo "$command: $option is not offered"
      failed=1
    }
  done
  [ "$(wc -l <"$scratch/offered")" -gt 1 ] || failed=1
done
# A program and no word: all commands.
[ "$("$program" complete "" | wc -l)" -eq "$(echo "$commands" | wc -w)" ] || failed=1
exit $failed
