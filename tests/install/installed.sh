#!/bin/sh
# installed.sh BUILD ROOT [slow]: what `cmake --install` makes of a build. The program and what belongs to it are where
# they are to be, and nothing names the folders in which they were made. With `slow`, projects of strangers build
# against the installed library by CMake and by pkg-config, and against its source as a folder of theirs.
set -eu
build=$1
root=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
complain() {
  echo "$*" >&2
  exit 1
}

# The tree is moved, so that it cannot work by the names that it was made under.
cmake --install "$build" --prefix "$scratch/made" >"$scratch/log" || complain "$(cat "$scratch/log")"
mv "$scratch/made" "$scratch/tree"
tree=$scratch/tree
script=$tree/share/doc/bachsim/workloads/examples/02-copy-on-write.bach
"$tree/bin/bachsim" test "$script" >"$scratch/out" || complain "$(cat "$scratch/out")"
# The workloads that the documents name are there.
named=$(cd "$tree/share/doc/bachsim" && grep -oh 'workloads/[a-z]*/[A-Za-z0-9._-]*' README.md docs/*.md | sort -u)
[ "$(echo "$named" | wc -l)" -gt 10 ] || complain "the documents name no workloads"
for file in $named; do
  [ -e "$tree/share/doc/bachsim/$file" ] || complain "the documents name $file, which is not there"
done
config=$(find "$tree" -name bachsimConfig.cmake)
[ -n "$config" ] || complain "no CMake package"
pc=$(find "$tree" -name bachsim.pc)
[ -n "$pc" ] || complain "no pkg-config file"
PKG_CONFIG_PATH=$(dirname "$pc")
export PKG_CONFIG_PATH
flags=$(pkg-config --cflags --libs bachsim)
if grep -rlF "$root" "$tree/lib" --include='*.cmake' --include='*.pc'; then complain "names the source"; fi
[ -e "$tree/include/bachsim/sim/kernel/kernel.h" ] || complain "no kernel.h"
[ ! -e "$tree/include/bachsim/regions/regops.h" ] || complain "headers that kernel.h does not include"
# Each header is there that another includes.
cd "$tree/include/bachsim"
find . -name '*.h' -exec sed -n 's/^#include "\(.*\)".*/\1/p' {} + | sort -u | while read -r header; do
  [ -e "$header" ] || complain "no $header"
done
[ "${3:-}" = slow ] || exit 0

cd "$scratch"
# The counters that the program prints are those of the test "library: the kernel alone".
forks=$root/tests/library/forks.cc
# shellcheck disable=SC2086  # words
g++ "$forks" $flags -o forks
./forks >wanted
[ "$(wc -l <wanted)" -gt 20 ] || complain "forks prints no counters"
for way in -DCMAKE_PREFIX_PATH="$tree" -DBACHSIM="$root"; do
  rm -rf stranger
  cmake -S "$root/tests/install/stranger" -B stranger -G Ninja "$way" -DFORKS="$forks" -DCMAKE_UNITY_BUILD=ON >log ||
    complain "$way: $(cat log)"
  cmake --build stranger >log || complain "$way: $(cat log)"
  stranger/forks | cmp - wanted
  stranger/copies
done
# Another minor version is another library.
printf 'cmake_minimum_required(VERSION 3.25)\nproject(other LANGUAGES CXX)\nfind_package(bachsim 0.2 REQUIRED)\n' >CMakeLists.txt
if cmake -S . -B other -DCMAKE_PREFIX_PATH="$tree" >log 2>&1; then complain "version 0.2 is not there, and was found"; fi
