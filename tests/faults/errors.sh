#!/bin/sh
# The disc is full, fails, or says it took what it did not, at one call or from
# one call on: ev-ingest ends with 2 and a message, no half exhibit is left, and
# the same command completes the case.
. "$EV_SRC/tests/faults/lib/common"

make_source source
head -c 67200000 /dev/zero >source/large
new_case fresh.evcase
cp -R fresh.evcase whole.evcase
want=0
ev-ingest whole.evcase source --map t.map >whole.out 2>&1 || want=$?
[ "$want" -eq 3 ] || { echo "undisturbed: status $want"; cat whole.out; exit 1; }
holdings whole.evcase >whole

bad=0
tried=0
failed=0
# fault CALL HOW WHEN: HOW is what strace injects.
fault() {
	rm -rf one.evcase
	cp -R fresh.evcase one.evcase
	rc=0
	strace -qq -o /dev/null -P "$tmp/one.evcase" \
	    -P "$tmp/one.evcase/vault" -P "$tmp/one.evcase/vault/P0001.zip" \
	    -P "$tmp/one.evcase/case.db" -P "$tmp/one.evcase/case.db-wal" \
	    -P "$tmp/one.evcase/heads" \
	    -e inject="$1:$2:when=$3" \
	    ev-ingest one.evcase source --map t.map >one.out 2>&1 || rc=$?
	tried=$((tried + 1))
	[ $rc -ne 2 ] || grep -q '^ev-ingest: ' one.out || rc=silent
	case $2:$rc in
	*:2) failed=$((failed + 1)) ;;
	*:3) ;; # there were fewer such calls, or the fault was gone on with
	*)
		echo "$*: status $rc"
		cat one.out
		bad=$((bad + 1))
		return
		;;
	esac
	sound one.evcase || { echo "$*"; bad=$((bad + 1)); return; }
	[ "$(sqlite3 one.evcase/case.db \
	    'SELECT count(*) FROM acquisition WHERE copy > 0')" = 1 ] ||
		ev-ingest one.evcase source --map t.map >one.out 2>&1
	holdings one.evcase >one
	cmp -s whole one || {
		echo "$*: the case holds something else"
		diff whole one | head -20
		bad=$((bad + 1))
	}
}

for when in 1 2 5 9+; do
	fault writev error=ENOSPC $when
	fault writev retval=1 $when
	fault pwrite64 error=ENOSPC $when
	fault pwrite64 error=EIO $when
	fault write error=ENOSPC $when
	fault fdatasync error=EIO $when
	fault fsync error=EIO $when
	fault linkat error=EIO $when
	fault fchmod error=EPERM $when
	fault read error=EINTR $when
done
echo "$tried faults, $failed ended the run, $bad bad"
[ $failed -ge 20 ] && [ $bad -eq 0 ]
