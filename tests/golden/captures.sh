#!/bin/sh
# captures.sh: mail, web archives, recordings of a browser and tokens, read by
# us and by other programs: Python's mailbox and email, its zipfile, json and
# hashlib, and openssl.  Our own samples always; the larger public ones where
# they are at hand.
set -eu
src=${EV_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${EV_BUILD:-$src/build/release}
samples=${EV_SAMPLES:-$src/../shared/samples}
if [ ! -x "$build/bin/ev-ingest" ] || ! command -v python3 >/dev/null
then
	echo "skipped: needs ev-ingest and python3"
	exit 77
fi
test -d "$samples" || echo "skipped in part: no samples at $samples"
exec python3 "$src/tests/golden/captures.py" "$build/bin/ev-ingest" \
	"$src/casefiles/mappings" "$src/tests/golden/mappings" "$samples"
