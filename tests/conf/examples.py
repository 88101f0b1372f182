# SPDX-License-Identifier: ISC
"""Every configuration that stands in a manual or a page is a right one.

usage: examples.py WARREND TREE

Of *.md: what stands between ``` or is indented by four; of man pages: what
stands between .Bd -literal and .Ed.  A text with a line that begins a
protocol or the like is a configuration.
"""
import os
import re
import subprocess
import sys
import tempfile

warrend, tree = sys.argv[1:]
IS_CONF = re.compile(r'(?m)^\s*(protocol|template|filter|function|router id|'
                     r'define)\b[^\n]*[{;]')


def blocks_of_page(lines):
    block, fenced, at = [], False, 0
    for n, line in enumerate(lines + [''], 1):
        if line.startswith('```'):
            if fenced:
                yield at, block
            fenced, block, at = not fenced, [], n + 1
        elif fenced:
            block.append(line)
        elif line.startswith('    ') or (block and not line.strip()):
            at = at if block else n
            block.append(line[4:])
        elif block:
            yield at, block
            block = []


def blocks_of_manual(lines):
    block, at = None, 0
    for n, line in enumerate(lines, 1):
        if line.startswith('.Bd -literal'):
            block, at = [], n + 1
        elif line.startswith('.Ed') and block is not None:
            yield at, block
            block = None
        elif block is not None:
            block.append(line.replace('\\(dq', '"').replace('\\-', '-')
                         .replace('\\&', '').replace('\\e', '\\'))


def files():
    for folder, folders, names in os.walk(tree):
        folders[:] = [f for f in folders if not f.startswith(('.', 'build'))]
        for name in sorted(names):
            if name.endswith('.md') or re.search(r'\.[1-9]$', name):
                yield os.path.join(folder, name)


bad = found = 0
for path in files():
    with open(path, encoding='utf-8') as f:
        lines = f.read().split('\n')
    blocks = blocks_of_page if path.endswith('.md') else blocks_of_manual
    for at, block in blocks(lines):
        text = '\n'.join(block) + '\n'
        if not IS_CONF.search(text):
            continue
        found += 1
        with tempfile.NamedTemporaryFile('w', suffix='.conf') as f:
            f.write(text)
            f.flush()
            r = subprocess.run([warrend, '-p', '-c', f.name],
                               capture_output=True, text=True)
            if r.returncode:
                bad += 1
                print('%s:%d: %s' % (os.path.relpath(path, tree), at,
                                     r.stderr.replace(f.name, 'line')))
print('%d examples, %d wrong' % (found, bad))
sys.exit(bad > 0 or found < 4)
