/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/udp.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif
#ifndef UDP_GRO
#define UDP_GRO		104
#endif

enum {
	RX_MESSAGES = 32,		/* of up to 64 datagrams each */
	RX_BYTES = 65536,
	TX_MESSAGES = 128,
	GSO_SEGMENTS = 64,		/* UDP_MAX_SEGMENTS of older kernels */
	GSO_BYTES = 65000,
	SOCKET_BUFFER = 7 << 20,
	CONTROL = 128,
	PORT_TRIES = 100,
	FULL_WAIT = 20			/* milliseconds for a full socket */
};

union sockaddr_ip {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct control {
	char buf[CONTROL] __attribute__((aligned(sizeof(size_t))));
};

struct udp_rx {
	struct mmsghdr msg[RX_MESSAGES];
	struct iovec iov[RX_MESSAGES];
	union sockaddr_ip from[RX_MESSAGES];
	struct control control[RX_MESSAGES];
	unsigned have, at;		/* messages taken, and being cut */
	size_t off, segment;		/* within that one */
	struct udp_datagram now;
	uint8_t *bytes;
};

struct udp_tx {
	struct mmsghdr msg[TX_MESSAGES];
	union sockaddr_ip to[TX_MESSAGES];
	struct control control[TX_MESSAGES];
	size_t first[TX_MESSAGES];	/* datagrams of each message */
	size_t count[TX_MESSAGES];
	struct iovec parts[TX_MESSAGES * 2];
};

static void
set_int(int fd, int level, int name, int v)
{
	(void)setsockopt(fd, level, name, &v, sizeof(v));
}

/* The limit of net.core.*mem_max does not bind those who may pass it. */
static void
set_buffers(int fd)
{
	int v = SOCKET_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &v, sizeof(v)) < 0)
		set_int(fd, SOL_SOCKET, SO_RCVBUF, v);
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &v, sizeof(v)) < 0)
		set_int(fd, SOL_SOCKET, SO_SNDBUF, v);
}

static bool
has_gso(int fd)
{
	int v;
	socklen_t n = sizeof(v);

	return getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &v, &n) == 0;
}

static void
set_options(int fd, bool six)
{
	set_buffers(fd);
	set_int(fd, IPPROTO_UDP, UDP_GRO, 1);
	if (six) {
		set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
		set_int(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
		set_int(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
		    IPV6_PMTUDISC_DONT);
	} else {
		set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
		set_int(fd, IPPROTO_IP, IP_RECVTOS, 1);
		set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	}
}

static int
open_one(bool six, uint16_t port, uint32_t mark)
{
	union sockaddr_ip a = { 0 };
	socklen_t len = six ? sizeof(a.in6) : sizeof(a.in);
	int fd, err;

	a.sa.sa_family = six ? AF_INET6 : AF_INET;
	a.in.sin_port = htons(port);	/* at the same place in both */
	fd = socket(a.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	if (fd < 0)
		return -errno;
	if (six)
		set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (mark != 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0)
		goto fail;
	if (bind(fd, &a.sa, len) < 0)
		goto fail;
	set_options(fd, six);
	return fd;
fail:
	err = -errno;
	close(fd);
	return err;
}

static uint16_t
port_of(int fd)
{
	union sockaddr_ip a = { 0 };
	socklen_t len = sizeof(a);

	if (getsockname(fd, &a.sa, &len) < 0)
		return 0;
	return ntohs(a.in.sin_port);
}

static bool
no_family(int err)
{
	return err == -EAFNOSUPPORT || err == -EADDRNOTAVAIL;
}

/* A host may lack one family, not both. */
static int
open_both(struct udp *u, uint16_t port, uint32_t mark)
{
	u->fd[0] = open_one(false, port, mark);
	if (u->fd[0] < 0 && !no_family(u->fd[0]))
		return u->fd[0];
	if (u->fd[0] >= 0)
		port = port_of(u->fd[0]);
	u->fd[1] = open_one(true, port, mark);
	if (u->fd[1] < 0 && (!no_family(u->fd[1]) || u->fd[0] < 0)) {
		if (u->fd[0] >= 0)
			close(u->fd[0]);
		return u->fd[1];
	}
	u->port = port_of(u->fd[u->fd[0] >= 0 ? 0 : 1]);
	return 0;
}

int
udp_open(struct udp *ret, uint16_t port, uint32_t mark)
{
	unsigned tries = 0;
	int err;

	*ret = (struct udp){ .fd = { -1, -1 } };
	/* A port that is free for one family may be taken for the other. */
	do
		err = open_both(ret, port, mark);
	while (err == -EADDRINUSE && port == 0 && ++tries < PORT_TRIES);
	for (int i = 0; i < 2; i++) {
		if (err || ret->fd[i] < 0)
			ret->fd[i] = -1;
		else
			ret->gso[i] = has_gso(ret->fd[i]);
	}
	return err;
}

void
udp_close(struct udp *u)
{
	for (int i = 0; i < 2; i++) {
		if (u->fd[i] >= 0)
			close(u->fd[i]);
		u->fd[i] = -1;
	}
}

int
udp_set_mark(struct udp *u, uint32_t mark)
{
	for (int i = 0; i < 2; i++) {
		if (u->fd[i] >= 0 && setsockopt(u->fd[i], SOL_SOCKET, SO_MARK,
		    &mark, sizeof(mark)) < 0)
			return -errno;
	}
	return 0;
}

struct udp_rx *
udp_rx_new(void)
{
	struct udp_rx *rx = mem_zalloc(sizeof(*rx));

	if (!rx)
		return NULL;
	/* Not zeroed: pages that no datagram has reached stay unused. */
	rx->bytes = mem_alloc((size_t)RX_MESSAGES * RX_BYTES);
	if (!rx->bytes) {
		mem_free(rx);
		return NULL;
	}
	for (unsigned i = 0; i < RX_MESSAGES; i++) {
		rx->iov[i].iov_base = rx->bytes + (size_t)i * RX_BYTES;
		rx->iov[i].iov_len = RX_BYTES;
		rx->msg[i].msg_hdr.msg_iov = &rx->iov[i];
		rx->msg[i].msg_hdr.msg_iovlen = 1;
		rx->msg[i].msg_hdr.msg_name = &rx->from[i];
		rx->msg[i].msg_hdr.msg_control = rx->control[i].buf;
	}
	return rx;
}

/* What lies in the buffers may have been decrypted in place. */
struct udp_rx *
udp_rx_free(struct udp_rx *rx)
{
	if (rx) {
		mem_wipe(rx->bytes, (size_t)RX_MESSAGES * RX_BYTES);
		mem_free(rx->bytes);
		mem_free(rx);
	}
	return NULL;
}

int
udp_recv(struct udp_rx *rx, int fd)
{
	int n;

	for (unsigned i = 0; i < RX_MESSAGES; i++) {
		rx->msg[i].msg_hdr.msg_namelen = sizeof(rx->from[i]);
		rx->msg[i].msg_hdr.msg_controllen = CONTROL;
	}
	rx->have = rx->at = 0;
	rx->off = 0;
	do
		n = recvmmsg(fd, rx->msg, RX_MESSAGES, MSG_DONTWAIT, NULL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	rx->have = (unsigned)n;
	return n;
}

static int
cmsg_int(const struct cmsghdr *c)
{
	int v = 0;

	/* IP_TOS comes as one byte, the others as an int. */
	if (c->cmsg_len == CMSG_LEN(1))
		return *CMSG_DATA(c);
	memcpy(&v, CMSG_DATA(c), sizeof(v));
	return v;
}

static void
take_cmsg(struct udp_rx *rx, const struct cmsghdr *c)
{
	struct in_pktinfo in;
	struct in6_pktinfo in6;

	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		memcpy(&in, CMSG_DATA(c), sizeof(in));
		rx->now.path.from = ip_from4((uint8_t *)&in.ipi_spec_dst);
		rx->now.path.from_if = (uint32_t)in.ipi_ifindex;
	} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
		rx->now.ds = (uint8_t)cmsg_int(c);
	} else if (c->cmsg_level == IPPROTO_IPV6 &&
	    c->cmsg_type == IPV6_PKTINFO) {
		memcpy(&in6, CMSG_DATA(c), sizeof(in6));
		rx->now.path.from = ip_from6(in6.ipi6_addr.s6_addr);
		rx->now.path.from_if = in6.ipi6_ifindex;
	} else if (c->cmsg_level == IPPROTO_IPV6 &&
	    c->cmsg_type == IPV6_TCLASS) {
		rx->now.ds = (uint8_t)cmsg_int(c);
	} else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
		rx->segment = (size_t)cmsg_int(c);
	}
}

static void
take_from(struct udp_path *path, const union sockaddr_ip *a)
{
	path->port = ntohs(a->in.sin_port);
	if (a->sa.sa_family == AF_INET) {
		path->to = ip_from4((const uint8_t *)&a->in.sin_addr);
	} else {
		path->to = ip_from6(a->in6.sin6_addr.s6_addr);
		path->scope = a->in6.sin6_scope_id;
	}
}

/* The first look at a message: who, to where, and how long each piece is. */
static void
open_message(struct udp_rx *rx)
{
	struct msghdr *m = &rx->msg[rx->at].msg_hdr;

	rx->now = (struct udp_datagram){ .p = m->msg_iov->iov_base };
	rx->segment = 0;
	take_from(&rx->now.path, &rx->from[rx->at]);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		take_cmsg(rx, c);
	if (rx->segment == 0)
		rx->segment = RX_BYTES;
}

bool
udp_recv_next(struct udp_rx *rx, struct udp_datagram *ret)
{
	size_t len;

	for (; rx->at < rx->have; rx->at++, rx->off = 0) {
		len = rx->msg[rx->at].msg_len;
		if (rx->off == 0)
			open_message(rx);
		if (rx->off >= len)
			continue;
		*ret = rx->now;
		ret->p += rx->off;
		ret->n = len - rx->off;
		if (ret->n > rx->segment)
			ret->n = rx->segment;
		rx->off += ret->n;
		return true;
	}
	return false;
}

struct udp_tx *
udp_tx_new(void)
{
	return mem_zalloc(sizeof(struct udp_tx));
}

struct udp_tx *
udp_tx_free(struct udp_tx *tx)
{
	mem_free(tx);
	return NULL;
}

static bool
same_path(const struct udp_datagram *a, const struct udp_datagram *b)
{
	return ip_eq(a->path.to, b->path.to) && a->path.port == b->path.port &&
	    ip_eq(a->path.from, b->path.from) &&
	    a->path.scope == b->path.scope && a->ds == b->ds;
}

/* How many from v on can be one message: alike, but the last may be shorter. */
static size_t
run_length(const struct udp_datagram *v, size_t n)
{
	size_t i, bytes = v[0].n;

	for (i = 1; i < n && i < GSO_SEGMENTS; i++) {
		if (v[i].n > v[0].n || v[i - 1].n != v[0].n ||
		    bytes + v[i].n > GSO_BYTES || !same_path(&v[0], &v[i]))
			break;
		bytes += v[i].n;
	}
	return i;
}

static void
put_cmsg(struct msghdr *m, int level, int type, const void *p, size_t n)
{
	struct cmsghdr *c = (struct cmsghdr *)((char *)m->msg_control +
	    m->msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(n);
	memcpy(CMSG_DATA(c), p, n);
	m->msg_controllen += CMSG_SPACE(n);
}

/*
 * The address alone: the route may leave by another interface, as long as
 * the address is ours.  A link-local one means something on its link only.
 */
static void
put_source(struct msghdr *m, const struct udp_path *path)
{
	struct ip from = path->from;
	struct in_pktinfo in = { 0 };
	struct in6_pktinfo in6 = { 0 };

	if (ip_is_none(from))
		return;
	if (ip_is4(from)) {
		memcpy(&in.ipi_spec_dst, from.b + 12, 4);
		put_cmsg(m, IPPROTO_IP, IP_PKTINFO, &in, sizeof(in));
	} else {
		memcpy(&in6.ipi6_addr, from.b, 16);
		if (ip_is_link_local(from))
			in6.ipi6_ifindex = path->from_if;
		put_cmsg(m, IPPROTO_IPV6, IPV6_PKTINFO, &in6, sizeof(in6));
	}
}

static void
put_to(struct msghdr *m, const struct udp_path *path)
{
	union sockaddr_ip *a = m->msg_name;

	*a = (union sockaddr_ip){ 0 };
	a->in.sin_port = htons(path->port);
	if (ip_is4(path->to)) {
		a->sa.sa_family = AF_INET;
		memcpy(&a->in.sin_addr, path->to.b + 12, 4);
		m->msg_namelen = sizeof(a->in);
	} else {
		a->sa.sa_family = AF_INET6;
		memcpy(&a->in6.sin6_addr, path->to.b, 16);
		a->in6.sin6_scope_id = path->scope;
		m->msg_namelen = sizeof(a->in6);
	}
}

/* Message i: count datagrams from v[first] on, whose bytes are at iov. */
static void
put_message(struct udp_tx *tx, unsigned i, const struct udp_datagram *d,
    struct iovec *iov, size_t count)
{
	struct msghdr *m = &tx->msg[i].msg_hdr;
	uint16_t segment = (uint16_t)d->n;
	bool six = !ip_is4(d->path.to);
	int tos = d->ds;

	*m = (struct msghdr){ .msg_name = &tx->to[i], .msg_iov = iov,
	    .msg_iovlen = count, .msg_control = tx->control[i].buf };
	put_to(m, &d->path);
	put_source(m, &d->path);
	if (tos != 0)
		put_cmsg(m, six ? IPPROTO_IPV6 : IPPROTO_IP,
		    six ? IPV6_TCLASS : IP_TOS, &tos, sizeof(tos));
	if (count > 1)
		put_cmsg(m, IPPROTO_UDP, UDP_SEGMENT, &segment,
		    sizeof(segment));
	for (size_t k = 0; k < count; k++)
		iov[k] = (struct iovec){ .iov_base = d[k].p,
		    .iov_len = d[k].n };
}

static int
wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	return poll(&p, 1, FULL_WAIT) > 0;
}

static bool
send_one(struct udp_tx *tx, int fd, unsigned i)
{
	struct msghdr *m = &tx->msg[i].msg_hdr;

	for (;;) {
		if (sendmsg(fd, m, 0) >= 0)
			return true;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN || !wait_writable(fd))
			return false;
	}
}

/* The source may be ours no more. */
static bool
blames_source(int err, const struct udp_path *path)
{
	return !ip_is_none(path->from) && (err == EINVAL ||
	    err == ENETUNREACH || err == EADDRNOTAVAIL);
}

/* The run may be too long for the route, or the device has no checksums. */
static bool
blames_run(int err, size_t count)
{
	return count > 1 && (err == EINVAL || err == EMSGSIZE || err == EIO);
}

static void
forget_source(struct udp_datagram *d, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		d[k].stale_source = true;
		d[k].path.from = IP_NONE;
	}
}

/* Message i was refused: its datagrams one by one, if that can help. */
static size_t
send_refused(struct udp_tx *tx, struct udp *u, int six, unsigned i,
    struct udp_datagram *v)
{
	struct udp_datagram *d = v + tx->first[i];
	size_t count = tx->count[i], sent = 0;
	int fd = u->fd[six], err = errno;
	struct iovec one;

	if (!blames_run(err, count) && !blames_source(err, &d->path))
		return 0;
	if (err == EIO)
		u->gso[six] = false;
	for (size_t k = 0; k < count; k++) {
		put_message(tx, i, &d[k], &one, 1);
		if (!send_one(tx, fd, i)) {
			if (!blames_source(errno, &d[k].path))
				break;
			forget_source(d + k, count - k);
			put_message(tx, i, &d[k], &one, 1);
			if (!send_one(tx, fd, i))
				break;
		}
		sent++;
	}
	return sent;
}

static size_t
flush(struct udp_tx *tx, struct udp *u, int six, unsigned n,
    struct udp_datagram *v)
{
	size_t sent = 0;
	unsigned i = 0;
	int r;

	while (i < n) {
		r = sendmmsg(u->fd[six], tx->msg + i, n - i, 0);
		if (r > 0) {
			for (; r > 0; r--, i++)
				sent += tx->count[i];
			continue;
		}
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN) {	/* one wait; then all are lost */
			if (wait_writable(u->fd[six]))
				continue;
			break;
		}
		sent += send_refused(tx, u, six, i, v);
		i++;
	}
	return sent;
}

static size_t
send_family(struct udp_tx *tx, struct udp *u, int six,
    struct udp_datagram *v, size_t n)
{
	const size_t max_parts = sizeof(tx->parts) / sizeof(tx->parts[0]);
	size_t i = 0, run, parts = 0, sent = 0;
	unsigned msgs = 0;

	for (; i < n; i += run) {
		run = 1;
		if (ip_is4(v[i].path.to) == (six != 0) ||
		    ip_is_none(v[i].path.to))
			continue;
		if (u->gso[six])
			run = run_length(v + i, n - i);
		if (msgs == TX_MESSAGES || parts + run > max_parts) {
			sent += flush(tx, u, six, msgs, v);
			msgs = 0;
			parts = 0;
		}
		tx->first[msgs] = i;
		tx->count[msgs] = run;
		put_message(tx, msgs++, v + i, tx->parts + parts, run);
		parts += run;
	}
	return sent + flush(tx, u, six, msgs, v);
}

size_t
udp_send(struct udp_tx *tx, struct udp *u, struct udp_datagram *v, size_t n)
{
	size_t sent = 0;

	for (int six = 0; six < 2; six++) {
		if (u->fd[six] >= 0)
			sent += send_family(tx, u, six, v, n);
	}
	return sent;
}
