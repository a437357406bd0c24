#!/bin/sh
# json.sh PROGRAM VALIDATE ROOT: every object of the golden files, of all textbook and example scripts and of
# comparisons, and every line of a trace of them, is as docs/schema.json says; and the schema sees it where one is spoilt.
set -eu
program=$1
validate=$2
root=$3
schema=$root/docs/schema.json

echo "golden files, spoilt too"
cat "$root"/tests/golden/*.expected "$root"/tests/textbook/commands/*.expected | "$validate" "$schema" --spoil
echo "scripts"
# A status of 1 or 2 is that of a script which is to fail.
{
  "$program" textbook --all --format json --report all
  "$program" textbook --all --format json --trace --set fork=copy 2>/dev/null || [ $? -le 2 ]
  "$program" textbook --format json
  for script in "$root"/workloads/examples/*.bach; do
    "$program" run --format json --report all --trace "$script" 2>/dev/null || [ $? -le 2 ]
  done
  for script in "$root"/workloads/compare/*.bach; do "$program" compare --format json "$script"; done
  for script in "$root"/workloads/examples/*.bach "$root"/tests/golden/sleep-*.bach; do
    "$program" run --report none --trace-json /dev/fd/3 "$script" 3>&1 >/dev/null 2>/dev/null || [ $? -le 2 ]
  done
} | "$validate" "$schema"
