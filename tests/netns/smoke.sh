#!/bin/bash
# SPDX-License-Identifier: ISC
# The machine room itself: two machines, a cable, and that they are apart.
. "$(dirname "$0")/lib.sh"

host left right
link left eth0 right eth0 192.0.2.1/24 192.0.2.2/24

check "smoke/a ping through the cable" \
	on left ping -c 1 -W 20 192.0.2.2
check "smoke/a tun device" on left ip tuntap add tun9 mode tun
check "smoke/which the other has not" \
	bash -c '! ip -n right link show tun9 2>/dev/null'
check "smoke/names of their own" test "$(on left hostname)" = left
on left touch /run/mine /etc/warren/mine /tmp/mine
check "smoke/files of their own" on right bash -c \
	'! [ -e /run/mine ] && ! [ -e /etc/warren/mine ] && ! [ -e /tmp/mine ]'

start sleeper right sleep 100
check "smoke/a program in the background" kill -0 "${pid[sleeper]}"
stop sleeper KILL
check "smoke/which can be killed" test $? = 137

check "smoke/the machine's clock is out of reach" bash -c \
	'! date -s "$(date)" > /dev/null 2>&1'
check "smoke/waiting for what comes" wait_for '[ -e /proc/self ]' 1
before=$(now_ms)
patience=0
check "smoke/waiting in vain ends" eval '! wait_for false 1'
check "smoke/after its time" test $(($(now_ms) - before)) -ge 1000
