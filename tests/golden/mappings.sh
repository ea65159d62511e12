#!/bin/sh
# mappings.sh: the shipped mappings are well formed, and read the authored
# samples, where these are at hand, as their EXPECTED.json says.  shipped.sh
# holds the mappings against our own samples, always.
set -eu
try=$EV_BUILD/bin/ev-ingest
samples=${EV_SAMPLES:-$EV_SRC/../shared/samples}/authored
maps=$EV_SRC/casefiles/mappings
if [ ! -x "$try" ] || ! command -v python3 >/dev/null
then
	echo "skipped: needs ev-ingest and python3"
	exit 77
fi
"$try" lint "$maps"/*.map
if [ ! -d "$samples" ]; then
	echo "skipped in part: no authored samples at $samples"
	exit 0
fi
python3 "$EV_SRC/tests/golden/samples.py" "$try" try "$maps/x.map" -- \
	"$samples/x-archive" "$samples/x-le-return"
python3 "$EV_SRC/tests/golden/samples.py" "$try" try "$maps/meta.map" -- \
	"$samples/meta-business-record"
EV_SKIP=delivery.zip \
	python3 "$EV_SRC/tests/golden/samples.py" "$try" try \
	"$maps/whatsapp.map" -- "$samples/whatsapp-record"
python3 "$EV_SRC/tests/golden/samples.py" "$try" try "$maps/telegram.map" -- \
	"$samples/telegram-desktop"
for pair in instagram:instagram-dyi google:google-subscriber tiktok:tiktok \
	mastodon:mastodon snapchat:snapchat-csv discord:discord-package \
	kik:kik-bind
do
	python3 "$EV_SRC/tests/golden/samples.py" "$try" try \
		"$maps/${pair%:*}.map" -- "$samples/${pair#*:}"
done
# A chat of which no date says whether its day comes first: five records, two
# of the system's, all ambiguous.
chat=${samples%/authored}/whatsapp-txt/short-chat.txt
if [ -f "$chat" ]
then
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	cp "$chat" "$tmp/_chat.txt"
	(cd "$tmp" && "$try" try "$maps/whatsapp.map" _chat.txt) >"$tmp/out"
	[ "$(grep -c '"kind":"message"' "$tmp/out")" -eq 3 ]
	[ "$(grep -c '"kind":"activity"' "$tmp/out")" -eq 2 ]
	[ "$(grep -c '"alt":.*"basis":"ambiguous"' "$tmp/out")" -eq 5 ]
	! grep -q '"columns":{[^}]*"t":' "$tmp/out"
fi
