/* SPDX-License-Identifier: ISC */
#include "sys/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define CS6		0xc0	/* DSCP of network control, RFC 2474 */
#define PRIO_CONTROL	7	/* TC_PRIO_CONTROL: our own queues as well */
#define BACKLOG		64

union address {
	struct sockaddr sa;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	struct sockaddr_storage room;
};

/* The family of IP_NONE is the caller's to say. */
static socklen_t
address_of(union address *a, enum family f, const struct tcp_end *e)
{
	memset(a, 0, sizeof(*a));
	if (f == FAMILY_IP4) {
		a->four.sin_family = AF_INET;
		a->four.sin_port = htons(e->port);
		if (!ip_is_none(e->ip))
			memcpy(&a->four.sin_addr, e->ip.b + 12, 4);
		return sizeof(a->four);
	}
	a->six.sin6_family = AF_INET6;
	a->six.sin6_port = htons(e->port);
	a->six.sin6_scope_id = e->scope;
	memcpy(&a->six.sin6_addr, e->ip.b, 16);
	return sizeof(a->six);
}

static void
end_of(struct tcp_end *e, const union address *a)
{
	memset(e, 0, sizeof(*e));
	if (a->sa.sa_family == AF_INET) {
		e->ip = ip_from4((const uint8_t *)&a->four.sin_addr);
		e->port = ntohs(a->four.sin_port);
	} else if (a->sa.sa_family == AF_INET6) {
		e->ip = ip_from6((const uint8_t *)&a->six.sin6_addr);
		e->port = ntohs(a->six.sin6_port);
		e->scope = a->six.sin6_scope_id;
	}
}

static enum family
family_of(struct ip ip)
{
	return ip_is4(ip) ? FAMILY_IP4 : FAMILY_IP6;
}

static int
set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ?
	    -errno : 0;
}

static int
family_of_fd(int fd)
{
	int domain = AF_INET;
	socklen_t n = sizeof(domain);

	(void)getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n);
	return domain;
}

int
tcp_set_ttl(int fd, uint8_t ttl, uint8_t min_ttl)
{
	bool six = family_of_fd(fd) == AF_INET6;
	int level = six ? IPPROTO_IPV6 : IPPROTO_IP, err = 0;

	if (ttl)
		err = set_int(fd, level, six ? IPV6_UNICAST_HOPS : IP_TTL,
		    ttl);
	if (!err && min_ttl)
		err = set_int(fd, level, six ? IPV6_MINHOPCOUNT : IP_MINTTL,
		    min_ttl);
	return err;
}

/* Refinements: a connection without them is still one. */
static void
set_service(int fd, enum family f)
{
	(void)set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (f == FAMILY_IP4)
		(void)set_int(fd, IPPROTO_IP, IP_TOS, CS6);
	else
		(void)set_int(fd, IPPROTO_IPV6, IPV6_TCLASS, CS6);
	/* Behind the TOS, which sets a priority of its own. */
	(void)set_int(fd, SOL_SOCKET, SO_PRIORITY, PRIO_CONTROL);
}

static int
set_options(int fd, enum family f, const struct tcp_opt *opt)
{
	int err = 0;

	set_service(fd, f);
	if (f == FAMILY_IP6)
		err = set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (!err)
		err = set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (!err && opt->iface && opt->iface[0] &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, opt->iface,
	    (socklen_t)strlen(opt->iface) + 1) < 0)
		err = -errno;
	if (!err && opt->freebind)
		err = f == FAMILY_IP4 ?
		    set_int(fd, IPPROTO_IP, IP_FREEBIND, 1) :
		    set_int(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1);
	return err ? err : tcp_set_ttl(fd, opt->ttl, opt->min_ttl);
}

static int
tcp_socket(enum family f, const struct tcp_opt *opt)
{
	int fd = socket(f == FAMILY_IP4 ? AF_INET : AF_INET6,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	err = set_options(fd, f, opt);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int
tcp_listen(enum family f, const struct tcp_end *local,
    const struct tcp_opt *opt)
{
	union address a;
	socklen_t n;
	int fd, err;

	if (!ip_is_none(local->ip))
		f = family_of(local->ip);
	fd = tcp_socket(f, opt);
	if (fd < 0)
		return fd;
	n = address_of(&a, f, local);
	if (bind(fd, &a.sa, n) < 0 || listen(fd, BACKLOG) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* What accept() says of one connection that did not live long enough. */
static bool
passing(int err)
{
	switch (err) {
	case EINTR: case ECONNABORTED: case EPROTO: case ENETDOWN:
	case ENOPROTOOPT: case EHOSTDOWN: case ENONET: case EHOSTUNREACH:
	case EOPNOTSUPP: case ENETUNREACH: case EPERM:
		return true;
	default:
		return false;
	}
}

int
tcp_accept(int fd, struct tcp_end *ret_peer, struct tcp_end *ret_local)
{
	int c, err;

	do {
		c = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	} while (c < 0 && passing(errno));
	if (c < 0)
		return -errno;
	err = tcp_ends(c, ret_local, ret_peer);
	if (err) {
		/* Gone already: the caller polls again and finds the next. */
		close(c);
		return err == -ENOTCONN ? -EAGAIN : err;
	}
	set_service(c, family_of(ret_local->ip));
	return c;
}

int
tcp_connect(const struct tcp_end *local, const struct tcp_end *peer,
    const struct tcp_opt *opt, const char *password)
{
	enum family f = family_of(peer->ip);
	union address a;
	socklen_t n;
	int fd = tcp_socket(f, opt), err = 0;

	if (fd < 0)
		return fd;
	if (password && password[0])
		err = tcp_set_md5(fd, peer, f == FAMILY_IP4 ? 32 : 128,
		    password);
	for (unsigned i = 0; !err && i < opt->n_ao; i++)
		err = tcp_ao_add(fd, peer, &opt->ao[i]);
	if (!err && local && (!ip_is_none(local->ip) || local->port)) {
		n = address_of(&a, f, local);
		if (bind(fd, &a.sa, n) < 0)
			err = -errno;
	}
	n = address_of(&a, f, peer);
	if (!err && connect(fd, &a.sa, n) < 0 && errno != EINPROGRESS)
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int
tcp_connected(int fd)
{
	int err = 0;
	socklen_t n = sizeof(err);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &n) < 0)
		return -errno;
	return -err;
}

int
tcp_set_md5(int fd, const struct tcp_end *peer, uint8_t len,
    const char *password)
{
	struct tcp_md5sig md5 = { 0 };
	enum family f = family_of(peer->ip);
	size_t n = password ? strlen(password) : 0;
	union address a;
	int err = 0, name = TCP_MD5SIG;

	if (n > sizeof(md5.tcpm_key))
		return -EINVAL;
	address_of(&a, f, peer);
	memcpy(&md5.tcpm_addr, &a.room, sizeof(md5.tcpm_addr));
	md5.tcpm_keylen = (uint16_t)n;
	if (n)
		memcpy(md5.tcpm_key, password, n);
	if (len < (f == FAMILY_IP4 ? 32 : 128)) {
		md5.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
		md5.tcpm_prefixlen = len;
		name = TCP_MD5SIG_EXT;
	}
	if (setsockopt(fd, IPPROTO_TCP, name, &md5, sizeof(md5)) < 0)
		err = -errno;
	explicit_bzero(&md5, sizeof(md5));
	return err;
}

/*
 * Linux 6.7 and later, whose headers are newer than those that we are built
 * with: linux/tcp.h, struct tcp_ao_add and struct tcp_ao_del.
 */
#define AO_ADD_KEY	38
#define AO_DEL_KEY	39
#define AO_INFO		40

struct ao_add {
	struct sockaddr_storage addr;
	char algorithm[64];
	int32_t ifindex;
	uint32_t set_current : 1, set_rnext : 1, reserved : 30;
	uint16_t padding;
	uint8_t prefix;
	uint8_t send_id, recv_id;
	uint8_t mac_len;		/* 0: 96 bits, RFC 5926 */
	uint8_t key_flags;
	uint8_t n;
	uint8_t secret[TCP_AO_SECRET_MAX];
} __attribute__((aligned(8)));

struct ao_del {
	struct sockaddr_storage addr;
	int32_t ifindex;
	uint32_t set_current : 1, set_rnext : 1, reserved : 30;
	uint16_t padding;
	uint8_t prefix;
	uint8_t send_id, recv_id;
	uint8_t current_key, rnext;
	uint8_t key_flags;
} __attribute__((aligned(8)));

bool
tcp_ao_served(void)
{
	uint8_t info[64] = { 0 };
	socklen_t n = sizeof(info);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool served;

	if (fd < 0)
		return false;
	/* A socket without keys has no information: ENOENT. */
	served = getsockopt(fd, IPPROTO_TCP, AO_INFO, info, &n) == 0 ||
	    errno != ENOPROTOOPT;
	close(fd);
	return served;
}

/* A key is for an address, whatever the port. */
static socklen_t
ao_address(struct sockaddr_storage *ret, const struct tcp_end *peer)
{
	const enum family f = family_of(peer->ip);
	struct tcp_end at = *peer;
	union address a;

	at.port = 0;
	at.scope = 0;
	address_of(&a, f, &at);
	memcpy(ret, &a.room, sizeof(*ret));
	return f == FAMILY_IP4 ? 32 : 128;
}

int
tcp_ao_add(int fd, const struct tcp_end *peer, const struct tcp_ao_key *key)
{
	struct ao_add ao = { .send_id = key->send_id,
	    .recv_id = key->recv_id, .n = key->n };
	int err = 0;

	if (key->n > sizeof(ao.secret) ||
	    strlen(key->algorithm) >= sizeof(ao.algorithm))
		return -EINVAL;
	ao.prefix = (uint8_t)ao_address(&ao.addr, peer);
	memcpy(ao.algorithm, key->algorithm, strlen(key->algorithm));
	memcpy(ao.secret, key->secret, key->n);
	ao.set_current = ao.set_rnext = key->first;
	if (setsockopt(fd, IPPROTO_TCP, AO_ADD_KEY, &ao, sizeof(ao)) < 0)
		err = -errno;
	explicit_bzero(&ao, sizeof(ao));
	return err;
}

int
tcp_ao_del(int fd, const struct tcp_end *peer, const struct tcp_ao_key *key)
{
	struct ao_del ao = { .send_id = key->send_id,
	    .recv_id = key->recv_id };

	ao.prefix = (uint8_t)ao_address(&ao.addr, peer);
	return setsockopt(fd, IPPROTO_TCP, AO_DEL_KEY, &ao, sizeof(ao)) < 0 ?
	    -errno : 0;
}

int
tcp_ends(int fd, struct tcp_end *ret_local, struct tcp_end *ret_peer)
{
	union address a;
	socklen_t n = sizeof(a);

	if (getsockname(fd, &a.sa, &n) < 0)
		return -errno;
	end_of(ret_local, &a);
	n = sizeof(a);
	if (getpeername(fd, &a.sa, &n) < 0)
		return -errno;
	end_of(ret_peer, &a);
	return 0;
}
