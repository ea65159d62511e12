#!/bin/sh
# wacz.sh: web archives signed by openssl, read in the cage: one whole, one
# whose digests hold and whose signature does not, one with a member exchanged,
# one signed by a browser's key, one by a certificate with a time-stamp over
# the signature; and a time-stamp that lies beside what it is over.  The public
# samples, too, where they are at hand.
set -eu
src=${EV_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${EV_BUILD:-$src/build/release}
if [ ! -x "$build/bin/ev-ingest" ] || ! command -v python3 >/dev/null ||
    ! command -v openssl >/dev/null
then
	echo "skipped: needs ev-ingest, python3 and openssl"
	exit 77
fi
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
python3 "$src/tests/golden/wacz.py" make "$tmp/in"
samples=${EV_SAMPLES:-$src/../shared/samples}/wacz
if [ -d "$samples" ]; then
	cp "$samples"/*.wacz "$tmp/in/"
else
	echo "skipped in part: no samples at $samples"
fi
PATH=$build/bin:$PATH
case=$tmp/w.evcase
ev-case init "$case" --number W-1 --title "Signed archives" --actor A \
    --role examiner --office Lab --self-signed >/dev/null 2>&1
rc=0
ev-ingest "$case" "$tmp/in" >"$tmp/account" 2>&1 || rc=$?
[ $rc -eq 0 ] || [ $rc -eq 3 ] || { cat "$tmp/account"; exit 1; }
# Each fact is derived again, its neighbours asked again.
ev-list "$case" facts -j | sed 's/.*"fact":"\(F[0-9]*\)".*"member":"\([^"]*\)".*/\1 \2/' |
while read -r fact member; do
	ev-show -j "$case" "$fact" | head -1 |
	    sed "s|^{|{\"where\":\"$member\",|"
done >"$tmp/facts"
# What differs is named where a person looks.
for word in 'wacz-signature-differs' 'wacz-hash-differs'; do
	grep -q "$word" "$tmp/account" || {
		cat "$tmp/account"
		echo "not named: $word"
		exit 1
	}
done
python3 "$src/tests/golden/wacz.py" check "$tmp/facts" "$tmp/in"
