# A closed case is read, checked, stamped, bundled, handed over; nothing else is entered.
say() { rc=0; "$@" 2>&1 || rc=$?; echo "-> $rc"; }
ev-case init a.evcase --number T-1 --title 'Grey River' --actor 'A. Example' --id a --role examiner --office Lab --self-signed 2>/dev/null
export EV_CASE=a.evcase
mkdir in
printf 'one\n' >in/one.txt
ev-ingest -q in 2>/dev/null || [ $? = 3 ]
ev-case init b.evcase --number T-2 --title Other --actor 'B. Example' --id b --role custodian --office Store --self-signed 2>/dev/null
mv b.evcase/self.key b.key; rm -rf b.evcase
ev-case enrol --actor 'B. Example' --id b --role custodian --office Store --cert b.key
ev-custody transfer --as @a --to @b -q
say ev-case close --as @a
ev-custody refuse --as @a --reason 'not yet' -q
say ev-case close --as @a
find a.evcase -name '*wal*' | wc -l
ev-custody log -j | sed -n 's/.*\("action":"close".*\),"at".*/\1/p'
echo 'refused:'
export EV_ACTOR=@a
say ev-ingest -q in
say ev-case authority add --type consent --issuer X --ref 1
say ev-custody note --text 'too late'
say ev-custody quarantine E000001 --reason SOURCE
say ev-attrib run
say ev-org import "$SRC/casefiles/demo/register.csv"
ev-custody log | tail -n 1
echo 'allowed:'
say ev-stamp --self -q
say ev-custody note I000001 --action return --text 'to the owner'
say ev-custody transfer --to @b -q
say ev-custody accept --as @b --sign b.key -q
ev-bundle -o a.asice --draft -q >/dev/null; ls a.asice
ev-custody log | tail -n 6
say ev-case check
ev-case status | grep -E '^(closed|next)'
say ev-case close --as @b
find a.evcase -name '*wal*' | wc -l
