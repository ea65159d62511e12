#!/bin/sh
# RFC 3161: openssl ts answers and checks, and the tokens that we refuse.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
drv=$EV_BUILD/tests/seal_driver
[ -x "$drv" ] || exit 77
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sh "$here/pki.sh" pki short
printf 'what is stamped\n' >data
printf 'what is not\n' >other

answer() { # TSQ TSR [SIGNER [OPTION...]]
	who=${3:-tsa}
	tsq=$1 tsr=$2
	[ $# -lt 3 ] || shift
	shift 2
	(cd pki && openssl ts -reply -config ca.cnf -section t \
	    -signer "$who.pem" -inkey "$who.key" -queryfile "../$tsq" \
	    -out "../$tsr" "$@") 2>ts.log || { cat ts.log; exit 1; }
}

# The one with three seconds to live goes first.
"$drv" request data q.tsq
answer q.tsq short.tsr shorttsa
"$drv" reply q.tsq short.tsr short.tst

# Our request, their answer.
gives 0 'Hash Algorithm: sha256' openssl ts -query -in q.tsq -text
grep -q 'Certificate required: yes' said
grep -q 'Nonce: 0x' said
answer q.tsq a.tsr
gives 0 '' "$drv" reply q.tsq a.tsr a.tst
gives 0 'trust ok' "$drv" token a.tst data pki/ca.pem
grep -q 'policy 1.3.6.1.4.1.99999.1.1 by CN=Test tsa,O=Test Bureau' said
gives 0 'trust not checked' "$drv" token a.tst data -
gives 1 'the token covers something else' "$drv" token a.tst other pki/ca.pem
gives 0 'Verification: OK' openssl ts -verify -token_in -in a.tst -data data \
    -CAfile pki/ca.pem

# An answer to another request, of the same data and of other data.
"$drv" request data q2.tsq
"$drv" request other q3.tsq
gives 1 'another nonce' "$drv" reply q2.tsq a.tsr x
gives 1 'another nonce' "$drv" reply q3.tsq a.tsr x
openssl ts -query -data data -sha256 -cert -no_nonce -out nn.tsq 2>/dev/null
answer nn.tsq nn.tsr
gives 1 'does not repeat the nonce' "$drv" reply q.tsq nn.tsr x
openssl ts -query -data data -sha512 -cert -out s5.tsq 2>/dev/null
answer s5.tsq s5.tsr
openssl ts -reply -in s5.tsr -token_out -out s5.tst 2>/dev/null
gives 1 'the token covers a SHA512, not a SHA-256' "$drv" token s5.tst data -
gives 0 '' "$drv" reply s5.tsq s5.tsr x
openssl ts -query -data data -sha384 -cert -out s3.tsq 2>/dev/null
answer s3.tsq s3.tsr
gives 1 'the request is not over a SHA-256 or SHA-512' "$drv" reply s3.tsq s3.tsr x
openssl ts -query -data data -sha256 -out nc.tsq 2>/dev/null
answer nc.tsq nc.tsr
gives 1 "does not carry its signer's certificate" "$drv" reply nc.tsq nc.tsr x
openssl ts -query -data data -sha1 -cert -out s1.tsq 2>/dev/null
answer s1.tsq s1.tsr
openssl ts -reply -in s1.tsr -text 2>/dev/null | grep -q 'Status: Rejected'
gives 1 'the authority refused, status 2' "$drv" reply q.tsq s1.tsr x
gives 1 'no time-stamp reply' "$drv" reply q.tsq data x
{ cat a.tsr; printf x; } >long.tsr
gives 1 "bytes behind the reply's end" "$drv" reply q.tsq long.tsr x

# Two fingerprints, of the signer and of its issuer (RFC 5035).
sed 's/^ess_cert_id_chain = no/ess_cert_id_chain = yes/' pki/ca.cnf >pki/two.cnf
(cd pki && openssl ts -reply -config two.cnf -section t -signer tsa.pem \
    -inkey tsa.key -queryfile ../q.tsq -out ../two.tsr) 2>/dev/null
gives 0 '' "$drv" reply q.tsq two.tsr two.tst
gives 0 'trust ok' "$drv" token two.tst data pki/ca.pem
issuer=$(openssl x509 -in pki/ca.pem -outform DER | openssl dgst -sha256 -r | cut -c1-64)
xxd -p two.tst | tr -d '\n' | grep -q "$issuer"
! xxd -p a.tst | tr -d '\n' | grep -q "$issuer"

# A CA that stamps.
answer q.tsq ca.tsr catsa
gives 1 "the authority's certificate is a CA's" "$drv" reply q.tsq ca.tsr x

# Tokens that no honest authority makes, around an honest time.
openssl ts -reply -in a.tsr -token_out -out a.p7 2>/dev/null
cmp a.p7 a.tst
openssl cms -verify -noverify -inform DER -in a.tst -out info 2>/dev/null
forge() { # OUT OPTION...
	out=$1
	shift
	openssl cms -sign -binary -nodetach -nosmimecap -outform DER -in info \
	    -econtent_type 1.2.840.113549.1.9.16.1.4 -out "$out" "$@"
}
tsa='-signer pki/tsa.pem -inkey pki/tsa.key'
# shellcheck disable=SC2086
{
	forge f.tst $tsa -cades
	gives 0 'trust ok' "$drv" token f.tst data pki/ca.pem
	forge f.tst $tsa
	gives 1 "names no certificate" "$drv" token f.tst data -
	forge f.tst $tsa -noattr
	gives 1 "does not cover a content-type" "$drv" token f.tst data -
	forge f.tst $tsa -signer pki/signer.pem -inkey pki/signer.key -cades
	gives 1 'the token has 2 signers' "$drv" token f.tst data -
	forge f.tst -signer pki/plain.pem -inkey pki/plain.key -cades
	gives 1 'not for time-stamping alone (extended key usage)' "$drv" \
	    token f.tst data -
	forge f.tst -signer pki/softtsa.pem -inkey pki/softtsa.key -cades
	gives 1 'not for time-stamping alone (not critical)' "$drv" token \
	    f.tst data -
	forge f.tst -signer pki/nosigntsa.pem -inkey pki/nosigntsa.key -cades
	gives 1 "certificate is not for signatures" "$drv" token f.tst data -
	forge f.tst -signer pki/twotsa.pem -inkey pki/twotsa.key -cades
	gives 1 'not for time-stamping alone (extended key usage)' "$drv" \
	    token f.tst data -
	# Certificates are a set: the signer's is found wherever it stands.
	forge f.tst $tsa -cades -certfile pki/ca.pem -nocerts
	gives 1 "does not carry its signer's certificate" "$drv" token f.tst data -
	for order in 'ca tsa signer' 'signer tsa ca'; do
		: >set.pem
		for who in $order; do cat pki/$who.pem >>set.pem; done
		forge f.tst $tsa -cades -nocerts -certfile set.pem
		gives 0 'trust ok' "$drv" token f.tst data pki/ca.pem
	done
	forge f.tst $tsa -cades -md sha1
	gives 1 'at least SHA-256 is needed' "$drv" token f.tst data -
	forge f.tst -signer pki/rsa.pem -inkey pki/rsa.key -cades \
	    -keyopt rsa_padding_mode:pss
	gives 1 'is not accepted' "$drv" token f.tst data -
	forge f.tst $tsa -cades -stream -indef
	gives 1 'does not re-encode to itself' "$drv" token f.tst data -
}
openssl cms -sign -binary -nodetach -nosmimecap -cades -outform DER -in info \
    -signer pki/tsa.pem -inkey pki/tsa.key -out f.tst
gives 1 'holds no time-stamp' "$drv" token f.tst data -

# The built-in authority: openssl takes its tokens, and the mark is there.
"$drv" make authority self.pem self.crt
"$drv" answer self.pem q.tsq self.tsr
gives 0 '' "$drv" reply q.tsq self.tsr self.tst
gives 0 'self-issued' "$drv" token self.tst data self.crt
gives 0 'trust failed' "$drv" token self.tst data pki/ca.pem
gives 0 'Status: Granted.' openssl ts -reply -in self.tsr -text
gives 0 'Verification: OK' openssl ts -verify -token_in -in self.tst \
    -data data -CAfile self.crt -partial_chain
gives 1 'Verification: FAILED' openssl ts -verify -token_in -in self.tst \
    -data other -CAfile self.crt -partial_chain

# Expired by now: openssl refuses, we judge at the token's time.
n=0
while openssl x509 -checkend 0 -noout -in pki/shorttsa.pem >/dev/null; do
	n=$((n + 1))
	[ $n -lt 20 ] || exit 1
	sleep 0.5
done
gives 1 'Verification: FAILED' openssl ts -verify -token_in -in short.tst \
    -data data -CAfile pki/ca.pem
gives 0 'trust ok' "$drv" token short.tst data pki/ca.pem
# A token of today under that certificate, and one from before any of them.
forge late.tst -signer pki/shorttsa.pem -inkey pki/shorttsa.key -cades
gives 0 'trust ok' "$drv" token late.tst data pki/ca.pem
answer q.tsq now.tsr
openssl ts -reply -in now.tsr -token_out -out now.tst 2>/dev/null
openssl cms -verify -noverify -inform DER -in now.tst -out info 2>/dev/null
forge late.tst -signer pki/shorttsa.pem -inkey pki/shorttsa.key -cades
gives 1 "was not valid at the token's time" "$drv" token late.tst data pki/ca.pem
