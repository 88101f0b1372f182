#!/bin/bash
# SPDX-License-Identifier: ISC
# warren as a person meets it, over a pty: completion, "?", history, pager,
# colours, aligned columns; and what of that a file or a pipe must not get.
. "$(dirname "$0")/lib.sh"
need python3

host r
cat > "$TMP/r.conf" <<-'C'
	router id 10.0.0.1;
	protocol device {}
	protocol static a_rather_long_name { ipv4; route 10.1.0.0/24 blackhole; }
	protocol static s2 { ipv4; disabled; route 10.2.0.0/24 blackhole; }
C
start r r warrend -f -c "$TMP/r.conf" -s "$TMP/ctl"
wait_for "on r warren -s $TMP/ctl show status" 10

cat > "$TMP/terminal.py" <<-'P'
	import os, pty, re, select, signal, sys, time
	ctl, tmp = sys.argv[1:3]
	bad = 0
	def ok(name, cond, text=''):
	    global bad
	    print(('ok ' if cond else 'not ok ') + name +
	        ('' if cond else ': ' + repr(text[-300:])))
	    bad += not cond
	class Tty:
	    def __init__(self, *args, **env):
	        e = dict(os.environ, TERM='xterm', HOME=tmp, PAGER='cat')
	        # libedit never frees the names that it is given.
	        e['ASAN_OPTIONS'] = e.get('ASAN_OPTIONS', '') + ':detect_leaks=0'
	        e.update(env)
	        self.pid, self.fd = pty.fork()
	        if self.pid == 0:
	            os.execvpe('warren', ('warren', '-s', ctl) + args, e)
	        self.all = ''
	    def read(self, seconds):
	        if not select.select([self.fd], [], [], seconds)[0]:
	            return False
	        try:
	            b = os.read(self.fd, 65536)
	        except OSError:
	            return False
	        self.all += b.decode(errors='replace')
	        return bool(b)
	    def until(self, what, seconds=60):
	        end = time.monotonic() + seconds
	        while not re.search(what, self.all) and time.monotonic() < end:
	            if not self.read(0.2) and self.gone():
	                break
	        return re.search(what, self.all) is not None
	    def say(self, s):
	        self.all = ''
	        os.write(self.fd, s.encode())
	    def gone(self):
	        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG |
	            os.WNOWAIT) is not None
	    def end(self, seconds=60):
	        stop = time.monotonic() + seconds
	        while not self.gone() and time.monotonic() < stop:
	            self.read(0.1)
	        while self.read(0.1):
	            pass
	        if not self.gone():
	            os.kill(self.pid, signal.SIGKILL)
	        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
	t = Tty()
	ok('prompt', t.until(r'warren> '), t.all)
	# The editor sends what it adds, not the whole line.
	t.say('sh\t pro\t')
	ok('completed', t.until(r'tocols '), t.all)
	t.say('a_r\t\n')
	ok('completed_name', t.until(r'ather_long_name(.|\n)*up'), t.all)
	t.say('show ip \t')
	ok('completed_frr', t.until(r'bgp') and 'route' in t.all, t.all)
	t.say('\x15show st?')
	ok('question', t.until(r'Show router status'), t.all)
	t.say('\x15watch 1 show mem\t')
	ok('completed_watch', t.until(r'ory $'), t.all)
	t.say('\x15\x10\n')			# kill the line, the last one again
	ok('history', t.until(r'show  ?protocols a_rather_long_name'), t.all)
	t.say('show bgp summary\n')
	ok('frr_words', t.until(r'No BGP neighbors'), t.all)
	t.say('watch 0.2 show protocols s2\n')
	ok('watch_draws', t.until(r'\x1b\[H\x1b\[J(.|\n)*\x1b\[H\x1b\[J'), t.all)
	t.say('\x03')
	ok('watch_ends', t.until(r'warren> '), t.all)
	t.say('quit\n')
	ok('quit', t.end() == 0, t.all)
	ok('history_file', 'long_name' in open(tmp + '/.warren_history').read())
	t = Tty()
	t.until('warren> ')
	t.say('\x10\x10\x10')
	ok('history_kept', t.until(r'watch|quit|show'), t.all)
	t.say('\x15quit\n')
	t.end()

	def once(*args, **env):
	    t = Tty(*args, **env)
	    status = t.end()
	    return t.all.replace('\r', ''), status
	text, status = once('show', 'protocols')
	ok('colour', '\x1b[32mup' in text and '\x1b[31mdown' in text, text)
	plain = re.sub(r'\x1b\[[0-9]*m', '', text)
	cols = [l.index(w) for l in plain.split('\n') if l
	    for w in ('Proto ', 'Device', 'Static') if w in l]
	ok('aligned', len(cols) == 4 and len(set(cols)) == 1, plain)
	text, status = once('show', 'protocols', NO_COLOR='1')
	ok('no_color', '\x1b' not in text, text)
	text, status = once('show', 'protocols', TERM='dumb')
	ok('dumb', '\x1b' not in text, text)
	text, status = once('show', 'route', 'table', 'nope')
	ok('error_colour', '\x1b[31m' in text and status == 1, text)
	mark = "sed 's/^/PAGED /'"
	text, status = once('show', 'status', PAGER=mark)
	ok('pager', 'PAGED ' in text, text)
	text, status = once('-n', 'show', 'status', PAGER=mark)
	ok('no_pager', 'PAGED' not in text and 'up and running' in text, text)
	text, status = once('-j', 'show', 'protocols')
	ok('json_plain', '\x1b' not in text, text)
	text, status = once('show', 'route', PAGER='head -c 1')
	ok('pager_left', status == 0, text)
	sys.exit(bad > 0)
P
on r python3 "$TMP/terminal.py" "$TMP/ctl" "$TMP" || failures=$((failures + 1))

W() { on r warren -s "$TMP/ctl" "$@"; }
check pipe_plain eval '! W show protocols | grep -q "$(printf "\033")"'
check pipe_columns eval 'W show protocols |
	grep -q "^s2         Static     master4    down "'
check pipe_no_pager eval '! PAGER="sed s/^/PAGED/" W show status |
	grep -q PAGED'

# Nobody at a terminal: lines of changes.
on r warren -s "$TMP/ctl" watch 0.2 show protocols > "$TMP/watched" &
w=$!
check watch_first wait_for 'grep -q "^+ s2 .*down" $TMP/watched' 10
W enable s2 > /dev/null
check watch_added wait_for 'grep -q "^+ s2 .*up" $TMP/watched' 10
comes watch_removed grep -q '^- s2 .*down' "$TMP/watched"
check watch_only_changes test "$(grep -c device1 "$TMP/watched")" = 1
kill "$w"
on r warren -j -s "$TMP/ctl" watch 0.2 show protocols > "$TMP/watched.json" &
w=$!
wait_for 'grep -q s2 $TMP/watched.json' 10
W disable s2 > /dev/null
check watch_json wait_for 'python3 -c "
import json
v = [json.loads(l) for l in open(\"$TMP/watched.json\")]
assert any(x[\"change\"] == \"added\" and x[\"row\"][\"name\"] == \"s2\"
    and x[\"row\"][\"state\"] == \"down\" for x in v)
assert any(x[\"change\"] == \"removed\" for x in v)"' 10
kill "$w"
stop r
on r true
check watch_no_daemon eval 'W watch show status; test $? = 3'
