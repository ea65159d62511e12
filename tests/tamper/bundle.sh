#!/bin/sh
# What a person may do to a bundle is found, and named: files edited, added,
# removed, renamed, all digests made to fit again, signatures and tokens of
# another bundle, another signer, an archive written by another program.
set -eu
command -v python3 >/dev/null || { echo "no python3: skipped"; exit 77; }
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
sh "$EV_SRC/tests/tamper/lib/bundle.sh" "$EV_BUILD" "$tmp"
mkdir "$tmp/other"
sh "$EV_SRC/tests/tamper/lib/bundle.sh" "$EV_BUILD" "$tmp/other"
PATH=$EV_BUILD/bin:$PATH
python3 "$EV_SRC/tests/tamper/attacks.py" "$tmp/small.asice" \
    "$tmp/other/small.asice" ev-verify --quick
