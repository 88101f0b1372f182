#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Do the labs' pages tell the truth?

usage: labs.py ROOT

Each page numbers its items without a gap, and what stands in `code` in its
last column is in the lab (a check, a word of its files) or is a finding that
doctor's tests provoke.  And each finding that there is has a line in the manual
and is provoked by a test.
"""
import glob
import re
import sys

ITEMS = {'000': 45, '001': 47, '002': 31, '003': 62, '004': 47}


def read(pattern):
    return ''.join(open(f, encoding='utf-8').read()
                   for f in sorted(glob.glob(pattern)))


def findings(root, provoked):
    bad = 0
    manual = read(f'{root}/doc/man/warren.1')
    listed = {w for line in re.findall(r'^\.It Ic (.*)$', manual, re.M)
              for w in re.split(r'[ ,]+', line)}
    for name in sorted(set(re.findall(r'doctor_finds\(\S+,\s*"([a-z-]+)"',
                                      read(f'{root}/src/warren/doctor*.c')))):
        if name not in listed:
            print(f'doctor: {name} is not in the manual')
            bad = 1
        if not re.search(rf'(breaks|conf) {name} ', provoked):
            print(f'doctor: no test provokes {name}')
            bad = 1
    return bad


def main(root):
    doctor = read(f'{root}/tests/netns/doctor*.sh')
    bad = findings(root, doctor)
    for lab, count in ITEMS.items():
        page = f'{root}/doc/labs/{lab}.md'
        script = open(f'{root}/tests/labs/{lab}.sh', encoding='utf-8').read()
        rows = re.findall(r'^\| (\d{3}-\d\d) \| .*? \| (.*) \|$',
                          open(page, encoding='utf-8').read(), re.M)
        want = [f'{lab}-{n:02}' for n in range(1, count + 1)]
        if [r[0] for r in rows] != want:
            print(f'{page}: items are missing, or not in their order')
            bad = 1
        for item, shown in rows:
            for word in re.findall(r'`([a-z0-9.-]+)`', shown):
                if word not in script and word not in doctor:
                    print(f'{page}: {item}: no check {word}')
                    bad = 1
    return bad


sys.exit(main(sys.argv[1]))
