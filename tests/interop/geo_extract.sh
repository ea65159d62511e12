#!/bin/sh
# A country database too large for a bundle travels as the rows that were used:
# the claims are computed again from them, and a changed row is found.
set -eu
[ -x "$EV_BUILD/bin/ev-attrib" ] || { echo "no ev-attrib: skipped"; exit 77; }
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
PATH=$EV_BUILD/bin:$PATH
unset EV_CASE EV_ACTOR
cp -R "$EV_SRC/casefiles/demo" "$tmp/demo"
cd "$tmp"
chmod -R u+w demo
{
	cat demo/geo/bravo.txt
	yes '# this line has been added to make a database that is large' | head -c 17825792
	echo
} >large.txt
mv large.txt demo/geo/bravo.txt
whole=$(sha256sum demo/geo/bravo.txt | cut -c1-64)
ev-case init -q c.evcase --number G-1 --title G --actor 'A. Example' --id a --role examiner \
    --office Lab --self-signed
ev-ingest -q c.evcase demo/captured >/dev/null || [ $? = 3 ]
ev-org import -q c.evcase demo/register.csv >/dev/null
sh -eu demo/steps.sh c.evcase >/dev/null
ev-attrib run -q c.evcase >/dev/null
ev-stamp -q --self c.evcase
ev-bundle -q c.evcase -o b.asice --profile generic-iso27037 --draft >/dev/null
rc=0
ev-verify b.asice >said || rc=$?
bad=0
failed() { echo "FAILED: $1"; cat said; bad=1; }
[ $rc = 3 ] || failed "status $rc"
grep -q 'claims computed again .*all equal' said || failed "no claims computed again"
grep -q "not checked.*bravo.*$whole" said || failed "an extract, and not said"
unzip -p b.asice 'data/case/geo/*bravo.txt.extract.csv' >extract
[ "$(wc -c <extract)" -lt 100000 ] || failed "the extract is large"
head -n 1 extract | grep -q "^# extract of $whole" || failed "the extract does not say of what"
unzip -Z1 b.asice | grep -q 'bravo.txt$' && failed "the whole is there as well"
# Another country for each row used: the claims are others.
python3 - b.asice changed.asice <<'P'
import re, sys, zipfile
old, new = zipfile.ZipFile(sys.argv[1]), zipfile.ZipFile(sys.argv[2], "w")
for i in old.infolist():
    data = old.read(i)
    if i.filename.endswith(".extract.csv"):
        data = re.sub(rb",(AF|PK|IN|IR|GB|DE)\b", b",FR", data)
    new.writestr(i, data)
new.close()
P
ev-verify changed.asice >said && failed "a changed extract passes"
grep 'FAILED' said | grep -q 'claims' || failed "claims of a changed extract pass"
exit $bad
