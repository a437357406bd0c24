#!/bin/sh
# around.sh BUILD SYNTAX: what is installed around the program: manual pages that man shows without a warning, completion
# in shells, colors in editors. Needs Debian's man-db, tmux, zsh, fish and vim, and Node.js.
set -eu
here=$(dirname "$0")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/tree
cmake --install "$1" --prefix "$tree" --component program >"$scratch/log" || {
  cat "$scratch/log"
  exit 1
}

for page in man1/bachsim.1 man5/bachsim-workload.5; do
  LC_ALL=C.UTF-8 MANWIDTH=80 MAN_KEEP_FORMATTING='' man --warnings -l "$tree/share/man/$page" >"$scratch/shown" 2>"$scratch/warned"
  [ ! -s "$scratch/warned" ] || {
    cat "$scratch/warned"
    exit 1
  }
  [ "$(wc -l <"$scratch/shown")" -gt 500 ]
  grep -q '^SEE ALSO' "$scratch/shown"
done
# All commands are in the synopsis.
LC_ALL=C.UTF-8 MANWIDTH=80 man -l "$tree/share/man/man1/bachsim.1" | sed -n '/^SYNOPSIS/,/^COMMANDS/p' >"$scratch/synopsis"
for command in $("$tree/bin/bachsim" help | sed -n 's/^  bachsim \([a-z]*\) .*/\1/p'); do
  grep -q "^ *bachsim $command" "$scratch/synopsis" || {
    echo "the synopsis has no $command"
    exit 1
  }
done

"$here/shells.sh" "$tree"
"$here/editors.sh" "$tree" "$2"
