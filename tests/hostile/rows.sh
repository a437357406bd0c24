#!/bin/bash
# rows.sh BACHSIM TABLE GOLDEN [--update [PATTERN]]: runs the rows of a table of bad scripts, options, files and environments, and
# prints each that says, or ends as, or leaves on disk something else than the table has; then how many rows there were.
# --update writes what was seen into the table, or into the rows whose first lines match: read the difference.
#
# A row begins with a line `# ...`, which says what is wrong. Behind it stand
#   needs: a command; where it fails, the row is left out, and counted as such
#   make:  commands that make the row's files, in a folder of its own
#   run:   the command that is tried, by bash; standard output that it does not redirect is looked at by nobody
#   ends:  its exit status
#   says:  a line of its standard error; of many lines the first six, and how many more there are
#   left:  a file that is new, changed or gone behind it, with its size; without such a line it left all as it was
# A row of one line `golden: NAME` is a script of tests/golden, which `bachsim test` runs, with its errors beside it.
set -u
# Some rows count descriptors: none is inherited but the three.
for fd in {3..63}; do eval "exec $fd>&-"; done
here=$(realpath -e "$(dirname "$0")") || exit 1
table=$(realpath -e "$2") || exit 1
golden=$(realpath -e "$3") || exit 1
update=${4:-}
only=${5:-}
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
mkdir "$folder/bin"
cp "$(realpath -e "$1")" "$folder/bin/bachsim" || exit 1
cp "$here/in_group.sh" "$folder/bin/in_group"
cp "$here/signalled.sh" "$folder/bin/signalled"
chmod 755 "$folder"  # other users run it, too
export PATH=$folder/bin:$PATH LC_ALL=C
unset COLUMNS NO_COLOR
cd "$folder" || exit 1

# Files with their sizes and sums, links with their ends, and all else with its kind.
snapshot() {
  find . -mindepth 1 -type f -exec cksum {} + | awk '{ sum = $1; size = $2; sub(/^[0-9]+ [0-9]+ \.\//, ""); print $0 "\t" size " bytes\t" sum }'
  find . -mindepth 1 ! -type f -printf '%P\t%y %l\t\n'
}
changes() {
  awk -F '\t' 'FILENAME == "before" { was[$1] = $0; next }
    !($1 in was) { print "new " $1 ", " $2 } $1 in was && was[$1] != $0 { print "changed " $1 ", " $2 } { there[$1] = 1 }
    END { for (name in was) if (!(name in there)) print "gone " name }' before after | sort
}

rows=0 goldens=0 left_out=0 failures=0
written=$folder/table
: > "$written"
clear_row() { title='' needs='' make='' run='' wanted='' named=''; }
clear_row

run_row() {
  rows=$((rows + 1))
  if [ -n "$only" ] && ! [[ $title =~ $only ]]; then
    seen=$wanted
    return
  fi
  if [ -n "$needs" ] && ! bash -c "$needs" > /dev/null 2>&1; then
    left_out=$((left_out + 1))
    printf 'left out, as the host has no `%s`: %s\n' "$needs" "$title"
    seen=$wanted
    return
  fi
  mkdir row
  cd row || exit 1
  bash -c "$make" > /dev/null 2>&1
  snapshot > ../before
  { bash -c "$run" > /dev/null 2> ../said < /dev/null; } 2> /dev/null  # the shell says who was killed
  status=$?
  snapshot > ../after
  cd ..
  seen="ends: $status"$'\n'$(awk 'NR <= 6 { print "says: " $0 } END { if (NR > 6) print "says: ... and " NR - 6 " more lines" }' said)
  local difference
  difference=$(changes)
  [ -n "$difference" ] && seen=$seen$'\n'$(printf '%s\n' "$difference" | sed 's/^/left: /')
  seen=$(printf '%s\n' "$seen" | grep -v '^$')
  chmod -R u+w row
  rm -rf row
  [ "$seen" = "$wanted" ] && return
  failures=$((failures + 1))
  [ "$update" = --update ] && return
  printf '%s\n' "# $title"
  diff <(printf '%s\n' "$wanted") <(printf '%s\n' "$seen") | sed '/^[0-9]/d; s/^</  wanted /; s/^>/  got    /'
}

end_row() {
  [ -z "$title$named" ] && return
  if [ -n "$named" ]; then
    goldens=$((goldens + 1))
    if [ ! -s "$golden/$named.errors" ] || ! grep -q '^#status: [12]$' "$golden/$named.bach"; then
      printf 'golden %s: is no script that is to complain\n' "$named"
      failures=$((failures + 1))
    fi
    return
  fi
  run_row
  {
    printf '# %s\n' "$title"
    [ -n "$needs" ] && printf 'needs: %s\n' "$needs"
    [ -n "$make" ] && printf '%s\n' "$make" | sed 's/^/make: /'
    printf 'run: %s\n%s\n\n' "$run" "$seen"
  } >> "$written"
}

while IFS= read -r line; do
  case $line in
    '##'*) printf '%s\n\n' "$line" >> "$written" ;;
    '# '*) title=${line#\# } ;;
    'needs: '*) needs=${line#needs: } ;;
    'make: '*) make=${make:+$make$'\n'}${line#make: } ;;
    'run: '*) run=${line#run: } ;;
    'golden: '*) named=${line#golden: } && printf '%s\n\n' "$line" >> "$written" ;;
    '') end_row && clear_row ;;
    *) wanted=${wanted:+$wanted$'\n'}$line ;;
  esac
done < <(cat "$table" && echo)
[ "$update" = --update ] && cat -s "$written" | sed '$d' > "$table"
echo "checked: $((rows + goldens)) bad scripts, options, files and environments: $((rows - left_out)) run here, $goldens run by bachsim test, $left_out left out; $failures failed"
[ "$update" = --update ] || [ $failures -eq 0 ]
