# Each proof is told with the year by which it must be renewed; due ones end with 1.
say() { rc=0; "$@" 2>err || rc=$?; sed 's/^/! /' err; echo "-> $rc"; }
doctor() { say ev-case doctor "$@" | grep -v '^note'; }
ev-case init c.evcase --number T-1 --title T --actor 'A. Example' --role examiner --office Lab --self-signed 2>/dev/null
printf 'what was received\n' >received.txt
ev-ingest c.evcase received.txt >/dev/null 2>&1 || [ $? = 3 ]
say ev-case doctor c.evcase | grep 'stamp'
ev-stamp c.evcase --self >/dev/null
ev-bundle c.evcase -o c.asice >/dev/null
doctor c.evcase c.asice
say ev-case doctor -j c.evcase | grep -v surroundings
EV_NOW=2030-08-01T00:00:00Z doctor c.evcase c.asice
# the horizon of an algorithm, when it comes first
mkdir data
sed 's/^key EC 256 2035/key EC 256 2027/' "$SRC/casefiles/algorithms.horizon" >data/algorithms.horizon
EV_DATA=data doctor c.evcase
bad() { printf "$1" >data/algorithms.horizon; EV_DATA=data say ev-case doctor c.evcase; }
bad 'horizons 2026\n'
bad 'source a "A"\nkey EC 256 2035 b\n'
bad 'source a "A" b\n'
bad 'source a "A"\nkey EC many 2035 a\n'
bad 'source a "A"\ndigest SHA-256 1999 a\n'
bad 'source a "A"\nkey RSA 2048 2030 a\ndigest SHA-256 none a\n'
bad 'hash SHA-256 2030 a\n'
bad 'horizons 2026-11-24'
rm data/algorithms.horizon
EV_DATA=data say ev-case doctor c.evcase
# a key that others may read, and a bundle that is none
chmod 0440 c.evcase/log.key
say ev-case doctor c.evcase | grep log.key
say ev-case doctor c.evcase received.txt | tail -n 2
