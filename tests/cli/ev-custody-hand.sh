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
# the signature of the receiver is put where the giver's was
chmod u+w b.evcase/heads/*.p7s
cp b.evcase/heads/000006-in.p7s b.evcase/heads/000006-out.p7s
say ev-custody verify b.evcase | hide
