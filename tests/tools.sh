#!/bin/sh
# tests/tools.sh PROGRAM: shellcheck on every script, and valgrind on PROGRAM while it runs each example.
# Fails with the first that finds something.
set -eu
# `ls` is counted, and `talk` is a file's name.
# shellcheck disable=SC2046  # no name has a blank
shellcheck --severity=warning --exclude=SC2010,SC2238 run test bench .ci/prepare .ci/run $(git ls-files -- '*.sh')
echo "shellcheck: nothing found"

examples=0
for script in workloads/examples/*.bach; do
  valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite,possible --error-exitcode=99 "$1" run "$script" \
    >/dev/null || { echo "valgrind: $script" >&2 && exit 1; }
  examples=$((examples + 1))
done
echo "valgrind: nothing found in $examples examples"
