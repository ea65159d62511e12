#!/usr/bin/env python3
"""tiling.py check DATABASE: every byte of every artifact that was read lies in
one of: rows read, rows set aside, what was ignored, frame; by the spans that
the case keeps, counted here.  Of JSON the frame holds no value.
tiling.py cut DATABASE STRIDE OUT FOLDER...: each file below the folders that
was read, as it stands before every STRIDEth byte, into OUT/LENGTH/FOLDER/...
Exit 1 if anything differs."""
import os
import re
import sqlite3
import sys

READ = ("read", "read-with-loss", "empty")
# What may stand between the values of a text: keys, brackets, assignments.
KEY = re.compile(rb"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[\w$]+)\s*:""")
PREFIX = re.compile(rb"^(\xef\xbb\xbf)?(\s*window\.[^=]*=)?")
JSON = (".js", ".json", ".jsonl")
LARGE = 200  # cuts of one file; more only with EV_TILING=all
bad = 0


def say(*what):
    global bad
    bad += 1
    print(*what)


def union(spans):
    """The same bytes as ascending spans that do not touch."""
    out = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if out and start <= out[-1][1]:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([start, end])
    return out


def minus(spans, less):
    """Spans without the bytes of less; both as union() makes them."""
    out, i = [], 0
    for start, end in spans:
        while i < len(less) and less[i][1] <= start:
            i += 1
        k = i
        while k < len(less) and less[k][0] < end:
            if less[k][0] > start:
                out.append([start, less[k][0]])
            start = max(start, less[k][1])
            k += 1
        if start < end:
            out.append([start, end])
    return out


def total(spans):
    return sum(end - start for start, end in spans)


def by_reading(db, sql):
    out = {}
    for reading, mapping, start, length in db.execute(sql):
        out.setdefault(reading, []).append((mapping, start, start + length))
    return out


def apart(db, reading, mapping, name, rows):
    """The rows less those of mail within mail, which lie within another's."""
    inner = [[s, e] for s, e in db.execute(
        "SELECT offset, offset + length FROM fact WHERE reading = ? AND"
        " mapping = ? AND pointer LIKE '%/part:%'", (reading, mapping))]
    outer = [r for r in rows if r not in inner]
    for start, end in inner:
        if not any(s <= start and end <= e for s, e in rows
                   if [s, e] != [start, end]):
            around = db.execute(
                "SELECT 1 FROM fact WHERE reading = ? AND offset <= ? AND"
                " offset + length >= ? AND pointer NOT LIKE '%/part:%'",
                (reading, start, end)).fetchone()
            if around is None:
                say(name, "mail within no mail at", start)
    return outer


def check_rows(db, name, reading, facts, twice):
    """Counts of rows are those of the rows kept; no two of a mapping lap."""
    for mapping, found, read, dup, aside, ignored in db.execute(
            "SELECT mapping, found, read, duplicated, set_aside, ignored"
            " FROM reading_rows WHERE reading = ?", (reading,)):
        mine = [[s, e] for m, s, e in facts if m == mapping]
        again = [[s, e] for m, s, e in twice if m == mapping]
        if found != read + dup + aside + ignored:
            say(name, "rows do not add up")
        if len(mine) != read or len(again) != dup:
            say(name, "rows: read", read, "kept", len(mine), "duplicated",
                dup, "kept", len(again))
        outer = apart(db, reading, mapping, name, mine + again)
        if total(union(outer)) != total(outer):
            say(name, "rows of one mapping overlap")


def check_frame(name, frame, data):
    """Between values there are only keys and marks."""
    for start, end in frame:
        text = data[start:end]
        if start == 0:
            text = PREFIX.sub(b"", text)
        if end == len(data) and text.rstrip().endswith(b"\""):
            text += b":"  # cut behind a key
        rest = KEY.sub(b"", text).translate(None, b" \t\r\n[]{},:;")
        if rest:
            say(name, "frame at", start, "holds", rest[:60])
            return


def check(path):
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    facts = by_reading(
        db, "SELECT reading, mapping, offset, length FROM fact")
    twice = by_reading(
        db, "SELECT reading, mapping, offset, length FROM duplicate")
    aside = by_reading(
        db, "SELECT reading, mapping, offset, length FROM set_aside")
    ignored = by_reading(
        db, "SELECT reading, 0, offset, length FROM ignored")
    where = {}
    for acquisition, source in db.execute(
            "SELECT id, source FROM acquisition"):
        where[acquisition] = source
    files = size_of_all = framed = 0
    for (reading, outcome, b_read, b_aside, b_ignored, b_frame, size,
         ordinal, exhibit, acquisition) in db.execute(
            "SELECT r.id, r.outcome, b_read, b_set_aside, b_ignored, b_frame,"
            " a.size, a.ordinal, e.name, e.acquisition FROM reading r"
            " JOIN artifact a ON a.id = r.artifact JOIN exhibit e"
            " ON e.id = a.exhibit WHERE r.entry IS NOT NULL"):
        name = "%s (%d, reading %d)" % (os.fsdecode(exhibit), ordinal,
                                        reading)
        told = [(s, e) for _, s, e in ignored.get(reading, [])]
        # A picture is read where a mapping asks for the file itself.
        if outcome not in READ and (outcome != "media" or
                                    reading not in facts):
            if told or facts.get(reading):
                say(name, "is", outcome, "and has spans")
            continue
        read = union((s, e) for _, s, e in
                     facts.get(reading, []) + twice.get(reading, []))
        lost = minus(union((s, e) for _, s, e in aside.get(reading, [])),
                     read)
        covered = union(read + lost)
        left = union(told)
        if len(left) != len(told) or total(left) != total(told):
            say(name, "ignored spans touch or overlap")
        if total(minus(left, covered)) != total(left):
            say(name, "ignored bytes were read or set aside")
        for spans in (read, lost, left):
            if spans and (spans[0][0] < 0 or spans[-1][1] > size):
                say(name, "a span lies outside of", size, "bytes")
        frame = minus([[0, size]] if size else [], union(covered + left))
        counted = [total(read), total(lost), total(left), total(frame)]
        if counted != [b_read, b_aside, b_ignored, b_frame] or \
                sum(counted) != size:
            say(name, "spans give", counted, "the account",
                [b_read, b_aside, b_ignored, b_frame], "of", size)
        check_rows(db, name, reading, facts.get(reading, []),
                   twice.get(reading, []))
        source = os.fsdecode(where[acquisition])
        file = os.path.join(source, os.fsdecode(exhibit))
        if ordinal == 0 and file.endswith(JSON) and os.path.exists(file):
            with open(file, "rb") as f:
                check_frame(name, frame, f.read())
            framed += 1
        files += 1
        size_of_all += size
    print("%d artifacts of %d bytes, each byte in one span; frame of %d read"
          % (files, size_of_all, framed))
    if files == 0 or framed == 0:
        say("nothing was looked at")


def cut(path, stride, out, folders):
    db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
    wanted = set()
    for source, name in db.execute(
            "SELECT q.source, e.name FROM reading r JOIN artifact a ON a.id ="
            " r.artifact JOIN exhibit e ON e.id = a.exhibit JOIN acquisition"
            " q ON q.id = e.acquisition WHERE a.ordinal = 0 AND r.outcome IN"
            " ('read', 'read-with-loss', 'empty')"):
        wanted.add(os.path.join(os.fsdecode(source), os.fsdecode(name)))
    every = os.environ.get("EV_TILING") == "all"
    cuts = 0
    for number, folder in enumerate(folders):
        for where, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                file = os.path.join(where, name)
                if file not in wanted:
                    continue
                with open(file, "rb") as f:
                    data = f.read()
                step = stride
                if not every and len(data) // stride > LARGE:
                    step *= -(-len(data) // stride // LARGE)
                inside = os.path.relpath(file, folder)
                for length in range(step, len(data), step):
                    to = os.path.join(out, str(length), str(number), inside)
                    os.makedirs(os.path.dirname(to), exist_ok=True)
                    with open(to, "wb") as f:
                        f.write(data[:length])
                    cuts += 1
    print("%d cuts" % cuts)
    if cuts == 0:
        say("nothing was cut")


if sys.argv[1] == "check":
    check(sys.argv[2])
else:
    cut(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5:])
sys.exit(1 if bad else 0)
