#!/bin/sh
# A closed case is one file and a folder: who may not write there lists and
# checks it, and leaves nothing behind.
set -eu
[ -x "$EV_BUILD/bin/ev-case" ] || exit 77
bin=$(cd "$EV_BUILD/bin" && pwd)
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
unset EV_CASE EV_ACTOR EV_NOW
mkdir in bin
printf 'one\n' >in/one.txt
# The other user may not reach the build folder.
cp "$bin/ev-list" "$bin/ev-custody" "$bin/ev-case" bin
"$bin/ev-case" init a.evcase --number C-1 --title Closed --actor 'A. Example' \
    --role examiner --office Lab --self-signed 2>/dev/null
"$bin/ev-ingest" -q a.evcase in 2>/dev/null || [ $? -eq 3 ]
"$bin/ev-case" close -q a.evcase
[ ! -e a.evcase/case.db-wal ]
rm -f a.evcase/case.lock
chmod -R a+rX,a-w "$dir"
as=
if [ "$(id -u)" -eq 0 ]; then
	command -v setpriv >/dev/null || { echo "no setpriv"; exit 77; }
	as='setpriv --reuid 65534 --regid 65534 --clear-groups'
fi
[ "$($as bin/ev-list a.evcase exhibits -j | wc -l)" -eq 1 ]
$as bin/ev-custody verify a.evcase | grep -q '^ok .*recomputed, all equal'
$as bin/ev-case status a.evcase | grep -q '^closed'
got=0
$as bin/ev-custody note a.evcase --text x 2>/dev/null || got=$?
[ "$got" -eq 2 ]
[ -z "$(find a.evcase -name '*-wal' -o -name '*-shm')" ]
