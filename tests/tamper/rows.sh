#!/bin/sh
# A matrix over the custody log: every column of every row edited, every row
# removed, doubled and exchanged with the next, and the same for the heads, in
# the database and in their folder.  Each is found, and named by its number.
set -eu
command -v python3 >/dev/null || { echo "no python3: skipped"; exit 77; }
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
sh "$EV_SRC/tests/tamper/lib/bundle.sh" "$EV_BUILD" "$tmp"
cat >"$tmp/rows.py" <<'P'
import os, re, shutil, sqlite3, subprocess, sys

verify, case = sys.argv[1:3]
done = bad = 0

def within(line, number):
    span = re.search(r"from (\d+) to (\d+)", line)
    return span is not None and int(span[1]) <= number <= int(span[2])

def judge(what, number, gone=False):
    """The copy must be refused by a line that gives the number.

    The newest head gone from the database looks as after an interrupted
    command, which is told but is no fault.
    """
    global done, bad
    done += 1
    run = subprocess.run([verify, "verify", "x.evcase"], capture_output=True, text=True)
    said = [l for l in run.stdout.splitlines() if l.startswith("FAILED")]
    if gone:
        said = run.stdout.splitlines()
    named = any(re.search(r"\b0*%d\b" % number, l) or within(l, number) for l in said)
    if run.returncode != (0 if gone else 1) or not named:
        bad += 1
        print("%s: status %d, %s" % (what, run.returncode, "; ".join(said) or run.stdout + run.stderr))

def fresh():
    shutil.rmtree("x.evcase", ignore_errors=True)
    shutil.copytree(case, "x.evcase")

def edit(what, number, *sqls, gone=False):
    fresh()
    db = sqlite3.connect("x.evcase/case.db", isolation_level=None)
    kept = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in kept:
        db.execute("DROP TRIGGER " + name)
    try:
        db.execute("PRAGMA ignore_check_constraints = 1")
        for sql in sqls:
            db.execute(*sql) if isinstance(sql, tuple) else db.execute(sql)
    finally:
        for _, sql in kept:
            db.execute(sql)
        db.close()
    judge(what, number, gone)

def other(value):
    """The least that differs: one more, or one character or bit."""
    if isinstance(value, int):
        return value + 1
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    at = len(value) // 2
    return value[:at] + ("0" if value[at] != "0" else "1") + value[at + 1:]

db = sqlite3.connect("file:%s/case.db?mode=ro" % case, uri=True)
for table, key in ("log", "seq"), ("head", "size"):
    columns = [c[1] for c in db.execute("PRAGMA table_info(%s)" % table)]
    rows = db.execute("SELECT * FROM %s ORDER BY 1" % table).fetchall()
    for n, row in enumerate(rows):
        number, where = row[0], " WHERE %s = %d" % (key, row[0])
        for column, value in zip(columns, row):
            if column == key:
                value, new = number, 1000 + number
            else:
                new = other(value)
            edit("%s %d: %s edited" % (table, number, column), new if column == key else number,
                 ("UPDATE %s SET %s = ?%s" % (table, column, where), (new,)))
        edit("%s %d removed" % (table, number), number, "DELETE FROM %s%s" % (table, where),
             gone=table == "head" and n + 1 == len(rows))
        if n + 1 < len(rows):
            rest = ", ".join(c for c in columns if c != key)
            after = rows[n + 1][0]
            edit("%s %d exchanged with the next" % (table, number), number,
                 "UPDATE %s SET %s = -1%s" % (table, key, where),
                 "UPDATE %s SET %s = %d WHERE %s = %d" % (table, key, number, key, after),
                 "UPDATE %s SET %s = %d WHERE %s = -1" % (table, key, after, key))
            edit("%s %d put in place of the next" % (table, number), number + 1 if table == "log" else after,
                 "DELETE FROM %s WHERE %s = %d" % (table, key, after),
                 "INSERT INTO %s SELECT %d, %s FROM %s%s" % (table, after, rest, table, where))
    last = rows[-1]
    if table == "log":
        edit("log: a row added", last[0] + 1,
             "INSERT INTO log SELECT %d, at, action, actor, leaf FROM log WHERE seq = %d" % (last[0] + 1, last[0]))
folder = case + "/heads"
for name in sorted(os.listdir(folder)):
    path, number = "x.evcase/heads/" + name, int(re.match(r"\d+", name).group())
    raw = open(folder + "/" + name, "rb").read()
    for what, new in ("changed", raw[:len(raw) // 2] + bytes([raw[len(raw) // 2] ^ 1]) + raw[len(raw) // 2 + 1:]), \
            ("cut", raw[:-1]), ("emptied", b""), ("removed", None):
        fresh()
        os.chmod(path, 0o600)
        os.unlink(path)
        if new is not None:
            open(path, "wb").write(new)
        judge("%s %s" % (name, what), number)
print("%d edits, %d not found or not named" % (done, bad))
sys.exit(1 if bad or done < 50 else 0)
P
cd "$tmp"
python3 rows.py "$EV_BUILD/bin/ev-custody" small.evcase
