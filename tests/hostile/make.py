#!/usr/bin/env python3
"""Write hostile files of our own into a folder: make.py FOLDER.

Each is malformed, ambiguous or oversized when expanded; none holds malware or
a real person's data.  The same bytes every time.  What a correct reader makes
of each stands in EXPECTED.tsv.
"""
import bz2
import gzip
import io
import lzma
import os
import struct
import sys
import tarfile
import zipfile
import zlib

A = b'{"who":"a"}\n'
B = b'{"who":"b"}\n'
NAME = b'r.jsonl'
UTF8, ENCRYPTED, STREAMED = 0x800, 1, 8


class Entry:
    """One zip entry, with what its two headers say kept apart."""

    def __init__(self, name=NAME, data=A, method=0, **say):
        self.local_name = self.dir_name = name
        self.data = data
        raw = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.body = data if method == 0 else raw.compress(data) + raw.flush()
        self.method = self.local_method = method
        self.crc = self.local_crc = zlib.crc32(data)
        self.usize = self.local_usize = len(data)
        self.csize = self.local_csize = None
        self.flags = self.local_flags = 0
        self.extra = self.local_extra = b''
        self.mode = 0o100644
        self.offset = None
        self.descriptor = b''
        self.in_local = self.in_dir = True
        for key, value in say.items():
            setattr(self, key, value)
        if self.csize is None:
            self.csize = len(self.body)
        if self.local_csize is None:
            self.local_csize = len(self.body)

    def local(self):
        return struct.pack('<IHHHHHIIIHH', 0x04034b50, 20, self.local_flags,
                           self.local_method, 0, 0x5a21, self.local_crc,
                           self.local_csize, self.local_usize,
                           len(self.local_name), len(self.local_extra)) + \
            self.local_name + self.local_extra + self.body + self.descriptor

    def central(self, offset):
        return struct.pack('<IBBHHHHHIIIHHHHHII', 0x02014b50, 30, 3, 20,
                           self.flags, self.method, 0, 0x5a21, self.crc,
                           self.csize, self.usize, len(self.dir_name),
                           len(self.extra), 0, 0, 0, self.mode << 16,
                           offset) + self.dir_name + self.extra


def make_zip(entries, comment=b'', shift=0, count=None, gap=b''):
    out, where = b'', []
    for e in entries:
        where.append(len(out) if e.offset is None else e.offset)
        if e.in_local:
            out += e.local()
    out += gap
    start = len(out)
    for e, offset in zip(entries, where):
        if e.in_dir:
            out += e.central(offset + shift)
    n = sum(e.in_dir for e in entries) if count is None else count
    return out + struct.pack('<IHHHHIIH', 0x06054b50, 0, 0, n, n,
                             len(out) - start, start + shift,
                             len(comment)) + comment


def streamed(e, sign=True, wide=False):
    """The same entry with its sizes behind it."""
    e.flags = e.local_flags = STREAMED
    e.local_crc = e.local_csize = e.local_usize = 0
    e.descriptor = (b'PK\7\10' if sign else b'') + struct.pack(
        '<IQQ' if wide else '<III', e.crc, e.csize, e.usize)
    return e


def unicode_name(name, other):
    return struct.pack('<HHBI', 0x7075, 5 + len(other), 1,
                       zlib.crc32(name)) + other


def zips():
    a, b = make_zip([Entry()]), make_zip([Entry(data=B)])
    yield 'clean', make_zip([Entry(), Entry(b's.jsonl', B, 8)])
    yield 'clean-streamed', make_zip([
        streamed(Entry(b'1.jsonl', A, 8)),
        streamed(Entry(b'2.jsonl', A, 8), wide=True),
        streamed(Entry(b'3.jsonl', A, 8), sign=False),
        streamed(Entry(b'4.jsonl', b'', 8)),
        streamed(Entry(b'5.jsonl', B, 8))])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, 'w') as z:
        for n, m in enumerate((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)):
            z.writestr(zipfile.ZipInfo('%d.jsonl' % n), A * 1000, m)
    yield 'clean-methods', packed.getvalue()
    yield 'clean-comment', make_zip([Entry()], b'a comment')
    yield 'clean-cp437', make_zip([Entry(
        b'caf\x82.jsonl', extra=unicode_name(b'caf\x82.jsonl',
                                             'caf\u00e9.jsonl'.encode()))])
    yield 'empty', make_zip([])
    yield 'two-archives', a + b
    inner = make_zip([Entry(data=B)], shift=len(a))
    yield 'archive-in-comment', make_zip([Entry()], inner)
    yield 'names-differ', make_zip([Entry(dir_name=b'q.jsonl')])
    yield 'methods-differ', make_zip([Entry(data=A, method=8,
                                            local_method=0)])
    yield 'lengths-differ', make_zip([Entry(local_csize=6, local_usize=6)])
    yield 'crc-differs', make_zip([Entry(crc=1)])
    yield 'crc-wrong', make_zip([Entry(crc=1, local_crc=1),
                                 Entry(b's.jsonl', B)])
    yield 'size-lies', make_zip([
        Entry(data=bytes(1 << 20), method=8, usize=10, local_usize=10)])
    yield 'size-short', make_zip([Entry(usize=100, local_usize=100)])
    yield 'span-longer', make_zip([
        Entry(method=8, body=Entry(method=8).body + b'hidden')])
    yield 'shared-header', make_zip([
        Entry(), Entry(b's.jsonl', in_local=False, offset=0)])
    quoted = Entry(b's.jsonl', B)
    outer = Entry(b'o.jsonl', quoted.local())
    yield 'quoted-header', make_zip([
        outer, Entry(b's.jsonl', B, in_local=False, offset=30 + 7)])
    yield 'unicode-name', make_zip([
        Entry(extra=unicode_name(NAME, b'other.jsonl'))])
    yield 'hidden-local', make_zip([Entry(),
                                    Entry(b's.jsonl', B, in_dir=False)])
    yield 'no-local', make_zip([Entry(), Entry(b's.jsonl', B, offset=5,
                                               in_local=False)])
    yield 'prefix', b'#!/bin/sh\n' + a
    yield 'gap', make_zip([Entry()], gap=b'between')
    yield 'trailer', a + b'unsigned trailer'
    yield 'count-wrong', make_zip([Entry()], count=7)
    many = make_zip([Entry(b'%d.jsonl' % n, A * 50, 8) for n in range(4)])
    yield 'truncated', many[:many.index(b'3.jsonl') + 9]
    yield 'directory-cut', many[:many.index(b'PK\1\2') + 60]
    yield 'encrypted', make_zip([
        Entry(flags=ENCRYPTED, local_flags=ENCRYPTED), Entry(b's.jsonl', B)])
    yield 'encrypted-by-one', make_zip([Entry(flags=ENCRYPTED)])
    yield 'method-unknown', make_zip([Entry(method=99, local_method=99)])
    yield 'names', make_zip([Entry(n) for n in (
        b'../../x.jsonl', b'/abs.jsonl', b'~/x.jsonl', b'C:x.jsonl',
        b'a\\b.jsonl', b'\x1b[31mred.jsonl', b'a\0.jsonl', b'a\nb.jsonl',
        b'x\xe2\x80\xaelnosj.jsonl', b'caf\xe9.jsonl', b'')])
    yield 'name-long', make_zip([Entry(b'a/' * 16000 + b'x.jsonl')])
    yield 'twins', make_zip([
        Entry(), Entry(data=B), Entry(b'R.jsonl'),
        Entry('\u00e9.jsonl'.encode()), Entry('e\u0301.jsonl'.encode())])
    yield 'specials', make_zip([
        Entry(b'd/', b'', mode=0o040755), Entry(b'l', b'/etc/passwd',
                                                mode=0o120777),
        Entry(b'fifo', b'', mode=0o010644), Entry(b'su.jsonl', mode=0o104755)])
    nest = a
    for n in range(12):
        nest = make_zip([Entry(b'n%d.zip' % n, nest, 8)])
    yield 'nested', nest
    yield 'nested-ambiguous', make_zip([Entry(b'in.zip', a + b, 8)])
    yield 'bomb', make_zip([Entry(b'z', bytes(20 << 20), 8)] * 1 + [
        Entry(b'later.jsonl')])
    level = make_zip([Entry(b'%d' % n, bytes(1 << 20), 8)
                      for n in range(20)])
    yield 'bomb-nested', make_zip([Entry(b'%d.zip' % n, level, 8)
                                   for n in range(20)])


def make_tar(members, end=True):
    out = b''
    for m in members:
        out += m
    return out + bytes(1024 if end else 0)


def header(name=NAME, size=0, kind=b'0', link=b'', magic=b'ustar\00000',
           mtime=0, mode=0o644, at482=b'\0'):
    block = bytearray(512)
    block[0:len(name)] = name
    for at, value, width in ((100, mode, 8), (108, 0, 8), (116, 0, 8),
                             (136, mtime, 12)):
        block[at:at + width] = b'%0*o\0' % (width - 1, value)
    block[124:136] = size if isinstance(size, bytes) else b'%011o\0' % size
    block[148:156] = b' ' * 8
    block[156:157] = kind
    block[157:157 + len(link)] = link
    block[257:257 + len(magic)] = magic
    block[482:483] = at482
    block[148:156] = b'%06o\0 ' % sum(block)
    return bytes(block)


def file(name=NAME, data=A, **say):
    size = say.pop('size', len(data))
    return header(name, size, **say) + data + bytes(-len(data) % 512)


def pax(**fields):
    data = b''
    for key, value in fields.items():
        record = b' ' + key.replace('__', '.').encode() + b'=' + value + b'\n'
        n = len(record) + len(str(len(record)))
        n = len(record) + len(str(n))
        data += str(n).encode() + record
    return file(b'PaxHeaders/x', data, kind=b'x')


def tars():
    yield 'clean', make_tar([file(), file(b's.jsonl', B)])
    yield 'clean-v7', make_tar([file(magic=b'')])
    yield 'clean-base256', make_tar([
        file(size=b'\x80' + bytes(10) + bytes([len(A)]))])
    yield 'clean-long-name', make_tar([
        file(b'././@LongLink', b'd/' * 80 + b'r.jsonl\0', kind=b'L'),
        file(b'd/' * 50)])
    yield 'clean-sparse', make_tar([sparse()])
    yield 'names', make_tar([file(b'../../x.jsonl'), file(b'/abs.jsonl')])
    yield 'link-then-file', make_tar([
        file(b'd', b'', kind=b'2', link=b'/var/tmp'), file(b'd/x.jsonl')])
    yield 'hard-link', make_tar([
        file(b'h', b'', kind=b'1', link=b'/etc/hostname', size=12),
        file(b'h.jsonl')])
    yield 'devices', make_tar([file(b'f', b'', kind=b'6'),
                               file(b'n', b'', kind=b'3')])
    yield 'same-name', make_tar([file(), file(data=B)])
    bad = bytearray(file(b'x.jsonl'))
    bad[148:150] = b'77'
    yield 'checksum', make_tar([file(), bytes(bad), file(b's.jsonl', B)])
    yield 'pax-name', make_tar([pax(path=b'other.jsonl'), file()])
    yield 'pax-nul', make_tar([pax(path=b'r.jsonl\0.exe'), file()])
    yield 'pax-time', make_tar([pax(mtime=b'9223372036854775807'), file()])
    yield 'pax-broken', make_tar([file(b'p', b'99 path=x\n', kind=b'x'),
                                  file()])
    yield 'pax-huge', make_tar([
        file(b'p', b'x' * (300 << 10), kind=b'x'), file()])
    yield 'size-negative', make_tar([
        file(size=b'\xff' * 12, data=b''), file(b's.jsonl', B)])
    yield 'size-beyond', file() + header(b's.jsonl', 1 << 30) + B
    yield 'trailer', make_tar([file()]) + bytes(1024) + b'unsigned trailer'
    yield 'no-end', make_tar([file()], end=False)


def sparse():
    """Old GNU: 512 bytes at 1024, the file 4096 bytes long."""
    block = bytearray(header(b'r.bin', 512, kind=b'S', magic=b'ustar  \0'))
    block[386:410] = b'%011o\0%011o\0' % (1024, 512)
    block[410:434] = b'%011o\0%011o\0' % (4096, 0)
    block[483:495] = b'%011o\0' % 4096
    block[148:156] = b' ' * 8
    block[148:156] = b'%06o\0 ' % sum(block)
    return bytes(block) + b'S' * 512


def gz(data=A, flags=0, field=b'', crc=None, size=None):
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b'\x1f\x8b\x08' + bytes([flags]) + bytes(6) + field + \
        raw.compress(data) + raw.flush() + struct.pack(
            '<II', zlib.crc32(data) if crc is None else crc,
            len(data) if size is None else size)


def gzips():
    yield 'clean.jsonl', gz()
    yield 'clean-members.jsonl', gz() + gz(B)
    yield 'clean.tar', gz(make_tar([file(), file(b's.jsonl', B)]))
    yield 'name', gz(flags=8, field=b'\x1b[31m../r.jsonl\0')
    yield 'trailer.jsonl', gz() + b'GARBAGE'
    yield 'crc.jsonl', gz(crc=1)
    yield 'isize.jsonl', gz(size=7)
    yield 'empty-members.jsonl', gz() + gz(b'') * 20000
    yield 'cut.jsonl', gz(A * 1000)[:-12]
    yield 'second-cut.jsonl', gz() + gz(B * 1000)[:-12]
    yield 'second-corrupt.jsonl', gz() + gz(B)[:12] + b'\xff' * 40
    yield 'reserved.jsonl', gz(flags=0xe0)
    yield 'bomb', gz(bytes(20 << 20))
    yield 'bomb-twice', gz(gz(bytes(64 << 20)))


def others():
    yield 'clean.tar.xz', lzma.compress(make_tar([file()]))
    yield 'cut.jsonl.xz', lzma.compress(os_random(4096))[:-100]
    yield 'memory.jsonl.xz', greedy(lzma.compress(A))
    yield 'off.tar.bz2', bz2.compress(make_tar([file()]))
    yield 'off.7z', b"7z\xbc\xaf\x27\x1c\0\4" + bytes(24)
    yield 'off.rar', b'Rar!\x1a\7\1\0' + bytes(24)
    yield 'clean.jsonl', A + B
    yield 'dup-key.jsonl', b'{"who":"a","wh\\u006f":"b"}\n'
    yield 'depth.jsonl', b'[' * 100000 + b'\n'
    yield 'nothing.jsonl', b''


def captures():
    """Mail, recordings, archives' descriptions, tokens: each lies somewhere."""
    top = b'From: a@b.example\nSubject: \x1b[31mred\nMessage-ID: <1@b>\n'
    deep = top
    for n in range(2000):
        deep += b'Content-Type: multipart/mixed; boundary=%d\n\n--%d\n' % (
            n, n)
    yield 'mail-deep.eml', deep
    yield 'mail-header.eml', top + b'X: y\n' * 70000 + b'\nbody\n'
    nest = top + b'\nbottom\n'
    for _ in range(40):
        nest = top + b'Content-Type: message/rfc822\n\n' + nest
    yield 'mail-within.eml', nest
    yield 'mail-names.eml', top + (
        b'Content-Type: multipart/mixed; boundary=x\n\n--x\n'
        b'Content-Disposition: attachment; filename="../../etc/x\\\"y"\n'
        b'Content-Transfer-Encoding: base64\n\n====!!!!\n--x--\n')
    yield 'mail-flood.mbox', b''.join(
        b'From a Mon Mar  2 10:00:00 2026\nX: %d\n' % n + top +
        b'Content-Length: 50000000\n\nx\n\n' for n in range(3000))
    yield 'har-deep.har', b'{"log":{"entries":[' + b'[' * 100000
    yield 'har-odd.har', (
        b'{"log":{"entries":[{"startedDateTime":"\\ud800","request":[],'
        b'"response":{"content":{"size":-1,"text":"=","encoding":"base64"}}},'
        b'{"request":{"url":"javascript:x","headers":{"name":1}}},7]}}')
    lies = (b'{"resources":[{"path":"../../x","hash":"sha256:00","bytes":1},'
            b'{"path":"r.jsonl","hash":"md5:","bytes":9e99},7],"wacz_version":1}')
    yield 'wacz-lies.wacz', make_zip([Entry(b'datapackage.json', lies),
                                      Entry(b'datapackage-digest.json',
                                            b'{"path":7,"hash":"\\u0000",'
                                            b'"signedData":{"signature":"AA",'
                                            b'"publicKey":"MA=="}}')])
    yield 'tsr-length.tsr', b'\x30\x84\xff\xff\xff\xff' + bytes(64)
    yield 'tsr-depth.tsr', b'\x30\x80' * 20000
    yield 'arc-huge.arc', (
        b'filedesc://x 0.0.0.0 20260301080000 text/plain 9\n1 0 Liar\n\n'
        b'http://x.example/ 192.0.2.1 20260301080000 a/b 999999999999999999\n')


def greedy(data):
    """The same xz, asking for a dictionary of 4 GiB - 1 (xz format 5.3.1)."""
    out = bytearray(data)
    size = (out[12] + 1) * 4
    at = out.index(b'\x21\x01', 12) + 2
    out[at] = 40
    out[12 + size - 4:12 + size] = struct.pack(
        '<I', zlib.crc32(bytes(out[12:12 + size - 4])))
    return bytes(out)


def os_random(n):
    """Bytes that do not compress, the same every time."""
    out, x = bytearray(), 1
    for _ in range(n):
        x = (x * 1103515245 + 12345) & 0x7fffffff
        out.append(x >> 16 & 255)
    return bytes(out)


def main():
    top = sys.argv[1]
    os.makedirs(top, exist_ok=True)
    for files, prefix, end in ((zips(), 'zip-', '.zip'),
                               (tars(), 'tar-', '.tar'),
                               (gzips(), 'gz-', '.gz'), (others(), '', ''),
                               (captures(), '', '')):
        for name, data in files:
            with open(os.path.join(top, prefix + name + end), 'wb') as f:
                f.write(data)


if __name__ == '__main__':
    main()
