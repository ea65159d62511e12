# One thing is shown with its proofs, and without the rest of the case.
say() { rc=0; "$@" 2>&1 || rc=$?; echo "-> $rc"; }
hide() { sed -E 's/urn:uuid:[-0-9a-f]{36}/ID/g; s/[0-9a-f]{64,128}/DIGEST/g; s/"mtime":"[^"]*"/"mtime":"T"/'; }
ev-case init a.evcase --number T-1 --title 'Grey River' --actor 'A. Example' --id a --role examiner --office Lab --self-signed 2>/dev/null
export EV_CASE=a.evcase
mkdir in
printf 'one\n' >in/one.txt
printf 'two\n' >in/two.txt
ev-ingest -q in 2>/dev/null || [ $? = 3 ]
ev-custody prove E000002 -o e.tlog-proof
sed -E 's/^[A-Za-z0-9+/]{43}=$/HASH/; s/^(extra ).*/\1.../; s/^(— ).*/\1.../' e.tlog-proof | hide
say ev-custody verify --proof e.tlog-proof | hide
ev-custody prove 1 | sed -n 's/^extra //p' | base64 -d | hide | cut -c 1-60
say ev-custody prove E000002 -o e.tlog-proof
say ev-custody prove E000003
say ev-custody prove @a
sed 's/^index 3$/index 2/' e.tlog-proof >moved
say ev-custody verify --proof moved -j | hide
sed '/^$/q' e.tlog-proof >cut
say ev-custody verify --proof cut
unset EV_CASE
say ev-custody verify --proof e.tlog-proof | head -n 1
