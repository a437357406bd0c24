#!/bin/sh
# sweep.sh PROGRAM: the same bytes however a sweep is run: on one thread or four, interrupted and resumed, in shares that
# are merged, by Slurm's job script; and what it says of bad words, bad runs and parts that do not fit together.
set -eu
program=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export NO_COLOR=1 COLUMNS=100

failed=no
wrong() {
  echo "== $1"
  failed=yes
}
# same WHAT FILE FILE
same() { diff -u "$2" "$3" || wrong "$1: not the same"; }
# refused STATUS TEXT WORD...: the sweep of these words ends so, and says so.
refused() {
  status=$1
  text=$2
  shift 2
  got=0
  "$program" sweep "$@" >out 2>errors || got=$?
  [ "$got" -eq "$status" ] || wrong "$*: status $got"
  grep -qF -- "$text" errors || { cat errors && wrong "$*: does not say: $text"; }
}

cat >work.bach <<'END'
title "Pages and rounds"
param PAGES = 4..40
param ROUNDS = 2..9
machine frames=64 swap=128
program demo text=1 bss=PAGES stack=1
spawn demo as P
repeat ROUNDS {
  P: write data[*]
  age
}
P: fork as C
C: write data[0]
END

measure=frames.used,P.data.pages,counter.pfault.copied,P.state
cat >want <<'END'
fork  PAGES  frames.used  P.data.pages  pfault.copied  P.state  status
 cow      2            3             2              1    ready  ok
 cow     20           21            20              1    ready  ok
copy      2            4             2              0    ready  ok
copy     20           40            20              0    ready  ok
END
"$program" sweep -D PAGES=2,20 work.bach --measure x >out 2>&1 && wrong "a measure that is none"
grep -q '^bachsim: --measure: `x`: ' out || { cat out && wrong "a measure that is none"; }
refused 2 "PAGES" -D PAGES=2 work.bach
sed -i 's/PAGES = 4/PAGES = 2/' work.bach
"$program" sweep -D PAGES=2,20 --vary fork=cow,copy --measure "$measure" work.bach >got
same "a table" want got

# Lists, means, and lines for programs.
cat >want <<'END'
cluster,runs,P.data.pages mean,P.data.pages deviation,P.data.pages interval,status
1,5,MEAN,DEVIATION,INTERVAL,ok
4,5,MEAN,DEVIATION,INTERVAL,ok
END
"$program" sweep --vary cluster=1,4 --seeds 1..5 --measure P.data.pages --format csv work.bach >got
pages=$(for seed in 1 2 3 4 5; do "$program" run --seed $seed --report pregions work.bach | awk '$1 == "P" && $2 == "data" { print $5 }'; done)
# Student's t for four degrees of freedom: 2.776445.
numbers=$(echo "$pages" | awk '{ n++; s += $1; q += $1 * $1 }
  END { m = s / n; d = sqrt((q - n * m * m) / (n - 1)); printf "%.6g,%.6g,%.4g", m, d, 2.776445 * d / sqrt(n) }')
awk -F, -v want="$numbers" 'NR > 1 { got = sprintf("%s,%s,%.4g", $3, $4, $5)
  if (got != want || $2 != 5 || $6 != "ok") { print got, "not", want; bad = 1 } } END { exit bad || NR != 3 }' got ||
  wrong "means over seeds"
"$program" sweep --vary frames=32..64:32 --format json --measure frames.total work.bach >got
printf '{"frames":"32","frames.total":32,"status":"ok"}\n{"frames":"64","frames.total":64,"status":"ok"}\n' >want
same "lines of JSON" want got

# A row whose members had one name would have lost one of them where it is read.
printf 'param runs = 1 in 0..9\nprogram demo data=1\nspawn demo as P\n' >named.bach
printf "bachsim: --format json: a row would have \`runs\` twice; --format csv has a column for each\n" >want
"$program" sweep -D runs=1,2 --seeds 1..2 --measure regions --format json named.bach 2>got && wrong "a param called runs"
same "a param called runs" want got
"$program" sweep -D runs=1,2 --seeds 1..2 --measure regions --shard 1/1 -o whole named.bach || wrong "a share of it"
"$program" sweep --merge --format json whole 2>got && wrong "the same, merged"
same "the same, merged" want got
printf "bachsim: --format json: a row would have \`regions\` twice; --format csv has a column for each\n" >want
"$program" sweep -D runs=1,2 --measure regions,processes,regions --format json named.bach 2>got && wrong "a measure twice"
same "a measure twice" want got
rm named.bach whole

# Tabs are blanks: parts that had them could not be put together.
tab=$(printf '\t')
printf 'frames,regions + 1,status\n8,1,ok\n16,1,ok\n' >want
printf 'machine frames=32\n' >tabs.bach
"$program" sweep --vary "frames$tab=${tab}8,${tab}16$tab" --measure "${tab}regions$tab+ 1" --shard 1/1 -o whole tabs.bach || wrong "tabs"
"$program" sweep --merge --format csv whole >got || wrong "a part with tabs"
sed -i 's/  *+/ +/' got
same "a part with tabs" want got
printf "bachsim: --vary: \`frames\` is varied twice\n" >want
"$program" sweep --vary frames=8 --vary "frames$tab=8" tabs.bach 2>got && wrong "a tab and a key twice"
same "a tab and a key twice" want got
printf "bachsim: --set: \`fork\` is what compare varies\n" >want
"$program" compare --set "${tab}fork$tab=cow" tabs.bach 2>got && wrong "a tab in --set of compare"
same "a tab in --set of compare" want got
rm tabs.bach whole

# A run that fails is a row that says why.
"$program" sweep -D PAGES=2,30 --vary frames=8,64 --vary swap=1 --measure frames.used --format csv work.bach >got && wrong "status 0"
awk -F, 'NR != 3 && $5 == "ok" { ok++ } NR == 3 && $5 ~ /reaped/ { ok++ } END { exit ok != 4 || NR != 5 }' got ||
  { cat got && wrong "a row that says why"; }

# The same bytes on any number of threads, and to a file.
all="--vary frames=48..96:16 --vary fork=cow,copy -D ROUNDS=2..9 --seeds 1..20 work.bach"
# shellcheck disable=SC2086  # words
sweep() { "$program" sweep $all --format csv "$@"; }
sweep --jobs 1 >whole
sweep --jobs 4 >got
same "four threads" whole got
sweep --output file
same "a file" whole file
[ ! -e file.part ] || wrong "file.part is left"

# Interrupted again and again, at any byte.
lines=0
for _ in 1 2 3 4 5 6 7 8; do
  # shellcheck disable=SC2086  # words
  "$program" sweep $all --format csv --resume --output again --jobs 2 >/dev/null 2>&1 &
  interrupted=$!
  sleep 0.2
  kill -KILL $interrupted 2>/dev/null || true # it may have come to its end
  wait $interrupted 2>/dev/null && break # once it has gone, nobody holds its file
done
[ -e again ] || { [ -e again.part ] && lines=$(wc -l <again.part); }
if [ -e again.part ]; then
  printf '[7,"ok' >>again.part # as power would leave it
  refused 2 "--resume goes on with it" $all --format csv --output again
fi
sweep --resume --output again
same "interrupted ($lines lines)" whole again

# In shares.
# shellcheck disable=SC2086  # words
share() { "$program" sweep $all "$@"; }
for k in 1 2 3; do share --shard $k/3 --output part$k; done
refused 2 "--format and --plot are for --merge" $all --shard 1/3 --format csv --output part4
"$program" sweep --merge --format csv part3 part1 part2 >got
same "three shares" whole got
refused 2 "no part has the runs" --merge part1 part3
refused 2 "another part has run" --merge part1 part2 part2 part3
cp part2 short && sed -i '$d' short
refused 2 "its share is not done" --merge part1 short part3
sed 's/"ok"/"ko/' part2 >torn
refused 2 "is not there, or not whole" --merge part1 torn part3
"$program" sweep --vary frames=48 --shard 1/1 --output other work.bach
refused 2 "it is of another sweep" --merge part1 other
for option in --measure=processes --vary=frames=8 --set=frames=8 -DPAGES=5 --seeds=1..3 --shard=1/2 --slurm=2 \
  --resume --jobs=3 --max-steps=5 --include-root=. --progress; do
  refused 2 "--merge has from its parts what was run" --merge $option part1 part2 part3
done
share --resume --shard 2/3 --output part2 || wrong "a share that is done"
sed -i 's/C: write/C: read/' work.bach
refused 2 "it is of another sweep" $all --resume --shard 2/3 --output part2
sed -i 's/C: read/C: write/' work.bach
# By work, not by count: the last of these runs has as much to do as all others.
printf 'param N = 1..9000\nrepeat N {\n  expect 1 == 1\n}\n' >rounds.bach
"$program" sweep -D N=1000..8000:1000 --measure counter.vfault.total --shard 1/2 --output half rounds.bach
runs=$(($(wc -l <half) - 1))
{ [ "$runs" -gt 4 ] && [ "$runs" -lt 8 ]; } || wrong "share 1 of 2 has $runs of 8 runs"

# What is known in a run alone is no measure of work.
for bound in I frames.free counter.vfault.total+1 'random(1..3)' '(P.pid == 1) + 1' 'not 0' -9223372036854775808; do
  printf 'program p data=2\nspawn p as P\nfor I in 0..3 {\n  repeat %s {\n    tick\n  }\n}\n' "$bound" >bound.bach
  "$program" sweep --vary low=1,2 --shard 1/2 --output bound bound.bach || wrong "a share of rounds $bound"
  rm bound
done

# By the job that --slurm writes, with an sbatch of our own that runs it here.
mkdir bin jobs
cat >bin/sbatch <<'END'
#!/bin/sh
tasks=1
for word; do
  case $word in --array=1-*) tasks=${word#--array=1-} ;; --dependency=afterok:17) ;; --dependency=*) exit 1 ;; esac
done
cat >job
for task in $(seq "$tasks"); do SLURM_ARRAY_TASK_ID=$task sh job || exit 1; done
echo "17;here"
END
printf '#!/bin/sh\nexec "%s" "$@"\n' "$program" >bin/bachsim
chmod +x bin/*
sweep --slurm 4 --output "by slurm" >job.sh
PATH=$PWD/bin:$PATH sh job.sh --partition=short >/dev/null
same "Slurm's tasks" whole "by slurm"
"$program" sweep --vary frames=8,16 -o"as one word" --slurm 2 -- work.bach >job.sh
PATH=$PWD/bin:$PATH sh job.sh >/dev/null
"$program" sweep --vary frames=8,16 --output whole.2 work.bach
same "Slurm's tasks, of words in other forms" whole.2 "as one word"
"$program" sweep --plot=by-slurm.svg --plot-of "frames.used over frames" --vary frames=8,16 --measure frames.used \
  --slurm 2 -o drawn work.bach >job.sh
PATH=$PWD/bin:$PATH sh job.sh >/dev/null
grep -qF 'frames.used (of 4096 bytes)' by-slurm.svg || wrong "Slurm's merge has drawn nothing"

# A plot.
"$program" sweep --vary frames=48..96:16 --vary fork=cow,copy --seeds 1..5 --measure frames.used work.bach \
  --plot plot.svg "frames.used over frames by fork" >/dev/null
for text in 'Pages and rounds' 'frames.used (of 4096 bytes)' 'fork=copy'; do
  grep -qF "$text" plot.svg || wrong "the plot has no $text"
done
refused 2 '`fork` is varied, too' --vary frames=8,16 --vary fork=cow,copy --measure frames.used work.bach --plot x.svg "frames.used over frames"
refused 2 '`swap` is not varied' --vary frames=8,16 --measure frames.used work.bach --plot x.svg "frames.used over swap"
[ ! -e x.svg ] || wrong "a plot that cannot be is there"
# A share that somebody has changed may have any words on an axis, such as a number that is none.
"$program" sweep -D PAGES=10..30 --measure frames.used --shard 1/1 --output numbers work.bach
sed 's/"15"/"nan"/' numbers >words
"$program" sweep --merge words --plot words.svg "frames.used over PAGES" >/dev/null
grep -qF '>nan<' words.svg || wrong "the plot has no nan on its axis"

refused 2 "is no NAME=LIST" --vary frames work.bach
refused 2 "no number is from 9 to 3" --vary frames=9..3 work.bach
refused 2 "is there twice" --vary frames=9,9 work.bach
refused 2 "is varied twice" --vary frames=8 --vary frames=9 work.bach
refused 2 "framez" --vary framez=8 work.bach
refused 2 "is no share" --shard 3/2 --output x work.bach
refused 2 "--shard wants --output" --shard 1/2 work.bach
refused 2 "more than 1000000000 runs" --vary frames=1..100000 --seeds 1..100000 work.bach
refused 2 "sweep wants a file" --vary frames=1

# Numbers as far apart as two can be.
printf 'param A = 3\ntick\n' >wide.bach
cat >want <<'END'
A,processes,status
-9223372036854775808,0,ok
-4611686018427387904,0,ok
0,0,ok
4611686018427387904,0,ok
END
"$program" sweep -D A=-9223372036854775808..9223372036854775807:4611686018427387904 --measure processes --format csv \
  wide.bach >out
same "a wide range" want out
[ "$failed" = no ]
