# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154
# What each speaker is asked, once for all of them; see lib.sh.  Machines: w
# is ours, p the peer, v a second warrend, q a second one of the peer's kind.

us=65001
them=4200000002

# pair [WORD...]: w and p, with one session of each transport
pair() { pair_of "$us" "$them" "$*" "$*"; }
# pair_of AS AS WORDS WORDS
pair_of() {
	host w p
	cable w p 1
	speaker w w "$1" 50 <<-C
		$(v4 s4 1 p "$2" 1 2) $3
		$(v6 s6 1 p "$2" 1 2) $3
	C
	speaker p p "$2" 60 <<-C
		$(v4 s4 1 w "$1" 2 1) $4
		$(v6 s6 1 w "$1" 2 1) $4
	C
	check config on w warrend -p
}
go() {
	p_start p
	w_start w
	up s4 s6
}

# The attributes of what a speaker says of itself, as view.py prints them.
marks() { echo "comm=64999:$1 large=4200000009:$1:7 "; }

# both_ways PATH-OF-OURS PATH-OF-THEIRS: all nets on both sessions
both_ways() {
	local n s
	for n in $(nets 60); do
		for s in s4 s6; do
			check "from_them_${n}_$s" wait_for \
				"has $s $n 'path=$2 '" 10
		done
	done
	for n in $(nets 50); do
		check "to_them_$n" wait_for "paths p $n 2 'path=$1 '" 10
	done
}

# Both families over both transports, with their attributes, and changes.
scenario_families() {
	local s n
	pair hold=30
	go
	both_ways $us $them
	for s in s4 s6; do
		for n in 10.60.1.0/24 2001:db8:60::/48; do
			comes "marks_of_them_${n}_$s" has $s $n \
				"med=60 .*$(marks 60)"
		done
	done
	for n in 10.50.1.0/24 2001:db8:50::/48; do
		comes "marks_of_us_$n" paths p $n 2 "med=50 .*$(marks 50)"
	done
	comes hop_of_them has s4 10.60.2.0/24 'hop=10.0.1.2 '
	comes hop_of_them_6 has s6 2001:db8:60:8000::/49 \
		'hop=2001:db8:ffff:1::2[ ,]'
	comes hop_of_us there p 10.50.2.0/24 'hop=10.0.1.1 '
	comes hop_of_us_6 there p 2001:db8:50:8000::/49 \
		'hop=(2001:db8:ffff:1::1|fe80::1:1)[ ,]'
	check in_the_kernel wait_for 'kernel 10.60.1.0/24 "via 10.0.1.2"' 5
	check in_the_kernel_6 wait_for 'kernel6 2001:db8:60::/48 to_p' 5
	check mrt families_mrt
	for n in 10.66.0.0/16 2001:db8:66::/48; do
		p_announce p $n
		check "announced_$n" wait_for "has s4 $n 'path=$them '" 10
		p_withdraw p $n
		check "withdrawn_$n" wait_for "lacks s4 $n path &&
			lacks s6 $n path" 10
	done
	ours disable static1 > /dev/null
	check withdrawn_there wait_for 'paths p 10.50.1.0/24 0' 10
	check others_stay paths p 10.50.2.0/24 2
	ours enable static1 > /dev/null
	check back_there wait_for 'paths p 10.50.1.0/24 2' 10
	check no_flap test "$(grep -c 'Session established' "$TMP/w.log")" = 2
}
families_mrt() {
	command -v bgpdump > /dev/null || return 0
	ours "mrt dump table master4 to \"/run/lab/table.mrt\"" > /dev/null
	bgpdump -m "$TMP/table.mrt" 2>/dev/null |
		grep -F "|10.60.1.0/24|$them|" | grep -q '64999:60'
}

# Within one AS: LOCAL_PREF, no own number in the path.
scenario_internal() {
	local n
	pair_of $us $us hold=30 hold=30
	go
	for n in $(nets 60); do
		check "from_them_$n" wait_for "has s4 $n 'lp=100 '" 10
		check "no_path_$n" lacks s4 $n 'path='
	done
	for n in $(nets 50); do
		check "to_them_$n" wait_for "paths p $n 2 'lp=100 '" 10
	done
	comes marks_of_us there p 10.50.1.0/24 "med=50 lp=100 .*$(marks 50)"
}

# Both send and take more than one path of a net; v tells each of them two.
scenario_add_paths() {
	local x=65003 n
	host w p v
	cable w p 1
	cable v w 2
	cable v p 3
	speaker w w $us 50 <<-C
		$(v4 s4 1 p $them 1 2) hold=30 addpath
		$(v4 v4 2 v $x 2 1) hold=30
		$(v6 v6 2 v $x 2 1) hold=30
	C
	speaker p p $them 60 <<-C
		$(v4 s4 1 w $us 2 1) hold=30 addpath
		$(v4 v4 3 v $x 2 1) hold=30
		$(v6 v6 3 v $x 2 1) hold=30
	C
	# One net for w, one for p, and each session says which it is.
	more='if proto = "w4" || proto = "p4" then accept;'
	speaker v w $x 80 <<-C
		$(v4 w4 2 w $us) hold=30
		$(v6 w6 2 w $us) hold=30
		$(v4 p4 3 p $them) hold=30
		$(v6 p6 3 p $them) hold=30
	C
	add_paths_v >> "$TMP/fs/v/etc/warren.conf"
	p_start p
	w_start w
	w_start v
	up s4 v4 v6
	check agreed wait_for 'says s4 ADD-PATH' 5
	for n in 10.81.0.0/16 2001:db8:81::/48; do
		check "to_them_$n" wait_for "paths p $n 2 'path=$us,$x '" 15
		comes "to_them_${n}_one" there p $n 'comm=1:4 '
		comes "to_them_${n}_other" there p $n 'comm=1:6 '
	done
	for n in 10.82.0.0/16 2001:db8:82::/48; do
		check "from_them_$n" wait_for "w_paths s4 $n 2" 15
		comes "from_them_${n}_one" has s4 $n 'comm=1:4 '
		comes "from_them_${n}_other" has s4 $n 'comm=1:6 '
	done
	# One of two goes, and comes again.
	ours_of v disable w6 > /dev/null
	check one_goes wait_for \
		"paths p 10.81.0.0/16 1 'comm=1:4 ' &&
		paths p 10.81.0.0/16 0 'comm=1:6 '" 15
	ours_of v disable p6 > /dev/null
	check one_goes_there wait_for 'w_paths s4 10.82.0.0/16 1' 15
	ours_of v enable w6 > /dev/null
	ours_of v enable p6 > /dev/null
	check comes_again wait_for "paths p 10.81.0.0/16 2 'path=$us,$x '" 20
	check comes_again_there wait_for 'w_paths s4 10.82.0.0/16 2' 20
}
w_paths() {	# PROTOCOL PREFIX COUNT
	[ "$(ours show route "$2" protocol "$1" all | view bird "$2" |
		wc -l)" = "$3" ]
}
# What v says: 81 to w and 82 to p, over each transport with a mark.
add_paths_v() {
	local s
	bird_static 10.81.0.0/16 2001:db8:81::/48 10.82.0.0/16 \
		2001:db8:82::/48
	for s in w4:81:4 w6:81:6 p4:82:4 p6:82:6; do
		set -- ${s//:/ }
		sed -i "/^protocol bgp $1 /,/^}$/s/export filter tell/export filter { $(
			echo "if net ~ [ 10.$2.0.0\\/16 ] || net ~ [ 2001:db8:$2::\\/48 ]" \
			"then { bgp_community.add((1, $3)); accept; } reject; }")/" \
			"$TMP/fs/v/etc/warren.conf"
	done
}

# RFC 8950 with global addresses, in both directions.
scenario_extended_next_hop() {
	local n
	host w p
	cable w p 1
	speaker w w $us 50 <<-C
		$(v6 s6 1 p $them 1 2) hold=30 enh
	C
	speaker p p $them 60 <<-C
		$(v6 s6 1 w $us 2 1) hold=30 enh
	C
	p_start p
	w_start w
	up s6
	check agreed wait_for 'says s6 "Extended next hop"' 5
	for n in $(nets 60); do
		check "from_them_$n" wait_for "has s6 $n \
			'path=$them hop=(2001:db8:ffff:1::2|fe80::1:2)[ ,]'" 10
	done
	for n in $(nets 50); do
		check "to_them_$n" wait_for "paths p $n 1 \
			'path=$us hop=(2001:db8:ffff:1::1|fe80::1:1)[ ,]'" 10
	done
	check kernel wait_for \
		'kernel 10.60.1.0/24 "via inet6 (2001:db8:ffff:1::2|fe80::1:2)"' 5
}

# The same on a link that has link-local addresses only.
scenario_link_local() {
	local n
	host w p
	cable w p 1
	ip -n w address flush dev to_p scope global
	ip -n p address flush dev to_w scope global
	speaker w w $us 50 <<-C
		$(ll s6 1 p $them 1 2) hold=30 enh
	C
	speaker p p $them 60 <<-C
		$(ll s6 1 w $us 2 1) hold=30 enh
	C
	p_start p
	w_start w
	up s6
	for n in $(nets 60); do
		check "from_them_$n" wait_for "has s6 $n 'path=$them '" 10
	done
	for n in $(nets 50); do
		check "to_them_$n" wait_for "paths p $n 1 'path=$us '" 10
	done
	check kernel wait_for \
		'kernel 10.60.1.0/24 "via inet6 fe80::1:2 dev to_p"' 5
	check kernel_6 wait_for 'kernel6 2001:db8:60::/48 "via fe80::1:2"' 5
}

# --- graceful restart -------------------------------------------------------

kernel_news() {	# from now on what changes in w's routes is in $TMP/news
	: > "$TMP/news"
	ip -ts -n w monitor route > "$TMP/news" &
	monitor=$!
	sleep 0.2
}
kernel_quiet() {
	kill "$monitor"
	! grep -q 'proto bird' "$TMP/news"
}

# The peer dies by kill -9: its routes stay, and come again.
scenario_gr_peer() {
	pair hold=30 gr=30
	go
	both_ways $us $them
	comes agreed says s4 'Graceful restart'
	kernel_news
	stop p KILL
	check noticed wait_for 'w_down s4 && w_down s6' 15
	sleep 1
	check kept has s4 10.60.1.0/24 "path=$them "
	check kept_6 has s6 2001:db8:60::/48 "path=$them "
	check kernel_kept kernel 10.60.1.0/24 'proto bird'
	p_start p again
	check back wait_for 'w_up s4 && w_up s6' 40
	check over wait_for 'logged w "s4: Graceful restart is over" &&
		logged w "s6: Graceful restart is over"' 40
	sleep 0.5
	if [ "${steady_peer-}" = no ]; then
		kernel_quiet
		lib_skip "$peer/$scenario/nothing_moved" \
			'its End-of-RIB does not wait for routes put in by hand'
	else
		check nothing_moved kernel_quiet
	fi
	check still wait_for "has s4 10.60.1.0/24 'path=$them '" 10
}

# It does not come back: what was kept goes when its time is over.
scenario_gr_gone() {
	pair hold=30 gr=8
	go
	both_ways $us $them
	stop p KILL
	check noticed wait_for 'w_down s4 && w_down s6' 15
	check kept has s4 10.60.1.0/24 "path=$them "
	check gone wait_for 'lacks s4 10.60.1.0/24 path' 15
	check gone_6 wait_for 'lacks s6 2001:db8:60::/48 path' 15
	check gone_kernel wait_for '! kernel 10.60.1.0/24 proto' 5
}

# We die, and the peer keeps what we said.
scenario_gr_self() {
	local n
	pair hold=30 gr=30
	go
	both_ways $us $them
	kernel_news
	stop w KILL
	sleep 2
	for n in 10.50.1.0/24 2001:db8:50::/48; do
		check "kept_$n" there p $n "path=$us "
	done
	w_start w
	check back wait_for 'w_up s4 && w_up s6' 40
	check recovered wait_for 'logged w "Recovery is over"' 60
	for n in 10.50.1.0/24 2001:db8:50::/48; do
		check "still_$n" wait_for "paths p $n 2 'path=$us '" 10
	done
	sleep 0.5
	if [ "${steady-}" = no ]; then
		kernel_quiet
		lib_skip "$peer/$scenario/nothing_moved" \
			'it says ::1 on the session of the other family'
	else
		check nothing_moved kernel_quiet
	fi
	comes from_them has s4 10.60.1.0/24 "path=$them "
}

# Long-lived: after the restart time a route is the last choice, and marked;
# and a peer that keeps ours does the same.
scenario_llgr() {
	pair hold=30 gr=2 llgr=60
	go
	both_ways $us $them
	comes agreed says s4 'Long-lived graceful restart'
	stop p KILL
	check kept wait_for \
		"has s4 10.60.1.0/24 'comm=(64999:60,)?65535:6(,64999:60)? '" 25
	check kept_6 wait_for "has s6 2001:db8:60:8000::/49 'comm=65535:6 '" 10
	p_start p again
	check back wait_for 'w_up s4 && w_up s6' 40
	check fresh wait_for "has s4 10.60.2.0/24 'path=$them ' &&
		lacks s4 10.60.2.0/24 65535:6" 30
}
scenario_llgr_self() {
	pair hold=30 gr=2 llgr=60
	go
	both_ways $us $them
	stop w KILL
	check kept wait_for "there p 10.50.2.0/24 'comm=65535:6 |comm=.*llgr'" \
		25
	check kept_6 wait_for \
		"there p 2001:db8:50:8000::/49 'comm=65535:6 |comm=.*llgr'" 10
	w_start w
	check back wait_for 'w_up s4 && w_up s6' 40
	check fresh wait_for "paths p 10.50.2.0/24 2 'path=$us ' &&
		paths p 10.50.2.0/24 0 '65535:6|llgr'" 40
}

# --- asking again -------------------------------------------------------------

scenario_refresh() {
	local had n
	pair hold=30
	wire_start to_p
	go
	both_ways $us $them
	had=$(wire_count '^10.0.1.1 UPDATE')
	p_refresh p s4
	if [ "${asks_refresh-}" = no ]; then
		lib_skip "$peer/$scenario/asked" 'it never asks'
	else
		check asked wait_for "wire '^10.0.1.2 REFRESH 1/1 0'" 5
		check answered wait_for "[ \$(wire_count '^10.0.1.1 UPDATE') \
			-gt $had ]" 5
	fi
	had=$(wire_count '^10.0.1.2 UPDATE')
	ours reload in s4 > /dev/null
	for n in 1/1 2/1; do
		check "we_ask_$n" wait_for "wire '^10.0.1.1 REFRESH $n 0'" 5
	done
	if [ "${answers_refresh-}" = no ]; then
		lib_skip "$peer/$scenario/we_are_answered" 'it does not answer'
		return
	fi
	check we_are_answered wait_for "[ \$(wire_count '^10.0.1.2 UPDATE') \
		-gt $had ]" 10
	# What the filter takes away and gives back comes by a refresh, too.
	sed -i '/protocol bgp s4/,/ipv4/s/import all/import where net != 10.60.2.0\/24/' \
		"$TMP/fs/w/etc/warren.conf"
	kill -HUP "${pid[w]}"
	check filtered wait_for 'lacks s4 10.60.2.0/24 path' 5
	check others_stay has s4 10.60.1.0/24 path
	sed -i 's/import where net != 10.60.2.0\/24/import all/' \
		"$TMP/fs/w/etc/warren.conf"
	kill -HUP "${pid[w]}"
	check again wait_for "has s4 10.60.2.0/24 'path=$them '" 10
	check no_flap test "$(grep -c 'Session established' "$TMP/w.log")" = 2
}

# RFC 7313: the answer stands between a begin and an end.
scenario_enhanced_refresh() {
	pair hold=30
	wire_start to_p
	go
	both_ways $us $them
	comes agreed says s4 'Enhanced refresh'
	p_refresh p s4
	check we_begin wait_for "wire '^10.0.1.1 REFRESH 1/1 1'" 5
	check we_end wait_for "wire '^10.0.1.1 REFRESH 1/1 2'" 5
	if [ "${answers_refresh-}" = no ]; then
		lib_skip "$peer/$scenario/they_begin" 'it does not answer'
		return
	fi
	ours reload in s4 > /dev/null
	check they_begin wait_for "wire '^10.0.1.2 REFRESH 1/1 1'" 10
	check they_end wait_for "wire '^10.0.1.2 REFRESH 1/1 2'" 10
	sleep 1
	check nothing_lost has s4 10.60.1.0/24 "path=$them "
	check nothing_lost_there paths p 10.50.1.0/24 2 "path=$us "
	check no_flap test "$(grep -c 'Session established' "$TMP/w.log")" = 2
}

# --- roles ----------------------------------------------------------------------

# They are our customer: what we say carries our number, and what they got
# from above does not come to us.
scenario_roles() {
	pair_of $us $them 'hold=30 role=provider' 'hold=30 role=customer'
	go
	both_ways $us $them
	comes agreed says s4 'Role: *customer'
	comes otc there p 10.50.1.0/24 "${otc_pattern-otc=$us }"
	# The other way round, with an OTC that tells of a leak.
	sed -i 's/local role provider/local role customer/' \
		"$TMP/fs/w/etc/warren.conf"
	kill -HUP "${pid[w]}"
	check mismatch wait_for 'logged w "s4: .*[Rr]ole [Mm]ismatch"' 15
	check mismatch_stays_down w_down s4
}
scenario_otc() {
	pair_of $us $them 'hold=30 role=customer' 'hold=30 role=provider'
	go
	both_ways $us $them
	comes otc has s4 10.60.1.0/24 "otc=$them "
	comes otc_6 has s6 2001:db8:60::/48 "otc=$them "
}

# --- the wire under it ------------------------------------------------------------

scenario_md5() {
	pair hold=30 md5=correct-horse
	go
	both_ways $us $them
	sed -i 's/correct-horse/wrong-horse/' "$TMP/fs/w/etc/warren.conf"
	kill -HUP "${pid[w]}"
	check wrong wait_for 'w_down s4 && w_down s6' 20
	sleep 4
	check wrong_stays eval 'w_down s4 && w_down s6'
	sed -i 's/wrong-horse/correct-horse/' "$TMP/fs/w/etc/warren.conf"
	kill -HUP "${pid[w]}"
	check right wait_for 'w_up s4 && w_up s6' 40
}

scenario_ttl_security() {
	pair hold=9 gtsm
	wire_start to_p
	go
	both_ways $us $them
	comes our_ttl wire '^10.0.1.1 OPEN .*ttl=255'
	comes their_ttl wire '^10.0.1.2 OPEN .*ttl=255'
	comes our_ttl_6 wire '^2001:db8:ffff:1::1 OPEN .*ttl=255'
	# A hop too many: what is decremented on the way is not heard.
	on p nft -f - <<-C
	table ip t {
		chain out {
			type filter hook output priority 0
			tcp sport 179 ip ttl set 254
			tcp dport 179 ip ttl set 254
		}
	}
	C
	check too_far wait_for 'w_down s4' 20
	sleep 3
	check too_far_stays w_down s4
	check the_other_stands w_up s6
}

# --- reflection -----------------------------------------------------------------

# p and q are clients of ours.
scenario_reflect() {
	local n
	host w p q
	cable w p 1
	cable w q 2
	speaker w w $us 50 <<-C
		$(v4 s4 1 p $us 1 2) hold=30 rr
		$(v6 s6 1 p $us 1 2) hold=30 rr
		$(v4 q4 2 q $us 1 2) hold=30 rr
	C
	speaker p p $us 60 <<-C
		$(v4 s4 1 w $us 2 1) hold=30
		$(v6 s6 1 w $us 2 1) hold=30
	C
	speaker q p $us 70 <<-C
		$(v4 s4 2 w $us 2 1) hold=30
	C
	p_start p
	p_start q
	w_start w
	up s4 s6 q4
	for n in 10.60.1.0/24 2001:db8:60::/48; do
		check "p_to_q_$n" wait_for "there q $n '$reflected'" 15
	done
	for n in 10.70.1.0/24 2001:db8:70::/48; do
		check "q_to_p_$n" wait_for "paths p $n 2 '${reflected/60/70}'" 15
	done
	check own_to_q wait_for "there q 10.50.1.0/24 'lp=100 '" 5
	check own_is_not_reflected not_there q 10.50.1.0/24 'orig='
}
reflected='orig=10.255.0.60 cluster=10.255.0.50 '

# We and another warrend are clients of theirs.
scenario_reflected() {
	local n
	host w p v
	cable w p 1
	cable v p 2
	speaker w w $us 50 <<-C
		$(v4 s4 1 p $us 1 2) hold=30
		$(v6 s6 1 p $us 1 2) hold=30
	C
	speaker v w $us 80 <<-C
		$(v4 s4 2 p $us 1 2) hold=30
	C
	speaker p p $us 60 <<-C
		$(v4 s4 1 w $us 2 1) hold=30 rr
		$(v6 s6 1 w $us 2 1) hold=30 rr
		$(v4 v4 2 v $us 2 1) hold=30 rr
	C
	p_start p
	w_start w
	w_start v
	up s4 s6
	check session_v wait_for 'w_up s4 v' 30
	for n in 10.80.1.0/24 2001:db8:80::/48; do
		check "to_us_$n" wait_for "has s4 $n \
			'orig=10.255.0.80 cluster=10.255.0.60 '" 15
	done
	for n in 10.50.1.0/24 2001:db8:50::/48; do
		check "from_us_$n" wait_for "has s4 $n \
			'orig=10.255.0.50 cluster=10.255.0.60 ' v" 15
	done
	check not_back lacks s4 10.50.1.0/24 'orig=10.255.0.50'
	check own wait_for "has s4 10.60.1.0/24 'lp=100 '" 5
}

# --- confederations -------------------------------------------------------------

# w and p are members of 65100, v is outside, behind p.
scenario_confederation() {
	local n
	host w p v
	cable w p 1
	cable v p 2
	confed='65100 65101 65102'
	speaker w w 65101 50 <<-C
		$(v4 s4 1 p 65102 1 2) hold=30
		$(v6 s6 1 p 65102 1 2) hold=30
	C
	speaker p p 65102 60 <<-C
		$(v4 s4 1 w 65101 2 1) hold=30
		$(v6 s6 1 w 65101 2 1) hold=30
		$(v4 v4 2 v 65003 2 1) hold=30 self
	C
	confed=
	speaker v w 65003 80 <<-C
		$(v4 p4 2 p 65100 1 2) hold=30
	C
	p_start p
	w_start w
	w_start v
	up s4 s6
	check session_v wait_for 'w_up p4 v' 30
	for n in 10.60.1.0/24 2001:db8:60::/48; do
		check "from_them_$n" wait_for \
			"has s4 $n 'path=\(65102\) .*lp=100 '" 15
	done
	for n in 10.50.1.0/24 2001:db8:50::/48; do
		check "to_them_$n" wait_for \
			"paths p $n 2 'path=\(65101\) .*lp=100 '" 15
		check "to_the_world_$n" wait_for \
			"has p4 $n 'path=65100 ' v" 15
	done
	for n in 10.80.1.0/24 2001:db8:80::/48; do
		check "from_the_world_$n" wait_for \
			"has s4 $n 'path=\(65102\),65003 .*lp=100 '" 15
	done
}

# --- attributes and messages ------------------------------------------------------

scenario_aigp() {
	pair_of $us $us 'hold=30 aigp' 'hold=30 aigp'
	wire_start to_p
	go
	check from_them wait_for "has s4 10.60.1.0/24 'aigp=60 '" 15
	check said wait_for "wire '^10.0.1.1 UPDATE .*attrs=[0-9,]*26'" 15
	[ "${shows_aigp-}" = no ] ||
		check to_them wait_for "there p 10.50.1.0/24 'aigp=0 '" 15
}

# A route with 1500 communities does not fit into 4096 octets.
scenario_extended_messages() {
	local i
	more='if net ~ [ 10.50.2.0/24 ] then {'
	for i in $(seq 1500); do
		more="$more bgp_community.add((7, $i));"
	done
	more="$more }"
	host w p
	cable w p 1
	speaker w w $us 50 <<-C
		$(v4 s4 1 p $them 1 2) hold=30 ext
	C
	more=
	speaker p p $them 60 <<-C
		$(v4 s4 1 w $us 2 1) hold=30 ext
	C
	wire_start to_p
	p_start p
	w_start w
	up s4
	check agreed wait_for 'says s4 "Extended message"' 5
	check to_them wait_for "there p 10.50.2.0/24 '7:1500[ ,]'" 15
	comes long wire '^10.0.1.1 UPDATE length=6[0-9]{3} '
	check from_them wait_for "has s4 10.60.1.0/24 'path=$them '" 10
	check stands w_up s4
}

# They speak 2-octet numbers alone: AS_TRANS and AS4_PATH both ways.
scenario_as2() {
	local x=4200000003 n
	them=65002
	us=4200000001
	host w p v
	cable w p 1
	cable v w 2
	# shellcheck disable=SC2046
	speaker w w $us 50 <<-C
		$(v4 s4 1 p $them 1 2) hold=30
		$(v4 v4 2 v $x 2 1) hold=30
	C
	speaker p p $them 60 <<-C
		$(v4 s4 1 w "${as2_sees-$us}" 2 1) hold=30 as2
	C
	speaker v w $x 80 <<-C
		$(v4 w4 2 w $us 1 2) hold=30
	C
	wire_start to_p
	p_start p
	w_start w
	w_start v
	up s4 v4
	check not_agreed eval "! wire '^10.0.1.2 OPEN .* 65:'"
	check from_them wait_for "has s4 10.60.1.0/24 'path=$them '" 10
	check further wait_for "has w4 10.60.1.0/24 'path=$us,$them ' v" 10
	check to_them wait_for "there p 10.50.1.0/24 \
		'path=(23456|$us) '" 10
	check to_them_far wait_for "there p 10.80.1.0/24 \
		'path=(23456,23456|$us,$x) '" 10
	comes new_path wire '^10.0.1.1 UPDATE .*attrs=[0-9,]*,17'
}

# The same the other way round: we are the old one, they are not.
scenario_as2_self() {
	local x=4200000003 n
	host w p v
	cable w p 1
	cable v w 2
	speaker w w $us 50 <<-C
		$(v4 s4 1 p $them 1 2) hold=30 as2
		$(v4 v4 2 v $x 2 1) hold=30
	C
	speaker p p $them 60 <<-C
		$(v4 s4 1 w $us 2 1) hold=30
	C
	speaker v w $x 80 <<-C
		$(v4 w4 2 w $us 1 2) hold=30
	C
	wire_start to_p
	p_start p
	w_start w
	w_start v
	up s4 v4
	check not_agreed eval "! wire '^10.0.1.1 OPEN .* 65:'"
	check from_them wait_for "has s4 10.60.1.0/24 'path=$them '" 10
	comes their_new_path wire '^10.0.1.2 UPDATE .*attrs=[0-9,]*,17'
	check further wait_for "has w4 10.60.1.0/24 'path=$us,$them ' v" 10
	check to_them wait_for "there p 10.50.1.0/24 'path=$us '" 10
	check to_them_far wait_for "there p 10.80.1.0/24 'path=$us,$x '" 10
}

# --- bfd --------------------------------------------------------------------

# No carrier is lost and the hold timers are long: only BFD can tell, on both
# sides and for both families.
scenario_bfd() {
	local n
	pair hold=240 bfd
	go
	both_ways $us $them
	for n in 10.0.1.2 2001:db8:ffff:1::2; do
		check "stands_$n" wait_for "bfd_up $n" 30
	done
	cable_cut 1 p
	check noticed wait_for 'w_down s4 && w_down s6' 30
	comes says logged w 's4: .*BFD session down'
	check gone wait_for 'lacks s4 10.60.1.0/24 path' 10
	check gone_there wait_for 'paths p 10.50.1.0/24 0' 30
	cable_mend 1 p
	check back wait_for 'w_up s4 && w_up s6' 60
	check again wait_for 'bfd_up 10.0.1.2 && bfd_up 2001:db8:ffff:1::2' 30
	both_ways $us $them
}
bfd_up() { ours show bfd sessions | grep -qE "^$1 .* Up "; }

# --- the ends of sessions -----------------------------------------------------------

scenario_shutdown_text() {
	pair hold=30
	wire_start to_p
	go
	if [ "${texts-}" = no ]; then
		lib_skip "$peer/$scenario/their_text" 'it says none'
		ours disable s4 > /dev/null
	else
		p_shutdown p s4 'mending the cable'
		check their_text wait_for \
			"logged w 's4: .*mending the cable'" 10
	fi
	check theirs_gone wait_for 'lacks s4 10.60.1.0/24 path' 5
	check the_other_stands w_up s6
	ours disable s6 '"painting the fence"' > /dev/null
	check our_text wait_for \
		"wire '^2001:db8:ffff:1::1 NOTIFICATION 6/.*painting the fence'" 5
	[ "${texts-}" = no ] || check our_text_heard wait_for "p_heard p 'painting the fence'" 5
	check ours_gone wait_for 'paths p 10.50.1.0/24 0' 10
}

# Nothing passes, no carrier is lost: the hold timer, on both sides.
scenario_hold_timer() {
	host w p
	cable w p 1
	speaker w w $us 50 <<-C
		$(v4 s4 1 p $them 1 2) hold=3
	C
	speaker p p $them 60 <<-C
		$(v4 s4 1 w $us 2 1) hold=3
	C
	p_start p
	w_start w
	up s4
	check routes wait_for "has s4 10.60.1.0/24 path &&
		paths p 10.50.1.0/24 1" 10
	cable_cut 1 p
	check expired wait_for "logged w 's4: .*[Hh]old timer expired'" 15
	check routes_gone wait_for 'lacks s4 10.60.1.0/24 path' 5
	check routes_gone_there wait_for 'paths p 10.50.1.0/24 0' 15
	cable_mend 1 p
	check back wait_for "w_up s4" 40
	check routes_back wait_for "has s4 10.60.1.0/24 path &&
		paths p 10.50.1.0/24 1" 15
}

# Both dial at the same moment, and neither sees the other's connection until
# its own stands: one of the two goes (RFC 4271 6.8), the other one stays.
# The cable is cut until both have dialled, and we stand still until the
# kernels have made both connections.
scenario_collision() {
	local n
	host w p
	cable w p 1
	cable_cut 1 p
	for n in 'w to_p 2 p to_w' 'p to_w 1 w to_p'; do
		set -- $n
		ip -n "$1" neighbour replace "10.0.1.$3" dev "$2" lladdr \
			"$(on "$4" cat "/sys/class/net/$5/address")"
	done
	speaker w w $us 50 <<-C
		$(v4 s4 1 p $them 1 2) hold=30
	C
	speaker p p $them 60 <<-C
		$(v4 s4 1 w $us 2 1) hold=30
	C
	wire_start to_p
	p_start p
	w_start w
	check both_dial wait_for 'dialling p && dialling w && {
		kill -STOP ${pid[w]}; dialling p && dialling w ||
		{ kill -CONT ${pid[w]}; false; }; }' 30
	cable_mend 1 p
	if [ "${one_dial-}" = yes ]; then
		check one_connection wait_for '[ "$(connections w)" = 1 ]' 40
		lib_skip "$peer/$scenario/two_connections" \
			'it gives up its own dial for one that comes in'
	else
		check two_connections wait_for \
			'[ "$(connections w)" -ge 2 ]' 10
		check both_open wait_for \
			"[ \$(wire_count '^10.0.1.2 OPEN') -ge 2 ]" 10
	fi
	kill -CONT "${pid[w]}"
	up s4
	[ "${one_dial-}" = yes ] ||
		check one_goes wait_for "wire 'NOTIFICATION 6/7'" 10
	check one_stays wait_for '[ "$(connections w)" = 1 ]' 10
	for n in $(nets 60); do
		check "from_them_$n" wait_for "has s4 $n 'path=$them '" 15
	done
	for n in $(nets 50); do
		check "to_them_$n" wait_for "paths p $n 1 'path=$us '" 15
	done
	check once test "$(grep -c 'Session established' "$TMP/w.log")" = 1
}
dialling() { on "$1" ss -Htn state syn-sent | grep -q ':179'; }
connections() { on "$1" ss -Htn state established | grep -c ':179'; }
