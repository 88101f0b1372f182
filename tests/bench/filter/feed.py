#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A neighbour in a dn42 that has a million routes.

usage: feed.py make N FOLDER    FOLDER/updates, FOLDER/roa4, FOLDER/roa6
       feed.py feed FOLDER ADDRESS PORT
                                announces them there, until it is ended;
                                makes FOLDER/sent once all are on the way

About one route in eight is IPv4 (there is no room for more), 7.6 share their
attributes, and an UPDATE; BENCH_NETS says how many do so at most.  Some lie
outside of the address space, some have a wrong origin or none that is known.
"""
import os
import random
import socket
import struct
import sys
import threading
import time

MY_AS = 4242420042
MINE = '192.0.2.2'
NETS = int(os.environ.get('BENCH_NETS', '100'))


class Maker:
    def __init__(self):
        self.random = random.Random(42).random
        self.roas = {4: [], 6: []}
        self.out = bytearray()

    def below(self, n):
        return int(self.random() * n)

    def origin(self):
        return 4242420000 + self.below(4000)

    def attributes(self, origin):
        path = [MY_AS]
        for _ in range(self.below(6)):
            path.append(4242420000 + self.below(4000))
        if self.random() < 0.02:
            path.insert(1, 4242425000 + self.below(20))
        if self.random() < 0.01:
            path += [4242423333] * 6
        if origin != MY_AS:
            path.append(origin)
        out = b'\x40\x01\x01\x00'
        body = struct.pack('>BB%dI' % len(path), 2, len(path), *path)
        out += b'\x50\x02' + struct.pack('>H', len(body)) + body
        comms = [(64511, 1 + self.below(9)), (64511, 21 + self.below(8)),
                 (64511, 31 + self.below(5))]
        for _ in range(self.below(6)):
            comms.append((64511, 41 + self.below(16)))
        if self.random() < 0.5:
            comms.append((64511, 1000 + self.below(900)))
        flat = list(dict.fromkeys(comms))
        body = b''.join(struct.pack('>HH', *c) for c in flat)
        out += b'\xd0\x08' + struct.pack('>H', len(body)) + body
        if self.random() < 0.2:
            body = b''.join(struct.pack('>III', 4242420000 +
                                        self.below(4000), self.below(200), i)
                            for i in range(1 + self.below(3)))
            out += b'\xd0\x20' + struct.pack('>H', len(body)) + body
        return out

    def updates(self, origin, four, nets):
        for k in range(0, len(nets), NETS):
            self.update(self.attributes(origin), four, nets[k:k + NETS])

    def update(self, attrs, four, nets):
        nlri = b''.join(bytes([n[1]]) + n[0][:(n[1] + 7) // 8] for n in nets)
        if four:
            attrs += b'\x40\x03\x04' + socket.inet_aton(MINE)
        else:
            reach = b'\x00\x02\x01\x10' + socket.inet_pton(
                socket.AF_INET6, '2001:db8::2') + b'\x00' + nlri
            attrs += b'\x90\x0e' + struct.pack('>H', len(reach)) + reach
            nlri = b''
        body = b'\x00\x00' + struct.pack('>H', len(attrs)) + attrs + nlri
        self.out += b'\xff' * 16 + struct.pack('>HB', 19 + len(body), 2)
        self.out += body

    def judge(self, family, text, origin):
        """A ROA that says so, one that says otherwise, or none."""
        x = self.random()
        if x < 0.92:
            self.roas[family].append('%s as %d' % (text, origin))
        elif x < 0.96:
            self.roas[family].append('%s as %d' % (text, origin + 1))

    def group4(self, i):
        """Of a /21 of 10.0.0.0/8, its parts."""
        base = 10 << 24 | i << 11
        if self.random() < 0.02:
            base = 192 << 24 | 168 << 16 | (i & 31) << 11
        origin = self.origin()
        self.judge(4, '%s/21 max 24' % socket.inet_ntoa(
            struct.pack('>I', base)), origin)
        nets = [(struct.pack('>I', base), 21)]
        for length in (22, 23, 24):
            for k in range(1 << (length - 21)):
                if self.random() < 0.9:
                    nets.append((struct.pack(
                        '>I', base | k << (32 - length)), length))
        for k in range(0, len(nets), 8):
            self.updates(origin, True, nets[k:k + 8])
        return len(nets)

    def group6(self, i, n):
        """Of a /40 of fd00::/8, n of its nets of many lengths."""
        head = bytes([0xfd]) + struct.pack('>I', (i * 2654435761) &
                                           0xffffffff)
        if self.random() < 0.02:
            head = b'\x20\x01' + head[2:]
        origin = self.origin()
        self.judge(6, '%s/40 max 64' % socket.inet_ntop(
            socket.AF_INET6, head + bytes(11)), origin)
        nets = set()
        while len(nets) < n:
            length = [44, 48, 48, 48, 56, 64, 64, 65][self.below(8)]
            tail = self.below(1 << 24) << 64 | self.below(2) << 63
            mask = (1 << 88) - (1 << (128 - length))
            nets.add((head + ((tail & mask).to_bytes(11, 'big')), length))
        self.updates(origin, False, list(nets))
        return n


def make(n, folder):
    m = Maker()
    made = i = 0
    while made < n // 8 and i < 8192:
        made += m.group4(i)
        i += 1
    i = 0
    while made < n:
        made += m.group6(i, min(1 + m.below(15), n - made))
        i += 1
    with open(os.path.join(folder, 'updates'), 'wb') as f:
        f.write(m.out)
    for family in (4, 6):
        seen = dict.fromkeys(m.roas[family])
        with open(os.path.join(folder, 'roa%d' % family), 'w',
                  encoding='utf-8') as f:
            f.writelines('route %s;\n' % r for r in seen)


def message(kind, body=b''):
    return b'\xff' * 16 + struct.pack('>HB', 19 + len(body), kind) + body


def hello():
    caps = b'\x01\x04\x00\x01\x00\x01' + b'\x01\x04\x00\x02\x00\x01' + \
        b'\x41\x04' + struct.pack('>I', MY_AS)
    options = b'\x02' + bytes([len(caps)]) + caps
    return message(1, b'\x04' + struct.pack('>HH', 23456, 240) +
                   socket.inet_aton(MINE) + bytes([len(options)]) + options)


def feed(folder, address, port):
    with open(os.path.join(folder, 'updates'), 'rb') as f:
        updates = f.read()
    for _ in range(200):
        try:
            s = socket.create_connection((address, port), 5, (MINE, 0))
            break
        except OSError:
            time.sleep(0.1)
    else:
        raise SystemExit('nobody there')
    s.settimeout(None)
    s.sendall(hello())
    s.recv(4096)
    s.sendall(message(4))
    threading.Thread(target=lambda: [None for _ in iter(
        lambda: s.recv(65536), b'')], daemon=True).start()
    time.sleep(0.5)
    s.sendall(updates)
    s.sendall(message(2, bytes(4)))
    s.sendall(message(2, b'\x00\x00\x00\x06\x80\x0f\x03\x00\x02\x01'))
    with open(os.path.join(folder, 'sent'), 'w', encoding='utf-8'):
        pass
    while True:
        time.sleep(30)
        s.sendall(message(4))


if __name__ == '__main__':
    if sys.argv[1] == 'make':
        make(int(sys.argv[2]), sys.argv[3])
    else:
        feed(sys.argv[2], sys.argv[3], int(sys.argv[4]))
