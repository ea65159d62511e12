# A case is made whole or not at all, and says what is in it and what is next.
init() {
	ev-case init "$@" --number T-1 --title 'Grey River' --actor 'A. Example' \
	    --role examiner --office 'Demo Lab' --self-signed
}
say() { rc=0; "$@" || rc=$?; echo "-> $rc"; }
init a.evcase
ls a.evcase a.evcase/heads
stat -c '%a %n' a.evcase/log.key a.evcase/self.key
say ev-case status a.evcase | sed 's/^\(id *\).*/\1ID/; s/^\(newest head *\).*/\1CODE/'
ev-case status -j a.evcase | sed 's/"case":"[^"]*"/"case":"ID"/; s/"head":"[^"]*"/"head":"NOTE"/'
say ev-case check a.evcase
echo 'exists:'; say init a.evcase
echo 'wrong name:'; say init a.case
echo 'no number:'; say ev-case init b.evcase --title T --actor A --role r --office o
test ! -e b.evcase
echo 'two keys:'; say ev-case init b.evcase --number 1 --title T --actor A --role r --office o --key k --self-signed
echo 'no folder:'; say init missing/b.evcase
echo 'a missing case:'; say ev-case status missing.evcase
test ! -e missing.evcase
ev-case authority add a.evcase --type court-order --issuer 'Court of Example' --ref 17/2026 \
    --account x:id:2000000000000000001 --class ip-identification \
    --conduct 2025-01-01T00:00:00Z..2026-01-01T00:00:00Z
echo 'no such type:'; say ev-case authority add a.evcase --type decree --issuer X --ref 1
echo 'no such period:'; say ev-case authority add a.evcase --type consent --issuer X --ref 1 --valid 2026-01-01..x
echo 'no certificate:'; say ev-case enrol a.evcase --actor 'B. Example' --role reviewer --office 'Demo Lab'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout b.key -out b.pem -subj /CN=B -days 30 2>/dev/null
ev-case enrol a.evcase --actor 'B. Example' --role reviewer --office 'Demo Lab' --cert b.pem
echo 'whose act:'; say ev-case authority add a.evcase --type consent --issuer X --ref 1
ev-case authority add a.evcase --type consent --issuer X --ref 1 --as @b-example --purpose 'as agreed'
echo 'nobody:'; say ev-case authority add a.evcase --type consent --issuer X --ref 1 --as @c
ev-custody log a.evcase
ev-custody log -j a.evcase | tail -n 1 | sed 's/"tool_sha256":"[^"]*"/"tool_sha256":"T"/'
ls -A | grep -v evcase
