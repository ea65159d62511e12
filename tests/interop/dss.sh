#!/bin/sh
# EU DSS on the demo bundle, on the same with an exhibit withheld and renewed
# twice, on one of 1,500 exhibits by three signers, and on volumes: it accepts
# them, its simple reports are kept in BUILD/dss, and changed ones it rejects.
# shellcheck source=tests/interop/lib/peers.sh
. "$EV_SRC/tests/interop/lib/peers.sh"
have java javac mvn
workplace
java_peers
compile Dss
demo
mv demo/demo.asice demo.asice

mkdir many
awk 'BEGIN { for (i = 1; i <= 1500; i++) {
	f = sprintf("many/n%04d.txt", i); print "note " i >f; close(f) } }'
run() { # COMMAND...
	"$@" >log 2>&1 || { rc=$?; [ $rc = 3 ] || { cat log; fail "$* ended with $rc"; }; }
}
run ev-case init c.evcase --number T-1 --title Many --actor 'A. Example' --role examiner \
    --office 'Demo Lab' --cert pki/signer.pem --key pki/signer.key
for who in rsa p384; do
	cat pki/$who.key pki/$who.pem >$who.both
	run ev-case enrol c.evcase --as @a-example --actor "$who Example" --role reviewer \
	    --office 'Demo Lab' --cert pki/$who.pem
done
export EV_ACTOR=@a-example
run ev-ingest -q c.evcase many
run ev-stamp -q c.evcase --tsa "$tsa"
run ev-bundle -q c.evcase -o many.asice --tsa "$tsa" --sign pki/signer.key --sign rsa.both \
    --sign p384.both --chain pki/ca.pem --chain pki/ca.crl
[ "$(unzip -p many.asice data/index/exhibits.jsonl | wc -l)" = 1500 ] || fail "not 1,500 exhibits"
run ev-bundle -q demo/demo.evcase -o less.asice --tsa "$tsa" --as @demo-examiner \
    --withhold E000003=PRIVILEGE --authoriser @demo-examiner --chain pki/ca.pem --chain pki/ca.crl
if unzip -Z1 less.asice | grep -q E000003; then fail "E000003 was not withheld"; fi
mkdir four
for n in 1 2 3 4; do head -c 300000 /dev/urandom >four/$n.bin; done
run ev-case init v.evcase --number T-2 --title Volumes --actor 'A. Example' --role examiner \
    --office 'Demo Lab' --cert pki/signer.pem --key pki/signer.key
run ev-ingest -q v.evcase four
run ev-stamp -q v.evcase --tsa "$tsa"
run ev-bundle -q v.evcase -o part.asice --tsa "$tsa" --chain pki/ca.pem --chain pki/ca.crl \
    --volume-size 900K
parts=$(echo part.*.asice)
case $parts in
part.001.asice\ part.002.asice*) ;;
*) fail "no volumes: $parts" ;;
esac
run ev-stamp renew -q demo.asice -o once.asice --tsa "$tsa"
run ev-stamp renew -q once.asice -o twice.asice --tsa "$tsa"

# What a person may think of; the last needs no change to be refused.
exhibit=$(unzip -Z1 demo.asice 'data/exhibits/*' | head -n 1)
edit() { python3 "$peers/edit.py" "${from:-demo.asice}" "$@"; }
edit changed.asice change "$exhibit"
edit foreign.asice add data/exhibits/E999999.txt
edit missing.asice remove "$exhibit"
edit manifest.asice change manifest-sha256.txt
edit signature.asice remove META-INF/signature001.p7s
edit record.asice remove META-INF/evidencerecord001.ers
edit stamp.asice remove META-INF/timestamp001.tst
from=twice.asice edit older.asice change META-INF/timestamp001.tst
from=twice.asice edit newer.asice change data/index/facts.jsonl
sh "$EV_SRC/tests/tamper/lib/bundle.sh" "$EV_BUILD" "$tmp"
mv small.asice self.asice

reports=$EV_BUILD/dss
mkdir -p "$reports"
# shellcheck disable=SC2086
peer Dss pki/ca.pem "$reports" demo.asice less.asice many.asice twice.asice changed.asice \
    foreign.asice missing.asice manifest.asice signature.asice record.asice \
    stamp.asice older.asice newer.asice self.asice $parts >out 2>err || { cat out err; fail "DSS did not end"; }
for bundle in demo less many twice $(echo "$parts" | sed 's/\.asice//g'); do
	grep -q "^$bundle.asice: ACCEPTED" out ||
		{ grep "^$bundle.asice" out; fail "DSS rejects $bundle.asice"; }
	if grep -E "^$bundle.asice:   (error|warning|info):" out; then
		fail "DSS remarks on $bundle.asice"
	fi
	grep "^$bundle.asice: ok" out
done
grep -q '^many.asice: ok 3 signatures' out || fail "many.asice has not three signers"
grep -q '^twice.asice: ok 3 archive time stamps' out || fail "twice.asice was not renewed twice"
rejected() { # BUNDLE WHAT-IS-SAID
	grep -q "^$1.asice: REJECTED" out &&
		grep -q "^$1.asice: BAD .*$2" out ||
		{ grep "^$1.asice" out; fail "DSS does not say of $1: $2"; }
}
rejected changed "signature .* TOTAL_FAILED HASH_FAILURE"
rejected foreign "does not cover \[data/exhibits/E999999.txt\]"
rejected missing "signature .* INDETERMINATE SIGNED_DATA_NOT_FOUND"
rejected manifest "signature .* TOTAL_FAILED HASH_FAILURE"
rejected signature "0 signatures"
rejected record "0 evidence records"
rejected stamp "0 archive time stamps"
rejected older "time stamp CONTAINER_TIMESTAMP META-INF/timestamp00[23].tst .*HASH_FAILURE"
rejected newer "time stamp CONTAINER_TIMESTAMP META-INF/timestamp003.tst .*HASH_FAILURE"
rejected self "signature .* INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"
echo "DSS: four bundles and $(echo "$parts" | wc -w) volumes accepted, ten rejected; reports in $reports"
