#!/bin/sh
# The demo case, ingested: facts and outcomes are those counted without any
# program of ours; every fact is derived again from its bytes.
set -eu
src=${EV_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${EV_BUILD:-$src/build/dev}
command -v python3 >/dev/null || exit 77
test -x "$build/bin/ev-ingest" || exit 77
PATH=$build/bin:$PATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
case=$tmp/demo.evcase

ev-case init "$case" --number DEMO-1 --title "Front of Example" \
	--actor "Demo Examiner" --role examiner --office "Demo Lab" \
	--self-signed 2>/dev/null
rc=0
ev-ingest "$case" "$src/casefiles/demo/captured" >"$tmp/account" 2>&1 || rc=$?
if [ $rc -ne 3 ]; then
	cat "$tmp/account"
	echo "ev-ingest ends with $rc, not 3"
	exit 1
fi
# Planted: what must be said of it.
for line in \
    'ip-audit.js (x.ip_audit): 9 declared, 8 found' \
    'unmapped  notes/' 'unmapped  x/second delivery.zip!/read me first.txt' \
    'required  tables/sign-ins' \
    'truncated  telegram/group cut off/result.json bytes 644+189' \
    'pgp-signature: 27'; do
	grep -qF "$line" "$tmp/account" || {
		cat "$tmp/account"
		echo "the account does not say: $line"
		exit 1
	}
done
ev-list "$case" facts -j >"$tmp/facts"
ev-list "$case" artifacts -j >"$tmp/artifacts"
python3 - "$tmp" "$src/casefiles/demo/expected" <<'EOP'
import collections
import json
import sys

tmp, expected = sys.argv[1:]
with open(tmp + "/artifacts", encoding="utf-8") as f:
    artifacts = {a["artifact"]: a for a in map(json.loads, f)}


def want(name):
    with open("%s/%s.tsv" % (expected, name), encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f][1:]


counts = collections.Counter()
with open(tmp + "/facts", encoding="utf-8") as f:
    for fact in map(json.loads, f):
        counts[artifacts[fact["artifact"]]["member"], fact["kind"]] += 1
wanted = {(m, k): int(n) for m, k, n in want("facts") if m != "*"}
outcomes = {a["member"]: a["outcome"] for a in artifacts.values()}
ends = {row[0]: row[1] for row in want("artifacts")}
bad = 0
for what, got, should in (("facts", dict(counts), wanted),
                          ("outcome", outcomes, ends)):
    for key in sorted(set(got) | set(should)):
        if got.get(key) != should.get(key):
            print(what, key, "is", got.get(key), "not", should.get(key))
            bad = 1
sys.exit(bad)
EOP
# xargs ends with 123 if any of them differs.
ev-list "$case" facts -j | sed -n 's/.*"fact":"\(F[0-9]*\)".*/\1/p' |
xargs -n 1 -P 2 sh -c 'ev-show "$0" "$1" >/dev/null || {
	echo "$1 is not derived again"
	exit 1
}' "$case"
ev-case check "$case" >/dev/null
echo "$(wc -l <"$tmp/facts") facts, each derived again from its bytes"
