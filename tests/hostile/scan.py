#!/usr/bin/env python3
"""Look at every byte of our outputs: scan.py FOLDER.

No C0 but line feed and tab, no DEL, no C1, no bidi or invisible character, no
script in a page, no formula in a spreadsheet.  Exits 1 and names the file and
the byte.
"""
import csv
import io
import os
import re
import sys

ODD = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f'
                 '\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb'
                 '\U000e0000-\U000e007f]')
SCRIPT = re.compile(r'<script|<[^>]*(javascript:|\son[a-z]+\s*=)', re.I)


def faults(name, data):
    try:
        text = data.decode('utf-8')
    except UnicodeDecodeError as e:
        yield 'byte %d is not UTF-8' % e.start
        return
    if name.endswith('.csv'):
        text = text.replace('\r\n', '\n')
    for found in ODD.finditer(text):
        yield 'U+%04X at character %d: %r' % (
            ord(found.group()), found.start(),
            text[max(0, found.start() - 20):found.start() + 20])
        break
    if name.endswith('.html'):
        found = SCRIPT.search(text)
        if found:
            yield 'a script: %r' % text[found.start():found.end()][:80]
    if name.endswith('.csv'):
        rows = list(csv.reader(io.StringIO(text)))
        for n, row in enumerate(rows):
            for cell in row:
                if re.match('[=+@\t\r]|-(?![0-9]+$)', cell) and cell != '-':
                    yield 'line %d: a formula: %r' % (n + 1, cell[:40])


def main():
    bad = seen = 0
    for where, _, names in os.walk(sys.argv[1]):
        for name in sorted(names):
            with open(os.path.join(where, name), 'rb') as f:
                data = f.read()
            seen += 1
            for fault in faults(name, data):
                print('FAILED: %s: %s' % (name, fault))
                bad += 1
    print('%d outputs looked at, %d faults' % (seen, bad))
    sys.exit(1 if bad or seen == 0 else 0)


if __name__ == '__main__':
    main()
