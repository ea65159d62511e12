#!/bin/sh
# Long exhibits are hashed beside the writing, and beside the reading: the
# bundle is what it says, and one bit that changed on the way is found.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
[ -x "$EV_BUILD/bin/ev-bundle" ] || { echo "no ev-bundle: skipped"; exit 77; }
for t in unzip python3; do
	command -v $t >/dev/null || { echo "no $t: skipped"; exit 77; }
done
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
PATH=$EV_BUILD/bin:$PATH
unset EV_CASE EV_ACTOR
cd "$tmp"
says() { grep -q -e "$1" out err || { cat out err; fail "not said: $1"; }; }
flip() { # FILE OFFSET: change one bit there
	byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	# shellcheck disable=SC2059
	printf "\\$(printf %03o $((byte ^ 16)))" |
		dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
mkdir src
# Around a piece, several, and one that the vault keeps as a file of its own.
for size in 1048575 1048576 1048577 5000001 68000003; do
	head -c $size /dev/urandom >src/f$size
done
run 0 ev-case init c.evcase --number T-1 --title Large --actor 'A. Example' \
    --role examiner --office 'Demo Lab' --self-signed
run 3 ev-ingest c.evcase src
run 0 ev-bundle c.evcase -o b.asice
sum=$(sha256sum b.asice | cut -d' ' -f1)
says "^file SHA-256  *$sum\$"
says "^files .*, $(wc -c <b.asice) bytes\$"
run 3 ev-verify b.asice
says 'the bytes of 5 exhibits have the digests'
run 3 ev-verify --no-sandbox b.asice
says 'the bytes of 5 exhibits have the digests'
unzip -q b.asice -d u
(cd u && sha256sum --quiet -c manifest-sha256.txt tagmanifest-sha256.txt &&
	sha512sum --quiet -c manifest-sha512.txt) || fail "the bag"
for size in 1048576 5000001 68000003; do
	n=
	for f in u/data/exhibits/*; do
		if cmp -s "$f" src/f$size; then n=$(basename "$f"); fi
	done
	[ -n "$n" ] || fail "no exhibit of $size bytes"
	cp b.asice x.asice
	at=$(python3 -c "import sys, zipfile
print(zipfile.ZipFile('x.asice').getinfo(sys.argv[1]).header_offset)" \
	    "data/exhibits/$n")
	flip x.asice $((at + 900000))
	run 1 ev-verify --quick x.asice
	says "'data/exhibits/$n' was altered"
	says "'data/exhibits/$n': its CRC-32 is not"
	rm x.asice
done
# The vault's own file, changed since: no bundle leaves the house.
large=$(find c.evcase/vault -name 'E*')
chmod u+w "$large"
flip "$large" 60000000
run 1 ev-bundle c.evcase -o no.asice
says 'is no longer what was received'
[ ! -e no.asice ] || fail "a bundle was written"
[ -z "$(find . -maxdepth 1 -name 'no.asice*' -o -maxdepth 1 -name '.evidence*')" ] ||
	fail "something was left behind"
echo "five long exhibits: written, verified, each changed bit named"
