#!/bin/sh
# test.sh PROGRAM: what `bachsim test` says of tests that pass, differ, are missing, stale, slow or cannot be read.
set -eu
program=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export NO_COLOR=1

failed=no
# is STATUS WHAT COMMAND...: the command ends so, and prints what stands in the file `want`.
is() {
  status=$1
  what=$2
  shift 2
  got=0
  "$@" >got 2>&1 </dev/null || got=$?
  if [ "$got" -ne "$status" ] || ! diff -u want got; then
    echo "== $what: exit status $got"
    failed=yes
  fi
}

mkdir -p class/week2 class/.git
echo 'note "in a hidden folder"' >class/.git/hidden.bach
printf 'machine frames=16\nnote "a <b> & c"\n' >class/passes.bach
printf '#run: --report none\n#status: 1\nexpect 1 == 2\n' >class/week2/fails.bach
printf '#run: check "FILE"\n#status: 2\nnote 7\n' >class/week2/wrong.bach
printf '#run: bachsim --version\n' >class/words.bach

cat >want <<'END'
FAIL  class/passes.bach: class/passes.expected is missing; --update writes it
FAIL  class/week2/fails.bach: class/week2/fails.expected is missing; --update writes it
fails.bach:3:1: expectation failed: 1 == 2: left is 1, right is 2
expect 1 == 2
^
FAIL  class/week2/wrong.bach: class/week2/wrong.expected is missing; --update writes it
wrong.bach:3:6: error: expected a text in quotes, found `7`
note 7
     ^
FAIL  class/words.bach: class/words.expected is missing; --update writes it
4 tests: 0 passed, 4 failed
END
is 1 "nothing is expected yet" "$program" test class

touch class/week2/wrong.errors
cat >want <<'END'
pass  class/passes.bach
      wrote class/passes.expected
pass  class/week2/fails.bach
      wrote class/week2/fails.expected
pass  class/week2/wrong.bach
      wrote class/week2/wrong.expected
      wrote class/week2/wrong.errors
pass  class/words.bach
      wrote class/words.expected
4 tests: 4 passed, 0 failed, 5 files written
END
is 0 "--update" "$program" test --update class
grep -q 'wrong.bach:3:6: error' class/week2/wrong.errors || { echo "== no errors written" && failed=yes; }
[ "$(cat class/words.expected)" = "$("$program" --version)" ] || { echo "== not the version" && failed=yes; }

cat >want <<'END'
pass  class/passes.bach
pass  class/week2/fails.bach
pass  class/week2/wrong.bach
pass  class/words.bach
4 tests: 4 passed, 0 failed
END
is 0 "all pass" "$program" test class
is 0 "one at a time" "$program" test --jobs 1 class
cat >want <<'END'
TAP version 13
1..2
ok 1 - week2/fails.bach
ok 2 - week2/wrong.bach
END
(cd class && "$program" test --tap --filter 'week[2]' >../got) && diff -u want got || failed=yes

# Each kind of failure, in one run.
sed -i 's/a <b>/a <c>/' class/passes.expected
sed -i 's/expected/forbidden/' class/week2/wrong.errors
mv class/words.bach class/other.bach
sed -i 's/#status: 1/#status: 3/' class/week2/fails.bach
printf '#status: 256\n' >class/status.bach
printf '%s\n' '#run: --report none --set\tframes=3' >class/escape.bach
printf '# Its head:\n#status: 1\n#run: check "FILE\n' >class/quote.bach
mkdir class/folder.expected
echo 'note "x"' >class/folder.bach
cat >want <<'END'
FAIL  class/escape.bach: its head says how it is run, and cannot be read
class/escape.bach:1:26: error: a `\` stands before a quote, a blank or another `\`
#run: --report none --set\tframes=3
                         ^
FAIL  class/folder.bach: class/folder.expected: it is no plain file
FAIL  class/other.bach: class/other.expected is missing; --update writes it
FAIL  class/passes.bach: the output differs
--- passes.expected
+++ what came
@@ -1,4 +1,4 @@
-a <c> & c
+a <b> & c
 
 PROCESSES: 0 alive
 REGIONS: 0 active
FAIL  class/quote.bach: its head says how it is run, and cannot be read
class/quote.bach:3:13: error: this quote is not closed
#run: check "FILE
            ^
FAIL  class/status.bach: its head says how it is run, and cannot be read
class/status.bach:1:10: error: `256` is no exit status: a number from 0 to 255
#status: 256
         ^
FAIL  class/week2/fails.bach: exit status 1, not 3
fails.bach:3:1: expectation failed: 1 == 2: left is 1, right is 2
expect 1 == 2
^
FAIL  class/week2/wrong.bach: standard error differs
--- wrong.errors
+++ what came
@@ -1,3 +1,3 @@
-wrong.bach:3:6: error: forbidden a text in quotes, found `7`
+wrong.bach:3:6: error: expected a text in quotes, found `7`
 note 7
      ^
FAIL  class/words.expected: stale: there is no class/words.bach
9 tests: 0 passed, 9 failed
END
is 1 "every failure" "$program" test class --junit report.xml
cat >want <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="bachsim" tests="1" failures="1">
  <testcase classname="class" name="passes">
    <failure message="the output differs">--- passes.expected
+++ what came
@@ -1,4 +1,4 @@
-a &lt;c&gt; &amp; c
+a &lt;b&gt; &amp; c
 
 PROCESSES: 0 alive
 REGIONS: 0 active
</failure>
  </testcase>
</testsuite>
END
"$program" test class/passes.bach --junit report.xml --color always >got && failed=yes
diff -u want report.xml || failed=yes

cat >want <<'END'
FAIL  class/week2/fails.bach: exit status 1, not 3; nothing is written
fails.bach:3:1: expectation failed: 1 == 2: left is 1, right is 2
expect 1 == 2
^
1 test: 0 passed, 1 failed
END
is 1 "--update of a wrong status" "$program" test --update class/week2/fails.bach

# Time: a script that does not end.
printf 'repeat 1_000_000_000_000 {\n  repeat 1_000_000_000_000 {\n  }\n}\n' >endless.bach
touch endless.expected
sed -i '1i #run: --max-steps 10000000000000' endless.bach
"$program" test --timeout 1 endless.bach >got && failed=yes
echo 'FAIL  endless.bach: it has not ended after 1 s
1 test: 0 passed, 1 failed' | diff -u - got || failed=yes

echo 'note "x"' >soon.bach
printf 'x\n' >soon.expected
sed -i '1i #run: --report none' soon.bach
for most in 10000000000 18446744073709551615; do
  "$program" test --timeout $most soon.bach >got || { echo "== a timeout of $most s" && cat got && failed=yes; }
done

# What is expected in a folder of its own.
mkdir -p scripts/a apart/a apart/b
echo 'note "x"' >scripts/a/x.bach
touch apart/b/y.expected
cat >want <<'END'
FAIL  apart/b/y.expected: stale: there is no scripts/b/y.bach
pass  scripts/a/x.bach
      wrote apart/a/x.expected
2 tests: 1 passed, 1 failed, 1 file written
END
is 1 "--expected" "$program" test --expected apart --command "run --report none" --update scripts
# By other names of the same folders.
cat >want <<'END'
FAIL  apart/b/y.expected: stale: there is no scripts/b/y.bach
pass  scripts/a/x.bach
2 tests: 1 passed, 1 failed
END
is 1 "--expected by another name" "$program" test --expected ./apart --command "run --report none" ./scripts
rm apart/a/x.expected
cat >want <<'END'
pass  scripts/a/x.bach
      wrote ./apart/a/x.expected
1 test: 1 passed, 0 failed, 1 file written
END
is 0 "--update by another name" "$program" test --expected ./apart --command "run --report none" --update --filter x.bach ./scripts
echo 'bachsim: nowhere: No such file or directory' >want
is 2 "--expected that is not there" "$program" test --expected nowhere scripts
echo 'bachsim: test: no path of a script here matches `week2`' >want
is 2 "--filter, and a file" "$program" test --filter week2 soon.bach

# A script whose name leaves no room for `.expected` fails alone.
long=$(printf '%0250d' 0)
mkdir long
echo 'note "x"' >long/$long.bach
cp soon.bach soon.expected long
cat >want <<END
FAIL  long/$long.bach: long/$long.expected is missing; --update writes it
pass  long/soon.bach
2 tests: 1 passed, 1 failed
END
is 1 "a name that is too long" "$program" test long
cat >want <<END
FAIL  long/$long.bach: long/$long.expected: File name too long
pass  long/soon.bach
2 tests: 1 passed, 1 failed
END
is 1 "--update of a name that is too long" "$program" test --update long

cat >words.bach <<'END'
#run: bachsim check "it's\" a\\b" 'no'"where" ''
#status: 2
END
touch words.expected
"$program" check "it's\" a\\b" nowhere '' 2>words.errors && failed=yes
echo 'pass  words.bach
1 test: 1 passed, 0 failed' >want
is 0 "words in quotes" "$program" test words.bach

# What is expected may be somebody else's file, and orders no terminal about.
printf '#run: bachsim --version\n' >orders.bach
printf 'a\033]0;title\007b\tc\r\n' >orders.expected
version=$("$program" --version)
cat >want <<END
FAIL  orders.bach: the output differs
--- orders.expected
+++ what came
@@ -1 +1 @@
-a\\x1b]0;title\\x07b	c\\x0d
+$version
1 test: 0 passed, 1 failed
END
is 1 "orders for a terminal" "$program" test orders.bach
esc=$(printf '\033')
cat >want <<END
${esc}[31mFAIL${esc}[0m  orders.bach: the output differs
${esc}[1m--- orders.expected${esc}[0m
${esc}[1m+++ what came${esc}[0m
${esc}[36m@@ -1 +1 @@${esc}[0m
${esc}[31m-a\\x1b]0;title\\x07b	c\\x0d${esc}[0m
${esc}[32m+$version${esc}[0m
1 test: 0 passed, 1 failed
END
is 1 "colors for a terminal" "$program" test --color always orders.bach

# A test that runs tests, and one that runs itself.
mkdir -p outer/inner
printf '#run: bachsim --version\n' >outer/inner/inner.bach
printf '#run: bachsim test inner\n' >outer/outer.bach
"$program" test --update --jobs 1 outer >/dev/null || failed=yes
echo 'pass  inner/inner.bach
1 test: 1 passed, 0 failed' >want
diff -u want outer/outer.expected || failed=yes
mkdir itself
printf '#run: test FILE\n#status: 1\n' >itself/itself.bach
touch itself/itself.expected
cat >want <<'END'
FAIL  itself/itself.bach: the output differs
--- itself.expected
+++ what came
@@ -0,0 +1,3 @@
+FAIL  itself.bach: exit status 2, not 1
+bachsim: test: this is a test of a test, which runs no tests; does one run itself?
+1 test: 0 passed, 1 failed
1 test: 0 passed, 1 failed
END
is 1 "a test that runs itself" timeout 20 "$program" test itself

# One file of what is expected for two.
mkdir one two
echo 'note "one"' >one/same.bach
echo 'note "two"' >two/same.bach
cp one/same.bach one/same
echo 'bachsim: test: one/same.bach and two/same.bach would have one file of what is expected' >want
is 2 "two folders, one of what is expected" "$program" test --update --expected apart one two
echo 'bachsim: test: one/same and one/same.bach would have one file of what is expected' >want
is 2 "two scripts of one name" "$program" test --update one/same one
"$program" test --update one ./one/same.bach >/dev/null || failed=yes

mkdir empty
echo 'bachsim: test: there are no tests here: no file that ends in .bach' >want
is 2 "nothing to test" "$program" test empty
echo 'bachsim: --command: `run \x`: a `\` stands before a quote, a blank or another `\`' >want
is 2 "words that cannot be read" "$program" test --command 'run \x' class
echo 'bachsim: nowhere: there is no such file' >want
is 2 "no such file" "$program" test nowhere
if [ "$(id -u)" -ne 0 ]; then
  chmod 0 scripts/a/x.bach
  echo 'FAIL  scripts/a/x.bach: it cannot be read: Permission denied
1 test: 0 passed, 1 failed' >want
  is 1 "a script that cannot be read" "$program" test scripts/a
fi
[ "$failed" = no ]
