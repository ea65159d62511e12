#!/bin/sh
# VERIFY.txt, followed literally, on a path that holds stock tools only: the
# bundle as it is passes, and a changed one does not.
set -eu
command -v python3 >/dev/null || { echo "no python3: skipped"; exit 77; }
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
if [ -x "$EV_BUILD/bin/ev-ingest" ] && [ -x "$EV_BUILD/bin/ev-attrib" ]; then
	sh "$EV_SRC/tests/demo.sh" "$EV_BUILD" "$tmp/demo" >"$tmp/log" 2>&1 ||
		{ cat "$tmp/log"; exit 1; }
	mv "$tmp/demo/demo.asice" "$tmp/small.asice"
else
	sh "$EV_SRC/tests/tamper/lib/bundle.sh" "$EV_BUILD" "$tmp"
fi
mkdir "$tmp/bin" "$tmp/u"
for tool in unzip sha256sum sha512sum openssl xxd sort cut awk sed grep find base64; do
	at=$(command -v $tool) || { echo "no $tool: skipped"; exit 77; }
	ln -s "$at" "$tmp/bin/$tool"
done
unzip -q "$tmp/small.asice" -d "$tmp/u"
# The roots that a person would bring: here what the bundle has.
cat "$tmp"/u/data/pki/*.pem >"$tmp/roots.pem"
openssl pkcs7 -inform DER -in "$tmp/u/META-INF/timestamp001.tst" -print_certs |
	sed -n '/BEGIN/,/END/p' >>"$tmp/roots.pem"
sed -n 's/^    //p' "$tmp/u/VERIFY.txt" >"$tmp/u/check"
sh=$(command -v sh)
recipe() {
	(cd "$tmp/u" && env -i PATH="$tmp/bin" BUNDLE="${2:-$tmp/small.asice}" \
	    ROOTS="$1" "$sh" check) >"$tmp/out" 2>&1
}
bad=0
recipe "$tmp/roots.pem" || { cat "$tmp/out"; echo "FAILED: as it is"; bad=1; }
must_fail() { # WHAT [CONTAINER]
	if recipe "$tmp/roots.pem" "${2-}"; then echo "not found: $1"; bad=1; fi
	grep -q '^BAD' "$tmp/out" || { echo "not named: $1"; bad=1; }
}
save() { cp -a "$1" "$tmp/saved"; }
back() { rm -f "$1"; mv "$tmp/saved" "$1"; }
for f in data/custody/log.jsonl data/case/case.json VERIFY.txt META-INF/signature001.p7s \
    META-INF/evidencerecord001.ers META-INF/timestamp001.tst META-INF/ASiCManifest001.xml; do
	save "$tmp/u/$f"
	printf x >>"$tmp/u/$f"
	must_fail "$f changed"
	back "$tmp/u/$f"
done
# What unzip shows of the container itself.
cp "$tmp/small.asice" "$tmp/other.asice"
printf '\1' | dd of="$tmp/other.asice" bs=1 seek=45 conv=notrunc status=none
must_fail "another type in the container" "$tmp/other.asice"
python3 - "$tmp/small.asice" "$tmp/twice.asice" <<'P'
import sys, warnings, zipfile
warnings.simplefilter("ignore")
old, new = zipfile.ZipFile(sys.argv[1]), zipfile.ZipFile(sys.argv[2], "w")
for i in old.infolist():
    new.writestr(i, old.read(i))
new.writestr("bagit.txt", "another")
new.close()
P
must_fail "a name twice" "$tmp/twice.asice"
must_fail "no container" /dev/null
# A stranger's root is no root.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=Stranger \
    -keyout "$tmp/stranger.key" -out "$tmp/stranger.pem" 2>/dev/null
cp "$tmp/roots.pem" "$tmp/kept.pem"
cp "$tmp/stranger.pem" "$tmp/roots.pem"
must_fail "signed by nobody who is trusted"
mv "$tmp/kept.pem" "$tmp/roots.pem"
printf x >"$tmp/u/data/planted"
must_fail "a file added"
rm "$tmp/u/data/planted"
note=$(find "$tmp/u/data/custody/heads" -name '*.note' | sort | tail -n 1)
save "$note"
sed -i '2s/.*/1/' "$note"
must_fail "a head edited"
back "$note"
recipe "$tmp/roots.pem" || { cat "$tmp/out"; echo "FAILED: put back"; bad=1; }
left=$(find "$tmp/u" -maxdepth 1 -name '.[a-z]*')
[ -z "$left" ] || { echo "left behind: $left"; bad=1; }
[ $bad = 0 ] && tail -n 1 "$tmp/out"
exit $bad
