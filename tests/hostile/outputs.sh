#!/bin/sh
# Nothing of the hostile files reaches a terminal, a page or a spreadsheet as
# anything but text: all of them in one case, every output byte looked at.
set -u
here=${EV_SRC:?}/tests/hostile
bin=${EV_BUILD:?}/bin
samples=${EV_SAMPLES:-$EV_SRC/../shared/samples}/hostile
for tool in ev-ingest ev-list ev-show ev-report; do
	[ -x "$bin/$tool" ] || { echo "no $tool: skipped"; exit 77; }
done
command -v python3 >/dev/null || { echo "no python3: skipped"; exit 77; }
dir=$(mktemp -d) || exit 2
trap 'chmod -R u+rwX "$dir"; rm -rf "$dir"' EXIT
cd "$dir" || exit 2
bad=0
say() { echo "FAILED: $1"; bad=1; }
mkdir in out
python3 "$here/make.py" in/made || exit 2
rm in/made/zip-bomb*.zip in/made/gz-bomb*
[ ! -d "$samples" ] || cp -R "$samples" in/samples || exit 2
chmod -R u+w in
rm -f in/samples/zip/45_5000_entries.zip
# Values that attack a reader, as facts.
printf '%s\n' '{"who":"=HYPERLINK(\"http://x\",\"y\")"}' '{"who":"+1+1"}' \
    '{"who":"@SUM(1)"}' '{"who":"-2+3"}' '{"who":"\t=1"}' '{"who":"\r=1"}' \
    '{"who":"<script>alert(1)</script>"}' '{"who":"\u202e\u001b[31mx\u0007"}' \
    '{"who":"a\nb"}' '{"who":"\u009b31m\u200b\ufeff"}' >in/values.jsonl
printf '{"who":"c"}\n' >"in/$(printf '\033[2J\342\200\256<script>.jsonl')"

"$bin/ev-case" init a.evcase --number '<script>=1' --title '=1+1' --actor \
    'A. Example' --role examiner --office 'Demo Lab' --self-signed \
    >out/init 2>&1 || exit 2
rc=0
"$bin/ev-ingest" a.evcase in --map "$here/any.map" >out/ingest 2>&1 || rc=$?
[ $rc -eq 3 ] || { tail -3 out/ingest; say "ingest: status $rc, not 3"; }
"$bin/ev-ingest" -jv a.evcase in/values.jsonl --map "$here/any.map" \
    >out/ingest.json 2>&1 || say "a clean file is not read"
grep -q '"facts":10,' out/ingest.json || say "values.jsonl: not ten facts"

lists=$("$bin/ev-list" a.evcase 2>/dev/null | awk 'NF { print $1 }')
[ -n "$lists" ] || lists='artifacts exhibits facts set-aside unmapped'
made=0
for list in $lists; do
	"$bin/ev-list" a.evcase "$list" >"out/list-$list" 2>&1 || continue
	"$bin/ev-list" a.evcase "$list" -j >"out/list-$list.json" 2>&1
	"$bin/ev-list" a.evcase "$list" --csv >"out/list-$list.csv" 2>&1
	made=$((made + 1))
done
[ $made -ge 3 ] || say "only $made lists"
for id in $("$bin/ev-list" a.evcase facts -j |
    sed -n 's/.*"fact":"\(F[0-9]*\)".*/\1/p' | head -40) A000001 A000002; do
	"$bin/ev-show" a.evcase "$id" >"out/show-$id" 2>&1
done
"$bin/ev-report" a.evcase -o out/report.html >out/report 2>&1
[ -s out/report.html ] || { cat out/report; say "no report"; }
python3 "$here/scan.py" out || bad=1
exit $bad
