#!/usr/bin/env python3
"""Ingest hostile files, one case, and compare with what was declared.

corpus.py BIN EXPECTED WORK FOLDER=PREFIX... [--write]

Each file of FOLDER is ingested by its own ev-ingest and looked up in EXPECTED
as PREFIX/name: tab-separated file, exit status, outcomes, facts, reasons of
spans set aside, notes.  Prints a line for each file with its time and peak
memory; exits 1 if a file differs, is not declared, takes more than 10 s of
processor time (60 s in all, for machines with other work) or 512 MiB.
--write prints the lines instead, for a human to check.
"""
import json
import os
import subprocess
import sys
import time

SECONDS, HANG, KIB = 10, 60, 512 << 10


def ingest(program, case, path, maps):
    start = time.monotonic()
    child = subprocess.Popen(
        [program, '-j', case, path] + maps, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return (child.returncode, out, time.monotonic() - start,
            used.ru_utime + used.ru_stime, used.ru_maxrss)


def account(status, out):
    total, reasons, notes = {}, set(), set()
    for line in out.decode('utf-8').splitlines():
        row = json.loads(line)
        if row['schema'] == 'evidence/ingest/1':
            total = row
        elif row['about'] == 'note':
            notes.add(row['word'])
        elif row['about'] in ('loss', 'set-aside'):
            reasons.add(row['word'])
    outcomes = ' '.join('%d:%s' % (o['count'], o['outcome']) for o in
                        sorted(total.get('outcomes', []),
                               key=lambda o: o['outcome']))
    return [str(status), outcomes or '-', str(total.get('facts', '-')),
            ','.join(sorted(reasons)) or '-', ','.join(sorted(notes)) or '-']


def files(folders):
    for folder in folders:
        top, prefix = folder.rsplit('=', 1)
        for where, dirs, names in os.walk(top):
            dirs.sort()
            for name in sorted(names):
                path = os.path.join(where, name)
                yield path, prefix + '/' + os.path.relpath(path, top)


def main():
    args = [a for a in sys.argv[1:] if a != '--write']
    write = len(args) + 1 < len(sys.argv)
    bindir, expected, work = args[:3]
    here = os.path.dirname(os.path.abspath(__file__))
    maps = ['--map', os.path.join(here, 'any.map')]
    case = os.path.join(work, 'h.evcase')
    subprocess.run([os.path.join(bindir, 'ev-case'), 'init', case, '--number',
                    'H-1', '--title', 'Hostile', '--actor', 'A. Example',
                    '--role', 'examiner', '--office', 'Demo Lab',
                    '--self-signed'], check=True, stderr=subprocess.DEVNULL)
    want = {}
    if os.path.exists(expected):
        with open(expected, encoding='utf-8') as f:
            for line in f:
                if not line.startswith('#'):
                    name, *rest = line.rstrip('\n').split('\t')
                    want[name] = rest
    bad, seen, most, longest = 0, 0, 0, 0.0
    for path, name in files(args[3:]):
        status, out, wall, cpu, rss = ingest(
            os.path.join(bindir, 'ev-ingest'), case, path, maps)
        got = account(status, out)
        seen, most, longest = seen + 1, max(most, rss), max(longest, wall)
        if write:
            print('\t'.join([name] + got))
            continue
        print('%-44s status %d %6.2f s %6.2f s cpu %7d KiB' %
              (name, status, wall, cpu, rss))
        if cpu > SECONDS or wall > HANG or rss > KIB:
            print('FAILED: %s: too long or too much memory' % name)
            bad += 1
        if name not in want:
            print('FAILED: %s is not declared: %s' % (name, got))
            bad += 1
        elif want[name] != got:
            print('FAILED: %s\n  declared %s\n  got      %s' %
                  (name, want[name], got))
            bad += 1
    if not write:
        print('%d files, %d not as declared; most memory %d KiB, '
              'longest %.2f s' % (seen, bad, most, longest))
    sys.exit(1 if bad or seen == 0 else 0)


if __name__ == '__main__':
    main()
