#!/bin/sh
# The demo case, weighed: claims and figures are those reasoned out by hand
# (casefiles/demo/expected/README.md), and every claim computes again.
set -eu
src=${EV_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${EV_BUILD:-$src/build/dev}
command -v python3 >/dev/null || exit 77
test -x "$build/bin/ev-attrib" || exit 77
PATH=$build/bin:$PATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
case=$tmp/demo.evcase

ev-case init "$case" --number DEMO-1 --title "Front of Example" \
	--actor "Demo Examiner" --role examiner --office "Demo Lab" \
	--self-signed 2>/dev/null
ev-ingest "$case" "$src/casefiles/demo/captured" >/dev/null 2>&1 || test $? -eq 3
ev-org import "$case" "$src/casefiles/demo/register.csv" >/dev/null
sh "$src/casefiles/demo/steps.sh" "$case" >/dev/null
# Items without a port or a certain time are set aside: 3.
ev-attrib run "$case" >"$tmp/run" 2>&1 || test $? -eq 3 || {
	cat "$tmp/run"
	exit 1
}
ev-attrib list "$case" -j >"$tmp/claims"
for country in AF PK IN DE GB IR; do
	ev-attrib headline "$case" --country $country -j
done >"$tmp/headline"
python3 - "$tmp" "$src/casefiles/demo" <<'EOP'
import json
import sys

tmp, demo = sys.argv[1:]
with open(demo + "/register.csv", encoding="utf-8") as f:
    names = {"O%06d" % n: line.split(",")[0]
             for n, line in enumerate(f.read().splitlines()) if n}


def now(name):
    with open("%s/%s" % (tmp, name), encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def want(name):
    with open("%s/expected/%s.tsv" % (demo, name), encoding="utf-8") as f:
        return {tuple(line.rstrip("\n").split("\t")) for line in f} - {
            tuple(HEADS[name].split(" "))}


HEADS = {
    "claims": "asks subjects object low mid high word met",
    "headline": "figure country court possible unknown insufficient of"}
claims = {tuple(str(v) for v in (
    c["asks"], c["subject"], names.get(c["object"], c["object"]) or "-",
    c["low"], c["mid"], c["high"], c["word"], c["met"]))
    for c in now("claims")}
figures = {tuple(str(f[k]) for k in HEADS["headline"].split(" "))
           for f in now("headline")}
bad = 0
for what, got, should in (
        ("claims", claims, want("claims")),
        ("headline", figures,
         {f for f in want("headline") if f[1] != "NL"})):
    for row in sorted(got ^ should):
        print(what, "is" if row in got else "lacks", " | ".join(row))
        bad = 1
print("%d claims, %d figures" % (len(claims), len(figures)))
sys.exit(bad)
EOP
ev-attrib verify "$case" --all >/dev/null
