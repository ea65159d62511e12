#!/bin/sh
# The traps of platforms' files, each by its name and with a sample of ours:
# what a reader that does not know the trap would get wrong.
set -u
src=${EV_SRC:?} build=${EV_BUILD:?}
[ -x "$build/bin/ev-ingest" ] || exit 77
maps=$src/casefiles/mappings
cd "$src/tests/golden/mappings" || exit 2
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
bad=0
trap_of() { # NAME MAP FILE PATTERN...: each stands in a line of what is told
	name=$1 map=$2 file=$3
	shift 3
	"$build/bin/ev-ingest" try "$maps/$map" "$file" >"$tmp/out" 2>/dev/null
	for pattern
	do
		grep -aqE -- "$pattern" "$tmp/out" ||
			{ echo "$name: no $pattern"; bad=1; return; }
	done
	echo "$name"
}
trap_of "Meta writes the address, then its time" meta.map \
	meta/input/records.html '"kind":"login".*"mapping":"meta.ip"'
trap_of "WhatsApp writes the time, then its address" whatsapp.map \
	whatsapp/input/records.html '"kind":"login".*"mapping":"wa.ip"'
login=login_and_profile_creation/login_activity.json
for language in de ko ko-utf8
do
	trap_of "labels in the holder's language: $language" instagram.map \
	    "instagram/input/$language/security_and_login_information/$login" \
	    '"ip":"(203.0.113.77|198.51.100.201)","port":(40001|51515)'
done
trap_of "labels in a language that is not known" instagram.map \
	"instagram/input/unknown-labels/security_and_login_information/$login" \
	'"detail":"ig_ip".*unknown-label' 'string_map_data.Zanda'
trap_of "a page break between a label and its value" meta.map \
	meta/input/records.html 'page-split'
info=personal_information/personal_information
trap_of "text escaped byte by byte" instagram.map \
	"instagram/input/en/$info/personal_information.json" \
	'"bio":"Caf(é|\\u00e9) at the corner".*bio:mojibake'
admin=security_and_login_information/administrative_records.json
trap_of "a Latin-1 name is left as it is" facebook.map \
	"facebook/input/$admin" '"new":"Caf(é|\\u00e9) Two".*"notes":"old:mojibake"'
trap_of "an escape that is no JSON" telegram.map \
	telegram/input/hex-escape/result.json '"word":"hex-escape"'
table=2021-05-06-Historical-Report-Example.csv
trap_of "an id that a spreadsheet has rounded" crowdtangle.map \
	"crowdtangle/input/$table" 'account:precision-lost'
trap_of "an id beyond 64 bits" google.map google/input/Takeout/Records.json \
	'"device_id":"-80241446968629135069"'
trap_of "a port behind an address in brackets" discord.map \
	discord/input/found/subscriber-2.txt \
	'"created_ip":"2001:db8:24::1","created_port":50024'
trap_of "a key that stands twice" mastodon.map mastodon/input/outbox.json \
	'"word":"dup-key"' '"mapping":"masto.post"' '"mapping":"masto.reply"'
trap_of "a second 60 on a day without a leap second" google.map \
	google/input/1000001.GoogleAccount.SubscriberInfo_001/Google*/*.html \
	'created:not-parsed'
trap_of "two tables in one file, each with its header" snapchat.map \
	snapchat/input/ip_data.csv '"t_end":"2021-08-20T23:59:59Z"'
exit $bad
