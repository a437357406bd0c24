#!/bin/sh
# manual.sh MANUAL FOLDER: each script of a folder has its row in the manual, and the course in the manual has each script,
# by its name or as one of several, and names none that is not there.
set -u
failed=0
for script in "$2"/*.bach; do
  name=$(basename "$script" .bach)
  grep -qF "| \`$name\` |" "$1" || {
    echo "$1 has no row of $name"
    failed=1
  }
done
# shellcheck disable=SC2016  # backquotes of the manual
course=$(sed -n '/^## A course/,/^## What there is/p' "$1" | grep -oE '`(fig|sec|ex)-[0-9][^`]*`' | tr -d '`')
for name in $course; do
  [ -e "$2/$name.bach" ] || ls "$2/$name"-*.bach >/dev/null 2>&1 || {
    echo "the course of $1 names $name, which is no script"
    failed=1
  }
done
for script in "$2"/*.bach; do
  name=$(basename "$script" .bach)
  taught=
  for lesson in $course; do
    case $name in "$lesson" | "$lesson"-*) taught=yes ;; esac
  done
  [ -n "$taught" ] || {
    echo "the course of $1 has no $name"
    failed=1
  }
done
exit $failed
