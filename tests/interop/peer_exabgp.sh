#!/bin/bash
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154
# The scenarios with ExaBGP, which has no table: what it heard is written
# down by one program that it runs, what it says comes through another.
can='families internal add_paths_by_hand extended_next_hop gr_peer gr_gone refresh
	md5 ttl_security reflect aigp extended_messages as2 as2_self
	shutdown_text hold_timer'
p_need() { need exabgp; }
exa_bool() { ! word "$1" $words > /dev/null || echo "${2-$1} enable;"; }
exa_session() {	# NAME IFACE LOCAL REMOTE AS WORD...
	local w fam f words="${*:6}" n
	fam=$(word fam $words) || fam=46
	cat <<-C
	neighbor $4 {
		description "$1";
		router-id $id;
		local-address $3;
		local-as $as;
		peer-as $5;
		$(w=$(word hold $words) && echo "hold-time $w;")
		$(w=$(word md5 $words) && echo "md5-password \"$w\";")
		$(word gtsm $words > /dev/null &&
		    echo 'outgoing-ttl 255; incoming-ttl 255;')
		capability {
			route-refresh enable;
			$(w=$(word gr $words) && echo "graceful-restart $w;")
			$(! word addpath $words > /dev/null ||
			    echo 'add-path send/receive;')
			$(word as2 $words > /dev/null && echo 'asn4 disable;')
			$(exa_bool ext extended-message)
			$(exa_bool aigp aigp)
			$(exa_bool enh nexthop)
		}
		$(word enh $words > /dev/null &&
		    echo 'nexthop { ipv4 unicast ipv6; }')
		family {
		$(for f in 4 6; do case $fam in *$f*)
			echo "ipv$f unicast;" ;; esac; done)
		}
		api {
			processes [ hear, say ];
			neighbor-changes;
			receive { parsed; update; }
		}
		announce {
		$(exa_nets "$@")
		}
	}
	C
}
exa_nets() {
	local f fam words="${*:6}" n w
	fam=$(word fam $words) || fam=46
	for f in 4 6; do
		case $fam in *$f*) ;; *) continue ;; esac
		echo "ipv$f {"
		for n in $(nets "$digit"); do
			case $f$n in 4*:* | 6*.*) continue ;; esac
			w="unicast $n next-hop $(exa_hop $f "$@")"
			! decorated "$n" || w="$w med $digit community [
				64999:$digit ] large-community [
				4200000009:$digit:7 ]"
			! decorated "$n" || ! word aigp $words > /dev/null ||
				w="$w aigp $digit"
			echo $w\;
		done
		echo '}'
	done
}
# The own address of that family, on the link of the session.
exa_hop() {	# FAMILY NAME IFACE LOCAL
	case $1$4 in
	4*:*)	word enh $words > /dev/null && { echo "$4"; return; }
		echo "${4##*:}" | sed "s/.*/10.0.$(echo "$4" |
		    cut -d: -f4).&/" ;;
	6*.*)	echo "$4" | sed -E 's/^10\.0\.([0-9]+)\./2001:db8:ffff:\1::/' ;;
	*)	echo "$4" ;;
	esac
}
p_conf() {
	local line e=$TMP/fs/$1/etc
	printf '#!/bin/sh\ncat >> /run/heard\n' > "$e/hear"
	printf '#!/bin/sh\nwhile :; do cat /run/say; done\n' > "$e/say"
	chmod +x "$e/hear" "$e/say"
	on "$1" mkfifo /run/say
	on "$1" touch /run/heard
	{
	cat <<-C
	process hear { run /etc/warren/hear; encoder json; }
	process say { run /etc/warren/say; encoder json; }
	C
	while read -r line; do
		[ -z "$line" ] || exa_session $line
	done
	} > "$e/exabgp.conf"
}
p_start() {
	start "$1" "$1" env exabgp.daemon.user=root exabgp.api.ack=false \
		exabgp.api.cli=false exabgp.log.level=INFO \
		exabgp /etc/warren/exabgp.conf
}
exa_say() { local h=$1; shift; on "$h" sh -c 'echo "$*" > /run/say' say "$*"; }
p_routes() { on "$1" cat /run/heard | view exabgp "$2"; }
p_announce() {
	case $2 in
	*:*)	exa_say "$1" "announce route $2 next-hop 2001:db8:ffff:1::2" ;;
	*)	exa_say "$1" "announce route $2 next-hop 10.0.1.2" ;;
	esac
}
p_withdraw() {
	case $2 in
	*:*)	exa_say "$1" "withdraw route $2 next-hop 2001:db8:ffff:1::2" ;;
	*)	exa_say "$1" "withdraw route $2 next-hop 10.0.1.2" ;;
	esac
}
p_refresh() { exa_say "$1" "announce route-refresh ipv4 unicast"; }
p_shutdown() { :; }
p_heard() { :; }
# It ends the connection over a mistake of its own when it is asked.
answers_refresh=no
as2_sees=23456
texts=no
shows_aigp=no

# It has no table to choose from: what it says is said by hand.
scenario_add_paths_by_hand() {
	local k
	pair hold=30 addpath
	go
	both_ways $us $them
	for k in 4 6; do
		exa_say p "announce route 10.82.0.0/16 next-hop 10.0.1.2" \
			"path-information 0.0.0.$k community [1:$k]"
	done
	check both wait_for 'w_paths s4 10.82.0.0/16 2' 10
	comes one has s4 10.82.0.0/16 'comm=1:4 '
	comes other has s4 10.82.0.0/16 'comm=1:6 '
	exa_say p "withdraw route 10.82.0.0/16 next-hop 10.0.1.2" \
		"path-information 0.0.0.4 community [1:4]"
	check one_goes wait_for 'w_paths s4 10.82.0.0/16 1' 10
	check other_stays has s4 10.82.0.0/16 'comm=1:6 '
}

. "$(dirname "$0")/lib.sh"
