#!/usr/bin/env python3
"""wacz.py make FOLDER | check FACTS FOLDER: web archives signed by openssl,
and whether what ev-ingest says of them is what zipfile, hashlib and openssl
say."""
import base64
import glob
import hashlib
import json
import os
import subprocess
import sys
import zipfile


def openssl(*args, **more):
    return subprocess.run(('openssl',) + args, check=True,
                          capture_output=True, **more).stdout


def sha256(data):
    return 'sha256:' + hashlib.sha256(data).hexdigest()


def package(members):
    """datapackage.json over members."""
    return json.dumps({
        'profile': 'data-package', 'wacz_version': '1.1.1',
        'software': 'Example Archiver 1.0', 'created': '2026-03-01T08:00:00Z',
        'title': 'Harbour', 'mainPageUrl': 'https://harbour.example/',
        'resources': [{'name': os.path.basename(p), 'path': p,
                       'hash': sha256(d), 'bytes': len(d)}
                      for p, d in members]}, indent=2).encode()


def digest(data, signed):
    return json.dumps({'path': 'datapackage.json', 'hash': sha256(data),
                       'signedData': signed}, indent=2).encode()


def write(path, members):
    with zipfile.ZipFile(path, 'w') as z:
        for name, data in members:
            z.writestr(zipfile.ZipInfo(name, (2026, 3, 1, 8, 0, 0)), data)


def pair(der, size):
    """r and s of an ECDSA signature side by side."""
    out, at = b'', 3 if der[1] & 0x80 else 2
    for _ in range(2):
        length = der[at + 1]
        out += der[at + 2:at + 2 + length].lstrip(b'\0').rjust(size, b'\0')
        at += 2 + length
    return out


class Signer:
    def __init__(self, folder, curve):
        self.key = os.path.join(folder, curve + '.key')
        openssl('ecparam', '-name', curve, '-genkey', '-noout', '-out',
                self.key)
        self.public = openssl('ec', '-in', self.key, '-pubout', '-outform',
                              'DER')

    def sign(self, text):
        return openssl('dgst', '-sha256', '-sign', self.key,
                       input=text.encode())


def authority(folder):
    """A key and certificate for time-stamps, and openssl's settings."""
    key, cert = folder + '/tsa.key', folder + '/tsa.pem'
    with open(folder + '/tsa.cnf', 'w') as f:
        f.write('[req]\ndistinguished_name=d\n[d]\n[e]\nextendedKeyUsage='
                'critical,timeStamping\nkeyUsage=critical,digitalSignature\n'
                '[tsa]\ndefault_tsa=t\n[t]\nserial=%s/serial\n'
                'signer_cert=%s\nsigner_key=%s\nsigner_digest=sha256\n'
                'default_policy=1.2.3.4.1\ndigests=sha256,sha512\n'
                'ess_cert_id_alg=sha256\n' % (folder, cert, key))
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt',
            'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert,
            '-days', '30', '-subj', '/CN=Example Time', '-config',
            folder + '/tsa.cnf', '-extensions', 'e')
    return folder + '/tsa.cnf'


def stamp(folder, settings, data, algorithm='sha256'):
    with open(folder + '/data', 'wb') as f:
        f.write(data)
    openssl('ts', '-query', '-data', folder + '/data', '-' + algorithm,
            '-cert', '-out', folder + '/tsq')
    openssl('ts', '-reply', '-queryfile', folder + '/tsq', '-config',
            settings, '-section', 't', '-out', folder + '/tsr')
    with open(folder + '/tsr', 'rb') as f:
        return f.read()


def make(folder):
    keys = folder + '.keys'
    os.makedirs(folder)
    os.makedirs(keys)
    members = [('archive/data.warc', b'WARC/1.1\r\n\r\n'),
               ('indexes/index.cdx', b'harbour)/ 20260301\n'),
               ('pages/pages.jsonl',
                b'{"format": "json-pages-1.0", "id": "pages"}\n'
                b'{"id": "p1", "url": "https://harbour.example/", '
                b'"title": "Harbour", "ts": "2026-03-01T08:00:01Z"}\n')]
    data = package(members)
    text = sha256(data)
    p256, p384 = Signer(keys, 'prime256v1'), Signer(keys, 'secp384r1')
    base = {'created': '2026-03-01T08:00:02Z', 'software': 'Example 1.0',
            'hash': text}
    good = dict(base, publicKey=base64.b64encode(p256.public).decode(),
                signature=base64.b64encode(p256.sign(text)).decode())

    def archive(name, signed, changed=(), description=data):
        content = [(n, d) for n, d in members if n not in dict(changed)]
        write(os.path.join(folder, name),
              content + list(changed) +
              [('datapackage.json', description),
               ('datapackage-digest.json', digest(data, signed))])

    archive('good.wacz', good)
    archive('unsigned-hash.wacz', dict(
        good, signature=base64.b64encode(p256.sign(text + ' ')).decode()))
    archive('exchanged.wacz', good,
            [('archive/data.warc', b'WARC/1.1\r\nother\r\n')])
    archive('described-anew.wacz', good, description=data + b'\n')
    archive('browser.wacz', dict(
        base, publicKey=base64.b64encode(p384.public).decode(),
        signature=base64.b64encode(pair(p384.sign(text), 48)).decode()))
    # A certificate for a domain, and a time-stamp over the signature.
    cert = keys + '/domain.pem'
    openssl('req', '-x509', '-key', p256.key, '-out', cert, '-days', '30',
            '-subj', '/CN=archive.example')
    settings = authority(keys)
    with open(keys + '/serial', 'w') as f:
        f.write('01\n')
    signature = good['signature']
    with open(cert) as f, open(keys + '/tsa.pem') as t:
        domain = dict(base, domain='archive.example', domainCert=f.read(),
                      signature=signature, timestampCert=t.read(),
                      timeSignature=base64.b64encode(stamp(
                          keys, settings, signature.encode())).decode())
    archive('domain.wacz', domain)
    # auto-archiver: digests of what it saved, and a token over them.
    hashes = b'SHA-256:' + hashlib.sha256(b'a').hexdigest().encode() + \
        b'\nSHA-256:' + hashlib.sha256(b'b').hexdigest().encode()
    token = stamp(keys, settings, hashes, 'sha512')
    write(folder + '/saved.zip', [('item/hashes.txt', hashes),
                                  ('item/timestamp_token_example', token)])


def sound(path):
    """For each resource: does the archive hold it as stated?"""
    with zipfile.ZipFile(path) as z:
        names = z.namelist()
        out = []
        for one in json.loads(z.read('datapackage.json'))['resources']:
            stats = one.get('stats', one)
            name, value = ([one.get('hashing', 'sha256'), stats['hash']]
                           if ':' not in stats['hash']
                           else stats['hash'].split(':'))
            data = z.read(one['path']) if one['path'] in names else None
            out.append((one['path'], data is not None and
                        hashlib.new(name, data).hexdigest() == value))
        return out


def is_signed(path):
    """By openssl, of a key that lies beside the signature."""
    with zipfile.ZipFile(path) as z:
        signed = json.loads(z.read('datapackage-digest.json'))
    text, data = signed['hash'], signed['signedData']
    if 'publicKey' in data:
        key = base64.b64decode(data['publicKey'])
    else:
        pem = openssl('x509', '-pubkey', '-noout',
                      input=data['domainCert'].encode())
        key = openssl('pkey', '-pubin', '-outform', 'DER', input=pem)
    sig = base64.b64decode(data['signature'])
    if len(sig) in (64, 96) and sig[0] != 0x30:
        half = len(sig) // 2
        parts = []
        for n in (sig[:half], sig[half:]):
            n = n.lstrip(b'\0')
            n = b'\0' + n if n[0] & 0x80 else n
            parts.append(b'\x02' + bytes([len(n)]) + n)
        sig = b'\x30' + bytes([len(b''.join(parts))]) + b''.join(parts)
    where = os.path.dirname(path) + '.keys/'
    for name, content in (('k', key), ('s', sig)):
        with open(where + name, 'wb') as f:
            f.write(content)
    return subprocess.run(
        ['openssl', 'dgst', '-sha256', '-verify', where + 'k', '-keyform',
         'DER', '-signature', where + 's'], input=text.encode(),
        capture_output=True).returncode == 0


def check(path, folder):
    bad = 0
    everything = []
    with open(path, encoding='utf-8') as f:
        for line in f:
            shown = json.loads(line)
            everything.append(dict(shown['fact'], origin=shown['where']))
            if shown['derived_again'] != 'equal':
                bad += 1
                print(shown['where'], 'is not derived again')

    def of(name, mapping):
        return [f['columns'] for f in everything
                if f['mapping'] == mapping and
                f['origin'].startswith(name + '!/')]

    for archive in sorted(glob.glob(folder + '/*.wacz')):
        name = os.path.basename(archive)
        ours = [(c['identifier'], c.get('digest_ok'))
                for c in of(name, 'wacz.resource')]
        theirs = sound(archive)
        # A digest of a kind we do not make is not checked, or missing.
        ok = [a[0] == b[0] and bool(a[1]) == b[1]
              for a, b in zip(ours, theirs)]
        if len(ours) != len(theirs) or not all(ok):
            bad += 1
            print(name, 'ours', ours, 'theirs', theirs)
        said = of(name, 'wacz.signature')
        if 'example' in name:
            continue
        with zipfile.ZipFile(archive) as z:
            whole = sha256(z.read('datapackage.json')) == \
                json.loads(z.read('datapackage-digest.json'))['hash']
        want = (whole, is_signed(archive))
        have = [(c['digest_ok'], c['signed']) for c in said]
        print(name, 'digest', want[0], 'signature', want[1])
        if have != [want]:
            bad += 1
            print(name, 'ours', have, 'theirs', want)
        if name == 'domain.wacz' and 'generated' not in said[0]:
            bad += 1
            print(name, 'no time of the token')
    tokens = of('saved.zip', 'tsr.capture')
    if [(t['signed'], t.get('target')) for t in tokens] != \
            [(True, 'item/hashes.txt')]:
        bad += 1
        print('saved.zip', tokens)
    print(len(everything), 'facts,', bad, 'differences')
    sys.exit(bad > 0)


if sys.argv[1] == 'make':
    make(sys.argv[2])
else:
    check(sys.argv[2], sys.argv[3])
