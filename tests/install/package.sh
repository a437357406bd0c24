#!/bin/sh
# package.sh BUILD [ROOT]: the Debian package that cpack makes of a build. lintian finds no error in it and warns of nothing,
# and it has its manual pages and no folder of ours. As root, it is installed into a Debian of its own, which knows nothing
# else, by apt-get with what it needs; runs there; and leaves no file behind when it is removed. ROOT is such a Debian, where
# there is one; else debootstrap makes it. Needs Debian's lintian, debootstrap and dpkg-dev.
set -eu
build=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
complain() {
  echo "$*" >&2
  exit 1
}

# Debian's packages cannot be had: ctest says that the test was skipped.
out_of_reach() {
  tail -20 "$scratch/log" >&2
  exit 77
}

cpack -G DEB --config "$build/CPackConfig.cmake" -B "$scratch/made" >"$scratch/log" 2>&1 || complain "$(cat "$scratch/log")"
package=$(echo "$scratch"/made/*.deb)
[ -e "$package" ] || complain "no package: $(cat "$scratch/log")"
lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$package" >"$scratch/log" 2>&1 || complain "$(cat "$scratch/log")"
[ ! -s "$scratch/log" ] || cat "$scratch/log"

dpkg-deb -x "$package" "$scratch/tree"
for file in bin/bachsim lib/libbachsim.a include/bachsim/sim/kernel/kernel.h share/man/man1/bachsim.1.gz \
  share/man/man5/bachsim-workload.5.gz share/bash-completion/completions/bachsim share/zsh/vendor-completions/_bachsim \
  share/fish/vendor_completions.d/bachsim.fish share/vim/vimfiles/syntax/bachsim.vim share/doc/bachsim/copyright; do
  [ -e "$scratch/tree/usr/$file" ] || complain "the package has no $file"
done
pc=$(find "$scratch/tree" -name bachsim.pc)
libraries=$(PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --variable=libdir bachsim)
[ -e "$libraries/libbachsim.a" ] || complain "bachsim.pc finds no library in $libraries"
! grep -rlF "$(realpath "$build")" "$scratch/tree" || complain "these files of the package name the folder of the build"
depends=$(dpkg-deb -f "$package" Depends)
case $depends in *libc6*libtbb12*) ;; *) complain "it does not say what it needs: $depends" ;; esac

[ "$(id -u)" -eq 0 ] || {
  echo "not root: the package is not installed"
  exit 0
}
debian=${2:-}
if [ -z "$debian" ]; then
  debian=$scratch/debian
  mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' /etc/apt/sources.list.d/*.sources \
    /etc/apt/sources.list 2>/dev/null | grep -v security | head -1)
  debootstrap --variant=minbase bookworm "$debian" ${mirror:+"$mirror"} >"$scratch/log" 2>&1 || out_of_reach
fi
inside() {
  DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 chroot "$debian" "$@"
}
files() {
  (cd "$debian" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/log -o -path ./var/cache -o -path ./proc \
    -o -path ./tmp -o -path ./dev \) -prune -o -print | sort)
}
cp "$package" "$debian/tmp/bachsim.deb"
# shellcheck disable=SC2016  # a program of sed's
needed=$(echo "$depends" | sed 's/([^)]*)//g; s/|[^,]*//g; s/,/ /g')
# shellcheck disable=SC2086  # words
inside apt-get install -y -qq --no-install-recommends $needed >"$scratch/log" 2>&1 || out_of_reach
files >"$scratch/before"
inside apt-get install -y -qq --no-install-recommends /tmp/bachsim.deb >"$scratch/log" 2>&1 ||
  complain "$(tail -20 "$scratch/log")"
inside bachsim textbook fig-9.15 >"$scratch/out" || complain "it does not run: $(cat "$scratch/out")"
grep -q held "$scratch/out" || complain "figure 9.15 has no numbers"
inside apt-get purge -y -qq bachsim >"$scratch/log" 2>&1 || complain "$(tail -20 "$scratch/log")"
files | diff "$scratch/before" - || complain "files stay behind, or are gone"
