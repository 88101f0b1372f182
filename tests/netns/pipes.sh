#!/bin/bash
# SPDX-License-Identifier: ISC
# Pipes, beside BIRD: a route server whose clients have a table each, internal
# neighbors in different tables, filters that let the second best through, a
# ring of tables.  The same network is asked about the same, and what each
# peer was told is compared.
. "$(dirname "$0")/lib.sh"
need birdc bird

host r
cat > "$TMP/r.conf" <<-'C'
	router id 10.0.0.1;
	ipv4 table ta; ipv4 table tb; ipv4 table tc; ipv4 table ring1;
	ipv4 table ring2; ipv4 table inner;
	protocol device {}
	protocol kernel {
		merge paths; kernel table 100;
		ipv4 { table master4; import none; export all; };
	}
	template bgp customer { local 10.0.0.1 as 65000; connect delay time 1; }
	protocol bgp a from customer {
		neighbor 10.0.1.2 as 65001; local 10.0.1.1;
		ipv4 { table ta; import all; export all; };
	}
	protocol bgp b from customer {
		neighbor 10.0.2.2 as 65002; local 10.0.2.1;
		ipv4 { table tb; import all; export all; };
	}
	protocol bgp c from customer {
		neighbor 10.0.3.2 as 65003; local 10.0.3.1;
		ipv4 { table tc; import all; export all; add paths tx; };
	}
	protocol pipe pa { table ta; peer table master4; import all; export all; }
	protocol pipe pb { table tb; peer table master4; import all; export all; }
	protocol pipe pc { table tc; peer table master4; import all; export all; }
	# Internal ones, in two tables.
	protocol bgp i1 {
		direct; local 10.0.4.1 as 65000; neighbor 10.0.4.2 as 65000;
		ipv4 {
			table inner; import all; export all; next hop self;
			gateway direct;
		};
	}
	protocol bgp i2 {
		direct; local 10.0.5.1 as 65000; neighbor 10.0.5.2 as 65000;
		ipv4 { import all; export all; next hop self; gateway direct; };
	}
	protocol pipe pi {
		table inner; peer table master4;
		import where source = RTS_STATIC; export all;
	}
	# What is best is kept out, what is behind it is not.
	protocol pipe ring {
		table master4; peer table ring1;
		import none; export where proto != "a";
	}
	protocol pipe ring_on { table ring1; peer table ring2; import all; export all; }
	protocol pipe ring_back { table ring2; peer table master4; import none; export all; }
	protocol static own { ipv4; route 10.77.0.0/16 blackhole; }
C
# peer NAME NUMBER AS: its routes, some the same as those of others.
peer() {
	local name=$1 i=$2 as=$3
	host "$name"
	link r "v$i" "$name" v "10.0.$i.1/24" "10.0.$i.2/24"
	cat > "$TMP/$name.conf" <<-C
		router id 10.0.$i.2;
		protocol device {}
		protocol static own {
			ipv4;
			route 20.$i.0.0/16 blackhole;
			route 20.99.0.0/16 blackhole;
			route 20.98.0.0/16 blackhole {
				bgp_path.prepend($i); bgp_path.prepend(65100);
				if $i = 1 then bgp_path.prepend(7);
			};
		}
		protocol bgp up {
			local 10.0.$i.2 as $as; neighbor 10.0.$i.1 as 65000;
			connect retry time 2; error wait time 1, 2;
			ipv4 { import all; export all; add paths rx; };
		}
	C
	start "$name" "$name" bird -f -c "$TMP/$name.conf" -s "$TMP/$name.ctl"
}
peer a 1 65001
peer b 2 65002
peer c 3 65003
peer i1 4 65000
peer i2 5 65000

# A line for each route, without times; behind the best there is no order.
routes() {
	sed -E 's/[0-9:]{8}\.[0-9]{3}//; /BIRD|^$/d' | awk '
		function done() { if (line) print table, net, line; line = "" }
		/^Table/ { done(); table = $2; next }
		/^[0-9]/ { done(); net = $1; $1 = "" }
		/\[/ { done(); line = $0; next }
		{ line = line " " $0 }
		END { done() }' | tr -s ' \t' ' ' | sort
}
tables() {
	local t
	for t in master4 ta tb tc ring1 ring2 inner; do
		on r birdc -s "$1" show route table $t | routes
	done
	on r birdc -s "$1" 'show route where proto = "b"' | routes
	on r birdc -s "$1" show route protocol pa | routes
	on r ip route show table 100 | sort
}
told() {
	local p
	for p in a b c i1 i2; do
		echo "== $p"
		on $p birdc -s "$TMP/$p.ctl" show route protocol up all | routes
	done
}
up() { [ "$(on r birdc -s "$1" show protocols | grep -c Established)" = 5 ]; }
# Nothing has moved for two seconds.
still() {
	tables "$1" > "$TMP/now"
	told >> "$TMP/now"
	cmp -s "$TMP/now" "$TMP/before" && [ -s "$TMP/now" ]
	set -- $?
	cp "$TMP/now" "$TMP/before"
	[ "$1" = 0 ] || { sleep 2; return 1; }
}
settled() {
	: > "$TMP/before"
	wait_for "still $1" 40
}

watch() {
	tables "$2" > "$TMP/$1.tables"
	told > "$TMP/$1.told"
}
both() {
	local who=$1 ctl=$2
	check "${who}_up" wait_for "up $ctl" 60
	[ $failures = 0 ] || exit 1
	check "${who}_settled" settled "$ctl"
	watch "$who.1" "$ctl"
	# The best of 20.99.0.0/16 goes, and one that had all.
	on r birdc -s "$ctl" disable a > /dev/null
	check "${who}_settled_without_a" settled "$ctl"
	watch "$who.2" "$ctl"
	on r birdc -s "$ctl" enable a > /dev/null
	check "${who}_up_again" wait_for "up $ctl" 60
	on r birdc -s "$ctl" disable pb > /dev/null
	check "${who}_settled_without_pb" settled "$ctl"
	watch "$who.3" "$ctl"
}
start bird r bird -f -c "$TMP/r.conf" -s "$TMP/bird.ctl"
both bird "$TMP/bird.ctl"
stop bird
on r ip route flush table 100 2> /dev/null
start warrend r warrend -f -c "$TMP/r.conf" -s "$TMP/ctl"
both warrend "$TMP/ctl"
for i in 1 2 3; do
	check "same_tables_$i" diff "$TMP/bird.$i.tables" "$TMP/warrend.$i.tables"
	check "same_told_$i" diff "$TMP/bird.$i.told" "$TMP/warrend.$i.told"
done
check something_was_told test "$(wc -l < "$TMP/bird.1.told")" -gt 30

# A word that BIRD has since 2.15: routes that have come through one pipe.
sed -i 's/peer table ring2;/& max generation 1;/' "$TMP/r.conf"
on r birdc -s "$TMP/ctl" configure > /dev/null
ring2() { on r birdc -s "$TMP/ctl" show route table ring2 count; }
check overpiped wait_for 'ring2 | grep -q "^0 of 0 routes"' 20
comes said grep -q 'ring_on: Route overpiped (2 hops of 1' "$TMP/warrend.log"
[ -z "${WARREN_LOGS:-}" ] || { mkdir -p "$WARREN_LOGS/pipes"; cp "$TMP"/*.tables "$TMP"/*.told "$WARREN_LOGS/pipes"; }
