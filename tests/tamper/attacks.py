#!/usr/bin/env python3
"""attacks.py [-v] [--key KEY --cert PEM] [--only RE] BUNDLE OTHER COMMAND...:
make those attacks whose names fit RE: change BUNDLE
in each way that a person may think of; COMMAND with the changed file behind it
must end with status 1 and name what is wrong.  OTHER is a bundle of another
case; tests/tamper/judge as COMMAND judges all in one process.  With the
signer's own key, every file is also changed by somebody who makes all lists
fit and signs again: then the log, the facts, the claims or the report must
tell.  Python's standard library, and openssl for signing."""
import base64
import hashlib
import io
import os
import pickle
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

args = sys.argv[1:]
verbose = args[0] == '-v'
args = args[verbose:]
key = cert = None
if args[0] == '--key':
    key, cert, args = args[1], args[3], args[4:]
only = re.compile('')
if args[0] == '--only':
    only, args = re.compile(args[1]), args[2:]
path, other_path, command = args[0], args[1], args[2:]


def load(p):
    with zipfile.ZipFile(p) as z:
        return [(i.filename, z.read(i)) for i in z.infolist()], z.infolist()[0]


def local(n, data, d, **o):
    return struct.pack('<IHHHIIIIHH', 0x04034b50, o.get('version', 10),
                       o.get('flags', 0), o.get('method', 0),
                       o.get('time', d), o.get('crc', zlib.crc32(data)),
                       o.get('size', len(data)), o.get('size', len(data)),
                       len(n), len(o.get('extra', b''))) + n + o.get(
                           'extra', b'')


def write(entries, date, both={}, lie={}, central={}, end={}, gap={}, drop=()):
    """A store-only zip of the very form that the bundle has.  both, lie,
    central: what a name's local header and directory, the local header alone,
    the directory alone say otherwise.  gap: bytes before a name."""
    out, directory, count = io.BytesIO(), io.BytesIO(), 0
    d = ((date[0] - 1980) << 25 | date[1] << 21 | date[2] << 16 |
         date[3] << 11 | date[4] << 5 | date[5] // 2)
    for name, data in entries:
        n, o = name if isinstance(name, bytes) else name.encode(), both.get(
            name, {})
        out.write(gap.get(name, b''))
        at = out.tell()
        here = dict(o, **lie.get(name, {}))
        out.write(local(here.get('name', n), data, d, **here) + data)
        out.write(o.get('after', b''))
        if name in drop:
            continue
        c = dict(o, **central.get(name, {}))
        n, extra = c.get('name', n), c.get('extra', b'')
        count += 1
        directory.write(struct.pack(
            '<IHHHHIIIIHHHHHII', 0x02014b50, 0x0314, c.get('version', 10),
            c.get('flags', 0), c.get('method', 0), c.get('time', d),
            c.get('crc', zlib.crc32(data)), c.get('size', len(data)),
            c.get('size', len(data)), len(n), len(extra),
            len(c.get('comment', b'')), c.get('disk', 0), c.get('inner', 0),
            c.get('mode', 0o100644) << 16, c.get('at', at)) + n + extra +
            c.get('comment', b''))
    start, body = out.tell(), directory.getvalue()
    out.write(body + end.get('zip64', b'') + struct.pack(
        '<IHHHHIIH', 0x06054b50, end.get('disk', 0), 0,
        end.get('count', count), end.get('count', count),
        end.get('size', len(body)), end.get('start', start), 0))
    return out.getvalue()


entries, first = load(path)
others, _ = load(other_path)
raw = open(path, 'rb').read()
names = [n for n, _ in entries]
parts = dict(entries)
day = first.date_time
order = lambda es: sorted(es, key=lambda e: (e[0] != 'mimetype', e[0]))


def changed(name, new):
    return [(n, new if n == name else d) for n, d in entries]


def refit(es):
    """Make every list fit the files again, as a careful forger would."""
    es = dict(es)
    load = [d for n, d in es.items() if n.startswith('data/')]
    es['bag-info.txt'] = re.sub(
        rb'Payload-Oxum: .*', b'Payload-Oxum: %d.%d' % (
            sum(map(len, load)), len(load)), es.get('bag-info.txt', b''))
    for tag, pick in (('manifest', lambda n: n.startswith('data/')),
                      ('tagmanifest', lambda n: not n.startswith(
                          ('data/', 'META-INF/', 'tagmanifest-')))):
        for bits in ('256', '512'):
            text = ''.join('%s  %s\n' % (
                hashlib.new('sha' + bits, es[n]).hexdigest(), n)
                for n in sorted(es) if pick(n))
            es['%s-sha%s.txt' % (tag, bits)] = text.encode()
    for n in sorted(es, key=lambda n: 'Archive' in n):
        if n.startswith('META-INF/ASiC'):
            es[n] = relist(n, es)
    return order(es.items())


def relist(manifest, es):
    """The references of an ASiC manifest, to what is there."""
    text = es[manifest].decode()
    one = re.search(r'<(?:asic:)?DataObjectReference URI="[^"]*".*?'
                    r'</(?:asic:)?DataObjectReference>\s*', text, re.S)
    have = re.findall(r'DataObjectReference URI="([^"]*)"', text)
    if one is None:
        return es[manifest]
    if 'EvidenceRecord' in manifest:
        pick = lambda n: n.startswith('data/')
    elif 'Archive' in manifest:
        pick = lambda n: n in have or n not in parts
    else:
        pick = lambda n: not n.startswith('META-INF/') and n != 'mimetype'
    refs = {}
    for m in re.finditer(r'<(?:asic:)?DataObjectReference URI="([^"]*)".*?'
                         r'</(?:asic:)?DataObjectReference>\s*', text, re.S):
        refs[m.group(1)] = m.group(0)
    out = []
    for n in sorted(es):
        if not pick(n):
            continue
        ref = refs.get(n, re.sub(r'URI="[^"]*"', 'URI="%s"' % n, one.group(0),
                                 count=1))
        digest = base64.b64encode(hashlib.sha256(es[n]).digest()).decode()
        out.append(re.sub(r'(<ds:DigestValue>)[^<]*', r'\g<1>' + digest, ref))
    last = list(refs.values())[-1]
    start, stop = text.index(one.group(0)), text.rindex(last) + len(last)
    return (text[:start] + ''.join(out) + text[stop:]).encode()


def resign(es, k, c):
    """refit, and a new signature by that key, in the place of the old."""
    es = dict(refit(es))
    with tempfile.NamedTemporaryFile() as f:
        f.write(es['META-INF/ASiCManifest001.xml'])
        f.flush()
        es['META-INF/signature001.p7s'] = subprocess.run(
            ['openssl', 'cms', '-sign', '-cades', '-binary', '-nosmimecap',
             '-md', 'sha256', '-outform', 'DER', '-signer', c, '-inkey', k,
             '-in', f.name], stdout=subprocess.PIPE, check=True).stdout
    return refit(es.items())


def touched(name):
    """A small change that keeps the syntax: a digit, else a byte behind."""
    data = parts[name]
    if name == 'data/case/case.json':  # its last digit is of the program
        return re.sub(rb'("created":"\d{3})\d', rb'\g<1>0', data)
    if name == 'bag-info.txt':  # and here of a sum that is made to fit
        return re.sub(rb'Evidence-Head: ', b'Evidence-Head: 9', data)
    at = data.rfind(b'1')
    if at < 0:
        return data + b'\n'
    return data[:at] + b'2' + data[at + 1:]


# What was done: how it is found, a pattern of a FAILED line.
files, want = {}, {}


def attack(what, data, pattern):
    """data: the bytes, or what write() makes them of, when it is their turn."""
    if only.search(what):
        files[what], want[what] = data, pattern


def made(data):
    if callable(data):
        data = data()
    if isinstance(data, bytes):
        return data
    if isinstance(data, tuple):
        return write(data[0], day, **data[1])
    return write(data, day)


def later(es, **how):
    return es, how


log = parts['data/custody/log.jsonl']
lines = log.splitlines(keepends=True)
for name in names:
    data, me = parts[name], re.escape(name)
    attack('edited ' + name, changed(name, data + b' '), me)
    attack('removed ' + name, [e for e in entries if e[0] != name], me)
    if name != 'mimetype':
        attack('renamed ' + name, order(
            [(n + 'x' if n == name else n, d) for n, d in entries]), me)
        attack('edited and refitted ' + name,
               refit(changed(name, data + b' ')), me + r'|signature\d+\.p7s: ')
        attack('removed and refitted ' + name,
               refit([e for e in entries if e[0] != name]),
               me + r'|signature\d+\.p7s: ')
        attack('a digit in ' + name, changed(name, touched(name)), me)
for where in ('data/extra.txt', 'extra.txt', 'META-INF/extra.xml',
              'META-INF/ASiCManifest009.xml', 'META-INF/signature009.p7s',
              'META-INF/timestamp001.tst.bak', 'data/custody/heads/x.note',
              'data/case/extra.json', 'data/exhibits/E999999.bin'):
    more = order(entries + [(where, b'planted\n')])
    attack('added ' + where, more, re.escape(where))
    attack('added and refitted ' + where, refit(more),
           re.escape(where) + r'|signature\d+\.p7s: ')
attack('two files swapped', [
    (n, parts['bagit.txt'] if n == 'bag-info.txt' else
     parts['bag-info.txt'] if n == 'bagit.txt' else d)
    for n, d in entries], 'bag-?i')
for n in names:
    if n.endswith(('.p7s', '.tst', '.ers')) and n in dict(others):
        attack('of another bundle: ' + n, changed(n, dict(others)[n]),
               re.escape(n))
        attack('of another bundle, refitted: ' + n,
               refit(changed(n, dict(others)[n])),
               re.escape(n) + r'|signature\d+\.p7s: ')
for n in ('data/case/case.json', 'data/index/readings.jsonl'):
    attack('a flag says valid, refitted: ' + n, refit(changed(
        n, parts[n].replace(b'{"', b'{"chain_valid":true,"', 1))),
        re.escape(n) + r'|signature\d+\.p7s: ')
for what, new, pattern in (
        ('tail cut', lines[:-1], 'tail was cut'),
        ('first entry cut', lines[1:], 'entry 1|line 1 '),
        ('entries swapped', [lines[1], lines[0]] + lines[2:], 'line 1 '),
        ('an entry twice', lines + lines[-1:], 'line %d ' % (len(lines) + 1)),
        ('an entry edited', [lines[0][:-3] + b' ' + lines[0][-3:]] +
         lines[1:], 'does not fit the log|entry 1'),
        ('an entry removed', lines[:1] + lines[2:], 'line 2 ')):
    attack('log: ' + what,
           refit(changed('data/custody/log.jsonl', b''.join(new))), pattern)

# The container itself.
some = 'bag-info.txt'
twin = re.escape(some)
for what, data, pattern in (
        ('bytes behind', raw + b'x', r'byte \d+: no end record'),
        ('bytes before', b'x' + raw, r'byte \d+'),
        ('a script before, offsets moved', later(entries, gap={'mimetype': b'#!/bin/sh\nexit 0\n'}),
         r'byte 0: \d+ bytes before .mimetype. belong to nothing'),
        ('a comment', raw[:-2] + b'\x01\x00x', r'byte \d+'),
        ('a comment announced', raw[:-2] + b'\x01\x00', 'comment'),
        ('cut short', raw[:-30], r'byte \d+'),
        ('two archives', raw + raw, r'byte \d+'), ('empty', b'', 'too few'),
        ('entries in another order',
         later([entries[0]] + entries[1:][::-1]), 'order of the writer'),
        ('mimetype not first', later(entries[1:] + entries[:1]),
         'mimetype'),
        ('another mimetype', later([('mimetype', b'application/zip')] + entries[1:]), 'mimetype'),
        ('a name twice', later(entries + [entries[-1]]), 'twice'),
        ('names alike but for case', later(entries + [('BAGIT.TXT', b'x')]), 'twice, letter case'),
        ('a gap', later(entries, gap={some: b'hidden'}),
         r'6 bytes before .%s. belong to nothing' % twin),
        ('bytes before the directory', later(entries, both={names[-1]: {'after': b'hidden'}}),
         r'6 bytes before the directory belong to nothing'),
        ('an entry that the directory leaves out', later(entries, drop=(some,)), 'belong to nothing'),
        ('two entries share their bytes', later(entries, central={some: {'at': 0}}), 'overlaps'),
        ('an entry reaches into the directory', later(entries, both={names[-1]: {'size': 10 ** 6}}),
         'reaches into the directory'),
        ('more disks', later(entries, end={'disk': 1}), 'disk'),
        ('an entry on another disk', later(entries, central={some: {'disk': 1}}), twin + '.*disk'),
        ('the directory counts fewer', later(entries, end={'count': len(entries) - 1}), 'entries'),
        ('the directory counts more', later(entries, end={'count': len(entries) + 1}), 'entry'),
        ('the directory begins elsewhere', later(entries, end={'start': 1}), 'directory'),
        ('Zip64 that is not there', later(entries, end={'count': 0xffff}), 'Zip64'),
        ('Zip64 that says otherwise', later(entries, end={
            'zip64': struct.pack('<IQHHIIQQQQ', 0x06064b50, 44, 45, 45, 0, 0,
                                 1, 1, 46, 0) +
            struct.pack('<IIQI', 0x07064b50, 0, 0, 1), 'count': 0xffff}),
         'byte|entry'),
        ('Zip64 sizes in an entry that needs none', later(entries, both={some: {'extra': struct.pack(
                '<HHQQ', 1, 16, 1, 1)}}), twin + '.*extra'),
        ('encrypted', later(entries, both={some: {'flags': 1}}),
         twin + '.*encryption'),
        ('a data descriptor', later(entries, both={some: {
            'flags': 8, 'after': struct.pack(
                '<IIII', 0x08074b50, zlib.crc32(parts[some]),
                len(parts[some]), len(parts[some]))}}),
         twin + '.*data descriptor'),
        ('deflated by its header', later(entries, both={some: {'method': 8}}), twin + '.*method'),
        ('a link', later(entries, central={some: {'mode': 0o120777}}),
         twin + '.*mode'),
        ('setuid', later(entries, central={some: {'mode': 0o104755}}),
         twin + '.*mode'),
        ('an extra field', later(entries, both={
            some: {'extra': b'up\x01\x00x'}}), twin + '.*extra'),
        ('a comment of an entry', later(entries, central={some: {'comment': b'x'}}),
         twin + '.*comment')):
    attack('container: ' + what, data, pattern)
for field, value in (('version', 20), ('flags', 8), ('method', 8),
                     ('time', 1), ('crc', 1), ('size', 1),
                     ('extra', b'up\x01\x00x'), ('name', b'bag-infa.txt')):
    attack('container: the local header says another ' + field, later(entries, lie={some: {field: value}}),
        'local header and directory differ for .%s|overlaps|belong' % twin)
for name in ('../up', '/abs', 'a//b', 'a/../b', './a', 'a\\b', 'C:x\x01',
             'folder/', 'b\u00e4r', 'n\0ul', 'tab\there', 'x' * 2000, '',
             'esc\x1b[2J'):
    attack('container: the name ' + ascii(name[:20]), later(order(entries + [(name, b'')])), 'name that is not allowed')
buf = io.BytesIO()
with zipfile.ZipFile(buf, 'w', zipfile.ZIP_DEFLATED) as z:
    for n, d in entries:
        z.writestr(n, d)
attack('container: written by another program', buf.getvalue(), 'entry 1 ')

# Another signer, and the signer himself.
with tempfile.TemporaryDirectory() as tmp:
    alien = [os.path.join(tmp, n) for n in ('alien.key', 'alien.pem')]
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                    'ec_paramgen_curve:P-256', '-nodes', '-subj',
                    '/CN=Somebody Else', '-keyout', alien[0], '-out',
                    alien[1]], check=True, stderr=subprocess.DEVNULL)
    attack('signed by somebody else', resign(entries, *alien),
           'nobody with that certificate is enrolled')
    attack('signed by somebody else, whose certificate travels', resign(
        [(n, open(alien[1], 'rb').read() if n.startswith('data/pki/') else d)
         for n, d in entries], *alien),
        'nobody with that certificate is enrolled')
    attack('the report tells another number, signed by somebody else', resign(
        changed('index.html', touched('index.html')), *alien),
        'nobody with that certificate is enrolled')
inside = r'^(log|facts|claims|report|payload|container|signatures|time)\b.*'
# What only the signature and the time stamps cover.
only_signed = re.compile(
    r'META-INF/|mimetype|bagit\.txt|.*manifest-|VERIFY\.txt|data/court/|'
    r'data/custody/heads/.*\.tst')
# Removed without a trace but for the signature: older heads (the newest
# covers what they cover), certificates (nobody trusts them for lying there),
# records and tokens of single acquisitions.
may_lack = re.compile(r'data/(custody/heads|pki|time)/')
if key:
    for name in names:
        if only_signed.match(name):
            continue
        stem = re.escape(os.path.basename(name).split('.')[0])
        for what, es in (
                ('changed', changed(name, touched(name))),
                ('emptied', changed(name, b'')),
                ('removed', [e for e in entries if e[0] != name])):
            if what == 'removed' and may_lack.match(name) or (
                    what != 'removed' and dict(es)[name] == parts[name]):
                continue
            attack('%s and signed by the signer: %s' % (what, name),
                   lambda es=es: resign(es, key, cert),
                   inside + '(' + re.escape(name) + '|' + stem + ')')
    for where in ('data/extra.txt', 'extra.txt', 'META-INF/extra.xml',
                  'data/custody/heads/x.note', 'data/exhibits/E999999.bin',
                  'data/case/rules/9999-x.list'):
        attack('added and signed by the signer: ' + where, resign(
            order(entries + [(where, b'planted\n')]), key, cert),
            inside + re.escape(os.path.basename(where).split('.')[0]))
    attack('log: tail cut and signed by the signer', resign(
        changed('data/custody/log.jsonl', b''.join(lines[:-1])), key, cert),
        inside + 'tail was cut')
    attack('log: an entry edited and signed by the signer', resign(
        changed('data/custody/log.jsonl', b''.join(
            [lines[0], lines[1].replace(b'Demo Lab', b'Demo Lob')] +
            lines[2:])), key, cert), inside + 'does not fit the log')

    orders = 'data/court/withheld.jsonl'
    for f in ('facts', 'exhibits') if orders in parts else ():
        # What is withheld: of whom, why, and that it is the line that was.
        rows, salts = 'data/index/%s.jsonl' % f, 'data/index/%s.salts' % f
        order_of = parts[orders].splitlines(keepends=True)
        row = next(l for l in parts[rows].splitlines() if b'"leaf":"' in l)
        n = parts[rows].splitlines().index(row)
        leaf = row.index(b'"leaf":"') + 8
        salt = parts[salts].splitlines(keepends=True)
        not_those = "the lines of '%s I?[0-9]*' are not those" % f
        no_order = 'and no order says so'
        for what, name, new, pattern in (
                ('another leaf', rows, parts[rows].replace(
                    row, row[:leaf] + b'%x' % (15 - int(row[leaf:leaf + 1], 16)) +
                    row[leaf + 1:]), not_those),
                ('a salt for it', salts, b''.join(
                    salt[:n] + [b'0' * 64 + b'\n'] + salt[n + 1:]), not_those),
                ('another reason', rows, parts[rows].replace(
                    row, row.replace(b'THIRD-PARTY', b'PRIVILEGE')), no_order),
                ('no reason that there is', rows, parts[rows].replace(
                    row, row.replace(b'THIRD-PARTY', b'WHIM')),
                 'does not say that it is withheld'),
                ('no order', orders, b'', no_order),
                ('ordered by a stranger', orders, parts[orders].replace(
                    b'@b-example', b'@c-example'), 'nobody whom the log enrols'),
                ('an order twice', orders, b''.join(order_of[:1] + order_of),
                 'is ordered to be withheld, and nothing stands'),
                ('an order cut short', orders, parts[orders][:-2], no_order),
                ('an order that is none', orders, b'{}\n' + parts[orders],
                 re.escape(orders) + ': line 1 orders nothing')):
            attack('withheld %s: %s, signed by the signer' % (f, what),
                   lambda c=changed(name, new): resign(c, key, cert),
                   inside + pattern)


def by_program(many):
    """What COMMAND says of each bundle, one after the other."""
    for _, data in many:
        with tempfile.NamedTemporaryFile(suffix='.asice') as f:
            f.write(data)
            f.flush()
            p = subprocess.run(command + [f.name], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
        yield p.returncode, p.stdout.decode().splitlines()


def by_judge(many):
    """What tests/tamper/judge says of all, in one process.

    Nothing is derived again where an attack must show without that: by whom
    all but the key was to be had.
    """
    with tempfile.TemporaryDirectory() as tmp:
        asked = ''
        for n, (what, data) in enumerate(many):
            name = os.path.join(tmp, '%d.asice' % n)
            with open(name, 'wb') as f:
                f.write(data)
            asked += '--quick ' * (what in files and 'by the signer' not in
                                   what) + name + '\n'
        with open(os.path.join(tmp, 'asked'), 'w') as f:
            f.write(asked)
        with open(os.path.join(tmp, 'asked')) as f, subprocess.Popen(
                command, stdin=f, stdout=subprocess.PIPE) as p:
            said, count = [], 0
            for line in map(bytes.decode, p.stdout):
                if line.startswith('= '):
                    yield int(line.split()[1]), said
                    said, count = [], count + 1
                else:
                    said.append(line.rstrip('\n'))
        for _ in many[count:]:
            yield p.returncode, said


judged = by_judge if os.path.basename(command[0]) == 'judge' else by_program
good = next(judged([('as it is', raw)]))
if good[0] not in (0, 3) or [s for s in good[1] if ' FAILED ' in s]:
    sys.exit('the bundle as it is: status %d' % good[0])
if write(entries, day) != raw or refit(entries) != entries:
    sys.exit('this script does not write the same bundle')


def all_made():
    """Every attack's bundle, made once where EV_TEST_KEEP names a folder."""
    keep = os.environ.get('EV_TEST_KEEP')
    at = keep and os.path.join(keep, hashlib.sha256(
        raw + '\n'.join(sorted(files)).encode()).hexdigest())
    if at and os.path.exists(at):
        with open(at, 'rb') as f:
            return pickle.load(f)
    all_of_them = [(what, made(files[what])) for what in sorted(files)]
    if at:
        with open(at, 'wb') as f:
            pickle.dump(all_of_them, f)
    return all_of_them


many = all_made()
many = [(w, d) for w, d in many if d != raw]  # no attack: lists fit as before
bad = 0
for (what, data), (status, lines) in zip(many, judged(many)):
    said = [s for s in lines if ' FAILED ' in s]
    fits = [s for s in said if re.search(want[what], s)]
    if status != 1 or not said:
        print('not found: %s: status %d' % (what, status))
        bad += 1
    elif not fits:
        print('not named: %s: %s' % (what, '; '.join(said)[:400]))
        bad += 1
    elif verbose:
        print(what, '->', fits[0])
    if bad and os.environ.get('EV_TEST_KEEP'):  # one is enough to know
        break
print('%d of %d attacks found and named' % (len(many) - bad, len(many)))
sys.exit(1 if bad else 0)
