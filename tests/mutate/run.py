"""Break the code on purpose, and see whether a test notices.

run.py [-n COUNT] [-s SEED] [-j JOBS] [-o REPORT] [FILE...]: COUNT mutants
(0: all), spread evenly over the files, drawn by SEED; each is compiled in a
copy of the sources and tried by the tests that concern its file, as tests.txt
names them.  A mutant is killed when a test fails, crashes or does not end; it
is the same when it compiles to the same code, or when equivalent.txt says why
no test can tell it from the original.  Without FILE: all of seal/ and
out/verify*.  Ends with 1 when fewer than 90 % of the others are killed.
"""
import argparse
import fnmatch
import glob
import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
import mutants  # beside this file

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
GOAL = 90
FLAGS = ("-fsanitize=address,undefined -fno-sanitize-recover=all -g0 -O0 "
         "-fno-omit-frame-pointer")


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
    """One copy of the sources with a build of its own."""

    def __init__(self, top, number):
        self.tree = os.path.join(top, f"tree{number}")
        self.build = os.path.join(self.tree, "build", "mutate")
        self.tmp = os.path.join(top, f"tmp{number}")
        os.makedirs(self.tmp)
        shutil.copytree(ROOT, self.tree, symlinks=True, ignore=lambda at, _:
                        ["build", "out", ".git"] if at == ROOT else [])
        self.env = dict(os.environ, TMPDIR=self.tmp, CMOCKA_TEST_ABORT="1",
                        ASAN_OPTIONS="malloc_context_size=1:"
                                     "quarantine_size_mb=16")
        for name in ("EV_CASE", "EV_DATA", "EV_ACTOR", "EV_NOW"):
            self.env.pop(name, None)
        must(["cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja",
              "-DCMAKE_BUILD_TYPE=None", "-DEV_TEST_HOOKS=ON",
              "-DEV_WERROR=OFF", f"-DCMAKE_C_FLAGS={FLAGS} -w",
              "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=gold"], self.tree, self.env)
        must(["ninja", "-C", self.build, "-j", "2"], self.tree, self.env)
        listed = must(["ctest", "--show-only=json-v1"], self.build, self.env)
        self.tests = {t["name"]: t for t in json.loads(listed)["tests"]}
        self.times = {}
        self.tools = ["ev-parse"] + [
            os.path.basename(p)[:-2]
            for p in glob.glob(os.path.join(self.tree, "tools", "ev-*.c"))]

    def make(self, targets):
        return call(["ninja", "-C", self.build, "-j", "1"] + targets,
                    self.tree, 600, self.env)

    def targets(self, names):
        """The programs that these tests run."""
        wanted = set()
        for name in names:
            if name.startswith("unit."):
                wanted.add(name[5:] + "_test")
                continue
            with open(self.tests[name]["command"][-1]) as f:
                script = f.read()
            if "seal_driver" in script:
                wanted.add("seal_driver")
            if "ev-" in script or "/bin" in script or "demo" in script:
                wanted.update(self.tools)
        return sorted(wanted)

    def try_test(self, name):
        """True when it passes; killed is False."""
        test = self.tests[name]
        props = {p["name"]: p["value"] for p in test["properties"]}
        env = dict(self.env)
        env.update(e.split("=", 1) for e in props.get("ENVIRONMENT", ()))
        began = time.monotonic()
        limit = 10 + 4 * self.times[name] if name in self.times else 600
        status, out = call(test["command"],
                           props.get("WORKING_DIRECTORY", self.build), limit,
                           env)
        for left in glob.glob(os.path.join(self.tmp, "*")):
            call(["chmod", "-R", "u+rwX", left], self.tree)
            shutil.rmtree(left, ignore_errors=True)
        if name not in self.times:
            self.times[name] = time.monotonic() - began
            if status != 0:
                print(f"# left out: {name} "
                      f"{'is skipped' if status == 77 else 'fails'} without "
                      f"a mutant", flush=True)
                del self.tests[name]
        return status in (0, 77)


def must(command, cwd, env):
    status, out = call(command, cwd, None, env)
    if status != 0:
        raise SystemExit(f"{' '.join(command)}:\n{out}")
    return out


class Run:
    def __init__(self, args):
        self.args = args
        self.lock = threading.Lock()
        self.kills = {}
        self.known = {w[0]: w for w in rows("equivalent.txt")}
        self.count = {"killed": 0, "survived": 0, "same": 0, "invalid": 0}
        self.per_file = {}
        self.report = open(args.o, "w", buffering=1) if args.o else sys.stdout

    def pick(self, place):
        """The mutants to try: the same share of each file, drawn by seed."""
        commands = mutants.arguments(place.build)
        paths = self.args.file or sorted(
            os.path.relpath(p, ROOT) for pattern in
            ("libevidence/seal/*.c", "libevidence/out/verify*.c")
            for p in glob.glob(os.path.join(ROOT, pattern)))
        share = -(-self.args.n // len(paths))
        chosen = []
        for path in paths:
            found = mutants.mutants(commands, os.path.join(place.tree, path),
                                    path)
            draw = random.Random(f"{self.args.s} {path}")
            chosen += found if self.args.n == 0 else draw.sample(
                found, min(share, len(found)))
        random.Random(self.args.s).shuffle(chosen)
        return chosen

    def order(self, place, path):
        """What killed most mutants of this file for its time comes first."""
        def worth(name):
            return ((1 + self.kills.get((path, name), 0)) /
                    (0.2 + place.times.get(name, 5)))
        names = [n for n in tests_of(path) if n in place.tests]
        return sorted(names, key=worth, reverse=True)

    def same_code(self, place, path, original):
        """Compiled with -O2: the same machine code?"""
        with open(os.path.join(place.build, "compile_commands.json")) as f:
            command = next(shlex.split(c["command"]) for c in json.load(f)
                           if c["file"].endswith(path))
        words = [w for w in command if w.startswith(("-I", "-D", "-std"))]
        code = []
        for text in (None, original):
            source = os.path.join(place.tree, path)
            if text is not None:
                with open(source, "wb") as f:
                    f.write(text)
            out = os.path.join(place.tmp, "same.s")
            status, _ = call(["gcc", "-O2", "-g0", "-S", "-w", "-o", out] +
                             words + [source], place.build)
            if status != 0:
                return False
            with open(out, "rb") as f:
                code.append(f.read())
        return code[0] == code[1]

    def judge(self, place, m):
        source = os.path.join(place.tree, m.file)
        with open(source, "rb") as f:
            original = f.read()
        try:
            with open(source, "wb") as f:
                f.write(original[:m.start] + m.text.encode() +
                        original[m.end:])
            names = self.order(place, m.file)
            units = [n for n in names if n.startswith("unit.")]
            rest = [n for n in names if n not in units]
            for group in (units, rest):
                if not group:
                    continue
                status, out = place.make(place.targets(group))
                if status != 0:
                    return "invalid", out.strip().splitlines()[-1:]
                for name in group:
                    if not place.try_test(name):
                        with self.lock:
                            key = (m.file, name)
                            self.kills[key] = self.kills.get(key, 0) + 1
                        return "killed", name
            if self.same_code(place, m.file, original):
                return "same", "compiles to the same code"
            return "survived", ""
        finally:
            with open(source, "wb") as f:
                f.write(original)

    def work(self, place, queue):
        while True:
            with self.lock:
                if not queue:
                    return
                m = queue.pop()
            known = self.known.get(m.key())
            if known:
                verdict, why = "same", " ".join(known[1:])
            else:
                verdict, why = self.judge(place, m)
            with self.lock:
                self.count[verdict] += 1
                tally = self.per_file.setdefault(m.file, dict.fromkeys(
                    self.count, 0))
                tally[verdict] += 1
                print(f"{verdict}\t{m.key()}\t{m.show()}\t{why}",
                      file=self.report)

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
    parser.add_argument("-o", metavar="REPORT")
    parser.add_argument("file", nargs="*")
    args = parser.parse_args()
    os.nice(19)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    top = tempfile.mkdtemp(prefix="mutate.")
    try:
        places = [Place(top, n) for n in range(args.j)]
        run = Run(args)
        queue = run.pick(places[0])
        needed = sorted({t for m in queue for t in tests_of(m.file)
                         if t in places[0].tests})
        print(f"# {len(queue)} mutants, {len(needed)} tests", flush=True)
        for name in needed:
            places[0].try_test(name)
            for place in places[1:]:
                place.times[name] = places[0].times[name]
                if name not in places[0].tests:
                    place.tests.pop(name, None)
        print("#", ", ".join(f"{n} {places[0].times[n]:.0f} s" for n in needed
                             if n in places[0].tests), flush=True)
        workers = [threading.Thread(target=run.work, args=(p, queue),
                                    daemon=True) for p in places]
        for w in workers:
            w.start()
        for w in workers:
            w.join()
        return run.summary()
    finally:
        call(["chmod", "-R", "u+rwX", top], "/")
        shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
