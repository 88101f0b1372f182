#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Five minutes of the real Internet, decoded by our codec and counted.

usage: bgp_mrt.py VERDICT-PROGRAM TREE

A dump of a RIPE RIS collector (RFC 6396), in ../shared/samples/mrt beside the
tree or where WARREN_SAMPLES says; skipped without it.  Another decoder,
bgpdump, finds 41234 announcements, withdrawals and changes of a state in it.
"""
import gzip
import os
import struct
import subprocess
import sys

SKIP = 77
BGP4MP = 16
MESSAGE, MESSAGE_AS4 = 1, 4
STATES = (0, 5)
BGPDUMP_SAYS = 41234


def records(data):
    at = 0
    while at < len(data):
        _, kind, sub, n = struct.unpack_from('>IHHI', data, at)
        yield kind, sub, data[at + 12:at + 12 + n]
        at += 12 + n


def message(sub, body):
    """What follows two AS numbers, the interface, AFI and two addresses."""
    numbers = 8 if sub == MESSAGE_AS4 else 4
    afi, = struct.unpack_from('>H', body, numbers + 2)
    return body[numbers + 4 + 2 * (4 if afi == 1 else 16):]


def main():
    program, tree = sys.argv[1:3]
    where = os.environ.get('WARREN_SAMPLES',
                           os.path.join(tree, '..', 'shared', 'samples'))
    path = os.path.join(where, 'mrt', 'updates.20160811.1600.gz')
    if not os.path.exists(path):
        print(f'skipped: no dump at {path} (WARREN_SAMPLES names a place)')
        return SKIP
    lines, states = [], 0
    with gzip.open(path) as f:
        for kind, sub, body in records(f.read()):
            if kind == BGP4MP and sub in STATES:
                states += 1
            elif kind == BGP4MP and sub in (MESSAGE, MESSAGE_AS4):
                width = 'as4' if sub == MESSAGE_AS4 else 'as2'
                lines.append(f'ebgp {width} plain '
                             f'{message(sub, body).hex()}\n')
    out = subprocess.run([program], input=''.join(lines),
                         stdout=subprocess.PIPE, text=True,
                         check=True).stdout.splitlines()
    said, up, down = {}, 0, 0
    for line in out:
        word = line.split(None, 5)
        said[word[0]] = said.get(word[0], 0) + 1
        up += int(word[3])
        down -= int(word[4])
    print(f'{len(lines)} messages: {said}; {up} announced, {down} withdrawn, '
          f'{states} states')
    bad = said.get('session-reset', 0) + said.get('incomplete', 0)
    return 1 if bad or up + down + states != BGPDUMP_SAYS else 0


if __name__ == '__main__':
    sys.exit(main())
