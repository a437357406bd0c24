#!/bin/sh
# sweep_slurm.sh PROGRAM: the job that --slurm writes, by Debian's Slurm: a controller and three daemons on this machine,
# one of which dies in the middle of a share, with what ran on it, and comes back. Slurm puts the share into its queue
# again, it goes on where it was, and the merge that waits for all gives the bytes of one whole run.
set -eu
program=$1
for word in munged slurmctld slurmd sbatch; do
  PATH=$PATH:/usr/sbin command -v $word >/dev/null || { echo "this needs Debian's packages munge and slurm-wlm: no $word" && exit 1; }
done
PATH=$PATH:/usr/sbin
scratch=$(mktemp -d)
export SLURM_CONF="$scratch/slurm.conf" NO_COLOR=1
host=$(uname -n | cut -d. -f1)
port=$((20000 + $$ % 2000 * 4))

# with NAME=VALUE: the processes that were started with this, and with our configuration.
with() {
  grep -lzxF "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ 2>/dev/null | while read -r environment; do
    process=${environment#/proc/} && process=${process%/environ}
    if [ "$process" != $$ ] && grep -qzxF "$1" "$environment" 2>/dev/null; then echo "$process"; fi
  done
}
# No daemon outlives the test, nor what it has started.
finish() {
  for file in "$scratch"/*.pid; do
    if [ -e "$file" ]; then kill -KILL "$(cat "$file")" 2>/dev/null || true; fi
  done
  for process in $(with "SLURM_CONF=$SLURM_CONF"); do kill -KILL "$process" 2>/dev/null || true; done
  rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
cd "$scratch"
# await WHAT COMMAND...: until it succeeds, within a minute.
await() {
  what=$1
  shift
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || {
      echo "$what: not within a minute" && squeue && sinfo -N && tail -n 30 slurmctld.log && tail -n 5 slurmd-*.log jobs/*.out && exit 1
    }
    sleep 0.2
  done
}

mkdir state spool-n1 spool-n2 spool-n3 jobs bin
head -c 128 /dev/urandom >key && chmod 600 key
cat >slurm.conf <<CONF
ClusterName=bachsim
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$scratch/munge.socket
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
StateSaveLocation=$scratch/state
SlurmdSpoolDir=$scratch/spool-%n
SlurmctldPidFile=$scratch/slurmctld.pid
SlurmdPidFile=$scratch/slurmd-%n.pid
SlurmctldLogFile=$scratch/slurmctld.log
SlurmdLogFile=$scratch/slurmd-%n.log
SlurmdParameters=config_overrides
SlurmdTimeout=3
ReturnToService=2
JobRequeue=1
NodeName=n[1-3] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + 3))] CPUs=1
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
munged --force --key-file="$scratch/key" --socket="$scratch/munge.socket" --pid-file="$scratch/munged.pid" \
  --log-file="$scratch/munged.log" --seed-file="$scratch/seed"
slurmctld -c
for node in n1 n2 n3; do slurmd -N $node; done
are_idle() { [ "$(sinfo -h -N -o %T 2>/dev/null | sort | uniq -c | tr -d ' ')" = 3idle ]; }
await "three idle nodes" are_idle

cat >work.bach <<'BACH'
title "Pages and rounds"
param PAGES = 2..40
machine frames=64 swap=128
program demo text=1 bss=PAGES stack=1
spawn demo as P
repeat 4000 {
  P: write data[*]
  P: fork as C
  C: write data[0]
  C: exit
  P: wait
}
BACH
words="--vary fork=cow,copy -D PAGES=4..13 --seeds 1..40"
# shellcheck disable=SC2086  # words
"$program" sweep $words work.bach --format csv -o whole
printf '#!/bin/sh\nexec "%s" "$@"\n' "$program" >bin/bachsim
chmod +x bin/bachsim
PATH=$scratch/bin:$PATH
# shellcheck disable=SC2086  # words
bachsim sweep $words work.bach --format csv -o result.csv --slurm 8 >job.sh
sh job.sh --output=jobs/%j.out >merge

# A share is stopped in the middle before its node goes, so that it cannot be done by then.
killed=
kill_one() {
  for part in result.csv.share-*.part; do
    if [ ! -e "$part" ] || [ "$(wc -l <"$part")" -le 5 ]; then continue; fi
    k=${part#result.csv.share-} && k=${k%.part}
    process=$(with "SLURM_ARRAY_TASK_ID=$k" | head -n 1)
    [ -n "$process" ] || continue
    node=$(tr '\0' '\n' <"/proc/$process/environ" | sed -n 's/^SLURMD_NODENAME=//p') || continue
    step=$(ps -o ppid= -p "$process" | tr -d ' ')
    kill -STOP "$process" 2>/dev/null || continue
    if [ -e "$part" ]; then
      cp "$part" killed-part
      # shellcheck disable=SC2046  # numbers
      kill -KILL "$(cat "slurmd-$node.pid")" "$step" $(with "SLURM_ARRAY_TASK_ID=$k") && killed=$k && return 0
    fi
    kill -CONT "$process"
  done
  return 1
}
await "a share in the middle" kill_one
is_down() { sinfo -h -N -n "$node" -o %T | grep -q '^down'; }
await "a node that is down" is_down
slurmd -N "$node"
await "three idle nodes again" are_idle
# Slurm lets the share wait for two minutes, by which time its node has heard all that it missed. Another need not wait.
job=$(squeue -h -n bachsim -o %F | head -n 1)
scontrol update JobId="${job}_$killed" StartTime=now ExcNodeList="$node"
await "the merge" test -e result.csv
cmp whole result.csv
scontrol -o show job "$job" | grep " ArrayTaskId=$killed " | grep -q ' Restarts=1 ' || {
  scontrol -o show job && echo "share $killed was not begun again" && exit 1
}
head -n "$(($(wc -l <killed-part)))" "result.csv.share-$killed" | cmp - killed-part
