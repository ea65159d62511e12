#!/bin/sh
# A case changes hands between two people with keys on tokens: stock openssl
# verifies both signatures over one head; one changed byte is refused, by
# name; a case put back to before the handover shows against the receipt.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
[ -x "$EV_BUILD/bin/ev-custody" ] || exit 77
command -v softhsm2-util >/dev/null || { echo "no SoftHSM2"; exit 77; }
command -v sqlite3 >/dev/null || { echo "no sqlite3"; exit 77; }
module=
for m in /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so; do
	[ ! -f "$m" ] || module=$m
done
[ -n "$module" ] || { echo "no SoftHSM2 module"; exit 77; }
openssl engine pkcs11 >/dev/null 2>&1 || { echo "no pkcs11 engine"; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
PATH=$(cd "$EV_BUILD/bin" && pwd):$PATH
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
unset EV_CASE EV_ACTOR EV_NOW
# The engine keeps memory when a login fails; that is not ours to find.
export ASAN_OPTIONS=detect_leaks=0
sh "$here/pki.sh" pki
mkdir tokens
echo "directories.tokendir = $dir/tokens" >softhsm2.conf
export SOFTHSM2_CONF="$dir/softhsm2.conf" PKCS11_MODULE_PATH="$module"
token() { # NAME KEY PIN: a token of their own for each person
	softhsm2-util --init-token --free --label "$1" --so-pin 87654321 \
	    --pin "$3" >/dev/null
	openssl pkcs8 -topk8 -nocrypt -in "pki/$2.key" -out p8
	softhsm2-util --import p8 --token "$1" --label key --id 01 \
	    --pin "$3" >/dev/null
	echo "$3" >"$1.pin"
}
token giver signer 12345678
token taker rsa 24682468
giver='pkcs11:token=giver;object=key;type=private'
taker='pkcs11:token=taker;object=key;type=private'

ev-case init a.evcase --number H-1 --title Handover --actor 'Gil Giver' \
    --id gil --role examiner --office 'Lab' --cert pki/signer.pem --key "$giver"
ev-case enrol a.evcase --actor 'Tess Taker' --id tess --role custodian \
    --office 'Store' --cert pki/rsa.pem --key "$taker"
ev-case enrol a.evcase --as @gil --actor 'Sam Second' --id sam \
    --role supervisor --office 'Lab' --cert pki/plain.pem
ev-case enrol a.evcase --as @gil --actor 'No Key' --id nokey --role clerk \
    --office 'Lab' --cert pki/weak.pem
mkdir in
printf 'first exhibit\n' >in/one.txt
printf 'second exhibit\n' >in/two.txt
ev-ingest a.evcase in --as @gil --quiet || [ $? -eq 3 ]
cp -a a.evcase before.evcase

# Who may not.
gives 2 'no handover is open' ev-custody accept a.evcase --as @tess \
    --pass file:taker.pin
gives 2 'is not enrolled' ev-custody transfer a.evcase --as @gil --to @nobody \
    --pass file:giver.pin
gives 2 'not in the custody of @tess' ev-custody transfer a.evcase --as @tess \
    --to @gil --pass file:taker.pin
cat pki/rsa.key pki/rsa.pem >both.pem
gives 2 'not the one whose certificate' ev-custody transfer a.evcase \
    --as @gil --to @tess --sign both.pem

# The offer, the refusal of a changed byte, the acceptance.
gives 0 'the case is offered' ev-custody transfer a.evcase --as @gil \
    --to @tess --place 'Evidence room' --purpose 'Storage' \
    --pass file:giver.pin
gives 0 'offered to @tess by entry' ev-case status a.evcase
gives 2 'waits for' ev-custody transfer a.evcase --as @gil --to @tess \
    --pass file:giver.pin
gives 2 'not to @gil' ev-custody accept a.evcase --as @gil --pass file:giver.pin
cp -a a.evcase bad.evcase
segment=bad.evcase/vault/P0001.zip
at=$(grep -abo 'second exhibit' $segment | cut -d: -f1)
chmod u+w $segment
printf S | dd of=$segment bs=1 seek="$at" conv=notrunc 2>/dev/null
gives 1 'exhibit E000002: its bytes have another SHA-256 (E000002, A000002)' \
    ev-custody accept bad.evcase --as @tess --pass file:taker.pin
last=$(ev-custody log -j bad.evcase | tail -n 1)
for want in '"action":"refuse"' '"actor":"@tess"' \
    'E000002: its bytes have another SHA-256' \
    '"subject":["E000002","A000002"]'; do
	case $last in *"$want"*) ;; *) echo "not in $last: $want"; exit 1 ;; esac
done
n=$(ls bad.evcase/heads/*-refuse.p7s)
openssl cms -verify -cades -binary -inform DER -in "$n" \
    -content "${n%-refuse.p7s}.note" -CAfile pki/ca.pem -purpose any -out out
gives 0 'accepted' ev-custody accept a.evcase --as @tess --pass file:taker.pin
gives 0 '@tess signed the head' ev-custody verify a.evcase

# Both signed one head; stock openssl gives so, and not of another head.
out=$(ls a.evcase/heads/*-out.p7s)
head=${out%-out.p7s}
for sig in "$out" "$head-in.p7s"; do
	openssl cms -verify -cades -binary -inform DER -in "$sig" \
	    -content "$head.note" -CAfile pki/ca.pem -purpose any -out out
	! openssl cms -verify -cades -binary -inform DER -in "$sig" \
	    -content a.evcase/heads/000001.note -CAfile pki/ca.pem \
	    -purpose any -out out 2>/dev/null
done
cmp "$head.note" bad.evcase/heads/"$(basename "$head")".note
openssl cms -cmsout -print -inform DER -in "$out" |
    grep -q 'id-smime-aa-signingCertificateV2'

# A second officer signs too; a signature that is gone or changed is found.
gives 0 '' ev-custody head a.evcase --export today.note --as @sam \
    --countersign pki/plain.key
openssl cms -verify -cades -binary -inform DER -in today.note.p7s \
    -content today.note -CAfile pki/ca.pem -purpose any -out out
gives 0 '@sam signed the head' ev-custody verify a.evcase --head today.note
for f in "$out" "$head-in.p7s" "$(ls a.evcase/heads/*-second.p7s)"; do
	rm -rf x.evcase
	cp -a a.evcase x.evcase
	f=x.evcase/heads/$(basename "$f")
	chmod u+w "$f"
	cp "$out" keep
	cmp -s keep "$f" && cp "$head-in.p7s" "$f" || cp keep "$f"
	gives 1 "$(basename "$f")" ev-custody verify x.evcase
	rm "$f"
	gives 1 "$(basename "$f")" ev-custody verify x.evcase
done

# The receipt: its recipe runs, its digests are those of the signatures, and
# its heads find a case that was put back to before the handover, with its
# heads or without.
ev-custody receipt a.evcase -o receipt.txt
ev-custody receipt a.evcase -o receipt.html
cp pki/ca.pem a.evcase/ROOTS.pem
sed -n '/^check=/p; /^\$check/p; /^sha256sum/p' receipt.txt >recipe
[ "$(grep -c '^\$check' recipe)" -eq 2 ]
(cd a.evcase && sh -eu ../recipe) >said
rm a.evcase/ROOTS.pem
while read -r sum _; do grep -qF "$sum" receipt.txt; done <said
sum=$(sha256sum <"$head.note" | cut -c 1-64)
sed -n '/^The head that both/,/^The head after/p' receipt.txt |
    sed '1,2d; /^The head after/d' | sed '$d' | sha256sum | grep -q "$sum"
code=$(grep -oE -m 1 '([0-9a-f]{4} ){7}[0-9a-f]{4}' receipt.txt)
for kept in receipt.txt receipt.html "$code"; do
	gives 0 'the log extends the head' ev-custody verify a.evcase \
	    --head "$kept"
	gives 1 'an older case' ev-custody verify before.evcase --head "$kept"
	gives 0 'older copy of the whole case would not show' \
	    ev-custody verify before.evcase
done
rm -rf x.evcase
cp -a a.evcase x.evcase
cp before.evcase/case.db x.evcase/case.db
rm -f x.evcase/case.db-wal x.evcase/case.db-shm
gives 1 'an older case' ev-custody verify x.evcase --head receipt.txt
gives 2 'an older database was put back' ev-custody note x.evcase --as @tess \
    --text 'I was here'
gives 1 'its bytes have another SHA-256' ev-case check bad.evcase
gives 0 'RECORD OF A REFUSED HANDOVER' ev-custody receipt bad.evcase
grep -q 'failed .*E000002: its bytes have another SHA-256' said

# The bundle carries the signatures: stock openssl verifies them there, and
# ev-verify finds one that was put in the place of another.
ev-bundle a.evcase --as @tess --pass file:taker.pin --draft -q -o h.asice >said
mkdir u
(cd u && unzip -q ../h.asice)
n=0
for sig in u/data/custody/heads/*.p7s; do
	note=${sig%-*.p7s}.note
	openssl cms -verify -cades -binary -inform DER -in "$sig" \
	    -content "$note" -CAfile pki/ca.pem -purpose any -out out
	n=$((n + 1))
done
[ $n -eq 3 ]
gives 3 '@tess signed the head of' ev-verify h.asice
grep -q '@sam signed the head of' said
for kept in receipt.txt receipt.html today.note; do
	gives 3 'that you kept' ev-verify h.asice --head "$kept"
	grep -q '^log .*ok .*extends the head of .* entries that you kept' said
done
ev-bundle before.evcase --as @gil --pass file:giver.pin --draft -q \
    -o old.asice >said
gives 1 'its tail was cut' ev-verify old.asice --head receipt.html
gives 2 'the head that was kept' ev-verify h.asice --head pki/ca.pem
rm -rf x.evcase
cp -a a.evcase x.evcase
f=x.evcase/heads/$(basename "$head")-in.p7s
chmod u+w "$f"
cp "$out" "$f"
ev-bundle x.evcase --as @tess --pass file:taker.pin --draft -q -o x.asice >said
gives 1 "data/custody/heads/$(basename "$f"): signed with the certificate" \
    ev-verify x.asice
