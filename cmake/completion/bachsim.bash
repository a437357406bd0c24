# Completion of bachsim's command lines in bash. The program says how the words go on.

_bachsim() {
  local words=() rest=$COMP_LINE gap i word line last before
  # bash has taken the words apart at `=` and `:`; the program gets them whole.
  for ((i = 0; i <= COMP_CWORD; ++i)); do
    gap=${rest%%[![:blank:]]*}
    rest=${rest#"$gap"}
    rest=${rest#"${COMP_WORDS[i]}"}
    if ((i > 0)) && [[ -z $gap && (-n ${COMP_WORDS[i]} || $i -lt COMP_CWORD || ${words[-1]} == *[=:]) ]]; then
      words[-1]+=${COMP_WORDS[i]}
    else
      words+=("${COMP_WORDS[i]}")
    fi
  done
  last=${words[-1]}
  before=
  [[ $last == *[=:]* ]] && before=${last%"${last##*[=:]}"} # stands on the line already
  COMPREPLY=()
  while read -r line; do
    case $line in
      file)
        compopt -o filenames
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "${last#"$before"}")
        ;;
      folder)
        compopt -o filenames
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "${last#"$before"}")
        ;;
      *)
        word=${line%%$'\t'*}
        [[ $word == *= ]] && compopt -o nospace
        COMPREPLY+=("${word#"$before"}")
        ;;
    esac
  done < <("${1/#\~/$HOME}" complete "${words[@]:1}" 2>/dev/null)
}
complete -F _bachsim bachsim
