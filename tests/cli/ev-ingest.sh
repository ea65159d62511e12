# Every file of a source is stored once, read or listed, and accounted for.
# The cage of a sanitized build stays open, that of another does not.
say() { rc=0; "$@" >said || rc=$?; sed '/^  sandbox: /d' said; echo "-> $rc"; }
ev-case init a.evcase --number T-1 --title T --actor 'A. Example' \
    --role examiner --office 'Demo Lab' --self-signed
mkdir -p in/b
printf '{"who":"a","at":"2025-01-01T00:00:00Z"}\n{"who":"b" "at":1}\n' >in/b/records.jsonl
echo unknown >in/note.txt
cp in/note.txt 'in/same note.txt'
: >in/empty
printf 'x' >"in/$(printf 'bad\033[31m\377name')"
ln -s note.txt in/link
mkfifo in/fifo
echo 'mapping t.records
version 1
title "Records of a test"
platform t
match **/records.jsonl
probe "who"
reader jsonl
kind login
field account who id required
field t at time:iso
limit "Made up."' >t.map
say ev-ingest lint t.map
sed 's/^reader.*/reader none/' t.map >bad.map
echo 'a faulty mapping:'; say ev-ingest lint bad.map
say ev-ingest a.evcase in --map bad.map
say ev-ingest try t.map in/b/records.jsonl
echo 'a dry run:'; say ev-ingest --dry-run a.evcase in --map t.map
ev-custody log a.evcase
ls a.evcase/vault
echo 'in earnest:'; say ev-ingest a.evcase in --map t.map --hash md5,sha1
echo 'again the same:'; say ev-ingest a.evcase in --map t.map | head -n 3
echo 'standard input:'; echo note | ev-ingest a.evcase - | head -n 3
echo 'one file, as JSON:'; say ev-ingest -j a.evcase in/b/records.jsonl --map t.map
echo 'read anew:'; say ev-ingest --again a.evcase A000001 --map t.map
say ev-ingest --again a.evcase A000900
echo 'set apart:'; say ev-ingest a.evcase in/b/records.jsonl --map t.map --quarantine Q1
say ev-ingest --again a.evcase A000014
ev-custody log a.evcase
ev-case check a.evcase | grep -v 'kept elsewhere'
sqlite3 a.evcase/case.db "SELECT count(*), count(DISTINCT stored) FROM exhibit;
    SELECT count(*) FROM fact; SELECT count(*) FROM fact_now;
    SELECT hex(md5), hex(sha1) FROM artifact WHERE id = 5"
echo 'refused:'
say ev-ingest a.evcase
say ev-ingest a.evcase missing
say ev-ingest a.evcase in/link
say ev-ingest a.evcase in --hash sha999
say ev-ingest a.evcase in --limit depth=x
say ev-ingest a.evcase in --formats uu
say ev-ingest a.evcase in --authority 17
say ev-ingest --again a.evcase --dry-run
say ev-ingest missing.evcase in
rc=0; ev-ingest a.evcase in/note.txt >/dev/full || rc=$?; echo "full: $rc"
test ! -e missing.evcase
