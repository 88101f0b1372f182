/* SPDX-License-Identifier: ISC */
/*
 * Comparing two configurations.  Rows know how their values compare and
 * whether a change is soft; lists and policies are compared here.
 */
#include "base/mem.h"
#include "conf/bfd.h"
#include "conf/bgp.h"
#include "filter/filter.h"

#define CONF_REMAKE	(ROW_SOFT | ROW_IMPORT | ROW_EXPORT)

static bool
same_string(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Walks two lists at once; next comes first in every struct. */
#define BOTH(a, b)	((a) != NULL && (b) != NULL)

static bool
same_policy(const struct conf_policy *a, const struct conf_policy *b)
{
	return a->kind == b->kind && same_string(a->name, b->name) &&
	    filter_same(a->filter, b->filter);
}

static bool
same_limit(const struct conf_limit *a, const struct conf_limit *b)
{
	return a->max == b->max && a->action == b->action;
}

static bool
same_table(const struct conf_table *a, const struct conf_table *b)
{
	return a == b || (a != NULL && b != NULL && a->kind == b->kind &&
	    a->sorted == b->sorted && strcmp(a->name, b->name) == 0);
}

static unsigned
channel_differs(const struct conf_channel *a, const struct conf_channel *b,
    const struct conf_kind_of *k)
{
	unsigned flags = conf_rows_differ(&conf_channel_rows, a, b) |
	    conf_rows_differ(&k->channel_rows, a, b);

	if (!same_table(a->table, b->table) ||
	    !same_table(a->igp_table4, b->igp_table4) ||
	    !same_table(a->igp_table6, b->igp_table6))
		flags |= CONF_HARD;
	if (!same_policy(&a->import, &b->import))
		flags |= ROW_IMPORT;
	if (!same_policy(&a->export, &b->export))
		flags |= ROW_EXPORT;
	if (!same_limit(&a->import_limit, &b->import_limit) ||
	    !same_limit(&a->receive_limit, &b->receive_limit) ||
	    !same_limit(&a->export_limit, &b->export_limit) ||
	    a->debug != b->debug)
		flags |= ROW_SOFT;
	return flags;
}

static unsigned
channels_differ(const struct conf_proto *a, const struct conf_proto *b,
    const struct conf_kind_of *k)
{
	const struct conf_channel *c, *o;
	unsigned flags = 0;

	for (c = a->channels; c != NULL; c = c->next) {
		o = conf_proto_channel_like(b, c);
		flags |= o != NULL ? channel_differs(c, o, k) : CONF_HARD;
	}
	for (c = b->channels; c != NULL; c = c->next)
		if (conf_proto_channel_like(a, c) == NULL)
			flags |= CONF_HARD;
	return flags;
}

static bool
same_patterns(const struct conf_pattern *a, const struct conf_pattern *b)
{
	for (; BOTH(a, b); a = a->next, b = b->next)
		if (a->negative != b->negative ||
		    !same_string(a->name, b->name) ||
		    !prefix_eq(&a->net, &b->net))
			return false;
	return a == b;
}

static bool
same_device(const struct conf_device_iface *a,
    const struct conf_device_iface *b)
{
	for (; BOTH(a, b); a = a->next, b = b->next)
		if (!same_patterns(a->patterns, b->patterns) ||
		    !ip_eq(a->preferred4, b->preferred4) ||
		    !ip_eq(a->preferred6, b->preferred6) ||
		    !ip_eq(a->preferred_link_local, b->preferred_link_local) ||
		    !prefix_eq(&a->preferred_net, &b->preferred_net))
			return false;
	return a == b;
}

static bool
same_vias(const struct conf_via *a, const struct conf_via *b)
{
	for (; BOTH(a, b); a = a->next, b = b->next)
		if (!ip_eq(a->gw, b->gw) || !same_string(a->iface, b->iface) ||
		    a->onlink != b->onlink || a->weight != b->weight ||
		    a->bfd != b->bfd)
			return false;
	return a == b;
}

static bool
same_routes(const struct conf_route *a, const struct conf_route *b)
{
	for (; BOTH(a, b); a = a->next, b = b->next)
		if (!prefix_eq(&a->net, &b->net) || a->dest != b->dest ||
		    !ip_eq(a->recursive, b->recursive) ||
		    !same_vias(a->vias, b->vias) ||
		    !filter_same(a->filter, b->filter))
			return false;
	return a == b;
}

bool
conf_static_same(const struct conf_proto *a, const struct conf_proto *b)
{
	return a->stat.check_link == b->stat.check_link &&
	    same_table(a->stat.igp_table4, b->stat.igp_table4) &&
	    same_table(a->stat.igp_table6, b->stat.igp_table6) &&
	    same_routes(a->stat.routes, b->stat.routes);
}

static bool
same_secret(const struct conf_wg_secret *a, const struct conf_wg_secret *b)
{
	unsigned differ = 0;

	if (!same_string(a->file, b->file) || !a->key != !b->key)
		return false;
	for (unsigned i = 0; a->key != NULL && i < CONF_WG_KEY; i++)
		differ |= a->key[i] ^ b->key[i];
	return differ == 0;
}

static bool
same_prefixes(const struct conf_prefix_list *a,
    const struct conf_prefix_list *b)
{
	for (; BOTH(a, b); a = a->next, b = b->next)
		if (!prefix_eq(&a->net, &b->net))
			return false;
	return a == b;
}

static bool
same_addrs(const struct conf_wg_addr *a, const struct conf_wg_addr *b)
{
	for (; BOTH(a, b); a = a->next, b = b->next)
		if (!ip_eq(a->ip, b->ip) || a->len != b->len)
			return false;
	return a == b;
}

static bool
same_strings(const struct conf_string *a, const struct conf_string *b)
{
	for (; BOTH(a, b); a = a->next, b = b->next)
		if (strcmp(a->s, b->s) != 0)
			return false;
	return a == b;
}

bool
conf_wg_peer_same(const struct conf_wg_peer *a, const struct conf_wg_peer *b)
{
	return strcmp(a->name, b->name) == 0 &&
	    memcmp(a->public_key, b->public_key, CONF_WG_KEY) == 0 &&
	    same_secret(&a->preshared, &b->preshared) &&
	    same_string(a->endpoint_host, b->endpoint_host) &&
	    a->endpoint_port == b->endpoint_port &&
	    a->keepalive == b->keepalive &&
	    same_string(a->description, b->description) &&
	    a->allowed_any == b->allowed_any &&
	    a->disabled == b->disabled &&
	    same_prefixes(a->allowed, b->allowed);
}

static bool
same_peers(const struct conf_wg_peer *a, const struct conf_wg_peer *b)
{
	for (; BOTH(a, b); a = a->next, b = b->next)
		if (!conf_wg_peer_same(a, b))
			return false;
	return a == b;
}

/* The lists of a tunnel may all change while it runs. */
static unsigned
wireguard_differs(const struct conf_wireguard *a,
    const struct conf_wireguard *b)
{
	const bool same = same_secret(&a->private_key, &b->private_key) &&
	    same_addrs(a->addrs, b->addrs) &&
	    same_prefixes(a->invite_pool, b->invite_pool) &&
	    same_string(a->invite_host, b->invite_host) &&
	    a->invite_port == b->invite_port &&
	    same_peers(a->peers, b->peers) &&
	    same_strings(a->pre_up, b->pre_up) &&
	    same_strings(a->post_up, b->post_up) &&
	    same_strings(a->pre_down, b->pre_down) &&
	    same_strings(a->post_down, b->post_down);

	return same ? 0 : ROW_SOFT;
}

/* A neighbor whose tunnel's key changed is another neighbor. */
static bool
same_tunnel(const struct conf_bgp *a, const struct conf_bgp *b)
{
	return a->wg_to == NULL || b->wg_to == NULL || memcmp(
	    a->wg_to->public_key, b->wg_to->public_key, CONF_WG_KEY) == 0;
}

static bool
same_bfd(const struct conf_bfd *a, const struct conf_bfd *b)
{
	const struct conf_bfd_neighbor *m = a->neighbors, *n = b->neighbors;
	const struct conf_bfd_iface *i = a->ifaces, *j = b->ifaces;

	for (; BOTH(m, n); m = m->next, n = n->next)
		if (!ip_eq(m->ip, n->ip) || !ip_eq(m->local, n->local) ||
		    !same_string(m->iface, n->iface) ||
		    m->multihop != n->multihop)
			return false;
	for (; BOTH(i, j); i = i->next, j = j->next)
		if (!same_patterns(i->patterns, j->patterns) ||
		    !conf_bfd_options_same(&i->opt, &j->opt))
			return false;
	return m == n && i == j &&
	    conf_bfd_options_same(&a->multihop_opt, &b->multihop_opt);
}

static unsigned
bgp_differs(const struct conf_bgp *a, const struct conf_bgp *b)
{
	return (same_tunnel(a, b) && conf_bgp_ao_same(a->ao_keys,
	    b->ao_keys) &&
	    same_patterns(a->iface_range, b->iface_range) ? 0 : CONF_HARD) |
	    (conf_bfd_options_same(a->bfd_options, b->bfd_options) ? 0 :
	    ROW_SOFT);
}

static unsigned
lists_differ(const struct conf_proto *a, const struct conf_proto *b)
{
	switch ((enum conf_kind)a->kind) {
	case CONF_DEVICE:
		return same_device(a->device.ifaces, b->device.ifaces) ?
		    0 : ROW_SOFT;
	case CONF_DIRECT:
		return same_patterns(a->direct.patterns,
		    b->direct.patterns) ? 0 : CONF_HARD;
	case CONF_STATIC:
		if (!same_table(a->stat.igp_table4, b->stat.igp_table4) ||
		    !same_table(a->stat.igp_table6, b->stat.igp_table6))
			return CONF_HARD;
		return same_routes(a->stat.routes, b->stat.routes) ?
		    0 : ROW_SOFT;
	case CONF_PIPE:
		return same_table(a->pipe.peer, b->pipe.peer) ? 0 : CONF_HARD;
	case CONF_BGP:
		return bgp_differs(&a->bgp, &b->bgp);
	case CONF_BFD:
		return same_bfd(&a->bfd, &b->bfd) ? 0 : ROW_SOFT;
	case CONF_MRT:
		return filter_same(a->mrt.filter, b->mrt.filter) ?
		    0 : CONF_HARD;
	case CONF_WIREGUARD:
		return wireguard_differs(&a->wg, &b->wg);
	case CONF_KERNEL: case CONF_RPKI: case CONF_BMP: case CONF_NO_PROTOCOL:
	case CONF_NKINDS:
		break;
	}
	return 0;
}

static unsigned
proto_differs(const struct conf_proto *a, const struct conf_proto *b)
{
	const struct conf_kind_of *k = conf_kind_of(a->kind);
	unsigned flags;

	if (a->kind != b->kind)
		return CONF_HARD;
	flags = conf_rows_differ(&conf_proto_rows, a, b) |
	    conf_rows_differ(&k->rows, a, b) | channels_differ(a, b, k) |
	    lists_differ(a, b);
	if (a->debug != b->debug)
		flags |= ROW_SOFT;
	return flags;
}

/* Whose filters; what stands in the protocol itself concerns all. */
static void
kinds_differ(struct conf_diff_proto *d, const struct conf_proto *a,
    const struct conf_proto *b)
{
	const struct conf_kind_of *k = conf_kind_of(a->kind);
	unsigned all, flags;

	if (a->kind != b->kind)
		return;
	all = conf_rows_differ(&conf_proto_rows, a, b) |
	    conf_rows_differ(&k->rows, a, b) | lists_differ(a, b);
	for (const struct conf_channel *c = a->channels; c; c = c->next) {
		const struct conf_channel *o = conf_proto_channel_like(b, c);

		flags = all | (o ? channel_differs(c, o, k) : 0);
		if (flags & ROW_IMPORT)
			d->import_kinds |= (uint8_t)CONF_NET(c->kind);
		if (flags & ROW_EXPORT)
			d->export_kinds |= (uint8_t)CONF_NET(c->kind);
	}
}

static struct conf_diff_proto
compare(const struct config *old, const struct conf_proto *new,
    bool all_bgp)
{
	struct conf_diff_proto d = { .change = CONF_ADDED, .new = new };
	unsigned flags;

	d.old = old != NULL ? config_proto(old, new->name) : NULL;
	if (d.old == NULL)
		return d;
	flags = proto_differs(d.old, new);
	if (all_bgp && new->kind == CONF_BGP && new->router_id == 0)
		flags |= CONF_HARD;
	d.change = flags & CONF_HARD ? CONF_RESTART :
	    flags & CONF_REMAKE ? CONF_RECONFIGURE : CONF_SAME;
	kinds_differ(&d, d.old, new);
	d.import_changed = d.change == CONF_RECONFIGURE &&
	    flags & ROW_IMPORT;
	d.export_changed = d.change == CONF_RECONFIGURE &&
	    flags & ROW_EXPORT;
	return d;
}

static bool
same_logs(const struct conf_log *a, const struct conf_log *b)
{
	for (; BOTH(a, b); a = a->next, b = b->next)
		if (a->kind != b->kind || a->classes != b->classes ||
		    !same_string(a->path, b->path) || a->limit != b->limit ||
		    !same_string(a->backup, b->backup) ||
		    !same_string(a->name, b->name) ||
		    !ip_eq(a->host, b->host) || a->port != b->port)
			return false;
	return a == b;
}

static unsigned
count(const struct config *c)
{
	unsigned n = 0;

	for (const struct conf_proto *p = c ? c->protocols : NULL; p;
	    p = p->next)
		n++;
	return n;
}

struct conf_diff *
conf_diff(const struct config *old, const struct config *new)
{
	const size_t most = count(old) + count(new);
	const struct conf_proto *p;
	struct conf_diff *d = mem_zalloc(sizeof(*d) +
	    most * sizeof(struct conf_diff_proto));

	if (d == NULL)
		return NULL;
	d->global_restart = old != NULL &&
	    (old->router_id != new->router_id ||
	    !same_patterns(old->router_id_from, new->router_id_from));
	d->logs_changed = old == NULL || !same_logs(old->logs, new->logs);
	for (p = new->protocols; p != NULL; p = p->next)
		d->proto[d->n++] = compare(old, p, d->global_restart);
	for (p = old != NULL ? old->protocols : NULL; p != NULL; p = p->next)
		if (config_proto(new, p->name) == NULL)
			d->proto[d->n++] = (struct conf_diff_proto){
			    .change = CONF_REMOVED, .old = p };
	return d;
}
