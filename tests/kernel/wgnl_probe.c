/* SPDX-License-Identifier: ISC */
/*
 * Drives the kernel's WireGuard from a shell script:
 *
 *	wgnl_probe family			0, or ENOENT
 *	wgnl_probe fill IFACE PEERS ALLOWED	replaces all; ALLOWED for each
 *	wgnl_probe dump IFACE			"peers N allowed N …"
 *	wgnl_probe move IFACE PEER IP/LEN	PEER is a number from 0
 *	wgnl_probe take IFACE PEER IP/LEN	away from it (Linux 6.16)
 *	wgnl_probe remove IFACE PEER
 *	wgnl_probe set IFACE PEER IP PORT KEEPALIVE
 *
 * Peer N's public key is the number N + 1 and zeros, which is a curve point
 * like any other.  A result is "0" or the name of an errno.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sys/wgnl.h"
#include "wg/genl.h"

static struct wgnl *w;

static void
die(const char *what)
{
	fprintf(stderr, "wgnl_probe: %s\n", what);
	exit(2);
}

static int
say(int err)
{
	printf("%s\n", err ? strerrorname_np(-err) : "0");
	return err != 0;
}

static void
name_peer(struct wg_peer_set *p, uint32_t n)
{
	memset(p, 0, sizeof(*p));
	be32_put(p->public_key, n + 1);
}

static int
fill(char **av)
{
	struct wg_uapi_device_set dev = { .has_private_key = true,
	    .has_listen_port = true, .has_fwmark = true,
	    .replace_peers = true, .listen_port = 51820, .fwmark = 0x77 };
	uint32_t peers = (uint32_t)atoi(av[1]), each = (uint32_t)atoi(av[2]);
	struct wg_allowed *allowed = calloc(each + 1, sizeof(*allowed));
	static struct wg_genl g;
	struct wg_peer_set p;

	if (!allowed)
		die("memory");
	memset(dev.private_key, 0x42, sizeof(dev.private_key));
	wg_genl_begin(&g, wgnl_family(w), av[0], &dev, wgnl_send, w);
	for (uint32_t n = 0; n < peers; n++) {
		name_peer(&p, n);
		p.has_psk = true;
		p.psk[0] = 1;
		p.replace_allowed = true;
		for (uint32_t i = 0; i < each; i++)
			allowed[i].prefix = prefix_host(ip4(0x0a000000 +
			    n * each + i));
		p.allowed = allowed;
		p.n_allowed = each;
		wg_genl_peer(&g, &p);
	}
	free(allowed);
	return say(wg_genl_end(&g));
}

static int
add(void *ctx, const struct nl_msg *m)
{
	return wg_genl_dump_add(ctx, m);
}

static int
dump(char **av)
{
	struct wg_genl_dump g = { .cap_peers = 0 };
	struct wg_uapi_dump d;
	char ip[IP_TEXT];
	uint8_t buf[256];
	struct wr wr = wr_of(buf, sizeof(buf));
	int err;

	wg_genl_get(&wr, wgnl_family(w), 0, av[0]);
	err = wgnl_dump(w, bytes_of(buf, wr_len(&wr)), add, &g);
	if (err) {
		wg_genl_dump_done(&g);
		return say(err);
	}
	wg_genl_dump_end(&g, &d);
	printf("peers %zu allowed %zu port %u mark %u key %d", d.n_peers,
	    d.n_allowed, d.listen_port, d.fwmark, d.has_private_key);
	for (size_t i = 0; i < d.n_peers && d.n_peers < 4; i++) {
		const struct wg_peer_info *p = &d.peers[i].info;

		printf("; %u: %s port %u keepalive %u allowed %zu rx %d",
		    be32_get(p->public_key) - 1, ip_text(p->endpoint.addr, ip),
		    p->endpoint.port, p->keepalive, p->n_allowed,
		    p->rx_bytes != 0);
	}
	printf("\n");
	wg_uapi_dump_done(&d);
	return 0;
}

static int
one_peer(const char *iface, const struct wg_peer_set *p)
{
	static const struct wg_uapi_device_set nothing;
	static struct wg_genl g;

	wg_genl_begin(&g, wgnl_family(w), iface, &nothing, wgnl_send, w);
	wg_genl_peer(&g, p);
	return say(wg_genl_end(&g));
}

static int
allowed_command(char **av, bool take)
{
	struct wg_allowed a = { .remove = take };
	struct wg_peer_set p;

	name_peer(&p, (uint32_t)atoi(av[1]));
	if (!prefix_parse(av[2], &a.prefix))
		die("bad prefix");
	p.update_only = true;
	p.allowed = &a;
	p.n_allowed = 1;
	return one_peer(av[0], &p);
}

static int
remove_command(char **av)
{
	struct wg_peer_set p;

	name_peer(&p, (uint32_t)atoi(av[1]));
	p.remove = true;
	return one_peer(av[0], &p);
}

static int
set_command(char **av)
{
	struct wg_peer_set p;

	name_peer(&p, (uint32_t)atoi(av[1]));
	p.has_endpoint = p.has_keepalive = true;
	if (!ip_parse(av[2], &p.endpoint.addr))
		die("bad address");
	p.endpoint.port = (uint16_t)atoi(av[3]);
	p.keepalive = (uint16_t)atoi(av[4]);
	return one_peer(av[0], &p);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	char **av = argv + 2;
	int err = wgnl_new(&w), ret = 2;

	if (strcmp(what, "family") == 0 || err)
		ret = say(err);
	else if (strcmp(what, "fill") == 0 && argc == 5)
		ret = fill(av);
	else if (strcmp(what, "dump") == 0 && argc == 3)
		ret = dump(av);
	else if (strcmp(what, "move") == 0 && argc == 5)
		ret = allowed_command(av, false);
	else if (strcmp(what, "take") == 0 && argc == 5)
		ret = allowed_command(av, true);
	else if (strcmp(what, "remove") == 0 && argc == 4)
		ret = remove_command(av);
	else if (strcmp(what, "set") == 0 && argc == 7)
		ret = set_command(av);
	else
		die("what?");
	wgnl_free(w);
	return ret;
}
