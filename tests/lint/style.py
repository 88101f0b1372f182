#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Does the text keep to the house style?

usage: style.py ROOT [--tighten]

CONTRIBUTING.md has the rules.  What exceeds a soft limit stands in the file
"ratchet" beside this one with the number that it had, and may only get
better; --tighten writes better numbers down.
"""
import os
import re
import sys

COLUMNS = 80
FILE_SOFT, FILE_HARD = 800, 1200
FUNCTION = 80
RATCHET = 'tests/lint/ratchet'
FOLDERS = ('src', 'tests', 'dist', 'bench', '.ci')
TOP = ('dev', 'meson.build', 'meson_options.txt')
TEXT = ('.c', '.h', '.py', '.sh', 'meson.build', '.awk')

# Built from parts, for this file is read too.
UNDONE = re.compile(r'\b(' + 'TO' + 'DO|FIX' + 'ME|X' + r'XX)\b')
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'
                   r"'(?:\\.|[^'\\\n])*'", re.S)
NAME = re.compile(r'([A-Za-z_]\w*)\s*\(')


def wanted(root):
    """Every file with rules, named from root."""
    for name in TOP:
        if os.path.exists(os.path.join(root, name)):
            yield name
    for top in FOLDERS:
        for folder, dirs, names in os.walk(os.path.join(root, top)):
            dirs[:] = sorted(d for d in dirs if d not in
                             ('corpus', '__pycache__', 'golden', 'vectors'))
            for name in sorted(names):
                path = os.path.join(folder, name)
                if name.endswith(TEXT) or script(path):
                    yield os.path.relpath(path, root)


def script(path):
    with open(path, 'rb') as f:
        return f.read(2) == b'#!'


def blank(match):
    """Comments and literals become spaces; the lines stay where they are."""
    text = match.group()
    if text.startswith('//'):
        return '\1' + ' ' * (len(text) - 1)
    return re.sub(r'[^\n]', ' ', text)


class Lint:
    """The complaints, and the numbers for the ratchet."""

    def __init__(self, root):
        self.root = root
        self.bad = []
        self.numbers = {}
        self.lengths = []
        self.long = 0
        self.files = 0
        self.ratchet = self.read_ratchet()

    def read_ratchet(self):
        limits = {}
        path = os.path.join(self.root, RATCHET)
        if not os.path.exists(path):
            return limits
        with open(path, encoding='utf-8') as f:
            for line in f:
                words = line.split('#')[0].split()
                if words:
                    limits[tuple(words[:-1])] = int(words[-1])
        return limits

    def say(self, path, line, why):
        self.bad.append('%s:%d: %s' % (path, line, why))

    def check(self, path):
        self.files += 1
        with open(os.path.join(self.root, path), 'rb') as f:
            raw = f.read()
        try:
            text = raw.decode('utf-8')
        except UnicodeDecodeError:
            self.say(path, 1, 'not UTF-8')
            return
        lines = text.split('\n')
        if lines.pop() != '':
            self.say(path, len(lines) + 1, 'no newline at the end')
        self.check_text(path, lines)
        if path.endswith(('.c', '.h')):
            self.check_c(path, text, lines)

    def check_text(self, path, lines):
        head = lines[:1] if path.endswith(('.c', '.h')) else lines[:3]
        if not any('SPDX-License-Identifier: ISC' in l for l in head):
            self.say(path, 1, 'no SPDX line')
        for n, line in enumerate(lines, 1):
            if line != line.rstrip():
                self.say(path, n, 'white space at the end of the line')
            if UNDONE.search(line):
                self.say(path, n, 'a note about undone work')

    def check_c(self, path, text, lines):
        for n, line in enumerate(lines, 1):
            if len(line.expandtabs(8)) > COLUMNS:
                self.say(path, n, 'more than %d columns' % COLUMNS)
            if re.match(r' {8}', line):
                self.say(path, n, 'indented with spaces')
        code = TOKEN.sub(blank, text).split('\n')
        for n, line in enumerate(code, 1):
            if '\1' in line:
                self.say(path, n, '// comment')
            if re.search(r'\btypedef\s+(struct|union|enum)\b[^(]*$', line):
                self.say(path, n, 'a typedef that hides a struct')
        self.check_size(path, len(lines))
        self.check_functions(path, lines, code)

    def check_size(self, path, n):
        if n > FILE_HARD:
            self.say(path, n, 'more than %d lines' % FILE_HARD)
        elif n > FILE_SOFT:
            self.against_ratchet(('lines', path), n, FILE_SOFT)

    def against_ratchet(self, key, n, limit):
        self.numbers[key] = n
        limit = self.ratchet.get(key, limit)
        if n > limit:
            self.bad.append('%s: %d, where %d is the limit' %
                            (' '.join(key), n, limit))

    def check_functions(self, path, lines, code):
        start = None
        for n, line in enumerate(code):
            if re.match(r'[A-Za-z_].*\)\s*\{\s*$', line):
                self.say(path, n + 1, "a function's { is a line of its own")
            if line == '{':
                start = n
            elif line.startswith('}') and start is not None:
                self.function(path, lines, code, start, n)
                start = None

    def function(self, path, lines, code, start, end):
        n = end - start + 1
        head = start
        while head > 0 and code[head - 1].strip():
            head -= 1
        name = NAME.search('\n'.join(code[head:start]))
        if not name:
            return
        if path.startswith('src/'):
            self.lengths.append((n, path, name.group(1)))
        long = any('/* LONG: ' in l for l in lines[head:end])
        self.long += long
        if n > FUNCTION and not long:
            self.say(path, start + 1, '%s() has %d lines, of %d' %
                     (name.group(1), n, FUNCTION))
        if code[head].startswith(name.group(1)) or head + 1 == start:
            self.say(path, start, '%s: the type is a line of its own' %
                     name.group(1))

    def averages(self):
        v = sorted(self.lengths)
        if not v:
            return 'no functions'
        median, p90 = v[len(v) // 2][0], v[len(v) * 9 // 10][0]
        self.against_ratchet(('function', 'median'), median, 15)
        self.against_ratchet(('function', 'p90'), p90, 45)
        self.against_ratchet(('function', 'long'), self.long, 0)
        return ('%d functions in src: median %d lines, p90 %d, longest %d '
                '(%s), %d with leave to be long' %
                (len(v), median, p90, v[-1][0], v[-1][2], self.long))

    def tighten(self):
        """Lower what got better, drop what is within the soft limits."""
        path = os.path.join(self.root, RATCHET)
        with open(path, encoding='utf-8') as f:
            old = f.readlines()
        with open(path, 'w', encoding='utf-8') as f:
            for line in old:
                words = line.split('#')[0].split()
                key = tuple(words[:-1])
                if not words:
                    f.write(line)
                elif key in self.numbers:
                    n = min(int(words[-1]), self.numbers[key])
                    f.write(' '.join(key) + ' %d\n' % n)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    lint = Lint(sys.argv[1])
    for path in wanted(lint.root):
        lint.check(path)
    if not lint.files:
        sys.exit('nothing to read under %s' % lint.root)
    summary = lint.averages()
    for b in lint.bad:
        print(b)
    print('%d files; %s' % (lint.files, summary))
    if '--tighten' in sys.argv:
        lint.tighten()
    sys.exit(1 if lint.bad else 0)


main()
