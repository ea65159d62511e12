#!/bin/sh
# What ev-custody prove writes is checked by code that shares nothing with it
# (Python's hashlib; openssl for the head), and any change of it is found.
set -eu
[ -x "$EV_BUILD/bin/ev-custody" ] || exit 77
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
command -v sqlite3 >/dev/null || { echo "no sqlite3"; exit 77; }
PATH=$(cd "$EV_BUILD/bin" && pwd):$PATH
src=$(cd "${EV_SRC:?}" && pwd)
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
unset EV_CASE EV_ACTOR EV_NOW
export EV_DATA="$src/casefiles"
ev-case init a.evcase --number P-1 --title Proof --actor 'A. Example' \
    --id a --role examiner --office Lab --self-signed 2>/dev/null
ev-ingest -q a.evcase "$src/casefiles/demo/captured" || [ $? -eq 3 ]
ev-custody note a.evcase E000001 --text 'seal intact' >/dev/null
sqlite3 a.evcase/case.db 'SELECT log_pub FROM case_info' >key.pem

cat >check.py <<'P'
import base64, hashlib, json, sys
def sha(b): return hashlib.sha256(b).digest()
def root(leaf, index, size, path):           # RFC 9162, 2.1.3.2
    fn, sn, r = index, size - 1, leaf
    for p in path:
        assert sn != 0
        if fn % 2 or fn == sn:
            r = sha(b"\1" + p + r)
            while fn % 2 == 0 and fn != 0:
                fn >>= 1; sn >>= 1
        else:
            r = sha(b"\1" + r + p)
        fn >>= 1; sn >>= 1
    assert sn == 0
    return r
text = open(sys.argv[1], encoding="utf-8").read()
head, note = text.split("\n\n", 1)
lines = head.split("\n")
assert lines[0] == "c2sp.org/tlog-proof@v1"
extra = json.loads(base64.b64decode(lines[1].split(" ")[1], validate=True))
index = int(lines[2].split(" ")[1])
path = [base64.b64decode(l, validate=True) for l in lines[3:]]
origin, size, top = note.split("\n")[:3]
entry = extra["entry"].encode()
assert root(sha(b"\0" + entry), index, int(size), path) == base64.b64decode(top)
assert json.loads(entry)["seq"] == index + 1
if "line" in extra:
    l = [l for l in json.loads(entry)["after"]["lists"] if l["list"] == extra["list"]]
    leaf = sha(b"\0" + bytes.fromhex(extra["salt"]) + extra["line"].encode())
    path = [bytes.fromhex(p) for p in extra["path"]]
    assert root(leaf, extra["number"] - 1, l[0]["count"], path).hex() == l[0]["root"]
    assert '"' + sys.argv[2] + '"' in extra["line"]
sys.stdout.write(note)
P
fact=$(sqlite3 a.evcase/case.db "SELECT printf('F%06d', max(id)) FROM fact_now")
last=$(sqlite3 a.evcase/case.db "SELECT printf('A%06d', max(id)) FROM artifact")
for id in 1 2 5 E000001 E000003 A000001 "$last" F000001 F000007 "$fact"; do
	ev-custody prove a.evcase "$id" -o "$id.tlog-proof"
	python3 check.py "$id.tlog-proof" "$id" >note
	sed '/^$/,$d' note >text
	sed '1,/^$/d' note | cut -d' ' -f3 | base64 -d | tail -c 64 >sig
	openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text \
	    -sigfile sig >/dev/null
	ev-custody verify a.evcase --proof "$id.tlog-proof" >out
	! grep -q FAILED out
	ev-custody verify --log-key key.pem --proof "$id.tlog-proof" | cmp out -
done
grep -q "\"fact\":\"$fact\"" out

# One other byte anywhere, and it does not hold, or it is no proof.
cat >flip.py <<'P'
import subprocess, sys
whole = open(sys.argv[1], "rb").read()
lines = whole.split(b"\n")
# every byte of the short lines, every 31st of the long one
spots, at = [], 0
for line in lines:
    step = 31 if len(line) > 200 else 1
    spots += range(at, at + len(line), step)
    at += len(line) + 1
bad = 0
for n, spot in enumerate(spots[::3]):
    b = bytearray(whole)
    b[spot] ^= 1
    open("flipped", "wb").write(b)
    rc = subprocess.run(["ev-custody", "verify", "--log-key", "key.pem", "-q",
                         "--proof", "flipped"], capture_output=True).returncode
    if rc not in (1, 2):
        print("byte", spot, "of", sys.argv[1], "gave", rc)
        bad = 1
print(len(spots[::3]), "flips")
sys.exit(bad)
P
python3 flip.py F000007.tlog-proof

refused() { # STATUS TEXT COMMAND...
	want=$1 text=$2
	shift 2
	got=0
	"$@" >said 2>&1 || got=$?
	[ "$got" -eq "$want" ] && grep -qF -- "$text" said && return
	echo "expected $want, '$text': $*"
	cat said
	exit 1
}
# The line of one under the path of another; a proof by another log.
python3 - <<'P'
import base64, json
def load(n):
    t = open(n).read().split("\n")
    return t, json.loads(base64.b64decode(t[1].split(" ")[1]))
a, x = load("F000001.tlog-proof")
b, y = load("F000007.tlog-proof")
x["line"], x["salt"] = y["line"], y["salt"]
a[1] = "extra " + base64.b64encode(json.dumps(x).encode()).decode()
open("swapped", "w").write("\n".join(a))
P
refused 1 'the line: leaf' ev-custody verify a.evcase --proof swapped
ev-case init b.evcase --number P-2 --title Other --actor 'B. Example' \
    --id b --role examiner --office Lab --self-signed 2>/dev/null
refused 1 'not signed by this key' ev-custody verify b.evcase \
    --proof F000001.tlog-proof
refused 2 'there is no' ev-custody prove a.evcase F999999
refused 2 'is in no list' ev-custody prove a.evcase S000001
refused 2 'no entry 999' ev-custody prove a.evcase 999
refused 2 'line 1 of a proof' ev-custody verify a.evcase --proof key.pem
# A row that was changed no longer gives the root that the entry holds.
cp -a a.evcase c.evcase
sqlite3 c.evcase/case.db "DROP TRIGGER artifact_no_update;
    UPDATE artifact SET media = 'text/x-other' WHERE id = 2;
    CREATE TRIGGER artifact_no_update BEFORE UPDATE ON artifact
BEGIN SELECT RAISE(ABORT, 'an artifact is never changed'); END"
refused 1 'artifacts I000001' ev-custody prove c.evcase A000001
art=$(sqlite3 a.evcase/case.db "SELECT printf('A%06d', artifact) FROM fact WHERE id = 7")
ev-custody quarantine a.evcase "$art" --reason PRIVILEGE >/dev/null
refused 2 'is in quarantine' ev-custody prove a.evcase F000007
