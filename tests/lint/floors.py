#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Do the includes keep to the floors?

usage: floors.py ROOT [CC [FLAG...]]

Reads every file of ROOT/src.  A folder includes itself and what the table
allows it; a *_impl.h is for its own folder; the floors of the core include
no header of the system that has to do with I/O; and, where a compiler is
given, every header compiles by itself, twice in a row.
"""
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

# ARCHITECTURE.md explains the table; a folder may always include itself.
FLOORS = {
    'base': '',
    'wire': 'base',
    'crypto': 'base',
    'rib': 'base wire',
    'filter': 'base wire rib',
    'rpki': 'base wire',
    'bgp': 'base wire rib filter',
    'bmp': 'base wire rib bgp',
    'bfd': 'base wire crypto',
    'wg': 'base wire crypto',
    'conf': 'base filter',
    'plan': 'base wire rib wg',
    'sys': 'base wire',
    'tunneld': 'base wire crypto wg sys',
    'daemon': 'base wire crypto rib filter rpki bfd bgp bmp wg conf plan sys',
    'import': 'base crypto',
    'look': 'base wire wg sys',
    # The programs: one main() each, over the floor that they are the door to.
    'warrend': 'base wire crypto rib filter rpki bfd bgp bmp wg conf plan sys daemon',
    'warren-wg': 'base wire crypto wg sys tunneld',
    'warren': 'base wire crypto wg conf sys import look',
}
CORE = 'base wire crypto rib filter rpki bfd bgp bmp wg conf plan'.split()
# Of the system, the core sees the language's own headers ...
PURE = set('''assert.h errno.h inttypes.h limits.h stdalign.h stdarg.h
stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h'''.split())
# ... crypto/ the libraries that do its work, wire/ the kernel's numbers
# (AF_INET among them: purity.sh sees to it that no socket is made of them),
# and wg/ those of its netlink protocol; base/mem.c asks for large pages.
BESIDES = {
    'base': re.compile(r'sys/mman\.h'),
    'crypto': re.compile(r'openssl/\w+\.h|sodium\.h|intel-ipsec-mb\.h'),
    'wire': re.compile(r'linux/[\w/]+\.h|sys/socket\.h'),
    'wg': re.compile(r'linux/(genetlink|in6?|netlink|wireguard)\.h|'
                     r'sys/socket\.h'),
}

INCLUDE = re.compile(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def sources(root):
    for folder, _, names in sorted(os.walk(os.path.join(root, 'src'))):
        for name in sorted(names):
            if name.endswith(('.c', '.h')):
                yield os.path.relpath(os.path.join(folder, name), root)


def check_ours(root, floor, name):
    if '/' not in name:
        return 'include "%s" from src/: "%s/%s"' % (name, floor, name)
    folder = name.split('/')[0]
    if not os.path.exists(os.path.join(root, 'src', name)):
        return 'no such header: "%s"' % name
    if folder != floor and folder not in FLOORS[floor].split():
        return '%s may not include "%s"' % (floor, name)
    if folder != floor and name.endswith('_impl.h'):
        return '"%s" is for %s alone' % (name, folder)
    return None


def check_system(floor, name):
    if floor not in CORE or name in PURE:
        return None
    if floor in BESIDES and BESIDES[floor].fullmatch(name):
        return None
    return 'the core may not include <%s>' % name


def check_file(root, path):
    """The complaints about one file."""
    floor = path.split('/')[1]
    if floor not in FLOORS:
        return ['%s: no floor is called %s' % (path, floor)]
    bad = []
    with open(os.path.join(root, path), encoding='utf-8') as f:
        for n, line in enumerate(f, 1):
            m = INCLUDE.match(line)
            if not m:
                continue
            ours, system = m.groups()
            why = (check_ours(root, floor, ours) if ours
                   else check_system(floor, system))
            if why:
                bad.append('%s:%d: %s' % (path, n, why))
    return bad


def compiles_alone(root, path, cc):
    line = '#include "%s"\n' % path[len('src/'):]
    run = subprocess.run(
        cc + ['-fsyntax-only', '-std=gnu11', '-D_GNU_SOURCE', '-Wall',
              '-Wextra', '-Wno-unused-function', '-Werror', '-iquote',
              os.path.join(root, 'src'), '-x', 'c', '-'],
        input=line * 2, capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return []
    return ['%s: does not compile by itself\n%s' % (path, run.stderr)]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    root, cc = sys.argv[1], sys.argv[2:]
    paths = list(sources(root))
    if not paths:
        sys.exit('no sources under %s/src' % root)
    bad = [b for p in paths for b in check_file(root, p)]
    headers = [p for p in paths if p.endswith('.h')] if cc else []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for b in pool.map(lambda p: compiles_alone(root, p, cc), headers):
            bad += b
    for b in bad:
        print(b)
    print('%d files, %d headers compiled, %d complaints' %
          (len(paths), len(headers), len(bad)))
    sys.exit(1 if bad else 0)


main()
