#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Asks warrend for its status all the time; how long did the slowest take?

usage: ask.py SOCKET PHASE_FILE RESULT_FILE

PHASE_FILE has the name of what is going on; RESULT_FILE gets, for each
phase, a line "NAME ANSWERS SLOWEST_MS", until PHASE_FILE says "end".
"""
import socket
import sys
import time


def answer(s, code):
    got = b''
    while not (got.endswith(b'\n') and
               got.splitlines()[-1].startswith(code)):
        more = s.recv(65536)
        if not more:
            sys.exit('closed')
        got += more


def main():
    path, phase_file, result_file = sys.argv[1:]
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    answer(s, b'0001 ')
    worst = {}
    while True:
        with open(phase_file, encoding='ascii') as f:
            phase = f.read().strip()
        if phase == 'end':
            break
        t = time.monotonic()
        s.sendall(b'show status\n')
        answer(s, b'0013 ')
        n, ms = worst.get(phase, (0, 0))
        worst[phase] = n + 1, max(ms, 1000 * (time.monotonic() - t))
        time.sleep(0.005)
    with open(result_file, 'w', encoding='ascii') as f:
        for phase, (n, ms) in worst.items():
            f.write('%s %d %.0f\n' % (phase, n, ms))


main()
