#!/bin/bash
# SPDX-License-Identifier: ISC
# sys/rtnl against the kernel of this machine: batches, errors of single
# routes, replacing in both families, events, overruns, addresses, links.
. "$(dirname "$0")/lib.sh"
need ip

probe=$BUILD/tests/netns/netlink_probe
[ -x "$probe" ] || { not_ok "$NAME" "netlink_probe is not built"; exit 1; }

host r
link r va r vb
link r vc r vd
ip -n r address add 192.0.2.1/24 dev va
ip -n r address add 198.51.100.1/24 dev vc
ip -n r address add 2001:db8::1/64 dev va nodad
ip -n r address add 2001:db8:1::1/64 dev vc nodad

probe() { on r "$probe" "$@" 2>> "$TMP/probe.log"; }
# says NAME EXPECTED COMMAND...: the output, squeezed to one line.
says() {
	local name=$1 want=$2 got
	shift 2
	got=$("$@" 2>&1 | tr -s '\n\t ' '   ')
	got=${got% }
	if [ "$got" = "$want" ]; then ok "$NAME/$name"
	else not_ok "$NAME/$name" "want '$want', got '$got'"; fi
}
routes() { ip -n r "-$1" route show proto bird; }
count() { routes "$1" | wc -l; }

says "10,000 IPv4 routes" "done 10000 failed 0 first 0" \
	probe bulk add 4 10000 via 192.0.2.2 dev va
says "are in the table" 10000 count 4
says "once more: each is refused" "done 10000 failed 10000 first EEXIST" \
	probe bulk add 4 10000 via 192.0.2.2 dev va
says "but may be replaced" "done 10000 failed 0 first 0" \
	probe bulk set 4 10000 via 192.0.2.7 dev va
says "and all are" 10000 bash -c \
	"ip -n r route show proto bird | grep -c 192.0.2.7"
says "10,000 IPv6 routes" "done 10000 failed 0 first 0" \
	probe bulk add 6 10000 via 2001:db8::2 dev va
says "are in the table, too" 10000 count 6
says "replaced" "done 10000 failed 0 first 0" \
	probe bulk set 6 10000 via 2001:db8::7 dev va
says "without a second next hop" 10000 count 6
says "deleting one too many" "done 10001 failed 1 first ESRCH" \
	probe bulk del 4 10001
says "and in IPv6" "done 10001 failed 1 first ESRCH" probe bulk del 6 10001
says "all gone" "0 0" bash -c "ip -n r route show proto bird | wc -l
	ip -n r -6 route show proto bird | wc -l"

# IPv4: what a route may become.
p=10.1.0.0/16
says "IPv4 over an IPv6 next hop" 0 probe set $p via fe80::1 dev va
says "is there" "$p via inet6 fe80::1 dev va" routes 4
says "becomes a plain one" 0 probe set $p via 192.0.2.3 dev va
says "alone" "$p via 192.0.2.3 dev va" routes 4
says "becomes a multipath" 0 probe set $p via 192.0.2.3 dev va weight 3 \
	next via 198.51.100.9 dev vc next via fe80::7 dev va onlink
says "with weights" "$p nexthop via 192.0.2.3 dev va weight 3 nexthop \
via 198.51.100.9 dev vc weight 1 nexthop via inet6 fe80::7 dev va weight 1 \
onlink" routes 4
says "and reads so" "=route $p type 1 proto 12 table 254 metric 0 via \
192.0.2.3 dev $(on r cat /sys/class/net/va/ifindex) weight 3 flags 0 via \
198.51.100.9 dev $(on r cat /sys/class/net/vc/ifindex) weight 1 flags 0 via \
fe80::7 dev $(on r cat /sys/class/net/va/ifindex) weight 1 flags 4" \
	bash -c "nsenter --target ${holder[r]} --net $probe scan proto 12 |
	    grep =route"
says "becomes a blackhole" 0 probe set $p type blackhole
says "which is one" "blackhole $p" routes 4
says "a foreign prefsrc is refused" "EINVAL Invalid prefsrc address" \
	probe set $p via 192.0.2.3 dev va prefsrc 203.0.113.9
says "and nothing lost" "blackhole $p" routes 4
says "an own one is not" 0 probe set $p via 192.0.2.3 dev va \
	prefsrc 198.51.100.1 mtu 1300
says "nor the MTU" "$p via 192.0.2.3 dev va src 198.51.100.1 mtu 1300" \
	routes 4
says "an unreachable next hop" "ENETUNREACH Nexthop has invalid gateway" \
	probe add 10.2.0.0/16 via 203.0.113.1 dev va
says "deleted" 0 probe del $p
says "and gone" "ESRCH" probe del $p

# IPv6: replacing, whatever there was, leaves one route.
p=fd01::/32
two="via 2001:db8::2 dev va next via 2001:db8:1::2 dev vc weight 4"
is_two="$p metric 1024 pref medium nexthop via 2001:db8::2 dev va weight 1 \
nexthop via 2001:db8:1::2 dev vc weight 4"
become() {
	local want=$1
	shift
	says "$p becomes $*" 0 probe set $p "$@"
	says "$p is $*" "$want" routes 6
}
# shellcheck disable=SC2086
{
become "$p via 2001:db8::2 dev va metric 1024 pref medium" \
	via 2001:db8::2 dev va
become "$is_two" $two
become "$p via 2001:db8::9 dev va metric 1024 pref medium" \
	via 2001:db8::9 dev va
become "$is_two" $two
become "unreachable $p dev lo metric 1024 pref medium" type unreachable
become "$is_two" $two
become "$p dev va metric 1024 pref medium" dev va
become "$is_two" $two
}
says "adding does not join" EEXIST probe add $p via 2001:db8::3 dev va
says "a refused set" "EINVAL Invalid source address" \
	probe set $p via 2001:db8::3 dev va prefsrc fd00::99
says "leaves it" "$is_two" routes 6
says "another metric" 0 probe add $p via 2001:db8::7 dev va metric 99
says "is another route" 0 probe del $p
says "which stays" "$p via 2001:db8::7 dev va metric 99 pref medium" routes 6
probe del $p metric 99 > /dev/null

# Tables.
says "another table" 0 probe set 10.9.0.0/16 type prohibit table 1234
says "is scanned alone" "=route 10.9.0.0/16 type 8 proto 12 table 1234 \
metric 0 scanned 2: 0" bash -c "nsenter --target ${holder[r]} --net \
	$probe scan table 1234 | grep -E '=route|scanned 2'"
says "a table that is not there is empty" "scanned 2: 0 scanned 3: 0" \
	bash -c "nsenter --target ${holder[r]} --net $probe scan table 1235 |
	    grep -E '=route|scanned [23]'"

on r ip route flush table 1234
# More changes than the watcher's socket holds, while it sleeps.
says "an overrun is noticed and mended" "overruns some routes 300000 torn 0" \
	probe overrun 300000 via 192.0.2.2 dev va
on r ip route flush proto bird

# Addresses.
says "an address without its route" 0 \
	probe addr set vb 10.3.0.1/30 noprefixroute
says "again" 0 probe addr set vb 10.3.0.1/30 noprefixroute
says "is there" "inet 10.3.0.1/30 scope global noprefixroute vb" bash -c \
	"ip -n r -4 address show dev vb to 10.3.0.1 | grep -o 'inet.*'"
says "and has none" "" ip -n r route show 10.3.0.0/30
says "a peer's address" 0 probe addr set vb 10.4.0.1/32 peer 10.4.0.2
says "is a peer's" "inet 10.4.0.1 peer 10.4.0.2/32 scope global vb" bash -c \
	"ip -n r -4 address show dev vb | grep -o 'inet 10.4.*'"
says "a link-local one" 0 probe addr set vb fe80::77/64 nodad
says "at once" "inet6 fe80::77/64 scope link nodad" bash -c \
	"ip -n r -6 address show dev vb | grep -o 'inet6 fe80::77.*' |
	    sed 's/ *$//'"
says "taken away" 0 probe addr del vb 10.3.0.1/30
# Newer kernels add a text.
says "once" EADDRNOTAVAIL bash -c \
	"nsenter --target ${holder[r]} --net $probe addr del vb 10.3.0.1/30 |
	    cut -d ' ' -f 1"

# Links and rules.
ip -n r link add name ve type veth peer name vh
says "up without a link-local address" 0 probe link quiet ve
ip -n r link set vh up
sleep 0.2
says "for good" "" ip -n r -6 address show dev ve
says "its MTU" 0 probe link mtu ve 1333
says "is set" 1333 on r cat /sys/class/net/ve/mtu
says "a new link" 0 probe link add br9 bridge
says "of a name that is taken" EEXIST probe link add br9 bridge
says "removed" 0 probe link del br9
says "twice" ENODEV probe link del br9
says "a rule" 0 probe rule add 4 0x77 7711
says "reads well" "not from all fwmark 0x77 lookup 7711 proto bird" bash -c \
	"ip -n r rule show | grep 7711 | cut -f 2"
says "and goes" 0 probe rule del 4 0x77 7711

# News.
probe bulk add 4 2 via 192.0.2.2 dev va > /dev/null
start watch r "$probe" watch 100000
wait_for "grep -q 'scanned 3' $TMP/watch.log" 5 ||
	not_ok "$NAME/scan" "does not end"
ip -n r route replace 10.0.0.0/24 via 192.0.2.9 proto bird
ip -n r address add 192.0.2.77/32 dev vd
ip -n r link set vb down
ip -n r link set va down
heard() { comes "$NAME/$1" grep -qE "$2" "$TMP/watch.log"; }
heard "news of a replaced route" '^~route 10.0.0.0/24 .* via 192.0.2.9'
heard "news of an address" '^\+addr 192.0.2.77/32'
heard "news of a lost carrier" '^\+link va .* up 1 carrier 0'
heard "news of a link down" '^\+link va .* up 0'
# The header warns of this; should the kernel mend it, the header can.
check "$NAME/the kernel says nothing of IPv4 routes lost with a link" \
	bash -c "! grep -q '^-route 10.0' $TMP/watch.log"
