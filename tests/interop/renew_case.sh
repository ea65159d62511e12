#!/bin/sh
# A case renewed under a second authority, and from SHA-256 to SHA-512: its
# evidence records by ours and by openssl, and what falls with the first
# authority's key when nothing was renewed.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
[ -x "$EV_BUILD/bin/ev-bundle" ] || { echo "no ev-bundle: skipped"; exit 77; }
for t in python3 unzip xxd faketime; do
	command -v $t >/dev/null || { echo "no $t: skipped"; exit 77; }
done
tmp=$(mktemp -d)
trap 'exec 3>&- 4>&-; chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
PATH=$EV_BUILD/bin:$PATH
drv=$EV_BUILD/tests/seal_driver
unset EV_CASE EV_ACTOR http_proxy HTTP_PROXY
cd "$tmp"
here=$EV_SRC/tests/interop
said() { grep -q -- "$1" out err || { cat out err; fail "not said: $1"; }; }
day=86400 now=$(($(date +%s) + 20 * 86400))
clock() { date -u -d "@$1" '+%Y-%m-%d %H:%M:%S'; }
at() { faketime "$(clock $now)" "$@"; }
sh "$here/pki.sh" pki
PKI_ORG="Second Bureau" faketime "$(clock $((now - day)))" sh "$here/pki.sh" pki2
mkfifo hold hold2
python3 "$here/tsa.py" "$tmp/pki" "$tmp/port" <hold &
exec 3>hold
at python3 "$here/tsa.py" "$tmp/pki2" "$tmp/port2" <hold2 3>&- &
exec 4>hold2
tsa=http://127.0.0.1:$(port port)/tsa
tsa2=http://127.0.0.1:$(port port2)/tsa
cat pki/signer.key pki/signer.pem >signer.pem
run 0 ev-case init c.evcase --number T-1 --title T --actor 'A. Example' \
    --role examiner --office 'Demo Lab' --key signer.pem
mkdir in
for n in 3 1 2; do printf 'exhibit %d\n' $n >in/$n.txt; done
run 3 ev-ingest c.evcase in
run 0 ev-stamp c.evcase --tsa "$tsa"
before=$(ls c.evcase/heads/*.tst)
run 0 ev-bundle c.evcase -o old.asice --tsa "$tsa"

run 2 at ev-stamp renew c.evcase
run 2 at ev-stamp renew c.evcase --tsa http://127.0.0.1:1/ --tries 1
said 'no answer from'
[ "$(ls c.evcase/heads/*.tst)" = "$before" ] || fail "a head stamped by nobody"
run 0 at ev-stamp renew c.evcase --tsa "$tsa2"
said '^record *I000001 '
said '^head '
[ "$(ls c.evcase/heads/*.tst | wc -l)" = 2 ] || fail "no new token over a head"
run 0 at ev-custody log -j c.evcase
said '"renewal":"time-stamp"'
run 1 at ev-case doctor c.evcase
said 'record *I000001 .*CN=Test tsa,O=Second Bureau ends'
said 'head .*CN=Test tsa,O=Second Bureau ends'
run 0 at ev-case check c.evcase
run 0 at ev-bundle c.evcase -o one.asice --tsa "$tsa2"
cat pki/ca.pem pki2/ca.pem >roots.pem
run 0 at ev-verify one.asice --trust roots.pem
said 'I000001.ers was renewed 1 times, last by CN=Test tsa,O=Second Bureau'
said 'I000001.ers existed at .* says CN=Test tsa,O=Test Bureau'

# Under SHA-512: a new chain over the objects and all that was before.
run 0 at ev-stamp renew c.evcase --tsa "$tsa2" --sha512
run 0 at ev-stamp renew c.evcase --tsa "$tsa2"
run 0 at ev-custody log -j c.evcase
said '"renewal":"hash-tree"'
run 0 at ev-bundle c.evcase -o two.asice --tsa "$tsa2"
run 0 at ev-verify two.asice --trust roots.pem
said 'I000001.ers was renewed 3 times'
# The bundle of an older head has the record of that time.
old=$(basename "$before" .tst | sed 's/^0*//')
run 0 at ev-bundle c.evcase -o then.asice --tsa "$tsa2" --checkpoint "$old"
for b in old one two then; do
	unzip -p $b.asice data/time/I000001.ers >$b.ers
done
cmp then.ers old.ers || fail "another record of that time"

# openssl: each token over what it must cover; the second over the first.
tokens() { # ERS: token1, token2, ...
	openssl asn1parse -inform DER -in "$1" |
		awk '/pkcs7-signedData/ { split(p, a, ":"); print a[1] + 0 } { p = $0 }' >offsets
	i=0
	while read -r offset; do
		i=$((i + 1))
		openssl asn1parse -inform DER -in "$1" -strparse "$offset" -noout -out token$i
	done <offsets
}
stock() { # TOKEN ROOT HASH DIGEST
	at openssl ts -verify -token_in -in "$1" -CAfile "$2" -digest "$4" >log 2>&1 ||
		{ cat log; fail "openssl: $1 over $3"; }
}
tokens two.ers
[ "$i" = 4 ] || fail "$i tokens, not four"
stock token2 pki2/ca.pem SHA-256 "$(openssl dgst -sha256 -r token1 | cut -c1-64)"
stock token4 pki2/ca.pem SHA-512 "$(openssl dgst -sha512 -r token3 | cut -c1-128)"
# And the third over each object's SHA-512 with that of the chain before it.
python3 - two.ers in/1.txt in/2.txt in/3.txt >imprint <<'P'
import hashlib, sys
der = open(sys.argv[1], "rb").read()
def tlv(b, i):
    n, h = b[i + 1], 2
    if n & 0x80:
        h += n & 0x7f
        n = int.from_bytes(b[i + 2:i + h], "big")
    return i + h, n, i + h + n
def parts(b):
    i, _, end = tlv(b, 0)
    out = []
    while i < end:
        _, _, nxt = tlv(b, i)
        out.append(b[i:nxt])
        i = nxt
    return out
def seq(body):
    n = len(body)
    l = bytes([n]) if n < 128 else bytes([0x80 | ((n.bit_length() + 7) // 8)]) + n.to_bytes((n.bit_length() + 7) // 8, "big")
    return b"\x30" + l + body
chains = parts(parts(der)[-1])
assert len(chains) == 2
before = hashlib.sha512(seq(chains[0])).digest()
own = sorted(hashlib.sha512(hashlib.sha512(open(f, "rb").read()).digest() + before).digest() for f in sys.argv[2:])
print(hashlib.sha512(b"".join(own)).hexdigest())
P
stock token3 pki2/ca.pem SHA-512 "$(cat imprint)"

# The first authority's key is lost, after and before the renewal.
lost() { # LIST SECONDS
	awk -F'\t' -v OFS='\t' -v r="$(date -u -d "@$2" +%y%m%d%H%M%SZ),keyCompromise" \
	    '/CN=Test tsa$/ { $1 = "R"; $3 = r } { print }' pki/index.txt >index.lost
	cp pki/index.txt index.good
	cp index.lost pki/index.txt
	(cd pki && openssl ca -config ca.cnf -gencrl \
	    -crl_lastupdate "$(date -u -d "@$now" +%Y%m%d%H%M%SZ)" -crldays 30 \
	    -out "../$1.crl") 2>log || { cat log; exit 1; }
	cp index.good pki/index.txt
	cat roots.pem "$1.crl" >"$1.pem"
}
lost after $((now + 5 * day))
lost before $((now - 5 * day))
run 0 "$drv" checkrecord one.ers after.pem in/1.txt in/2.txt in/3.txt
said 'trust ok'
run 0 "$drv" checkrecord old.ers after.pem in/1.txt in/2.txt in/3.txt
said 'trust revoked'
run 0 "$drv" checkrecord one.ers before.pem in/1.txt in/2.txt in/3.txt
said 'trust revoked'
exec 3>&- 4>&-
wait
echo "records carried on by a second authority and under SHA-512: openssl agrees"
