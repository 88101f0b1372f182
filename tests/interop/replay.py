#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""A BGP peer that says what was once said elsewhere.

usage: replay.py feed FILE AS ADDRESS...
       replay.py table PREFIXES-OF-NEXT-HOPS-TO-DROP < "show route all"

"feed" dials each address, opens as that AS, sends every UPDATE of the file,
then the marker 203.0.113.0/24, prints "ADDRESS done", and stays.  A file is a
dump of updates (RFC 6396, may be packed by gzip) or lines of hex, each the
body of an UPDATE, with comments behind a "#".  What ends a session is printed.

"table" prints a line for each path of a BIRD's answer, sorted: the net, then
the attributes by name.
"""
import gzip
import re
import socket
import struct
import sys
import threading
import time

MARK = b'\xff' * 16
BGP4MP, MESSAGE, MESSAGE_AS4 = 16, 1, 4


def message(kind, body):
    return MARK + struct.pack('>HB', 19 + len(body), kind) + body


def hello(asn):
    caps = b''.join(bytes((code, len(v))) + v for code, v in (
        (1, b'\0\1\0\1'), (1, b'\0\2\0\1'), (2, b''),
        (65, struct.pack('>I', asn))))
    params = bytes((2, len(caps))) + caps
    return message(1, struct.pack('>BHH4sB', 4, min(asn, 23456), 240,
                                  bytes((192, 0, 2, 99)), len(params)) + params)


def mrt(data):
    at = 0
    while at < len(data):
        _, kind, sub, n = struct.unpack_from('>IHHI', data, at)
        body = data[at + 12:at + 12 + n]
        at += 12 + n
        if kind != BGP4MP or sub != MESSAGE_AS4:
            continue
        afi, = struct.unpack_from('>H', body, 10)
        said = body[12 + 2 * (4 if afi == 1 else 16):]
        if said[18] == 2:
            yield said


def lines(text):
    for row in text.splitlines():
        row = row.split('#')[0]
        if row.strip():
            yield message(2, bytes.fromhex(row))


def messages(path):
    with open(path, 'rb') as f:
        data = f.read()
    if data[:2] == b'\x1f\x8b':
        data = gzip.decompress(data)
    if path.endswith('.hex'):
        return list(lines(data.decode()))
    return list(mrt(data))


def marker(asn):
    attrs = (b'\x40\1\1\0' + b'\x40\2\6\2\1' + struct.pack('>I', asn) +
             b'\x40\3\4\xc0\0\2\x63')
    return message(2, b'\0\0' + struct.pack('>H', len(attrs)) + attrs +
                   b'\x18\xcb\0\x71')


def listen(s, where):
    data = b''
    while True:
        try:
            more = s.recv(65536)
        except OSError as e:
            more, data = b'', data + str(e).encode()
        if not more:
            print(where, 'closed', data[:40].hex(), flush=True)
            return
        data += more
        while len(data) >= 19:
            n, kind = struct.unpack_from('>HB', data, 16)
            if len(data) < n:
                break
            if kind == 3:
                print(where, 'notification', data[19:n].hex(), flush=True)
            data = data[n:]


def dial(where):
    while True:
        try:
            return socket.create_connection((where, 179), 5)
        except OSError:
            time.sleep(0.2)


def feed(where, asn, what):
    s = dial(where)
    s.settimeout(None)
    threading.Thread(target=listen, args=(s, where), daemon=True).start()
    s.sendall(hello(asn) + message(4, b''))
    time.sleep(1)
    s.sendall(b''.join(what) + marker(asn))
    print(where, 'done', len(what), flush=True)
    while True:
        time.sleep(20)
        s.sendall(message(4, b''))


def table():
    paths, path, net = [], None, None
    text = re.sub(r'\n\t\t', ' ', sys.stdin.read())
    for row in text.splitlines():
        m = re.match(r'(\S+/\d+)?\s+(unicast|unreachable|blackhole) \[', row)
        if m:
            net = m[1] or net
            path = {}
            paths.append((net, path))
            continue
        m = re.match(r'\s+BGP\.(.*?): ?(.*)', row)
        if m and path is not None:
            path[m[1]] = ' '.join(m[2].split())
    for net, path in sorted(paths, key=lambda p: (p[0], sorted(
            p[1].items()))):
        print(net, *(f'{k}={v};' for k, v in sorted(path.items())))


def main():
    if sys.argv[1] == 'table':
        return table()
    what = messages(sys.argv[2])
    threads = [threading.Thread(target=feed, args=(
        where, int(sys.argv[3]), what)) for where in sys.argv[4:]]
    for t in threads:
        t.start()


if __name__ == '__main__':
    main()
