#!/bin/sh
# Every bit of a small bundle, and of the log and heads of a small case, is
# flipped, one at a time, in memory: each is found and named.  A sample goes
# through ev-verify itself.  (The build with sanitizers takes a sample only.)
set -eu
command -v python3 >/dev/null || { echo "no python3: skipped"; exit 77; }
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
few=
grep -q '^EV_TEST_HOOKS:BOOL=ON' "$EV_BUILD/CMakeCache.txt" && few=4000
sh "$EV_SRC/tests/tamper/lib/bundle.sh" "$EV_BUILD" "$tmp"
PATH=$EV_BUILD/bin:$PATH
cd "$tmp"
echo "of a bundle:"
"$EV_BUILD/tests/flips" bundle small.asice $few
python3 "$EV_SRC/tests/tamper/flip.py" small.asice 400 ev-verify --quick
ev-case init -q log.evcase --number T-1 --title "Log" --actor "A. Example" \
    --role examiner --office "Demo Lab" --self-signed
ev-case authority add log.evcase --type consent --issuer "Office of Example" --ref 1 >/dev/null
# One file, so that a flipped page is read anew.
python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("PRAGMA journal_mode=DELETE").fetchone()[0])' \
    log.evcase/case.db >mode
[ "$(cat mode)" = delete ]
cp -R log.evcase copy.evcase
echo "of a case:"
"$EV_BUILD/tests/flips" case log.evcase copy.evcase $few
