#!/usr/bin/env python3
"""attacks.py BUNDLE OTHER COMMAND...: change BUNDLE in each way that a person
may think of; COMMAND with the changed file behind it must end with status 1
and name what is wrong.  OTHER is a bundle of another case.  Python's standard
library only."""
import base64
import hashlib
import io
import os
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

path, other_path, command = sys.argv[1], sys.argv[2], sys.argv[3:]


def load(p):
    with zipfile.ZipFile(p) as z:
        return [(i.filename, z.read(i)) for i in z.infolist()], z.infolist()[0]


def write(entries, date):
    """A store-only zip of the very form that the bundle has."""
    out, directory = io.BytesIO(), io.BytesIO()
    d = ((date[0] - 1980) << 25 | date[1] << 21 | date[2] << 16 |
         date[3] << 11 | date[4] << 5 | date[5] // 2)
    for name, data in entries:
        n, crc, at = name.encode(), zlib.crc32(data), out.tell()
        out.write(struct.pack('<IHHHIIIIHH', 0x04034b50, 10, 0, 0, d, crc,
                              len(data), len(data), len(n), 0) + n + data)
        directory.write(struct.pack(
            '<IHHHHIIIIHHHHHII', 0x02014b50, 0x0314, 10, 0, 0, d, crc,
            len(data), len(data), len(n), 0, 0, 0, 0, 0o100644 << 16, at) + n)
    start, body = out.tell(), directory.getvalue()
    out.write(body + struct.pack('<IHHHHIIH', 0x06054b50, 0, 0, len(entries),
                                 len(entries), len(body), start, 0))
    return out.getvalue()


entries, first = load(path)
others, _ = load(other_path)
raw = open(path, 'rb').read()
names = [n for n, _ in entries]


def changed(name, new):
    return [(n, new if n == name else d) for n, d in entries]


def sha(name):
    return hashlib.new('sha' + name)


def refit(es):
    """Make every list fit the files again, as a careful forger would."""
    es = dict(es)
    order = sorted(es, key=lambda n: (n != 'mimetype', n))
    for bits in ('256', '512'):
        for tag, pick in (
                ('manifest', lambda n: n.startswith('data/')),
                ('tagmanifest', lambda n: not n.startswith(
                    ('data/', 'META-INF/', 'tagmanifest-')))):
            text = ''.join('%s  %s\n' % (
                hashlib.new('sha' + bits, es[n]).hexdigest(), n)
                for n in sorted(es) if pick(n))
            es['%s-sha%s.txt' % (tag, bits)] = text.encode()
    for n in es:
        if n.startswith('META-INF/ASiC'):
            es[n] = re.sub(
                rb'URI="([^"]*)"( MimeType="[^"]*">.*?<ds:DigestValue>)'
                rb'[^<]*', lambda m: b'URI="' + m.group(1) + b'"' +
                m.group(2) + base64.b64encode(hashlib.sha256(
                    es[m.group(1).decode()]).digest()), es[n])
    return [(n, es[n]) for n in order]


def edit(name):
    return next(d for n, d in entries if n == name).replace(b'1', b'2', 1)


log = next(d for n, d in entries if n == 'data/custody/log.jsonl')
lines = log.splitlines(keepends=True)
attacks = {}
for name in names:
    data = dict(entries)[name]
    attacks['edited ' + name] = changed(name, data + b' ')
    attacks['removed ' + name] = [e for e in entries if e[0] != name]
    if name != 'mimetype':
        attacks['renamed ' + name] = sorted(
            [(n + 'x' if n == name else n, d) for n, d in entries],
            key=lambda e: (e[0] != 'mimetype', e[0]))
        attacks['edited and refitted ' + name] = refit(
            changed(name, data + b' '))
for where in ('data/extra.txt', 'extra.txt', 'META-INF/extra.xml',
              'META-INF/ASiCManifest009.xml', 'data/custody/heads/x.note'):
    more = sorted(entries + [(where, b'planted\n')],
                  key=lambda e: (e[0] != 'mimetype', e[0]))
    attacks['added ' + where] = more
    attacks['added and refitted ' + where] = refit(more)
attacks['two files swapped'] = [
    (n, dict(entries)['bagit.txt'] if n == 'bag-info.txt' else
     dict(entries)['bag-info.txt'] if n == 'bagit.txt' else d)
    for n, d in entries]
for n in names:
    if n.endswith(('.p7s', '.tst', '.ers')) and n in dict(others):
        attacks['of another bundle: ' + n] = changed(n, dict(others)[n])
for what, new in {
        'log: tail cut': lines[:-1], 'log: first entry cut': lines[1:],
        'log: entries swapped': [lines[1], lines[0]] + lines[2:],
        'log: an entry twice': lines + lines[-1:],
        'log: an entry edited': [lines[0].replace(b'Small', b'Smell')] +
        lines[1:]}.items():
    attacks[what] = refit(changed('data/custody/log.jsonl', b''.join(new)))
files = {k: write(v, first.date_time) for k, v in attacks.items()}
# Refitting a list gives the list back: no attack.
files = {k: v for k, v in files.items() if v != raw}
files.update({
    'bytes behind': raw + b'x', 'bytes before': b'x' + raw,
    'a comment': raw[:-2] + b'\x01\x00x', 'cut short': raw[:-30],
    'two archives': raw + raw, 'empty': b'', 'entries in another order': write(
        [entries[0]] + entries[1:][::-1], first.date_time),
    'a name twice': write(entries + [entries[-1]], first.date_time),
    'names alike but for case': write(
        entries + [('BAGIT.TXT', b'x')], first.date_time)})
buf = io.BytesIO()
with zipfile.ZipFile(buf, 'w', zipfile.ZIP_DEFLATED) as z:
    for n, d in entries:
        z.writestr(n, d)
files['written by another program, deflated'] = buf.getvalue()

good = subprocess.run(command + [path], stdout=subprocess.PIPE)
if good.returncode not in (0, 3):
    sys.exit('the bundle as it is: status %d' % good.returncode)
if write(entries, first.date_time) != raw:
    sys.exit('this script does not write the same zip')
bad = 0
for what in sorted(files):
    fd, name = tempfile.mkstemp(suffix='.asice')
    with os.fdopen(fd, 'wb') as f:
        f.write(files[what])
    p = subprocess.run(command + [name], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
    os.unlink(name)
    said = [s for s in p.stdout.decode().splitlines() if ' FAILED ' in s]
    if p.returncode != 1 or not said:
        print('not found: %s: status %d' % (what, p.returncode))
        bad += 1
    elif '-v' in sys.argv:
        print(what, '->', said[0])
print('%d of %d attacks found and named' % (len(files) - bad, len(files)))
sys.exit(1 if bad else 0)
