/* SPDX-License-Identifier: ISC */
/*
 * bgpbench - BGP table generator, injector and checking receiver in one
 * process.
 *
 *   peers:  bgpbench peers --dut IP --dut-as N --prefixes N [--prefixes6 N]
 * [--seed S]
 *           [--table FILE] --feeder IP,AS[,IP6] ... --sink IP,AS ...
 *   relay:  bgpbench relay --listen IP --as N --peers COUNT --sink IP ...
 *   fib:    bgpbench fib --prefixes N --dut GATEWAY --dev NAME
 *   info:   bgpbench info --prefixes N ...      (prints the shape of the
 * generated table)
 *
 * "peers" opens one session per --feeder and --sink towards the device under
 * test, prints "ev established T" once all are up, then obeys one-line commands
 * on stdin: start      feeders send their pre-encoded table (and End-of-RIB)
 *   drop I     feeder I sends Cease and closes
 *   stat       prints one "stat ..." line per sink
 *   quit
 * Events are "ev NAME TIME ..." lines; TIME is CLOCK_MONOTONIC in seconds.
 *
 * "relay" is a stand-in router that stores and decides nothing: it copies
 * UPDATEs from feeders to sinks byte for byte. It shows how fast the harness
 * itself can go.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bgpbench.h"

#define RXBUF (1 << 20)
#define HOLD 180

enum { DOWN, CONNECTING, OPENSENT, OPENCONFIRM, UP, GONE };

struct sess {
	int fd, state, id, issink;
	struct feeder *who;
	double retry, ka;
	u8 *rx;
	size_t rxn;
	/* feeder */
	struct stream out;
	size_t sent;
	int sending, drained;
	/* sink */
	u8 *st; /* per prefix: 0 absent, 1 present, 2 present with the expected
		   path */
	u32 present, right, want_right;
	u64 ann, wd, msgs, bytes, unknown;
	double tfirst, tlast;
	int seen_all, seen_right, seen_zero, eor;
};
static struct sess ss[2 * MAXPEER];
static int nsess;
static int dropped[MAXPEER], anydrop, started;
static u32 dut_ip;

static void
ev(const char *name, const char *f, ...)
{
	va_list a;
	printf("ev %s %.6f ", name, now());
	va_start(a, f);
	vprintf(f, a);
	va_end(a);
	putchar('\n');
	fflush(stdout);
}

/* control messages are tiny; the socket buffer always has room when they are
 * sent */
static void
sendmsg_(struct sess *s, u8 type, const u8 *body, u32 n)
{
	u8 m[512];
	header(m, type, 19 + n);
	if (n)
		memcpy(m + 19, body, n);
	if (send(s->fd, m, 19 + n, MSG_NOSIGNAL) < 0 && errno != EAGAIN)
		fprintf(stderr, "send: %s\n", strerror(errno));
}

static int
openbody(u8 *b, u32 as, u32 id)
{
	u8 *p = b;
	*p++ = 4;
	p = put16(p, as > 65535 ? 23456 : as);
	p = put16(p, HOLD);
	p = put32(p, id);
	u8 *l = p++;
	static const u8 caps[] = { 1, 4, 0, 1, 0, 1, 1, 4, 0, 2, 0, 1, 2, 0, 65,
		4 };
	*p++ = 2;
	*p++ = sizeof caps + 4;
	memcpy(p, caps, sizeof caps);
	p = put32(p + sizeof caps, as);
	*l = p - l - 1;
	return p - b;
}

static void
nonblock(int fd)
{
	int one = 1;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void
dial(struct sess *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(s->who->ip) };
	int one = 1;
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(s->fd, (void *)&a, sizeof a))
		die("bind: %s", strerror(errno));
	nonblock(s->fd);
	a.sin_addr.s_addr = htonl(dut_ip);
	a.sin_port = htons(179);
	connect(s->fd, (void *)&a, sizeof a);
	s->state = CONNECTING;
	s->rxn = 0;
	s->retry = now() + 3;
}

static void
lost(struct sess *s, const char *why)
{
	close(s->fd);
	s->fd = -1;
	if (s->state == UP) {
		ev("lost", "%s %d %s", s->issink ? "sink" : "feeder", s->id,
		    why);
		s->state = GONE;
		return;
	}
	s->state = DOWN;
	s->retry = now() + 0.2;
}

static u64
wanted(u32 g)
{
	if (!anydrop)
		return grp[g].want0;
	for (int i = 0; i < nfeed; i++)
		if (rankof(&grp[g], i, nfeed) == 0)
			return dropped[i] ? grp[g].want1 : grp[g].want0;
	return 0;
}

static void
mark(struct sess *s, u32 idx, u8 v)
{
	u8 o = s->st[idx];
	s->present += (v != 0) - (o != 0);
	s->right += (v == 2) - (o == 2);
	s->st[idx] = v;
}

static void
walk(struct sess *s, const u8 *p, const u8 *end, u8 fam, int reach, u64 h)
{
	while (p < end) {
		u8 len = *p++;
		u64 hi = 0;
		int n = (len + 7) / 8;
		if (p + n > end || (fam == 6 ? len > 64 : len > 32)) {
			s->unknown++;
			return;
		}
		for (int k = 0; k < n; k++)
			hi |= (u64)p[k] << (56 - 8 * k);
		p += n;
		struct slot *x = find(hi, len, fam);
		if (!x->idx1) {
			s->unknown++;
			continue;
		}
		u32 idx = x->idx1 - 1;
		if (reach) {
			s->ann++;
			mark(s, idx, h == wanted(pfx[idx].grp) ? 2 : 1);
		} else {
			s->wd++;
			mark(s, idx, 0);
		}
	}
}

static void
update(struct sess *s, const u8 *m, u32 len)
{
	const u8 *end = m + len, *p = m + 19;
	u32 wl = get16(p);
	const u8 *w = p + 2, *a = w + wl + 2, *ae, *mp = 0, *mu = 0;
	u32 mpl = 0, mul = 0, path[256];
	int n = 0;
	u64 ev0 = s->ann + s->wd;
	if (w + wl + 2 > end || (ae = a + get16(w + wl)) > end) {
		s->unknown++;
		return;
	}
	s->msgs++;
	if (len == 23 || (wl == 0 && ae == end && a + 6 == ae && a[1] == 15)) {
		if (!s->eor++)
			ev("sink_eor", "%d", s->id);
		return;
	}
	for (const u8 *q = a; q + 3 <= ae;) {
		u32 al = q[0] & 0x10 ? get16(q + 2) : q[2],
		    hl = q[0] & 0x10 ? 4 : 3;
		const u8 *v = q + hl;
		if (v + al > ae)
			break;
		if (q[1] == 2)
			for (const u8 *t = v; t + 2 <= v + al;
			     t += 2 + 4 * t[1])
				for (int k = 0; k < t[1] && n < 256; k++)
					path[n++] = get32(t + 2 + 4 * k);
		else if (q[1] == 14)
			mp = v, mpl = al;
		else if (q[1] == 15)
			mu = v, mul = al;
		q = v + al;
	}
	u64 h = n && path[0] == dut_as ? pathhash(path + 1, n - 1)
				       : pathhash(path, n);
	walk(s, w, w + wl, 4, 0, 0);
	if (mu && mul >= 3 && get16(mu) == 2)
		walk(s, mu + 3, mu + mul, 6, 0, 0);
	walk(s, ae, end, 4, 1, h);
	if (mp && mpl > 5 && get16(mp) == 2)
		walk(s, mp + 5 + mp[3], mp + mpl, 6, 1, h);
	if (s->ann + s->wd != ev0) {
		s->tlast = now();
		if (!s->tfirst)
			s->tfirst = s->tlast;
	}
	if (s->present == npfx && !s->seen_all) {
		s->seen_all = 1;
		ev("sink_all", "%d announced=%llu", s->id,
		    (unsigned long long)s->ann);
	}
	if (s->right == s->want_right && !s->seen_right && started) {
		s->seen_right = 1;
		ev("sink_right", "%d announced=%llu", s->id,
		    (unsigned long long)s->ann);
	}
	if (s->present == 0 && anydrop && !s->seen_zero) {
		s->seen_zero = 1;
		ev("sink_zero", "%d withdrawn=%llu", s->id,
		    (unsigned long long)s->wd);
	}
}

static void
message(struct sess *s, const u8 *m, u32 len)
{
	switch (m[18]) {
	case 1:
		if (s->state == OPENSENT) {
			sendmsg_(s, 4, 0, 0);
			s->state = OPENCONFIRM;
		}
		break;
	case 2:
		if (s->issink)
			update(s, m, len);
		break;
	case 3:
		fprintf(stderr, "notification %d/%d from the device (%s %d)\n",
		    m[19], m[20], s->issink ? "sink" : "feeder", s->id);
		break;
	case 4:
		if (s->state == OPENCONFIRM) {
			s->state = UP;
			s->ka = now() + 20;
		}
		break;
	}
}

static void
readable(struct sess *s)
{
	ssize_t n = recv(s->fd, s->rx + s->rxn, RXBUF - s->rxn, 0);
	if (n <= 0) {
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		lost(s, n ? strerror(errno) : "closed");
		return;
	}
	s->bytes += n;
	s->rxn += n;
	size_t at = 0;
	while (s->rxn - at >= 19) {
		u32 len = get16(s->rx + at + 16);
		if (len < 19)
			die("bad message length %u", len);
		if (s->rxn - at < len)
			break;
		message(s, s->rx + at, len);
		at += len;
	}
	memmove(s->rx, s->rx + at, s->rxn -= at);
}

static void
writable(struct sess *s)
{
	size_t n = s->out.len - s->sent;
	if (n > 262144)
		n = 262144;
	ssize_t k = send(s->fd, s->out.buf + s->sent, n, MSG_NOSIGNAL);
	if (k < 0) {
		if (errno != EAGAIN && errno != EINTR)
			lost(s, strerror(errno));
		return;
	}
	s->sent += k;
	if (s->sent == s->out.len) {
		s->sending = 0;
		ev("feed_sent", "%d", s->id);
	}
}

static void
command(char *c)
{
	int i;
	if (!strncmp(c, "start", 5)) {
		started = 1;
		ev("start", "");
		for (i = 0; i < nsess; i++)
			if (!ss[i].issink && ss[i].state == UP)
				ss[i].sending = 1;
	} else if (sscanf(c, "drop %d", &i) == 1 && i < nfeed &&
		   ss[i].state == UP) {
		dropped[i] = anydrop = 1;
		for (int k = nfeed; k < nsess;
		     k++) { /* what is right changes with the feeder gone */
			struct sess *s = &ss[k];
			for (u32 x = 0; x < npfx; x++)
				if (s->st[x] == 2 &&
				    wanted(pfx[x].grp) != grp[pfx[x].grp].want0)
					mark(s, x, 1);
			s->want_right = 0;
			for (u32 g = 0; g < ngrp; g++)
				s->want_right += wanted(g) ? grp[g].count : 0;
			s->seen_right = s->seen_zero = 0;
			s->tfirst = 0;
		}
		ev("drop", "%d", i);
		sendmsg_(&ss[i], 3, (const u8 *)"\6\2", 2);
		shutdown(ss[i].fd, SHUT_WR);
		close(ss[i].fd);
		ss[i].fd = -1;
		ss[i].state = GONE;
	} else if (!strncmp(c, "stat", 4)) {
		for (i = nfeed; i < nsess; i++)
			printf("stat %.6f sink=%d present=%u right=%u want=%u "
			       "announced=%llu withdrawn=%llu "
			       "messages=%llu bytes=%llu unknown=%llu "
			       "first=%.6f last=%.6f\n",
			    now(), ss[i].id, ss[i].present, ss[i].right,
			    ss[i].want_right, (unsigned long long)ss[i].ann,
			    (unsigned long long)ss[i].wd,
			    (unsigned long long)ss[i].msgs,
			    (unsigned long long)ss[i].bytes,
			    (unsigned long long)ss[i].unknown, ss[i].tfirst,
			    ss[i].tlast);
		puts("stat end");
		fflush(stdout);
	} else if (!strncmp(c, "quit", 4))
		exit(0);
}

static void
tableinfo(void)
{
	u64 paths = 0, c24 = 0, plen = 0;
	size_t bytes = 0;
	for (int i = 0; i < nfeed; i++) {
		paths += ss[i].out.nlri;
		bytes += ss[i].out.len;
	}
	for (u32 i = 0; i < npfx; i++)
		c24 += pfx[i].fam == 4 && pfx[i].len == 24;
	for (u32 g = 0; g < ngrp; g++) {
		u32 p[24];
		plen += aspath(&grp[g], 0, 1, p);
	}
	printf("table prefixes=%u sets=%u paths=%llu updates=%u bytes=%zu "
	       "slash24=%.3f meanpath=%.2f\n",
	    npfx, ngrp, (unsigned long long)paths, nfeed ? ss[0].out.msgs : 0,
	    bytes, (double)c24 / npfx, (double)plen / ngrp);
	fflush(stdout);
}

/* One look at a session that may have nothing to read: its timers. */
static void
tick(struct sess *s, double t)
{
	int q = 1;

	if (s->state == DOWN && t >= s->retry)
		dial(s);
	else if (s->state >= CONNECTING && s->state < UP && t >= s->retry + 7)
		lost(s, "slow");
	/* Between messages only: it never splits an UPDATE. */
	if (s->state == UP && t >= s->ka &&
	    (!s->sent || s->sent == s->out.len)) {
		sendmsg_(s, 4, 0, 0);
		s->ka = t + 20;
	}
	if (!s->issink && s->state == UP && started && s->sent == s->out.len &&
	    !ioctl(s->fd, SIOCOUTQ, &q) && !q)
		s->drained = 1;
}

static void
commands(void)
{
	static char cmd[256];
	static size_t cl;
	ssize_t n = read(0, cmd + cl, sizeof cmd - 1 - cl);
	char *nl;

	if (n == 0)
		exit(0);
	if (n < 0)
		return;
	cmd[cl += n] = 0;
	while ((nl = strchr(cmd, '\n'))) {
		*nl = 0;
		command(cmd);
		cl -= nl + 1 - cmd;
		memmove(cmd, nl + 1, cl + 1);
	}
}

static void
connected(struct sess *s, double t)
{
	int e = 0;
	socklen_t l = sizeof e;
	u8 b[64];

	getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &e, &l);
	if (e) {
		lost(s, "refused");
		return;
	}
	s->state = OPENSENT;
	s->retry = t + 3;
	sendmsg_(s, 1, b, openbody(b, s->who->as, s->who->ip));
}

/* What all of them have come to is told once. */
static void
milestones(int up, int drained)
{
	static int announced;

	if (!announced && up == nsess) {
		announced = 1;
		ev("established", "");
	}
	if (started == 1 && drained) {
		started = 2;
		ev("feed_acked", "");
	}
}

static void
peers(void)
{
	struct pollfd pf[2 * MAXPEER + 1];

	for (int i = 0; i < nsess; i++)
		ss[i].rx = need(malloc(RXBUF));
	fcntl(0, F_SETFL, O_NONBLOCK);
	for (;;) {
		double t = now();
		int up = 0, drained = 1;
		for (int i = 0; i < nsess; i++) {
			struct sess *s = &ss[i];
			tick(s, t);
			up += s->state == UP;
			if (!s->issink && s->state == UP)
				drained &= s->drained;
			pf[i].fd = s->fd;
			pf[i].events =
			    s->state == CONNECTING
				? POLLOUT
				: POLLIN | (s->sending ? POLLOUT : 0);
			pf[i].revents = 0;
		}
		milestones(up, drained);
		pf[nsess] = (struct pollfd){ .fd = 0, .events = POLLIN };
		poll(pf, nsess + 1, started == 1 ? 5 : 50);
		if (pf[nsess].revents)
			commands();
		for (int i = 0; i < nsess; i++) {
			struct sess *s = &ss[i];
			if (!pf[i].revents || s->fd < 0 || s->fd != pf[i].fd)
				continue;
			if (s->state == CONNECTING) {
				connected(s, t);
				continue;
			}
			if (pf[i].revents & (POLLIN | POLLHUP | POLLERR))
				readable(s);
			if (s->fd >= 0 && s->sending && pf[i].revents & POLLOUT)
				writable(s);
		}
	}
}

/* ---------- relay: the floor ---------- */

struct conn {
	int fd;
	u32 ip;
	u8 *rx;
	size_t n;
};

/* Steps over whole messages; ret_from is behind the last that is no UPDATE. */
static size_t
relay_parse(struct conn *c, u32 as, u32 ip, size_t *ret_from)
{
	size_t at = 0;

	*ret_from = 0;
	while (c->n - at >= 19) {
		u8 *m = c->rx + at, b[64];
		u32 len = get16(m + 16);
		struct sess s = { .fd = c->fd };
		if (c->n - at < len)
			break;
		at += len;
		if (m[18] == 2)
			continue;
		*ret_from = at;
		if (m[18] != 1)
			continue;
		sendmsg_(&s, 1, b, openbody(b, as, ip));
		sendmsg_(&s, 4, 0, 0);
	}
	return at;
}

static void
send_all(int fd, const u8 *p, size_t n)
{
	while (n > 0) {
		ssize_t w = send(fd, p, n, MSG_NOSIGNAL);
		if (w < 0)
			return;
		p += w;
		n -= w;
	}
}

static int
is_one_of(u32 ip, const u32 *v, int n)
{
	for (int i = 0; i < n; i++)
		if (v[i] == ip)
			return 1;
	return 0;
}

static void
relay_accept(int l, struct conn *c)
{
	struct sockaddr_in a;
	socklen_t al = sizeof a;
	int one = 1;

	c->fd = accept(l, (void *)&a, &al);
	c->ip = ntohl(a.sin_addr.s_addr);
	c->n = 0;
	c->rx = need(malloc(RXBUF));
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static int
relay_listen(u32 ip)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(ip),
		.sin_port = htons(179) };
	int one = 1, l = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(l, (void *)&a, sizeof a) || listen(l, 64))
		die("listen: %s", strerror(errno));
	return l;
}

static void
relay(u32 ip, u32 as, int count, u32 *sinks, int ns)
{
	static struct conn c[MAXPEER];
	int l = relay_listen(ip), n = 0;

	for (;;) {
		struct pollfd pf[MAXPEER + 1];
		int was = n;
		for (int i = 0; i < n; i++)
			pf[i] =
			    (struct pollfd){ .fd = c[i].fd, .events = POLLIN };
		pf[n] = (struct pollfd){ .fd = n < count ? l : -1,
			.events = POLLIN };
		poll(pf, n + 1, 1000);
		if (pf[n].revents)
			relay_accept(l, &c[n++]);
		for (int i = 0; i < was; i++) {
			size_t at, from;
			if (c[i].fd < 0 || !pf[i].revents)
				continue;
			ssize_t k =
			    read(c[i].fd, c[i].rx + c[i].n, RXBUF - c[i].n);
			if (k <= 0) {
				close(c[i].fd);
				c[i].fd = -1;
				continue;
			}
			c[i].n += k;
			at = relay_parse(&c[i], as, ip, &from);
			for (int j = 0; j < n; j++)
				if (c[j].fd >= 0 && j != i &&
				    is_one_of(c[j].ip, sinks, ns))
					send_all(
					    c[j].fd, c[i].rx + from, at - from);
			memmove(c[i].rx, c[i].rx + at, c[i].n -= at);
		}
	}
}

static u32
ip4(const char *s)
{
	struct in_addr a;
	if (inet_pton(AF_INET, s, &a) != 1)
		die("bad address %s", s);
	return ntohl(a.s_addr);
}

static struct feeder
who(char *s)
{
	struct feeder f = { 0 };
	char *as = strchr(s, ','), *six;
	if (!as)
		die("want IP,AS");
	*as++ = 0;
	if ((six = strchr(as, ','))) {
		*six++ = 0;
		if (inet_pton(AF_INET6, six, f.ip6) != 1)
			die("bad address %s", six);
	}
	f.ip = ip4(s);
	f.as = strtoul(as, 0, 10);
	return f;
}

static void
shape(void)
{
	u32 c[2][65] = { { 0 } };
	for (u32 i = 0; i < npfx; i++)
		c[pfx[i].fam == 6][pfx[i].len]++;
	for (int f = 0; f < 2; f++)
		for (int l = 0; l < 65; l++)
			if (c[f][l])
				printf("ipv%d /%d %u\n", f ? 6 : 4, l, c[f][l]);
}

/* The best path of each group, and what comes after it. */
static void
expect(void)
{
	for (u32 g = 0; g < ngrp; g++) {
		u32 p[24];
		for (int i = 0; i < nfeed; i++) {
			u32 r = rankof(&grp[g], i, nfeed);
			if (r < 2) {
				u64 h = pathhash(
				    p, aspath(&grp[g], r, feeder[i].as, p));
				*(r ? &grp[g].want1 : &grp[g].want0) = h;
			}
		}
	}
}

int
main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "", *table = 0, *dev = "";
	u32 n4 = 0, n6 = 0, lip = 0, rsink[MAXPEER];
	int count = 0, nr = 0;

	for (int i = 2; i + 1 < argc; i += 2) {
		char *o = argv[i], *v = argv[i + 1];
		if (!strcmp(o, "--dut"))
			dut_ip = ip4(v);
		else if (!strcmp(o, "--dut-as") || !strcmp(o, "--as"))
			dut_as = strtoul(v, 0, 10);
		else if (!strcmp(o, "--prefixes"))
			n4 = strtoul(v, 0, 10);
		else if (!strcmp(o, "--prefixes6"))
			n6 = strtoul(v, 0, 10);
		else if (!strcmp(o, "--seed"))
			seed = strtoull(v, 0, 10);
		else if (!strcmp(o, "--sets"))
			setratio = atof(v);
		else if (!strcmp(o, "--table"))
			table = v;
		else if (!strcmp(o, "--dev"))
			dev = v;
		else if (!strcmp(o, "--listen"))
			lip = ip4(v);
		else if (!strcmp(o, "--peers"))
			count = atoi(v);
		else if (!strcmp(o, "--feeder") && nfeed < MAXPEER)
			feeder[nfeed++] = who(v);
		else if (!strcmp(o, "--sink") && !strcmp(mode, "relay"))
			rsink[nr++] = ip4(v);
		else if (!strcmp(o, "--sink") && nsink < MAXPEER)
			sinkid[nsink++] = who(v);
		else
			die("unknown option %s", o);
	}
	if (!strcmp(mode, "relay")) {
		relay(lip, dut_as, count, rsink, nr);
		return 0;
	}
	if (!strcmp(mode, "fib")) {
		build(table, n4, 0);
		fib(dut_ip, dev);
		return 0;
	}
	if (strcmp(mode, "peers") && strcmp(mode, "info"))
		die("usage: bgpbench peers|relay|fib|info OPTIONS");
	if (!nfeed)
		feeder[nfeed++] = (struct feeder){ .ip = 1, .as = 64601 };
	build(table, n4, n6);
	expect();
	for (int i = 0; i < nfeed; i++) {
		ss[nsess] =
		    (struct sess){ .fd = -1, .id = i, .who = &feeder[i] };
		encode(&ss[nsess++].out, i);
	}
	for (int i = 0; i < nsink; i++) {
		ss[nsess] = (struct sess){ .fd = -1,
			.id = i,
			.issink = 1,
			.who = &sinkid[i],
			.want_right = npfx };
		ss[nsess++].st = need(calloc(npfx + 1, 1));
	}
	tableinfo();
	if (!strcmp(mode, "info")) {
		shape();
		return 0;
	}
	peers();
}
