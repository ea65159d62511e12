#!/bin/sh
# Every bit of a small bundle, and of the log and heads of a small case, is
# flipped, one at a time, in memory: each is found and named.  A sample goes
# through ev-verify itself, and one bit of every byte of the exhibits in the
# vault through ev-case check.  (The build with sanitizers takes samples only.)
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
echo "of exhibits in the vault:"
chmod -R u+w small.evcase/vault
python3 - small.evcase <<'P'
import glob, subprocess, sys
case = sys.argv[1]
done = bad = 0
for name in sorted(glob.glob(case + '/vault/*')):
    whole = open(name, 'rb').read()
    for source in sorted(glob.glob('captured/*')):
        data = open(source, 'rb').read()
        at = whole.find(data)
        for i in range(len(data)) if at >= 0 else ():
            flipped = bytearray(whole)
            flipped[at + i] ^= 1 << i % 8
            open(name, 'wb').write(flipped)
            p = subprocess.run(['ev-case', 'check', case],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            done += 1
            if p.returncode != 1 or b'E00000' not in p.stdout:
                bad += 1
                print(name, at + i, p.returncode, p.stdout)
    open(name, 'wb').write(whole)
print('%d of %d found and named' % (done - bad, done))
sys.exit(bad != 0 or done == 0)
P
