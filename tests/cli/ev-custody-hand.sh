# A case is offered, refused, offered and accepted; both sign, and a code finds a cut.
say() { rc=0; "$@" 2>&1 || rc=$?; echo "-> $rc"; }
hide() { sed -E 's/([0-9a-f]{4} ){7}[0-9a-f]{4}/CODE/; s/[0-9a-f]{64}/DIGEST/'; }
for who in a b; do
	ev-case init $who.evcase --number T-1 --title 'Grey River' --actor "$who. Person" --id $who --role examiner --office Lab --self-signed 2>/dev/null
done
mv b.evcase/self.key b.key; rm -rf b.evcase
ev-case enrol a.evcase --actor 'B. Person' --id b --role custodian --office Store --cert b.key
export EV_CASE=a.evcase
say ev-custody transfer --as @a --to @a
say ev-custody accept --as @b --sign b.key
say ev-custody transfer --as @a --to @b | hide
ev-case status | grep -E '^(handover|next)'
say ev-custody transfer --as @a --to @b
say ev-custody refuse --as @b --sign b.key --reason 'not today' | hide
say ev-custody transfer --as @a --to @b -j | hide
say ev-custody accept --as @b --sign a.evcase/self.key
say ev-custody accept --as @b --sign b.key | hide
ev-custody log
ev-custody log -j | sed -n 's/.*"after":\({"failed[^}]*}\|{"offer[^}]*}\).*/\1/p'
say ev-custody verify
code=$(ev-case status | sed -n 's/^newest head *//p' | tr ' ' -)
say ev-custody verify --head "$code" | head -n 1
cp -a a.evcase b.evcase
say ev-custody transfer --as @b --to @a --sign b.key -q
new=$(ev-case status | sed -n 's/^newest head *//p')
echo 'an older copy, the newer code:'
say ev-custody verify b.evcase --head "$new"
say ev-custody verify b.evcase --head b.key
# the receipt, on paper and as a page
mask() { sed -E 's/([0-9a-f]{4} ){7}[0-9a-f]{4}/CODE/; s/[0-9a-f]{64}/DIGEST/g; s/urn:uuid:[-0-9a-f]{36}/ID/g; s|^[A-Za-z0-9+/]{43}=$|ROOT|; s|^(— ID )[A-Za-z0-9+/=]*|\1SIGNATURE|'; }
say ev-custody receipt b.evcase -o b.txt
mask <b.txt
ev-custody receipt b.evcase -o b.html
head -c 15 b.html; echo; grep -c '<h2>' b.html
grep -q "$(ev-case status b.evcase | sed -n 's/^newest head *//p')" b.html
for sheet in b.txt b.html; do ev-custody verify --head $sheet | grep extends; done
say ev-custody receipt b.evcase -o b.txt
ev-custody receipt b.evcase -j | sed -E 's/"(head|signed_head)":"[^"]*"/"\1":"NOTE"/g' | mask
ev-custody receipt a.evcase | sed -n '1p; /^Offered by/,/^person/p; /^offered to/p'
say ev-custody refuse --as @b --sign b.key --reason 'my <b>own</b> offer' -q
ev-custody receipt a.evcase --format html | grep -A1 'Why'
# the signature of the receiver is put where the giver's was
chmod u+w b.evcase/heads/*.p7s
cp b.evcase/heads/000006-in.p7s b.evcase/heads/000006-out.p7s
say ev-custody verify b.evcase | hide
# what came in since the offer was not offered
mkdir in; printf 'late\n' >in/late.txt
say ev-custody transfer --as @b --to @a --sign b.key -q
ev-ingest -q in --as @b 2>/dev/null || [ $? = 3 ]
say ev-custody accept --as @a
ev-custody log | tail -n 1
ev-custody receipt | grep -A4 '^Why'
