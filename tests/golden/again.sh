#!/bin/sh
# again.sh: a mapping is improved and all is read anew.  The old facts stay,
# number and bytes, and count no longer; the new ones count; the log says with
# which mapping each reading was made; a bundle carries both readings, and
# ev-verify derives both from the bytes.
set -eu
src=${EV_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${EV_BUILD:-$src/build/dev}
if ! [ -x "$build/bin/ev-bundle" ] || ! command -v sqlite3 >/dev/null ||
    ! command -v unzip >/dev/null; then
	echo "skipped: needs ev-bundle, sqlite3 and unzip"
	exit 77
fi
PATH=$build/bin:$PATH
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
cd "$tmp"
fail() { echo "again: $*"; exit 1; }
run() { # STATUS COMMAND...
	want=$1
	shift
	rc=0
	"$@" >out 2>err || rc=$?
	[ $rc -eq "$want" ] || { cat out err; fail "$*: status $rc, not $want"; }
}
facts() { sqlite3 c.evcase/case.db 'SELECT count(*) FROM fact'; }
counts() { ev-list c.evcase facts -j | wc -l; }

mkdir in
cat >in/sign-ins.csv <<'END'
Who,When,From,Agent
u-100,2026-01-05T08:00:00Z,203.0.113.7,Reader 1
u-101,2026-01-05T09:30:00Z,2001:db8::7,Reader 2
u-102,,198.51.100.4,Reader 1
END
# What the first one leaves out: the agent; and it wants a time of each row.
cat >v1.map <<'END'
mapping own.signin
version 1
platform own
match **/sign-ins.csv
probe "Who,When"
reader csv
kind login
const action login
field account Who id required
field t When time:iso required
field ip From ip
END
sed 's/^version 1/version 2/; s/time:iso required/time:iso/
    $a field ua Agent text' v1.map >v2.map

run 0 ev-case init c.evcase --number A-1 --title Again --actor 'A. Example' \
    --role examiner --office 'Demo Lab' --self-signed
run 3 ev-ingest c.evcase in --map v1.map
[ "$(facts) $(counts)" = "2 2" ] || fail "first: $(facts) $(counts)"
ev-list c.evcase set-aside -j >aside
grep -q '"reason":"required"' aside || fail "the row without a time is kept"
ev-list c.evcase ignored -j >ignored
ev-list c.evcase artifacts -j >artifacts

run 0 ev-ingest --again c.evcase --map v2.map
[ "$(facts) $(counts)" = "5 3" ] || fail "second: $(facts) $(counts)"
[ "$(ev-list c.evcase set-aside -j | wc -l)" -eq 0 ] ||
	fail "what was set aside by the old mapping still counts"
ev-list c.evcase artifacts -j | diff artifacts - >differs || :
grep -q '"outcome":"read"' differs || fail "the artifact is not read now"

# Nothing is lost: old facts as they were, each shown from its bytes.
[ "$(sqlite3 c.evcase/case.db "SELECT group_concat(f.id || ':' || m.version,
    ' ') FROM fact f JOIN mapping m ON m.id = f.mapping")" = \
    "1:1 2:1 3:2 4:2 5:2" ] || fail "facts of both readings are not kept"
for fact in F000001 F000002 F000003 F000004 F000005; do
	run 0 ev-show c.evcase $fact
	case $fact in
	F000001 | F000002) wanted=1 ;;
	*) wanted=0 ;;
	esac
	[ "$(grep -c '^superseded: ' out)" -eq $wanted ] ||
		{ cat out; fail "$fact: superseded or not?"; }
done
[ "$(sqlite3 c.evcase/case.db 'SELECT count(*) FROM set_aside')" -eq 1 ] ||
	fail "the old set-aside row is gone"

# The log names both files of mappings.
ev-custody log c.evcase -j >log
for map in v1.map v2.map; do
	sum=$(sha256sum $map | cut -d ' ' -f 1)
	[ "$(grep '"action":"read"' log | grep -c "$sum")" -eq 1 ] ||
		fail "no entry names $map by its SHA-256"
done
run 0 ev-case check c.evcase

# A bundle stands alone, with both.
run 0 ev-stamp c.evcase --self
rc=0
ev-bundle c.evcase -o c.asice --allow-self-stamped >out 2>&1 || rc=$?
[ $rc -eq 0 ] || [ $rc -eq 3 ] || { cat out; fail "ev-bundle: $rc"; }
mkdir alone
mv c.asice alone
mv c.evcase gone
rc=0
(cd alone && ev-verify c.asice) >out 2>&1 || rc=$?
[ $rc -eq 3 ] || { cat out; fail "ev-verify: $rc"; } # nobody vouches
grep -E 'facts' out || { cat out; fail "ev-verify derives no facts"; }
unzip -p alone/c.asice 'data/*facts.jsonl' | grep '"fact":"F' >lines
[ "$(wc -l <lines)" -eq 5 ] || fail "$(wc -l <lines) facts in the bundle"

# A fact that no longer counts is held against its bytes all the same.
chmod -R u+w gone
cp -R gone forged.evcase
sqlite3 forged.evcase/case.db "DROP TRIGGER fact_no_update;
    UPDATE fact SET account = 'u-999' WHERE id = 1;
    CREATE TRIGGER fact_no_update BEFORE UPDATE ON fact
BEGIN SELECT RAISE(ABORT, 'a fact is never changed'); END;"
rc=0
ev-show forged.evcase F000001 >out 2>&1 || rc=$?
[ $rc -eq 1 ] || { cat out; fail "a forged old fact: status $rc, not 1"; }
echo "2 facts superseded, 3 count, all 5 derived again"
