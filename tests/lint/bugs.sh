#!/bin/sh
# Each fuzz target has a bug in tests/fuzz/bugs, and the line that each bug
# changes stands once in its file: ./run fuzz prove can plant them all.
set -u
command -v python3 >/dev/null || { echo "skipped: needs python3"; exit 77; }
exec python3 - "${EV_SRC:?}" <<'END'
import glob
import os
import sys

top = sys.argv[1]
bad = 0
with open(top + "/tests/fuzz/bugs", encoding="ascii") as f:
    blocks = [b for b in f.read().split("\n\n") if b.startswith("target")]
targets = set()
for block in blocks:
    lines = block.rstrip("\n").split("\n")
    words = dict(line.split(None, 1) for line in lines if line[0] not in "-+")
    targets.add(words["target"])
    old = [line[1:] for line in lines if line[0] == "-"][0]
    with open("%s/%s" % (top, words["file"]), encoding="utf-8") as f:
        if f.read().count("\n" + old + "\n") != 1:
            print("tests/fuzz/bugs: %s: not there once: %s" %
                  (words["file"], old))
            bad = 1
for path in glob.glob(top + "/tests/fuzz/*_fuzzer.c"):
    name = os.path.basename(path)[:-len("_fuzzer.c")]
    if name not in targets:
        print("tests/fuzz/bugs: no bug for the target", name)
        bad = 1
sys.exit(bad)
END
