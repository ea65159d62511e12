"""Break the code on purpose, and see whether a test notices.

run.py [-n COUNT] [-s SEED] [-j JOBS] [-t SECONDS] [-x TEST]... [-o REPORT]
[FILE...]: COUNT mutants (0: all), spread over the files by their size, at
least 15 a file, drawn by SEED.  All are woven into one copy of the sources,
which is built once; then one at a time is woken, and tried by those tests that
tests.txt names for its file and that come to its place, the quickest to kill
first.  A TEST, and whatever takes longer than SECONDS, is left out, whatever
it would find; tests that flip every bit flip every thirteenth.  A mutant is
killed when a test fails, crashes or does not end; it is the same when it
compiles to the same code, or when equivalent.txt says why no test can tell it
from the original.  Without FILE: all of seal/ and out/verify*.  Ends with 1
when fewer than 90 % of the others are killed.
"""
import argparse
import fnmatch
import glob
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
import mutants  # beside this file
import weave

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
GOAL = 90
AT_LEAST = 15  # mutants a file
FLAGS = "-g0 -O0 -w "
SANITIZE = ("-fsanitize=address,undefined -fno-sanitize-recover=all "
            "-fno-omit-frame-pointer")
# How the files of a pattern are built, by the first row that fits.  Sanitizers see
# memory lost or overrun in seal/; they would double the time of the scripts
# that try out/.  They leave the cage out (base/sandbox.h), and so does what is
# only told that it has them.  What out/ verifies is made by code that stays as
# it is: it is made once and kept (the last column).
BUILDS = (
    (("libevidence/out/verify_cage.c", "libevidence/out/verify_hash.c"),
     FLAGS, "OFF", True),
    (("libevidence/out/*",), FLAGS + "-DEV_SANITIZED", "ON", True),
    (("*",), FLAGS + SANITIZE, "ON", False),
)


def rows(name):
    """The lines of a file beside this one, less comments."""
    with open(os.path.join(HERE, name)) as f:
        return [w for w in (line.split("#")[0].split() for line in f) if w]


def tests_of(path):
    """The names of the tests for a file, in the order they are tried."""
    names = []
    for pattern, *tests in rows("tests.txt"):
        if fnmatch.fnmatch(path, pattern):
            names += [t for t in tests if t not in names]
    return names


def call(command, cwd, limit=None, env=None):
    """Run in a group of its own; the status, or None when time ran out."""
    p = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         start_new_session=True, env=env)
    try:
        out = p.communicate(timeout=limit)[0]
        return p.returncode, out.decode(errors="replace")
    except subprocess.TimeoutExpired:
        return None, ""
    finally:
        try:
            os.killpg(p.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        p.wait()


class Place:
    """One copy of the programs, in which one mutant at a time is awake."""

    def __init__(self, yard, number):
        self.build = os.path.join(yard.top, f"build{number}")
        self.tmp = os.path.join(yard.top, f"tmp{number}")
        self.keep = os.path.join(yard.top, f"keep{number}")
        os.makedirs(self.tmp)
        os.makedirs(self.keep)
        shutil.copytree(yard.build, self.build, symlinks=True, ignore=lambda
                        at, _: [n for n in os.listdir(at) if n not in (
                            "bin", "libexec", "tests", "share")]
                        if at == yard.build else [])
        self.yard = yard
        self.programs = [p for p in (
            os.path.join(at, n) for at, _, names in os.walk(self.build)
            for n in names) if os.access(p, os.X_OK) and weave.wake(p, -1)]

    def wake(self, number):
        for p in self.programs:
            weave.wake(p, number)

    def here(self, text):
        return text.replace(self.yard.build, self.build)

    def try_test(self, name, limit):
        """The status, None when it does not end, and the time it took."""
        test = self.yard.tests[name]
        props = {p["name"]: p["value"] for p in test["properties"]}
        env = dict(self.yard.env, TMPDIR=self.tmp)
        if self.yard.keeps:
            env["EV_TEST_KEEP"] = self.keep
        env.update(self.here(e).split("=", 1)
                   for e in props.get("ENVIRONMENT", ()))
        began = time.monotonic()
        status, _ = call([self.here(w) for w in test["command"]],
                         self.here(props.get("WORKING_DIRECTORY",
                                             self.build)), limit, env)
        took = time.monotonic() - began
        for left in glob.glob(os.path.join(self.tmp, "*")):
            call(["chmod", "-R", "u+rwX", left], self.tmp)
            shutil.rmtree(left, ignore_errors=True)
        return status, took


class Yard:
    """A copy of the sources, with all mutants in it, and what is built."""

    def __init__(self, top, flags, hooks, keeps):
        self.top, self.flags, self.hooks, self.keeps = top, flags, hooks, keeps
        os.mkdir(top)
        self.tree = os.path.join(top, "tree")
        self.build = os.path.join(self.tree, "build")
        self.reached = os.path.join(top, "reached")
        shutil.copytree(ROOT, self.tree, symlinks=True, ignore=lambda at, _:
                        ["build", "out", ".git"] if at == ROOT else [])
        self.env = dict(os.environ, CMOCKA_TEST_ABORT="1",
                        EV_TEST_STRIDE="13",
                        ASAN_OPTIONS="malloc_context_size=2:"
                                     "quarantine_size_mb=16")
        for name in ("EV_CASE", "EV_DATA", "EV_ACTOR", "EV_NOW"):
            self.env.pop(name, None)
        self.configure()
        self.commands = {os.path.relpath(p, os.path.realpath(self.tree)): w
                         for p, w in mutants.arguments(self.build).items()}

    def configure(self):
        must(["cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja",
              "-DCMAKE_BUILD_TYPE=None",
              f"-DEV_TEST_HOOKS={self.hooks}",
              "-DEV_WERROR=OFF", f"-DCMAKE_C_FLAGS={self.flags}",
              "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=gold"], self.tree, self.env)

    def find(self, path):
        return mutants.mutants(self.commands[path],
                               os.path.join(self.tree, path), path)

    def plant(self, path, numbered):
        """Weave them in; returns the numbers of those that do not compile."""
        at = os.path.join(self.tree, path)
        with open(at, "rb") as f:
            data = f.read()
        bad = set()
        while True:
            text = weave.weave(data, [(n, m) for n, m in numbered
                                      if n not in bad])
            with open(at, "w") as f:
                f.write(text)
            status, out = call(["gcc", "-fsyntax-only", "-w"] +
                               self.commands[path] + [at], self.build)
            if status == 0:
                return bad
            first = re.search(r":(\d+):\d+: error", out)
            blame = first and weave.blamed(text, int(first.group(1)), bad)
            if blame is None:
                raise SystemExit(f"{path}: {out}")
            bad.add(blame)

    def make(self, count):
        """Build all, and see what there is to run."""
        with open(os.path.join(self.tree, "libevidence/base/mutant.c"),
                  "w") as f:
            f.write(weave.source(count, self.reached))
        self.configure()
        must(["ninja", "-C", self.build, "-j", "2"], self.tree, self.env)
        listed = must(["ctest", "--show-only=json-v1"], self.build, self.env)
        self.tests = {t["name"]: t for t in json.loads(listed)["tests"]}

    def same_code(self, path, number):
        """Compiled with -O2: the same machine code as without it?"""
        code = []
        for only in (-1, number):
            out = os.path.join(self.top, "same.s")
            status, _ = call(["gcc", "-O2", "-g0", "-S", "-w", "-o", out,
                              f"-DEV_ONLY=({only})"] + self.commands[path] +
                             [os.path.join(self.tree, path)], self.build)
            if status != 0:
                return False
            with open(out, "rb") as f:
                code.append(f.read())
        return code[0] == code[1]


def must(command, cwd, env):
    status, out = call(command, cwd, None, env)
    if status != 0:
        raise SystemExit(f"{' '.join(command)}:\n{out}")
    return out


class Run:
    def __init__(self, args):
        self.args, self.yard = args, None
        self.lock = threading.Lock()
        self.kills, self.times, self.reaching = {}, {}, {}
        self.known = {w[0]: w for w in rows("equivalent.txt")}
        self.count = {"killed": 0, "survived": 0, "same": 0, "invalid": 0}
        self.per_file = {}
        self.report = open(args.o, "w", buffering=1) if args.o else sys.stdout

    def pick(self, paths, wanted):
        """Pairs of a number and a mutant: of each file its share, by seed."""
        found = {p: self.yard.find(p) for p in paths}
        total = sum(map(len, found.values()))
        chosen = []
        for path in paths:
            draw = random.Random(f"{self.args.s} {path}")
            share = max(AT_LEAST, wanted * len(found[path]) // total)
            some = found[path] if self.args.n == 0 else draw.sample(
                found[path], min(share, len(found[path])))
            numbered = list(enumerate(some, len(chosen)))
            chosen += numbered
            for n in self.yard.plant(path, numbered):
                self.put(chosen[n][1], "invalid", "")
                chosen[n] = (n, None)
        self.yard.make(len(chosen))
        return [(n, m) for n, m in chosen if m]

    def all(self, yard, paths, wanted):
        """Every chosen mutant of these files."""
        self.yard = yard
        self.times, self.reaching = {}, {}
        queue = self.pick(paths, wanted)
        count = 1 + max(n for n, _ in queue)
        places = [Place(yard, n) for n in range(self.args.j)]
        needed = sorted({t for _, m in queue for t in tests_of(m.file)
                         if t in yard.tests and t not in self.args.x})
        print(f"# {len(queue)} mutants, {len(needed)} tests", flush=True)
        for name in needed:
            self.survey(places[0], name, count)
        random.Random(self.args.s).shuffle(queue)
        workers = [threading.Thread(target=self.work, args=(p, queue),
                                    daemon=True) for p in places]
        for w in workers:
            w.start()
        for w in workers:
            w.join()

    def survey(self, place, name, count):
        """Run a test with no mutant awake: which does it come to?"""
        with open(self.yard.reached, "wb") as f:
            f.truncate(count)
        status, took = place.try_test(name, self.args.t + 2)
        with open(self.yard.reached, "rb") as f:
            marks = f.read()
        os.unlink(self.yard.reached)
        if status != 0:
            how = {77: "is skipped", None: "does not end"}.get(status, "fails")
            print(f"# left out: {name} {how} without a mutant", flush=True)
            return
        if took > self.args.t:
            print(f"# left out: {name} takes {took:.0f} s", flush=True)
            return
        self.times[name] = took
        self.reaching[name] = {n for n, mark in enumerate(marks) if mark}
        print(f"# {name}: {took:.1f} s, comes to "
              f"{len(self.reaching[name])}", flush=True)

    def order(self, number, m):
        """What killed most mutants near by for its time comes first."""
        def worth(name):
            kills = self.kills.get((m.file, name), 0) + 4 * self.kills.get(
                (m.file, m.function, name), 0)
            return (0.5 + kills) / (0.1 + self.times[name])
        allowed = tests_of(m.file)
        return sorted((n for n in self.times if number in self.reaching[n] and
                       n in allowed), key=worth, reverse=True)

    def judge(self, place, number, m):
        names = self.order(number, m)
        place.wake(number)
        for name in names:
            status, _ = place.try_test(name, 10 + 4 * self.times[name])
            if status not in (0, 77):
                with self.lock:
                    for key in ((m.file, name), (m.file, m.function, name)):
                        self.kills[key] = self.kills.get(key, 0) + 1
                return "killed", name if status else f"{name} does not end"
        if self.yard.same_code(m.file, number):
            return "same", "compiles to the same code"
        return "survived", "" if names else "no test comes to it"

    def put(self, m, verdict, why):
        self.count[verdict] += 1
        tally = self.per_file.setdefault(m.file, dict.fromkeys(self.count, 0))
        tally[verdict] += 1
        print(f"{verdict}\t{m.key()}\t{m.show()}\t{why}", file=self.report)

    def work(self, place, queue):
        while True:
            with self.lock:
                if not queue:
                    return
                number, m = queue.pop()
            known = self.known.get(m.key())
            if known:
                verdict, why = "same", " ".join(known[1:])
            else:
                verdict, why = self.judge(place, number, m)
            with self.lock:
                self.put(m, verdict, why)

    def summary(self):
        print(f"{'killed':>7} {'lived':>6} {'same':>5} {'bad':>4}  file")
        for path, t in sorted(self.per_file.items()):
            print(f"{t['killed']:7} {t['survived']:6} {t['same']:5} "
                  f"{t['invalid']:4}  {path}")
        killed, lived = self.count["killed"], self.count["survived"]
        rate = 100 * killed / max(1, killed + lived)
        print(f"{killed} of {killed + lived} killed, {rate:.1f} % (goal "
              f"{GOAL} %); {self.count['same']} the same, "
              f"{self.count['invalid']} did not compile")
        return 0 if killed + lived > 0 and rate >= GOAL else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=310, metavar="COUNT")
    parser.add_argument("-s", default="1", metavar="SEED")
    parser.add_argument("-j", type=int, default=1, metavar="JOBS")
    parser.add_argument("-t", type=int, default=120, metavar="SECONDS")
    parser.add_argument("-x", action="append", default=[], metavar="TEST")
    parser.add_argument("-o", metavar="REPORT")
    parser.add_argument("file", nargs="*")
    args = parser.parse_args()
    os.nice(10)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    top = tempfile.mkdtemp(prefix="mutate.")
    try:
        run = Run(args)
        paths = args.file or sorted(
            os.path.relpath(p, ROOT) for pattern in
            ("libevidence/seal/*.c", "libevidence/out/verify*.c")
            for p in glob.glob(os.path.join(ROOT, pattern)))
        left = list(paths)
        for n, (patterns, *how) in enumerate(BUILDS):
            some = [p for p in left
                    if any(fnmatch.fnmatch(p, w) for w in patterns)]
            left = [p for p in left if p not in some]
            if some:
                run.all(Yard(os.path.join(top, f"yard{n}"), *how),
                        some, args.n * len(some) // len(paths))
        return run.summary()
    finally:
        call(["chmod", "-R", "u+rwX", top], "/")
        shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
