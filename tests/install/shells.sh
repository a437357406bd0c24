#!/bin/sh
# shells.sh TREE: the installed completion in bash, zsh and fish themselves, on a terminal: what stands on the line after
# a tab. Needs Debian's tmux, zsh and fish.
set -u
tree=$(realpath "$1") || exit 2
scratch=$(mktemp -d) || exit 2
failed=0
shell=none
trap 'pane kill-server 2>/dev/null; rm -rf "$scratch"' EXIT
mkdir "$scratch/here" "$scratch/here/folder"
touch "$scratch/here/first script.bach" "$scratch/here/second.bach"

pane() {
  tmux -S "$scratch/terminal-$shell" "$@"
}
screen() {
  pane capture-pane -p
}
# wait_for TEXT: until a line of the screen is `$ TEXT`, but for blanks at its end.
wait_for() {
  tries=0
  until screen | sed 's/ *$//' | grep -qxF -- "\$${1:+ $1}"; do
    tries=$((tries + 1))
    [ $tries -lt 30 ] || return 1
    sleep 0.1
  done
}
# becomes LINE WHOLE: what a tab makes of a line.
becomes() {
  pane send-keys C-u
  pane send-keys -l "$1"
  wait_for "$1" || {
    echo "$shell: the line is not \`$1\`:"
    screen | sed '/^ *$/d'
    failed=1
    return
  }
  pane send-keys Tab
  wait_for "$2" || {
    echo "$shell: \`$1\` and a tab are not \`$2\`:"
    screen | sed '/^ *$/d'
    failed=1
  }
}
# begin SHELL COMMAND: a terminal with a prompt, in which `bachsim` is the installed one.
begin() {
  shell=$1
  pane -f /dev/null new-session -d -x 150 -y 40 -c "$scratch/here" \
    "env -i HOME='$scratch' TERM=screen PATH='$tree/bin:/usr/bin:/bin' LANG=C.UTF-8 XDG_DATA_DIRS='$tree/share:/usr/share' $2"
  wait_for "" || {
    echo "$shell: no prompt: $(screen)"
    exit 1
  }
}
# What all shells do.
all() {
  becomes "bachsim swe" "bachsim sweep"
  becomes "bachsim run --ech" "bachsim run --echo"
  becomes "bachsim run --set steal" "bachsim run --set stealer="
  becomes "bachsim run --set stealer=cl" "bachsim run --set stealer=clock"
  becomes "bachsim run --set=stealer=cl" "bachsim run --set=stealer=clock"
  becomes "bachsim sweep --vary fork=cow,cop" "bachsim sweep --vary fork=cow,copy"
  becomes "bachsim run --report counters,swapp" "bachsim run --report counters,swapper"
  becomes "bachsim draw --view for" "bachsim draw --view forks"
  becomes "bachsim textbook sec-6.5.4" "bachsim textbook sec-6.5.4"
  becomes "bachsim import str" "bachsim import strace"
  becomes "bachsim sweep --measure counter.vfault.tot" "bachsim sweep --measure counter.vfault.total"
  becomes "bachsim check fir" "bachsim check first\\ script.bach"
  becomes "bachsim run -o sec" "bachsim run -o second.bach"
  becomes "bachsim run --output=sec" "bachsim run --output=second.bach"
  becomes "bachsim textbook --site fol" "bachsim textbook --site folder/"
  becomes "bachsim sec" "bachsim second.bach"
  pane kill-server
}

printf "PS1='$ '\nbind 'set enable-bracketed-paste off'\nsource '%s'\n" "$tree/share/bash-completion/completions/bachsim" >"$scratch/bashrc"
begin bash "bash --noprofile --rcfile '$scratch/bashrc' -i"
all

printf "PS1='$ '\nfpath=('%s' \$fpath)\nautoload -Uz compinit\ncompinit -u -d '%s'\nunsetopt zle_bracketed_paste\n" \
  "$tree/share/zsh/site-functions" "$scratch/dump" >"$scratch/.zshrc"
begin zsh "zsh -d -i"
all

mkdir -p "$scratch/.config/fish"
printf "function fish_prompt; printf '$ '; end\nset -g fish_greeting\nset -g fish_autosuggestion_enabled 0\n" \
  >"$scratch/.config/fish/config.fish"
begin fish "fish -i"
all

# Signs in what stands before a file are signs.
said=$(mkdir "$scratch/signs" && cd "$scratch/signs" && touch -- -dash && PATH=$tree/bin:$PATH fish --no-config -c "
  source '$tree/share/fish/vendor_completions.d/bachsim.fish'; complete -C 'bachsim run --output=50%='" 2>&1)
[ "$said" = "--output=50%=-dash" ] || { echo "fish completes $said"; failed=1; }
exit $failed
