#!/bin/sh
# CAdES: stock openssl takes our signatures, we take its good ones, and name
# what is wrong with each of the others.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
drv=$EV_BUILD/tests/seal_driver
[ -x "$drv" ] || exit 77
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sh "$here/pki.sh" pki
printf 'what is signed\r\nover two lines\n' >content
sed 's/two/ten/' content >changed

cms_verify() { # P7S CONTENT [OPTION...]
	p7s=$1 data=$2
	shift 2
	openssl cms -verify -cades -binary -inform DER -in "$p7s" \
	    -content "$data" -CAfile pki/ca.pem -purpose any -out out "$@"
}

# Ours, from each kind of key, to openssl.
gives 0 '' "$drv" sign pki/signer.key pki/signer.pem - content ec.p7s \
    pki/ca.pem pki/ca.crl
gives 0 '' "$drv" sign pki/rsa.key pki/rsa.pem - content rsa.p7s
gives 0 '' "$drv" sign pki/signer.p12 - test content p12.p7s
gives 0 '' "$drv" sign pki/signer.enc pki/signer.pem test content enc.p7s
for key in ec rsa p12 enc; do
	gives 0 'successful' cms_verify $key.p7s content
	gives 4 'erification failure' cms_verify $key.p7s changed
	gives 0 'trust ok' "$drv" verify $key.p7s content pki/ca.pem
	gives 1 'the content is not what was signed' "$drv" verify $key.p7s \
	    changed pki/ca.pem
done
gives 0 'successful' cms_verify ec.p7s content -crl_check
gives 0 'trust ok ()' "$drv" verify ec.p7s content pki/ca.pem
gives 0 'trust ok (revocation not checked: no list of that time for CN=' "$drv" \
    verify rsa.p7s content pki/ca.pem
gives 0 'trust not checked (no trusted roots were given)' "$drv" verify ec.p7s \
    content -
# Exactly the four attributes, and one signer.
openssl cms -cmsout -print -noout -inform DER -in ec.p7s >printed
[ "$(sed -n '/signedAttrs/,/signatureAlgorithm/p' printed |
    grep -c 'object:')" -eq 4 ]
[ "$(grep -c 'd.issuerAndSerialNumber' printed)" -eq 1 ]

# Keys and passphrases that are refused.
gives 1 'the key is RSA 2048' "$drv" sign pki/weak.key pki/weak.pem - content x
gives 1 'wrong passphrase?' "$drv" sign pki/signer.p12 - wrong content x
gives 2 'no passphrase was given' "$drv" sign pki/signer.p12 - - content x
gives 1 'no certificate of the private key' "$drv" sign pki/signer.key \
    pki/rsa.pem - content x

# The pin, a revoked signer, another root, a self-made key.
pin=$(openssl x509 -in pki/signer.pem -outform DER | sha256sum | cut -c1-64)
other=$(openssl x509 -in pki/rsa.pem -outform DER | sha256sum | cut -c1-64)
gives 0 'trust ok' "$drv" verify ec.p7s content pki/ca.pem "$pin"
gives 1 "signed with the certificate $pin" "$drv" verify ec.p7s content \
    pki/ca.pem "$other"
gives 0 '' "$drv" sign pki/revoked.key pki/revoked.pem - content revoked.p7s \
    pki/ca.crl
gives 0 'trust revoked (CN=Test revoked,O=Test Bureau: revoked without a reason, on' "$drv" verify revoked.p7s content \
    pki/ca.pem
gives 0 '' "$drv" make person self.pem self.crt
gives 0 '' "$drv" sign self.pem - - content self.p7s
gives 0 'trust failed' "$drv" verify self.p7s content pki/ca.pem
gives 0 'trust ok' "$drv" verify self.p7s content self.crt
gives 0 'successful' openssl cms -verify -cades -binary -inform DER \
    -in self.p7s -content content -CAfile self.crt -purpose any -out out

# Openssl's, to us: one that is as it must be ...
cms_sign() { # OUT OPTION...
	out=$1
	shift
	openssl cms -sign -binary -outform DER -in content -out "$out" "$@"
}
signer='-signer pki/signer.pem -inkey pki/signer.key'
rsa='-signer pki/rsa.pem -inkey pki/rsa.key'
# shellcheck disable=SC2086
{
	cms_sign good.p7s $signer -cades -nosmimecap
	gives 0 'trust ok' "$drv" verify good.p7s content pki/ca.pem
	cms_sign good.p7s $rsa -cades -nosmimecap -md sha512
	gives 0 'trust ok' "$drv" verify good.p7s content pki/ca.pem
# ... and one for each thing that openssl lets pass.
	cms_sign bad.p7s $signer -noattr
	gives 1 'content-type is not there once' "$drv" verify bad.p7s content -
	cms_sign bad.p7s $signer -nosmimecap
	gives 1 'signing-certificate-v2 is not there once' "$drv" verify \
	    bad.p7s content -
	cms_sign bad.p7s $signer -cades
	gives 1 '1 signed attributes too many' "$drv" verify bad.p7s content -
	cms_sign bad.p7s $signer -cades -nosmimecap -nodetach
	gives 1 'encloses content of its own' "$drv" verify bad.p7s content -
	cms_sign bad.p7s $signer $rsa -cades -nosmimecap
	gives 1 'has 2 signers, not one' "$drv" verify bad.p7s content -
	cms_sign bad.p7s $rsa -cades -nosmimecap -md sha1
	gives 1 'signing-certificate-v2 is not there once' "$drv" verify \
	    bad.p7s content -
	cms_sign bad.p7s $rsa -cades -nosmimecap -md sha224
	gives 1 'at least SHA-256 is needed' "$drv" verify bad.p7s content -
	cms_sign bad.p7s $rsa -cades -nosmimecap -keyopt rsa_padding_mode:pss
	gives 1 'is not accepted' "$drv" verify bad.p7s content -
	cms_sign bad.p7s $signer -cades -nosmimecap -nocerts
	gives 1 "certificate is not enclosed" "$drv" verify bad.p7s content -
	cms_sign bad.p7s $signer -cades -nosmimecap -keyid
	gives 1 'issuer and serial number' "$drv" verify bad.p7s content -
	cms_sign bad.p7s -signer pki/weak.pem -inkey pki/weak.key -cades \
	    -nosmimecap
	gives 1 'the key is RSA 2048' "$drv" verify bad.p7s content -
	cms_sign bad.p7s -signer pki/nosign.pem -inkey pki/nosign.key -cades \
	    -nosmimecap
	gives 1 'not for signatures' "$drv" verify bad.p7s content -
	cms_sign bad.p7s $signer -cades -nosmimecap \
	    -econtent_type 1.2.840.113549.1.9.16.1.4
	gives 1 'over another type than data' "$drv" verify bad.p7s content -
	openssl cms -encrypt -binary -aes256 -in content -outform DER \
	    -out bad.p7s pki/rsa.pem
	gives 1 'the signature is not signed data' "$drv" verify bad.p7s content -
	cms_sign bad.p7s $signer -cades -nosmimecap -stream -indef
	gives 1 'does not re-encode to itself' "$drv" verify bad.p7s content -
}
# Line ends are content: without -binary openssl would take these.
tr -d '\r' <content >unix
gives 1 'the content is not what was signed' "$drv" verify ec.p7s unix -
{ cat ec.p7s; printf x; } >bad.p7s
gives 0 'successful' cms_verify bad.p7s content
gives 1 "1 bytes behind the signature's end" "$drv" verify bad.p7s content -

# CAdES-T: the token of another authority, which stock openssl checks alone.
gives 0 '' "$drv" sigrequest ec.p7s s.tsq
(cd pki && openssl ts -reply -config ca.cnf -section t -signer tsa.pem \
    -inkey tsa.key -queryfile ../s.tsq -out ../s.tsr) 2>/dev/null
gives 0 '' "$drv" reply s.tsq s.tsr s.tst
gives 0 '' "$drv" addtoken ec.p7s s.tst t.p7s
gives 0 'successful' cms_verify t.p7s content
gives 0 'trust ok' "$drv" verify t.p7s content pki/ca.pem
grep -q '^stamp .* by CN=Test tsa,O=Test Bureau trust ok' said
openssl asn1parse -inform DER -in t.p7s >parsed
at=$(awk '/id-smime-aa-timeStampToken/ { getline; getline; print $1 + 0; exit }' \
    parsed)
openssl asn1parse -inform DER -in t.p7s -strparse "$at" -noout -out t.tst
cmp t.tst s.tst
awk -F: '/ ?d=5 .*OCTET STRING/ { print $NF; exit }' parsed | xxd -r -p >t.sig
gives 0 'Verification: OK' openssl ts -verify -token_in -in t.tst -data t.sig \
    -CAfile pki/ca.pem
gives 1 'Verification: FAILED' openssl ts -verify -token_in -in t.tst \
    -data content -CAfile pki/ca.pem
gives 1 'the token covers something else' "$drv" addtoken rsa.p7s s.tst x
