#!/bin/sh
# Two exports of one head are the same but for signatures and tokens, whatever
# the case went through between them, and print the same content digest.
set -eu
. "$EV_SRC/tests/interop/lib/run.sh"
for t in ev-ingest ev-org ev-attrib ev-bundle; do
	[ -x "$EV_BUILD/bin/$t" ] || { echo "no $t: skipped"; exit 77; }
done
command -v unzip >/dev/null || { echo "no unzip: skipped"; exit 77; }
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
PATH=$EV_BUILD/bin:$PATH
unset EV_CASE EV_ACTOR EV_DATA
cp -R "$EV_SRC/casefiles" "$tmp/data"
EV_DATA=$tmp/data
export EV_DATA
cd "$tmp"
# Both export the case; the second time more has happened since that head.
first() { # HEAD: export it, and leave its name
	run 0 ev-bundle c.evcase --checkpoint "$1" -o "a$1.asice"
	sed -n 's/^content digest *//p' out >"a$1.content"
}
second() {
	run 0 ev-bundle c.evcase --checkpoint "$1" -o "b$1.asice"
	sed -n 's/^content digest *//p' out | cmp - "a$1.content" ||
		fail "head $1: another content digest"
	mkdir "a$1" "b$1"
	unzip -q "a$1.asice" -d "a$1"
	unzip -q "b$1.asice" -d "b$1"
	rm -r "a$1/META-INF" "b$1/META-INF"
	diff -r "a$1" "b$1" || fail "head $1: the exports differ"
	run 3 ev-verify "b$1.asice"
}
newest() { ev-list -j c.evcase heads | tail -n 1 | sed 's/.*"entries":\([0-9]*\).*/\1/'; }

sh "$EV_SRC/tests/cli/lib/captured.sh" one
mkdir two
printf 'Platform,Account,Time (UTC),UTC Offset\nX,903,2026-01-07T00:00:00Z,+05:00\n' \
    >two/client-offsets.csv
run 0 ev-case init c.evcase --number T-1 --title Same --actor 'A. Example' \
    --role examiner --office 'Demo Lab' --self-signed
heads=$(newest)
first "$heads"
run 3 ev-ingest c.evcase one
h=$(newest); heads="$heads $h"; first "$h"
run 0 ev-stamp c.evcase --self
h=$(newest); heads="$heads $h"; first "$h"
run 0 ev-org import c.evcase data/demo/register.csv
h=$(newest); heads="$heads $h"; first "$h"
run 0 ev-attrib run c.evcase
h=$(newest); heads="$heads $h"; first "$h"
# A mapping and a rule file change, a person and an authority come, all is read
# anew, weighed anew and stamped by somebody else.
sed -i 's/^version *1/version 2/' data/mappings/csv.map
printf '\n# changed\n' >>data/rules/starter.rules
run 0 ev-ingest c.evcase two
run 3 ev-ingest --again c.evcase
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout b.key \
    -out b.pem -subj /CN=B -days 30 2>/dev/null
run 0 ev-case enrol c.evcase --actor 'B. Example' --role reviewer --office 'Demo Lab' --cert b.pem
run 0 ev-case authority add c.evcase --type consent --issuer X --ref 1 --as @a-example
export EV_ACTOR=@a-example
run 0 ev-org import c.evcase data/demo/register.csv --source other
run 0 ev-attrib run c.evcase
if command -v python3 >/dev/null; then
	sh "$EV_SRC/tests/interop/pki.sh" "$tmp/pki"
	mkfifo hold
	python3 "$EV_SRC/tests/interop/tsa.py" "$tmp/pki" "$tmp/port" <hold &
	exec 3>hold
	i=0
	while [ ! -s port ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
	run 0 ev-stamp c.evcase --tsa "http://127.0.0.1:$(cat port)/tsa"
	exec 3>&-
	wait
else
	run 0 ev-stamp c.evcase --self
fi
for h in $heads; do second "$h"; done
run 0 ev-bundle c.evcase -o now.asice
run 3 ev-verify now.asice
# shellcheck disable=SC2086
set -- $heads
echo "$# heads, each exported twice: the same"
