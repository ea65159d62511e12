#!/bin/sh
# Python's bagit takes the unzipped bundle for a valid bag, and finds a file
# changed, added or taken away, and an edited tag file.
# shellcheck source=tests/interop/lib/peers.sh
. "$EV_SRC/tests/interop/lib/peers.sh"
workplace
python_peers
demo
bag() { LC_ALL=C.UTF-8 "$python" -m bagit --validate --processes 1 u >out 2>&1; }
bag || { cat out; fail "bagit on the demo bundle"; }
grep -q 'u is valid' out || { cat out; fail "bagit does not say so"; }
refuses() { # WHAT-IS-SAID
	if bag; then fail "bagit takes a bag with: $1"; fi
	grep -q -- "$1" out || { cat out; fail "bagit does not say: $1"; }
}
exhibit=$(cd u && find data/exhibits -type f | sort | head -n 1)
cp -p "u/$exhibit" saved
printf '\377' | dd of="u/$exhibit" bs=1 conv=notrunc 2>/dev/null
refuses "$exhibit .* validation failed"
mv "u/$exhibit" away
refuses "Payload-Oxum validation failed\|$exhibit exists in manifest but was not found"
mv saved "u/$exhibit"
printf x >u/data/planted
refuses "Payload-Oxum validation failed\|data/planted exists on filesystem but is not in the manifest"
rm u/data/planted
printf 'x\n' >>u/VERIFY.txt
refuses 'VERIFY.txt .* validation failed'
sed -i '$d' u/VERIFY.txt
bag || { cat out; fail "bagit on the bag put back"; }
grep -c . u/manifest-sha256.txt | sed 's/$/ files, a valid bag; each change found/'
