#!/bin/bash
# SPDX-License-Identifier: ISC
# A reload tells only those again for whom something is different: two BIRDs
# count what comes.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc

host w a b
link w wa a aw 10.0.1.1/24 10.0.1.2/24
link w wb b bw 10.0.2.1/24 10.0.2.2/24
conf() {	# IMPORT-OF-A EXPORT-TO-B
	on w sh -c 'cat > /etc/warren/warren.conf' <<-END
	router id 10.0.1.1;
	protocol device {}
	protocol static { ipv4; route 10.60.0.0/16 blackhole; route 10.61.0.0/16 blackhole; }
	protocol bgp a {
	    local as 65000; neighbor 10.0.1.2 as 65001;
	    ipv4 { import $1; export all; };
	}
	protocol bgp b {
	    local as 65000; neighbor 10.0.2.2 as 65002;
	    ipv4 { import all; export $2; };
	}
	END
}
for p in a:10.0.1:65001:50 b:10.0.2:65002:51; do
	IFS=: read -r h net as x <<< "$p"
	on $h sh -c 'cat > /etc/warren/bird.conf' <<-END
	router id $net.2;
	protocol device {}
	protocol static { ipv4; route 10.$x.0.0/16 blackhole; }
	protocol bgp w {
	    local as $as; neighbor $net.1 as 65000;
	    ipv4 { import all; export all; };
	}
	END
	start $h $h bird -f -c /etc/warren/bird.conf -s /run/bird.ctl
done
received() {
	on "$1" birdc -s /run/bird.ctl show protocols all w |
		awk '/Import updates/ { print $3 }'
}
conf all all
start w w warrend -f
wait_for '[ "$(received a)$(received b)" = 33 ]' 30 ||
	{ not_ok quiet/begin "$(received a) $(received b)"; exit 1; }
reload() {
	on w warren configure > "$TMP/configure.log"
	sleep 1.5
}
is() { [ "$(received a) $(received b)" = "$1" ]; }
reload
check "quiet/the same file" is "3 3"
conf "where net ~ [ 10.0.0.0/8+ ]" all
reload
check "quiet/another import filter" is "3 3"
conf "where net ~ [ 10.0.0.0/8+ ]" "where net !~ [ 10.61.0.0/16 ]"
reload
check "quiet/another export filter" wait_for '[ "$(received a)" = 3 ] &&
	on b birdc -s /run/bird.ctl show route | grep -q 10.60.0.0 &&
	! on b birdc -s /run/bird.ctl show route | grep -q 10.61.0.0' 5
stop w
