# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# A machine room for tests in network namespaces.  A test begins with
#
#	. "$(dirname "$0")/lib.sh"
#
# and is from then on alone: it runs again inside mount, network, process and
# name spaces of its own with an empty /run and /tmp and a copy of /etc, so
# nothing that it makes is seen by another test or by the host, and everything
# is gone when it ends, be it by kill -9.
#
# host NAME...          a machine: its own network, host name, /run, /tmp,
#                       /etc/warren and /etc/wireguard; loopback up
# on NAME COMMAND...    runs it there, without waiting for a moment; "ip -n
#                       NAME" works too
# link A IFACE B IFACE [ADDRESS_A ADDRESS_B]
#                       a cable between two machines, both ends up
# start LABEL NAME COMMAND...
#                       in the background; its output is $TMP/LABEL.log and
#                       its number ${pid[LABEL]}
# stop LABEL [SIGNAL]   and waits for its end
# wait_for 'CONDITION' SECONDS
#                       until the shell text is true, for so long at least (a
#                       busy machine gets more, see $patience); false, and
#                       what was said last on stderr, if it never was
# ok NAME | not_ok NAME WHY | skip NAME REASON
# check NAME COMMAND... ok or not ok, by its exit status
# comes NAME COMMAND... the same for what need not be so yet: it is asked again
#                       and again, as wait_for does
# need PROGRAM...       skips the whole test where one is not installed
# now_ms                milliseconds of a clock that only goes forward
# $TMP, $TOP, $BUILD    a place for files, the tree, what was built (first in
#                       the PATH, too)
#
# Every log ends up on the output of a test that failed.  WARREN_BUILD names
# another build, WARREN_LOGS a folder that the logs are copied to.

set -u
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${WARREN_BUILD:-$TOP/build}
NAME=$(basename "$0" .sh)

# The clock has no namespace: nothing that a test runs may set the machine's.
lab_unshare=(unshare --mount --net --pid --uts --ipc --fork --kill-child
	--mount-proc setpriv --bounding-set=-sys_time)

skip() { echo "skip $1: $2"; }

if [ "${WARREN_LAB-}" != "$NAME" ]; then
	if ! why=$("${lab_unshare[@]}" true 2>&1); then
		skip "$NAME" "no namespaces to be had here ($why)"
		exit 0
	fi
	WARREN_LAB=$NAME exec "${lab_unshare[@]}" bash "$0" "$@"
fi

declare -A pid=() holder=()
failures=0
TMP=/run/lab

lab_init() {
	trap 'exit 130' INT TERM HUP
	trap lab_done EXIT
	mount -t tmpfs -o mode=755 run /run || exit 1
	# A tree that lies under /tmp stays in sight.
	case $TOP/ in
	/tmp/*)	;;
	*)	mount -t tmpfs -o mode=1777 tmp /tmp || exit 1 ;;
	esac
	mkdir -p /run/netns /run/lock "$TMP" /run/etc /run/etc.work
	# What is written to /etc is written for this test alone.
	if ! mount -t overlay etc -o \
	    lowerdir=/etc,upperdir=/run/etc,workdir=/run/etc.work \
	    /etc 2>/dev/null; then
		cp -a /etc/. /run/etc/ && mount --bind /run/etc /etc || exit 1
	fi
	mkdir -p /etc/warren /etc/wireguard
	ip link set lo up
	for d in "$BUILD"/src/*/; do
		PATH=${d%/}:$PATH
	done
	PATH=$BUILD:$PATH
	export PATH
	# A sanitizer's finding is a failure, and must not go to a file.
	export ASAN_OPTIONS=${ASAN_OPTIONS:-abort_on_error=0}
	export UBSAN_OPTIONS=${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}
}

# Runs at the end; what is left in the process namespace dies with us.
lab_done() {
	local status=$? log

	trap '' INT TERM HUP
	if [ -n "${WARREN_LOGS-}" ]; then
		mkdir -p "$WARREN_LOGS/$NAME"
		cp "$TMP"/*.log "$WARREN_LOGS/$NAME/" 2>/dev/null
	fi
	for log in "$TMP"/*.log; do
		[ -e "$log" ] || continue
		if grep -qE 'Sanitizer|runtime error:' "$log"; then
			not_ok "$NAME/$(basename "$log" .log)" \
				"a sanitizer complained"
		fi
	done
	[ "$status" = 0 ] || [ "$failures" -gt 0 ] ||
		not_ok "$NAME" "ended with status $status"
	if [ "$failures" -gt 0 ]; then
		for log in "$TMP"/*.log; do
			[ -e "$log" ] || continue
			echo "--- $(basename "$log"), its end:"
			tail -n "${WARREN_LOG_LINES:-60}" "$log" |
				sed 's/^/    /'
		done
		exit 1
	fi
	exit 0
}

ok() { echo "ok $1"; }

not_ok() {
	failures=$((failures + 1))
	echo "not ok $1: ${2-}"
}

check() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then
		ok "$name"
	else
		# What says nothing, as test does, is shown itself.
		not_ok "$name" "$(tail -n 3 <<< "${out:-$*}" | tr '\n' ' ')"
		return 1
	fi
}

need() {
	local program
	for program; do
		if ! command -v "$program" > /dev/null; then
			skip "$NAME" "$program is not installed"
			exit 0
		fi
	done
}

now_ms() {
	local up rest
	read -r up rest < /proc/uptime
	echo $((10#${up/./} * 10))
}

# The least that a wait lasts: what works is no slower for it, and a machine
# that does something else for a while is no mistake of ours.  After one wait
# in vain the others last as long as they say, for a test that fails is to end.
patience=60
wait_for() {
	local wf_seconds=${2%.*} wf_said=$TMP/said.$BASHPID wf_end
	if [ ! -e "$TMP/in-vain" ] && [ "$wf_seconds" -lt $patience ]; then
		wf_seconds=$patience
	fi
	wf_end=$(($(now_ms) + wf_seconds * 1000))
	until eval "$1" > "$wf_said" 2>&1; do
		if [ "$(now_ms)" -ge "$wf_end" ]; then
			: > "$TMP/in-vain"
			echo "not within $wf_seconds s: $(tr -s '\n\t ' '   ' \
				<<< "$1")$(tail -n 2 "$wf_said")" >&2
			return 1
		fi
		sleep 0.05
	done
}

comes() {
	local name=$1
	shift
	check "$name" wait_for "$(printf '%q ' "$@")" 10
}

host() {
	local name
	for name; do
		rm -f "$TMP/up.$name"
		unshare --mount --net --uts bash -c '
			hostname "$1"
			mkdir -p "$2/fs/$1/run" "$2/fs/$1/tmp" "$2/fs/$1/etc" \
				"$2/fs/$1/wireguard"
			mount -t sysfs sys /sys 2>/dev/null
			ip link set lo up
			# An IPv6 address is good at once.
			for d in all default; do
				f=/proc/sys/net/ipv6/conf/$d/accept_dad
				[ ! -w $f ] || echo 0 > $f
			done
			mount --bind "$2/fs/$1/etc" /etc/warren
			mount --bind "$2/fs/$1/wireguard" /etc/wireguard
			case $3/ in
			/tmp/*)	# the tree itself stays in sight
				mkdir -p "$2/fs/$1$3"
				mount --rbind "$3" "$2/fs/$1$3" ;;
			esac
			mount --rbind "$2/fs/$1/tmp" /tmp
			# /run is its own, but the room for files is shared.
			mkdir -p "$2/fs/$1/run/lab" "$2/fs/$1/run/netns"
			mount --bind "$2" "$2/fs/$1/run/lab"
			mount --rbind /run/netns "$2/fs/$1/run/netns"
			mount --rbind "$2/fs/$1/run" /run
			: > "$2/up.$1"
			exec sleep infinity
		' host "$name" "$TMP" "$TOP" &
		holder[$name]=$!
		disown
		if ! wait_for "[ -e $TMP/up.$name ]" 10; then
			not_ok "$NAME" "host $name does not start"
			exit 1
		fi
		ip netns attach "$name" "${holder[$name]}" || exit 1
	done
}

on() {
	local name=$1
	shift
	nsenter --target "${holder[$name]}" --mount --net --uts --root \
		--wd="$PWD" -- "$@"
}

link() {
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3" ||
		exit 1
	[ -z "${5-}" ] || ip -n "$1" address add "$5" dev "$2"
	[ -z "${6-}" ] || ip -n "$3" address add "$6" dev "$4"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

start() {
	local label=$1 name=$2
	shift 2
	# exec: the number is the program's own, for kill -9 and for wait.
	nsenter --target "${holder[$name]}" --mount --net --uts --root \
		--wd="$PWD" -- "$@" >> "$TMP/$label.log" 2>&1 < /dev/null &
	pid[$label]=$!
}

stop() {
	local status
	kill "-${2:-TERM}" "${pid[$1]}" 2>/dev/null
	wait "${pid[$1]}" 2>/dev/null
	status=$?
	unset "pid[$1]"
	return "$status"
}

lab_init
