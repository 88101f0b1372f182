#!/bin/bash
# SPDX-License-Identifier: ISC
# configure: a large file in which little differs, filters that change, what
# is not confirmed, undo, check.
. "$(dirname "$0")/lib.sh"
need bird python3 wg

host r peer
link r v0 peer v1 10.0.0.1/24 10.0.0.2/24
key=$(warren genkey)
other=$(warren genkey | warren pubkey)
B() { on r warren -s "$TMP/ctl" "$@"; }

cat > "$TMP/peer.conf" <<-'C'
	router id 10.0.0.2;
	log stderr all;
	debug protocols { states, packets };
	protocol device {}
	protocol static s1 {
		ipv4;
		route 20.1.0.0/24 blackhole;
		route 20.2.0.0/24 blackhole;
	}
	protocol bgp b1 {
		local 10.0.0.2 as 65001;
		neighbor 10.0.0.1 as 65000;
		error wait time 1, 1;
		connect delay time 1;
		ipv4 { import all; export where source = RTS_STATIC; };
	}
	protocol bgp b2 {
		local 10.0.0.2 port 1790 as 65001;
		neighbor 10.0.0.1 port 1790 as 65000;
		error wait time 1, 1;
		connect delay time 1;
		enable route refresh off;
		passive;
		ipv4 { import all; export where source = RTS_STATIC; };
	}
C
# LIMIT WORD: ten thousand lines, of which two are the caller's.
config() {
	cat <<-C
		router id 10.0.0.1;
		define LIMIT = $1;
		ipv4 table many;
		ipv4 table second;
		protocol device {}
		protocol kernel { ipv4 { export all; }; kernel table 100; }
		filter in_it {
			bgp_local_pref = LIMIT;
			accept;
		}
		protocol bgp b1 {
			local 10.0.0.1 as 65000;
			neighbor 10.0.0.2 as 65001;
			connect delay time 1;
			connect retry time 1;
			error wait time 1, 1;
			ipv4 { import filter in_it; export where net.len < 20; };
		}
		protocol bgp b2 {	# who cannot be asked again
			local 10.0.0.1 port 1790 as 65000;
			neighbor 10.0.0.2 port 1790 as 65001;
			connect delay time 1;
			connect retry time 1;
			error wait time 1, 1;
			ipv4 {
				table second;
				import table;
				import filter in_it;
				export none;
			};
		}
		protocol wireguard wg0 {
			backend userspace;
			private key "$key";
			listen port 5000;
			address 10.7.0.1/24;
			peer "p" { public key "$other"; allowed ips 10.7.0.2/32; };
			ipv4 { import all; export none; };
		}
	C
	seq 0 4999 | awk '{ printf "define C%d = %d;\n", $1, $1 }'
	echo 'protocol static large { ipv4 { table many; };'
	seq 0 4999 | awk '{ printf "route 30.%d.%d.0/24 blackhole;\n",
		$1 / 256, $1 % 256 }'
	echo "$2"
	echo '}'
}
config 100 '# end' > "$TMP/r.conf"
check ten_thousand test "$(wc -l < "$TMP/r.conf")" -ge 10000

start peer peer bird -f -c "$TMP/peer.conf" -s "$TMP/peer.ctl"
start warrend r warrend -f -c "$TMP/r.conf" -s "$TMP/ctl"
up() { B show protocols "$1" | grep -q Established; }
prefers2() {
	B show route table second 20.1.0.0/24 all | grep -q "local_pref: $1"
}
prefers() { B show route 20.1.0.0/24 all | grep -q "local_pref: $1"; }
check up wait_for 'up b1 && prefers 100 && up b2 && prefers2 100' 20
check tunnel_up wait_for 'B show protocols wg0 | grep -q "^wg0 .* up"' 10
check all_routes wait_for 'B show route table many count | grep -q "^5000 of"' 10

# Nothing differs: nothing moves.  The times say so.
# In an order of their own: that of nets is the table's business.
lines() {
	{ B show protocols; B show route table many; B show route; } | sort
}
lines > "$TMP/before"
check nothing eval 'B configure | grep -q Reconfigured'
lines > "$TMP/after"
check nothing_moved cmp "$TMP/before" "$TMP/after"

# One route more: the others stay as old as they are.
config 100 'route 31.0.0.0/24 blackhole;' > "$TMP/r.conf"
check one_route eval 'B configure | grep -q Reconf'
check one_more wait_for 'B show route table many count | grep -q "^5001 of"' 10
lines | grep -v '^31\.' > "$TMP/after"
check others_stay cmp "$TMP/before" "$TMP/after"

# Another constant in a filter: asked for anew, the session stays.
since() { B show protocols "$1" | awk '{ print $5 }'; }
was=$(since b1) was2=$(since b2)
config 200 'route 31.0.0.0/24 blackhole;' > "$TMP/r.conf"
check filter_changed eval 'B configure | grep -q Reconf'
check filter_acts wait_for 'prefers 200' 10
check session_stays test "$(since b1)" = "$was"
check filter_acts_on_kept wait_for 'prefers2 200' 10
check session_2_stays test "$(since b2)" = "$was2"
comes was_refreshed grep -q 'b1: Got ROUTE-REFRESH' "$TMP/peer.log"
B configure soft '"'"$TMP/r.conf"'"' > "$TMP/soft"
check soft grep -q Reconfigured "$TMP/soft"
config 250 '# end' > "$TMP/r.conf"
check soft_changed eval 'B configure soft | grep -q Reconf'
check soft_keeps prefers 200
check soft_then_reload eval 'B reload in b1 | grep -q reloading'
check soft_then_acts wait_for 'prefers 250' 10

# Routes of ours are not filtered anew either, unless they changed.
static_soft() {	# COMMUNITY MORE
	cat > "$TMP/st.conf" <<-C
		router id 10.0.0.1;
		protocol device {}
		protocol static st {
			ipv4 { import filter { bgp_med = $1; accept; }; };
			route 40.0.0.0/24 blackhole;
			$2
		}
	C
}
med() { birdc -s "$TMP/st.ctl" show route "$1" all | grep -q "med: $2"; }
static_soft 1 ''
start st r warrend -f -c "$TMP/st.conf" -s "$TMP/st.ctl"
check static_med wait_for 'med 40.0.0.0/24 1' 10
static_soft 2 ''
birdc -s "$TMP/st.ctl" configure soft > "$TMP/soft"
check static_soft_keeps med 40.0.0.0/24 1
static_soft 2 'route 40.0.1.0/24 blackhole;'
birdc -s "$TMP/st.ctl" configure > "$TMP/soft"
check static_new_acts wait_for 'med 40.0.1.0/24 2' 10
stop st

# Not confirmed: sessions and tunnels come back by themselves.
wg_state() { on r wg show wg0 2>/dev/null | grep -v handshake; }
tunnel() { on r wg show wg0 > /dev/null && on r ip -o addr show dev wg0 |
	grep -q 10.7.0.1/24; }
wg_state > "$TMP/wg.before"
check has_tunnel tunnel
printf 'router id 10.0.0.1;\nprotocol device {}\n' > "$TMP/empty.conf"
check unconfirmed eval 'B configure "\"$TMP/empty.conf\"" timeout 10 |
	grep -q "Undo scheduled in 10 s"'
check tunnel_gone wait_for '! on r ip link show wg0' 10
check session_gone eval '! B show protocols b1 | grep -q Established'
check tunnel_back wait_for tunnel 15
check session_back wait_for 'up b1 && prefers 250' 20
check same_tunnel eval 'wg_state | cmp - "$TMP/wg.before"'
# Confirmed: they do not.
B configure "\"$TMP/empty.conf\"" timeout 5 > /dev/null
check confirmed eval 'B configure confirm | grep -q confirmed'
sleep 6
check stays_gone eval '! on r ip link show wg0'
# Undone by hand.
check undo eval 'B configure undo | grep -q Reconf'
check undo_brings_tunnel wait_for tunnel 15
check undo_brings_session wait_for 'up b1 && prefers 250' 20

# A mistake changes nothing, and is shown as -p shows it.
{
	config 300 'route 31.0.0.0/24 blackhle;'
	echo 'protocol bgp x { local as 1; neigbor 10.0.0.9 as 2; }'
	echo 'filter open { if true then { accept; }'
} > "$TMP/bad.conf"
on r warrend -p -c "$TMP/bad.conf" 2> "$TMP/p.said"
check p_status test $? = 1
B configure check "\"$TMP/bad.conf\"" > "$TMP/check.said" 2>&1
check same_diagnostics eval 'diff <(sed "s/^ *//" "$TMP/p.said") \
	<(sed "1{/Reading/d}; s/^ *//" "$TMP/check.said" |
	awk "NR == 1 || !seen[\$0]++" | head -n "$(wc -l < "$TMP/p.said")")'
check carets grep -q '\^~~' "$TMP/check.said"
check mistakes_change_nothing eval 'B configure "\"$TMP/bad.conf\"" |
	grep -q blackhle; up b1 && prefers 250'
