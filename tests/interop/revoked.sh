#!/bin/sh
# An authority's certificate revoked before and after a token's time, told by
# a list, by a response, by nobody fit to tell it, for each reason.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
drv=$EV_BUILD/tests/seal_driver
[ -x "$drv" ] || exit 77
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sh "$here/pki.sh" pki
sh "$here/pki.sh" foreign
printf 'what is stamped\n' >data

at() { date -u -d "$1" +%y%m%d%H%M%SZ; }
rfc() { date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ; }
"$drv" request data q.tsq
(cd pki && openssl ts -reply -config ca.cnf -section t -signer tsa.pem \
    -inkey tsa.key -queryfile ../q.tsq -out ../a.tsr) 2>/dev/null
"$drv" reply q.tsq a.tsr a.tst
sleep 1

# list NAME STATE...: pki/index.txt with the authority revoked so, as a CRL
# of an hour ago that ends in an hour.
cp pki/index.txt index.good
index() { # STATE ("" good, else DATE[,REASON])
	cp index.good pki/index.txt
	[ -z "$1" ] || awk -F'\t' -v OFS='\t' -v r="$1" \
	    '/CN=Test tsa$/ { $1 = "R"; $3 = r } { print }' index.good >pki/index.txt
}
list() { # NAME STATE [FROM [UNTIL]]
	index "$2"
	(cd pki && openssl ca -config ca.cnf -gencrl \
	    -crl_lastupdate "$(date -u -d "${3:--1 hour}" +%Y%m%d%H%M%SZ)" \
	    -crl_nextupdate "$(date -u -d "${4:-+1 hour}" +%Y%m%d%H%M%SZ)" \
	    -out "../$1.crl") 2>log || { cat log; exit 1; }
	cat pki/ca.pem "$1.crl" >"$1.pem"
}
token() { gives "$1" "$2" "$drv" token a.tst data "$3" ${4:+"$4"}; }

token 0 'trust ok (revocation not checked: no list of that time for CN=Test tsa' pki/ca.pem
list good ''
token 0 'trust ok ()' good.pem
# Not of that time: it ended before, or it is of another issuer or of none.
list old '' '-2 days' '-1 day'
token 0 'trust ok (revocation not checked' old.pem
cat pki/ca.pem foreign/ca.crl >other.pem
token 0 'trust ok (revocation not checked' other.pem
# Made after the token, while the certificate was valid: it speaks of it.
list later '' '+1 hour' '+2 hours'
token 0 'trust ok ()' later.pem

# Before the token's time: whatever the reason.
for reason in '' ,superseded ,keyCompromise ,cessationOfOperation; do
	list before "$(at '-1 day')$reason"
	token 0 'trust revoked (CN=Test tsa,O=Test Bureau: revoked' before.pem
	token 0 'trust revoked' before.pem "$(rfc '-1 minute')"
done
# After it: the key was given up, and the token stands (RFC 3161, 4).
for reason in ,superseded ,cessationOfOperation ,affiliationChanged; do
	list after "$(at '+1 hour')$reason" '+2 hours' '+3 hours'
	token 0 'trust ok ()' after.pem
done
# After it, and the key was lost, or nobody gives why: it falls, unless
# something later and trusted shows that it was there before.
for reason in ,keyCompromise ,CACompromise ''; do
	list lost "$(at '+1 hour')$reason" '+2 hours' '+3 hours'
	token 0 'trust revoked' lost.pem
	token 0 'trust ok ()' lost.pem "$(rfc '+30 minutes')"
	token 0 'trust revoked' lost.pem "$(rfc '+90 minutes')"
done
# It is said today and happened earlier: the earlier instant counts.
list early "$(at '+1 hour'),keyTime,$(date -u -d '+10 minutes' +%Y%m%d%H%M%SZ)" '+2 hours' '+3 hours'
token 0 'trust ok ()' early.pem "$(rfc '+5 minutes')"
token 0 'trust revoked' early.pem "$(rfc '+30 minutes')"
# One list that gives so is enough, whatever others say.
cat good.pem lost.crl >both.pem
token 0 'trust revoked (CN=Test tsa,O=Test Bureau: revoked without a reason' both.pem
# A list that its issuer did not sign tells nothing.
python3 - lost.crl forged.crl <<'P'
import base64, sys
pem = open(sys.argv[1]).read().split("-----")[2]
der = bytearray(base64.b64decode(pem))
der[-3] ^= 1
body = base64.encodebytes(bytes(der)).decode()
open(sys.argv[2], "w").write("-----BEGIN X509 CRL-----\n%s-----END X509 CRL-----\n" % body)
P
cat pki/ca.pem forged.crl >forged.pem
token 0 'trust ok (revocation not checked' forged.pem
printf -- '-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n' | cat pki/ca.pem - >bad.pem
token 1 'a block X509 CRL that cannot be read' bad.pem

# The same by OCSP: by the issuer, by whom it named, by a stranger.
ocsp() { # NAME STATE RSIGNER RKEY [OPTION...]
	name=$1 state=$2 signer=$3 key=$4
	shift 4
	index "$state"
	(cd pki && openssl ocsp -index index.txt -CA ca.pem -issuer ca.pem \
	    -cert tsa.pem -rsigner "$signer" -rkey "$key" -no_nonce \
	    -respout ../r.der -noverify -ndays 1 "$@") >log 2>&1 || { cat log; exit 1; }
	{ cat pki/ca.pem; echo '-----BEGIN OCSP RESPONSE-----'; base64 r.der
	    echo '-----END OCSP RESPONSE-----'; } >"$name.pem"
}
ocsp ogood '' ca.pem ca.key
token 0 'trust ok ()' ogood.pem
ocsp olost "$(at '-1 day'),keyCompromise" ca.pem ca.key
token 0 'trust revoked' olost.pem
ocsp ogood '' ocsp.pem ocsp.key
token 0 'trust ok ()' ogood.pem
ocsp olost "$(at '-1 day'),superseded" ocsp.pem ocsp.key -resp_key_id
token 0 'trust revoked' olost.pem
ocsp onot '' signer.pem signer.key
token 0 'trust ok (revocation not checked' onot.pem
ocsp onot "$(at '-1 day')" signer.pem signer.key
token 0 'trust ok (revocation not checked' onot.pem
ocsp onot '' ../foreign/ocsp.pem ../foreign/ocsp.key
token 0 'trust ok (revocation not checked' onot.pem
printf -- '-----BEGIN OCSP RESPONSE-----\nMAMKAQY=\n-----END OCSP RESPONSE-----\n' | cat pki/ca.pem - >bad.pem
token 1 'a block OCSP RESPONSE that cannot be read' bad.pem
echo "revoked before, after, with and without a later stamp: as RFC 3161 has it"
