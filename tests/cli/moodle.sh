#!/bin/sh
# moodle.sh PROGRAM SCHEMA: question banks of all sheets are read by libxml2, whose xmllint finds them well formed and
# of the structure that Moodle documents, and finds each answer in them again.
set -u
program=$1
schema=$2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
failed=0

"$program" textbook 6 7 9 11 --all --questions --format moodle >"$scratch/all.xml" || failed=1
xmllint --noout --nonet --relaxng "$schema" "$scratch/all.xml" 2>"$scratch/said" || {
  failed=1
  tail -5 "$scratch/said"
}
sheets=$("$program" textbook --format json | grep -o '"name"' | wc -l)
categories=$(xmllint --nonet --xpath 'count(/quiz/question[@type="category"])' "$scratch/all.xml")
[ "$sheets" -eq "$categories" ] || {
  failed=1
  echo "$categories categories for $sheets scripts"
}

# As many embedded answers as the sheet has blanks, and the right ones.
for name in ex-9.12 ex-9.15-bits ex-9.5-deadlock fig-9.16; do
  "$program" textbook $name --questions --format moodle >"$scratch/one.xml" || failed=1
  xmllint --nonet --xpath 'string(/quiz/question[@type="cloze"]/questiontext/text)' "$scratch/one.xml" >"$scratch/html"
  embedded=$(grep -o '{1:[A-Z]*:=' "$scratch/html" | wc -l)
  blanks=$("$program" textbook $name --questions | grep -c '== ____$')
  essays=$(xmllint --nonet --xpath 'count(/quiz/question[@type="essay"])' "$scratch/one.xml")
  words=$("$program" textbook $name --questions | grep -c '^ *Answer:$')
  [ "$embedded" -eq "$blanks" ] && [ "$blanks" -gt 0 ] && [ "$essays" -eq "$words" ] || {
    failed=1
    echo "$name: $embedded embedded answers for $blanks blanks, $essays essays for $words questions in words"
  }
  # The first spelling of each is that of the answer sheet.
  grep -o '{1:[A-Z]*:=[^~}]*' "$scratch/html" | sed 's/^{1:[A-Z]*:=//; s/:0$//' >"$scratch/in-bank"
  "$program" textbook $name --answers | sed -n 's/^        [^ ].* == //p' >"$scratch/on-sheet"
  diff -u "$scratch/on-sheet" "$scratch/in-bank" || failed=1
done

# A bank that is not as it should be is refused: the schema can fail.
sed 's/<penalty>0/<penalty>none/' "$scratch/one.xml" >"$scratch/bad.xml"
xmllint --noout --nonet --relaxng "$schema" "$scratch/bad.xml" 2>/dev/null && {
  failed=1
  echo "the schema takes anything"
}
exit $failed
