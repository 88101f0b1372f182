# SPDX-License-Identifier: ISC
# Sourced before daemons/NAME.sh. Given in the environment:
#   NS          network namespace the daemon must run in      DIR     private folder, removed afterwards
#   CPUS        cores the daemon may use (taskset list)       THREADS threads asked for (0: daemon's default)
#   DUT_IP DUT_IP6 DUT_AS   the daemon's own addresses, AS; router id = DUT_IP
#   FEEDERS     "ip:as ip:as ..."  peers that announce; nothing may be exported to them
#   SINKS       "ip:as ip:as ..."  peers that get every best path
#   V6          1: IPv6 unicast is carried too                FIB     1: install routes in the kernel
#   BENCH       the bgpbench program

# launch CMD ARGS...  start a foreground process in the namespace, on the right cores, and remember its pid
launch() {
	local log="$DIR/$(basename "$1").log"
	# own session = own scheduling autogroup; its weight keeps other work on the machine out of the way
	setsid sh -c 'echo -20 >/proc/$$/autogroup; exec "$@"' sh \
		ip netns exec "$NS" nice -n -20 taskset -c "$CPUS" "$@" </dev/null >>"$log" 2>&1 &
	echo $! >>"$DIR/pids"
}

in_ns() { ip netns exec "$NS" "$@"; }

descendants() {
	local p c
	for p in "$@"; do
		[ -d "/proc/$p" ] || continue
		echo "$p"
		for c in $(cat /proc/"$p"/task/*/children 2>/dev/null); do descendants "$c"; done
	done
}

# Defaults; a daemon file may replace them.
d_pids() { descendants $(cat "$DIR/pids"); }

d_stop() {
	local p all
	all=$(d_pids)
	for p in $(cat "$DIR/pids"); do kill "$p" 2>/dev/null; done
	for _ in $(seq 30); do
		local left=
		for p in $all; do [ -d "/proc/$p" ] && left=1; done
		[ -z "$left" ] && return 0
		sleep 0.1
	done
	for p in $all; do kill -9 "$p" 2>/dev/null; done
	return 0
}

# Is FIB install possible with this daemon? Exit status tells.
d_can_fib() { return 0; }

# Whatever the daemon says of its own memory; kept in the results of "ingest".
d_detail() { :; }
