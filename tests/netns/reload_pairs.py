# SPDX-License-Identifier: ISC
"""Random configurations: is a reload from A to B as good as a start at B?

usage: reload_pairs.py FOLDER SEED PAIRS r1=PID r2=PID

A warrend in r1 is told each configuration after the one before; one in r2 is
started with it.  Both have the same neighbours.  What they and their
neighbours then say, and what the kernel has, must be the same.  Times,
counters, and what depends on them are left out.
"""
import difflib
import os
import random
import re
import socket
import subprocess
import sys
import time

folder, seed, pairs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
pids = dict(a.split('=') for a in sys.argv[4:])
KEYS = ['cGVlciBvbmUncyBwdWJsaWMga2V5IGZvciB0aGlzMSE=',
        'cGVlciB0d28ncyBwdWJsaWMga2V5IGZvciB0aGlzMiE=',
        'cGVlciAzcmQncyBwdWJsaWMga2V5IGZvciB0aGlzMyE=']
OWN = 'cHJpdmF0ZSBrZXkgb2YgYSByZWxvYWQgdGVzdCEhISE='
NETS = ['10.50.0.0/16', '20.0.0.0/24', '20.1.0.0/16', '30.0.0.0/24',
        '30.1.0.0/24', '30.2.0.0/24', '30.3.3.0/25', '0.0.0.0/0']
NETS6 = ['2001:db8:1::/48', '2001:db8:9::/48', '2001:db8:9:1::/64', '::/0']


# ---- a random configuration -------------------------------------------------

class Maker:
    def __init__(self, r):
        self.r = r

    def maybe(self, p=0.5):
        return self.r.random() < p

    def some(self, options, p=0.25):
        return ' '.join(o for o in options if self.maybe(p))

    def prefixes(self):
        return '[ %s ]' % ', '.join(self.r.sample(
            ['20.0.0.0/8+', '20.0.0.0/16{24,25}', '30.0.0.0/8+',
             '10.0.0.0/8{16,24}', '20.1.0.0/16', '0.0.0.0/0-'],
            self.r.randint(1, 3)))

    def condition(self):
        return self.r.choice([
            'net ~ SOME', 'net ~ %s' % self.prefixes(), 'net.len > 24',
            'source = RTS_BGP', 'source = RTS_STATIC', 'preference > 100',
            'bgp_path.len > 1', 'bgp_path ~ [= * 64700 * =]',
            '(65011, 1) ~ bgp_community', 'good()',
            'defined(bgp_med) && bgp_med > LIMIT',
            'roa_check(r4, net, 65011) = ROA_INVALID', 'proto = "s1"',
            'proto ~ "n*"'])

    def statement(self):
        return self.r.choice([
            'bgp_med = %d;' % self.r.randint(0, 3),
            'bgp_local_pref = %d;' % self.r.randint(90, 110),
            'bgp_community.add((65000, %d));' % self.r.randint(1, 4),
            'bgp_community.delete([(65011, *)]);',
            'bgp_path.prepend(65099);', 'mine = %d;' % self.r.randint(1, 3),
            'if %s then reject;' % self.condition(),
            'if %s then accept;' % self.condition(),
            'bgp_large_community.add((65000, 1, LIMIT));'])

    def filter(self, name):
        return 'filter %s { %s accept; }' % (
            name, ' '.join(self.statement() for _ in
                           range(self.r.randint(0, 3))))

    def policy(self):
        return self.r.choice(
            ['all', 'all', 'none', 'filter f1', 'filter f2', 'filter f3',
             'where ' + self.condition(), 'filter { %s accept; }' %
             self.statement()])

    def defines(self):
        return '\n'.join([
            'define LIMIT = %d;' % self.r.randint(1, 12),
            'define SOME = %s;' % self.prefixes(),
            'attribute int mine;',
            'function good() -> bool { return net.len < %d; }' %
            self.r.choice([17, 25, 33]),
            'function gooder() -> bool { return good(); }'])

    def filters(self):
        return '\n'.join(self.filter('f%d' % i) for i in (1, 2, 3))

    def via(self):
        return self.r.choice([
            'via 10.0.0.11', 'via 10.0.0.12', 'blackhole', 'unreachable',
            'prohibit', 'via "v0"', 'recursive 20.0.0.9',
            'recursive 10.0.0.13', 'via 10.0.0.11 weight 2 via 10.0.0.12',
            'via 10.9.9.9%v0 onlink'])

    def static(self, n):
        table = self.r.choice(['master4', 'master4', 't1', 't2'])
        routes = ''.join(
            ' route %s %s%s;' % (net, self.via(), self.r.choice(
                ['', '', ' { bgp_med = 3; }', ' { mine = 7; }']))
            for net in self.r.sample(NETS, self.r.randint(0, 4)))
        return ('protocol static s%d { %sipv4 { table %s; preference %d; '
                'import %s; };%s }' %
                (n, 'disabled; ' if self.maybe(0.1) else '', table,
                 200 + n, self.policy(), routes))

    def static6(self):
        return 'protocol static s6 { ipv6 { import %s; };%s }' % (
            self.r.choice(['all', 'where net.len > 32']), ''.join(
                ' route %s %s;' % (net, self.r.choice(
                    ['via fd00:1::11', 'unreachable', 'via "v0"']))
                for net in self.r.sample(NETS6, self.r.randint(0, 3))))

    def roas(self):
        return 'protocol static roas { roa4;%s }' % ''.join(
            ' route %s max %d as %d;' % (net, 25, asn) for net, asn in
            self.r.sample([('20.0.0.0/16', 65011), ('20.0.0.0/16', 65012),
                           ('20.1.0.0/16', 65012), ('30.0.0.0/16', 0),
                           ('0.0.0.0/0', 65011)], self.r.randint(0, 3)))

    def kernel(self):
        k4 = ('protocol kernel k4 { ipv4 { table %s; export %s; import %s; '
              'preference %d; }; kernel table 100; %s }' % (
                  self.r.choice(['master4', 'master4', 't1']), self.policy(),
                  self.r.choice(['none', 'all']), self.r.choice([10, 20]),
                  self.some(['learn;', 'metric %d;' % self.r.choice([0, 50]),
                             'merge paths;'], 0.4)))
        k6 = 'protocol kernel k6 { ipv6 { export %s; }; kernel table 100; }'
        return k4 + '\n' + k6 % self.r.choice(['all', 'none'])

    def pipes(self):
        one = 'protocol pipe pa { table t1; peer table %s; import %s; ' \
            'export %s; }' % (self.r.choice(['t2', 'master4']),
                              self.r.choice(['none', 'filter f3']),
                              self.policy())
        return one

    def channel(self, family):
        more = self.some(
            ['import keep filtered;', 'next hop self;', 'preference 110;',
             'import limit 1000 action warn;', 'export limit 1000;',
             'receive limit 500 action restart;', 'gateway recursive;',
             'rpki reload off;', 'mandatory;', 'aigp originate;', 'cost 5;'],
            0.15)
        import_ = self.policy()
        export = self.policy()
        if family == 'ipv6':
            more = more.replace('gateway recursive;', '')
            import_ = self.r.choice(['all', 'none', 'where net.len > 40'])
            export = self.r.choice(['all', 'none', 'where source=RTS_STATIC'])
        return '%s { import %s; export %s; %s };' % (family, import_, export,
                                                     more)

    def bgp(self, n):
        asn = [0, 65011, 65012, 65000][n]
        base = 'from common' if self.maybe(0.4) else ''
        own = 'local 10.0.0.%d as 65000;' % n
        options = self.some(
            ['hold time %d;' % self.r.choice([90, 120]), 'path metric off;',
             'med metric;', 'default bgp_med 5;', 'description "x y";',
             'default bgp_local_pref 105;', 'allow local as 1;',
             'interpret communities off;', 'enable extended messages;',
             'advertise hostname;', 'error wait time 1, 2;',
             'graceful restart aware;', 'enable route refresh;'], 0.15)
        if n == 3:
            options += ' direct; ' + self.some(['rr client;'], 0.3)
        else:
            options += self.some([' allow bgp_local_pref;',
                                  ' enforce first as;'], 0.2)
        families = self.channel('ipv4')
        if n != 2 and self.maybe(0.5):
            families += ' ' + self.channel('ipv6')
        return ('protocol bgp n%d %s { %s neighbor 10.0.0.%d as %d; '
                'connect delay time 1; connect retry time 2; '
                '%s\n\t%s }' % (n, base, own, 10 + n, asn, options, families))

    def template(self):
        return 'template bgp common { local 10.0.0.1 as 65000; %s ' \
            'ipv4 { import %s; export %s; }; }' % (
                self.some(['hold time 99;', 'default bgp_med 9;'], 0.3),
                self.policy(), self.policy())

    def tunnel(self):
        if self.maybe(0.4):
            return ''
        name = self.r.choice(['wg0', 'wg0', 'wg1'])
        peers = ''
        for n, key in enumerate(KEYS):
            if not self.maybe(0.6):
                continue
            # An endpoint can be changed, but not be taken back, and of two
            # routes that are as good the older one is the best: so every
            # peer has one, and preferences differ.
            peers += '\n\tpeer "p%d" { public key "%s"; %s %s%s };' % (
                n, key, 'endpoint "10.0.0.11:%d";' %
                self.r.randint(1000, 1003), self.some(
                    ['persistent keepalive %d;' % self.r.randint(20, 22),
                     'preshared key "%s";' % OWN], 0.4),
                'allowed ips %s;' % self.r.choice(
                    ['none', '10.60.%d.0/24' % n, '10.60.%d.0/24, '
                     'fd60:%d::/64' % (n, n), '10.50.%d.0/24' % n]))
        return ('protocol wireguard w { interface "%s"; private key "%s"; '
                'backend userspace; %s%s%s %s }' % (
                    name, OWN, 'listen port %d; ' %
                    self.r.choice([5000, 5001]),
                    self.some(['address 10.60.200.1/24;',
                               'address fd60:200::1/64;', 'mtu 1300;',
                               'fwmark 7;', 'forward;', 'clamp mss;',
                               'link local none;'], 0.35), peers,
                    'ipv4 { import %s; export none; };' %
                    self.r.choice(['all', 'none', 'filter f2'])
                    if self.maybe(0.6) else ''))

    def globals(self):
        return '\n'.join(
            ['router id %s;' % ('10.0.0.1' if self.maybe(0.9) else
                                '10.0.0.2'),
             'ipv4 table t1;', 'ipv4 table t2;', 'roa4 table r4;',
             self.some(['graceful restart wait 20;', 'debug protocols off;',
                        'hostname "here";'], 0.2)])

    def parts(self):
        """Each is made anew, or not, when A becomes B."""
        v = [('globals', self.globals), ('defines', self.defines),
             ('filters', self.filters), ('template', self.template),
             ('device', lambda: 'protocol device { scan time %d; }' %
              self.r.choice([5, 60])),
             ('direct', lambda: self.r.choice(
                 ['', 'protocol direct { ipv4; interface "v0"; }',
                  'protocol direct { ipv4; ipv6; interface "-w*", "*"; }'])),
             ('static6', self.static6), ('roas', self.roas),
             ('kernel', self.kernel), ('tunnel', self.tunnel)]
        v += [('static%d' % n, lambda n=n: self.static(n) if
               self.maybe(0.8) else '') for n in (1, 2, 3)]
        v += [('pipes', lambda: self.pipes() if self.maybe(0.7) else '')]
        v += [('bgp%d' % n, lambda n=n: self.bgp(n) if self.maybe(0.8)
               else '') for n in (1, 2, 3)]
        return v

    def next(self, before):
        # All new, or a part of it, or one thing only.
        p = self.r.choice([1, 0.3, 0.3, 0.12])
        return {name: make() if before is None or self.maybe(p)
                else before[name] for name, make in self.parts()}


def text_of(parts):
    return '\n'.join(parts.values()) + '\n'


# ---- asking -----------------------------------------------------------------

def ask(ctl, command):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(60)
    s.connect(ctl)
    s.sendall((command + '\n').encode())
    b = b''
    ends = 0
    while ends < 2:
        more = s.recv(1 << 20)
        if not more:
            break
        b += more
        ends = len(re.findall(rb'(?m)^\d{4} [^\n]*\n', b))
    s.close()
    text = b.decode().split('\n', 1)[1]
    return re.sub(r'(?m)^(\d{4}-| |\d{4} $)', '', text)


def inside(host, *command):
    r = subprocess.run(
        ['nsenter', '--target', pids[host], '--mount', '--net', '--uts',
         '--root', '--', *command], capture_output=True, text=True)
    return r.stdout


DATE = r'(\d\d:\d\d:\d\d\.\d{3}|\d{4}-\d\d-\d\d)'
FORGET = re.compile(r'(?m)^ *(Import|Export) (updates|withdraws):.*\n|'
                    r'^ *(Route change stats|Hold timer|Keepalive timer|'
                    r'Send hold timer|Connect delay|Last error|'
                    r'Error wait|Message|FSM established|Rcvd|Sent|'
                    r'Connect retry|Received|Hostname:).*\n')


def protocols(ctl):
    text = re.sub(DATE, 'T', ask(ctl, 'show protocols all'))
    return FORGET.sub('', text)


def nets(text):
    """Each net with its routes sorted; nets and tables sorted, too."""
    tables, name, net = {}, '', None
    for line in re.sub(DATE, 'T', text).split('\n'):
        if line.startswith('Table '):
            name = line
        elif line[:1] == '\t':
            tables[name][-1][1].append(line)
        elif line.strip():
            if line[0] != ' ':
                net = line.split()[0]
            tables.setdefault(name, []).append((net, [line.split(None, 1)[1]
                if line[0] != ' ' else line.strip()]))
    out = []
    for name in sorted(tables):
        rows = sorted((n, '\n'.join(v)) for n, v in tables[name])
        out += [name] + ['%s %s' % row for row in rows]
    return '\n'.join(out) + '\n'


def heard(ctl):
    """What the neighbour was told: attributes, but no times."""
    text = ask(ctl, 'show route table all all where source = RTS_BGP')
    return nets(text)


def kernel(host):
    out = ''
    for args in (['-4', 'route', 'show', 'table', 'all'],
                 ['-6', 'route', 'show', 'table', 'all']):
        rows = inside(host, 'ip', '-o', *args).split('\n')
        out += '\n'.join(sorted(x.strip() for x in rows if
                                'proto bird' in x)) + '\n'
    rows = inside(host, 'ip', '-o', 'address').split('\n')
    out += '\n'.join(sorted(re.sub(r'^\d+: ', '', x) for x in rows
                            if ' wg' in x)) + '\n'
    dump = inside(host, 'wg', 'show', 'all', 'dump')
    rows = []
    for line in dump.split('\n'):
        v = line.split('\t')
        if len(v) == 9:     # a peer: no handshakes and counters; no order
            v = v[:4] + [','.join(sorted(v[4].split(',')))] + v[8:]
        rows.append('\t'.join(v))
    out += '\n'.join(sorted(rows)) + '\n'
    for i in ('wg0', 'wg1'):
        found = re.search(r'mtu \d+', inside(host, 'ip', 'link', 'show', i))
        out += '%s %s\n' % (i, found.group(0) if found else '-')
    return out + inside(host, 'nft', 'list', 'table', 'inet', 'warren')


def state(n):
    host, ctl = 'r%d' % n, '%s/r%d.ctl' % (folder, n)
    return '\n'.join([
        protocols(ctl), nets(ask(ctl, 'show route table all all')),
        nets(ask(ctl, 'show route table all filtered')),
        re.sub(r'\(index \d+\)', '', ask(ctl, 'show static')),
        '\n'.join(sorted(ask(ctl, 'show symbols').split('\n'))),
        kernel(host), heard('%s/p%d.ctl' % (folder, n))])


# ---- the run ----------------------------------------------------------------

def start(n, conf):
    log = open('%s/warrend%d.log' % (folder, n), 'a')
    p = subprocess.Popen(
        ['nsenter', '--target', pids['r%d' % n], '--mount', '--net', '--uts',
         '--root', '--', *os.environ.get('DEBUGGER', '').split(), 'warrend', '-f', '-c', conf, '-s',
         '%s/r%d.ctl' % (folder, n)], stdout=log, stderr=log,
        stdin=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            ask('%s/r%d.ctl' % (folder, n), 'show status')
            return p
        except OSError:
            time.sleep(0.05)
    sys.exit('warrend does not start with %s' % conf)


def stop(n, p):
    ask('%s/r%d.ctl' % (folder, n), 'down')
    p.wait(60)


def compare(conf, running, fresh):
    """Both come to rest; then they are to be the same."""
    end = time.monotonic() + 60
    while True:
        time.sleep(0.4)
        try:
            a, b = state(1), state(2)
        except OSError as e:
            sys.exit('%s: %s; r1 %s, r2 %s' % (
                conf, e, running.poll(), fresh.poll()))
        if a == b or time.monotonic() > end:
            break
    if a == b:
        return None
    for n, s in ((1, a), (2, b)):
        with open('%s/%s.%d.state' % (folder, conf, n), 'w') as f:
            f.write(s)
    return '\n'.join(list(difflib.unified_diff(
        b.split('\n'), a.split('\n'), 'started', 'reloaded', 'T', 'T', 2,
        lineterm=''))[:60])


def main():
    make = Maker(random.Random(seed))
    parts, before, running = None, 'nothing', None
    bad = 0
    for i in range(pairs + 1):
        parts = make.next(parts)
        name = 'c%d' % i
        conf = '%s/%s.conf' % (folder, name)
        with open(conf, 'w') as f:
            f.write(text_of(parts))
        if subprocess.run(['warrend', '-p', '-c', conf]).returncode:
            sys.exit('%s is refused' % conf)
        if running is None:
            running = start(1, conf)
        else:
            said = ask('%s/r1.ctl' % folder, 'configure "%s"' % conf)
            if 'econfigur' not in said:
                sys.exit('%s: %s' % (conf, said))
        fresh = start(2, conf)
        diff = compare(name, running, fresh)
        if diff is not None:
            bad += 1
            print('seed %d: from %s to %s:\n%s' % (seed, before, name, diff))
        stop(2, fresh)
        before = name
    stop(1, running)
    left = kernel('r1')
    if 'proto bird' in left or '\twg' in left:
        print('left behind:\n' + left)
        bad += 1
    print('%d pairs, %d differ' % (pairs, bad))
    sys.exit(1 if bad else 0)


main()
