#!/usr/bin/env python3
"""flip.py BUNDLE COUNT COMMAND...: flip COUNT single bits of BUNDLE, spread
evenly over it, one at a time; after each, COMMAND with the flipped file behind
it must end with status 1.  Prints each flip that was not found; status 1 if
there was any."""
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

bundle, count, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
data = open(bundle, 'rb').read()
bits = len(data) * 8
count = min(count, bits)
places = sorted({i * bits // count + i % 8 for i in range(count)})
places = [p for p in places if p < bits]


def one(place):
    changed = bytearray(data)
    changed[place // 8] ^= 1 << (place % 8)
    fd, name = tempfile.mkstemp(suffix='.asice')
    with os.fdopen(fd, 'wb') as f:
        f.write(changed)
    try:
        p = subprocess.run(command + [name], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    finally:
        os.unlink(name)
    named = b'FAILED' in p.stdout
    return place, p.returncode, named


bad = 0
with ThreadPoolExecutor(2) as pool:
    for place, status, named in pool.map(one, places):
        if status != 1 or not named:
            print('byte %d bit %d: status %d%s' % (
                place // 8, place % 8, status,
                '' if named else ', nothing named'))
            bad += 1
print('%d of %d flips over %d bytes found' % (
    len(places) - bad, len(places), len(data)))
sys.exit(1 if bad else 0)
