#!/bin/sh
# The demo twice, at another time, under another locale, zone and umask, from a
# folder of another name: the same exhibits, artifacts, facts and claims, to the
# byte.  Only instants, salts, keys and signatures may be new.
set -eu
for tool in faketime sqlite3; do
	command -v $tool >/dev/null || { echo "no $tool: skipped"; exit 77; }
done
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
PATH=$(cd "$EV_BUILD" && pwd)/bin:$PATH
unset EV_CASE EV_ACTOR
cat >"$tmp/run" <<'R'
set -eu
out=$1 here=$2
mkdir "$here"
cp -R "$EV_SRC/casefiles/demo" "$here/demo"
cd "$here"
find demo -exec touch -d 2026-06-01T00:00:00Z {} +
ev-case init -q c.evcase --number S-1 --title S --actor 'A. Example' --id a --role examiner \
    --office Lab --self-signed
ev-ingest -q c.evcase demo/captured >/dev/null || [ $? = 3 ]
ev-org import -q c.evcase demo/register.csv >/dev/null
sh -eu demo/steps.sh c.evcase >/dev/null
ev-attrib run -q c.evcase >/dev/null
for list in artifacts exhibits facts accounts identifiers set-aside unread claims; do
	ev-list -j c.evcase $list >"$out.$list"
done
ev-attrib explain -j c.evcase C000001 >"$out.explain"
for table in headline links geo; do
	case $table in headline) more='--country AF' ;; *) more= ;; esac
	# shellcheck disable=SC2086
	ev-attrib $table -j c.evcase $more >"$out.$table"
done
ev-stamp -q --self c.evcase >/dev/null
ev-bundle -q c.evcase -o b.asice >/dev/null
for part in index/exhibits index/artifacts index/facts case/register case/claims case/headline; do
	unzip -p b.asice data/$part.jsonl >"$out.$(basename $part).jsonl"
done
unzip -p b.asice data/case/order.json >"$out.order"
R
(umask 022; TZ=UTC LC_ALL=C.UTF-8 sh "$tmp/run" "$tmp/one" "$tmp/1")
(umask 077; TZ=Asia/Karachi LC_ALL=C LANG=tr_TR.UTF-8 \
    faketime -f '+700d' sh "$tmp/run" "$tmp/two" "$tmp/another folder")
bad=0 count=0
for one in "$tmp"/one.*; do
	count=$((count + 1))
	cmp "$one" "$tmp/two.${one##*/one.}" && [ -s "$one" ] || bad=1
done
a=$(sqlite3 "$tmp/1/c.evcase/case.db" 'SELECT min(at) FROM log')
b=$(sqlite3 "$tmp/another folder/c.evcase/case.db" 'SELECT min(at) FROM log')
[ "${a%%-*}" != "${b%%-*}" ] || { echo "FAILED: both ran in the same year"; bad=1; }
echo "$count lists and parts compared"
exit $bad
