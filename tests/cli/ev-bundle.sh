# A case goes out, and whoever gets it derives everything again; edits of the
# index with every digest refitted are found and named.
# The mappings that this case is read by, however many the suite has.
mkdir data
cp -R "$SRC/casefiles/rules" "$SRC/casefiles/profiles" data/
mkdir data/mappings
for map in csv facebook telegram x; do cp "$SRC/casefiles/mappings/$map.map" data/mappings/; done
EV_DATA=$PWD/data
export EV_DATA
. "$SRC/tests/cli/lib/case.sh"
echo '= out'
say ev-stamp -j a.evcase --self | sed -E 's/"(serial|policy)":"[^"]*"/"\1":"-"/g'
say ev-bundle a.evcase -o a.asice | sed -E 's/(digest|SHA-256) .*/\1/; s/, [0-9]+ bytes//'
say ev-bundle a.evcase -o a.asice
say ev-bundle a.evcase
say ev-bundle a.evcase -o b.asice --checkpoint 3
say ev-bundle a.evcase -o missing/b.asice
say ev-bundle a.evcase -o b.asice --profile nothing
say ev-bundle a.evcase -o b.asice --profile generic-iso27037 -j | sed -E 's/"(content|sha256)":"[0-9a-f]{64}"/"\1":"-"/g; s/"bytes":[0-9]+/"bytes":0/'
ls -I data
unzip -Z1 a.asice | sed 's/\.evcase.*//' | grep -v '^META-INF'
full ev-bundle a.evcase -o c.asice
echo '= in'
mask() { sed -E 's/certificate [0-9a-f]{64}/certificate C/; s/self-issued.*/self-issued/'; }
say ev-verify a.asice >raw
mask <raw
clean raw
say ev-verify a.asice --quick >raw
grep quick raw
ev-verify -j a.asice >raw || [ $? = 3 ]
clean raw
grep -c '"schema":"evidence/verify/1"' raw
ev-verify -q a.asice || [ $? = 3 ]
full ev-verify a.asice
full ev-verify a.asice -j
say ev-verify a.evcase
say ev-verify captured/x/data/ip-audit.js
say ev-verify missing.asice
say ev-verify a.asice a.asice >raw
grep -e 'no volume' -e '^->' raw
say ev-verify a.asice --pin 00
echo '= edited, and every digest refitted'
cat >edit.py <<'P'
import hashlib, io, struct, sys, zipfile, zlib
src, dst, name, old, new = sys.argv[1:6]
z = zipfile.ZipFile(src)
parts = {n: z.read(n) for n in z.namelist()}
assert parts[name].count(old.encode()) >= 1, "nothing to edit"
parts[name] = parts[name].replace(old.encode(), new.encode(), 1)
for algo in "sha256", "sha512":
    for tag, pick in (("", lambda n: n.startswith("data/")),
                      ("tag", lambda n: not n.startswith(("data/", "META-INF/", "tagmanifest-")))):
        parts["%smanifest-%s.txt" % (tag, algo)] = "".join(
            "%s  %s\n" % (hashlib.new(algo, parts[n]).hexdigest(), n)
            for n in sorted(parts) if pick(n)).encode()
d = z.infolist()[0].date_time
date = ((d[0] - 1980) << 25 | d[1] << 21 | d[2] << 16 | d[3] << 11 | d[4] << 5 | d[5] // 2)
out, directory = io.BytesIO(), io.BytesIO()
for name in sorted(parts, key=lambda n: (n != "mimetype", n)):
    n, data, at = name.encode(), parts[name], out.tell()
    out.write(struct.pack("<IHHHIIIIHH", 0x04034b50, 10, 0, 0, date, zlib.crc32(data),
                          len(data), len(data), len(n), 0) + n + data)
    directory.write(struct.pack("<IHHHHIIIIHHHHHII", 0x02014b50, 0x0314, 10, 0, 0, date,
                                zlib.crc32(data), len(data), len(data), len(n), 0, 0, 0, 0,
                                0o100644 << 16, at) + n)
start, body = out.tell(), directory.getvalue()
open(dst, "wb").write(out.getvalue() + body + struct.pack(
    "<IHHHHIIH", 0x06054b50, 0, 0, len(parts), len(parts), len(body), start, 0))
P
edit() {
	rm -f bad.asice
	python3 edit.py a.asice bad.asice "$@"
	say ev-verify bad.asice >raw
	grep -E '^(facts|->).*(FAILED|[0-9]$)' raw
}
edit data/index/facts.jsonl 192.0.2.41 192.0.2.43
edit data/index/facts.jsonl F000005 F000007
edit data/index/artifacts.jsonl '"size":483' '"size":484'
edit data/index/exhibits.jsonl ip-audit.js ip-audit.xs
edit data/index/exhibits.jsonl '"size":483' '"size":484'
edit data/index/readings.jsonl '"read":' '"read":1'
edit data/exhibits/E000004.txt 192.0.2.41 192.0.2.43
edit data/case/mappings/0001-csv.map 'kind     login' 'kind     post '
