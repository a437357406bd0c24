#!/bin/sh
# import.sh PROGRAM ROOT: the scripts that `bachsim import strace` makes of the traces in workloads/traces/ are sound and
# run to their end, with every kind of fork that they can have; docs/traces.md says what the program prints.
set -u
program=$(realpath "$1") || exit 2
root=$(realpath "$2") || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 2
failed=0
complain() {
  echo "$*"
  failed=1
}
bachsim() { "$program" "$@"; }

ln -s "$root/workloads" workloads
seen=0
for trace in workloads/traces/*.strace.gz; do
  seen=$((seen + 1))
  name=$(basename "$trace" .strace.gz)
  gzip -dc "$trace" >"$name.strace"
  bachsim import strace "$name.strace" -o "$name.bach" || complain "$name is not imported"
  bachsim import strace - <"$name.strace" | sed "s/standard input/$name.strace/" | cmp -s - "$name.bach" || complain "$name from standard input"
  bachsim check --strict "$name.bach" >out 2>&1 || complain "check $name: $(cat out)"
  [ ! -s out ] || complain "check $name: $(cat out)"
  for choices in "--set fork=cow" "--set fork=copy" "-D touched=0" "--audit"; do
    # shellcheck disable=SC2086  # words
    bachsim run $choices --report none "$name.bach" >out 2>&1 || complain "run $choices $name: $(cat out)"
    # No call fails, and nobody is killed.
    [ ! -s out ] || complain "run $choices $name: $(cat out)"
  done
  bachsim run --report processes "$name.bach" | grep -q '^PROCESSES: 0 alive' || complain "$name: somebody is left"
done
[ $seen -ge 2 ] || complain "there are no traces"

# What is no trace.
for what in /dev/null . missing; do
  bachsim import strace $what >out 2>&1
  [ $? -eq 2 ] || complain "import strace $what: $(cat out)"
done
echo hello >none
bachsim import strace none 2>&1 | grep -q 'no line of it is one of strace' || complain "a text that is no trace"
bachsim import lackey none 2>&1 | grep -q 'no kind of trace' || complain "a kind that there is not"
bachsim import strace gcc.strace -o gcc.strace 2>&1 | grep -q 'is read from it' || complain "writes over what it reads"

# docs/traces.md: blocks that begin with "```console" are what commands print.
awk '/^```/ { inside = $0 == "```console"; next } inside' "$root/docs/traces.md" >said
[ -s said ] || complain "docs/traces.md shows nothing"
grep '^\$ ' said | cut -c3- | while read -r command; do
  echo "\$ $command"
  eval "$command"
done >printed 2>&1
diff -u --label "docs/traces.md says" --label "bachsim prints" said printed || failed=1
exit $failed
