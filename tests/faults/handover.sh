#!/bin/sh
# ev-custody is killed while a case changes hands.  Afterwards the case is as
# before or as after, no signature is without its head for good, and the same
# command again finishes what was begun.
. "$EV_SRC/tests/faults/lib/common"
if nm "$bin/ev-custody" 2>/dev/null | grep -q __asan_init; then
	echo "a sanitized program is too slow for this: skipped"
	exit 77
fi
for who in a b; do
	ev-case init $who.evcase --number T-1 --title Kill --actor "$who. Person" \
	    --id $who --role examiner --office Lab --self-signed 2>/dev/null
done
mv b.evcase/self.key b.key
ev-case enrol a.evcase --actor 'B. Person' --id b --role custodian \
    --office Store --cert b.key
cp -a a.evcase t.evcase
ev-custody transfer t.evcase --as @a --to @b -q
killed=0
bad=0
whole() { # WHEN
	ev-custody verify x.evcase >v 2>&1 && ev-case check x.evcase >>v 2>&1 &&
		return
	echo "BAD $1"
	cat v
	bad=1
}
try() { # CASE COMMAND...
	from=$1
	shift
	for call in pwrite64 write fsync fdatasync renameat2; do
		n=1
		while [ $n -le 13 ]; do
			rm -rf x.evcase
			cp -a "$from" x.evcase
			rc=0
			strace -f -qq -o /dev/null \
			    -e inject=$call:signal=SIGKILL:when=$n "$@" \
			    >out 2>&1 || rc=$?
			[ $rc -eq 137 ] || break
			killed=$((killed + 1))
			whole "$2 killed at $call $n"
			# 2: it was done already
			"$@" >out 2>&1 || [ $? -eq 2 ] || bad=1
			whole "$2 killed at $call $n and repeated"
			n=$((n + 1))
		done
	done
}
try a.evcase ev-custody transfer x.evcase --as @a --to @b
[ "$(ev-custody log x.evcase | grep -c transfer-out)" -eq 1 ] || bad=1
try t.evcase ev-custody accept x.evcase --as @b --sign b.key
[ "$(ev-custody log x.evcase | grep -c transfer-in)" -eq 1 ] || bad=1
[ $killed -ge 40 ] || { echo "only $killed kills"; bad=1; }
echo "$killed kills"
exit $bad
