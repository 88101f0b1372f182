#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""An RPKI cache for tests that says what a file says.

usage: rtr_cache.py PORT DIRECTORY

DIRECTORY/say is read anew for every question; its lines:

    version N       what it speaks (1)
    session N       (1)
    serial N        (1)
    roa PREFIX MAX AS
    reset           answers a Serial Query with Cache Reset
    nodata          answers everything with No Data Available
    change SERIAL + PREFIX MAX AS | change SERIAL - PREFIX MAX AS
                    what came with a serial, for Serial Queries
A change of the file's time makes a Serial Notify go out.  What was asked is
appended to DIRECTORY/asked, one word or two a line.
"""
import ipaddress
import os
import select
import socket
import struct
import sys

PORT, DIR = int(sys.argv[1]), sys.argv[2]


def say():
    d = {'version': 1, 'session': 1, 'serial': 1, 'roas': [], 'changes': [],
         'reset': False, 'nodata': False}
    with open(DIR + '/say', encoding='utf-8') as f:
        for line in f:
            w = line.split()
            if not w:
                continue
            if w[0] == 'roa':
                d['roas'].append(w[1:4])
            elif w[0] == 'change':
                d['changes'].append((int(w[1]), w[2], w[3:6]))
            elif len(w) == 1:
                d[w[0]] = True
            else:
                d[w[0]] = int(w[1])
    return d


def pdu(version, kind, field, body=b''):
    return struct.pack('>BBHI', version, kind, field, 8 + len(body)) + body


def roa(version, words, announce=True):
    net = ipaddress.ip_network(words[0])
    return pdu(version, 4 if net.version == 4 else 6, 0,
               struct.pack('>BBBB', announce, net.prefixlen, int(words[1]), 0)
               + net.network_address.packed + struct.pack('>I',
                                                          int(words[2])))


def end(d):
    body = struct.pack('>I', d['serial'])
    if d['version'] > 0:
        body += struct.pack('>III', 3600, 600, 7200)
    return pdu(d['version'], 7, d['session'], body)


def error(version, code):
    return pdu(version, 10, code, struct.pack('>II', 0, 0))


def answer(conn, version, kind, session, serial):
    d = say()
    v = d['version']
    with open(DIR + '/asked', 'a', encoding='utf-8') as f:
        f.write('reset v%d\n' % version if kind == 2 else
                'serial %d v%d\n' % (serial, version))
    if version > v:
        conn.sendall(error(v, 4))
        return False
    if d['nodata']:
        conn.sendall(error(v, 2))
        return True
    if kind == 1 and (d['reset'] or session != d['session']):
        conn.sendall(pdu(v, 8, 0))
        return True
    out = [pdu(v, 3, d['session'])]
    if kind == 2:
        out += [roa(v, r) for r in d['roas']]
    else:
        out += [roa(v, w, sign == '+') for n, sign, w in d['changes']
                if n > serial]
    conn.sendall(b''.join(out) + end(d))
    return True


def main():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('127.0.0.1', PORT))
    listener.listen()
    conns, seen = {}, os.stat(DIR + '/say').st_mtime_ns
    while True:
        ready = select.select([listener, *conns], [], [], 0.1)[0]
        for c in ready:
            if c is listener:
                conns[listener.accept()[0]] = b''
                continue
            try:
                got = c.recv(4096)
            except OSError:
                got = b''
            buf, alive = conns[c] + got, bool(got)
            while alive and len(buf) >= 8:
                v, kind, session, n = struct.unpack('>BBHI', buf[:8])
                if len(buf) < n:
                    break
                serial = int.from_bytes(buf[8:12], 'big') if n == 12 else 0
                if kind in (1, 2):
                    alive = answer(c, v, kind, session, serial)
                buf = buf[n:]
            conns[c] = buf
            if not alive:
                del conns[c]
                c.close()
        now = os.stat(DIR + '/say').st_mtime_ns
        if now != seen:
            seen, d = now, say()
            for c in conns:
                c.sendall(pdu(d['version'], 0, d['session'],
                              struct.pack('>I', d['serial'])))


main()
