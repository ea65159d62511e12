#!/bin/sh
# More exhibits than a container may have entries travel in segments: unzip and
# sha256sum read them, and ev-verify derives from the bytes within them.
set -eu
[ -x "$EV_BUILD/bin/ev-ingest" ] || { echo "no ev-ingest: skipped"; exit 77; }
command -v unzip >/dev/null || { echo "no unzip: skipped"; exit 77; }
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
PATH=$EV_BUILD/bin:$PATH
unset EV_CASE EV_ACTOR
cd "$tmp"
fail() { echo "FAILED: $1"; exit 1; }

mkdir many later
i=0
while [ $i -lt 1498 ]; do
	echo "note $i" >"many/n$i.txt"
	i=$((i + 1))
done
cp many/n7.txt many/same.txt
{
	echo 'Platform,Account,Time (UTC),IP,Port,User Agent,Device'
	echo 'X,901,2026-01-06T00:00:00Z,198.51.100.7,443,ua,dev1'
	echo 'X,902,2026-01-06T00:01:00Z,198.51.100.8,443,ua,dev2'
} >many/sign-ins.csv
echo later >later/a.txt
ev-case init -q c.evcase --number T-1 --title Many --actor 'A. Example' \
    --role examiner --office 'Demo Lab' --self-signed 2>/dev/null
ingest() {
	rc=0
	ev-ingest -q c.evcase "$@" >/dev/null 2>&1 || rc=$?
	[ $rc = 3 ] || fail "ev-ingest ended with $rc"
}
ingest many
head=$(ev-list -j c.evcase heads | tail -n 1 | sed 's/.*"entries":\([0-9]*\).*/\1/')
ev-bundle -q c.evcase -o one.asice >/dev/null
[ "$(unzip -Z1 one.asice | wc -l)" -lt 1000 ] || fail "1,000 entries or more"
unzip -q one.asice -d one
[ -f one/data/exhibits/P0001.zip ] || fail "no segment"
[ "$(find one/data/exhibits -type f | wc -l)" = 1 ] || fail "more than the segment"
cmp one/data/exhibits/P0001.zip c.evcase/vault/P0001.zip ||
	fail "the segment is not the vault's"
unzip -tq one/data/exhibits/P0001.zip >/dev/null || fail "unzip -t"
mkdir seg
unzip -q one/data/exhibits/P0001.zip -d seg
(cd seg && sha256sum --quiet --strict -c ../one/data/index/exhibits-sha256.txt) ||
	fail "sha256sum -c"
[ "$(find seg -type f | wc -l)" = "$(wc -l <one/data/index/exhibits-sha256.txt)" ] ||
	fail "the list names more or less than there is"
(cd one && sha256sum --quiet --strict -c manifest-sha256.txt tagmanifest-sha256.txt) ||
	fail "the bag"
verify() { # BUNDLE STATUS
	rc=0
	ev-verify "$1" >out 2>err || rc=$?
	[ $rc = "$2" ] || { cat out err; fail "ev-verify $1: $rc, not $2"; }
}
# The recipe for stock tools, with the certificates that the bundle has.
cat one/data/pki/*.pem >roots.pem
openssl pkcs7 -inform DER -in one/META-INF/timestamp001.tst -print_certs |
	sed -n '/BEGIN/,/END/p' >>roots.pem
sed -n 's/^    //p' one/VERIFY.txt >check
(cd one && BUNDLE=../one.asice ROOTS=../roots.pem sh ../check) >out 2>&1 ||
	{ cat out; fail "VERIFY.txt"; }
verify one.asice 3
grep -q 'the bytes of 1500 exhibits have the digests' out || { cat out; fail "not compared"; }
grep -q '1500 artifacts and 2 facts derived again' out || { cat out; fail "not derived"; }

# As a volume, a segment goes whole, or not at all.
ev-bundle -q c.evcase --checkpoint "$head" -o vol.asice --volume-size 4M >/dev/null
verify vol.001.asice 3
rc=0
ev-bundle -q c.evcase --checkpoint "$head" -o no.asice --volume-size 2M \
    >out 2>&1 || rc=$?
[ $rc = 2 ] && grep -q 'segment 1 alone\|besides exhibits' out ||
	{ cat out; fail "a segment was divided"; }

# What was received later is not in a bundle of the older head, even where it
# was appended to the same segment; both exports are the same.
ingest later
ev-bundle -q c.evcase --checkpoint "$head" -o two.asice >/dev/null
verify two.asice 3
unzip -q two.asice -d two
rm -r one/META-INF two/META-INF
diff -r one two || fail "two exports of one head differ"

# An exhibit within the segment is edited, and every digest fitted to it.
cat >refit.py <<'P'
import hashlib, io, struct, sys, zipfile, zlib
src, dst, old, new, fix = sys.argv[1:6]
z = zipfile.ZipFile(src)
parts = {n: z.read(n) for n in z.namelist()}
d = z.infolist()[0].date_time
date = ((d[0] - 1980) << 25 | d[1] << 21 | d[2] << 16 | d[3] << 11 |
        d[4] << 5 | d[5] // 2)
def write(entries, date):
    out, directory = io.BytesIO(), io.BytesIO()
    for name, data, crc in entries:
        n, at = name.encode(), out.tell()
        out.write(struct.pack('<IHHHIIIIHH', 0x04034b50, 10, 0, 0, date, crc,
                              len(data), len(data), len(n), 0) + n + data)
        directory.write(struct.pack(
            '<IHHHHIIIIHHHHHII', 0x02014b50, 0x0314, 10, 0, 0, date, crc,
            len(data), len(data), len(n), 0, 0, 0, 0, 0o100644 << 16, at) + n)
    start, body = out.tell(), directory.getvalue()
    return out.getvalue() + body + struct.pack(
        '<IHHHHIIH', 0x06054b50, 0, 0, len(entries), len(entries), len(body),
        start, 0)
segment, inside = "data/exhibits/P0001.zip", []
for i in (inner := zipfile.ZipFile(io.BytesIO(parts[segment]))).infolist():
    body = inner.read(i)
    if body == old.encode():
        body = new.encode()
    inside.append((i.filename, body, zlib.crc32(body) if fix == "crc" else i.CRC))
if fix == "more":
    inside.append(("E999999", b"planted", zlib.crc32(b"planted")))
if fix == "less":
    del inside[3]
parts[segment] = write(inside, 1 << 21 | 1 << 16)
parts["data/index/exhibits-sha256.txt"] = "".join(
    "%s  %s\n" % (hashlib.sha256(b).hexdigest(), n) for n, b, _ in inside).encode()
for algo in "sha256", "sha512":
    for tag, pick in (
            ("", lambda n: n.startswith("data/")),
            ("tag", lambda n: not n.startswith(("data/", "META-INF/", "tagmanifest-")))):
        parts["%smanifest-%s.txt" % (tag, algo)] = "".join(
            "%s  %s\n" % (hashlib.new(algo, parts[n]).hexdigest(), n)
            for n in sorted(parts) if pick(n)).encode()
open(dst, "wb").write(write(
    [(n, parts[n], zlib.crc32(parts[n]))
     for n in sorted(parts, key=lambda n: (n != "mimetype", n))], date))
P
line() { printf 'note 42\n.'; } # a newline survives the substitution below
old=$(line)
old=${old%.}
python3 refit.py one.asice same.asice "$old" "$old" crc
cmp one.asice same.asice || fail "the refitting tool does not write our bytes"
attack() { # HOW WHAT-IS-SAID
	python3 refit.py one.asice bad.asice "$old" "note 43
" "$1"
	verify bad.asice 1
	grep -q "^facts  *FAILED  *$2" out || { cat out; fail "$1: not named"; }
}
attack crc 'E[0-9]*: its bytes have another SHA-256'
attack keep 'E[0-9]*: its CRC-32 is not that of its segment'
attack more 'E999999: no line of exhibits.jsonl tells of it'
attack less 'E000004: its bytes are not in the bundle'

# The vault's own bytes are altered: nothing leaves the house.
chmod u+w c.evcase/vault/P0001.zip
cp c.evcase/vault/P0001.zip good.zip
altered() { # BYTE WHAT-IS-SAID
	cp good.zip c.evcase/vault/P0001.zip
	printf X | dd of=c.evcase/vault/P0001.zip bs=1 seek="$1" conv=notrunc 2>/dev/null
	rc=0
	ev-bundle c.evcase -o three.asice >/dev/null 2>err || rc=$?
	[ $rc -ne 0 ] && [ ! -e three.asice ] || fail "byte $1 altered, and exported"
	grep -q "$2" err || { cat err; fail "byte $1: not named"; }
}
altered 40 'E000001 in the vault is no longer what was received'
altered 60 'P0001.zip: .*E000002'
echo "1,500 exhibits in a segment: carried, listed, derived again"
