# SPDX-License-Identifier: ISC
"""birdc_ask.py SOCKET COMMANDS: asks each line of the file COMMANDS over the
control socket, and prints the answers raw, with their codes, so that those of
BIRD and of warrend can be laid beside each other."""
import re
import socket
import sys
import time


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.answer()

    def answer(self):
        got = b''
        while not re.search(rb'(^|\n)\d{4} [^\n]*\n$', got):
            more = self.socket.recv(65536)
            if not more:
                return got.decode() + '<hung up>\n'
            got += more
        return got.decode()

    def ask(self, command):
        self.socket.sendall(command.encode())
        return self.answer()


def settled(client):
    """No protocol is on its way down, and none but those that wait for a
    peer on its way up."""
    for line in client.ask('show protocols\n').split('\n')[1:]:
        word = re.sub(r'^(\d{4}-| )', '', line).split()
        if len(word) < 4:
            continue
        if word[3] in ('stop', 'flush'):
            return False
        if word[3] == 'start' and word[1] != 'BGP':
            return False
    return True


def settle(client):
    """How soon a protocol gets to its next state is each program's own."""
    end = time.monotonic() + 30
    while not settled(client) and time.monotonic() < end:
        time.sleep(0.02)


def in_order(text):
    """Nets and symbols have no order: sorted, each with the lines that belong
    to it."""
    text = re.sub(r'(?m)^\d{4}-(?=.)', ' ', text)
    parts = re.split(r'\n(?= [\dTtRA-Za-z:]|\d{4} )', text)
    return '\n'.join(sorted(p.rstrip('\n') for p in parts))


def main(path, commands):
    client, watcher = Client(path), Client(path)
    for command in open(commands, encoding='utf-8'):
        text = client.ask(command)
        if command.startswith(('show route', 'show symbols', 'show static')):
            text = in_order(text)
        print('>>>', command, end='')
        print(text.rstrip('\n'))
        if command.startswith(('disable', 'enable', 'restart')):
            settle(watcher)


main(*sys.argv[1:])
