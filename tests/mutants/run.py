#!/usr/bin/env python3
"""Deliberate bugs, one line each, that the tests have to catch.

The tables beside this file (*.txt) say what each mutant changes:

    = its name: what is wrong then
    @ the file
    - the line as it is, without the spaces before it
    + the line as the mutant has it; `;` leaves a statement out

The old line must be in the file exactly once; where it is there more often, lines before it say which one is meant,
and begin with a space. A line `~ why` says that the mutant is no bug, and no test may notice it.

All mutants are built into one copy of the tree, in which BACHSIM_MUTANT=N switches the Nth on. So each costs the tests
that notice it, and no build.

    ./test --mutants [--jobs N] [-R EXPRESSION] [--list]
"""
import argparse
import concurrent.futures
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SCRATCH = ROOT / "build" / "mutants" / "tree"
BUILD = SCRATCH / "build" / "quick"
# Each .cc of these folders has a mutant.
CORE = ["sim/machine", "swap", "regions", "sim/kernel", "sim/state", "sim/report"]
LEAST_LIMIT = 20  # seconds; else five times what the tests take without a mutant
MOST_BYTES = 3 << 30
MOST_OUTPUT = 1 << 20

SWITCH = """#pragma once
#include <cstdlib>
namespace bachsim_mutants {
inline const int kActive = [] {
  const char* const number = std::getenv("BACHSIM_MUTANT");
  return number == nullptr ? 0 : std::atoi(number);
}();
constexpr bool is(int number) {
  if consteval {
    return false;
  } else {
    return kActive == number;
  }
}
}  // namespace bachsim_mutants
"""


class Stale(Exception):
    """The tables and the tree do not fit."""


class Mutant:
    def __init__(self, where, name, what):
        self.where, self.name, self.what = where, name, what
        self.file = None
        self.before, self.old, self.new = [], None, None
        self.no_bug = None
        self.number = 0

    def check(self):
        if self.file is None or self.old is None or self.new is None:
            raise Stale(f"{self.where}: {self.name}: needs a file, an old line and a new one")
        if self.old == self.new:
            raise Stale(f"{self.where}: {self.name}: changes nothing")


def read_tables():
    mutants = []
    for table in sorted(HERE.glob("*.txt")):
        for number, line in enumerate(table.read_text().splitlines(), 1):
            where = f"{table.name}:{number}"
            if not line.strip() or line.startswith("#"):
                continue
            kind, rest = line[0], line[1:].strip()
            if kind == "=":
                name, colon, what = rest.partition(": ")
                if not colon:
                    raise Stale(f"{where}: a mutant is `= name: what is wrong`")
                mutants.append(Mutant(where, name, what))
            elif not mutants:
                raise Stale(f"{where}: no mutant begins here")
            elif kind == "@":
                mutants[-1].file = rest
            elif kind == " ":
                mutants[-1].before.append(rest)
            elif kind == "-":
                mutants[-1].old = rest
            elif kind == "+":
                mutants[-1].new = rest
            elif kind == "~":
                mutants[-1].no_bug = rest
            else:
                raise Stale(f"{where}: no line begins with {kind!r}")
    names = set()
    for number, mutant in enumerate(mutants, 1):
        mutant.check()
        mutant.number = number
        if mutant.name in names:
            raise Stale(f"{mutant.where}: a second mutant of the name {mutant.name}")
        names.add(mutant.name)
    of_files = {mutant.file for mutant in mutants if mutant.no_bug is None}
    for folder in CORE:
        for source in sorted((ROOT / folder).glob("*.cc")):
            path = f"{folder}/{source.name}"
            if path not in of_files:
                raise Stale(f"{path}: it has no mutant")
    return mutants


OPENERS, CLOSERS = "([{", ")]}"


def closes_more(text):
    """A parenthesis in it closes one that is before it."""
    depth = 0
    for c in text:
        depth += (c in OPENERS) - (c in CLOSERS)
        if depth < 0:
            return True
    return False


def balanced(text):
    return not closes_more(text) and sum((c in OPENERS) - (c in CLOSERS) for c in text) == 0


def is_boundary(text, at):
    """A comma, semicolon or `=` that ends an expression, or a `?` or `:` whose other half is in another line."""
    c = text[at]
    if c in ",;":
        return True
    if c == "?":
        return " : " not in text[at:]
    if c == ":":
        return text[at - 1 : at] != ":" and text[at + 1 : at + 2] != ":" and " ? " not in text[:at]
    return c == "=" and text[at + 1 : at + 2] != "=" and text[at - 1 : at] not in ("=", "<", ">", "!")


def has_comma(text):
    """One that is in no parentheses: what it separates is no single expression."""
    depth = 0
    for c in text:
        depth += (c in OPENERS) - (c in CLOSERS)
        if c == "," and depth == 0:
            return True
    return False


def expression_around(text, begin, end):
    """The smallest whole expression that holds text[begin:end]."""
    while not balanced(text[begin:end]):
        if closes_more(text[begin:end]) and begin > 0:
            begin -= 1
        else:
            end += 1
    depth = 0
    left = begin
    while left > 0:
        c = text[left - 1]
        if c in CLOSERS:
            depth += 1
        elif c in OPENERS:
            if depth == 0:
                break
            depth -= 1
        elif depth == 0 and (is_boundary(text, left - 1) or text[:left].endswith("return ")):
            break
        left -= 1
    depth = 0
    right = end
    while right < len(text):
        c = text[right]
        if c in OPENERS:
            depth += 1
        elif c in CLOSERS:
            if depth == 0:
                break
            depth -= 1
        elif depth == 0 and is_boundary(text, right):
            break
        right += 1
    return left, right


DECLARES = re.compile(r"(const|constexpr|static|auto|using)\b|"
                      r"(std::[\w:]+(<.*>)?|[A-Z]\w*(::\w+)*(<.*>)?)[&*]? +[*&]?\w+( = |;|\{|\()")


CONTINUED = re.compile(r"[^;{}):\]]$")


def without_comment(line):
    return re.sub(r" *// .*$", "", line)


def is_statement(line, before):
    """It is one, whole, and declares nothing that comes later."""
    before = without_comment(before).strip()
    continues = CONTINUED.search(before) is not None and before not in ("else", "do")
    return (line.endswith(";") and balanced(line) and not DECLARES.match(line) and not continues
            and re.match(r"[\w+*(-]", line) is not None)


def expression_of(mutant):
    """Begin and end of the smallest expression that holds all in which the lines differ, counted from either end."""
    old, new = without_comment(mutant.old), without_comment(mutant.new)
    begin = 0
    while begin < min(len(old), len(new)) and old[begin] == new[begin]:
        begin += 1
    same = 0
    while same < min(len(old), len(new)) - begin and old[-1 - same] == new[-1 - same]:
        same += 1
    # Whole words, so that `a` and `ab` differ in more than `b`.
    while begin > 0 and re.match(r"[\w.:<>=!&|+*/-]", old[begin - 1]):
        begin -= 1
    while same > 0 and re.match(r"[\w.:<>=!&|+*/-]", old[-same]):
        same -= 1
    left, right = expression_around(old, begin, len(old) - same)
    left_new, right_new = expression_around(new, begin, len(new) - same)
    return min(left, left_new), min(len(old) - right, len(new) - right_new)


def switched(mutants, before):
    """The line of all of them: the old one, and a mutant's where it is switched on."""
    old = without_comment(mutants[0].old)
    begins = re.match(r"(if|for|while|else|case|do)\b", old)
    whole = is_statement(old, before)
    other_head = any(mutant.new.split("(")[0] != old.split("(")[0] for mutant in mutants)
    if whole and (not begins or other_head):
        cases = "".join(f"if (::bachsim_mutants::is({mutant.number})) {{ {mutant.new} }} else " for mutant in mutants)
        return f"{cases}{{ {old} }}"
    ends = [expression_of(mutant) for mutant in mutants]
    left, tail = min(end[0] for end in ends), min(end[1] for end in ends)
    if tail == 0 and (operator := re.search(r" *(&&|\|\||[-+*/&|])$", old)):
        tail = len(operator.group())  # the expression goes on in the next line

    def part(line):
        text = without_comment(line)[left:]
        text = text[: len(text) - tail]
        if not text.strip() or not balanced(text) or (line == old and has_comma(text)):
            raise Stale(f"{mutants[0].where}: {mutants[0].name}: there is no expression in which the lines differ")
        return text

    cases = "".join(f"::bachsim_mutants::is({mutant.number}) ? ({part(mutant.new)}) : " for mutant in mutants)
    return f"{old[:left]} ({cases}({part(old)})){old[len(old) - tail:]}"


def find_line(mutant, lines):
    wanted = [*mutant.before, mutant.old]
    stripped = [line.strip() for line in lines]
    found = [
        at + len(wanted) - 1
        for at in range(len(stripped) - len(wanted) + 1)
        if stripped[at : at + len(wanted)] == wanted
    ]
    if len(found) != 1:
        raise Stale(f"{mutant.where}: {mutant.name}: {mutant.file} has the line {len(found)} times: {mutant.old}")
    return found[0]


def mutated_files(mutants):
    texts = {}
    stale = []
    for path in sorted({mutant.file for mutant in mutants}):
        source = ROOT / path
        if not source.exists():
            stale.append(f"there is no {path}")
            continue
        original = source.read_text().splitlines()
        lines = list(original)
        of_lines = {}
        for mutant in mutants:
            if mutant.file == path:
                try:
                    of_lines.setdefault(find_line(mutant, original), []).append(mutant)
                except Stale as lost:
                    stale.append(str(lost))
        for at, here in of_lines.items():
            lines[at] = switched(here, original[at - 1] if at > 0 else "")
        texts[path] = '#include "mutant_switch.h"\n#line 1\n' + "\n".join(lines) + "\n"
    if stale:
        raise Stale("\n  ".join(["these do not fit the tree:", *stale]))
    texts["mutant_switch.h"] = SWITCH
    return texts


def write_tree(texts):
    """A copy of the tree. What has not changed keeps its time, so that it is not compiled again."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, check=True).stdout.decode().split("\0")
    wanted = {path for path in listed if path and (ROOT / path).is_file()} | set(texts)
    for path in sorted(wanted):
        target = SCRATCH / path
        content = texts[path].encode() if path in texts else (ROOT / path).read_bytes()
        if target.exists() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        if path not in texts:
            shutil.copymode(ROOT / path, target)
    for here, folders, files in os.walk(SCRATCH):
        folders[:] = [folder for folder in folders if Path(here) != SCRATCH or folder != "build"]
        for file in files:
            if str((Path(here) / file).relative_to(SCRATCH)) not in wanted:
                (Path(here) / file).unlink()


def build():
    options = ["-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_CXX_FLAGS_RELEASE=-O1", "-DCMAKE_CXX_FLAGS=-w", "-DCMAKE_UNITY_BUILD=ON",
               "-DCMAKE_UNITY_BUILD_BATCH_SIZE=10"]
    if shutil.which("ccache"):
        options += ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache", "-DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON"]
    for command in (["cmake", "-S", str(SCRATCH), "-B", str(BUILD), "-G", "Ninja", *options],
                    ["ninja", "-C", str(BUILD)]):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            sys.exit("\n".join(done.stdout.splitlines()[-60:]) + "\nthe mutants do not compile")


# Cases that take seconds, and come behind the others.
SLOWER = ["over random strings*", "ten thousand machines*", "machines on several*", "Presets among*", "more runs of pages*",
          "the timeline of every*", "from the lines*"]


def stages():
    """Tests in an order that catches most of them soon."""
    def program(name, *cases):
        return [str(BUILD / "tests" / f"{name}_tests"), *cases, "-a"]

    sooner = "~[slow]~[long]" + "".join(f'~"{case}"' for case in SLOWER)
    golden = [str(BUILD / "bachsim"), "test", "--timeout", "20", str(SCRATCH / "tests/golden")]
    # Those who install it compile its headers without the switch, which is in no layer. Memory and long runs are measured
    # without others at work.
    left_out = "^(unit|report|model|parser|sheet|golden: behaviours|installed|memory of sweeps|layers|endurance)"
    others = ["ctest", "--test-dir", str(BUILD), "-LE", "^(slow|long)$", "-E", left_out, "--stop-on-failure"]
    return [("unit", program("unit", sooner)), ("report", program("report", sooner)), ("golden", golden),
            *((name, program(name, "~[slow]~[long]")) for name in ("unit", "model", "parser", "sheet")),
            ("others", others)]


def group_bytes(group):
    """Memory of the processes of a group."""
    total = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[2]) == group:
            total += int(fields[21]) * resource.getpagesize()
    return total


def fails(command, number, limit):
    """Why the tests fail with this mutant; None if they pass."""
    environment = {**os.environ, "BACHSIM_MUTANT": str(number)}
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, cwd=SCRATCH, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.DEVNULL, start_new_session=True,
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
        began = time.monotonic()
        why = None
        while why is None:
            try:
                return None if process.wait(timeout=0.2) == 0 else ""
            except subprocess.TimeoutExpired:
                if time.monotonic() - began > limit:
                    why = ", which do not end"
                elif group_bytes(process.pid) > MOST_BYTES:
                    why = ", which take all memory"
                elif b"\nFAIL" in os.pread(output.fileno(), MOST_OUTPUT, 0):
                    why = ""  # the first failure will do
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return why


def run_one(mutant, limits):
    began = time.monotonic()
    for (name, command), limit in zip(stages(), limits):
        why = fails(command, mutant.number, limit)
        if why is not None:
            return f"{name}{why}", time.monotonic() - began
    return None, time.monotonic() - began


def main():
    arguments = argparse.ArgumentParser(prog="./test --mutants")
    arguments.add_argument("--jobs", "-j", type=int, default=os.cpu_count(), help="mutants at a time")
    arguments.add_argument("-R", default="", metavar="EXPRESSION", help="those whose name or file matches")
    arguments.add_argument("--list", action="store_true", help="say which there are")
    chosen_by = arguments.parse_args()
    try:
        mutants = read_tables()
        texts = mutated_files(mutants)
    except Stale as stale:
        sys.exit(f"mutants: {stale}")
    chosen = [mutant for mutant in mutants if re.search(chosen_by.R, f"{mutant.name} {mutant.file}")]
    if not chosen:
        sys.exit(f"mutants: none matches {chosen_by.R}")
    names = 1 + max(len(mutant.name) for mutant in chosen)
    files = 1 + max(len(mutant.file) for mutant in chosen)
    if chosen_by.list:
        for mutant in chosen:
            print(f"{mutant.name:{names}}{mutant.file:{files}}{mutant.what}")
        return 0
    print(f"== building {len(mutants)} mutants", flush=True)
    write_tree(texts)
    build()
    limits = []
    for name, command in stages():
        began = time.monotonic()
        if fails(command, 0, float("inf")) is not None:
            sys.exit(f"mutants: without one, these tests fail: {name}: {' '.join(command)}")
        limits.append(max(LEAST_LIMIT, 5 * (time.monotonic() - began)))
    wrong = 0
    caught = 0
    printing = threading.Lock()

    def go(mutant):
        nonlocal wrong, caught
        by, seconds = run_one(mutant, limits)
        with printing:
            caught += by is not None
            is_wrong = (by is None) == (mutant.no_bug is None)
            wrong += is_wrong
            says = f"caught by {by}" if by is not None else "not caught" if mutant.no_bug is None else "no bug"
            if by is not None and mutant.no_bug is not None:
                says += ", but the table says that it is no bug"
            print(f"{mutant.name:{names}}{mutant.file:{files}}{says} ({seconds:.0f} s)", flush=True)

    with concurrent.futures.ThreadPoolExecutor(chosen_by.jobs) as pool:
        list(pool.map(go, chosen))
    print(f"{len(chosen)} mutants: {caught} caught, {len(chosen) - caught - wrong} no bugs, {wrong} not as they should be")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
