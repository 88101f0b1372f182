#!/bin/bash
# SPDX-License-Identifier: ISC
# What "warren import wg" makes of wg-quick's files: the interface has the
# peers, keys and allowed ips that "wg showconf" gives after "wg setconf" of
# the same file.  Our own files, and eight that others have published, where
# they are at hand (WARREN_SAMPLES, or shared/samples beside the tree).
. "$(dirname "$0")/lib.sh"
need wg wg-quick python3

samples=${WARREN_SAMPLES:-$TOP/../../shared/samples}
host h
mkdir -p "$TMP/in"
export LC_ALL=C

cat > "$TMP/tidy.py" <<-'P'
	# A configuration as facts: who has which key, psk and allowed ips.
	import sys
	facts, who = [], None
	# A port that nobody asked for is any.
	port = 'listenport' in open(sys.argv[2]).read().lower()
	for l in open(sys.argv[1]):
	    l = l.split('#')[0].strip()
	    if '=' in l:
	        k, v = [x.strip() for x in l.split('=', 1)]
	        if k == 'PublicKey':
	            who = v
	            facts.append('peer ' + v)
	        elif k == 'AllowedIPs':
	            facts += ['%s allowed %s' % (who, n.strip())
	                for n in v.split(',') if n.strip()]
	        elif k == 'PrivateKey' or k == 'ListenPort' and port:
	            facts.append('%s %s' % (k, v))
	        elif k == 'Endpoint':	# names were made addresses
	            facts.append('%s port %s' % (who, v.split(':')[-1]))
	        elif k == 'ListenPort':
	            pass
	        elif k not in ('FwMark',) or v != '0xca6c':
	            facts.append('%s %s %s' % (who, k, v))
	print('\n'.join(sorted(set(facts))))
P
tidy() { python3 "$TMP/tidy.py" "$1" "$2"; }

# imported FILE NAME: what our interface has
imported() {
	local f=$1 n=$2 iface
	rm -rf "$TMP/keys.$n"
	warren import wg -d "$TMP/keys.$n" "$f" > "$TMP/$n.conf" \
		2> "$TMP/$n.notes.log" || return
	! grep -qF "$(sed -n 's/^ *PrivateKey *= *\([^ ]*\).*/\1/Ip' "$f")" \
		"$TMP/$n.conf" "$TMP/$n.notes.log" || return
	[ "$(stat -c %a "$TMP/keys.$n"/* | sort -u)" = 600 ] || return
	# There is no resolver here; the expectation has the same address.
	sed -i -E 's/(endpoint ")[a-zA-Z][^:"]*:/\1192.0.2.1:/' "$TMP/$n.conf"
	iface=$(sed -n 's/^\tinterface "\(.*\)";/\1/p' "$TMP/$n.conf")
	start "w_$n" h warrend -f -c "$TMP/$n.conf" -s "$TMP/ctl"
	# All of it is there once there is no more than a moment before.
	wait_for "on h wg showconf '$iface' | grep -q PublicKey" 10
	wait_for "cp '$TMP/$n.is' '$TMP/$n.was'; sleep 0.2
		on h wg showconf '$iface' > '$TMP/$n.is'
		cmp '$TMP/$n.is' '$TMP/$n.was'" 10
	stop "w_$n"
	on h wg show interfaces > "$TMP/$n.left"
}
# same FILE WANT IS
same() { diff <(tidy "$2" "$1") <(tidy "$3" "$1"); }

for f in "$TOP"/tests/netns/wgquick/*.conf; do
	n=$(basename "$f" .conf)
	check "$n/import" imported "$f" "$n"
	start "wg_$n" h warren-wg -f "t_$n"
	wait_for "on h wg show t_$n" 5
	on h wg-quick strip "$f" > "$TMP/$n.strip"
	on h wg setconf "t_$n" "$TMP/$n.strip"
	on h wg showconf "t_$n" > "$TMP/$n.want"
	stop "wg_$n"
	check "$n/same" same "$f" "$TMP/$n.want" "$TMP/$n.is"
done
check every/words eval 'grep -q "peer \"office router\"" $TMP/every.conf &&
	grep -q "forward yes;" $TMP/every.conf &&
	grep -q "mtu 1380;" $TMP/every.conf &&
	grep -q "address 10.7.1.1/32;" $TMP/every.conf'
check every/notes eval 'test "$(grep -cE ": (DNS|PreUp|PreDown) = .*: " \
	$TMP/every.notes.log)" = 3 && test "$(wc -l < $TMP/every.notes.log)" = 3'
check client/routes grep -q 'ipv4 { import all; export none; };' \
	"$TMP/client.conf"
check twice eval 'cd $TMP/in && cp $TOP/tests/netns/wgquick/*.conf . &&
	warren import wg -d $TMP/both *.conf 2> /dev/null > both.out &&
	warrend -p -c both.out && warren import wg -d $TMP/both *.conf \
	2> /dev/null | cmp - both.out'
sed 's/0G/2G/' "$TOP/tests/netns/wgquick/client.conf" > "$TMP/in/client.conf"
check kept eval '! warren import wg -d $TMP/both $TMP/in/client.conf \
	> /dev/null 2>&1 && grep -q ^0G $TMP/both/client.key'
printf '[Interface]\nPrivateKey = nonsense\n' > "$TMP/in/bad.conf"
check bad eval '! warren import wg -d $TMP/bad $TMP/in/bad.conf \
	> $TMP/bad.out 2>&1 && ! grep -q "= nonsense" $TMP/bad.out'

if [ ! -d "$samples/wg-configs" ]; then
	skip published "the published files are not here"
	exit 0
fi
for f in "$samples"/wg-configs/*.conf; do
	n=$(basename "$f" .conf)
	check "$n/import" imported "$f" "$n"
	check "$n/same" same "$f" \
		"$samples/wg-configs.expected/wg-configs_$n.conf.showconf" \
		"$TMP/$n.is"
done
