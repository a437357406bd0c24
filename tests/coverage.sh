#!/bin/sh
# tests/coverage.sh BUILD: which lines and branches of the sources the tests in the build of the preset `coverage` come by.
# Fails below a limit. Lines that only bugs of ours come by, as those behind a KASSERT that is not met, count too.
set -eu
build=$1
core='^sim/(machine|kernel)/|^swap/|^regions/'
rest='^sim/(?!machine/|kernel/)|^workloads/'

find "$build" -name '*.gcda' -delete
status=0
ctest --test-dir "$build" -LE '^(slow|long)$' --output-on-failure -j 2 || status=1

# Branches that only an exception takes are the compiler's, nearly all of them those of std::bad_alloc.
gcovr --root . "$build" --filter "$core" --filter "$rest" --exclude-throw-branches -j 2 --json "$build/coverage.json"

# told NAME LIMIT FILTER
told() {
  echo "== $1, of which $2 % of the lines are the limit"
  gcovr --root . --add-tracefile "$build/coverage.json" --filter "$3" --txt "$build/coverage.txt" --print-summary \
    --fail-under-line "$2" || status=1
}
told "sim/machine, swap, regions and sim/kernel" 98 "$core"
told "the rest of sim and workloads" 92 "$rest"
mkdir -p "$build/report"
gcovr --root . --add-tracefile "$build/coverage.json" --html-details "$build/report/index.html"
echo "line by line: $build/report/index.html"
exit $status
