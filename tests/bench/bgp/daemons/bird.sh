# SPDX-License-Identifier: ISC
# BIRD 2 or 3. BIRD=path picks another binary (birdc is looked for beside it).
BIRD=${BIRD:-$(command -v bird)}
BIRDC=$(dirname "$BIRD")/birdc

d_version() { "$BIRD" --version 2>&1 | sed 's/version //'; }

d_config() {
	local i=0 p
	{
		echo "log \"$DIR/messages\" { warning, error, fatal, bug };"
		echo "router id $DUT_IP;"
		[ "$THREADS" -gt 0 ] && echo "threads $THREADS;"
		echo "protocol device { }"
		if [ "$FIB" = 1 ]; then
			echo "protocol kernel { ipv4 { import none; export all; }; }"
			[ "$V6" = 1 ] && echo "protocol kernel { ipv6 { import none; export all; }; }"
		fi
		echo "template bgp peer { local $DUT_IP as $DUT_AS; passive on; hold time 180; }"
		for p in $FEEDERS; do
			i=$((i + 1))
			echo "protocol bgp feed$i from peer { neighbor ${p%%:*} as ${p##*:};"
			echo "  ipv4 { import all; export none; };"
			[ "$V6" = 1 ] && echo "  ipv6 { import all; export none; };"
			echo "}"
		done
		i=0
		for p in $SINKS; do
			i=$((i + 1))
			echo "protocol bgp sink$i from peer { neighbor ${p%%:*} as ${p##*:};"
			echo "  ipv4 { import none; export all; };"
			[ "$V6" = 1 ] && echo "  ipv6 { import none; export all; };"
			echo "}"
		done
	} >"$DIR/bird.conf"
}

d_start() { launch "$BIRD" -f -c "$DIR/bird.conf" -s "$DIR/bird.ctl" -P "$DIR/bird.pid"; }

# Routes held: the per-session import counters, which cost the daemon nothing to print.
d_count() {
	"$BIRDC" -s "$DIR/bird.ctl" show protocols all '"feed*"' |
		awk '/Routes:/ { n += $2 } END { print n + 0 }'
}

d_detail() { "$BIRDC" -s "$DIR/bird.ctl" show memory; }
