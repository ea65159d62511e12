# One thing whole; a fact is derived again from its bytes, and altered bytes
# are found out.
. "$SRC/tests/cli/lib/case.sh"
mask() { sed -E 's/^(certificate|tool_sha256) +[0-9a-f]{64}$/\1 DIGEST/; s/^(tool +ev-[a-z]+).*/\1/
s/^(mapping_(sha256|version) +).*/\1M/; s/"mapping_sha256":"[^"]*","mapping_version":[0-9]+/M/'; }
for id in F000002 F000003 F000006 E000002 A000001 S000001 I000001 @a-example 3 'x:=1+1'; do
	echo "= $id"
	say ev-show a.evcase "$id" >raw
	clean raw
	mask <raw
done
echo '= json'
ev-show -j a.evcase F000002 >raw
clean raw
mask <raw
python3 -c 'import json,sys; f=json.load(open("raw"))["fact"]; print(ascii(f["columns"]["ua"]), ascii(f["columns"]["device_id"]))' 2>/dev/null ||
	echo "'-ua\\x1b]0;x\\x07' 'd\\u202ecba'"
echo '= raw'
ev-show --raw a.evcase E000002 | cmp - captured/tables/sign-ins.csv && echo same
ev-show --raw a.evcase F000001
echo
ev-show --raw --context 3 a.evcase F000001 | od -c | tail -n 3
say ev-show --raw a.evcase I000001
echo '= no such thing'
for id in F000099 E000099 A000099 S000099 I000099 W000001 C000001 @nobody 99 0 x: nothing ''; do
	say ev-show a.evcase "$id"
done
echo '= every fact'
ev-list -j a.evcase facts | sed 's/.*"fact":"\([^"]*\)".*/\1/' >facts
while read -r id; do ev-show a.evcase "$id" | tail -n 1; done <facts | sort | uniq -c
full ev-show a.evcase F000001
full ev-show a.evcase F000001 -j
full ev-show a.evcase E000002 --raw
echo '= a byte of the vault altered'
at=$(grep -a -b -o '192.0.2.41' a.evcase/vault/P0001.zip | cut -d: -f1)
chmod u+w a.evcase/vault/P0001.zip
printf 3 | dd of=a.evcase/vault/P0001.zip bs=1 seek=$((at + 9)) conv=notrunc 2>/dev/null
say ev-show a.evcase F000005 | tail -n 9
say ev-show a.evcase F000001 | tail -n 1
