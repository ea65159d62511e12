# A bundle is checked by whoever has it and nothing else: outcomes, JSON, pins,
# heads kept elsewhere, and edits that are named.
mask() { sed -E 's/[0-9a-f]{64}/HEX/g; s/self-issued.*/self-issued/; s/byte [0-9]+/byte N/g; s/\b[1-9][0-9]{4,}\b/N/g'; }
say() { rc=0; "$@" >out 2>err || rc=$?; mask <out; cat err; echo "-> $rc"; }
sh "$SRC/tests/tamper/lib/bundle.sh" "${BUILD:-$(dirname "$(dirname "$(command -v ev-verify)")")}" .
pin=$(unzip -p small.asice data/pki/a-example.pem | openssl x509 -outform DER | openssl dgst -sha256 -r | cut -c1-64)
content=$(unzip -p small.asice tagmanifest-sha256.txt | openssl dgst -sha256 -r | cut -c1-64)
unzip -p small.asice data/custody/heads/000011.note >kept.note
echo '= as it is'
say ev-verify small.asice
say ev-verify small.asice -q
ev-verify -j small.asice >json 2>/dev/null || [ $? = 3 ]
head -2 json
awk '!/^\{"group":"[a-z]+","schema":"evidence\/verify\/1","state":"(ok|failed|not-checked|note)","what":".+"\}$/' json
say ev-verify small.asice --quick | grep -E 'quick|->'
echo '= with what is kept elsewhere'
say ev-verify small.asice --pin "$pin" | grep -E 'pin|^[0-9]+ ok|->'
say ev-verify small.asice --pin "$content" | grep -E 'pin|^[0-9]+ ok|->'
say ev-verify small.asice --pin "$(echo "$pin" | tr 0-9a-f 1-9a-f0)" | grep -E 'FAILED|->'
say ev-verify small.asice --head kept.note | grep -E ' head |->'
sed 's/^11$/12/' kept.note >edited.note
say ev-verify small.asice --head edited.note | grep -E 'FAILED|->'
unzip -p small.asice data/pki/a-example.pem >root.pem
say ev-verify small.asice --trust root.pem | grep -E 'root that you|FAILED|->'
echo '= changed'
cp small.asice x.asice
printf X | dd of=x.asice bs=1 seek=70 conv=notrunc 2>/dev/null
say ev-verify x.asice
cat small.asice small.asice >x.asice
say ev-verify x.asice
head -c 5000 small.asice >x.asice
say ev-verify x.asice
: >x.asice
say ev-verify x.asice
sed 's/"Small"/"Smell"/' small.asice >x.asice
say ev-verify x.asice | grep -E 'FAILED|->'
say ev-verify -j x.asice | grep -c '"state":"failed"'
echo '= a case'
say ev-verify small.evcase | grep -v synchronised # of this machine
echo '= not at all'
say ev-verify
say ev-verify missing.asice
say ev-verify .
say ev-verify small.asice --pin 12
say ev-verify small.asice --head missing.note
say ev-verify small.asice --head root.pem
say ev-verify small.asice --trust missing.pem
say ev-verify small.asice --trust kept.note
