# The log is printed and checked; an edit, a cut tail and a foreign case are found.
say() { rc=0; "$@" 2>/dev/null || rc=$?; echo "-> $rc"; }
for c in a b; do
	ev-case init $c.evcase --number T-1 --title "Case $c" --actor 'A. Example' --role examiner --office Lab 2>/dev/null
done
add() { ev-case authority add a.evcase --type consent --issuer "$1" --ref 1 >/dev/null; }
add 'Office of Example'
ev-custody head a.evcase | sed '1s/.*/ORIGIN/; 3s/.*/ROOT/; $s/ [^ ]* [^ ]*$/ ORIGIN SIGNATURE/'
ev-custody head a.evcase --export one.note
say ev-custody head a.evcase --export one.note
add 'Second office'
say ev-custody verify a.evcase --head one.note
say ev-custody verify -j a.evcase
say ev-custody verify b.evcase --head one.note
# openssl alone checks a head: key from the log, text before the empty line
ev-custody log -j a.evcase | head -n 1 | sed 's/.*"log_key":"\([^"]*\)".*/\1/; s/\\n/\n/g' >log.pem
sed '/^$/q' one.note | head -n -1 >text
tail -n 1 one.note | awk '{ print $NF }' | base64 -d | tail -c 64 >sig
openssl pkeyutl -verify -rawin -pubin -inkey log.pem -in text -sigfile sig
# what an insider may try
try() {
	rm -rf x.evcase; cp -a a.evcase x.evcase
	sqlite3 x.evcase/case.db ".trace off" "CREATE TABLE t AS SELECT name, sql FROM sqlite_schema WHERE type = 'trigger';" \
	    "SELECT 'DROP TRIGGER ' || name || ';' FROM t" | grep -v '^$' >drop.sql
	sqlite3 x.evcase/case.db "SELECT sql || ';' FROM t" >make.sql
	sqlite3 x.evcase/case.db ".read drop.sql" "DROP TABLE t" "$1" ".read make.sql"
	echo "$2:"; say ev-custody verify x.evcase
}
try "UPDATE log SET leaf = replace(leaf, 'Office of Example', 'Office of Nobody')" 'an entry edited'
try 'DELETE FROM log WHERE seq = 3' 'an entry removed'
try 'UPDATE log SET seq = 99 WHERE seq = 3; UPDATE log SET seq = 3 WHERE seq = 4; UPDATE log SET seq = 4 WHERE seq = 99' 'entries in another order'
echo 'the triggers, while they stand:'
edit() { sqlite3 a.evcase/case.db "$1" 2>&1; }
say edit "UPDATE log SET actor = '@x'"
say edit 'DELETE FROM log'
say ev-custody log a.evcase >/dev/full
