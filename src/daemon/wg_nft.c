/* SPDX-License-Identifier: ISC */
/*
 * "masquerade" and "clamp mss": one nftables table of our own for all tunnels,
 * replaced as a whole in one transaction whenever it has to be another one,
 * and gone when no tunnel wants it.  Nobody else's table is touched.
 *
 * A warrend that dies leaves the table, as it leaves the tunnels; the next one
 * puts its own in the place.
 */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/wireguard.h"
#include "sys/nft.h"

#define TABLE		"inet warren"
#define RULES_MAX	(1u << 20)
#define TCP_IP4		40		/* headers that MSS does not count */
#define TCP_IP6		60

static bool
wants(const struct proto *p, bool masquerade)
{
	if (p->ops != &wireguard_ops || !tunnel_of(p)->running ||
	    tunnel_of(p)->state == TUNNEL_DOWN ||
	    strpbrk(p->cf->wg.iface, "\"\\\n") != NULL)
		return false;	/* … or its name cannot be quoted */
	return masquerade ? p->cf->wg.masquerade : p->cf->wg.clamp_mss;
}

/* All of our tunnels, as a set: from one to another nothing is hidden. */
static void
add_tunnels(const struct daemon *d, struct text *out)
{
	const char *sep = "";

	LIST_EACH(p, &d->protos, struct proto, link) {
		if (p->ops != &wireguard_ops)
			continue;
		text_printf(out, "%s\"%s\"", sep, p->cf->wg.iface);
		sep = ", ";
	}
}

static void
add_masquerade(const struct daemon *d, struct text *out)
{
	text_add(out, "chain leave {\n"
	    "type nat hook postrouting priority srcnat; policy accept;\n");
	LIST_EACH(p, &d->protos, struct proto, link) {
		if (!wants(p, true))
			continue;
		text_printf(out, "iifname \"%s\" oifname != { ",
		    p->cf->wg.iface);
		add_tunnels(d, out);
		text_add(out, " } masquerade\n");
	}
	text_add(out, "}\n");
}

static void
add_clamp(const struct tunnel *t, const char *direction, struct text *out)
{
	unsigned mtu = t->mtu != 0 ? t->mtu : tunnel_mtu(t);
	const char *name = t->p.cf->wg.iface;

	text_printf(out, "%s \"%s\" meta nfproto ipv4 "
	    "tcp flags & (syn | rst) == syn "
	    "tcp option maxseg size set %u\n", direction, name,
	    mtu - TCP_IP4);
	text_printf(out, "%s \"%s\" meta nfproto ipv6 "
	    "tcp flags & (syn | rst) == syn "
	    "tcp option maxseg size set %u\n", direction, name,
	    mtu - TCP_IP6);
}

/* The kernel makes a size smaller only, never bigger. */
static void
add_clamps(const struct daemon *d, struct text *out)
{
	text_add(out, "chain clamp {\n"
	    "type filter hook forward priority mangle; policy accept;\n");
	LIST_EACH(p, &d->protos, struct proto, link) {
		if (!wants(p, false))
			continue;
		add_clamp(tunnel_of(p), "iifname", out);
		add_clamp(tunnel_of(p), "oifname", out);
	}
	text_add(out, "}\n");
}

/* Empty where nobody wants anything. */
static void
rules(const struct daemon *d, struct text *out)
{
	bool masquerade = false, clamp = false;

	LIST_EACH(p, &d->protos, struct proto, link) {
		masquerade |= wants(p, true);
		clamp |= wants(p, false);
	}
	if (!masquerade && !clamp)
		return;
	text_add(out, "table " TABLE " {\n");
	if (masquerade)
		add_masquerade(d, out);
	if (clamp)
		add_clamps(d, out);
	text_add(out, "}\n");
}

static bool
put(struct daemon *d, const char *table)
{
	char error[160] = "";
	struct text t;
	int err;

	text_init(&t, RULES_MAX);
	/* "add" first, so that there is one to delete. */
	text_add(&t, "add table " TABLE "\ndelete table " TABLE "\n");
	text_add(&t, table);
	err = t.bad ? -ENOMEM : nft_run(t.s, error, sizeof(error));
	text_done(&t);
	/* That none was there to take away is no loss. */
	if (err != 0 && table[0] != '\0')
		log_msg(&d->log, CONF_LOG_ERROR, NULL,
		    "masquerade, clamp mss: nftables refuses: %s%s",
		    err == -EIO ? error : strerrordesc_np(-err),
		    strstr(error, "not permitted") ?
		    "; warrend needs CAP_NET_ADMIN" : "");
	return err == 0 || table[0] == '\0';
}

void
tunnel_nft(struct daemon *d)
{
	struct text t;

	if (d->shutting_down && d->keep)
		return;
	text_init(&t, RULES_MAX);
	rules(d, &t);
	if (!t.bad && (d->nft == NULL || strcmp(d->nft, t.s) != 0)) {
		mem_free(d->nft);
		d->nft = put(d, t.s) ? mem_strdup(t.s) : NULL;
	}
	text_done(&t);
}
