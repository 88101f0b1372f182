/* SPDX-License-Identifier: ISC */
#include "look/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/rtnl.h"
#include "sys/sysctl.h"
#include "sys/uapi_client.h"
#include "sys/wgnl.h"
#include "wg/genl.h"

#define PATIENCE	5	/* seconds */

/* --- WireGuard devices --------------------------------------------------- */

static int
uapi_connect(const char *iface)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd, err;

	if ((size_t)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/%s.sock",
	    UAPI_DIR, iface) >= sizeof(sa.sun_path))
		return -ENODEV;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	err = errno == EACCES || errno == EPERM ? -EACCES : -ENODEV;
	close(fd);
	return err;
}

static int
uapi_get(const char *iface, struct wg_uapi_dump *ret)
{
	static const char request[] = "get=1\n\n";
	int fd = uapi_connect(iface), err = -EAGAIN;
	char buf[16384];
	struct text t;
	ssize_t n;

	if (fd < 0)
		return fd;
	text_init(&t, WG_UAPI_REPLY_MAX);
	t.secret = true;
	if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		err = -errno;
	while (err == -EAGAIN) {
		n = read(fd, buf, sizeof(buf));
		if (n <= 0) {
			err = n < 0 ? -errno : -EPIPE;
			break;
		}
		text_addn(&t, buf, (size_t)n);
		err = wg_uapi_dump_parse(ret, bytes_of(t.s, t.n));
	}
	mem_wipe(buf, sizeof(buf));
	text_done(&t);
	close(fd);
	return err == -EAGAIN ? -ETIMEDOUT : err;
}

static int
add_message(void *ctx, const struct nl_msg *m)
{
	return wg_genl_dump_add(ctx, m);
}

static int
kernel_get(const char *iface, struct wg_uapi_dump *ret)
{
	struct wg_genl_dump dump = { 0 };
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof(buf));
	struct wgnl *k;
	int err = wgnl_new(&k);

	if (err < 0)
		return err == -EPERM ? -EACCES : -ENODEV;
	wg_genl_get(&w, wgnl_family(k), 0, iface);
	err = wgnl_dump(k, bytes_of(buf, wr_len(&w)), add_message, &dump);
	if (err == 0)
		wg_genl_dump_end(&dump, ret);
	wg_genl_dump_done(&dump);
	wgnl_free(k);
	return err == -EPERM ? -EACCES : err == -EOPNOTSUPP ? -ENODEV : err;
}

int
look_wg(const char *iface, struct wg_uapi_dump *ret)
{
	int err = uapi_get(iface, ret);

	if (err == -ENODEV)
		err = kernel_get(iface, ret);
	if (err == 0)
		mem_wipe(ret->private_key, sizeof(ret->private_key));
	return err;
}

int
look_wg_peer(const struct wg_uapi_dump *d, struct ip ip,
    struct prefix *ret_net)
{
	int found = -1;

	for (size_t i = 0; i < d->n_peers; i++)
		for (size_t k = 0; k < d->peers[i].info.n_allowed; k++) {
			const struct prefix *net =
			    &d->allowed[d->peers[i].first_allowed + k];

			if (!prefix_has_ip(net, ip) ||
			    (found >= 0 && net->len <= ret_net->len))
				continue;
			found = (int)i;
			*ret_net = *net;
		}
	return found;
}

/* --- routes -------------------------------------------------------------- */

struct barrier {
	struct ip to;
	struct nl_route *best;
	bool found;
};

static void
on_route(void *ctx, const struct nl_route *r, struct rtnl_origin from)
{
	struct barrier *b = ctx;

	if (from.gone || r->type == RTN_UNICAST ||
	    !prefix_has_ip(&r->dst, b->to) ||
	    (b->found && r->dst.len <= b->best->dst.len))
		return;
	*b->best = *r;
	b->found = true;
}

bool
look_barrier(struct ip to, struct nl_route *ret)
{
	static const struct rtnl_ops ops = { .route = on_route };
	struct barrier b = { .to = to, .best = ret };
	struct rtnl *r;

	if (rtnl_new(&ops, &b, &r) < 0)
		return false;
	if (rtnl_scan(r, RTNL_SCAN_ROUTES, 0, 0) == 0)
		rtnl_settle(r, PATIENCE * 1000);
	rtnl_free(r);
	return b.found;
}

unsigned
look_mtu(const char *iface)
{
	struct ifreq q = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	if (fd < 0)
		return 0;
	snprintf(q.ifr_name, sizeof(q.ifr_name), "%s", iface);
	ok = ioctl(fd, SIOCGIFMTU, &q) == 0 && q.ifr_mtu > 0;
	close(fd);
	return ok ? (unsigned)q.ifr_mtu : 0;
}

/* --- addresses ----------------------------------------------------------- */

static socklen_t
sockaddr_of(struct ip ip, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in *four = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	if (ip_is4(ip)) {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		four->sin_addr.s_addr = htonl(ip_to4(ip));
		return sizeof(*four);
	}
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(port);
	memcpy(&six->sin6_addr, ip.b, sizeof(ip.b));
	return sizeof(*six);
}

static struct ip
ip_of(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return ip_from4((const uint8_t *)
		    &((const struct sockaddr_in *)sa)->sin_addr);
	return ip_from6((const uint8_t *)
	    &((const struct sockaddr_in6 *)sa)->sin6_addr);
}

/* A connected datagram socket has made all choices and sent nothing. */
bool
look_source(struct ip to, struct ip *ret)
{
	struct sockaddr_storage sa;
	socklen_t n = sockaddr_of(to, 9, &sa);
	int fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	if (fd < 0)
		return false;
	ok = connect(fd, (struct sockaddr *)&sa, n) == 0;
	n = sizeof(sa);
	ok = ok && getsockname(fd, (struct sockaddr *)&sa, &n) == 0;
	if (ok)
		*ret = ip_of((struct sockaddr *)&sa);
	close(fd);
	return ok;
}

bool
look_own_address(struct ip ip)
{
	struct ifaddrs *all;
	bool found = false;

	if (getifaddrs(&all) != 0)
		return false;
	for (struct ifaddrs *a = all; a != NULL && !found; a = a->ifa_next)
		found = a->ifa_addr != NULL &&
		    (a->ifa_addr->sa_family == AF_INET ||
		    a->ifa_addr->sa_family == AF_INET6) &&
		    ip_eq(ip_of(a->ifa_addr), ip);
	freeifaddrs(all);
	return found;
}

long
look_rp_filter(const char *iface)
{
	long one = 0, all = 0;

	sysctl_if_get(FAMILY_IP4, iface, "rp_filter", &one);
	sysctl_if_get(FAMILY_IP4, "all", "rp_filter", &all);
	return one > all ? one : all;
}
