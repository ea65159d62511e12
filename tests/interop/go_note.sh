#!/bin/sh
# Go's sumdb/note opens the heads of a bundle with the log's key, sumdb/tlog
# recomputes their roots and takes our proofs, those too that ev-custody prove
# lets out of the house; neither takes a changed one.
# shellcheck source=tests/interop/lib/peers.sh
. "$EV_SRC/tests/interop/lib/peers.sh"
workplace
go_peers
demo
log() { # STATUS WHAT-IS-SAID ARGUMENT...
	want=$1 text=$2
	shift 2
	rc=0
	"$tlog" "$@" >out 2>&1 || rc=$?
	if [ $rc != "$want" ] || ! grep -q -- "$text" out; then
		head -n 20 out
		fail "$want and '$text' are right"
	fi
}
c=u/data/custody
"$EV_BUILD/tests/proof_driver" <$c/log.jsonl >proofs
first=$(find $c/heads -name '*.note' | sort | head -n 1)
last=$(find $c/heads -name '*.note' | sort | tail -n 1)
log 0 '^ok ' $c/log-key.pem $c/log.jsonl proofs "$c"/heads/*.note
cat out
[ "$(sed -n 2p "$last")" = "$(wc -l <$c/log.jsonl)" ] || fail "the newest head is not over the whole log"

change() { # SED-SCRIPT WHAT-IS-SAID: a head that was tampered with
	sed "$1" "$last" >changed
	if cmp -s changed "$last"; then fail "$1 changes nothing"; fi
	log 1 "^BAD changed: $2" $c/log-key.pem $c/log.jsonl proofs changed
}
change '2s/.*/1/' 'invalid signature'
change '3s/^./-/' 'malformed note\|invalid signature\|no root'
change '1s/$/x/' 'note has no verifiable signatures'
change '$s/ [^ ]*$/ AAAA/' 'malformed note'
openssl genpkey -algorithm ed25519 -out k 2>/dev/null
openssl pkey -in k -pubout -out other.pem
log 1 "^BAD $last: note has no verifiable signatures" other.pem $c/log.jsonl proofs "$last"

sed '3s/"seq":"*3/"seq":4/' $c/log.jsonl >edited
if cmp -s edited $c/log.jsonl; then fail "no entry was edited"; fi
log 1 '^BAD record 3 0 .*: invalid' $c/log-key.pem edited proofs "$first"
"$EV_BUILD/tests/proof_driver" <edited >fitted
log 1 "^BAD $last: root " $c/log-key.pem edited fitted "$last"
log 0 '^ok ' $c/log-key.pem edited fitted "$first"
sed '$d' $c/log.jsonl >cut
"$EV_BUILD/tests/proof_driver" <cut >short
log 1 "^BAD $last: covers " $c/log-key.pem cut short "$last"
log 1 "^BAD $first after " $c/log-key.pem $c/log.jsonl proofs "$last" "$first"

line=$(grep '^record 7 ' proofs | tail -n 1)
forged() { # SED-SCRIPT WHAT-IS-SAID
	echo "$line" | sed "$1" >one
	if [ "$(cat one)" = "$line" ]; then fail "$1 changes nothing"; fi
	log 1 "^BAD $2" $c/log-key.pem $c/log.jsonl one "$first"
}
forged 's/[0-9a-f]$/x/' 'record 7 6 .*: no hash'
forged 's/[0-8]$/9/; t; s/[9a-f]$/0/' 'record 7 6 .*: invalid'
forged 's/7 6/7 5/' 'record 7 5 .*: invalid'
line=$(grep '^tree 7 4 ' proofs)
forged 's/7 4/7 3/' 'tree 7 3 .*: invalid'

# Proofs that leave the house without the rest of the case: an entry's, and
# those of a line of each list.
for id in 1 7 E000003 A000010 F000005 C000001; do
	ev-custody prove demo/demo.evcase $id -o $id.tlog-proof >out 2>&1 ||
		{ cat out; fail "ev-custody prove $id"; }
done
log 0 '^ok F000005.tlog-proof' prove $c/log-key.pem *.tlog-proof
[ "$(grep -c '^ok' out)" = 6 ] || { cat out; fail "not six proofs"; }
grep '^ok' out
reject() { # WHAT-IS-SAID SED-SCRIPT-OVER-EXTRA [SED-SCRIPT-OVER-THE-FILE]
	extra=$(sed -n 's/^extra //p' E000003.tlog-proof | base64 -d | sed "$2" | base64 -w 0)
	sed "s|^extra .*|extra $extra|; ${3-}" E000003.tlog-proof >changed
	if cmp -s changed E000003.tlog-proof; then fail "$2 ${3-} changes nothing"; fi
	log 1 "^BAD changed: $1" prove $c/log-key.pem changed
}
reject 'exhibits I000001: invalid' 's/"line":"{/"line":" {/'
reject 'exhibits I000001: invalid' 's/"number":3/"number":4/'
reject 'exhibits I000001: invalid' 's/\("salt":"\)[0-7]/\18/; t; s/\("salt":"\)./\10/'
reject 'entry .*: invalid' 's/copy/cope/'
reject 'facts I000001: the entry counts no facts' 's/"list":"exhibits /"list":"facts /'
reject 'entry .*: invalid' '' 's/^index .*/index 0/'
reject 'invalid signature' '' '/^$/,$ s/^[0-9][0-9]*$/&1/'
log 1 "^BAD E000003.tlog-proof: note has no verifiable" prove other.pem E000003.tlog-proof
echo "Go opens the heads and follows the log; each change is refused"
