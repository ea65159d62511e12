# The demo case: claims, their reasons, their counts, and what is refused.
say() { rc=0; "$@" >out 2>err || rc=$?; cat out err; echo "-> $rc"; }
ev-case init -q d.evcase --number T-1 --title T --actor 'A. Example' --role examiner --office Lab --self-signed
say ev-attrib list d.evcase
say ev-attrib verify d.evcase --all
ev-ingest -q d.evcase "$SRC/casefiles/demo/captured" >/dev/null || [ $? = 3 ]
ev-org import -q d.evcase "$SRC/casefiles/demo/register.csv"
sh -eu "$SRC/casefiles/demo/steps.sh" d.evcase
say ev-attrib run d.evcase
say ev-attrib run -j d.evcase
say ev-attrib list d.evcase --columns claim,label,subject,object,low,mid,high,word,flags
say ev-attrib explain d.evcase C000018
say ev-attrib explain d.evcase x:1600000000000000106
say ev-attrib headline d.evcase --country AF
say ev-attrib headline d.evcase --country AF --register nobody
say ev-attrib headline d.evcase --country Afghanistan
say ev-attrib headline d.evcase --country AF --window 2020-01-01T00:00:00Z..2020-02-01T00:00:00Z
say ev-attrib links d.evcase --columns a,b,low,label,bottleneck,steps
say ev-attrib geo d.evcase 192.0.2.50 2026-04-20T00:00:00Z --columns ip,result,votes
say ev-attrib verify d.evcase --all
say ev-attrib verify d.evcase C000004
say ev-attrib verify d.evcase C000099
echo '# no text is wider than a terminal'
for claim in $(ev-attrib list d.evcase --csv --columns claim | tail -n +2 | tr -d '"\r'); do
	ev-attrib explain d.evcase "$claim"
done | awk 'length($0) > 80; END { print (NR > 1000) }'
echo '# an examiner says that a shared handset is one cause'
say ev-attrib flag d.evcase phone +93000000001 household
say ev-attrib role d.evcase F999999 claims --reason R
say ev-attrib role d.evcase F000001 owner --reason R
say ev-attrib flag d.evcase phone 12 household --reason R
say ev-attrib grade d.evcase F000001 G9 --reason R
say ev-attrib depend d.evcase F000046 F000049 --reason 'one handset'
say ev-attrib run d.evcase
ev-attrib explain -j d.evcase C000032 | grep -o '"supersedes":"[0-9a-f]*"' | wc -c
say ev-attrib verify d.evcase --all
echo '# a changed line, a changed rule, a changed database are found'
sqlite3 d.evcase/case.db "UPDATE claim SET line = replace(line, '\"word\":\"strong\"', '\"word\":\"extremely strong\"') WHERE id = 33"
say ev-attrib verify d.evcase --all
sqlite3 d.evcase/case.db "UPDATE claim SET line = replace(line, '\"word\":\"extremely strong\"', '\"word\":\"strong\"') WHERE id = 33"
say ev-attrib verify d.evcase --all
sqlite3 d.evcase/case.db "UPDATE datafile SET bytes = CAST(replace(CAST(bytes AS TEXT), '3000 4000 5000', '3000 4000 5001') AS BLOB) WHERE form = 'rules'"
say ev-attrib verify d.evcase --all
echo '# faulty files'
sed 's/^when      dt <= 2s/when      language = ps/' "$SRC/casefiles/rules/starter.rules" >bad.rules
say ev-attrib lint bad.rules
say ev-attrib run d.evcase --rules bad.rules
sed 's/clock-skew/clock-screw/' "$SRC/casefiles/rules/starter.rules" >code.rules
say ev-attrib lint code.rules
printf 'start,end,country\n192.0.2.0,192.0.2.255,PK\n' >r.csv
say ev-attrib db d.evcase r.csv --source r
say ev-attrib db d.evcase r.csv --source r --built 2026-04-31
say ev-attrib db d.evcase r.csv --source r --built 2026-04-01 --as judge
printf '192.0.2.0,192.0.2.255,PK\n' >no.txt
say ev-attrib db d.evcase no.txt --source r
say ev-attrib lint "$SRC/casefiles/rules/starter.rules" "$SRC/casefiles/demo/geo/networks.csv"
say ev-custody verify -q d.evcase
