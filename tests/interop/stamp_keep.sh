#!/bin/sh
# What an authority is judged by later is kept on the day: its chain, lists of
# revoked certificates and OCSP responses, by HTTP and from files.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
[ -x "$EV_BUILD/bin/ev-bundle" ] || { echo "no ev-bundle: skipped"; exit 77; }
for t in python3 unzip; do
	command -v $t >/dev/null || { echo "no $t: skipped"; exit 77; }
done
tmp=$(mktemp -d)
trap 'exec 3>&-; chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
PATH=$EV_BUILD/bin:$PATH
unset EV_CASE EV_ACTOR http_proxy HTTP_PROXY
cd "$tmp"
said() { grep -q -- "$1" out err || { cat out err; fail "not said: $1"; }; }
unsaid() { ! grep -q -- "$1" out || { cat out; fail "said: $1"; }; }
mkdir pki
mkfifo hold
python3 "$EV_SRC/tests/interop/tsa.py" "$tmp/pki" "$tmp/port" <hold &
exec 3>hold
url=http://127.0.0.1:$(port port)
PKI_URL=$url sh "$EV_SRC/tests/interop/pki.sh" pki
cat pki/signer.key pki/signer.pem >signer.pem
printf 'what was received\n' >received.txt
new() { # CASE
	run 0 ev-case init "$1" --number T-1 --title T --actor 'A. Example' \
	    --role examiner --office 'Demo Lab' --key signer.pem
	run 3 ev-ingest "$1" received.txt
}
new c.evcase
run 0 ev-stamp c.evcase --tsa "$url/tsa"
said "^certificate - *kept *$url/file/ca.cer"
said "^crl *- *kept *$url/file/ca.crl.der"
said "^ocsp *- *kept *$url/ocsp"
run 0 ev-stamp c.evcase --tsa "$url/tsa"
[ ! -s out ] || { cat out; fail "kept twice"; }
run 0 ev-custody log -j c.evcase
said '"kept":"crl"'
said '"kept":"ocsp"'
run 0 ev-custody verify c.evcase
run 0 ev-bundle c.evcase -o c.asice --tsa "$url/tsa"
run 0 ev-verify c.asice --trust pki/ca.pem
said 'the authority CN=Test tsa,O=Test Bureau leads to a root that you named, and was not revoked'
unzip -q c.asice -d u
cmp u/data/pki/time.certificates.pem pki/ca.pem
openssl crl -in u/data/pki/time.revocation.pem -outform DER | cmp - pki/ca.crl.der
sed -n '/BEGIN OCSP/,/END OCSP/p' u/data/pki/time.revocation.pem | sed '1d;$d' | base64 -d >r.der
openssl ocsp -respin r.der -issuer pki/ca.pem -cert pki/tsa.pem -CAfile pki/ca.pem >log 2>&1 ||
	{ cat log; fail "openssl ocsp"; }
grep -q 'pki/tsa.pem: good' log || { cat log; fail "openssl ocsp does not say good"; }
# By stock tools with the list of the day, at the token's own time.
tst=u/META-INF/timestamp001.tst
when=$(openssl ts -reply -token_in -in $tst -text 2>/dev/null | sed -n 's/^Time stamp: //p')
cat pki/ca.pem u/data/pki/time.revocation.pem >with.pem
openssl ts -verify -token_in -in $tst -data u/META-INF/ASiCArchiveManifest.xml -CAfile with.pem \
    -attime "$(date -u -d "$when" +%s)" -crl_check >log 2>&1 || { cat log; fail "openssl ts -crl_check"; }

# A list that cannot be had is said, and had the next time; one that does not
# speak of the certificate is not taken for it.
new d.evcase
mv pki/ca.crl.der away
mv pki/ocsp.key away.key
run 0 ev-stamp d.evcase --tsa "$url/tsa"
said "^crl *- *not had *$url/file/ca.crl.der: no answer"
said "^ocsp *- *not had *$url/ocsp: no answer"
[ "$(grep -c "$url/tsa\$" out)" = 2 ] || { cat out; fail "the tokens"; }
run 1 ev-case doctor d.evcase
said '^note surroundings no list of revoked certificates of that day is kept for CN=Test tsa,O=Test Bureau'
PKI_ORG=Other sh "$EV_SRC/tests/interop/pki.sh" other
cp other/ca.crl.der pki/ca.crl.der
run 0 ev-stamp d.evcase
said "^crl *- *not had *$url/file/ca.crl.der: does not speak of"
mv away pki/ca.crl.der
mv away.key pki/ocsp.key
run 0 ev-stamp d.evcase
said "^crl *- *kept"
run 1 ev-case doctor d.evcase
unsaid 'no list of revoked certificates'

# By hand, for a desk without network: nobody is asked.
new e.evcase
mkdir q
run 3 ev-stamp e.evcase --tsq-out q
for f in q/*.tsq; do
	(cd pki && openssl ts -reply -config ca.cnf -section t -signer tsa.pem \
	    -inkey tsa.key -queryfile "../$f" -out "../${f%.tsq}.tsr") 2>/dev/null
done
run 0 ev-stamp e.evcase --tsr-in q --chain pki/ca.pem --crl pki/ca.crl.der --crl pki/ca.crl
said '^certificate - *kept *pki/ca.pem'
said '^crl *- *kept *pki/ca.crl.der'
[ "$(grep -c '^crl' out)" = 1 ] || { cat out; fail "the same list twice"; }
run 2 ev-stamp e.evcase --crl received.txt
said 'received.txt: neither a certificate, a list nor a response'
run 2 ev-stamp e.evcase --chain signer.pem
said 'signer.pem: neither a certificate, a list nor a response: PRIVATE KEY'
run 0 ev-bundle e.evcase -o e.asice --tsa "$url/tsa"
run 0 ev-verify e.asice --trust pki/ca.pem
said 'and was not revoked'
# Revoked before the token's time, by the list of that day.
(cd pki && openssl ca -config ca.cnf -revoke tsa.pem && openssl ca -config ca.cnf -gencrl -out ca.crl) >log 2>&1
sleep 1
run 0 ev-stamp e.evcase --crl pki/ca.crl
run 0 ev-bundle e.evcase -o bad.asice --tsa "$url/tsa"
run 1 ev-verify bad.asice --trust pki/ca.pem
said 'FAILED .*CN=Test tsa,O=Test Bureau: revoked without a reason'
exec 3>&-
wait
echo "chain, list and response of the day kept, carried and judged by"
