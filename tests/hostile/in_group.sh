#!/bin/bash
# in_group BYTES COMMAND...: runs a command in a control group of its own, which may have so much memory. Without a
# command it says whether that can be had here. Both versions of control groups.
set -u
for root in /sys/fs/cgroup/memory /sys/fs/cgroup; do
  group=$root/bachsim-hostile-$$
  mkdir "$group" 2> /dev/null || continue
  for limit in memory.limit_in_bytes memory.max; do
    [ -w "$group/$limit" ] && break 2
  done
  rmdir "$group"
done
[ -w "${group:-/nowhere}/${limit:-nothing}" ] || exit 1
trap 'rmdir "$group"' EXIT
echo "$1" > "$group/$limit" || exit 1
shift
[ $# -eq 0 ] && exit 0
sh -c 'echo $$ > "$0/cgroup.procs" && exec "$@"' "$group" "$@"
