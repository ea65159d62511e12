#!/bin/sh
# Archives that other people's tools write are listed as other people's tools
# list them: name, size and CRC-32 of each member.  And a changed byte shows.
set -u
listing=${EV_BUILD:?}/tests/listing
parse=$EV_BUILD/libexec/evidence/ev-parse
[ -x "$listing" ] || { echo "no listing: skipped"; exit 77; }
for tool in python3 tar bsdtar zip xz zstd gzip; do
	command -v $tool >/dev/null || echo "no $tool: its part is left out"
done
command -v python3 >/dev/null || exit 77
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 2
mkdir -p d/e
printf 'hello\n' >d/a.txt
: >d/empty
seq 1 20000 >d/e/numbers
head -c 100000 /dev/zero >d/zeros
printf 'x' >"d/name with blanks and ü"
long=d/$(printf 'n%.0s' $(seq 1 180))
printf 'long\n' >"$long"

for format in gnu pax ustar v7; do
	tar --format=$format -cf $format.tar d 2>/dev/null || rm -f $format.tar
done
for format in gnutar pax ustar zip; do
	bsdtar --format=$format -cf bsd-$format.arc d 2>/dev/null ||
		rm -f bsd-$format.arc
done
zip -qr info.zip d 2>/dev/null
cat d/e/numbers | zip -q stream.zip - 2>/dev/null
python3 - <<'END'
import zipfile, os
for name, method in (('stored', 0), ('deflated', 8), ('bzip2', 12),
                     ('lzma', 14)):
    with zipfile.ZipFile('py-%s.zip' % name, 'w', method) as z:
        for top, _, files in os.walk('d'):
            for f in files:
                # libarchive 3.6.2 cannot decode LZMA of nothing.
                if method != 14 or f != 'empty':
                    z.write(os.path.join(top, f))
with open('py-stream.zip', 'wb') as raw:
    raw.seekable = lambda: False
    with zipfile.ZipFile(raw, 'w', 8) as z:
        z.write('d/e/numbers')
        z.writestr('empty', b'')
        with z.open('big', 'w', force_zip64=True) as f:
            f.write(b'zip64' * 1000)
END
[ ! -f gnu.tar ] || for pack in gzip xz zstd; do
	$pack -q -k gnu.tar 2>/dev/null
done

cat >compare.py <<'END'
import subprocess, sys, tarfile, zipfile, zlib

def name(info):
    # Python reads what is not marked as UTF-8 in the PC's old characters.
    if info.flag_bits & 0x800:
        return info.filename
    return info.filename.encode('cp437').decode('utf-8')

def theirs(path):
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as z:
            return sorted((name(i), i.file_size, zlib.crc32(z.read(i)))
                          for i in z.infolist() if not i.is_dir())
    with tarfile.open(path.replace('.zst', '')) as t:
        return sorted((m.name, m.size, zlib.crc32(t.extractfile(m).read()))
                      for m in t.getmembers() if m.isreg())

def ours(listing, parse, path):
    out = subprocess.run([listing, parse, path], capture_output=True,
                         text=True)
    if out.returncode not in (0, 3):
        sys.exit('listing: %s' % out.stderr)
    names, rows, odd = {}, [], []
    for line in out.stdout.splitlines():
        word, _, rest = line.partition(' ')
        field = rest.split(' ')
        if word == 'member':
            names[field[0]] = rest.split("'", 1)[1][:-1]
        elif word == 'total' and field[1] not in ('container', 'failed'):
            name = names[field[0]].split('!/')[-1]
            if not name.endswith('/') and field[0] != '0':
                rows.append((name, int(field[2]), int(field[3], 16)))
        elif word == 'aside' or (word == 'note' and field[1].startswith('zip')
                                 and field[1] != 'zip-comment'):
            odd.append(line)
    return sorted(rows), odd

listing, parse, *paths = sys.argv[1:]
bad = 0
for path in paths:
    want = theirs(path)
    got, odd = ours(listing, parse, path)
    same = got == want and not odd and want
    print('%-16s %3d members %s' % (path, len(want),
                                    'equal' if same else 'DIFFER'))
    if not same:
        bad += 1
        for row in set(want) ^ set(got):
            print('   ', row, 'theirs' if row in want else 'ours')
        for line in odd:
            print('   ', line)
sys.exit(1 if bad else 0)
END
set -- $(ls ./*.tar ./*.arc ./*.zip ./*.gz ./*.xz ./*.zst 2>/dev/null)
python3 compare.py "$listing" "$parse" "$@" || exit 1
[ $# -ge 6 ] || { echo "FAILED: only $# archives were made"; exit 1; }

# The failing twin: one byte of the stored data, changed.
cp py-stored.zip broken.zip
at=$(grep -abo hello broken.zip | head -1 | cut -d: -f1)
printf J | dd of=broken.zip bs=1 seek="$at" conv=notrunc 2>/dev/null
"$listing" "$parse" broken.zip >said
[ $? -eq 3 ] && grep -q '^aside [0-9]* zip-crc' said ||
	{ cat said; echo "FAILED: a changed byte does not show"; exit 1; }
