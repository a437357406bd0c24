#!/bin/bash
# signalled SIGNAL PATTERN COMMAND...: starts a command, sends it a signal once there is a file that matches the pattern,
# and ends with its status. An empty pattern: after 0.3 seconds.
set -u
signal=$1 pattern=$2
shift 2
[ "$signal" = KILL ] || set -- env --default-signal="$signal" "$@"  # bash has its background ignore SIGINT
"$@" &
running=$!
if [ -z "$pattern" ]; then
  sleep 0.3
else
  for _ in {1..2000}; do
    compgen -G "$pattern" > /dev/null && break
    sleep 0.01
  done
fi
kill -s "$signal" $running
{ wait $running; } 2> /dev/null
