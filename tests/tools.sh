#!/bin/sh
# tests/tools.sh TOOL: a tool that looks for mistakes. Fails if it finds one. `./test --tools TOOL` installs it before and
# builds what it looks at: build/release for valgrind, build/clang for clang and clang_tidy, build/tsan for tsan.
set -eu

run_shellcheck() {
  # `ls` is counted, and `talk` is a file's name.
  # shellcheck disable=SC2046  # no name has a blank
  shellcheck --severity=warning --exclude=SC2010,SC2238 run test bench .ci/prepare .ci/run $(git ls-files -- '*.sh')
  echo "shellcheck: nothing found"
}

run_cppcheck() {
  # As C++20: it knows no later one.
  cppcheck --quiet -j 2 --std=c++20 --enable=warning,portability --inline-suppr --suppressions-list=tests/cppcheck.txt \
    --error-exitcode=1 -I . sim swap regions workloads cmake
  echo "cppcheck: nothing found"
}

run_clang() {
  echo "clang: no warning"  # each would have been an error of the build
}

# The program's units. Several sources are one, so that headers are read once. What it looks for stands in .clang-tidy,
# with what it is not asked and why.
run_clang_tidy() {
  run-clang-tidy-19 -p build/clang -quiet -j "$(nproc)" 'build/clang/CMakeFiles/.*/Unity' >build/clang/tidy.log 2>&1 || {
    grep -E ': (error|warning): .*\[' build/clang/tidy.log | sort -u >&2
    exit 1
  }
  echo "clang-tidy: nothing found in $(grep -c 'clang-tidy-19 -p' build/clang/tidy.log || true) units"
}

run_valgrind() {
  examples=0
  for script in workloads/examples/*.bach; do
    valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite,possible --error-exitcode=99 \
      build/release/bachsim run "$script" >/dev/null || { echo "valgrind: $script" >&2 && exit 1; }
    examples=$((examples + 1))
  done
  echo "valgrind: nothing found in $examples examples"
}

# What goes on several threads, and the processes of `bachsim test`.
run_tsan() {
  ctest --test-dir build/tsan -L '^threads$' --output-on-failure
  echo "ThreadSanitizer: nothing found"
}

"run_$1"
