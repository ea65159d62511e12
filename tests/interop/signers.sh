#!/bin/sh
# Several people sign one bundle, with keys of each kind: stock openssl and
# ev-verify take every signature; keys that cannot sign are told of before
# anything is written.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'chmod -R u+rwX "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
sh "$here/pki.sh" pki
PATH=$EV_BUILD/bin:$PATH
export ASAN_OPTIONS=detect_leaks=0
unset EV_CASE EV_ACTOR EV_DATA

says() { # STATUS TEXT COMMAND...
	want=$1 text=$2
	shift 2
	got=0
	"$@" >said 2>&1 </dev/null || got=$?
	if [ "$got" -ne "$want" ] ||
	    { [ -n "$text" ] && ! grep -qF -- "$text" said; }; then
		echo "expected $want, '$text': $*"
		echo "got $got:"
		cat said
		exit 1
	fi
}
lines() { printf '%s\n' "$@" >secrets; }
refused() { # TEXT ARGUMENT...
	text=$1
	shift
	says 2 "$text" ev-bundle c.evcase --as @examiner -o x.asice "$@"
	[ ! -e x.asice ] || { echo "left behind: $*"; exit 1; }
}

# The examiner has a PKCS#12 file; the officers enrol by certificate alone.
lines test
ev-case init c.evcase --number N --title T --actor Examiner \
    --role examiner --office Lab --key pki/signer.p12 --pass file:secrets
for name in rsa p384 token weak p521 ed25519 nosign old revoked; do
	ev-case enrol c.evcase --as @examiner --actor "$name" --role officer \
	    --office Lab --cert pki/$name.pem
done
mkdir in
printf 'received\n' >in/file
ev-ingest -q c.evcase --as @examiner in >/dev/null || [ $? -eq 3 ]
ev-stamp --self c.evcase --as @examiner >/dev/null

# RSA in an encrypted PEM, P-384 in a plain one: neither with a certificate.
openssl pkcs8 -topk8 -in pki/rsa.key -out rsa.enc -passout pass:other
tokens='' token=''
module=
for m in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so; do
	[ ! -f "$m" ] || module=$m
done
if [ -n "$module" ] && command -v softhsm2-util >/dev/null &&
    openssl engine pkcs11 >/dev/null 2>&1; then
	mkdir tokens
	echo "directories.tokendir = $dir/tokens" >softhsm2.conf
	export SOFTHSM2_CONF="$dir/softhsm2.conf" PKCS11_MODULE_PATH="$module"
	softhsm2-util --init-token --free --label desk --so-pin 87654321 \
	    --pin 12345678 >/dev/null
	openssl pkcs8 -topk8 -nocrypt -in pki/token.key -out token.p8
	softhsm2-util --import token.p8 --token desk --label mine --id 07 \
	    --pin 12345678 >/dev/null
	token='pkcs11:token=desk;object=mine;type=private'
	tokens=12345678
fi
lines test other $tokens
# shellcheck disable=SC2086
says 0 '' ev-bundle c.evcase --as @examiner -o b.asice --sign pki/signer.p12 \
    --sign rsa.enc --sign pki/p384.key ${token:+--sign "$token"} \
    --chain pki/ca.pem --chain pki/ca.crl --pass file:secrets
count=3
[ -z "$token" ] || count=4

# Stock openssl: each signature over a list of every file outside META-INF.
mkdir u
unzip -q b.asice -d u
(cd u && find . -type f ! -path './META-INF/*' ! -name mimetype |
    cut -c3- | LC_ALL=C sort) >files
n=0
for p7s in u/META-INF/signature*.p7s; do
	n=$((n + 1))
	xml=u/META-INF/ASiCManifest00$n.xml
	[ "$p7s" = "u/META-INF/signature00$n.p7s" ]
	says 0 'successful' openssl cms -verify -cades -binary -inform DER \
	    -in "$p7s" -content "$xml" -CAfile pki/ca.pem -purpose any \
	    -crl_check -out out
	sed -n 's/.*DataObjectReference URI="\([^"]*\)".*/\1/p' "$xml" |
		LC_ALL=C sort >listed
	cmp files listed
	grep -q "SigReference URI=\"META-INF/signature00$n.p7s\"" "$xml"
	openssl cms -cmsout -print -noout -inform DER -in "$p7s" >printed
	[ "$(grep -c 'd.issuerAndSerialNumber' printed)" -eq 1 ]
	# Its own certificate and the root, the list: not the others'.
	[ "$(grep -c 'd.certificate:' printed)" -eq 2 ]
	[ "$(grep -c 'd.crl:' printed)" -eq 1 ]
	openssl pkcs7 -inform DER -in "$p7s" -print_certs |
		grep subject | grep -v 'Test Root' >>subjects
done
[ $n -eq $count ]
[ "$(sed -n 's/.*CN *= *Test //p' subjects | tr '\n' ' ')" = \
    "signer rsa p384 ${token:+token }" ]

# Ours: every signer is named, enrolled and trusted.
says 3 '' ev-verify b.asice --trust pki/ca.pem
[ "$(grep -c 'leads to a root that you named, and was not revoked' said)" -eq \
    $count ]
[ "$(grep -c 'the log enrols that certificate as @' said)" -eq $count ]
! grep -q FAILED said

# A pin is for one of them, whichever; a stranger's fails.
for who in signer p384; do
	pin=$(openssl x509 -in pki/$who.pem -outform DER | sha256sum |
		cut -c1-64)
	says 3 'the certificate is the one you pinned' ev-verify --quick \
	    b.asice --trust pki/ca.pem --pin "$pin"
	[ "$(grep -c 'the one you pinned' said)" -eq 1 ]
	[ "$(grep -c 'leads to a root that you named' said)" -eq \
	    $((count - 1)) ]
	! grep -q FAILED said
done
pin=$(openssl x509 -in pki/plain.pem -outform DER | sha256sum | cut -c1-64)
says 1 "behind it: not the expected one: the certificate $pin" ev-verify \
    --quick b.asice --trust pki/ca.pem --pin "$pin"

# VERIFY.txt, followed literally: every signer again.
{ cat pki/ca.pem; openssl pkcs7 -inform DER -print_certs \
    -in u/META-INF/timestamp001.tst | sed -n '/BEGIN/,/END/p'; } >roots.pem
sed -n 's/^    //p' u/VERIFY.txt >check
mkdir clean
unzip -q b.asice -d clean
recipe() {
	(cd clean && env BUNDLE="$dir/b.asice" ROOTS="$dir/roots.pem" \
	    sh "$dir/check") >recipe 2>&1
}
recipe || { cat recipe; exit 1; }
[ "$(grep -c '^ok .*signature00.\.p7s signs' recipe)" -eq $count ]
[ "$(grep -c '^ok .*ASiCManifest00.\.xml: every file is signed' recipe)" -eq \
    $count ]
# The second signer's list without a file: found, and said of that list.
sed -i '/bagit.txt/d' clean/META-INF/ASiCManifest002.xml
! recipe
grep -q '^BAD .*ASiCManifest002.xml: a file is not signed' recipe
grep -q '^BAD .*signature002.p7s' recipe
grep -q '^ok .*signature001.p7s signs' recipe

# What cannot sign, and why.
refused "pki/weak.key: the key is RSA 2048" --sign pki/weak.key
refused "pki/p521.key: the key is EC P-521" --sign pki/p521.key
refused "pki/ed25519.key: the key is ED25519" --sign pki/ed25519.key
openssl dsaparam -genkey -out dsa.key 2048 2>/dev/null
openssl req -x509 -new -key dsa.key -subj /CN=D -out dsa.pem
cat dsa.pem >>dsa.key
refused "dsa.key: the key is DSA 2048" --sign dsa.key
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -subj /CN=Stranger -keyout self.pem -out self.crt 2>/dev/null
cat self.crt >>self.pem
refused 'CN=Test nosign,O=Test Bureau' --sign pki/nosign.key
refused 'is not for signatures' --sign pki/nosign.key
refused 'was valid until 2020-01-02T00:00:00Z, and it is' --sign pki/old.key
refused 'CN=Test revoked' --sign pki/revoked.key --chain pki/ca.pem \
    --chain pki/ca.crl
refused 'nobody is enrolled with the certificate of' --sign self.pem
refused 'was named twice to sign' --sign pki/p384.key --sign pki/p384.key
refused 'there is no certificate of the private key' --sign pki/tsa.key
refused "cannot open 'missing.pem'" --sign missing.pem
refused "missing.pem" --sign pki/p384.key --chain missing.pem
refused 'neither a certificate nor a list' --sign pki/p384.key \
    --chain in/file
lines wrong
refused "cannot decrypt 'pki/signer.p12': wrong passphrase?" \
    --sign pki/signer.p12 --pass file:secrets
refused "cannot decrypt 'rsa.enc': wrong passphrase?" --sign rsa.enc \
    --pass file:secrets
lines test
refused "there is no passphrase for 'rsa.enc'" --sign pki/signer.p12 \
    --sign rsa.enc --pass file:secrets
refused "is not fd:N or file:F" --sign rsa.enc --pass other
# A list that ran out says nothing about now.
refused 'the list of revoked certificates' --sign pki/p384.key \
    --chain pki/ca.pem --chain pki/old.crl
# No terminal and no --pass: setsid has none to ask on.
says 2 'no terminal to ask for the passphrase of' setsid -w ev-bundle \
    c.evcase --as @examiner -o x.asice --sign rsa.enc
if [ -n "$token" ]; then
	lines 00000000
	refused "PIN incorrect" --sign "$token" --pass file:secrets
	lines 12345678
	refused "object=mine;type=private': no such token" \
	    --sign 'pkcs11:token=nowhere;object=mine;type=private' \
	    --pass file:secrets
	refused "object=other;type=private': object not found" \
	    --sign 'pkcs11:token=desk;object=other;type=private' \
	    --pass file:secrets
	refused 'a PIN in the URI of a key is seen by everyone' \
	    --sign "$token;pin-value=12345678"
	! grep -aq 12345678 c.evcase/case.db
fi
