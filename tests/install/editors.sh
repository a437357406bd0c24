#!/bin/sh
# editors.sh TREE SYNTAX: the installed colors for editors. Each word that SYNTAX (cmake/syntax.cc) lists has the color of
# its kind in Vim itself, and by the grammar for VS Code; so have numbers, strings and comments. Needs Debian's vim and
# Node.js.
set -eu
tree=$1
syntax=$2
here=$(dirname "$0")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
{
  "$syntax" words "$scratch/of_lexer"
  cat "$scratch/of_lexer"
  printf '%s\t%s.bachsim\t%s\t%s\n' \
    Comment comment.line.number-sign expect "write # expect" \
    String string.quoted.double title 'note "the title" # expect' \
    Number constant.numeric 0x1f "data[0x1f]" \
    Number constant.numeric 64K "data = 64K"
  printf -- '-\t-\t%s\t%s\n' titles "titles" mytitle "mytitle" forkbomb "forkbomb" max-age "max-age"
} >"$scratch/words"
[ "$(wc -l <"$scratch/words")" -gt 150 ]

cut -f4 "$scratch/words" >"$scratch/words.bach"
cut -f1,3 "$scratch/words" >"$scratch/kinds"
cat >"$scratch/check.vim" <<'END'
let failed = 0
if &filetype != "bachsim"
  call writefile(["a file that ends in .bach is no workload to Vim"], "/dev/stderr", "a")
  cquit
endif
let row = 0
for line in readfile($KINDS)
  let row += 1
  let [kind, word] = split(line, "\t")
  let column = strridx(getline(row), word) + 1
  if kind == "String"
    let column = stridx(getline(row), word) + 1
  endif
  let name = synIDattr(synID(row, column, 1), "name")
  let wanted = kind == "-" ? "" : "bachsim" . kind
  if name != wanted
    call writefile([word . " in `" . getline(row) . "` is `" . name . "`, not `" . wanted . "`"], "/dev/stderr", "a")
    let failed = 1
  endif
endfor
if failed
  cquit
endif
qall!
END
KINDS=$scratch/kinds vim -Nes -u NONE -i NONE --cmd "set rtp^=$tree/share/vim/vimfiles" \
  -c "filetype plugin on | syntax on" -c "edit $scratch/words.bach" -S "$scratch/check.vim"

node "$here/grammar.mjs" "$tree/share/bachsim/vscode" "$scratch/words"
