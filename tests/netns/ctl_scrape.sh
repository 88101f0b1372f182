#!/bin/bash
# SPDX-License-Identifier: ISC
# Programs that read what birdc shows: a looking glass in the manner of
# bird-lg (a proxy on the socket, tables, a map of paths) and an exporter of
# metrics (show protocols all, show status, show bfd sessions).
. "$(dirname "$0")/lib.sh"
need bird python3

host r peer
link r v0 peer v1 10.0.0.1/24 10.0.0.2/24
cat > "$TMP/r.conf" <<-'C'
	router id 10.0.0.1;
	timeformat protocol iso long;
	roa4 table r4;
	ipv4 table other;
	protocol device {}
	protocol direct { ipv4; }
	protocol kernel kernel4 { ipv4 { export none; }; kernel table 99; }
	protocol static s1 { ipv4; route 10.1.0.0/24 blackhole; route 10.2.0.0/24 via 10.0.0.2; }
	protocol static roas { roa4; route 20.0.0.0/8 max 24 as 65001; }
	protocol pipe p1 { table master4; peer table other; export all; }
	protocol bfd { neighbor 10.0.0.2 dev "v0"; }
	protocol rpki cache { roa4; remote 10.0.0.2 port 8282; }
	protocol wireguard wg0 {
		backend userspace;
		private key "yE790xX8JMFobo9EafDYu4ZQ+q0eADATLl1du8a9yWM=";
		peer "p" { public key "LlKC4xwOJHlOetI7BLL+O4PUyEpYUHcFJA74RMzQpU8="; allowed ips 10.7.0.2/32; };
		ipv4 { import all; export none; };
	}
	protocol bgp upstream_1 {
		description "the one upstream";
		local 10.0.0.1 as 65000;
		neighbor 10.0.0.2 as 65001;
		ipv4 { import keep filtered; import where net != 20.3.0.0/24; export where source = RTS_STATIC; };
	}
	protocol bgp never { local 10.0.0.1 as 65000; neighbor 10.0.0.9 as 65009; passive; ipv4 { import all; export all; }; ipv6 { import all; export all; }; }
C
cat > "$TMP/peer.conf" <<-'C'
	router id 10.0.0.2;
	protocol device {}
	protocol static { ipv4; route 20.1.0.0/24 blackhole; route 20.2.0.0/24 blackhole; route 20.3.0.0/24 blackhole; }
	protocol bgp { local 10.0.0.2 as 65001; neighbor 10.0.0.1 as 65000;
		ipv4 { import all; export filter { if net = 20.1.0.0/24 then bgp_path.prepend(64512); accept; }; }; }
	protocol bfd { neighbor 10.0.0.1 dev "v1"; }
C
cat > "$TMP/scrape.py" <<-'P'
	import re, socket, sys

	class Socket:
	    def __init__(self, path):
	        self.s = socket.socket(socket.AF_UNIX)
	        self.s.settimeout(10)
	        self.s.connect(path)
	        self.f = self.s.makefile('rb')
	        self.line()
	    # The looking glass: a line at a time, and over at 0, 8 or 9.
	    def line(self):
	        raw = self.f.readline().decode().rstrip('\n')
	        if re.match(r'\d{4}', raw):
	            return raw[5:], raw[0] not in '089'
	        return raw[1:], True
	    def ask(self, command):
	        self.s.sendall((command + '\n').encode())
	        out, more = [], True
	        while more:
	            line, more = self.line()
	            out.append(line)
	        return '\n'.join(out)

	bird = Socket(sys.argv[1])
	assert 'Access restricted' in bird.ask('restrict')

	# --- tables of protocols
	ROW = re.compile(r'^([\w-]+)\s+(\w+)\s+([\w-]+)\s+(\w+)\s+([0-9\-\. :]+)(.*)$')
	rows = {}
	text = bird.ask('show protocols')
	assert text.split('\n')[0].split() == ['Name', 'Proto', 'Table', 'State', 'Since', 'Info']
	for line in text.split('\n')[1:]:
	    m = ROW.match(line)
	    assert m or not line.strip(), line
	    if m:
	        rows[m[1]] = [x.strip() for x in m.groups()]
	assert len(rows) == 11, rows
	assert rows['upstream_1'][1] == 'BGP' and rows['upstream_1'][3] == 'up'
	assert rows['upstream_1'][5] == 'Established'
	assert rows['never'][3] == 'start' and 'Passive' in rows['never'][5]
	assert rows['s1'][2] == 'master4' and rows['p1'][5] == 'master4 <=> other'
	# That table's pattern of times takes the first number of "0/1 peers".
	assert rows['wg0'][1] == 'WireGuard' and rows['wg0'][5].endswith('/1 peers'), rows
	detail = bird.ask('show protocols all upstream_1')
	for want in ('Description:    the one upstream', 'BGP state:          Established',
	             'Neighbor address: 10.0.0.2', 'Channel ipv4', 'Neighbor AS:      65001'):
	    assert want in detail, detail

	# --- routes, and the graph of a route's way
	for query in ('show route protocol upstream_1', 'show route protocol upstream_1 all',
	              'show route protocol upstream_1 all primary',
	              'show route where bgp_path.last = 64512',
	              'show route where bgp_path.last = 64512 all',
	              'show route where bgp_path.last = 64512 all primary',
	              'show route for 20.1.0.1', 'show route for 20.1.0.1 all',
	              'show route for 20.1.0.0/24 all',
	              'show route where net ~ [ 20.1.0.0/24 ]',
	              'show route where net ~ [ 20.1.0.0/24 ] all'):
	    assert '20.1.0.0/24 ' in bird.ask(query), query
	assert '20.3.0.0/24' in bird.ask('show route filtered protocol upstream_1')
	assert 'BGP.as_path: 65001' in bird.ask('show route filtered protocol upstream_1 all')
	assert 'Network not found' in bird.ask('show route for 99.0.0.1 all')
	text = bird.ask('show route for 20.1.0.5 all')
	parts = re.split('(?:unicast|blackhole|unreachable|prohibited)', text)
	assert len(parts) == 2
	assert re.search(r'\[(.*?) .*\]', parts[1])[1] == 'upstream_1' and '*' in parts[1]
	assert re.search(r'(?m)^\t(via .*?)$', parts[1])[1] == 'via 10.0.0.2 on v0'
	assert re.search(r'(?mi)^\tBGP(?:\.as)?_path: (.*?)$', parts[1])[1] == '65001 64512'
	assert '[AS64512' in parts[1]

	# --- the exporter
	KINDS = 'MRT|BGP|BFD|OSPF|RPKI|RIP|RAdv|Pipe|Perf|Direct|Babel|Device|Kernel|Static'
	PROTO = re.compile(r'^(?:1002-)?(\S+)\s+(' + KINDS + r')\s+(\S+)\s+(\S+)\s+'
	                   r'(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:|\.\d+)|\S+)(?:\s+(.*?))?$')
	ROUTES = re.compile(r'^\s+Routes:\s+(\d+) imported, (?:(\d+) filtered, )?(\d+) exported(?:, (\d+) preferred)?')
	CHANGE = re.compile(r'(Import|Export) (updates|withdraws):' + r'\s+(\d+|---)' * 5)
	FILTER = re.compile(r'(Input|Output) filter:\s+(.*)')
	seen, now = {}, None
	for line in bird.ask('show protocols all').split('\n'):
	    line = line.rstrip(' ')
	    if line == '':
	        now = None
	        continue
	    m = PROTO.match(line)
	    if m:
	        now = seen.setdefault(m[1], {'kind': m[2], 'state': m[4], 'since': m[5],
	                                     'info': m[6], 'channels': [], 'changes': 0, 'filters': 0})
	    elif now is None:
	        continue
	    elif re.search(r'Channel ipv(4|6)', line):
	        now['channels'].append(re.search(r'Channel ipv(4|6)', line)[1])
	    elif ROUTES.match(line):
	        now['routes'] = [int(x or 0) for x in ROUTES.match(line).groups()]
	    elif CHANGE.search(line):
	        now['changes'] += 1
	    elif FILTER.search(line):
	        now['filters'] += 1
	    elif re.search(r'Description:\s+(.*)', line):
	        now['description'] = re.search(r'Description:\s+(.*)', line)[1]
	assert set(seen) == set(rows) - {'wg0'}, set(rows) - set(seen)
	up = seen['upstream_1']
	assert up['routes'] == [2, 1, 2, 2] and up['changes'] == 4 and up['filters'] == 2, up
	assert up['description'] == 'the one upstream' and up['info'] == 'Established'
	assert re.fullmatch(r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d', up['since'])
	assert seen['never']['channels'] == ['4', '6'] and 'routes' not in seen['never']
	assert seen['p1']['routes'][0] == 0 and seen['p1']['changes'] == 4
	assert seen['s1']['routes'] == [2, 0, 0, 2]
	status = bird.ask('show status')
	for want in (r'BIRD (\S+)', r'Router ID is 10\.0\.0\.1', r'Current server time is \d{4}-',
	             r'Last reboot on \d{4}-', r'Last reconfiguration on \d{4}-',
	             r'Daemon is up and running'):
	    assert re.search(want, status), status
	SESSION = re.compile(r'^(\S+)\s+(\S+)\s+(Up|Down|Init)\s+(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|\S+)\s+'
	                     r'(\d+)?\s+([0-9.]+)\s+([0-9.]+)$')
	sessions = [SESSION.match(x.strip()) for x in bird.ask('show bfd sessions bfd1').split('\n')]
	sessions = [m for m in sessions if m]
	assert len(sessions) == 1 and sessions[0][1] == '10.0.0.2' and sessions[0][3] == 'Up', sessions
	print('all read')
P
up() { on r birdc -s "$1" show protocols | grep -q '^upstream_1 .*Established' &&
	on r birdc -s "$1" show route protocol upstream_1 count | grep -q '^2 of' &&
	on r birdc -s "$1" show protocols wg0 | grep -q ' up ' &&
	on r birdc -s "$1" show bfd sessions | grep -q ' Up '; }
start peer peer bird -f -c "$TMP/peer.conf" -s "$TMP/peer.ctl"
start warrend r warrend -f -c "$TMP/r.conf" -s "$TMP/ctl"
check up wait_for 'up "$TMP/ctl"' 30
check scrape on r python3 "$TMP/scrape.py" "$TMP/ctl"
