#!/bin/bash
# step.sh BACHSIM STEPS FOLDER...: the prompt shows one state at a step, however it has come there: every step of each script,
# forward and then back, is compared with the other way. At most STEPS of a script.
set -u
bachsim=$1
most=$2
shift 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
failures=0
compared=0

# states FOLDER SCRIPT: a file for each `show all` of a session on standard input.
states() {
  mkdir "$1"
  "$bachsim" step "$2" | awk -v folder="$1" '
    /^\(bachsim\) goto / { close(file); file = folder "/" $3; shows = 0 }
    /^\(bachsim\) show all/ { shows = 1; next }
    shows { print > file }'
}

for folder; do
  for script in "$folder"/*.bach; do
    steps=$(echo "goto 99999999" | "$bachsim" step "$script" | sed -n 's/^step \([0-9]*\): .*/\1/p')
    [ -n "$steps" ] || { echo "$script: no end"; failures=$((failures + 1)); continue; }
    [ "$steps" -le "$most" ] || steps=$most
    seq 0 "$steps" | sed 's/.*/goto &\nshow all/' | states "$scratch/forward" "$script"
    seq "$steps" -1 0 | sed 's/.*/goto &\nshow all/' | states "$scratch/back" "$script"
    diff -r "$scratch/forward" "$scratch/back" > "$scratch/differs" || {
      echo "== $script"
      head -n 20 "$scratch/differs"
      failures=$((failures + 1))
    }
    compared=$((compared + $(ls "$scratch/back" | wc -l)))
    rm -r "$scratch/forward" "$scratch/back"
  done
done
echo "$compared states"
[ "$compared" -gt 0 ] && [ $failures -eq 0 ]
