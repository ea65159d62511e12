#!/bin/sh
# Python's asn1crypto, cryptography and rfc3161-client read the signature and
# the tokens of a bundle, a request of ours and its reply, and take no others.
# shellcheck source=tests/interop/lib/peers.sh
. "$EV_SRC/tests/interop/lib/peers.sh"
workplace
python_peers
demo
check() { # STATUS WHAT-IS-SAID ARGUMENT...
	want=$1 text=$2
	shift 2
	rc=0
	"$python" "$peers/asn1.py" "$@" >out 2>&1 || rc=$?
	if [ $rc != "$want" ] || ! grep -q -- "$text" out; then
		cat out
		fail "$want and '$text' are right"
	fi
}
# A request made for a desk without network, answered by `openssl ts`.
mkdir queue
rc=0
ev-stamp -q demo/demo.evcase --tsq-out queue >log 2>&1 || rc=$?
[ $rc = 3 ] || { cat log; fail "ev-stamp --tsq-out ended with $rc"; }
tsq=$(find queue -name 'head-*.tsq' | head -n 1)
answer() { # REQUEST REPLY
	(cd pki && openssl ts -reply -config ca.cnf -section t -signer tsa.pem \
	    -inkey tsa.key -queryfile "../$1" -out "../$2") 2>/dev/null
}
answer "$tsq" reply.tsr
check 0 "^ok $tsq" pki/ca.pem u "$tsq" reply.tsr
cat out
[ "$(grep -c '^ok META-INF/signature001.p7s \|^ok META-INF/timestamp001.tst ' out)" = 2 ] ||
	fail "signature and archive time stamp are missing"

# The same hash was asked for by somebody else.
openssl ts -query -data "demo/demo.evcase/heads/$(basename "$tsq" .tsq |
	sed 's/head-//').note" -sha256 -cert -out other.tsq 2>/dev/null
answer other.tsq other.tsr
check 1 "^BAD $tsq: another nonce" pki/ca.pem u "$tsq" other.tsr
one() { # WHAT-IS-SAID: one thing is bad, that one
	check 1 "^BAD $1" pki/ca.pem u
	[ "$(grep -c '^BAD' out)" = 1 ] || { cat out; fail "more than one is bad"; }
}
cp u/META-INF/ASiCManifest001.xml kept
sed -i 's/exhibits/exhibit5/' u/META-INF/ASiCManifest001.xml
one 'META-INF/signature001.p7s: the message digest is of something else'
mv kept u/META-INF/ASiCManifest001.xml
cp u/META-INF/timestamp001.tst kept
cp u/data/time/I000001.tst u/META-INF/timestamp001.tst
one 'META-INF/timestamp001.tst: the imprint is of something else'
mv kept u/META-INF/timestamp001.tst
cp u/META-INF/signature001.p7s kept
# The last byte is within the token's signature.
size=$(wc -c <kept)
{ head -c $((size - 1)) kept; tail -c 1 kept | tr '\000-\377' '\001-\377\000'; } \
    >u/META-INF/signature001.p7s
one 'META-INF/signature001.p7s: '
mv kept u/META-INF/signature001.p7s
sed -i 's/^[0-9a-f]/0/; 2s/^./1/' u/data/time/I000001-sha256.txt
one 'data/time/I000001.tst: the imprint is of something else'
sh "$EV_SRC/tests/interop/pki.sh" other
check 1 '^BAD META-INF/signature001.p7s: ' other/ca.pem u
if grep -q '^ok' out; then cat out; fail "taken under another root"; fi
echo "Python takes signature, tokens and reply; each change is refused"
