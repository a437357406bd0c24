#!/bin/sh
# compare.sh PROGRAM FOLDER: each workload of a folder expects only what each kind of fork brings.
set -u
failed=0
for workload in "$2"/*.bach; do
  for fork in cow copy vfork; do
    "$1" run --report none --audit --set fork=$fork "$workload" || {
      echo "$workload: exit status $? with fork=$fork"
      failed=1
    }
  done
done
exit $failed
