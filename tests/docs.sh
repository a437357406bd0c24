#!/bin/sh
# docs.sh PROGRAM ROOT: what the documents show as scripts is the language. A block of a document that begins with
# "```bach" is a script, which runs and whose expectations hold. One that begins with "```bach part" is a part of a
# script, which is checked behind the stage below. The README's first script prints what the README says.
set -u
program=$1
cd "$2" || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
failed=0

cat >"$scratch/stage" <<'END'
program sh data=4
spawn sh as P
P: fork as C
spawn sh as parent
END
echo "note \"included\"" >"$scratch/programs.inc"
echo "1 2 3 4 1 2 5 1 2 3 4 5" >"$scratch/belady.txt"

awk -v folder="$scratch" '
  /^```bach/ {
    block = folder "/" ++count ($2 == "part" ? ".part" : ".bach")
    print "# " FILENAME ", line " FNR >block
    next
  }
  /^```/ { block = "" }
  block { print >block }
' README.md docs/*.md

ran=0
for block in "$scratch"/*.bach "$scratch"/*.part; do
  case $block in
    *.part)
      cat "$scratch/stage" "$block" >"$block.bach"
      set -- check "$block.bach"
      ;;
    *) set -- run --report none "$block" ;;
  esac
  ran=$((ran + 1))
  "$program" "$@" >"$scratch/out" 2>&1 || {
    failed=1
    cat "$block" "$scratch/out"
  }
done
echo "$ran scripts and parts"
[ $ran -gt 10 ] || failed=1

# "Saved as `first.bach`, `./run first.bach OPTIONS` prints:" stands between a script and its output.
# shellcheck disable=SC2016  # the backquotes are the document's
options=$(sed -n 's/.*`\.\/run first\.bach \(.*\)` prints:$/\1/p' README.md)
awk '/`\.\/run first\.bach .* prints:$/ { said = 1 } /^```/ && said { if (inside) exit; inside = 1; next } inside' \
  README.md >"$scratch/said"
# shellcheck disable=SC2086  # words
"$program" run "$scratch/1.bach" $options >"$scratch/out" 2>&1
diff -u --label "README.md says" --label "bachsim prints" "$scratch/said" "$scratch/out" || failed=1
exit $failed
