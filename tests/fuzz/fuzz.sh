#!/bin/bash
# fuzz.sh BUILD SECONDS [FUZZER...]: runs the fuzzers of a build of the preset `asan`, or those of these names, each for
# so many seconds, from the tree's scripts and tests/fuzz/corpus on. Fails at the first finding, which it leaves in BUILD.
# With KEEP=DIR it leaves there what it has found to reach more of the program.
set -eu
build=$(realpath -e "$1")
seconds=$2
shift 2
[ $# -gt 0 ] || set -- language run grammar readers
every=1
[ "$seconds" -ge 600 ] || every=9  # scripts of the tree, which take a minute
seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
cd "$(dirname "$0")/../.."

# The fuzzers begin with scripts of the tree, and that of the other readers with a file of each kind.
mkdir "$seeds/scripts" "$seeds/others"
number=0
while read -r script; do
  number=$((number + 1))
  cp "$script" "$seeds/scripts/$number"
done < <(find workloads tests/golden tests/drawings -name '*.bach' -size -4k | sort | awk "NR % $every == 0")
other() { { printf '%s' "$1" && cat; } > "$(mktemp -p "$seeds/others")"; }
bachsim=$build/bachsim
for trace in workloads/traces/*.gz; do { gzip -dc "$trace" 2> /dev/null || true; } | head -n 60 | other S; done
for figure in fig-9.15 fig-9.9 ex-9.15-bits; do "$bachsim" textbook $figure --questions | sed '/==/s/____/3/' | other F; done
echo tick > "$seeds/tick.bach"
"$bachsim" sweep --vary frames=8..12 --seeds 1..3 --shard 1/1 -o "$seeds/part" "$seeds/tick.bach"
other M < "$seeds/part"
for session in tests/golden/step-*.in; do other P < "$session"; done

for fuzzer; do
  case $fuzzer in
    language) inputs="tests/fuzz/corpus/language $seeds/scripts" ;;
    run | grammar) inputs="tests/fuzz/corpus/run $seeds/scripts" ;;
    readers) inputs="tests/fuzz/corpus/readers $seeds/others" ;;
    *) echo "there is no fuzzer $fuzzer" >&2 && exit 2 ;;
  esac
  found=${KEEP:-$seeds}/$fuzzer
  mkdir -p "$found"
  # shellcheck disable=SC2086  # a list of folders
  "$build/tests/fuzz/fuzz_$fuzzer" -max_total_time="$seconds" -timeout=300 -rss_limit_mb=2048 -max_len=8192 \
    -close_fd_mask=3 -print_final_stats=1 -artifact_prefix="$build/finding-$fuzzer-" "$found" $inputs 2> "$seeds/log" ||
    { tail -n 60 "$seeds/log" >&2 && exit 1; }
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$seeds/log")
  covered=$(grep -o ' cov: [0-9]*' "$seeds/log" | tail -n 1 | tr -dc 0-9)
  echo "checked: fuzzer $fuzzer: $runs inputs in $seconds s, $covered edges of the program reached, no finding"
done
