#!/bin/sh
# mappings.sh: the shipped mappings read the authored samples as expected.
set -eu
try=$EV_BUILD/bin/ev-ingest
samples=$EV_SRC/tests/golden/samples
maps=$EV_SRC/casefiles/mappings
if [ ! -x "$try" ] || ! command -v python3 >/dev/null
then
	echo "skipped: needs ev-ingest and python3"
	exit 77
fi
# This one is read by a reader that is not built yet.
export EV_SKIP=html/messages.html
"$try" lint "$maps"/*.map
python3 "$EV_SRC/tests/golden/samples.py" "$try" try "$maps/x.map" -- \
	"$samples/x-archive" "$samples/x-le-return"
python3 "$EV_SRC/tests/golden/samples.py" "$try" try "$maps/telegram.map" -- \
	"$samples/telegram-desktop"
