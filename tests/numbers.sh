#!/bin/sh
# numbers.sh PROGRAM: of each script of the textbook no more numbers are given than come out of the algorithms. The program
# measures that, with a run of each script in which nobody acts; here the counts of its listing are compared, as text and
# as JSON.
set -u
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
failed=0

# A line for each script: its name, its computed, given and reconstructed numbers.
"$1" textbook --format json >"$scratch/json" || exit 1
sed 's/},{/}\n{/g' "$scratch/json" |
  sed -n 's/.*"name":"\([^"]*\)".*"computed":\([0-9]*\),"given":\([0-9]*\),"reconstructed":\([0-9]*\).*/\1 \2 \3 \4/p' \
    >"$scratch/counts"
# The same of the text, where a line of a script begins with its name, and the others are blank there.
COLUMNS=300 "$1" textbook >"$scratch/text" || exit 1
sed 1d "$scratch/text" | grep '^[a-z]' |
  sed 's/^\([^ ]*\) .* \([0-9][0-9]*\) \(computed\|reconstructed\) *\([0-9][0-9]*\) .*/\1 \2 \3 \4/' |
  awk '{ print $1, $3 == "computed" ? $2 : 0, $4, $3 == "computed" ? 0 : $2 }' >"$scratch/listed"
diff "$scratch/counts" "$scratch/listed" || failed=1

awk '{ computed += $2; given += $3; reconstructed += $4 }
  $3 > $2 + $4 { print $1 ": " $3 " given, and only " $2 + $4 " others"; bad = 1 }
  $2 + $4 == 0 { print $1 ": no number comes out of an algorithm"; bad = 1 }
  END {
    print NR " scripts: " computed " numbers computed, " reconstructed " reconstructed, " given " given"
    exit bad || NR == 0
  }' "$scratch/counts" || failed=1
exit $failed
