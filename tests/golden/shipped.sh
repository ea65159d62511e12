#!/bin/sh
# Every shipped mapping over samples of its platform: facts, losses and counts
# as they were read by eye once.  mappings/NAME: map names the file, input/
# the samples, expected what ev-ingest try says of each.  With --write the
# expected files are made anew, to be read by eye again.
set -eu
src=${EV_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${EV_BUILD:-$src/build/dev}
ingest=$build/bin/ev-ingest
test -x "$ingest" || exit 77
maps=$src/casefiles/mappings
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

"$ingest" lint "$maps"/*.map "$maps"/examples/*.map

for dir in "$src"/tests/golden/mappings/*/; do
	map=$maps/$(cat "$dir/map")
	(cd "$dir/input" && find . -type f | cut -c3- | LC_ALL=C sort |
	while IFS= read -r sample; do
		echo "== $sample"
		"$ingest" try "$map" "$sample" 2>/dev/null || echo "exit $?"
	done) | sed 's/"mapping_sha256":"[0-9a-f]*"/"mapping_sha256":""/' \
	    >"$tmp/now"
	if [ "${1-}" = --write ]; then
		cp "$tmp/now" "$dir/expected"
	elif ! diff -u "$dir/expected" "$tmp/now"; then
		status=1
	fi
done

# None ships that no sample shows at work.
cat "$src"/tests/golden/mappings/*/expected >"$tmp/all"
sed -n 's/^mapping  *//p' "$maps"/*.map "$maps"/examples/*.map |
while IFS= read -r id; do
	grep -q "\"kind\":.*\"mapping\":\"$id\"" "$tmp/all" ||
		echo "$id: no sample gives a fact"
done >"$tmp/idle"
cat "$tmp/idle"
test ! -s "$tmp/idle" || status=1
exit $status
