#!/bin/sh
# SIGINT and SIGTERM: what is in hand is finished, the status is 2, the message
# says to repeat the command, and the repeated command completes the case.
. "$EV_SRC/tests/faults/lib/common"

make_source source
n=0
while [ $n -lt 400 ]; do
	echo "$n" >"source/tables/n$n.txt"
	n=$((n + 1))
done
head -c 67200000 /dev/zero >source/zero
new_case fresh.evcase
cp -R fresh.evcase whole.evcase
want=0
ev-ingest whole.evcase source --map t.map >whole.out 2>&1 || want=$?
[ "$want" -eq 3 ] || { echo "undisturbed: status $want"; cat whole.out; exit 1; }
holdings whole.evcase >whole

bad=0
for point in SIGINT:openat2:3 SIGINT:writev:2 SIGTERM:writev:100 \
    SIGINT:openat2:300 SIGTERM:sync_file_range:2; do
	signal=${point%%:*}
	call=${point#*:}
	when=${call#*:}
	call=${call%:*}
	rm -rf one.evcase
	cp -R fresh.evcase one.evcase
	rc=0
	strace -qq -o /dev/null -e inject="$call:signal=$signal:when=$when" \
	    ev-ingest one.evcase source --map t.map >one.out 2>&1 || rc=$?
	if [ $rc -ne 2 ] || ! grep -q 'repeat the command' one.out; then
		echo "$point: status $rc"
		cat one.out
		bad=1
		continue
	fi
	sound one.evcase || { echo "^ $point"; bad=1; }
	grep -q 'unnamed' check.out && { echo "$point: unnamed"; bad=1; }
	grep -q 'not covered by a head' check.out &&
		{ echo "$point: no head"; bad=1; }
	before=$(sqlite3 one.evcase/case.db 'SELECT count(*) FROM exhibit')
	rc=0
	ev-ingest one.evcase source --map t.map >one.out 2>&1 || rc=$?
	[ $rc -eq $want ] || { echo "$point: repeated: $rc"; bad=1; }
	clean one.evcase || { echo "^ $point"; bad=1; }
	holdings one.evcase >one
	cmp whole one || { diff whole one | head; bad=1; }
	echo "$point: $before exhibits were kept"
done
exit $bad
