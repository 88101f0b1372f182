#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Prints the BGP messages that pass an interface, one a line.

usage: wire.py INTERFACE

A line is "SOURCE TYPE ...": OPEN with version, AS, hold time, router id and
the codes of its capabilities; NOTIFICATION with code, subcode and text;
REFRESH with AFI, SAFI and subtype; UPDATE with its length and what it has;
KEEPALIVE.  The first line is "listening".  "TTL n" is added to an OPEN.
"""
import socket
import struct
import sys

TYPES = {1: 'OPEN', 2: 'UPDATE', 3: 'NOTIFICATION', 4: 'KEEPALIVE',
         5: 'REFRESH'}


def segment(frame):
    """Flow, source, sequence number, payload and TTL of a segment."""
    kind, = struct.unpack_from('>H', frame, 12)
    if kind == 0x0800 and frame[23] == 6:
        at = 14 + (frame[14] & 15) * 4
        end = 14 + struct.unpack_from('>H', frame, 16)[0]
        family, addr, ttl = socket.AF_INET, frame[26:34], frame[22]
    elif kind == 0x86dd and frame[20] == 6:
        at, ttl = 54, frame[21]
        end = at + struct.unpack_from('>H', frame, 18)[0]
        family, addr = socket.AF_INET6, frame[22:54]
    else:
        return None
    sport, dport, seq = struct.unpack_from('>HHI', frame, at)
    if 179 not in (sport, dport):
        return None
    data = at + (frame[at + 12] >> 4) * 4
    source = socket.inet_ntop(family, addr[:len(addr) // 2])
    return ((addr, sport, dport), source, seq, frame[data:max(end, data)],
            ttl, frame[at + 13])


def capabilities(params):
    at, codes = 0, []
    while at + 2 <= len(params):
        kind, n = params[at], params[at + 1]
        body, c = params[at + 2:at + 2 + n], 0
        while kind == 2 and c + 2 <= len(body):
            value = body[c + 2:c + 2 + body[c + 1]]
            codes.append(f'{body[c]}:{value.hex()}')
            c += 2 + len(value)
        at += 2 + n
    return ' '.join(codes)


def open_text(b, ttl):
    v, asn, hold, rid = struct.unpack_from('>BHH4s', b)
    return (f'version={v} as={asn} hold={hold} id={socket.inet_ntoa(rid)} '
            f'ttl={ttl} caps {capabilities(b[10:])}')


def update_text(b):
    gone, = struct.unpack_from('>H', b)
    attrs, = struct.unpack_from('>H', b, 2 + gone)
    at, end, codes = 4 + gone, 4 + gone + attrs, []
    while at + 3 <= end:
        long = b[at] & 0x10
        n = struct.unpack_from('>H' if long else '>B', b, at + 2)[0]
        codes.append(str(b[at + 1]))
        at += (4 if long else 3) + n
    return (f'length={len(b) + 19} withdrawn={gone} '
            f'attrs={",".join(codes)} nlri={len(b) - end}')


def text(kind, b, ttl):
    if kind == 1:
        return open_text(b, ttl)
    if kind == 2:
        return update_text(b)
    if kind == 3:
        said = b[3:].decode('utf-8', 'replace') if len(b) > 2 else ''
        return f'{b[0]}/{b[1]} {said!r}'
    if kind == 5:
        return f'{struct.unpack_from(">H", b)[0]}/{b[3]} {b[2]}'
    return ''


class Flow:
    """One direction of a connection, put in order."""

    def __init__(self):
        self.next, self.early, self.data = None, {}, b''

    def add(self, seq, data, syn):
        if syn:
            self.next, self.early, self.data = (seq + 1) % 2**32, {}, b''
            return
        if self.next is None:
            self.next = seq
        if data:
            self.early[seq] = max(data, self.early.get(seq, b''), key=len)
        self.join()

    def join(self):
        for seq in sorted(self.early, key=lambda s: (s - self.next) % 2**32):
            seen = (self.next - seq) % 2**32
            if seen < 2**31 and seq in self.early:
                data = self.early.pop(seq)[seen:]
                self.data += data
                self.next = (self.next + len(data)) % 2**32

    def messages(self):
        while len(self.data) >= 19:
            n, kind = struct.unpack_from('>HB', self.data, 16)
            if n < 19:
                self.data = b''
            if n < 19 or len(self.data) < n:
                return
            yield kind, self.data[19:n]
            self.data = self.data[n:]


def main():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    s.bind((sys.argv[1], 0))
    flows = {}
    print('listening', flush=True)
    while True:
        found = segment(s.recv(1 << 17))
        if not found:
            continue
        key, source, seq, data, ttl, flags = found
        flow = flows.setdefault(key, Flow())
        flow.add(seq, data, flags & 2)
        for kind, body in flow.messages():
            print(source, TYPES.get(kind, kind), text(kind, body, ttl),
                  flush=True)


if __name__ == '__main__':
    main()
