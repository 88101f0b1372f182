#!/bin/bash
# SPDX-License-Identifier: ISC
# More commands of birdc's, asked of BIRD and of warrend beside each other:
# several tables, pipes, ROAs, IPv6, filtered routes, patterns, mistakes.
. "$(dirname "$0")/lib.sh"
need birdc bird python3

host r peer
link r v0 peer v1 10.0.0.1/24 10.0.0.2/24
link r w0 peer w1 fd00:1::1/64 fd00:1::2/64

# What somebody else has put into the kernel, to be learned.
on r ip route add 10.9.0.0/24 via 10.0.0.2 table 77 mtu lock 1234 advmss 1000 \
	realm 3 initcwnd 5 src 10.0.0.1 metric 7 features ecn
on r ip route add 10.8.0.0/24 dev v0 scope link table 77

cat > "$TMP/r.conf" <<-'C'
	router id 10.0.0.1;
	define X = 5;
	define NAMES = "v*";
	define SOME = [ 10.0.0.0/8{9,24} ];
	attribute int my_number;
	ipv4 table t1;
	ipv4 table t2;
	ipv6 table t6;
	roa4 table r4;
	roa6 table r6;
	filter none_of_it { reject; }
	filter f1 { bgp_community.add((65000,1)); accept; }
	function ff(int a) { return a; }
	protocol device { scan time 5; }
	protocol direct { disabled; ipv4; ipv6; }
	protocol kernel k4 { learn; ipv4 { export none; import all; }; kernel table 77; }
	protocol static s1 {
		ipv4 { table t1; };
		route 10.1.0.0/24 blackhole { bgp_med = 7; my_number = 3; };
		route 10.2.0.0/24 via 10.0.0.2 { bgp_path.prepend(65009); };
		route 10.2.0.0/16 via 10.0.0.2 weight 3 via 10.0.0.77 weight 8;
		route 10.5.0.0/24 via "v0";
	}
	protocol static s6 {
		ipv6;
		route 2001:db8:1::/48 via fd00:1::2;
		route 2001:db8:2::/48 unreachable;
		route 2001:db8::/32 via fe80::77%w0;
	}
	protocol static roas4 {
		roa4;
		route 10.1.0.0/16 max 24 as 65001;
		route 20.0.0.0/8 max 24 as 65001;
		route 20.0.0.0/8 max 16 as 65001;
	}
	protocol static roas6 { roa6; route 2001:db8::/32 max 48 as 65001; }
	protocol static nothing { ipv4; disabled; }
	protocol pipe p1 {
		table t1; peer table t2;
		import none;
		export where net != 10.5.0.0/24;
	}
	protocol bgp b1 {
		local 10.0.0.1 as 65000;
		neighbor 10.0.0.2 as 65001;
		description "hello";
		ipv4 {
			import keep filtered;
			import filter {
				if net = 20.2.0.0/24 then reject;
				if roa_check(r4, net, bgp_path.last) = ROA_VALID
				then bgp_large_community.add((65000, 1, 1));
				accept;
			};
			export where proto = "b1" || net = 20.9.0.0/24;
			export limit 100 action warn;
		};
	}
	protocol bgp b6 {
		local fd00:1::1 as 65000;
		neighbor fd00:1::2 as 65001;
		ipv6 { import all; export filter f1; next hop self; };
	}
	protocol bgp never {
		local 10.0.0.1 as 65000;
		neighbor 10.0.0.99 as 65003;
		connect delay time 200;
		passive;
		ipv4 { import all; export all; };
	}
	protocol bfd bf { neighbor 10.0.0.2 dev "v0"; }
C
cat > "$TMP/peer.conf" <<-'C'
	router id 10.0.0.2;
	protocol device {}
	protocol static s1 {
		ipv4;
		route 20.1.0.0/24 blackhole;
		route 20.2.0.0/24 blackhole;
		route 20.3.0.0/24 blackhole;
		route 0.0.0.0/0 blackhole;
	}
	protocol static s6 { ipv6; route 2001:db8:9::/48 blackhole; route ::/0 blackhole; }
	template bgp t { local as 65001; neighbor as 65000; }
	filter all_of_it {
		bgp_med = 5;
		bgp_large_community.add((1,2,3));
		bgp_community.add((65001,7));
		bgp_community.add((65535,65281));
		bgp_ext_community.add((rt, 65001, 9));
		if net = 20.3.0.0/24 then bgp_path.prepend(64512);
		accept;
	}
	protocol bgp b1 from t { local 10.0.0.2; neighbor 10.0.0.1;
		ipv4 { import all; export filter all_of_it; }; }
	protocol bgp b6 from t { local fd00:1::2; neighbor fd00:1::1;
		ipv6 { import all; export filter all_of_it; }; }
	protocol bfd { neighbor 10.0.0.1 dev "v1"; }
C
cat > "$TMP/commands" <<'C'
show protocols "*4"
show protocols all direct1
show protocols all k4
show protocols all s1
show protocols all p1
show protocols all never
show protocols all roas4
show protocols nope
show protocols "nope*"
show route table t1
show route table t1 all
show route table t2
show route table t1 table t2 count
show route table all
show route table all count
show route table all stats
show route table r4
show route table r4 all
show route table r6
show route 20.0.0.0/8 table r4
show route 20.0.0.0/8-16 AS65001 table r4
show route for 20.1.0.1 table r4
show route protocol s1
show route protocol s1 table t2
show route protocol p1
show route protocol k4 all
show route protocol s6 all
show route export p1
show route export p1 all
show route export p1 table t1
show route preexport p1
show route noexport p1
show route export b1
show route export b1.ipv4
show route noexport b1.ipv4
show route preexport b1
show route noexport b1 stats
show route export b6 all
show route export b6 count
show route export never
show route export nothing
show route filtered
show route filtered all
show route filtered protocol b1
show route filtered count
show route filtered table t1
show route for 20.3.0.9 all
show route for 20.3.0.0/24
show route for 20.3.0.0/16
show route for 1.1.1.1
show route for 2001:db8:9::1 all
show route for 2001:db9::1
show route for ::
show route 10.2.0.0/16 table t1 all
show route 20.1.0.0/24 20.2.0.0/24
show route in 20.0.0.0/8 count
show route in 2001:db8::/32
show route in 0.0.0.0/0 stats
show route primary table t1
show route primary all protocol b1
show route where bgp_path ~ [= * 64512 * =]
show route where bgp_path.len > 1 all
show route where (65001,7) ~ bgp_community count
show route where net.len = 24 && source = RTS_BGP
show route where from = 10.0.0.2 primary
show route where proto = "b1" protocol b1 stats
show route where my_number = 3 table t1
show route where bgp_med = 7 table t1 all
show route filter f1 count
show route filter none_of_it
show route filter { if bgp_med = 5 then accept; reject; } count
show route all filter f1 20.1.0.0/24
show route filter nope
show route where foo
show route where 5
show route table master4 for 20.1.0.1 primary all
show route all primary for 20.1.0.1
show route stats protocol s1
show route count protocol b1
show route count table t1 table r4
show route 20.1.0.0/24 stats
show route 20.1.0.0/24 count
show route for 20.1.0.1 stats
show static
show static s1
show static s6
show static roas4
show static b1
show static nope
show symbols table
show symbols filter
show symbols function
show symbols template
show symbols protocol
show symbols X
show symbols nope
show bfd sessions
show bfd sessions bf
show bfd sessions nope
show interfaces
show interfaces summary
show ospf
show rip interfaces
show babel neighbors
show babel
disable s6
disable s6
show protocols s6
show static s6
show route table master6 protocol s6
enable s6
enable "s*"
disable "p*"
enable "p*"
restart p1
restart "x*"
reload p1
reload in p1
reload out p1
reload b1
reload in b1
reload out b1
reload "b*"
reload nope
reload in direct1
reload s1
debug all all
debug "b*" { states, events }
debug all off
debug nope all
debug b1
mrtdump b1 all
mrtdump "b*" { states, messages }
mrtdump all off
mrtdump nope all
mrtdump b1 { packets }
echo { debug, trace }
echo off 4096
echo off 5
echo off
echo
eval 5 * 7
eval "abc"
eval 10.0.0.0/8
eval [1, 2, 5..7]
eval (65000, 5)
eval ff(4)
eval X
eval SOME
eval 10.1.0.0/16 ~ SOME
eval true
eval 1.2.3.4
eval nope
eval 1 +
configure check "/nope"
configure undo
configure confirm
configure status
configure soft
configure undo
configure undo
configure timeout 100
configure confirm
configure confirm
show memory nope
show route table
show route export
show route export nope
show route for
show route for nope
show route in
show route protocol nope
show
s
shw
enable
enable all nope
mrt dump
mrt dump table "master4" to "/nope/x.mrt"
mrt dump table "nope" to "/tmp/nope.mrt"
restrict
show protocols b1
show route count
enable b1
reload b1
configure
configure check
down
eval 1
echo off
debug b1 all
C

# What may differ: the moment, the version, the words of a syntax error,
# timers, counters of what was announced again, and which of two next hops of
# IPv6 is taken.
same() {
	sed -E -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]+\.[0-9]{3}/DATE/' \
		-e 's/[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}/TIME/' \
		-e 's/^(9001) .*/\1/' \
		-e 's/^(8008 runtime error).*/\1/' \
		-e 's/((Hold|Keepalive|Connect delay|Connect retry) timer: +)[0-9.]+/\1T/' \
		-e '/(Import|Export) (updates|withdraws):/d' \
		-e '/Long-lived graceful restart/d' \
		-e 's/via (fd00:1::2|fe80:[0-9a-f:]*) on w0/via IT on w0/' \
		-e 's/ from fd00:1::2\]/]/' \
		-e 's/fe80::[0-9a-f:]*\/64/LINKLOCAL/' \
		-e '/^(1006-)? *Kernel (table|routes): /d' \
		-e '/^ *$/d' \
		-e 's/^1006-/ /' \
		-e 's/(configuration from ).*\//\1/' "$1"
}

up() { on r birdc -s "$1" show protocols | grep -cE '^b[16] .*Established' | grep -q 2; }
fed() { on r birdc -s "$1" show route count | grep -q '^Total: 14 of 14'; }

# Raw, with its codes: what comes over the socket.
ask() { on r python3 "$TOP/tests/netns/birdc_ask.py" "$1" "$TMP/commands"; }

start peer peer bird -f -c "$TMP/peer.conf" -s "$TMP/peer.ctl"
start bird r bird -f -c "$TMP/r.conf" -s "$TMP/bird.ctl"
check bird wait_for 'up $TMP/bird.ctl && fed $TMP/bird.ctl' 30
ask "$TMP/bird.ctl" > "$TMP/bird.out"
stop bird

start warrend r warrend -f -c "$TMP/r.conf" -s "$TMP/ctl"
check warrend wait_for 'up $TMP/ctl && fed $TMP/ctl' 30
ask "$TMP/ctl" > "$TMP/warren.out"
same "$TMP/bird.out" > "$TMP/bird.same"
same "$TMP/warren.out" > "$TMP/warren.same"
[ -z "${KEEP:-}" ] || cp "$TMP"/*.out "$TMP"/*.same "$KEEP"
check same_as_bird diff "$TMP/bird.same" "$TMP/warren.same"
check something_was_said test "$(wc -l < "$TMP/bird.same")" -gt 500

# What BIRD 2.0 has not.
B() { on r birdc -s "$TMP/ctl" "$@"; }
W() { on r warren -s "$TMP/ctl" "$@"; }
check timeformat eval 'printf "timeformat \"Q%%Y\"\nshow protocols s1\n" |
	W | grep -q "^s1 .* Q20[0-9][0-9]"'
check timeformat_iso eval 'printf "timeformat iso long us\nshow route\n" |
	W | grep -Eq "\[b1 [0-9-]{10} [0-9:]{8}\.[0-9]{6}"'
check timeformat_wrong eval 'W timeformat 3 2>&1 | grep -q "syntax error"'
check not_up eval 'B reload never | grep -q "never: is not UP"'
check unserved eval 'B show ospf neighbors | grep -q "does not serve ospf"'
for what in resources interfaces protocols routes attributes neighbors; do
	check "dump_$what" eval 'B dump $what "\"$TMP/$what.dump\"" &&
		test -s "$TMP/$what.dump"'
done
check dump_has_routes grep -q '^20.1.0.0/24 .*\[b1 ' "$TMP/routes.dump"
check dump_no_overwriting eval 'B dump routes "\"$TMP/routes.dump\"" |
	grep -q "File exists"'

# More sockets, by the configuration.
{
	cat "$TMP/r.conf"
	echo "cli \"$TMP/look\" { restrict; };"
	echo "cli \"$TMP/second\";"
} > "$TMP/cli.conf"
check configure_cli eval 'B configure "\"$TMP/cli.conf\"" | grep -q Reconf'
L() { on r birdc -s "$TMP/look" "$@"; }
check cli_looks eval 'L show protocols b1 | grep -q Established'
check cli_is_restricted eval 'L disable b1 | grep -q "Access denied"'
check cli_second eval 'on r birdc -s "$TMP/second" debug b1 off'
check cli_second_may eval '! on r birdc -s "$TMP/second" debug b1 off |
	grep -q denied'
check configure_back eval 'B configure "\"$TMP/r.conf\"" | grep -q Reconf'
check cli_gone test ! -e "$TMP/look"

# birdc on a terminal: completion, "?", history, and its pager.
cat > "$TMP/type.py" <<-'P'
	import os, pty, re, select, sys, time
	pid, fd = pty.fork()
	if pid == 0:
	    os.environ['TERM'] = 'vt100'
	    os.execvp('birdc', ['birdc', '-s', sys.argv[1]])
	seen = ''
	def until(what):
	    global seen
	    end = time.time() + 20
	    while not re.search(what, seen):
	        if time.time() > end or not select.select([fd], [], [], 1)[0]:
	            if time.time() > end:
	                sys.exit('no %r in %r' % (what, seen))
	            continue
	        seen += os.read(fd, 65536).decode(errors='replace')
	        if 'More' in seen:
	            os.write(fd, b' ')
	            seen = seen.replace('More', '')
	    seen = seen[re.search(what, seen).end():]
	until('ready')
	until('bird> ')
	os.write(fd, b'show protoc\t')
	until('show protocols ')
	os.write(fd, b'b1\n')
	until('Established')
	until('bird> ')
	os.write(fd, b'show ?')
	until('show status')
	until('bird> ')
	os.write(fd, b'\x15sh statu\n')
	until('up and running')
	until('bird> ')
	os.write(fd, b'show protocols all\n')
	until('BGP state')
	until('bird> ')
	os.write(fd, b'\x10\x10\n')
	until('up and running')
	until('bird> ')
	os.write(fd, b'quit\n')
	os.waitpid(pid, 0)
P
check on_a_terminal on r python3 "$TMP/type.py" "$TMP/ctl"

check graceful eval 'B graceful restart | grep -q "Graceful restart req"'
check is_down wait_for '! kill -0 ${pid[warrend]} 2>/dev/null' 10
