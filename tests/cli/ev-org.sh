# A register is imported record by record; a bad one is set aside and named.
say() { rc=0; "$@" 2>err || rc=$?; cat err; echo "-> $rc"; }
ev-case init -q a.evcase --number T-1 --title T --actor 'A. Example' --role examiner --office Lab
cat >one.csv <<'EOF'
name,aliases,status,quality,authority,law,section,ref,listed_on,delisted_on,remarks
Front of Example,FoE;جبهة المثال;Example Front,listed,strong,Committee,Act 2019,s. 3,EX-1,2021-04-12,,"with a comma, and ""quotes"""
"Lantern
Circle",,delisted,good,Ministry,Act 2019,s. 4,EX-2,2020-06-30,2025-01-15,
EOF
say ev-org import a.evcase one.csv
say ev-org import a.evcase one.csv
say ev-org list a.evcase
say ev-org show a.evcase O000001
printf 'ref,name,colour\n1,Front of Example,red\n2,,blue\n3,Third\n4,Bad \377,x\n5,Fourth,y\n' >two.csv
say ev-org import a.evcase two.csv --source second
say ev-org list a.evcase --csv --columns org,name,listings
# each listing cites its record's own bytes
sqlite3 a.evcase/case.db 'SELECT offset, length, lower(hex(record_sha256)) FROM listing l JOIN list_source s ON s.id = l.source WHERE s.name = "one.csv"' |
	while IFS='|' read -r offset length sha256; do
		have=$(tail -c +$((offset + 1)) one.csv | head -c "$length" | sha256sum | cut -c1-64)
		[ "$have" = "$sha256" ] && echo "bytes $offset+$length as cited"
	done
say ev-org anchor a.evcase O000001 account x:1 --basis L000001
say ev-org anchor a.evcase O000001 account x:1 --basis L000099
say ev-org anchor a.evcase O000009 account x:1 --basis L000001
say ev-org anchor a.evcase O000001 colour red --basis L000001
say ev-org show a.evcase O000001 -j
printf 'title\nx\n' >three.csv; say ev-org import a.evcase three.csv
: >four.csv; say ev-org import a.evcase four.csv
say ev-org import a.evcase missing.csv
ev-custody log a.evcase
ev-custody log -j a.evcase | sed -n 's/.*"after":\({[^}]*"verb":"anchor"}\).*/\1/p'
