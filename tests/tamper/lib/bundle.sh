# bundle.sh BUILD FOLDER: a small case, small.evcase, and small.asice of it:
# two accounts with one address for mail, a mapping and a rule of their own,
# so that the bundle holds all that a large one holds, in few bytes.  Where
# EV_TEST_KEEP names a folder, what was made there once is taken again: for
# tests/mutate, where what makes a bundle stays as it is.
set -eu
PATH=$(cd "$1" && pwd)/bin:$PATH
rules=$(cd "$(dirname "$0")/../../../casefiles/rules" && pwd)
cd "$2"
kept=${EV_TEST_KEEP:+$EV_TEST_KEEP/${EV_NOW:-now}}
case $2 in
*/other) kept=${kept:+$kept.other} ;;
esac
if [ -n "$kept" ] && [ -d "$kept" ]; then
	cp -R "$kept"/* .
	exit 0
fi
unset EV_CASE EV_ACTOR
EV_DATA=$PWD/data
export EV_DATA
mkdir -p data/mappings data/rules data/profiles captured
cat >data/mappings/tiny.map <<'E'
mapping  tiny.mail
version  1
title    "Addresses"
platform tiny
match    **/*.jsonl
probe    "mail"
reader   jsonl
kind     identifier
field    account who id required
field    value mail text required
const    id_type email
const    role controls
limit    "Made up."
E
printf '%s\n' '{"who":"1","mail":"a@mail.example.com"}' \
    '{"who":"2","mail":"a@mail.example.com"}' 'set aside' >captured/mail.jsonl
printf 'a note\n' >captured/note.txt
touch -d 2026-01-10T00:00:00Z captured/* captured
cat >data/rules/starter.rules <<'E'
ruleset   starter
version   1
format    1
scale     enfsi-2015
fanout    20
threshold same-operator low 3000 families 1
threshold organisation low 3000 families 1
threshold country low 2000 families 1
family    F1 cap 4000 "platform-verified contact"

rule      R101
version   1
text      "Both accounts had the same e-mail address."
asks      same-operator
family    F1
direction for
match     pair email
when      role = controls
when      degree <= 2
lr        3000 4000 5000
source    declared "made up"
alternatives shared-device
E
cp "$rules/enfsi-2015.scale" data/rules
grep '^shared-device' "$rules/alternatives.list" >data/rules/alternatives.list
for list in calling-codes countries defaults tracking utc-offsets; do
	sed 6q "$rules/$list.list" >data/rules/$list.list
done
printf 'start,end,country\n192.0.2.0,192.0.2.255,PK\n' >blocks.csv
printf '%s\n' name,authority,law,listed_on \
    'Front of Example,Example Committee,Example Act,2021-04-12' >register.csv
ev-case init -q small.evcase --number T-1 --title "Small" --actor "A. Example" \
    --role examiner --office "Demo Lab" --self-signed
ev-case authority add small.evcase --type consent --issuer "Office of Example" --ref 1 >/dev/null
ev-ingest -q small.evcase captured >/dev/null || [ $? = 3 ]
ev-org import -q small.evcase register.csv >/dev/null
ev-attrib db -q small.evcase blocks.csv --source blocks --built 2026-01-01
ev-attrib run -q small.evcase --asks same-operator >/dev/null || [ $? = 3 ]
ev-stamp -q small.evcase --self >/dev/null
ev-bundle -q small.evcase -o small.asice >/dev/null
[ -z "$kept" ] || cp -R . "$kept"
