#!/bin/sh
# A case stamped by two authorities, one of them down; by hand across an air
# gap; and what stock tools make of the tokens and records.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
[ -x "$EV_BUILD/bin/ev-ingest" ] || { echo "no ev-ingest: skipped"; exit 77; }
for t in python3 unzip xxd; do
	command -v $t >/dev/null || { echo "no $t: skipped"; exit 77; }
done
tmp=$(mktemp -d)
trap 'exec 3>&-; chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
PATH=$EV_BUILD/bin:$PATH
unset EV_CASE EV_ACTOR
cd "$tmp"
said() { grep -q -- "$1" out || { cat out err; fail "not said: $1"; }; }
sh "$EV_SRC/tests/interop/pki.sh" "$tmp/pki"
mkfifo hold
python3 "$EV_SRC/tests/interop/tsa.py" "$tmp/pki" "$tmp/port" <hold &
exec 3>hold
tsa=http://127.0.0.1:$(port port)
sh "$EV_SRC/tests/cli/lib/captured.sh" captured
new() { # NAME
	run 0 ev-case init "$1" --number T-1 --title T --actor 'A. Example' \
	    --role examiner --office 'Demo Lab' --self-signed
	run 3 ev-ingest "$1" captured
}

# One answers, the other fails twice and is queued; then it answers.
new c.evcase
run 3 ev-stamp c.evcase --tsa "$tsa/tsa" --tsa "$tsa/flaky" --tries 1 --timeout 5
[ "$(grep -c ' queued ' out)" = 2 ] || { cat out; fail "not two queued"; }
[ "$(grep -c "$tsa/tsa" out)" = 2 ] || { cat out; fail "not two stamped"; }
run 0 ev-stamp c.evcase --tries 1
said "head .*$tsa/flaky"
said "acquisition .*$tsa/flaky"
run 0 ev-stamp c.evcase --tsa "$tsa/tsa" --tsa "$tsa/flaky"
! grep -v "^crl .*not had" out || fail "stamped again what was stamped"
run 0 ev-custody verify c.evcase
run 0 ev-case check c.evcase
[ "$(find c.evcase/heads -name '*.tst' | wc -l)" = 2 ] || fail "not two tokens over heads"

# A bundle of it, and stock tools over its record and its tokens.
run 0 ev-bundle c.evcase -o c.asice --tsa "$tsa/tsa"
run 3 ev-verify c.asice
if grep -q self-issued out; then cat out; fail "a token of ours"; fi
cat pki/ca.pem >roots.pem
unzip -q c.asice -d u
root=$(cut -c1-64 u/data/time/I000001-sha256.txt | LC_ALL=C sort | xxd -r -p |
	openssl dgst -sha256 -r | cut -c1-64)
check() { # DIGEST TOKEN
	openssl ts -verify -digest "$1" -in "$2" -token_in -CAfile roots.pem >log 2>&1
}
[ "$(find u/data/time -name 'I000001*.tst' | wc -l)" = 2 ] || fail "not two tokens over I000001"
for token in u/data/time/I000001*.tst; do
	check "$root" "$token" || { cat log; fail "openssl ts over $token"; }
done
for token in c.evcase/heads/*.tst; do
	head=$(echo "$token" | sed 's/\(-[0-9]*\)*\.tst$//').note
	digest=$(openssl dgst -sha256 -r "$head" | cut -c1-64)
	check "$digest" "$token" || { cat log; fail "openssl ts over $token"; }
	if check "$root" "$token"; then fail "openssl ts takes any digest"; fi
done

# Across an air gap: requests out, `openssl ts -reply` elsewhere, replies in.
new d.evcase
mkdir out.d in.d
run 2 ev-stamp d.evcase --tsq-out out.d --self
run 3 ev-stamp d.evcase --tsq-out out.d
[ "$(ls out.d)" = "I000001.tsq
$(cd out.d && ls head-*.tsq)" ] || { ls out.d; fail "the requests"; }
run 3 ev-stamp d.evcase --tsr-in in.d
reply() { # REQUEST REPLY
	(cd pki && openssl ts -reply -config ca.cnf -section t -signer tsa.pem \
	    -inkey tsa.key -queryfile "$1" -out "$2") 2>/dev/null
}
for q in out.d/*.tsq; do
	name=$(basename "$q" .tsq)
	openssl ts -query -in "$q" -text >log 2>&1
	grep -q 'Certificate required: yes' log || { cat log; fail "$q: no certificate is asked for"; }
	grep -q 'Nonce: 0x' log || { cat log; fail "$q: no nonce"; }
	reply "$tmp/$q" "$tmp/in.d/$name.tsr"
done
# A reply to another request, and half of one, are refused.
openssl ts -query -digest "$root" -sha256 -cert -out other.tsq 2>/dev/null
reply "$tmp/other.tsq" "$tmp/other.tsr"
run 1 ev-stamp d.evcase --tsr-in other.tsr
head -c 300 in.d/I000001.tsr >half.tsr
run 1 ev-stamp d.evcase --tsr-in half.tsr
run 0 ev-stamp d.evcase --tsr-in in.d/I000001.tsr
said 'acquisition I000001'
rm in.d/I000001.tsr
run 0 ev-stamp d.evcase --tsr-in in.d
said 'head '
run 0 ev-custody verify d.evcase
run 0 ev-bundle d.evcase -o d.asice --tsa "$tsa/tsa"
run 3 ev-verify d.asice
exec 3>&-
wait
echo "two authorities, one queued, an air gap: every token verified by openssl"
