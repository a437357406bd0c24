#!/bin/bash
# draw.sh BACHSIM TEXTBOOK: Graphviz takes drawings of each view; and what `bachsim draw` does with the files and programs
# of its host. draw.sh BACHSIM TEXTBOOK every: Graphviz takes the drawings of every script of the textbook.
# Prints each case that fails; succeeds if none does.
set -u
bachsim=$1
textbook=$2
every=${3:-}
failures=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

# same WHAT GOT WANTED
same() {
  if [ "$2" != "$3" ]; then
    printf '%s\n  got:    %s\n  wanted: %s\n' "$1" "$2" "$3"
    failures=$((failures + 1))
  fi
}
# draw ARGUMENT...: the last line of its complaints in $said, its status in $status
draw() {
  said=$("$bachsim" draw "$@" 2>&1 >/dev/null)
  status=$?
  said=${said##*$'\n'}
}
# drawn NAME ARGUMENT...: a drawing for Graphviz to lay out, with all others at once
mkdir drawings
drawn() {
  local name=$1
  shift
  "$bachsim" draw --format dot "$@" >"drawings/$name.dot" 2>errors || same "$name" "$(cat errors)" ""
}

# Scripts, drawn at their end, and figures also in their middle and in each view.
scripts=0
for script in "$textbook"/*.bach; do
  name=$(basename "$script" .bach)
  [ -n "$every" ] || [ "$name" = fig-9.15 ] || continue
  drawn "$name" "$script"
  steps=$(grep -cE '^[A-Za-z0-9_]+(\[[^]]*\])?: |^(spawn|preset|age|steal|tick)' "$script")
  case $name in
    fig-9.*)
      for view in pages tree forks memory; do drawn "$name-$view" --view $view --diff "$script"; done
      drawn "$name-in-its-middle" --at "step:$((steps / 2 + 1))" --diff "$script"
      ;;
  esac
  scripts=$((scripts + 1))
done
drawn walk --view walk --process P --address 97K "$textbook/fig-9.15.bach"
dot -Tsvg drawings/*.dot >out 2>errors || same "Graphviz" "failed" ""
same "Graphviz has nothing to say" "$(cat errors)" ""
same "as many pictures as drawings" "$(grep -c '</svg>' out)" "$(ls drawings | wc -l)"
if [ -n "$every" ]; then
  same "scripts" "$([ $scripts -gt 50 ] && echo many)" many
  [ "$failures" -eq 0 ] || exit 1
  echo "$scripts scripts"
  exit
fi
same "scripts" $scripts 1

# Formats. The text of an SVG is text, and its title is the script's, whatever that has in it.
cat >hostile.bach <<'END'
title "a <b> & 'c' \\ --> <script>alert(1)</script>"
program sh data=2
spawn sh as P
P: write data[0]
END
draw --output picture.svg hostile.bach
same "an SVG" "$status $(head -c 5 picture.svg) $(grep -c '<script' picture.svg)" "0 <?xml 0"
if command -v xmllint >/dev/null; then
  xmllint --noout picture.svg 2>errors || same "an SVG is XML" "$(cat errors)" ""
fi
draw --output picture.png hostile.bach
same "a PNG" "$status $(head -c 4 picture.png | od -An -tx1)" "0  89 50 4e 47"
draw -o picture.gv hostile.bach
same "DOT" "$status $(head -c 7 picture.gv)" "0 digraph"
draw --output picture.pdf hostile.bach
same "no such format" "$status $said" "2 bachsim: \`picture.pdf\` does not tell a format: --format is svg, png or dot"
same "no such format: no file" "$(ls picture.pdf 2>&1 | wc -l)" 1
"$bachsim" draw --format dot hostile.bach >once
"$bachsim" draw --format dot hostile.bach >twice
same "the same bytes" "$(cmp once twice)" ""

draw --address 0x400000 hostile.bach
same "an address that nothing walks" "$status $said" "2 bachsim: --address belongs to --view walk"

draw --view walk --process P,P --address 0x400000 hostile.bach
same "a walk of two" "$status $said" "2 bachsim: --view walk wants one --process NAME"
draw --process "" hostile.bach
same "a process without a name" "$status $said" "2 bachsim: --process: a name cannot be empty"
for address in 0x200000 @0x200000 'data[0]' 2M; do
  "$bachsim" draw --format dot --view walk --process P --address "$address" hostile.bach >walk 2>&1
  same "the address $address" "$? $(grep -c 'physical address 0x80' walk)" "0 2"
done

# A walk is the last one that the script has shown before, wherever that stands.
cat >walks.bach <<'END'
machine frames=64
program demo data=6
spawn demo as P
P: fork as C[0]
define look(A) {
show walk C[0] data[A]
}
show walk P data[0]
look(1 + 1)
repeat 3 as I {
show walk P data[I + 1]
if I == 7 {
show walk P data[5]
}
}
P: fork as D
show figure P C[0]
END
walked() {
  "$bachsim" draw --format dot --view walk "$@" walks.bach 2>&1 | grep -o '[^>]*: virtual address 0x[0-9a-f]*'
}
same "the walk in a loop" "$(walked)" "P: virtual address 0x203000"
same "the walk in a definition" "$(walked --at 9)" "C[0]: virtual address 0x202000"
same "the walk before both" "$(walked --at 8)" "P: virtual address 0x200000"
same "a call, before and after" "$("$bachsim" draw --format dot --before-after 9 walks.bach | grep -o 'line 9: look[^<]*')" "line 9: look(1 + 1)"
printf 'define w(A) {\ntick A\n}\nif 0 {\nw(1)\n}\n' >never.bach
draw --at 5 never.bach
same "a call that is not run" "$status $said" "2 bachsim: line 5 is not run"
draw --view walk --at 4 walks.bach
same "no walk yet" "$status $said" "2 bachsim: --view walk wants --process NAME and --address ADDRESS: there was no \`show walk\` before"
draw --view walk --process P walks.bach
same "a process to walk, and no address" "$status $said" "2 bachsim: --process: --view walk wants --address ADDRESS with it"
draw --view map --process P walks.bach
same "a process of a swap map" "$status $said" "2 bachsim: --process: a swap map has no processes"
"$bachsim" draw --format dot walks.bach >walks.dot
same "processes that a figure shows, by index too" "$(grep -o 'D: ' walks.dot | head -n 1)$(grep -c 'C\[0\]' walks.dot)" "1"

# Files.
draw --format dot --output hostile.bach hostile.bach
same "the script as its own drawing" "$status $said" "2 bachsim: hostile.bach: the script is read from it"
echo old >new.svg
printf 'program p text=1\nspawn p as P\nP: exit\nP: exit\n' >failing.bach
draw --output new.svg failing.bach
same "a run that fails" "$status $(cat new.svg)" "2 old"
draw --output new.dot --at 3 failing.bach
same "a run that fails behind the moment" "$status $(head -c 7 new.dot)" "0 digraph"

# Graphviz is a program of its own.
mkdir bin
said=$(PATH=$folder/bin "$bachsim" draw --output new.svg hostile.bach 2>&1)
same "no Graphviz" "$? $(cat new.svg) $said" "2 old bachsim: there is no program \`dot\`, which lays drawings out: install the package graphviz, or take --format dot"
said=$(PATH=$folder/bin "$bachsim" draw --format dot --output new.dot hostile.bach 2>&1)
same "no Graphviz, and no need" "$? $said" "0 "
printf '#!/bin/sh\necho "no fonts here" >&2\nexit 3\n' >bin/dot
chmod +x bin/dot
said=$(PATH=$folder/bin:$PATH "$bachsim" draw --output new.svg hostile.bach 2>&1)
same "Graphviz fails" "$? $(cat new.svg) $said" "2 old bachsim: \`dot\` failed: no fonts here"

[ "$failures" -eq 0 ] || exit 1
echo "$scripts scripts"
