# SPDX-License-Identifier: ISC
"""A grammar that makes random programs of the filter language.

Maker gives text that is well typed, unless it is asked to be wrong.  What
BIRD 2.0.12 has wrong, or says differently for reasons of its own, is left
out; each place says why.
"""
import random
import re
import socket

# --- names and numbers that come back often enough to meet ---------------

ASNS = ['65001', '65002', '65003', '65004', '65005', '64512', '1', '0',
        '23456', '4200000000', '4294967295']
SMALL = ['0', '1', '2', '3', '4', '5', '7', '8', '16', '24', '32', '100']
INTS = SMALL + ASNS + ['255', '256', '65535', '65536', '2147483647',
                       '2147483648', '4294967295', '0x10', '0xffff']
HALVES = ['0', '1', '2', '3', '5', '100', '64511', '64512', '65001',
          '65535']
IP4S = ['10.0.0.1', '10.1.0.0', '10.1.2.3', '10.255.255.255', '192.0.2.1',
        '192.0.2.7', '192.0.2.200', '0.0.0.0', '255.255.255.255',
        '172.20.0.1', '127.0.0.1']
IP6S = ['2001:db8::1', '2001:db8:1::', '2001:db8::ffff', '::', 'fe80::1',
        'fd00:1:2:3::4', '2001:db8:0:1::7', 'ff02::1']
NETS4 = ['0.0.0.0/0', '10.0.0.0/8', '10.0.0.0/9', '10.1.0.0/16',
         '10.1.2.0/24', '10.1.2.128/25', '10.1.2.3/32', '10.1.128.0/17',
         '10.2.0.0/15', '172.20.0.0/14', '172.20.0.0/24', '172.20.1.0/26',
         '192.0.2.0/24', '192.168.0.0/16', '192.168.7.0/28', '128.0.0.0/1',
         '10.254.0.0/16', '10.127.255.0/24']
NETS6 = ['::/0', '2001:db8::/32', '2001:db8:1::/48', '2001:db8:1:2::/64',
         'fd00::/8', 'fd00:1:2::/48', 'fd00:1:2:3::/64', '2001:db8::1/128',
         '2000::/3', 'fe80::/10', '2001:db8:8000::/33',
         '2001:db8:0:1::/64', '2001:db8:ffff::/48', 'fd00:1:2:3::4/127']
STRINGS = ['', 'a', 'b', 'static', 's1', 'd0', 'x y', 'TRUE', '10.1.2.0/24',
           'a*b', 'longer text, with a comma']
PATTERNS = ['*', 's*', '?', '??', '*1', 's?', 'd0', 'a*', '*y', '']
RDS = ['0:0', '1:1', '65001:2', '65001:65536', '4200000000:1', '10.0.0.1:5',
       '2:65001:3', '0:65001:9']
KINDS = ['rt', 'ro', 'generic', 'unknown 0x4003', 'unknown 0x10']
ENUMS = {
    'rts': ['RTS_STATIC', 'RTS_INHERIT', 'RTS_DEVICE', 'RTS_STATIC_DEVICE',
            'RTS_REDIRECT', 'RTS_RIP', 'RTS_OSPF', 'RTS_OSPF_IA',
            'RTS_OSPF_EXT1', 'RTS_OSPF_EXT2', 'RTS_BGP', 'RTS_PIPE',
            'RTS_BABEL'],
    'rtd': ['RTD_UNICAST', 'RTD_BLACKHOLE', 'RTD_UNREACHABLE',
            'RTD_PROHIBIT'],
    'scope': ['SCOPE_HOST', 'SCOPE_LINK', 'SCOPE_SITE',
              'SCOPE_ORGANIZATION', 'SCOPE_UNIVERSE'],
    'origin': ['ORIGIN_IGP', 'ORIGIN_EGP', 'ORIGIN_INCOMPLETE'],
    'roa': ['ROA_UNKNOWN', 'ROA_VALID', 'ROA_INVALID'],
    'net': ['NET_IP4', 'NET_IP6', 'NET_ROA4', 'NET_ROA6', 'NET_VPN4',
            'NET_VPN6', 'NET_FLOW4', 'NET_FLOW6', 'NET_IP6_SADR'],
}
LISTS = {'clist': 'pair', 'eclist': 'ec', 'lclist': 'lc'}
EMPTY = {'bgppath': '+empty+', 'clist': '-empty-', 'eclist': '--empty--',
         'lclist': '---empty---'}
VALUES = ['int', 'bool', 'ip', 'prefix', 'pair', 'quad', 'ec', 'lc',
          'string', 'bgppath', 'clist', 'eclist', 'lclist', 'rd']
SETS = ['int set', 'ip set', 'pair set', 'ec set', 'lc set', 'prefix set',
        'rd set']
# BIRD shows prefix sets as nodes of its trie, pair sets without ranges.
PRINTED = ['int set', 'ip set', 'ec set', 'lc set', 'rd set']
TYPES = VALUES + SETS + ['bgpmask']

KRT_INTS = ['krt_realm', 'krt_scope', 'krt_mtu',
            'krt_window', 'krt_rtt', 'krt_rttvar', 'krt_sstresh',
            'krt_cwnd', 'krt_advmss', 'krt_reordering', 'krt_hoplimit',
            'krt_initcwnd', 'krt_rto_min', 'krt_initrwnd', 'krt_quickack']
KRT_BITS = ['krt_lock_mtu', 'krt_lock_window', 'krt_lock_rtt',
            'krt_lock_rttvar', 'krt_lock_sstresh', 'krt_lock_cwnd',
            'krt_lock_advmss', 'krt_lock_reordering', 'krt_lock_hoplimit',
            'krt_lock_rto_min', 'krt_feature_ecn']  # _allfrag ends BIRD
# Attributes that come and go, by type.
DYNAMIC = {
    'int': ['bgp_med', 'bgp_local_pref', 'igp_metric', 'u_int'] + KRT_INTS,
    'bool': KRT_BITS,
    'ip': ['bgp_next_hop', 'krt_prefsrc', 'u_ip'],
    'quad': ['bgp_originator_id', 'u_quad'],
    'bgppath': ['bgp_path', 'u_path'],
    'clist': ['bgp_community', 'bgp_cluster_list', 'u_clist'],
    'eclist': ['bgp_ext_community', 'u_eclist'],
    'lclist': ['bgp_large_community', 'u_lclist'],
    'origin': ['bgp_origin'],
}
# Those that are always there.
STATIC = {
    'int': ['preference', 'weight', 'ifindex'], 'ip': ['from', 'gw'],
    'prefix': ['net'], 'string': ['proto', 'ifname'], 'rts': ['source'],
    'rtd': ['dest'], 'scope': ['scope'], 'bool': ['onlink'],
}
ATTRIBUTES = """attribute int u_int;
attribute ip u_ip;
attribute quad u_quad;
attribute bgppath u_path;
attribute clist u_clist;
attribute eclist u_eclist;
attribute lclist u_lclist;
"""
# "unset" and methods as statements know no attributes of the user's (2.0.12).
BUILT_IN = {k: [a for a in v if not a.startswith('u_')]
            for k, v in DYNAMIC.items()}
OFTEN = ['bgp_path', 'bgp_community', 'bgp_large_community',
         'bgp_ext_community', 'bgp_med', 'bgp_local_pref', 'preference']

# Binding strength of an expression's text; see the guide, and filter_parse.h.
LOGIC, COMPARE, SUM, PRODUCT, NOT, ATOM = range(6)


class Scope:
    """What may be named at some place of a program."""

    def __init__(self, up=None, function=None):
        self.up = up
        self.vars = {} if up is None else {t: list(v) for t, v in
                                           up.vars.items()}
        self.function = up.function if up else function

    def declare(self, kind, name):
        self.vars.setdefault(kind, []).append(name)


class Maker:
    """Programs, out of random numbers."""

    def __init__(self, seed, batch):
        self.random = random.Random('%s/%s' % (seed, batch)).random
        self.names = 0
        self.constants = {}
        self.functions = []     # (name, argument types, type of result)
        self.const = False      # nothing but constants may stand here
        self.six = False
        self.quiet = False      # no calls: functions may print
        self.tame = 0           # no calls of what may give another type
        self.wild = False       # this function may
        self.wilds = set()
        self.four = False       # no set of IPv6 addresses
        self.wrong = 0          # how often another type is taken

    # -- chance

    def below(self, n):
        return int(self.random() * n)

    def often(self, p):
        return self.random() < p

    def pick(self, seq):
        return seq[int(self.random() * len(seq))]

    def weighted(self, pairs):
        x = self.random() * sum(w for w, _ in pairs)
        for w, value in pairs:
            x -= w
            if x < 0:
                return value
        return pairs[-1][1]

    def name(self, kind):
        self.names += 1
        return '%s%d' % (kind, self.names)

    # -- expressions: text that binds at least as strongly as wanted

    def wrap(self, text, level, want):
        if level < want or self.often(0.05):
            return '(' + text + ')'
        return text

    def expr(self, kind, sc, deep=3, want=LOGIC):
        if self.wrong and self.often(self.wrong):
            kind = self.pick(TYPES + list(ENUMS))
        if kind in ENUMS:
            return self.enum(kind, sc)
        if deep <= 0 or self.often(0.2):
            return self.leaf(kind, sc)
        make = getattr(self, 'make_' + kind.replace(' ', '_'), None)
        if make is None:
            return self.leaf(kind, sc)
        text, level = make(sc, deep - 1)
        return self.wrap(text, level, want)

    def enum(self, kind, sc):
        if not self.const and self.often(0.5):
            names = STATIC.get(kind, []) + DYNAMIC.get(kind, [])
            if names:
                return self.pick(names)
            if kind == 'net':
                return self.expr('prefix', sc, 1, ATOM) + '.type'
            if kind == 'roa':
                return self.roa(sc)
        return self.pick(ENUMS[kind])

    def roa(self, sc):
        table = self.pick(['r4', 'r6'])
        if self.often(0.4):
            return 'roa_check(%s)' % table
        return 'roa_check(%s, %s, %s)' % (
            table, self.pick(['net', self.expr('prefix', sc, 1)]),
            self.pick(['bgp_path.last', self.pick(ASNS)]))

    def leaf(self, kind, sc):
        """A name, or a literal."""
        choices = []
        if not self.const:
            choices += sc.vars.get(kind, []) * 2
            choices += STATIC.get(kind, [])
            some = DYNAMIC.get(kind)
            if some:
                choices += [a for a in some if a in OFTEN] * 3
                choices.append(self.pick(some))
        choices += self.constants.get(kind, [])[:2]
        if choices and self.often(0.55):
            return self.pick(choices)
        return getattr(self, 'literal_' + kind.replace(' ', '_'))(sc)

    def literal_int(self, sc):
        return self.pick(INTS)

    def literal_bool(self, sc):
        return self.pick(['true', 'false'])

    def literal_ip(self, sc):
        return self.pick(IP6S if self.often(0.4) else IP4S)

    def literal_prefix(self, sc):
        return self.pick(NETS6 if self.often(0.3) else NETS4)

    def literal_pair(self, sc):
        return '(%s,%s)' % (self.pick(HALVES), self.pick(HALVES))

    def literal_quad(self, sc):
        return self.pick(IP4S)

    def literal_ec(self, sc):
        kind = self.pick(KINDS)
        n = self.below(3)
        if n == 0 or kind == 'generic':
            return '(%s, %s, %s)' % (kind, self.pick(HALVES),
                                     self.pick(INTS))
        if n == 1:
            return '(%s, %s, %s)' % (kind, self.pick(IP4S),
                                     self.pick(HALVES))
        return '(%s, %s, %s)' % (kind, self.pick(ASNS), self.pick(HALVES))

    def literal_lc(self, sc):
        return '(%s, %s, %s)' % (self.pick(ASNS), self.pick(SMALL),
                                 self.pick(INTS))

    def literal_string(self, sc):
        return '"%s"' % self.pick(STRINGS)

    def literal_rd(self, sc):
        return self.pick(RDS)

    def literal_bgppath(self, sc):
        text = '+empty+'
        for _ in range(self.below(4)):
            text = 'prepend(%s, %s)' % (text, self.pick(ASNS))
        return text

    def literal_list(self, kind, sc):
        text = EMPTY[kind]
        item = LISTS[kind]
        for _ in range(self.below(4)):
            text = 'add(%s, %s)' % (text, self.leaf(item, sc))
        return text

    def literal_clist(self, sc):
        return self.literal_list('clist', sc)

    def literal_eclist(self, sc):
        return self.literal_list('eclist', sc)

    def literal_lclist(self, sc):
        return self.literal_list('lclist', sc)

    # Sets: items that do not overlap, as BIRD looks for one range only.

    def some(self, seq, most):
        """Different ones, in a random order."""
        left = list(dict.fromkeys(seq))
        out = []
        for _ in range(1 + self.below(min(most, len(left)))):
            out.append(left.pop(self.below(len(left))))
        return out

    def ranges(self, numbers, text, dots='..', most=5):
        """Of numbers in order: single ones and ranges between them."""
        chosen = sorted(self.some(numbers, most * 2))
        out = []
        while chosen:
            lo = chosen.pop(0)
            if chosen and self.often(0.4):
                out.append(text(lo) + dots + text(chosen.pop(0)))
            else:
                out.append(text(lo))
        k = self.below(len(out))
        return out[k:] + out[:k]

    def plain(self, n):
        if self.often(0.1):
            return '(%d + %d)' % (n // 2, n - n // 2)
        return str(n)

    def int_items(self):
        return self.ranges([int(i, 0) for i in INTS], self.plain)

    def literal_int_set(self, sc):
        return '[' + ', '.join(self.int_items()) + ']'

    def ip_items(self):
        if self.often(0.3) and not self.four:
            order = sorted(IP6S, key=lambda a: socket.inet_pton(
                socket.AF_INET6, a))
        else:
            order = sorted(IP4S, key=socket.inet_aton)
        return self.ranges(range(len(order)), lambda i: order[i], '..', 3)

    def literal_ip_set(self, sc):
        return '[' + ', '.join(self.ip_items()) + ']'

    def half(self, lo=0):
        """A number, a range, or all, of what fits 16 bits, as text."""
        n = self.below(6)
        if n == 0:
            return '*'
        a = self.pick(HALVES)
        b = self.pick(HALVES)
        if n == 1 and int(a) < int(b):
            return a + '..' + b
        return a

    def pair_items(self):
        out = []
        for a in self.some(HALVES, 4):
            n = self.below(8)
            if n == 0:
                out.append('(%s,*)' % a)
            elif n == 1:
                b = self.pick(['2', '7', '100'])
                out.append('(%s,%s)..(%s,%s)' % (a, b, a, '64511'))
            else:
                for b in self.ranges([int(x) for x in HALVES],
                                     self.plain, '..', 2):
                    out.append('(%s,%s)' % (a, b))
        return out

    def literal_pair_set(self, sc):
        n = self.below(10)
        if n == 0:
            return '[(*,%s)]' % self.half_no_star()
        if n == 1:
            return '[(%s,%s)]' % (self.pick(['0..3', '64512..65001',
                                             '1..65535']), self.half())
        if n == 2:
            return '[(*,*)]'
        return '[' + ', '.join(self.pair_items()) + ']'

    def half_no_star(self):
        while True:
            text = self.half()
            if text != '*':
                return text

    def ec_items(self):
        out = []
        for kind in self.some(KINDS, 3):
            for key in self.some(HALVES, 2):
                tail = self.pick(['*', self.pick(HALVES), '1..100',
                                  '2..65535'])
                out.append('(%s, %s, %s)' % (kind, key, tail))
        return out

    def literal_ec_set(self, sc):
        return '[' + ', '.join(self.ec_items()) + ']'

    def lc_items(self):
        out = []
        for asn in self.some(ASNS, 3):
            n = self.below(5)
            if n == 0:
                out.append('(%s, *, *)' % asn)
            elif n == 1:
                out.append('(%s, 1..5, *)' % asn)
            elif n == 2:
                out.append('(%s, 1, 2)..(%s, 5, 7)' % (asn, asn))
            else:
                for x in self.some(SMALL, 2):
                    out.append('(%s, %s, %s)' % (asn, x, self.pick(
                        ['*', self.pick(INTS), '0..100'])))
        return out

    def literal_lc_set(self, sc):
        if self.often(0.05):
            return '[(*, *, *)]'
        if self.often(0.05):
            return '[(65001..65003, *, *)]'
        return '[' + ', '.join(self.lc_items()) + ']'

    def literal_rd_set(self, sc):
        return '[' + ', '.join(self.some(RDS, 3)) + ']'

    def pattern(self, six):
        net = self.pick(NETS6 if six else NETS4)
        top = 128 if six else 32
        n = self.below(5)
        if n == 0:
            return net + '+'
        if n == 1:
            return net + '-'
        if n == 2:
            return net
        lo = self.pick([0, 8, 16, 24, 25, 32] + ([48, 64, 128] if six
                                                 else []))
        hi = self.pick([x for x in (8, 16, 24, 28, 32, 48, 64, 128)
                        if lo <= x <= top] or [top])
        return '%s{%d,%d}' % (net, lo, hi)

    def literal_prefix_set(self, sc):
        six = self.six if self.often(0.85) else not self.six
        return '[' + ', '.join(self.pattern(six) for _ in
                               range(1 + self.below(5))) + ']'

    def literal_bgpmask(self, sc):
        out = []
        for _ in range(self.below(6)):
            n = self.below(10)
            if n < 3:
                out.append('*')
            elif n == 3:
                out.append('?')
            elif n == 4:
                out.append('65001..65003')
            elif n == 5:
                out.append('[' + ', '.join(self.int_items()) + ']')
            elif n == 6 and sc.vars.get('int') and not self.const:
                out.append(self.pick(sc.vars['int']))
            elif n == 7:
                out.append('(' + self.expr('int', sc, 1) + ')')
            else:
                out.append(self.pick(ASNS[:6]))
            if self.often(0.15):
                out.append('+')
        return '[= ' + ' '.join(out) + ' =]'

    # What gives each type.

    def binary(self, kind, sc, deep, op, level):
        # Left associative: the right side must bind tighter.
        return (self.expr(kind, sc, deep, level) + ' ' + op + ' ' +
                self.expr(kind, sc, deep, level + 1), level)

    def call(self, kind, sc, deep):
        """A function that gives it, or (seldom) anything."""
        fits = [f for f in self.functions if f[2] == kind and
                not (self.tame and f[0] in self.wilds)]
        if not fits or self.const or self.quiet:
            return None
        name, args, _ = self.pick(fits)
        return ('%s(%s)' % (name, self.arguments(args, sc, deep - 1)),
                ATOM)

    def arguments(self, args, sc, deep):
        # BIRD hands over what is of another type, and sees it later.
        self.tame += 1
        text = ', '.join(self.expr(a, sc, deep) for a in args)
        self.tame -= 1
        return text

    def make_int(self, sc, deep):
        n = self.below(14)
        if n < 3:
            op, level = self.pick([('+', SUM), ('-', SUM), ('*', PRODUCT)])
            return self.binary('int', sc, deep, op, level)
        if n == 3:
            if self.const:
                return ('%s / %s' % (self.expr('int', sc, deep, PRODUCT),
                                     self.pick(['1', '2', '7'])), PRODUCT)
            return ('%s / %s' % (
                self.expr('int', sc, deep, PRODUCT),
                self.pick(['2', '3', 'bgp_path.len', 'preference',
                           'bgp_community.len'])), PRODUCT)
        if n < 8:
            kind, method = self.pick([
                ('bgppath', 'len'), ('bgppath', 'first'),
                ('bgppath', 'last'), ('bgppath', 'last_nonaggregated'),
                ('clist', 'len'), ('eclist', 'len'), ('lclist', 'len'),
                ('prefix', 'len'), ('pair', 'asn'), ('pair', 'data'),
                ('lc', 'asn'), ('lc', 'data1'), ('lc', 'data2')])
            return (self.expr(kind, sc, deep, ATOM) + '.' + method, ATOM)
        if n == 8 and self.often(0.1) and not self.const:
            return ('net.' + self.pick(['maxlen', 'asn']), ATOM)
        if n < 12:
            called = self.call('int', sc, deep)
            if called:
                return called
        return (self.leaf('int', sc), ATOM)

    def make_bool(self, sc, deep):
        n = self.below(20)
        if n < 4:
            return self.binary('bool', sc, deep, self.pick(['&&', '||']),
                               LOGIC)
        if n < 6:
            return ('! ' + self.expr('bool', sc, deep, NOT), NOT)
        if n < 9:
            kind = self.pick(VALUES + list(ENUMS) + ['int', 'int'])
            return ('%s %s %s' % (
                self.expr(kind, sc, deep, SUM), self.pick(['=', '!=']),
                self.expr(kind, sc, deep, SUM)), COMPARE)
        if n < 11:
            kind = self.pick(['int', 'int', 'ip', 'prefix', 'pair', 'quad',
                              'ec', 'lc', 'rd', 'bool'] + list(ENUMS))
            return ('%s %s %s' % (
                self.expr(kind, sc, deep, SUM),
                self.pick(['<', '>', '<=', '>=']),
                self.expr(kind, sc, deep, SUM)), COMPARE)
        if n < 16:
            return self.match(sc, deep)
        if n == 16 and not self.const:
            if self.often(0.5):
                return ('defined(%s)' % self.pick(
                    [a for k in DYNAMIC for a in DYNAMIC[k]] + OFTEN * 3),
                        ATOM)
            return ('defined(%s)' % self.expr(self.pick(VALUES), sc, deep),
                    ATOM)
        if n == 17:
            return (self.expr('ip', sc, deep, ATOM) + '.is_v4', ATOM)
        called = self.call('bool', sc, deep)
        return called or (self.leaf('bool', sc), ATOM)

    def match(self, sc, deep):
        left, right = self.pick([
            ('prefix', 'prefix set'), ('net', 'prefix set'),
            ('net', 'prefix set'), ('net', 'prefix'),
            ('prefix', 'prefix'), ('ip', 'prefix'), ('int', 'int set'),
            ('int', 'bgppath'), ('pair', 'clist'), ('quad', 'clist'),
            ('ec', 'eclist'), ('lc', 'lclist'), ('pair', 'pair set'),
            ('ec', 'ec set'), ('lc', 'lc set'), ('ip', 'ip set'),
            ('quad', 'ip set'), ('rd', 'rd set'),
            ('bgppath', 'bgpmask'), ('bgp_path', 'bgpmask'),
            ('bgp_path', 'bgpmask'), ('bgp_path', 'int set'),
            ('bgppath', 'int set'), ('clist', 'pair set'),
            ('bgp_community', 'pair set'), ('clist', 'ip set'),
            ('eclist', 'ec set'), ('lclist', 'lc set'),
            ('string', 'pattern'), ('enum', 'enum set'),
            ('any', 'empty set'), ('ip', 'clist')])
        if left in ('net', 'bgp_path', 'bgp_community'):
            kind = {'net': 'prefix', 'bgp_path': 'bgppath',
                    'bgp_community': 'clist'}[left]
            a = left if not self.const else self.leaf(kind, sc)
        elif left == 'enum':
            left = self.pick(list(ENUMS))
            a = self.enum(left, sc)
        elif left == 'any':
            a = self.expr(self.pick(['int', 'ip', 'pair', 'bgppath', 'ec',
                                     'clist', 'lclist']), sc, deep, SUM)
        elif left == 'ip' and right == 'clist':
            a = self.pick(IP4S)
        else:
            a = self.expr(left, sc, deep, SUM)
        if right == 'pattern':
            b = '"%s"' % self.pick(PATTERNS)
        elif right == 'enum set':
            b = '[' + ', '.join(self.some(ENUMS[left], 4)) + ']'
        elif right == 'empty set':
            b = '[]'
        else:
            # A clist has IPv4 addresses, if any.
            self.four = left in ('clist', 'quad')
            b = self.expr(right, sc, deep, SUM)
            self.four = False
        return ('%s %s %s' % (a, self.pick(['~', '~', '!~']), b), COMPARE)

    def make_ip(self, sc, deep):
        n = self.below(4)
        if n == 0:
            return (self.expr('prefix', sc, deep, ATOM) + '.ip', ATOM)
        if n == 1:
            return ('%s.mask(%s)' % (self.expr('ip', sc, deep, ATOM),
                                     self.pick(SMALL[:-1])), ATOM)
        return self.call('ip', sc, deep) or (self.leaf('ip', sc), ATOM)

    def make_prefix(self, sc, deep):
        return self.call('prefix', sc, deep) or (self.leaf('prefix', sc),
                                                 ATOM)

    def make_pair(self, sc, deep):
        n = self.below(4)
        if n == 0:
            return ('(%s, %s)' % (self.small(sc, deep),
                                  self.small(sc, deep)), ATOM)
        if n == 1:
            return (self.expr('clist', sc, deep, ATOM) + '.' +
                    self.pick(['min', 'max']), ATOM)
        return self.call('pair', sc, deep) or (self.leaf('pair', sc), ATOM)

    def small(self, sc, deep):
        """A number that mostly fits 16 bits."""
        if self.const or self.often(0.7):
            return self.pick(HALVES)
        return self.pick(['bgp_path.len', 'net.len', 'bgp_path.last',
                          self.expr('pair', sc, deep - 1, ATOM) + '.data'])

    def make_quad(self, sc, deep):
        return (self.leaf('quad', sc), ATOM)

    def make_ec(self, sc, deep):
        n = self.below(4)
        if n == 0:
            return ('(%s, %s, %s)' % (self.pick(KINDS),
                                      self.small(sc, deep),
                                      self.small(sc, deep)), ATOM)
        if n == 1:
            return (self.expr('eclist', sc, deep, ATOM) + '.' +
                    self.pick(['min', 'max']), ATOM)
        return self.call('ec', sc, deep) or (self.leaf('ec', sc), ATOM)

    def make_lc(self, sc, deep):
        n = self.below(4)
        if n == 0:
            return ('(%s, %s, %s)' % tuple(
                self.expr('int', sc, deep - 1) for _ in range(3)), ATOM)
        if n == 1:
            return (self.expr('lclist', sc, deep, ATOM) + '.' +
                    self.pick(['min', 'max']), ATOM)
        return self.call('lc', sc, deep) or (self.leaf('lc', sc), ATOM)

    def make_string(self, sc, deep):
        if self.often(0.3):
            return ('format(%s)' % self.expr(self.pick(VALUES), sc, deep),
                    ATOM)
        return self.call('string', sc, deep) or (self.leaf('string', sc),
                                                 ATOM)

    def make_bgppath(self, sc, deep):
        n = self.below(6)
        path = self.expr('bgppath', sc, deep)
        if n < 2:
            return ('prepend(%s, %s)' % (path, self.expr('int', sc, deep)),
                    ATOM)
        if n == 2:
            return ('delete(%s, %s)' % (path, self.expr(self.pick(
                ['int', 'int set']), sc, deep)), ATOM)
        if n == 3:
            return ('filter(%s, %s)' % (path, self.expr('int set', sc,
                                                        deep)), ATOM)
        return self.call('bgppath', sc, deep) or (self.leaf('bgppath', sc),
                                                  ATOM)

    def make_list(self, kind, sc, deep):
        item = LISTS[kind]
        n = self.below(6)
        x = self.expr(kind, sc, deep)
        if n < 2:
            y = self.pick([item, item, kind] +
                          (['quad', 'ip'] if kind == 'clist' else []))
            if y == 'ip':
                y = self.pick(IP4S)
            else:
                y = self.expr(y, sc, deep)
            return ('add(%s, %s)' % (x, y), ATOM)
        if n < 4:
            word = self.pick(['delete', 'filter'])
            y = self.pick([item + ' set', item + ' set', kind] +
                          ([item] if word == 'delete' else []))
            return ('%s(%s, %s)' % (word, x, self.expr(y, sc, deep)), ATOM)
        return self.call(kind, sc, deep) or (self.leaf(kind, sc), ATOM)

    def make_clist(self, sc, deep):
        return self.make_list('clist', sc, deep)

    def make_eclist(self, sc, deep):
        return self.make_list('eclist', sc, deep)

    def make_lclist(self, sc, deep):
        return self.make_list('lclist', sc, deep)

    # -- statements

    def printed(self, sc):
        """What print gets: the place first, so that lines can be told."""
        out = ['"P "', 'proto', '" "', 'net']
        # BIRD 2.0.12 prints when all is computed, later ones as they go.
        self.quiet = True
        for _ in range(self.below(4)):
            kind = self.pick(VALUES + list(ENUMS) +
                             (['bgpmask'] if self.often(0.2) else []) +
                             ([self.pick(PRINTED)] if self.often(0.2) else
                              []))
            out += ['" "', self.expr(kind, sc, 2)]
        self.quiet = False
        return ', '.join(out)

    def block(self, sc, deep, most=4):
        inner = Scope(sc)
        lines = []
        for _ in range(1 + self.below(most)):
            lines += self.statement(inner, deep)
        return lines

    def indented(self, lines):
        return ['\t' + x for x in lines]

    def body(self, sc, deep):
        """A statement behind then, else and do: in braces or alone."""
        lines = self.block(sc, deep, 3)
        if len(lines) == 1 and self.often(0.5) and not re.match(
                r'(%s) ' % '|'.join(x.split()[0] for x in TYPES),
                lines[0]):
            return lines
        return ['{'] + self.indented(lines) + ['}']

    def statement(self, sc, deep):
        choice = self.weighted([
            (6, self.st_attr), (5, self.st_print), (4, self.st_declare),
            (3, self.st_assign), (4 * (deep > 0), self.st_if),
            (2 * (deep > 0), self.st_case), (2 * (deep > 0), self.st_for),
            (2, self.st_method), (1, self.st_unset), (1, self.st_call),
            (1 * (deep > 0), self.st_nested), (1.5, self.st_end),
            (1, self.st_return), (1, self.st_static)])
        return choice(sc, deep)

    def st_print(self, sc, deep):
        if self.often(0.1):
            first = self.printed(sc)
            self.quiet = True
            last = self.expr(self.pick(VALUES), sc, 2)
            self.quiet = False
            return ['printn %s;' % first, 'print "|", %s;' % last]
        return ['print %s;' % self.printed(sc)]

    def st_declare(self, sc, deep):
        kind = self.pick(TYPES)
        name = self.name('v')
        value = self.expr(kind, sc, 2)
        sc.declare(kind, name)
        return ['%s %s = %s;' % (kind, name, value)]

    def st_assign(self, sc, deep):
        kinds = [k for k in sc.vars if sc.vars[k]]
        if not kinds:
            return self.st_declare(sc, deep)
        kind = self.pick(kinds)
        name = self.pick(sc.vars[kind])
        if name.startswith('loop'):
            return self.st_print(sc, deep)
        return ['%s = %s;' % (name, self.expr(kind, sc, 3))]

    def st_attr(self, sc, deep):
        kind = self.pick(list(DYNAMIC))
        name = self.pick([a for a in DYNAMIC[kind] if a in OFTEN] * 3 +
                         DYNAMIC[kind])
        return ['%s = %s;' % (name, self.expr(kind, sc, 3))]

    def st_static(self, sc, deep):
        n = self.below(8)
        if n == 0:
            return ['from = %s;' % self.expr('ip', sc, 2)]
        if n == 1:
            return ['scope = %s;' % self.enum('scope', sc)]
        if n == 2:
            # BIRD remembers the weight of a next hop that is gone.
            return ['if dest = RTD_UNICAST then weight = 1;',
                    'dest = %s;' % self.pick(ENUMS['rtd'] + ['dest'])]
        if n == 3:
            return ['gw = %s;' % self.pick(
                ['192.0.2.7', '192.0.2.200', '192.0.2.1', '10.9.9.9',
                 '2001:db8::ffff', 'fe80::1', 'gw', 'from'])]
        if n == 4:
            return ['ifname = %s;' % self.pick(
                ['"d0"', '"d0"', '"nope"', 'ifname', '"lo"'])]
        if n == 5:
            return ['weight = %s;' % self.pick(
                ['1', '5', '256', '0', '257', self.expr('int', sc, 1)])]
        if n == 6:
            # BIRD keeps it where there is no next hop.
            return ['if dest = RTD_UNICAST then {', '\tonlink = %s;' %
                    self.expr('bool', sc, 1), '\tprint %s, onlink;' %
                    self.printed(sc), '\tonlink = false;', '}']
        return ['preference = %s;' % self.pick(
            ['0', '100', '65535', 'preference / 2 + 1', 'net.len',
             'bgp_path.len'])]

    def st_method(self, sc, deep):
        kind = self.pick(['bgppath', 'clist', 'eclist', 'lclist'])
        name = self.pick(BUILT_IN[kind][:1] * 3 + BUILT_IN[kind])
        if self.often(0.1):
            return ['%s.empty;' % name]
        if kind == 'bgppath':
            n = self.below(3)
            if n == 0:
                return ['%s.prepend(%s);' % (name, self.expr('int', sc, 2))]
            return ['%s.%s(%s);' % (
                name, ['filter', 'delete'][n - 1],
                self.expr('int set', sc, 1))]
        item = LISTS[kind]
        word = self.pick(['add', 'delete', 'filter'])
        what = {'add': [item, item, kind],
                'delete': [item, item + ' set', kind],
                'filter': [item + ' set', kind]}[word]
        return ['%s.%s(%s);' % (name, word, self.expr(self.pick(what), sc,
                                                      2))]

    def st_unset(self, sc, deep):
        return ['unset(%s);' % self.pick(
            BUILT_IN[self.pick(list(BUILT_IN))])]

    def st_call(self, sc, deep):
        if not self.functions:
            return self.st_print(sc, deep)
        name, args, _ = self.pick(self.functions)
        return ['%s(%s);' % (name, self.arguments(args, sc, 2))]

    def st_nested(self, sc, deep):
        return ['{'] + self.indented(self.block(sc, deep - 1)) + ['}']

    def st_if(self, sc, deep):
        out = ['if %s then' % self.expr('bool', sc, 3)]
        then = self.body(sc, deep - 1)
        if self.often(0.5):
            # An if without else inside would take the else for its own.
            if then[0] != '{':
                then = ['{'] + self.indented(then) + ['}']
            out += self.indented(then) + ['else']
            if self.often(0.3):
                return out + self.st_if(sc, deep - 1)
            return out + self.indented(self.body(sc, deep - 1))
        return out + self.indented(then)

    def st_case(self, sc, deep):
        kind = self.pick(['int', 'int', 'pair', 'ip', 'ec', 'lc', 'origin',
                          'rtd', 'quad', 'bool'])
        if kind == 'bool':
            kind = 'roa'
        if kind in ENUMS:
            items = self.some(ENUMS[kind], 3)
        else:
            self.four = kind == 'quad'
            items = getattr(self, {'quad': 'ip'}.get(kind, kind) +
                            '_items')()
            self.four = False
        # BIRD takes a value of another type for one that fits.
        self.quiet = True
        out = ['case %s {' % self.expr(kind, sc, 2)]
        self.quiet = False
        other = self.below(3)
        while items:
            n = 1 + self.below(min(3, len(items)))
            out.append('\t' + ', '.join(items[:n]) + ' :')
            items = items[n:]
            out += self.indented(self.indented(self.clause(sc, deep - 1)))
        if other:
            out += ['\telse:'] + self.indented(self.indented(
                self.clause(sc, deep - 1)))
        return out + ['}']

    def clause(self, sc, deep):
        # BIRD dies of an empty clause, and of one that is folded to nothing.
        first = self.pick([self.st_attr, self.st_print])(sc, 0)
        return first + self.block(sc, deep, 2)

    def st_for(self, sc, deep):
        kind, item = self.pick([('bgppath', 'int'), ('clist', 'pair'),
                                ('eclist', 'ec'), ('lclist', 'lc')])
        over = self.expr(kind, sc, 2)
        inner = Scope(sc)
        name = self.name('loop')
        inner.declare(item, name)
        lines = self.block(inner, deep - 1, 2)
        # Behind a block with variables BIRD 2.0.12 walks wrongly, unless one
        # is declared in between.
        return ['int %s = 0;' % self.name('v'),
                'for %s %s in %s do {' % (item, name, over)] + \
            self.indented(lines) + ['}']

    def st_end(self, sc, deep):
        word = self.pick(['accept', 'reject', 'accept'])
        if self.often(0.5):
            return ['%s %s;' % (word, self.printed(sc))]
        return [word + ';']

    def st_return(self, sc, deep):
        kind = sc.function
        if kind is None:
            # A filter that returns a bool means accept or reject.
            if self.often(0.3):
                return ['return %s;' % self.expr('bool', sc, 2)]
            return self.st_print(sc, deep)
        if self.wild and self.often(0.3):
            kind = self.pick(VALUES)
        return ['return %s;' % self.expr(kind, sc, 3)]

    # -- what stands at the top

    def define_constants(self):
        out = []
        self.const = self.four = True
        for kind in VALUES + SETS + ['bgpmask']:
            for _ in range(2):
                name = 'C_' + self.name(kind.replace(' ', '_'))
                out.append('define %s = %s;' % (
                    name, self.expr(kind, Scope(), 2)))
                self.constants.setdefault(kind, []).append(name)
        self.const = self.four = False
        return out

    def define_functions(self, n):
        out = []
        for _ in range(n):
            kind = self.pick(VALUES)
            args = [self.pick(TYPES) for _ in range(self.below(4))]
            name = self.name('g')
            sc = Scope(None, kind)
            names = []
            for a in args:
                arg = self.name('a')
                sc.declare(a, arg)
                names.append('%s %s' % (a, arg))
            early = self.name('e')
            self.wild = self.often(0.15)
            if self.wild:
                self.wilds.add(name)
            lines = []
            head = 'function %s(%s)' % (name, '; '.join(names))
            if self.often(0.2):
                lines.append('%s = %s;' % (early, self.expr(kind, sc, 1)))
                sc.declare(kind, early)
                head += ' %s %s;' % (kind, early)
            lines += self.block(sc, 1, 3)
            lines.append('return %s;' % self.expr(kind, sc, 3))
            out += [head, '{'] + self.indented(lines) + ['}']
            self.functions.append((name, args, kind))
        # One that calls itself, not too deep.
        out += ['function again(int n; int x)', '{',
                '\tif n = 0 || n > 9 then return x;',
                '\treturn %s;' % self.pick([
                    'again(n - 1, x + n)', 'again(n - 1, x) + n',
                    'again(n - 1, again(n - 1, x))',
                    'n * again(n - 1, x) + 1']), '}']
        self.functions.append(('again', ['int', 'int'], 'int'))
        return out

    def tail(self):
        """What hangs on the attributes alone, as far as its values do."""
        out = []
        for _ in range(1 + self.below(4)):
            out += self.pick([self.st_attr, self.st_method, self.st_method])(
                Scope(), 0)
        return out

    def define_filter(self, name):
        sc = Scope()
        if self.often(0.3):
            # Nets first, then attributes, as people do it.
            lines = ['if %s then {' % self.expr('bool', sc, 3)] + \
                self.indented(self.block(sc, 2, 3)) + ['}'] + self.tail()
        else:
            lines = self.block(sc, 3, 8)
        if self.often(0.97):
            lines += self.st_end(sc, 0) if self.often(0.3) else \
                ['accept;']
        return ['filter %s' % name, '{'] + self.indented(lines) + ['}']

    def route_block(self):
        """What a route has, besides where it leads."""
        self.const = True
        sc = Scope()
        lines = []
        for kind, names in DYNAMIC.items():
            for a in names:
                if self.often(0.6 if a in OFTEN else 0.15):
                    lines.append('%s = %s;' % (
                        a, self.route_value(kind, sc)))
        if self.often(0.3):
            lines.append('preference = %s;' % self.pick(['1', '100',
                                                         '65535']))
        self.const = False
        return ' '.join(lines)

    def route_value(self, kind, sc):
        if kind == 'bgppath':
            text = '+empty+'
            for _ in range(1 + self.below(6)):
                text = 'prepend(%s, %s)' % (text, self.pick(ASNS))
            return text
        if kind in LISTS:
            # Never empty: whether that is "defined" hangs in BIRD on where
            # the attributes are kept just then.
            text = EMPTY[kind]
            for _ in range(1 + self.below(4)):
                text = 'add(%s, %s)' % (text, getattr(
                    self, 'literal_' + LISTS[kind])(sc))
            return text
        if kind in ENUMS:
            return self.pick(ENUMS[kind])
        return getattr(self, 'literal_' + kind)(sc)

    # -- mistakes

    def spoil(self, lines):
        """One mistake of another sort than of type, somewhere."""
        lines = list(lines)
        i = 2 + self.below(len(lines) - 2)
        words = re.findall(r'"[^"]*"|[\w.:/]+|\s+|.', lines[i])
        k = self.below(len(words))
        n = self.below(6)
        if n == 0:
            del words[k]
        elif n == 1:
            words.insert(k, self.pick([';', '(', ')', '}', ']', '{', ',',
                                       '.', '+', 'then', 'else', 'in']))
        elif n == 2:
            words[k] = self.pick(['accept', 'net', 'unknown_name', '7',
                                  '10.1.2.3', '"text"', '~', 'bgp_path',
                                  'C_nothing', 'reject'])
        elif n == 3:
            words[k] += 'x'
        elif n == 4:
            words[k], words[-1] = words[-1], words[k]
        else:
            words = words[:k]
        lines[i] = ''.join(words)
        return lines
