#!/bin/sh
# Volumes: each is a bundle and a bag that stock tools open, no longer than was
# asked for; all together they verify, and a set with one missing, one twice or
# one of another set does not.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
[ -x "$EV_BUILD/bin/ev-bundle" ] || { echo "no ev-bundle: skipped"; exit 77; }
command -v unzip >/dev/null || { echo "no unzip: skipped"; exit 77; }
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
PATH=$EV_BUILD/bin:$PATH
unset EV_CASE EV_ACTOR
cd "$tmp"
says() { grep -q -e "$1" out err || { cat out err; fail "not said: $1"; }; }
mkdir src
for n in 1 2 3 4 5 6 7; do head -c 700000 /dev/urandom >src/f$n; done
cp src/f2 src/same
{
	echo 'Platform,Account,Time (UTC),IP,Port,User Agent,Device'
	echo 'X,901,2026-01-06T00:00:00Z,198.51.100.7,443,ua,dev1'
} >src/sign-ins.csv
run 0 ev-case init c.evcase --number T-1 --title Volumes --actor 'A. Example' \
    --role examiner --office 'Demo Lab' --self-signed
run 3 ev-ingest c.evcase src
head=$(ev-list -j c.evcase heads | tail -n 1 | sed 's/.*"entries":\([0-9]*\).*/\1/')
run 0 ev-bundle c.evcase --checkpoint "$head" -o v.asice --volume-size 2M
says '^volume  *1 of [3-9]: v.001.asice'
grep '^content digest' out >digests
n=$(grep -c '^volume' out)
[ "$n" -ge 3 ] || fail "$n volumes"
[ "$(ev-custody log c.evcase -j | grep -c "\"volumes\":$n")" = "$n" ] ||
	fail "the log has not each volume"
for f in v.*.asice; do
	[ "$(wc -c <"$f")" -le 2097152 ] || fail "$f is longer than was asked for"
	d=u.${f%.asice}
	mkdir "$d"
	unzip -q "$f" -d "$d"
	(cd "$d" && sha256sum --quiet --strict -c manifest-sha256.txt \
	    tagmanifest-sha256.txt) || fail "$f: the bag"
	grep -q '^Bag-Group-Identifier: urn:uuid:' "$d/bag-info.txt" || fail "$f: no group"
done
cat u.*/bag-info.txt | grep -c '^Bag-Count: [1-9] of '"$n"'$' | grep -qx "$n" ||
	fail "the counts"
# Each exhibit once, between them.
find u.* -path '*/data/exhibits/*' -type f | sed 's|.*/||' | sort >have
sort -u have | cmp - have || fail "an exhibit is in two volumes"
[ "$(wc -l <have)" = 8 ] || fail "not each exhibit is in a volume"

run 3 ev-verify v.*.asice
says 'the bytes of [1-9][0-9]* exhibits are in other volumes'
! grep -q FAILED out || { cat out; fail "a fault was found"; }
grep -c 'derived again from the bytes' out | grep -qx "$n" || fail "not derived"
# Missing, twice, of another set, edited.
run 1 ev-verify v.001.asice
says "FAILED .*volume 2 of $n is missing: the set is incomplete"
run 1 ev-verify v.001.asice v.00[3-9].asice
says "FAILED .*volume 2 of $n is missing: the set is incomplete"
run 1 ev-verify v.*.asice v.002.asice
says "FAILED .*volume 2 of $n is named twice"
run 0 ev-bundle c.evcase --checkpoint "$head" -o w.asice --volume-size 3M
cp v.001.asice x.001.asice
run 1 ev-verify x.001.asice w.002.asice
says "is no volume of the set that 'x.001.asice' is of"
run 0 ev-bundle c.evcase --checkpoint "$head" -o one.asice
run 1 ev-verify v.001.asice one.asice
says "'one.asice' is no volume of a set: check it alone"
run 3 ev-verify one.asice
# The same volumes, each time.
run 0 ev-bundle c.evcase --checkpoint "$head" -o v2.asice --volume-size 2M
grep '^content digest' out | cmp - digests || fail "other content digests"
for f in v2.*.asice; do
	d=u.v.${f#v2.}
	mkdir two
	unzip -q "$f" -d two
	rm -r two/META-INF "${d%.asice}/META-INF"
	diff -r two "${d%.asice}" || fail "$f differs"
	rm -r two
done
# What cannot be is refused, and nothing is left.
run 2 ev-bundle c.evcase -o no.asice --volume-size 500K
says 'alone has 70'
run 2 ev-bundle c.evcase -o no.asice --volume-size 9000
says 'what each volume holds besides exhibits'
run 2 ev-bundle c.evcase -o no.asice --volume-size 0
cp v.001.asice old.002.asice
run 2 ev-bundle c.evcase -o old.asice --volume-size 2M
says "'old.002.asice' exists already"
[ -z "$(find . -maxdepth 1 -name 'no.*' -o -maxdepth 1 -name 'old.001*' \
    -o -maxdepth 1 -name '.evidence*')" ] || fail "something was left behind"
echo "$n volumes: each a bag, together whole, one missing is incomplete"
