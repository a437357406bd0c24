#!/bin/sh
# manual.sh MANUAL FOLDER: each script of a folder has its row in the manual.
set -u
failed=0
for script in "$2"/*.bach; do
  name=$(basename "$script" .bach)
  grep -qF "| \`$name\` |" "$1" || {
    echo "$1 has no row of $name"
    failed=1
  }
done
exit $failed
