#!/usr/bin/env python3
"""demo_artifacts.py EXPECTED.tsv: compare `ev-list artifacts -j` on standard
input with the hand-counted table: member, outcome, facts."""
import csv
import json
import sys

want = {}
with open(sys.argv[1], encoding='utf-8') as f:
    for row in csv.DictReader(f, delimiter='\t'):
        want[row['member']] = (row['outcome'], int(row['facts']))
have = {}
for line in sys.stdin:
    row = json.loads(line)
    have[row['member']] = (row.get('outcome', ''), row.get('facts', 0))
bad = 0
for member in sorted(set(want) | set(have)):
    if want.get(member) != have.get(member):
        print('%s: %s, expected %s' % (member, have.get(member),
                                       want.get(member)))
        bad += 1
print('%d artifacts compared, %d differ' % (len(want), bad))
sys.exit(1 if bad else 0)
