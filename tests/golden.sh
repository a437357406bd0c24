#!/bin/sh
# golden.sh PROGRAM COMMAND FOLDER [EXPECTED]: runs every workload of a folder, and compares all that it prints, and its
# exit status, with NAME.expected in the folder EXPECTED, which is FOLDER if none is named.
#
# A workload is run in its own folder by `PROGRAM COMMAND`, unless its first line names another command:
#   # run: run --format json FILE
# The command is words of the shell. FILE is the workload's file, NAME that without `.bach`; the workload is standard
# input too, or NAME.in where there is one.
# With UPDATE_GOLDEN=1 in the environment the .expected files are written instead: read the difference.
# With ONLY=PATTERN only the workloads are run whose NAME matches.
set -u
program=$1
command=$2
folder=$3
expected=${4:-.}
cd "$folder" || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
got=$scratch/got

ran=0
differ=""
for file in *.bach; do
  name=${file%.bach}
  # shellcheck disable=SC2254  # a pattern
  case $name in ${ONLY:-*}) ;; *) continue ;; esac
  IFS= read -r first <"$file"
  case $first in
    "# run: "*) eval "set -- ${first#"# run: "}" ;;
    *) eval "set -- $command" ;;
  esac
  for word; do
    shift
    case $word in FILE) word=$file ;; NAME) word=$name ;; esac
    set -- "$@" "$word"
  done
  input=$file
  [ -e "$name.in" ] && input=$name.in
  "$program" "$@" <"$input" >"$got" 2>"$scratch/errors"
  status=$?
  {
    if [ -s "$scratch/errors" ]; then
      echo "--- standard error"
      cat "$scratch/errors"
    fi
    echo "--- exit status $status"
  } >>"$got"
  ran=$((ran + 1))
  if [ -n "${UPDATE_GOLDEN:-}" ]; then
    cp "$got" "$expected/$name.expected"
  elif ! cmp -s "$got" "$expected/$name.expected"; then
    echo "== $folder/$file"
    diff -u -N --label expected --label got "$expected/$name.expected" "$got"
    differ="$differ $name"
  fi
done

echo "$ran workloads"
[ "$ran" -gt 0 ] || exit 1
if [ -n "$differ" ]; then
  echo "the output differs:$differ"
  echo "If that is right: UPDATE_GOLDEN=1 ctest --preset release -L golden"
  exit 1
fi
