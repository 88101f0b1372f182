#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Random filters on random routes, in BIRD and in Warren.

usage: filter_random.py [--seed N] [--batch K] [--seconds S] [--pairs N]
                        [--bad | --daemon WARREND] [--shrink] [--brief]
                        [--show N] [--keep DIR] TOOL

TOOL is filter_tool.  A batch is a configuration with some hundred filters,
each the import filter of a static protocol with a handful of routes whose
attributes are set at random; functions, constants, attributes and ROAs are
common to all.  Batch K of seed N is made of N and K alone.

What a filter prints, its verdict, and all attributes of the routes that it
accepts must be alike.  BIRD prints to its log: filters begin each line with
the protocol and the net, and a last filter, run by "show route", prints all
attributes of what was accepted.  With --bad the programs have mistakes of
type and of syntax in them; then both must refuse (or take) the same ones, and
our message must name line and column.  With --daemon the same configuration
is given to warrend as well, and its log compared.

Where they differ, the filter and the route are written to DIR (or the
current folder) as a configuration, and the last line says how to come back.
Wants to be run in a network namespace of its own, as root.
"""
import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time


from filter_maker import ATTRIBUTES, DYNAMIC, NETS4, NETS6, Maker

FILTERS = 200           # in a batch
ROUTES = 10             # of a filter

ROAS = ['10.0.0.0/8 max 16 as 65001', '10.1.0.0/16 max 24 as 65002',
        '172.20.0.0/14 max 28 as 65003', '192.0.2.0/24 max 24 as 0',
        '2001:db8::/32 max 48 as 65001', 'fd00::/8 max 64 as 65002',
        '10.1.2.0/24 max 24 as 4200000000']

DUMP_FIELDS = ['from', 'gw', 'source', 'scope', 'dest', 'ifname', 'ifindex',
               'weight', 'preference', 'onlink']


def dump_filter():
    """Prints all there is, in lines that BIRD does not cut."""
    lines = []
    parts = [DUMP_FIELDS]
    names = [a for k in DYNAMIC for a in DYNAMIC[k]]
    for i in range(0, len(names), 6):
        parts.append(names[i:i + 6])
    for i, part in enumerate(parts):
        lines.append('\tprint "D ", proto, " ", net, " %d"%s;' % (
            i, ''.join(', " ", %s%s' % (
                a, '' if a in DUMP_FIELDS else ', " ", defined(%s)' % a)
                for a in part)))
    return ['filter dump_all', '{'] + lines + ['\treject;', '}']


class Batch:
    """One configuration: the common part, filters, and their routes."""

    def __init__(self, seed, number, filters=FILTERS, routes=ROUTES):
        m = Maker(seed, number)
        self.common = m.define_constants() + m.define_functions(12)
        self.filters = []       # (name, lines, six, [(net, dest, block)])
        for i in range(filters):
            m.six = m.often(0.25)
            lines = m.define_filter('f%d' % i)
            nets = []
            while len(nets) < routes:
                # BIRD takes no link-local route.
                nets = [x for x in m.some(NETS6 if m.six else NETS4,
                                          routes * 2) if x[:2] != 'fe']
            out = []
            for net in nets[:routes]:
                dest = m.pick(['blackhole', 'unreachable', 'prohibit',
                               'via "d0"', 'via "d0"'])
                out.append((net, dest, m.route_block()))
            self.filters.append((i, lines, m.six, out))

    def definitions(self, skip=()):
        """Text, and which filter each line belongs to (1-based)."""
        out = ATTRIBUTES.splitlines() + self.common
        owner = [None] * (len(out) + 1)
        for i, lines, _, _ in self.filters:
            if i in skip:
                continue
            out += lines
            owner += [i] * len(lines)
        return out, owner


def bird_config(batch, log, skip=()):
    head = ['log "%s" all;' % log, 'router id 1.2.3.4;',
            'roa4 table r4;', 'roa6 table r6;', 'protocol device {}']
    for v in '46':
        head += ['protocol static roas%s { roa%s { table r%s; };' %
                 (v, v, v)]
        head += ['route %s;' % r for r in ROAS
                 if (':' in r) == (v == '6')]
        head += ['}']
    body, owner = batch.definitions(skip)
    out = head + body
    owner = [None] * len(head) + owner
    out += dump_filter()
    for i, _, six, routes in batch.filters:
        if i in skip:
            continue
        fam = 'ipv6' if six else 'ipv4'
        out += ['%s table t%d;' % (fam, i),
                'protocol static s%d { %s { table t%d; rpki reload off; '
                'import filter f%d; };' % (i, fam, i, i)]
        out += ['route %s %s { %s };' % r if r[2] else
                'route %s %s;' % r[:2] for r in routes]
        out += ['}']
    out += ['filter the_end { print "END"; accept; }',
            'ipv4 table tlast;', 'protocol static slast { ipv4 '
            '{ table tlast; import filter the_end; };',
            'route 10.0.0.0/8 blackhole; }']
    return '\n'.join(out) + '\n', owner


def tool_job(batch, ifindex, skip=()):
    out = ['iface d0 %d 192.0.2.1/24 2001:db8::1/64 fe80::d0/64' %
           ifindex,
           'iface lo 1 127.0.0.1/8 ::1/128']
    for r in ROAS:
        out.append('roa ' + r)
    body, owner = batch.definitions(skip)
    for i, _, _, routes in batch.filters:
        if i in skip:
            continue
        for k, (net, dest, block) in enumerate(routes):
            name = 'b%d_%d' % (i, k)
            out.append('run s%d f%d %s %s %s' % (
                i, i, net, name, dest.replace('via ', '').strip('"')))
            body.append('filter %s { %s }' % (name, block))
    body += dump_filter()
    return '\n'.join(out) + '\n%%\nroa4 table r4; roa6 table r6; ' + \
        '\n'.join(body) + '\n', owner


def died_of(log):
    """The number of the filter that was busy last, or 0."""
    seen = [int(k[0][1:]) for k in by_route(bird_lines(log))]
    return seen[-1] if seen else 0


class Bird:
    """A bird of its own for one configuration."""

    def __init__(self, folder, program='bird'):
        self.folder = folder
        self.program = program
        self.log = os.path.join(folder, 'log')
        self.patience = 20

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, text):
        """What it printed, or the line and words of its refusal."""
        with open(self.path('conf'), 'w', encoding='utf-8') as f:
            f.write(text)
        if os.path.exists(self.log):
            os.unlink(self.log)
        p = subprocess.Popen(
            [self.program, '-f', '-c', self.path('conf'), '-s', self.path('s'),
             '-P', self.path('pid')], stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        try:
            if not self.wait(p):
                words = p.stderr.read()
                m = re.search(r'conf:(\d+):\d+ (.*)', words)
                if m:
                    return None, (int(m.group(1)), m.group(2))
                if p.returncode >= 0:
                    raise SystemExit('bird: status %s: %s' % (
                        p.returncode, words))
                return None, None       # it died of a filter
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(self.path('s'))
                self.reply(s)
                s.sendall(b'show route table all filter dump_all\n')
                self.reply(s)
            with open(self.log, encoding='utf-8') as f:
                return f.read(), None
        finally:
            p.kill()
            p.wait()
            p.stderr.close()

    def wait(self, p):
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            if p.poll() is not None:
                return False
            try:
                with open(self.log, encoding='utf-8') as f:
                    f.seek(max(0, os.path.getsize(self.log) - 400))
                    if '<INFO> END' in f.read():
                        return True
            except OSError:
                pass
            time.sleep(0.01)
        p.kill()                # a filter without end
        p.wait()
        return False

    @staticmethod
    def reply(s):
        """To the end of an answer: a code with a blank behind it."""
        data = b''
        while True:
            part = s.recv(65536)
            if not part:
                raise SystemExit('bird hung up')
            data = (data + part)
            lines = data.split(b'\n')
            if len(lines) > 1 and re.match(rb'\d{4} ', lines[-2]) and \
                    data.endswith(b'\n'):
                return

    def takes(self, text):
        """Does it parse?  And if not, what does it say?"""
        with open(self.path('conf'), 'w', encoding='utf-8') as f:
            f.write(text)
        p = subprocess.run(['bird', '-p', '-c', self.path('conf')],
                           capture_output=True, text=True, check=False)
        return p.returncode == 0, (p.stderr + p.stdout).strip()


def by_route(lines):
    """(protocol, net) to what was said of it, in order."""
    out = {}
    for line in lines:
        part = line.split(' ', 3)
        if len(part) >= 3 and part[0] in 'PD' and \
                re.fullmatch(r's\d+', part[1]):
            out.setdefault((part[1], part[2]), []).append(
                part[0] + ' ' + (part[3] if len(part) > 3 else ''))
    return out


def bird_lines(log):
    for line in log.splitlines():
        at = line.find('<INFO> ')
        if at >= 0:
            yield line[at + 7:]


def run_tool(tool, folder, job):
    path = os.path.join(folder, 'job')
    with open(path, 'w', encoding='utf-8') as f:
        f.write(job)
    p = subprocess.run([tool, 'random', path], capture_output=True,
                       text=True, check=False)
    if p.returncode not in (0, 1):
        raise SystemExit('%s: status %d: %s' % (tool, p.returncode,
                                                p.stderr))
    lines = p.stdout.splitlines()
    refused = []
    for line in lines:
        if line.startswith('! '):
            _, at, col, why = line.split(' ', 3)
            refused.append((int(at), int(col), why))
    return lines, refused


def report(args, batch, number, key, theirs, ours, keep):
    """One route that differs, as files and in words."""
    i = int(key[0][1:])
    _, lines, six, routes = batch.filters[i]
    route = [r for r in routes if r[0] == key[1]][0]
    one = Batch.__new__(Batch)
    one.common = batch.common
    if args.shrink:
        lines = shrink(args.bird, args.tool, batch, args.ifindex, i, key[1])
    one.filters = [(i, lines, six, [route])]
    path = os.path.join(keep, 'filter_random-%s-%d-%d.conf' % (
        args.seed, number, i))
    with open(path, 'w', encoding='utf-8') as f:
        f.write(bird_config(one, '/dev/stderr')[0])
    if not args.brief:
        print('--- %s, route %s %s { %s }' % (key[0], *route))
        print('\n'.join(lines))
    for who, said in ('BIRD', theirs), ('Warren', ours):
        for x in said or ['(rejected without a word)']:
            if x not in (theirs if said is ours else ours):
                print('%s: %s' % (who, x))
    print('not ok filter_random: seed %s batch %d filter %d route %s; '
          'see %s' % (args.seed, number, i, key[1], path))
    print('again: tests/interop/filter_random.sh --seed %s --batch %d' % (
        args.seed, number))


def find_death(bird, batch, skip):
    """Of which filter does BIRD die first?"""
    with open(bird.log, encoding='utf-8') as f:
        first = died_of(f.read())
    for i, _, _, _ in batch.filters[first:]:
        if i in skip:
            continue
        others = {k for k, _, _, _ in batch.filters if k != i}
        log, why = bird.run(bird_config(batch, bird.log, others)[0])
        if log is None and why is None:
            return i
    raise SystemExit('BIRD dies, and no filter alone does it')


def differs(bird, tool, batch, ifindex, i, lines, net):
    """Do they still differ with these lines for the filter?"""
    one = Batch.__new__(Batch)
    _, _, six, routes = batch.filters[i]
    one.common = batch.common
    one.filters = [(i, lines, six, [r for r in routes
                                    if net in (None, r[0])])]
    for a, b in zip(lines, lines[1:]):
        if a.endswith(':') and b.strip()[-1] in ':}':
            return False        # BIRD dies of an empty clause
    log, why = bird.run(bird_config(one, bird.log)[0])
    if log is None:
        return why is None and net is None
    out, refused = run_tool(tool, bird.folder, tool_job(one, ifindex)[0])
    return not refused and net is not None and \
        by_route(bird_lines(log)) != by_route(out)


def unit(lines, i):
    """The end of what begins at line i: itself, or behind its brace."""
    deep = 0
    for k in range(i, len(lines)):
        deep += lines[k].count('{') - lines[k].count('}')
        if deep <= 0:
            return k + 1
    return i + 1


def shrink(bird, tool, batch, ifindex, i, net):
    """Fewer lines that do it, too."""
    lines = batch.filters[i][1]
    again = True
    while again:
        again = False
        k = 2
        while k < len(lines) - 1:
            end = unit(lines, k)
            tries = [lines[:k] + lines[end:]]
            if end > k + 2 and lines[k].strip() == '{':
                tries.append(lines[:k] + lines[k + 1:end - 1] + lines[end:])
            if end == k + 1 and lines[k].strip().endswith('then'):
                tries.insert(0, lines[:k] + lines[unit(lines, k + 1):])
            for t in tries:
                if differs(bird, tool, batch, ifindex, i, t, net):
                    lines = t
                    again = True
                    break
            else:
                k += 1
    return lines


def compare(args, bird, tool, number, ifindex, keep):
    """Pairs compared and differences of one batch."""
    batch = Batch(args.seed, number)
    skip = set()
    _, refused = run_tool(tool, bird.folder, tool_job(batch, ifindex)[0])
    owner = tool_job(batch, ifindex)[1]
    ours_refused = {}
    for line, col, why in refused:
        who = owner[line] if line < len(owner) else None
        if who is None:
            raise SystemExit('we refuse the common part, line %d: %s\n%s' % (
                line, why, batch.definitions()[0][line - 1]))
        ours_refused.setdefault(who, why)
    theirs_refused = {}
    while True:
        text, lines_of = bird_config(batch, bird.log, skip)
        log, why = bird.run(text)
        if log is not None:
            break
        if why is None:
            who = find_death(bird, batch, skip)
            print('BIRD dies of batch %d filter %d' % (number, who))
            if args.shrink:
                print('\n'.join(shrink(bird, tool, batch, ifindex, who,
                                       None)))
            skip.add(who)
            continue
        who = lines_of[why[0]] if why[0] < len(lines_of) else None
        if who is None:
            raise SystemExit('BIRD refuses the common part: %s\n%s' % (
                why, text.splitlines()[why[0] - 1]))
        theirs_refused[who] = why[1] + ': ' + \
            text.splitlines()[why[0] - 1].strip()
        skip.add(who)
    bad = 0
    for who in sorted(set(ours_refused) ^ set(theirs_refused)):
        bad += 1
        path = os.path.join(keep, 'filter_random-%s-%d-%d.conf' % (
            args.seed, number, who))
        with open(path, 'w', encoding='utf-8') as f:
            f.write('\n'.join(batch.filters[who][1]) + '\n')
        print('\n'.join(batch.filters[who][1]))
        print('not ok filter_random: seed %s batch %d filter %d: %s; see '
              '%s' % (args.seed, number, who,
                      'we refuse: ' + ours_refused[who]
                      if who in ours_refused else
                      'BIRD refuses: ' + theirs_refused[who], path))
    skip |= set(ours_refused)
    lines, _ = run_tool(tool, bird.folder, tool_job(batch, ifindex, skip)[0])
    theirs, ours = by_route(bird_lines(log)), by_route(lines)
    if args.daemon:
        log, why = Bird(bird.folder, args.daemon).run(
            bird_config(batch, bird.log, skip)[0])
        if log is None:
            raise SystemExit('%s: %s' % (args.daemon, why))
        ours = by_route(bird_lines(log))
    pairs = told = 0
    for i, _, _, routes in batch.filters:
        if i in skip:
            continue
        one = 0
        for r in routes:
            key = ('s%d' % i, r[0])
            pairs += 1
            if theirs.get(key, []) != ours.get(key, []):
                bad += 1
                one += 1
                told += one == 1
                if one == 1 and told <= args.show:
                    report(args, batch, number, key, theirs.get(key, []),
                           ours.get(key, []), keep)
    return pairs, bad


def wrong_batch(seed, number, filters):
    """Common definitions and filters with mistakes in them."""
    m = Maker(seed, number)
    common = ATTRIBUTES.splitlines() + m.define_constants() + \
        m.define_functions(6)
    out = []
    for i in range(filters):
        m.wrong = m.pick([0, 0.05, 0.2])
        lines = m.define_filter('f%d' % i)
        if m.wrong == 0:
            lines = m.spoil(lines)
        out.append(lines)
    return common, out


# Where we are stricter than 2.0.12: what newer BIRDs refuse, and what is of
# no use whatever the route.
STRICTER = re.compile(r'does not apply to type|in a path mask$|^case of |'
                      r'^Argument 1 of \w+ must be of type|^cannot return ')
# 2.0.12 does not know the type of .min and .max before it runs.
UNTYPED = re.compile(r'\.(min|max)\b')
# Its lists may begin, or end, with a comma.
NOTHING = re.compile(r'\(,|, *;')
# And where we take more: an empty statement, methods inside of expressions, a
# variable whose name is a word of the language.
WIDER = re.compile(r"unexpected (';'|FILTER|ADD|DELETE|PREPEND|EMPTY|ACCEPT"
                   r"|REJECT)$|^filter preevaluation")


def judge(bird, tool, common, lines):
    """What is not right about one of them; None if all is."""
    head = 'roa4 table r4; roa6 table r6; '
    text = '\n'.join([head + common[0]] + common[1:] + lines) + '\n'
    takes, why = bird.takes('router id 1.2.3.4; protocol device {} ' + text)
    _, refused = run_tool(tool, bird.folder, '%%\n' + text)
    if takes and not refused:
        return None
    if takes:
        line = text.splitlines()[refused[0][0] - 1].strip()
        if STRICTER.search(refused[0][2]) or NOTHING.search(line) or (
                UNTYPED.search(line) and
                re.search('of type|must be', refused[0][2])):
            return None
        return 'only we refuse: %d:%d %s: %s' % (*refused[0], line)
    if not refused:
        m = re.search(r'conf:(\d+):\d+ (.*)', why)
        line = int(m.group(1)) if m else 0
        if m and WIDER.search(m.group(2)):
            return None
        return 'only BIRD refuses: %s: %s' % (
            m.group(2) if m else why, text.splitlines()[line - 1].strip())
    for line, col, why in refused:
        if line <= len(common) or not col or not why:
            return 'our error has no place: %d:%d %s' % (line, col, why)
    return None


def run_bad(args, bird):
    end = time.monotonic() + args.seconds
    number = args.batch or 0
    seen = bad = 0
    while True:
        common, filters = wrong_batch(args.seed, number, 50)
        for i, lines in enumerate(filters):
            seen += 1
            why = judge(bird, args.tool, common, lines)
            if why is None:
                continue
            bad += 1
            if bad > args.show:
                continue
            path = os.path.join(args.keep, 'filter_bad-%s-%d-%d.conf' % (
                args.seed, number, i))
            with open(path, 'w', encoding='utf-8') as f:
                f.write('\n'.join(common + lines) + '\n')
            if not args.brief:
                print('\n'.join(lines))
            print('not ok filter_random: %s; see %s' % (why, path))
            print('again: tests/interop/filter_random.sh --bad --seed %s '
                  '--batch %d' % (args.seed, number))
        number += 1
        if args.batch is not None or bad > args.show or (
                time.monotonic() > end and seen >= args.pairs):
            break
    print('%d filters with mistakes, seed %s: %d judged differently' % (
        seen, args.seed, bad))
    return bad


def run_pairs(args, bird, ifindex):
    pairs = bad = batches = 0
    end = time.monotonic() + args.seconds
    number = args.batch or 0
    while True:
        n, wrong = compare(args, bird, args.tool, number, ifindex, args.keep)
        pairs += n
        bad += wrong
        batches += 1
        number += 1
        if args.batch is not None or bad or (
                time.monotonic() > end and pairs >= args.pairs):
            break
    print('%d pairs of a filter and a route, %d batches, seed %s: %d differ'
          % (pairs, batches, args.seed, bad))
    return bad


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--seed', default=None)
    ap.add_argument('--seconds', type=float, default=0)
    ap.add_argument('--pairs', type=int, default=0)
    ap.add_argument('--batch', type=int, default=None)
    ap.add_argument('--bad', action='store_true')
    ap.add_argument('--daemon')
    ap.add_argument('--shrink', action='store_true')
    ap.add_argument('--brief', action='store_true')
    ap.add_argument('--show', type=int, default=3)
    ap.add_argument('--keep', default='.')
    ap.add_argument('tool')
    args = ap.parse_args()
    if args.seed is None:
        args.seed = str(int.from_bytes(os.urandom(4), 'big'))
    folder = tempfile.mkdtemp()
    args.bird = Bird(folder)
    try:
        if args.bad:
            return 1 if run_bad(args, args.bird) else 0
        args.ifindex = socket.if_nametoindex('d0')
        return 1 if run_pairs(args, args.bird, args.ifindex) else 0
    finally:
        shutil.rmtree(folder)


if __name__ == '__main__':
    sys.exit(main())
