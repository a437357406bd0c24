#!/bin/bash
# fuzz.sh SOURCE SECONDS: builds the fuzzer of the language with the newest clang that there is, and runs it for so many
# seconds, from the tree's scripts and tests/fuzz/corpus on. Fails at the first finding, which it leaves in build/fuzz.
# Needs Debian's clang-19 and libclang-rt-19-dev, or newer ones: `./test --long` sees to them.
set -eu
source=$(realpath -e "$1")
seconds=$2
build=$source/build/fuzz
compiler=$(compgen -c | grep -E '^clang\+\+-[0-9]+$' | sort -uV | tail -n 1)
[ -n "$compiler" ] || { echo "there is no clang: install clang-19 and libclang-rt-19-dev" >&2 && exit 1; }
seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
quietly() { "$@" > "$seeds/log" 2>&1 || { cat "$seeds/log" >&2 && exit 1; }; }
cd "$source"
[ -e "$build/build.ninja" ] || quietly cmake --preset fuzz -DCMAKE_CXX_COMPILER="$compiler"
quietly cmake --build "$build" --target fuzz_language

mkdir "$seeds/scripts" "$seeds/found"
number=0
while read -r script; do
  number=$((number + 1))
  cp "$script" "$seeds/scripts/$number"
done < <(find workloads tests/golden tests/drawings -name '*.bach' -size -4k | sort)

"$build/tests/fuzz/fuzz_language" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -max_len=8192 \
  -close_fd_mask=3 -print_final_stats=1 -artifact_prefix="$build/finding-" \
  "$seeds/found" tests/fuzz/corpus/language "$seeds/scripts" 2> "$seeds/log" ||
  { tail -n 40 "$seeds/log" >&2 && exit 1; }
runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$seeds/log")
covered=$(grep -o ' cov: [0-9]*' "$seeds/log" | tail -n 1 | tr -dc 0-9)
echo "checked: fuzzer of the language: $runs inputs in $seconds s, $covered edges of the program reached, no finding"
