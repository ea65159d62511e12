#!/bin/sh
# An authority that ends: its tokens are judged at their own time five years
# later; a second authority renews the bundle; then the first one's key is
# declared lost, and only what was renewed before that stands.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
[ -x "$EV_BUILD/bin/ev-bundle" ] || { echo "no ev-bundle: skipped"; exit 77; }
for t in python3 unzip xxd faketime; do
	command -v $t >/dev/null || { echo "no $t: skipped"; exit 77; }
done
tmp=$(mktemp -d)
trap 'exec 3>&- 4>&-; chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
PATH=$EV_BUILD/bin:$PATH
unset EV_CASE EV_ACTOR http_proxy HTTP_PROXY
cd "$tmp"
here=$EV_SRC/tests/interop
said() { grep -qF -- "$1" out err || { cat out err; fail "not said: $1"; }; }
unsaid() { ! grep -qF -- "$1" out || { cat out err; fail "said: $1"; }; }
# The first authority lives thirty days; the second will do so in five years.
day=86400 now=$(date +%s)
clock() { date -u -d "@$1" '+%Y-%m-%d %H:%M:%S'; }
sh "$here/pki.sh" pki
now=$((now + 1760 * day))
PKI_ORG="Second Bureau" faketime "$(clock $((now - day)))" sh "$here/pki.sh" pki2
at() { faketime "$(clock $now)" "$@"; }
mkfifo hold hold2
python3 "$here/tsa.py" "$tmp/pki" "$tmp/port" <hold &
exec 3>hold
at python3 "$here/tsa.py" "$tmp/pki2" "$tmp/port2" <hold2 3>&- &
exec 4>hold2
tsa=http://127.0.0.1:$(port port)/tsa
tsa2=http://127.0.0.1:$(port port2)/tsa

cat pki/signer.key pki/signer.pem >pki/signer.both
run 0 ev-case init c.evcase --number T-1 --title T --actor 'A. Example' \
    --role examiner --office 'Demo Lab' --key pki/signer.both
printf 'what was received\n' >received.txt
run 3 ev-ingest c.evcase received.txt
run 0 ev-stamp c.evcase --tsa "$tsa"
unsaid 'the clock of this machine'
# An authority whose clock is years ahead of ours.
cp -R c.evcase skewed.evcase
run 0 ev-stamp skewed.evcase --tsa "$tsa2"
said ': the clock of this machine is 1520'
said ' s behind'
run 0 ev-bundle c.evcase -o old.asice --tsa "$tsa"
cat pki/ca.pem >roots1.pem
cat pki/ca.pem pki2/ca.pem >roots.pem
run 0 ev-verify old.asice --trust roots1.pem
# The year was named in advance: that of the authority's certificate.
ends=$(date -u -d "$(openssl x509 -in pki/tsa.pem -noout -enddate | sed 's/.*=//')" +%Y-%m-%d)
run 1 ev-case doctor c.evcase old.asice
for proof in head record archive; do
	grep "^DUE  $proof .*renew by ${ends%%-*} ($ends): the certificate of CN=Test tsa,O=Test Bureau ends\$" out >/dev/null ||
		{ cat out; fail "the end of $proof"; }
done

# Five years later the authority's certificate is long over.
run 0 at ev-verify old.asice --trust roots1.pem
said 'the authority CN=Test tsa,O=Test Bureau leads to a root that you named'
unzip -q old.asice -d old
if at openssl ts -verify -token_in -in old/META-INF/timestamp001.tst \
    -data old/META-INF/ASiCArchiveManifest.xml -CAfile roots1.pem >log 2>&1; then
	fail "openssl takes an expired authority without -attime"
fi

# Renewed under the second authority.
run 0 at ev-stamp renew old.asice -o new.asice --tsa "$tsa2"
said 'archive     2 '
run 2 at ev-stamp renew old.asice -o new.asice --tsa "$tsa2"
said 'exists already'
run 0 at ev-verify new.asice --trust roots.pem
said 'META-INF/timestamp002.tst existed at'
ends=$(date -u -d "$(openssl x509 -in pki2/tsa.pem -noout -enddate | sed 's/.*=//')" +%Y-%m-%d)
run 1 ev-case doctor c.evcase new.asice
said "($ends): the certificate of CN=Test tsa,O=Second Bureau ends"
unzip -q new.asice -d new
[ "$(ls new/META-INF)" = "ASiCArchiveManifest.xml
ASiCArchiveManifest001.xml
ASiCEvidenceRecordManifest001.xml
ASiCManifest001.xml
evidencerecord001.ers
signature001.p7s
timestamp001.tst
timestamp002.tst" ] || { ls new/META-INF; fail "the files of META-INF"; }
cmp old/META-INF/ASiCArchiveManifest.xml new/META-INF/ASiCArchiveManifest001.xml
cmp old/META-INF/timestamp001.tst new/META-INF/timestamp001.tst
(cd new && find . -type f ! -path './META-INF/*' -exec sha256sum {} + | sort -k 2) >a
(cd old && find . -type f ! -path './META-INF/*' -exec sha256sum {} + | sort -k 2) >b
cmp a b
grep -q 'URI="META-INF/ASiCArchiveManifest001.xml" MimeType="text/xml" Rootfile="true"' \
    new/META-INF/ASiCArchiveManifest.xml || fail "no Rootfile"
[ "$(grep -c Rootfile new/META-INF/ASiCArchiveManifest.xml)" = 1 ] || fail "more than one Rootfile"

# The same by stock tools: each token at its own time.
stock() { # TOKEN DATA ROOT
	when=$(openssl ts -reply -token_in -in "$1" -text 2>/dev/null |
		sed -n 's/^Time stamp: //p')
	at openssl ts -verify -token_in -in "$1" -data "$2" -CAfile "$3" \
	    -attime "$(date -u -d "$when" +%s)" >log 2>&1 || { cat log; fail "openssl: $1"; }
}
stock new/META-INF/timestamp001.tst new/META-INF/ASiCArchiveManifest001.xml pki/ca.pem
stock new/META-INF/timestamp002.tst new/META-INF/ASiCArchiveManifest.xml pki2/ca.pem

# So says the recipe in it, which needs nothing of ours.
cp -R new recipe
sed -n 's/^    //p' new/VERIFY.txt >recipe/check
(cd recipe && BUNDLE=$tmp/new.asice ROOTS=$tmp/roots.pem sh check) >log 2>&1 ||
	{ cat log; fail "the recipe on what was renewed"; }
grep -q '^ok   5 META-INF/timestamp002.tst' log || fail "the recipe does not see the second round"

# What was renewed can be renewed again, and by two authorities at once.
run 0 at ev-stamp renew new.asice -o third.asice --tsa "$tsa2" --tsa "$tsa2"
run 0 at ev-verify third.asice --trust roots.pem
said 'META-INF/timestamp004.tst existed at'
run 2 at ev-stamp renew new.asice -o x.asice --tsa http://127.0.0.1:1/ --tries 1
[ ! -e x.asice ] || fail "a bundle without its stamp"
run 3 at ev-stamp renew new.asice -o x.asice --tries 1 --tsa "$tsa2" --tsa http://127.0.0.1:1/
run 0 at ev-verify x.asice --trust roots.pem
# Nothing is renewed that is not whole.
cp new.asice bad.asice
printf X | dd of=bad.asice bs=1 seek=2000 conv=notrunc status=none
run 1 at ev-stamp renew bad.asice -o y.asice --tsa "$tsa2"
[ ! -e y.asice ] || fail "a broken bundle renewed"

# Later the first authority says that its key was lost: after the renewal,
# before it, or that it gave the key up unharmed.
lost() { # LIST SECONDS REASON
	cp pki/index.txt index.good
	awk -F'\t' -v OFS='\t' -v r="$(date -u -d "@$2" +%y%m%d%H%M%SZ)$3" \
	    '/CN=Test tsa$/ { $1 = "R"; $3 = r } { print }' index.good >pki/index.txt
	(cd pki && openssl ca -config ca.cnf -gencrl \
	    -crl_lastupdate "$(date -u -d "@$now" +%Y%m%d%H%M%SZ)" -crldays 300 \
	    -out "../$1.crl") 2>log || { cat log; exit 1; }
	cp index.good pki/index.txt
	cat roots.pem "$1.crl" >"$1.pem"
}
much() { faketime "$(clock $((now + 60 * day)))" "$@"; }
lost after $((now + 30 * day)) ,keyCompromise
run 0 much ev-verify new.asice --trust after.pem
unsaid FAILED
run 1 much ev-verify old.asice --trust after.pem
said 'revoked because the key was compromised'
lost before $((now - 30 * day)) ,keyCompromise
run 1 much ev-verify new.asice --trust before.pem
said 'META-INF/timestamp002.tst existed at'
said 'META-INF/signature001.p7s'
lost given_up $((now - 30 * day)) ,cessationOfOperation
run 0 much ev-verify old.asice --trust given_up.pem
# The renewal counts for nothing to whom the second authority is nobody.
cat pki/ca.pem after.crl >one.pem
run 1 much ev-verify new.asice --trust one.pem

exec 3>&- 4>&-
wait
echo "renewed, and verified when the first authority's key was lost afterwards"
