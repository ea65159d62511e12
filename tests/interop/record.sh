#!/bin/sh
# RFC 4998: stock tools recompute the root of a record and check its token.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
drv=$EV_BUILD/tests/seal_driver
[ -x "$drv" ] || exit 77
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sh "$here/pki.sh" pki
for n in 1 2 3 4 5 6 7; do
	printf 'exhibit %d\n' $n >"E00000$n"
done
cp E000003 E000008

stamp() { # OUT FILE...
	out=$1
	shift
	"$drv" recordrequest r.tsq "$@"
	(cd pki && openssl ts -reply -config ca.cnf -section t \
	    -signer tsa.pem -inkey tsa.key -queryfile ../r.tsq \
	    -out ../r.tsr) 2>/dev/null
	"$drv" reply r.tsq r.tsr r.tst
	"$drv" record r.tst "$out" "$@"
}
check() { # RECORD LIST: as VERIFY.txt does
	if [ "$(wc -l <"$2")" -eq 1 ]; then
		root=$(cut -c1-64 "$2")
	else
		root=$(cut -c1-64 "$2" | LC_ALL=C sort | xxd -r -p |
		    openssl dgst -sha256 -r | cut -c1-64)
	fi
	at=$(openssl asn1parse -inform DER -in "$1" |
	    awk '/pkcs7-signedData/ { split(p, a, ":"); print a[1] + 0; exit }
	    { p = $0 }')
	openssl asn1parse -inform DER -in "$1" -strparse "$at" -noout \
	    -out found.tst
	openssl ts -verify -token_in -in found.tst -digest "$root" \
	    -CAfile pki/ca.pem
}

sha256sum E* >list
stamp all.ers E*
gives 0 'Verification: OK' check all.ers list
cmp found.tst r.tst
gives 0 'trust ok' "$drv" checkrecord all.ers pki/ca.pem E*

sha256sum E000004 >one
stamp one.ers E000004
gives 0 'Verification: OK' check one.ers one
gives 0 'trust ok' "$drv" checkrecord one.ers pki/ca.pem E000004

# One exhibit less, one changed, one that is not covered.
sed 1d list >shorter
gives 1 'Verification: FAILED' check all.ers shorter
printf 'exhibit 5, improved\n' >E000005
sha256sum E* >list
gives 1 'Verification: FAILED' check all.ers list
gives 1 "'E000005' is not covered" "$drv" checkrecord all.ers pki/ca.pem E*
"$drv" record r.tst lie.ers E000001 E000002
gives 1 'the token covers something else' "$drv" checkrecord lie.ers - E000001
