#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A BMP station (RFC 7854) that trusts nobody.

usage: bmp_station.py ADDRESS PORT FILE

Takes one connection after the other, and writes what each message says to
FILE, a line each.  Whatever is not as the RFC has it is a line "BAD ...".
"""
import ipaddress
import socket
import struct
import sys

out = open(sys.argv[3], 'w', buffering=1)


class Bad(Exception):
    pass


def need(ok, why):
    if not ok:
        raise Bad(why)


class Cursor:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        need(self.at + n <= len(self.data), 'too short')
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n):
        return int.from_bytes(self.take(n), 'big')

    def left(self):
        return len(self.data) - self.at


def address(raw, ip6):
    if ip6:
        return str(ipaddress.IPv6Address(raw))
    need(raw[:12] == bytes(12), 'IPv4 is not padded with zeros')
    return str(ipaddress.IPv4Address(raw[12:]))


def bgp_message(c, kind):
    need(c.take(16) == b'\xff' * 16, 'marker')
    n, t = c.number(2), c.number(1)
    need(t == kind and n >= 19, 'BGP type %d, not %d' % (t, kind))
    return Cursor(c.take(n - 19))


def tlvs(c):
    while c.left():
        kind, n = c.number(2), c.number(2)
        yield kind, c.take(n)


def nlri(c, ip6, add_path):
    nets = []
    while c.left():
        path = '#%d' % c.number(4) if add_path else ''
        bits = c.number(1)
        need(bits <= (128 if ip6 else 32), 'prefix length')
        raw = c.take((bits + 7) // 8).ljust(16 if ip6 else 4, b'\0')
        nets.append('%s/%d%s' % (ipaddress.ip_address(raw), bits, path))
    return nets


def update(c, add_path):
    """'+NET' and '-NET' words, then attributes; 'eor FAMILY'."""
    withdrawn = nlri(Cursor(c.take(c.number(2))), False, 4 in add_path)
    attrs, text, seen = Cursor(c.take(c.number(2))), [], set()
    more, gone = [], []
    mp = None
    while attrs.left():
        flags, code = attrs.number(1), attrs.number(1)
        v = Cursor(attrs.take(attrs.number(2 if flags & 16 else 1)))
        need(code not in seen, 'attribute %d twice' % code)
        seen.add(code)
        if code == 1:
            need(len(v.data) == 1 and v.data[0] < 3, 'ORIGIN')
        elif code == 2:
            path = []
            while v.left():
                need(1 <= v.number(1) <= 4, 'segment')
                path += [str(v.number(4)) for _ in range(v.number(1))]
            text.append('path=%s' % ','.join(path))
        elif code == 3:
            text.append('hop=%s' % ipaddress.IPv4Address(v.take(4)))
        elif code == 4:
            text.append('med=%d' % v.number(4))
        elif code == 5:
            text.append('pref=%d' % v.number(4))
        elif code == 14:
            mp = {1: 4, 2: 6}[v.number(2)]
            need(v.number(1) == 1, 'SAFI')
            hop = v.take(v.number(1))
            need(len(hop) in (16, 32), 'next hop')
            text.append('hop=%s' % ipaddress.IPv6Address(hop[:16]))
            need(v.number(1) == 0, 'reserved')
            more = nlri(v, mp == 6, mp in add_path)
            need(more, 'MP_REACH_NLRI without NLRI')
        elif code == 15:
            mp = {1: 4, 2: 6}[v.number(2)]
            need(v.number(1) == 1, 'SAFI')
            gone = nlri(v, mp == 6, mp in add_path)
    reach = nlri(c, False, 4 in add_path)
    if reach or more:
        need({1, 2} <= seen, 'a well-known attribute is missing')
        need(not reach or 3 in seen, 'NEXT_HOP is missing')
    if not (withdrawn or reach or more or gone):
        need(seen <= {15}, 'an UPDATE of nothing')
        return ['eor', 'ipv6' if mp == 6 else 'ipv4']
    return ['-' + n for n in withdrawn + gone] + \
        ['+' + n for n in reach + more] + text


def open_message(c):
    need(c.number(1) == 4, 'version')
    asn, hold, ident = c.number(2), c.number(2), c.number(4)
    n = c.number(1)
    if n == 255:
        need(c.number(1) == 255, 'RFC 9072')
        n = c.number(2)
        need(False, 'extended parameters are not expected here')
    params, caps = Cursor(c.take(n)), {}
    need(c.left() == 0, 'behind the OPEN')
    while params.left():
        need(params.number(1) == 2, 'parameter')
        inner = Cursor(params.take(params.number(1)))
        while inner.left():
            code = inner.number(1)
            caps.setdefault(code, []).append(inner.take(inner.number(1)))
    if 65 in caps:
        asn = int.from_bytes(caps[65][0], 'big')
    paths = {}
    for value in caps.get(69, []):
        for i in range(0, len(value), 4):
            afi, safi, how = struct.unpack('>HBB', value[i:i + 4])
            need(safi == 1, 'SAFI')
            paths[{1: 4, 2: 6}[afi]] = how
    return asn, hold, str(ipaddress.IPv4Address(ident)), paths


class Station:
    def __init__(self):
        self.peers, self.begun = {}, False

    def peer(self, c):
        kind, flags = c.number(1), c.number(1)
        need(kind == 0 and not flags & 0x1f, 'type or flags of the peer')
        need(c.number(8) == 0, 'distinguisher')
        ip = address(c.take(16), flags & 0x80)
        asn, ident = c.number(4), str(ipaddress.IPv4Address(c.take(4)))
        need(c.number(4) > 1600000000, 'time')
        need(c.number(4) < 1000000, 'microseconds')
        need(not flags & 0x20, 'paths have AS numbers of 4 octets')
        return ip, asn, ident, 'post' if flags & 0x40 else 'pre'

    def message(self, kind, c):
        need(self.begun or kind == 4, 'not an Initiation at first')
        if kind in (4, 5):
            need(kind == 5 or not self.begun, 'a second Initiation')
            self.begun = True
            if kind == 4:
                said = dict(tlvs(c))
                need(1 in said and 2 in said, 'sysDescr, sysName')
                return ['initiation', said[2].decode(), said[1].decode()]
            said = dict(tlvs(c))
            return ['termination', str(int.from_bytes(said[1], 'big'))]
        ip, asn, ident, stage = self.peer(c)
        who, known = '%s as %d id %s' % (ip, asn, ident), (ip, asn, ident)
        if kind == 3:
            need(known not in self.peers, 'it is up already')
            local = address(c.take(16), ':' in ip)
            ports = c.number(2), c.number(2)
            need(all(ports) and 179 in ports, 'ports %d %d' % ports)
            ours = open_message(bgp_message(c, 1))
            theirs = open_message(bgp_message(c, 1))
            need(theirs[0] == asn and theirs[2] == ident, 'whose OPEN?')
            for _ in tlvs(c):
                pass
            self.peers[known] = {f for f in ours[3] if ours[3][f] & 1 and
                                 theirs[3].get(f, 0) & 2}
            return ['up', who, 'local', local, 'as', str(ours[0])]
        need(known in self.peers, 'of a peer that is not up')
        if kind == 2:
            why, rest = c.number(1), []
            if why in (1, 3):
                n = bgp_message(c, 3)
                rest = [str(n.number(1)), str(n.number(1))]
            elif why == 2:
                rest = [str(c.number(2))]
            need(why <= 5 and c.left() == 0, 'reason of a Peer Down')
            del self.peers[known]
            return ['down', who, 'reason', str(why)] + rest
        if kind == 1:
            n, values = c.number(4), []
            for t, v in tlvs(c):
                if t in (9, 10):
                    need(len(v) == 11, 'family')
                    values.append('%d/%d=%d' % (t, v[1], int.from_bytes(
                        v[3:], 'big')))
                else:
                    need(len(v) in (4, 8), 'length of a statistic')
                    values.append('%d=%d' % (t, int.from_bytes(v, 'big')))
            need(n == len(values), 'number of statistics')
            return ['stats', who] + values
        need(kind == 0, 'type %d' % kind)
        body = bgp_message(c, 2)
        need(c.left() == 0, 'behind the UPDATE')
        return [stage, ip] + update(body, self.peers[known])

    def run(self, sock):
        data = b''
        while True:
            more = sock.recv(65536)
            if not more:
                need(not data, 'ends within a message')
                print('end', file=out)
                return
            data += more
            while len(data) >= 6:
                version, n, kind = struct.unpack('>BIB', data[:6])
                need(version == 3 and 6 <= n < 1 << 20, 'header')
                if len(data) < n:
                    break
                print(' '.join(self.message(kind, Cursor(data[6:n]))),
                      file=out)
                data = data[n:]


def main():
    ip6 = ':' in sys.argv[1]
    door = socket.socket(socket.AF_INET6 if ip6 else socket.AF_INET)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind((sys.argv[1], int(sys.argv[2])))
    door.listen()
    while True:
        sock, _ = door.accept()
        print('begin', file=out)
        try:
            Station().run(sock)
        except (Bad, KeyError, ConnectionError) as why:
            print('BAD', repr(why), file=out)
        sock.close()


main()
