#!/bin/bash
# SPDX-License-Identifier: ISC
# Every "show" command has JSON, and a schema in doc/schema that it keeps to.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/wglib.sh"
need python3

host r p
link r v0 p eth0 10.0.0.1/24 10.0.0.2/24
cat > "$TMP/r.conf" <<-'C'
	router id 10.0.0.1;
	protocol device {}
	protocol direct { ipv4; ipv6; }
	protocol bfd { interface "*" { interval 200 ms; }; }
	protocol kernel k { ipv4 { export all; }; }
	roa4 table r4;
	protocol static roas { roa4 { table r4; }; route 20.0.0.0/8 max 24 as 65001; }
	protocol static s {
		ipv4;
		route 10.5.0.0/16 blackhole;
		route 10.6.0.0/16 via 10.0.0.2;
		route 10.7.0.0/16 recursive 10.0.0.2;
		route 10.8.0.0/16 via 10.0.0.2 weight 2 via "v0";
	}
	filter f { if net = 20.0.1.0/24 then reject; accept; }
	protocol wireguard wg0 {
		private key file "/etc/warren/wg0.key";
		backend userspace;
		peer "east" {
			public key "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
			endpoint "10.0.0.2:51820";
			allowed ips 10.9.0.0/24, fd09::/64;
		};
	}
	protocol bgp b {
		description "the peer";
		local as 65000; neighbor 10.0.0.2 as 65001; bfd on;
		ipv4 { import filter f; import keep filtered; export all; };
	}
	protocol bgp c { local as 65000; neighbor 10.0.0.9 as 65009; disabled;
		ipv4 { import none; export none; }; }
	protocol bgp t { local as 65000; neighbor wireguard "wg0" "east" as 65002;
		ipv6 { import all; export none; }; }
C
cat > "$TMP/p.conf" <<-'C'
	router id 10.0.0.2;
	protocol device {}
	protocol bfd { interface "*" { interval 200 ms; }; }
	protocol static s { ipv4;
		route 20.0.0.0/24 blackhole { bgp_med = 5;
			bgp_community.add((1,2)); bgp_path.prepend(77); };
		route 20.0.1.0/24 blackhole; }
	protocol bgp b { local 10.0.0.2 as 65001; neighbor 10.0.0.1 as 65000;
		bfd on;
		ipv4 { import all; export where source = RTS_STATIC; }; }
C
start p p warrend -f -c "$TMP/p.conf" -s "$TMP/p.ctl"
start r r warrend -f -c "$TMP/r.conf" -s "$TMP/ctl"
W() { on r warren -s "$TMP/ctl" "$@"; }
check session wait_for 'W show protocols b | grep -q Established' 30
check routes wait_for 'W show route 20.0.0.0/24 | grep -q 20.0.0' 10

cat > "$TMP/valid.py" <<-'P'
	# As much of JSON Schema as our schemas use; what else they would say is
	# a mistake.
	import json, re, sys
	KNOWN = {'$schema', 'title', 'description', 'type', 'properties',
	    'required', 'additionalProperties', 'items', 'enum', 'anyOf',
	    'format', 'minimum'}
	TYPES = {'object': dict, 'array': list, 'string': str,
	    'boolean': bool, 'null': type(None)}
	def is_a(v, t):
	    if t == 'integer':
	        return isinstance(v, int) and not isinstance(v, bool)
	    return isinstance(v, TYPES[t])
	def check(v, s, at='$'):
	    extra = set(s) - KNOWN
	    assert not extra, '%s: the schema says %s' % (at, extra)
	    if 'anyOf' in s:
	        why = []
	        for o in s['anyOf']:
	            try:
	                return check(v, o, at)
	            except AssertionError as e:
	                why.append(str(e))
	        raise AssertionError(' | '.join(why))
	    if 'enum' in s:
	        assert v in s['enum'], '%s: %r is none of %r' % (at, v, s['enum'])
	        return
	    t = s['type'] if isinstance(s['type'], list) else [s['type']]
	    assert any(is_a(v, x) for x in t), '%s: %r is no %s' % (at, v, t)
	    if s.get('format') == 'date-time' and v is not None:
	        assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', v), at
	    if is_a(v, 'integer') and 'minimum' in s:
	        assert v >= s['minimum'], '%s: %d' % (at, v)
	    if isinstance(v, list):
	        for i, x in enumerate(v):
	            check(x, s['items'], '%s[%d]' % (at, i))
	    if isinstance(v, dict):
	        props, more = s.get('properties', {}), s.get('additionalProperties', True)
	        for k in s.get('required', []):
	            assert k in v, '%s: no %s' % (at, k)
	        for k, x in v.items():
	            if k in props:
	                check(x, props[k], at + '.' + k)
	            else:
	                assert more is not False, '%s: %s is not in the schema' % (at, k)
	                if isinstance(more, dict):
	                    check(x, more, at + '.' + k)
	v = json.load(sys.stdin)
	check(v, json.load(open(sys.argv[1])))
	least = int(sys.argv[2])
	assert not isinstance(v, list) or len(v) >= least, 'only %d rows' % len(v)
P

# valid SCHEMA ROWS COMMAND...: at least so many rows
valid() {
	local schema=$1 rows=$2
	shift 2
	W -j "$@" | python3 "$TMP/valid.py" "$TOP/doc/schema/$schema.json" \
		"$rows" 2>&1
}
seen=' '
try() {
	local schema=$1
	seen+="$schema "
	check "${*:3}" valid "$@"
}
try show-status 0 show status
try show-protocols 10 show protocols
try show-protocols 1 show protocols all b
try show-route 7 show route all
try show-route 1 show route table r4
try show-route 1 show route for 20.0.0.1 all
try show-route 1 show route filtered
try show-route 1 show route export b
try show-route 2 show route count
try show-route 3 show route stats
try show-interfaces 2 show interfaces
try show-interfaces 2 show interfaces summary
try show-memory 0 show memory
try show-static 4 show static
try show-symbols 5 show symbols
try show-tunnels 1 show tunnels
try show-bfd-sessions 1 show bfd sessions
try show-bfd-sessions 1 show bfd sessions all
try show-protocols 3 show bgp summary
try show-protocols 3 show bgp neighbors 10.0.0.2
try show-route 1 show bgp ipv4 unicast
try show-route 1 show ip route
try lines 1 show route table nope
try lines 1 configure check

# None is forgotten: neither a command nor a schema.
W help show | grep -v 'Not served' | sed -E 's/\t.*//; s/ [[<(].*//; s/ *$//' |
	sort -u > "$TMP/commands"
check there_are_commands test "$(wc -l < "$TMP/commands")" -ge 9
while read -r c; do
	case "$seen" in
	*" ${c// /-} "*) ok "has a schema: $c" ;;
	*) not_ok "has a schema: $c" "no test asks for it" ;;
	esac
done < "$TMP/commands"
for f in "$TOP"/doc/schema/*.json; do
	n=$(basename "$f" .json)
	check "is used: $n" test "${seen#* "$n" }" != "$seen"
	check "is described: $n" grep -q "schema/$n.json" "$TOP/doc/json.md"
done
# A schema that is wrong is noticed.
check bites eval '! W -j show memory | python3 $TMP/valid.py \
	$TOP/doc/schema/show-status.json 0'
