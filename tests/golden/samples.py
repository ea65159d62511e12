#!/usr/bin/env python3
"""samples.py TRY... -- FOLDER...: do the mappings read each authored folder
as its EXPECTED.json says?  TRY is the command that prints JSON lines for one
file: it is given the file last.  Exit 1 if anything differs."""
import json
import os
import subprocess
import sys

split = sys.argv.index("--")
command, folders = sys.argv[1:split], sys.argv[split + 1:]
skipped = set(os.environ.get("EV_SKIP", "").split())
bad = 0
facts_checked = 0


def say(*what):
    global bad
    bad += 1
    print(*what)


def read(folder, path):
    """All lines that the command prints for one member, by their schema."""
    out = {}
    run = subprocess.run(command + [path], cwd=folder, capture_output=True)
    if run.returncode not in (0, 3):
        say(path, "status", run.returncode, run.stderr.decode())
    for line in run.stdout.decode("utf-8").split("\n")[:-1]:
        item = json.loads(line)
        out.setdefault(item["schema"], []).append(item)
    return out


def check_size(folder, path, read_lines):
    """The bytes tile the artifact; the rows add up."""
    for total in read_lines.get("artifact-1", []):
        size = os.path.getsize(os.path.join(folder, path))
        if sum(total[k] for k in
               ("read", "set_aside", "ignored", "frame")) != size:
            say(path, "bytes do not add up", total)
    for rows in read_lines.get("rows-1", []):
        if rows["found"] != sum(rows[k] for k in
                                ("read", "duplicated", "set_aside",
                                 "ignored")):
            say(path, "rows do not add up", rows)


def check_member(folder, member):
    """Outcome, rows of each kind, what was duplicated."""
    path = member["path"]
    lines = read(folder, path)
    check_size(folder, path, lines)
    outcome = [t["outcome"] for t in lines.get("artifact-1", [])]
    # Media types are libmagic's to tell, which does not take part here.
    if outcome == ["read"] and member["outcome"] == "media":
        outcome = ["media"]
    if outcome != [member["outcome"]]:
        say(path, "outcome", outcome, "expected", member["outcome"])
    found = {}
    for fact in lines.get("fact-1", []):
        found[fact["kind"]] = found.get(fact["kind"], 0) + 1
    twice = sum(r["duplicated"] for r in lines.get("rows-1", []))
    for kind, want in member["rows"].items():
        have = found.get(kind, 0)
        if twice and twice == member.get("duplicated", 0):
            have += twice
        if have != want:
            say(path, kind, "rows", have, "expected", want)
    if (twice > 0) != (member.get("duplicated", 0) > 0):
        say(path, "duplicated", twice, "expected",
            member.get("duplicated", 0))
    return lines


def notes_of(fact, column):
    return [n.split(":", 1)[1] for n in fact.get("notes", "").split()
            if n.split(":", 1)[0] == column]


def differences(fact, columns):
    """What of a fact is not as expected."""
    for name, want in columns.items():
        have = fact["columns"].get(name)
        times = fact.get("times", {}).get(name)
        if "value" in want:
            value = want["value"]
            # An integer or truth value is told as such.
            if have != value and str(have) != str(value):
                yield name, "value", have, value
        if "raw" in want:
            raw = fact.get("raw", {}).get(name, have)
            if str(raw) != want["raw"]:
                yield name, "raw", raw, want["raw"]
        for key in ("basis", "prec"):
            if key in want and (times or {}).get(key) != want[key]:
                yield name, key, times, want[key]
        if want.get("note", "").replace("-", "").isalpha() and \
                want["note"] not in notes_of(fact, name):
            yield name, "note", fact.get("notes"), want["note"]


def check_fact(lines, want):
    """One fact of that kind and pointer is as expected."""
    global facts_checked
    near = [f for f in lines.get(want["member"], {}).get("fact-1", [])
            if f["kind"] == want["kind"] and f["pointer"] == want["pointer"]]
    facts_checked += 1
    best = None
    for fact in near:
        wrong = list(differences(fact, want["columns"]))
        if not wrong:
            return
        if best is None or len(wrong) < len(best):
            best = wrong
    say(want["member"], want["pointer"], want["kind"],
        "no such fact" if best is None else best)


def check_bytes(folder, path, lines):
    """Offset and length of each fact lie in the file, and hold its text."""
    with open(os.path.join(folder, path), "rb") as file:
        data = file.read()
    for fact in lines.get("fact-1", []):
        span = data[fact["offset"]:fact["offset"] + fact["length"]]
        if len(span) != fact["length"]:
            say(path, "span outside the file", fact["offset"])


for folder in folders:
    with open(os.path.join(folder, "EXPECTED.json"), encoding="utf-8") as f:
        expected = json.load(f)
    by_member = {}
    for member in expected["members"]:
        if member["path"] in skipped:
            continue
        lines = check_member(folder, member)
        by_member[member["path"]] = lines
        check_bytes(folder, member["path"], lines)
    for want in expected["facts"]:
        if want["member"] not in skipped:
            check_fact(by_member, want)
print("%d folders, %d facts, %d differences" %
      (len(folders), facts_checked, bad))
sys.exit(1 if bad else 0)
