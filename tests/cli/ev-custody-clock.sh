# Each entry says by which clock it was made; time that goes back is told, not hidden.
say() { rc=0; "$@" 2>/dev/null || rc=$?; echo "-> $rc"; }
ev-case init a.evcase --number T-1 --title 'Grey River' --actor 'A. Example' --id a --role examiner --office Lab --self-signed 2>/dev/null
export EV_CASE=a.evcase
EV_NOW=2026-01-15T11:30:00Z ev-custody note --text 'an hour too early' --place 'Room 5' -q
ev-stamp --self -q >/dev/null
ev-custody log -v | sed 's/\(tool  [a-z-]*\).*/\1/'
ev-custody log -j | sed -n 's/.*\("clock":{[^}]*}\).*/\1/p'
say ev-custody verify
# what the columns of the clock say when another hand writes them
try() {
	rm -rf x.evcase; cp -a a.evcase x.evcase
	sqlite3 x.evcase/case.db "CREATE TABLE t AS SELECT name, sql FROM sqlite_schema WHERE type = 'trigger';" \
	    "SELECT 'DROP TRIGGER ' || name || ';' FROM t" | grep -v '^$' >drop.sql
	sqlite3 x.evcase/case.db "SELECT sql || ';' FROM t" >make.sql
	sqlite3 x.evcase/case.db ".read drop.sql" "DROP TABLE t" "$1" ".read make.sql"
	say ev-custody verify x.evcase | grep "$2"
}
try "UPDATE log SET leaf = replace(leaf, '\"boot_us\":0', '\"boot_us\":' || CASE seq WHEN 3 THEN 1000000 ELSE 4000000000 END) WHERE seq > 2" 'running time'
try "UPDATE log SET leaf = replace(leaf, '\"boot_us\":0', '\"boot_us\":' || CASE seq WHEN 1 THEN 5000000 ELSE 95000000 END) WHERE seq < 3" 'running time'
try "UPDATE log SET leaf = replace(leaf, '\"synced\":0', '\"synced\":1')" 'synchronised' || echo 'all synchronised'
try "UPDATE log SET leaf = replace(leaf, '\"boot_us\":0,', '') WHERE seq = 2" 'by which clock'
try "UPDATE log SET leaf = replace(leaf, '\"self_issued\":1', '\"self_issued\":0') WHERE seq = 4; UPDATE log SET leaf = replace(leaf, '{\"at\":\"2026-01-15T12:00', '{\"at\":\"2026-01-15T11:58') WHERE seq = 4" 'away from'
