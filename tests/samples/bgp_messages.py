#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Messages from other projects' tests and captures, judged by our codec.

usage: bgp_messages.py VERDICT-PROGRAM TREE

The samples are not part of the tree: they lie in ../shared/samples beside
it, or where WARREN_SAMPLES says.  Without them the test is skipped.

Rows of high confidence must come out as their source says.  A message that
is "accepted" by any peer must be acceptable in some setting that two
speakers can agree on; one that is an error must be that error in every
setting that fits its row.  Where we follow the RFC and not the source, the
row is in DIFFERENT with what we say instead, and doc/deviations.md has the
reason.
"""
import json
import os
import subprocess
import sys

SKIP = 77

# (kind of row, by its name) -> our verdict
DIFFERENT = {
    # RFC 6793 section 6: a malformed AS4_PATH is discarded, and from a
    # 4-octet speaker any AS4_PATH is (section 3).
    'as4path-seg-type-0': 'attribute-discard',
    # BGPsec_PATH in place of AS_PATH (RFC 8205): only between speakers that
    # have agreed on it.  Without, AS_PATH is missing: RFC 7606 3 (d).
    'bgp-bgpsec.pcap': 'treat-as-withdraw',
}


def samples_path(tree):
    where = os.environ.get('WARREN_SAMPLES',
                           os.path.join(tree, '..', 'shared', 'samples'))
    return os.path.join(where, 'bgp-messages.jsonl')


def settings(row):
    peers = ['ebgp', 'ibgp'] if row['peer'] == 'any' else [row['peer']]
    widths = [row['as_path_width']] if row['as_path_width'] else ['as4', 'as2']
    paths = ['plain']
    if row['expected'] == 'accept' and row.get('name') not in DIFFERENT:
        paths.append('addpath')
    return [(p, w, a) for a in paths for p in peers for w in widths]


def judge(program, rows):
    """All rows in all their settings, by one run of the program."""
    asked = [(i, s) for i, row in enumerate(rows) for s in settings(row)]
    text = ''.join(f'{" ".join(s)} {rows[i]["hex"]}\n' for i, s in asked)
    out = subprocess.run([program], input=text, stdout=subprocess.PIPE,
                         text=True, check=True).stdout.splitlines()
    assert len(out) == len(asked)
    said = [[] for _ in rows]
    for (i, s), line in zip(asked, out):
        said[i].append(line)
    return said


def matches(want, said):
    verdicts = [line.split()[0] for line in said]
    if want == 'accept':
        return 'accept' in verdicts
    return all(v == want for v in verdicts)


def main():
    program, tree = sys.argv[1:3]
    path = samples_path(tree)
    if not os.path.exists(path):
        print(f'skipped: no samples at {path} (WARREN_SAMPLES names a place)')
        return SKIP
    with open(path, encoding='utf-8') as f:
        rows = [json.loads(line) for line in f]
    same = different = wrong = unsure = 0
    for row, said in zip(rows, judge(program, rows)):
        instead = DIFFERENT.get(row.get('name'))
        if row['confidence'] != 'high':
            unsure += 1
        elif matches(row['expected'], said) and not instead:
            same += 1
        elif instead and row['kind'] == 'UPDATE' and matches(instead, said):
            different += 1
        else:
            wrong += 1
            print(f'{row["id"]} {row["kind"]} {row.get("name", "")}: '
                  f'{row["expected"]} expected, got {said}')
    print(f'{same} as their source says, {different} different on purpose, '
          f'{wrong} wrong; {unsure} of low confidence not counted')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
