# SPDX-License-Identifier: ISC
# shellcheck shell=bash disable=SC2034,SC2154
# warrend with another speaker, capability by capability.  A peer_NAME.sh is
# the driver of one speaker and ends with
#
#	. "$(dirname "$0")/lib.sh"
#
# Without an argument it runs all the scenarios that the two share, some at a
# time, each in a lab of its own, and prints a row of the matrix; with names,
# those.  What a scenario is stands in scenarios.sh, once for all speakers.  A
# driver has
#
# can                   the names of the scenarios that it shares with us
# p_need                the programs, or skip
# p_conf HOST           writes its configuration: $as and $id are its own, the
#                       sessions are read from stdin, see session(); what it
#                       says of itself follows from $digit, see nets()
# p_start HOST [again]  the daemon, labelled HOST; again: after kill -9
# p_routes HOST PREFIX  a line for each path that it has, as view.py prints it
# p_announce HOST PREFIX, p_withdraw HOST PREFIX
#                       while it runs; an own net without attributes
# p_refresh HOST NAME   asks the neighbour of that session to say all again
# p_shutdown HOST NAME TEXT
#                       ends a session with a text for us (RFC 9003)
# p_heard HOST TEXT     what it heard from us as we ended one
#
# A session is a line "NAME IFACE LOCAL REMOTE AS-OF-THE-REMOTE WORD...".  The
# words, each optional, and the same for us and for them:
#
# hold=9 passive fam=4|6|46 gr=SECONDS llgr=SECONDS md5=SECRET gtsm ext as2
# addpath enh role=R rr self aigp nocaps bfd
#
# and, for the whole speaker, $confed ("ID MEMBER...") when it is in one.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peer=$(basename "$0" .sh)
peer=${peer#peer_}
scenario=${1-}

# Runs the scenarios beside each other, and prints what they said in the end.
lib_run_all() {
	local out s row='' status=0 k skipped=0
	out=$(mktemp -d)
	trap 'rm -rf "$out"' EXIT
	trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM HUP
	for s; do
		while [ "$(jobs -rp | wc -l)" -ge "${WARREN_LABS:-4}" ]; do
			wait -n
		done
		(
			env -u WARREN_LAB bash "$0" "$s" > "$out/$s" 2>&1 ||
			    : > "$out/$s.bad"
		) &
	done
	wait
	for s; do
		cat "$out/$s"
		k=ok
		grep -q '^ok' "$out/$s" || { k=skip; skipped=$((skipped + 1)); }
		[ ! -e "$out/$s.bad" ] || { k=BAD status=1; }
		row="$row $s=$k"
	done
	echo "matrix $peer$row"
	[ $skipped != $# ] || status=77
	return $status
}

if [ -z "$scenario" ]; then
	# shellcheck disable=SC2086
	lib_run_all $can
	exit
elif [ $# -gt 1 ]; then
	lib_run_all "$@"
	exit
fi

. "$here/../netns/lib.sh"
. "$here/scenarios.sh"

lib_ok=$(declare -f ok not_ok check skip | sed 's/^\(\w*\) ()/lib_\1 ()/')
eval "$lib_ok"
ok() { lib_ok "$peer/$scenario/$1"; }
not_ok() { lib_not_ok "$peer/$scenario/$1" "${2-}"; }

need birdc
p_need
view() { /usr/bin/env python3 "$here/view.py" "$@"; }

# --- what a speaker says of itself ----------------------------------------

# The first of each family goes out with attributes, the second as it is.
nets() { echo "10.$1.1.0/24 10.$1.2.0/24 2001:db8:$1::/48 2001:db8:$1:8000::/49"; }
decorated() { case $1 in *.1.0/24 | *::/48) ;; *) false ;; esac; }
word() {	# WORD SESSION-WORDS...: what stands behind its "="
	local w k=$1
	shift
	for w; do
		case $w in
		"$k")	return 0 ;;
		"$k="*)	echo "${w#*=}"; return 0 ;;
		esac
	done
	return 1
}

# --- the language that we share with BIRD ---------------------------------

bird_static() {
	local n
	for n; do
		case $n in
		*:*)	echo "protocol static { ipv6; route $n blackhole; }" ;;
		*)	echo "protocol static { ipv4; route $n blackhole; }" ;;
		esac
	done
}

bird_words() {
	local w
	for w; do
		case $w in
		hold=*)	echo "hold time ${w#*=}; keepalive time 1;" ;;
		passive) echo 'passive;' ;;
		gr=*)	echo "graceful restart on;
			graceful restart time ${w#*=};" ;;
		llgr=*)	echo "long lived graceful restart on;
			long lived stale time ${w#*=};" ;;
		md5=*)	echo "password \"${w#*=}\";" ;;
		gtsm)	echo 'ttl security on;' ;;
		ext)	echo 'enable extended messages on;' ;;
		as2)	echo 'enable as4 off;' ;;
		role=*)	echo "local role ${w#*=};" | tr - _ ;;
		rr)	echo 'rr client;' ;;
		nocaps)	echo 'capabilities off;' ;;
		bfd)	echo 'bfd on;' ;;
		esac
	done
}

bird_channel_words() {	# FAMILY WORD...
	local fam=$1 w
	shift
	for w; do
		case $w in
		addpath) echo 'add paths on;' ;;
		enh)	[ "$fam" = 6 ] || echo 'extended next hop on;' ;;
		self)	echo 'next hop self on;' ;;
		aigp)	echo 'aigp originate;' ;;
		esac
	done
}

bird_session() {
	local name=$1 iface=$2 local=$3 remote=$4 ras=$5 fam f
	shift 5
	fam=$(word fam "$@") || fam=46
	cat <<-C
	protocol bgp $name {
		local $local as $as;
		neighbor $remote $(case $ras in external) ;; *) echo as ;;
		    esac) $ras;
		$(case $remote in fe80:*) echo "interface \"$iface\";" ;; esac)
		connect delay time 1; connect retry time 2;
		error wait time 1, 2;
		$(set -- $confed; [ $# = 0 ] || echo "confederation $1;
			$(word "$ras" "${@:2}" > /dev/null &&
			echo 'confederation member on;')")
		$(bird_words "$@")
	C
	for f in 4 6; do
		case $fam in *$f*) ;; *) continue ;; esac
		echo "ipv$f { import ${import:-all}; export filter tell;"
		bird_channel_words $f "$@"
		echo '};'
	done
	echo '}'
}

# Sessions on stdin.
bird_conf() {
	local line sessions
	sessions=$(cat)
	cat <<-C
	log stderr all;
	router id $id;
	protocol device { scan time 1; }
	protocol direct { ipv4; ipv6; }
	$(bird_static $(nets "$digit"))
	filter tell {
		if source = RTS_DEVICE then reject;
		if net ~ [ 10.$digit.1.0/24 ] || net ~ [ 2001:db8:$digit::/48 ]
		then {
			bgp_med = $digit;
			bgp_community.add((64999, $digit));
			bgp_large_community.add((4200000009, $digit, 7));
		}
		$more
		accept;
	}
	C
	! word bfd $sessions || echo 'protocol bfd { interface "*" {
		interval 200 ms; multiplier 10; }; }'
	while read -r line; do
		[ -z "$line" ] || bird_session $line
	done <<< "$sessions"
}

# --- ourselves -------------------------------------------------------------

w_conf() {	# HOST; sessions on stdin
	{
		bird_conf
		cat <<-C
		debug protocols { states, events };
		protocol kernel { ipv4 { export where source = RTS_BGP; };
			learn; }
		protocol kernel { ipv6 { export where source = RTS_BGP; }; }
		C
	} > "$TMP/fs/$1/etc/warren.conf"
}
w_start() { start "$1" "$1" warrend -f; }
ours_of() { local h=$1; shift; on "$h" birdc -s /run/warren/warren.ctl "$@"; }
ours() { ours_of w "$@"; }
w_up() { ours_of "${2:-w}" show protocols "$1" | grep -q Established; }
w_down() { ! w_up "$@"; }
# has PROTOCOL PREFIX PATTERN [HOST]: a path that a warrend has from there
has() {
	ours_of "${4:-w}" show route "$2" protocol "$1" all |
		view bird "$2" | grep -qE "$3"
}
lacks() { ! has "$@"; }
logged() { grep -qE "$2" "$TMP/$1.log"; }
says() { ours show protocols all "$1" | grep -qE "$2"; }
kernel() { ip -n w route show "$1" | grep -qE "$2"; }
kernel6() { ip -n w -6 route show "$1" | grep -qE "$2"; }

# --- theirs -----------------------------------------------------------------

# there HOST PREFIX PATTERN: one of its paths
there() { p_routes "$1" "$2" | grep -qE "$3"; }
not_there() { ! there "$@"; }
# paths HOST PREFIX COUNT PATTERN
paths() { [ "$(p_routes "$1" "$2" | grep -cE "${4:-.}")" = "$3" ]; }

# --- the wire ---------------------------------------------------------------

# From now on what BGP says on an interface of w is in $TMP/wire.log.
wire_start() {
	start "wire_$1" w /usr/bin/env python3 "$here/wire.py" "$1"
	wait_for "grep -q listening $TMP/wire_$1.log" 5
}
wire() { cat "$TMP"/wire_*.log | grep -qE "$1"; }
wire_count() { cat "$TMP"/wire_*.log | grep -cE "$1"; }

# --- places -----------------------------------------------------------------

# Two machines and a cable, which cable_cut cuts in a switch in its middle, so
# that no end sees its carrier go.
cable() {	# A B NUMBER
	host "sw$3"
	ip -n "sw$3" link add br0 type bridge
	ip -n "sw$3" link set br0 up
	cable_end "$1" "$2" "$3" 1
	cable_end "$2" "$1" "$3" 2
}
cable_end() {	# HOST OTHER NUMBER END
	local dev=to_$2
	link "$1" "$dev" "sw$3" "$1" "10.0.$3.$4/24"
	ip -n "sw$3" link set "$1" master br0
	ip -n "$1" address add "2001:db8:ffff:$3::$4/64" dev "$dev" nodad
	ip -n "$1" address flush dev "$dev" scope link
	ip -n "$1" address add "fe80::$3:$4/64" dev "$dev" nodad
}
cable_cut() { ip -n "sw$1" link set "$2" nomaster; }
cable_mend() { ip -n "sw$1" link set "$2" master br0; }

# The lines of both ends of a session.
v4() { echo "$1 to_$3 10.0.$2.${5:-1} 10.0.$2.${6:-2} $4"; }
v6() { echo "$1 to_$3 2001:db8:ffff:$2::${5:-1} 2001:db8:ffff:$2::${6:-2} $4"; }
ll() { echo "$1 to_$3 fe80::$2:${5:-1} fe80::$2:${6:-2} $4"; }

# speaker HOST KIND AS DIGIT: writes a configuration; sessions on stdin
speaker() {
	local as=$3 id=10.255.0.$4 digit=$4
	"$2_conf" "$1"
}
up() {	# NAME...: or the scenario is over
	local s
	for s; do
		check "session_$s" wait_for "w_up $s" 30 || exit 1
	done
}

confed= more= import=
if ! declare -F "scenario_$scenario" > /dev/null; then
	echo "no scenario $scenario" >&2
	exit 2
fi
"scenario_$scenario"
