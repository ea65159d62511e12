#!/bin/sh
# Each of 2,000 single bits of a bundle, spread evenly over it, is found and
# named by ev-verify when it is flipped.
set -eu
command -v python3 >/dev/null || { echo "no python3: skipped"; exit 77; }
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
sh "$EV_SRC/tests/tamper/lib/bundle.sh" "$EV_BUILD" "$tmp"
python3 "$EV_SRC/tests/tamper/flip.py" "$tmp/small.asice" 2000 \
    "$EV_BUILD/bin/ev-verify" --quick
