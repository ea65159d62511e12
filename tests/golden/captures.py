#!/usr/bin/env python3
"""captures.py EV-INGEST MAPS OWN SAMPLES: what ev-ingest reads in captured
files is what other programs read there.  Exit 1 if anything differs."""
import base64
import email
import email.header
import email.utils
import glob
import gzip
import hashlib
import json
import mailbox
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

ingest, maps, own, samples = sys.argv[1:]
bad = 0
table = []


def differ(*what):
    global bad
    bad += 1
    print(*what)


def same(path, what, ours, theirs):
    if ours != theirs:
        differ(path, what, 'ours', ours, 'theirs', theirs)


def read(mapping, path):
    """The lines of one file by their schema; the bytes must add up."""
    run = subprocess.run([ingest, 'try', os.path.join(maps, mapping), path],
                         capture_output=True)
    if run.returncode not in (0, 3):
        differ(path, 'status', run.returncode, run.stderr.decode())
    out = {'status': run.returncode}
    for line in run.stdout.decode('utf-8').splitlines():
        item = json.loads(line)
        out.setdefault(item['schema'], []).append(item)
    for total in out.get('artifact-1', []):
        same(path, 'bytes', sum(total[k] for k in
             ('read', 'set_aside', 'ignored', 'frame')), os.path.getsize(path))
    return out


def facts(lines, kind=None):
    return [f for f in lines.get('fact-1', []) if kind in (None, f['kind'])]


def count(folder, lines, records, other):
    table.append((folder, records, len(facts(lines)),
                  len(lines.get('set-aside-1', [])), other))


def files(*patterns):
    for pattern in patterns:
        for top in (own, samples):
            yield from sorted(glob.glob(os.path.join(top, pattern)))


# --- mail -------------------------------------------------------------------

def decoded(value):
    if value is None:
        return None
    text = ''.join(p if isinstance(p, str) else p.decode(c or 'utf-8')
                   for p, c in email.header.decode_header(value))
    return text.replace('\r', '').replace('\n', '').strip()


def messages(path):
    """The messages that Python finds, and those that are parts of them."""
    if path.endswith('.mbox'):
        outer = list(mailbox.mbox(path))
    else:
        with open(path, 'rb') as f:
            outer = [email.message_from_binary_file(f)]
    found = []
    for message in outer:
        queue = [message]
        while queue:
            one = queue.pop(0)
            found.append(one)
            queue += nested(one)
    return [m for m in found if m.keys()]


def nested(message):
    out = []
    for part in parts(message):
        if part.get_content_type() == 'message/rfc822':
            out.append(part.get_payload(0))
    return out


def parts(message):
    """The leaves of a message, not going into messages within it."""
    if message.get_content_maintype() == 'multipart' and \
            message.is_multipart():
        out = []
        for part in message.get_payload():
            out += parts(part)
        return out
    return [message]


def attachments(message):
    out = []
    for part in parts(message):
        if part.get_content_type() == 'message/rfc822':
            continue
        named = part.get_filename() is not None
        how = part.get_content_disposition()
        if named or how == 'attachment' or \
                part.get_content_type() not in ('text/plain', 'text/html'):
            data = part.get_payload(decode=True)
            out.append(hashlib.sha256(data).hexdigest())
    return out


def check_mail(path):
    lines = read('mail.map', path)
    ours = facts(lines, 'message')
    theirs = messages(path)
    name = os.path.basename(path)
    # Python splits at a line "From " by itself and knows no lengths.
    if name not in ('by-length.mbox', 'harbour.mbox', 'deep.eml',
                    'test-not-an.mbox'):
        same(path, 'messages', len(ours), len(theirs))
        same(path, 'subjects',
             [f['columns'].get('conv_name') for f in ours],
             [decoded(m['subject']) for m in theirs])
        same(path, 'ids', [f['columns'].get('message_id') for f in ours],
             [m['message-id'] for m in theirs])
        same(path, 'senders', [f['columns'].get('account') for f in ours],
             [email.utils.parseaddr(m['from'])[1] for m in theirs])
        same(path, 'hops', len(facts(lines, 'hop')),
             sum(len(m.get_all('received', [])) for m in theirs))
        same(path, 'attachments',
             [f['columns']['hash'] for f in facts(lines, 'media')
              if f['columns'].get('type') != 'message/rfc822'],
             [h for m in theirs for h in attachments(m)])
    count('email/' + name, lines, len(theirs), 'Python mailbox, email')


for path in files('mail/input/*', 'email/*.eml', 'email/*.mbox'):
    if os.path.getsize(path) > 0:
        check_mail(path)

# --- recordings of a browser --------------------------------------------------

def body(content):
    text = content.get('text')
    if text is None or (text == '' and content.get('size', 0) > 0):
        return None
    data = base64.b64decode(text) if content.get('encoding') == 'base64' \
        else text.encode()
    return 'sha256:' + hashlib.sha256(data).hexdigest()


for path in files('har/input/pier.har', 'har/*.har'):
    lines = read('har.map', path)
    with open(path, encoding='utf-8') as f:
        entries = json.load(f)['log']['entries']
    ours = [f['columns'] for f in facts(lines)
            if f['mapping'] == 'har.capture']
    same(path, 'urls', [c['url'] for c in ours],
         [e['request']['url'] for e in entries])
    same(path, 'bodies', [c.get('digest') for c in ours],
         [body(e['response']['content']) for e in entries])
    same(path, 'servers', [c.get('server_ip', '') for c in ours],
         [e.get('serverIPAddress', '').strip('[]') for e in entries])
    held = sum(len(m.get('cookies', [])) or any(
        h['name'].lower() in ('cookie', 'set-cookie') for h in m['headers'])
        for e in entries for m in (e['request'], e['response']))
    said = [n['detail'] for n in lines.get('note-1', [])
            if n['word'] == 'har-secrets']
    same(path, 'cookies', [d.split()[2] for d in said],
         [str(held)] if held else [])
    count('har/' + os.path.basename(path), lines, len(entries),
          'Python json, hashlib')

# --- web archives -------------------------------------------------------------

def records(data):
    """Header and block of each record of a WARC file that is well formed."""
    at = 0
    while data[at:at + 5] == b'WARC/':
        end = re.compile(b'\\r?\\n\\r?\\n').search(data, at)
        head = {}
        for line in data[at:end.start()].splitlines()[1:]:
            name, value = line.decode('utf-8').split(':', 1)
            head[name.strip().lower()] = value.strip()
        size = int(head['content-length'])
        yield head, data[end.end():end.end() + size]
        at = end.end() + size
        while data[at:at + 1] in (b'\r', b'\n'):
            at += 1


def is_digest(label, data):
    """None where it cannot be told."""
    name, _, value = label.partition(':')
    if name.lower() not in ('sha1', 'sha256', 'md5'):
        return None
    digest = hashlib.new(name.lower(), data).digest()
    for read_as in (bytes.fromhex, lambda t: base64.b32decode(t.upper()),
                    lambda t: base64.b64decode(
                        t.translate(str.maketrans('-_', '+/')), validate=True)):
        try:
            claimed = read_as(value)
        except ValueError:
            continue
        if len(claimed) == len(digest):
            return claimed == digest
    return None


def unchunk(body):
    out, at = b'', 0
    while True:
        end = body.find(b'\n', at)
        if end < 0:
            return None
        try:
            size = int(body[at:end].split(b';')[0].strip(), 16)
        except ValueError:
            return None
        if size == 0:
            return out
        out += body[end + 1:end + 1 + size]
        at = body.find(b'\n', end + 1 + size) + 1
        if at == 0:
            return None


def payload_ok(head, block):
    label = head['warc-payload-digest']
    if head['warc-type'] in ('revisit', 'continuation'):
        return None
    if not head.get('content-type', '').startswith('application/http'):
        return is_digest(label, block)
    top, _, body = block.partition(b'\r\n\r\n')
    if re.search(rb'(?im)^transfer-encoding:.*chunked\s*$', top) is None:
        return is_digest(label, body)
    whole = unchunk(body)
    if is_digest(label, body):
        return True
    return None if whole is None else is_digest(label, whole)


def verdict(head, block):
    said = []
    if 'warc-block-digest' in head:
        said.append(is_digest(head['warc-block-digest'], block))
    if 'warc-payload-digest' in head:
        said.append(payload_ok(head, block))
    return False if False in said else True if True in said else None


scratch = tempfile.TemporaryDirectory()
for path in files('warc/input/[fa]*.warc', 'warc/*.warc', 'warc/*.warc.gz'):
    name = os.path.basename(path)
    if name == 'example-trunc.warc':
        continue        # its second record is shorter than it says
    with open(path, 'rb') as f:
        data = f.read()
    given = path
    if data[:2] == b'\x1f\x8b':
        data = gzip.decompress(data)
        given = os.path.join(scratch.name, name[:-3] if
                             name.endswith('.gz') else name)
        with open(given, 'wb') as f:
            f.write(data)
    lines = read('warc.map', given)
    if lines.get('set-aside-1'):
        differ(path, 'set aside', lines['set-aside-1'])
    theirs = list(records(data))
    kept = theirs
    ours = [f['columns'] for f in facts(lines)]
    same(path, 'records', [c.get('record_id') for c in ours],
         [h['warc-record-id'] for h, _ in kept])
    same(path, 'digests', [c.get('digest_ok') for c in ours],
         [verdict(h, b) for h, b in kept])
    count('warc/' + name, lines, len(theirs), 'Python hashlib')

# --- time-stamps --------------------------------------------------------------

def stamp(path):
    """Time, policy, serial and imprint as openssl tells them."""
    text = ''
    for more in ([], ['-token_in']):
        text += subprocess.run(['openssl', 'ts', '-reply', '-in', path,
                                '-text'] + more, capture_output=True,
                               text=True, errors='replace', env=dict(
                                   os.environ,
                                   OPENSSL_CONF='/dev/null')).stdout
    if 'TST info' not in text:
        return None
    said = dict(line.split(': ', 1) for line in text.splitlines()
                if ': ' in line)
    dump = re.findall(r'^ +[0-9a-f]{4} - ([0-9a-f -]{3,49})', text, re.M)
    when = time.strptime(said['Time stamp'], '%b %d %H:%M:%S %Y GMT')
    return (time.strftime('%Y-%m-%dT%H:%M:%SZ', when), said['Policy OID'],
            int(said['Serial number'], 16),
            said['Hash Algorithm'] + ':' +
            re.sub('[ -]', '', ''.join(dump)))


if shutil.which('openssl'):
    for path in files('tsr/input/*', 'auto-archiver/*.tsr'):
        lines = read('tsr.map', path)
        theirs = stamp(path)
        ours = [(c['t'], c['query'], int(c['record_id'], 16), c['digest'])
                for c in (f['columns'] for f in facts(lines))]
        same(path, 'token', ours, [theirs] if theirs else [])
        count('tsr/' + os.path.basename(path), lines, len(ours),
              'openssl ts')

# --- lines of X's interface ---------------------------------------------------

for path in files('x-api-v2-twarc/*.jsonl'):
    lines = read('x_api.map', path)
    posts, users, withheld, codes, answers = set(), [], 0, 0, 0
    records = 0
    with open(path, 'rb') as f:
        for line in f.read().split(b'\n'):
            if not line.strip():
                continue
            records += 1
            try:
                one = json.loads(line)
            except ValueError:
                continue
            if 'data' not in one:
                continue
            answers += 1
            data = one['data'] if isinstance(one['data'], list) \
                else [one['data']]
            more = one.get('includes', {})
            for post in data + more.get('tweets', []):
                if 'author_id' in post:
                    posts.add(post['id'])
                    codes += len(post.get('withheld', {}).get(
                        'country_codes', []))
            users += [u['id'] for u in data + more.get('users', [])
                      if 'username' in u]
    if 'compliance' not in path:
        of = {}
        for f in facts(lines):
            of.setdefault(f['mapping'], []).append(f['columns'])
        same(path, 'posts', {c['post_id'] for m in of for c in of[m]
                             if m in ('x.api_post', 'x.api_reply',
                                      'x.api_quote', 'x.api_repost')}, posts)
        same(path, 'accounts', {c['account'] for c in
                                of.get('x.api_user', [])}, set(users))
        again = sum(r['duplicated'] for r in lines['rows-1']
                    if r['mapping'] == 'x.api_withheld')
        same(path, 'withheld', len(of.get('x.api_withheld', [])) + again,
             codes)
        same(path, 'answers', len(of.get('x.api_capture', [])), answers)
    count('x-api-v2-twarc/' + os.path.basename(path), lines, records,
          'Python json')

if '-v' in os.environ.get('EV_SHOW', ''):
    for row in table:
        print('%-40s records %5s facts %5s set aside %3s  %s' % row)
print('%d files, %d differences' % (len(table), bad))
sys.exit(bad > 0)
