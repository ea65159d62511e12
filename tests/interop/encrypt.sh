#!/bin/sh
# A bundle that is encrypted on its way is opened by openssl's own cms with the
# key of each recipient, RSA or EC, and is then the bundle, byte for byte; with
# another key, or one bit changed, it is not.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
[ -x "$EV_BUILD/bin/ev-bundle" ] || { echo "no ev-bundle: skipped"; exit 77; }
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
PATH=$EV_BUILD/bin:$PATH
unset EV_CASE EV_ACTOR
cd "$tmp"
says() { grep -q -e "$1" out err || { cat out err; fail "not said: $1"; }; }
key() { # NAME OPTION...
	name=$1
	shift
	openssl req -x509 -nodes -days 30 -subj "/CN=$name" -keyout "$name.key" \
	    -out "$name.pem" "$@" 2>/dev/null
}
key rsa -newkey rsa:3072
key ec -newkey ec -pkeyopt ec_paramgen_curve:P-256
key other -newkey rsa:3072
key signer -newkey ec -pkeyopt ec_paramgen_curve:P-384 \
    -addext keyUsage=digitalSignature
openssl x509 -in ec.pem -outform DER -out ec.der
mkdir src
head -c 3000000 /dev/urandom >src/large
echo 'a line that must not be seen' >src/note.txt
run 0 ev-case init c.evcase --number T-1 --title Secret --actor 'A. Example' \
    --role examiner --office 'Demo Lab' --self-signed
run 3 ev-ingest c.evcase src
head=$(ev-list -j c.evcase heads | tail -n 1 | sed 's/.*"entries":\([0-9]*\).*/\1/')
run 0 ev-bundle c.evcase --checkpoint "$head" -o plain.asice
content=$(sed -n 's/^content digest *//p' out)
run 0 ev-bundle c.evcase --checkpoint "$head" -o b.p7m --encrypt-to rsa.pem \
    --encrypt-to ec.der
says "^content digest  *$content\$"
inner=$(sed -n 's/^bundle SHA-256 *//p' out)
says "^file SHA-256  *$(sha256sum b.p7m | cut -d' ' -f1), encrypted\$"
! grep -aq 'must not be seen' b.p7m || fail "it can be read"
for who in rsa ec; do
	run 0 openssl cms -decrypt -inform DER -in b.p7m -recip $who.pem \
	    -inkey $who.key -out $who.asice
	[ "$(sha256sum <$who.asice | cut -c1-64)" = "$inner" ] ||
		fail "$who: not the bundle that was printed"
	run 3 ev-verify $who.asice
done
# Algorithms as they should be: OAEP, SHA-256, AES-256-GCM.
openssl cms -cmsout -print -inform DER -in b.p7m >print 2>/dev/null
for what in id-smime-ct-authEnvelopedData aes-256-gcm rsaesOaep; do
	grep -q "$what" print || fail "not $what"
done
grep -q 'dhSinglePass-stdDH-sha256kdf-scheme' print || fail "another key derivation"
run 0 ev-custody log c.evcase -j
says '"encrypted_to":\["[0-9a-f]\{64\}","[0-9a-f]\{64\}"\].*"sealed_sha256"'
# What it is, and how to open it.
run 2 ev-verify b.p7m
says 'is an encrypted file (CMS AuthEnvelopedData)'
says 'openssl cms -decrypt'
run 4 openssl cms -decrypt -inform DER -in b.p7m -recip other.pem \
    -inkey other.key -out other.asice
python3 - <<'P'
d = bytearray(open('b.p7m', 'rb').read())
d[len(d) // 2] ^= 1
open('bad.p7m', 'wb').write(d)
P
run 4 openssl cms -decrypt -inform DER -in bad.p7m -recip rsa.pem -inkey rsa.key \
    -out bad.asice
# Refused, and nothing left: no certificate, a key for signatures only.
run 2 ev-bundle c.evcase -o no.p7m --encrypt-to src/note.txt
run 2 ev-bundle c.evcase -o no.p7m --encrypt-to signer.pem
says 'not for encryption'
run 2 ev-bundle c.evcase -o no.p7m --encrypt-to nowhere.pem
says "cannot open certificate 'nowhere.pem'"
[ -z "$(find . -maxdepth 1 -name 'no.*' -o -maxdepth 1 -name '.evidence*')" ] ||
	fail "something was left behind"
echo "one bundle to an RSA and an EC key, opened by openssl with each"
