/* SPDX-License-Identifier: ISC */
/*
 * What a BGP neighbour has to do with BFD (RFC 5882 section 4.3), and with a
 * tunnel whose other end does not answer (wg_alive.c).
 */
#include "daemon/bgp.h"
#include "daemon/vrf.h"

#include <errno.h>

static void
on_changed(struct bfd_request *r, bool failed)
{
	struct bgp *b = r->ctx;

	if (!failed)
		return;
	b->bfd_failed = true;
	bgp_kick(b);
}

/* The two ends and the way; false while that cannot be said. */
static bool
find_ends(struct bgp *b, struct bfd_request *ret)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;
	const struct iface *i;

	*ret = (struct bfd_request){ .remote = b->remote.ip,
	    .local = b->local.ip, .changed = on_changed, .ctx = b };
	if (cf->multihop != 0) {
		/* Which address is ours the connection tells. */
		if (bgp_neighbour_established(b->n))
			ret->local = bgp_neighbour_link_of(b->n)->local;
		return !ip_is_none(ret->local);
	}
	i = vrf_iface_to(&b->p, ret->remote, b->remote.scope,
	    ip_is_none(ret->local) ? &ret->local : NULL);
	ret->ifindex = i ? i->index : 0;
	return i != NULL;
}

void
bgp_bfd_look(struct bgp *b)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;
	struct bfd_request now;

	b->bfd_look = false;
	if (cf->bfd == CONF_BFD_OFF) {
		bfd_release(&b->bfd);
		return;
	}
	if (!b->begun || !find_ends(b, &now))
		return;
	if (bfd_requested(&b->bfd) && ip_eq(now.remote, b->bfd.remote) &&
	    ip_eq(now.local, b->bfd.local) && now.ifindex == b->bfd.ifindex)
		return;
	bfd_release(&b->bfd);
	b->bfd = now;
	bfd_request(&b->bfd, b->p.d, cf->bfd_options);
}

/*
 * Graceful: as if the connection were lost, so that graceful restart, where
 * it was agreed upon, keeps the routes.  Else the peer is told (RFC 9384)
 * and the routes go at once.  Either way we try again without a penalty.
 */
void
bgp_bfd_obey(struct bgp *b)
{
	const struct bgp_error why = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_BFD };

	b->bfd_failed = false;
	if (!b->begun || b->leaving)
		return;
	if (b->p.cf->bgp.bfd == CONF_BFD_GRACEFUL) {
		proto_log(&b->p, CONF_LOG_REMOTE, "BFD session down");
		for (unsigned i = 0; i < BGP_NCONNS; i++)
			if (b->io[i].fd >= 0)
				bgp_io_lost(&b->io[i], ETIMEDOUT);
		return;
	}
	bgp_neighbour_stop(b->n, loop_now(), &why);
	bgp_neighbour_start(b->n, loop_now());
}

/*
 * Its routes go at once, whatever was agreed upon for a graceful restart:
 * that is about a peer whose packets still flow.  Several hops away there may
 * be another way, which the routes in between tell.
 */
bool
bgp_is_cut_off(struct bgp *b)
{
	const struct bgp_error why = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_BFD };

	if (b->p.cf->bgp.multihop != 0 || iface_of_cut(&b->p.d->ifaces,
	    b->remote.ip, b->remote.scope) == NULL)
		return false;
	if (b->begun) {
		proto_log(&b->p, CONF_LOG_REMOTE, "The tunnel is dead");
		b->begun = false;
		b->cut_off = true;
		bgp_neighbour_stop(b->n, loop_now(), &why);
		b->cut_off = false;
	}
	proto_note(&b->p, "Tunnel dead");
	return true;
}
