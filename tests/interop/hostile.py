#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A BGP speaker without manners; hostile.sh has it beside good ones.

usage: hostile.py MODE LOCAL REMOTE [NUMBER]

Each mode ends by itself, or goes on until it is killed, and prints what was
done to it: "closed", "notified CODE/SUBCODE", "refused".

slow-open    an OPEN, one octet at a time
slow-update  a session, then an UPDATE, one octet at a time
deaf         a session that reads nothing any more
flood        a session that announces and withdraws the same nets for ever
flap         a session that is lost as soon as it stands, NUMBER times
garbage      connections that send what is no OPEN, NUMBER times
many         NUMBER connections at once, which say nothing
announce     a session, NUMBER prefixes, then it waits
"""
import random
import select
import socket
import struct
import sys
import time

MARKER = b'\xff' * 16
AS = 65066
HOLD = 9


def message(kind, body=b''):
    return MARKER + struct.pack('!HB', 19 + len(body), kind) + body


def open_message(local):
    caps = bytes.fromhex('010400010001') + b'\x02\x00' + \
        b'\x41\x04' + struct.pack('!I', AS)
    opt = bytes([2, len(caps)]) + caps
    return message(1, struct.pack('!BHH4sB', 4, AS, HOLD,
                                  socket.inet_aton(local), len(opt)) + opt)


def attributes(local):
    path = struct.pack('!BBI', 2, 1, AS)
    return b'\x40\x01\x01\x00' + b'\x40\x02' + bytes([len(path)]) + path + \
        b'\x40\x03\x04' + socket.inet_aton(local)


def nlri(i):
    """The i-th /24 of a lot: from 11.0.0.0 on."""
    return b'\x18' + struct.pack('!I', (11 << 24) + (i << 8))[:3]


def update(local, first, n):
    attrs = attributes(local)
    return message(2, b'\0\0' + struct.pack('!H', len(attrs)) + attrs +
                   b''.join(nlri(first + i) for i in range(n)))


def withdraw(first, n):
    nets = b''.join(nlri(first + i) for i in range(n))
    return message(2, struct.pack('!H', len(nets)) + nets + b'\0\0')


class Peer:
    def __init__(self, local, remote, small=False):
        self.local = local
        self.s = socket.socket()
        if small:
            self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.s.bind((local, 0))
        self.s.settimeout(30)
        self.s.connect((remote, 179))
        self.buf = b''
        self.beat = time.monotonic()

    def recv(self):
        """One message: its kind and body; None at the end."""
        while True:
            if len(self.buf) >= 19:
                n, kind = struct.unpack('!HB', self.buf[16:19])
                if len(self.buf) >= n:
                    m = self.buf[19:n]
                    self.buf = self.buf[n:]
                    return kind, m
            try:
                b = self.s.recv(65536)
            except ConnectionError:
                return None
            if not b:
                return None
            self.buf += b

    def until(self, want):
        while True:
            m = self.recv()
            if m is None:
                raise EOFError('closed')
            if m[0] == 3:
                raise EOFError('notified %d/%d' % (m[1][0], m[1][1]))
            if m[0] == want:
                return

    def establish(self):
        self.s.sendall(open_message(self.local))
        self.until(1)
        self.s.sendall(message(4))
        self.until(4)

    def look(self, wait=0):
        """What has come is read; keepalives go out in time."""
        while select.select([self.s], [], [], wait)[0]:
            wait = 0
            m = self.recv()
            if m is None:
                raise EOFError('closed')
            if m[0] == 3:
                raise EOFError('notified %d/%d' % (m[1][0], m[1][1]))
        if time.monotonic() - self.beat > HOLD / 3:
            self.beat = time.monotonic()
            self.s.sendall(message(4))

    def trickle(self, data):
        for i in range(len(data)):
            self.s.sendall(data[i:i + 1])
            self.until_quiet(0.5)

    def until_quiet(self, wait):
        if select.select([self.s], [], [], wait)[0]:
            self.until(-1)


def slow_open(local, remote, _):
    p = Peer(local, remote)
    p.until(1)
    p.trickle(open_message(local))


def slow_update(local, remote, _):
    p = Peer(local, remote)
    p.establish()
    data = update(local, 0, 500)
    for i in range(len(data)):
        p.s.sendall(data[i:i + 1])
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            if select.select([p.s], [], [], 0.05)[0]:
                m = p.recv()
                if m is None or m[0] == 3:
                    raise EOFError('closed' if m is None else
                                   'notified %d/%d' % (m[1][0], m[1][1]))


def deaf(local, remote, _):
    p = Peer(local, remote, small=True)
    p.establish()
    while True:		# alive, but with its ears shut
        time.sleep(1)
        p.s.sendall(message(4))


def flood(local, remote, _):
    p = Peer(local, remote)
    p.establish()
    on = b''.join(update(local, i * 500, 500) for i in range(20))
    off = b''.join(withdraw(i * 500, 500) for i in range(20))
    while True:
        p.s.sendall(on)
        p.s.sendall(off)
        p.look()


def flap(local, remote, number):
    done = 0
    while done < number:
        try:
            p = Peer(local, remote)
            p.establish()
            p.s.sendall(update(local, 0, 500))
            p.s.close()
            done += 1
        except (EOFError, OSError):
            time.sleep(0.05)
    raise EOFError('flapped %d' % done)


def garbage(local, remote, number):
    answered = 0
    for _ in range(number):
        p = Peer(local, remote)
        try:
            p.s.sendall(bytes(random.randrange(256) for _ in range(64)))
            p.until(-1)
        except EOFError as e:
            answered += str(e).startswith('notified')
        except OSError:
            pass
    raise EOFError('answered %d' % answered)


def many(local, remote, number):
    keep, ended = [], 0
    for _ in range(number):
        keep.append(Peer(local, remote))
    time.sleep(3)
    for p in keep:
        p.s.settimeout(0)
        try:
            while (b := p.s.recv(65536)):
                pass
            ended += b == b''
        except ConnectionError:
            ended += 1
        except BlockingIOError:
            pass
    print('left', number - ended, flush=True)
    time.sleep(1000)


def announce(local, remote, number):
    p = Peer(local, remote)
    p.establish()
    for i in range(0, number, 500):
        p.s.sendall(update(local, i, 500))
        p.look()
    print('announced', flush=True)
    while True:
        p.look(1)


def main():
    mode, local, remote = sys.argv[1:4]
    number = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    random.seed(1)
    try:
        globals()[mode.replace('-', '_')](local, remote, number)
    except EOFError as e:
        print(e, flush=True)
    except ConnectionRefusedError:
        print('refused', flush=True)
    except OSError:
        print('closed', flush=True)


main()
