/* SPDX-License-Identifier: ISC */
#include "filter/attr.h"

#include <string.h>

#include "filter/enums.h"
#include "filter/node_impl.h"
#include "rib/iface.h"

#define FIELD(name, type, kind, readonly) \
	{ name, type, kind, readonly, false, 0, 0, 0 }
#define EXT(name, type, wire, id) \
	{ name, type, FA_EXT, false, false, 0, wire, id }
#define METRIC(name, n)	EXT(name, FT_INT, ATTR_U32, ATTR_KRT_METRICS + n)
/* RTAX_LOCK, which has a bit for each metric, and RTAX_FEATURES. */
#define LOCK(name, n) \
	{ name, FT_BOOL, FA_EXT, false, true, n, ATTR_U32, \
	    ATTR_KRT_METRICS + 1 }
#define FEATURE(name, n) \
	{ name, FT_BOOL, FA_EXT, false, true, n, ATTR_U32, \
	    ATTR_KRT_METRICS + 12 }

static const struct filter_attr rows[] = {
	FIELD("net", FT_PREFIX, FA_NET, true),
	FIELD("from", FT_IP, FA_FROM, false),
	FIELD("gw", FT_IP, FA_GW, false),
	FIELD("proto", FT_STRING, FA_PROTO, true),
	FIELD("source", FT_ENUM_RTS, FA_SOURCE, true),
	FIELD("scope", FT_ENUM_SCOPE, FA_SCOPE, false),
	FIELD("dest", FT_ENUM_RTD, FA_DEST, false),
	FIELD("ifname", FT_STRING, FA_IFNAME, false),
	FIELD("ifindex", FT_INT, FA_IFINDEX, true),
	FIELD("weight", FT_INT, FA_WEIGHT, false),
	FIELD("preference", FT_INT, FA_PREFERENCE, false),
	FIELD("onlink", FT_BOOL, FA_ONLINK, false),
	EXT("igp_metric", FT_INT, ATTR_U32, ATTR_IGP_METRIC),
	EXT("bgp_origin", FT_ENUM_ORIGIN, ATTR_U32, ATTR_BGP_ORIGIN),
	EXT("bgp_path", FT_PATH, ATTR_PATH, ATTR_BGP_PATH),
	EXT("bgp_next_hop", FT_IP, ATTR_IP, ATTR_BGP_NEXT_HOP),
	EXT("bgp_med", FT_INT, ATTR_U32, ATTR_BGP_MED),
	EXT("bgp_local_pref", FT_INT, ATTR_U32, ATTR_BGP_LOCAL_PREF),
	EXT("bgp_atomic_aggr", FT_BYTESTRING, ATTR_OPAQUE,
	    ATTR_BGP_ATOMIC_AGGR),
	EXT("bgp_aggregator", FT_BYTESTRING, ATTR_OPAQUE,
	    ATTR_BGP_AGGREGATOR),
	EXT("bgp_community", FT_CLIST, ATTR_CLIST, ATTR_BGP_COMMUNITY),
	EXT("bgp_originator_id", FT_QUAD, ATTR_U32, ATTR_BGP_ORIGINATOR_ID),
	EXT("bgp_cluster_list", FT_CLIST, ATTR_CLIST, ATTR_BGP_CLUSTER_LIST),
	EXT("bgp_ext_community", FT_ECLIST, ATTR_ECLIST,
	    ATTR_BGP_EXT_COMMUNITY),
	EXT("bgp_aigp", FT_BYTESTRING, ATTR_OPAQUE, ATTR_BGP_AIGP),
	EXT("bgp_large_community", FT_LCLIST, ATTR_LCLIST,
	    ATTR_BGP_LARGE_COMMUNITY),
	EXT("bgp_otc", FT_INT, ATTR_U32, ATTR_BGP_OTC),
	EXT("krt_source", FT_INT, ATTR_U32, ATTR_KRT_SOURCE),
	EXT("krt_metric", FT_INT, ATTR_U32, ATTR_KRT_METRIC),
	EXT("krt_prefsrc", FT_IP, ATTR_IP, ATTR_KRT_PREFSRC),
	EXT("krt_realm", FT_INT, ATTR_U32, ATTR_KRT_REALM),
	EXT("krt_scope", FT_INT, ATTR_U32, ATTR_KRT_SCOPE),
	/* RTAX_ numbers of linux/rtnetlink.h */
	METRIC("krt_mtu", 2), METRIC("krt_window", 3), METRIC("krt_rtt", 4),
	METRIC("krt_rttvar", 5), METRIC("krt_ssthresh", 6),
	METRIC("krt_sstresh", 6),	/* BIRD's, before 2.18 */
	METRIC("krt_cwnd", 7), METRIC("krt_advmss", 8),
	METRIC("krt_reordering", 9), METRIC("krt_hoplimit", 10),
	METRIC("krt_initcwnd", 11), METRIC("krt_rto_min", 13),
	METRIC("krt_initrwnd", 14), METRIC("krt_quickack", 15),
	LOCK("krt_lock_mtu", 2), LOCK("krt_lock_window", 3),
	LOCK("krt_lock_rtt", 4), LOCK("krt_lock_rttvar", 5),
	LOCK("krt_lock_ssthresh", 6), LOCK("krt_lock_sstresh", 6),
	LOCK("krt_lock_cwnd", 7),
	LOCK("krt_lock_advmss", 8), LOCK("krt_lock_reordering", 9),
	LOCK("krt_lock_hoplimit", 10), LOCK("krt_lock_rto_min", 13),
	METRIC("krt_fastopen_no_cookie", 17),
	EXT("krt_congctl", FT_STRING, ATTR_STRING, ATTR_KRT_METRICS + 16),
	FEATURE("krt_feature_ecn", 0), FEATURE("krt_feature_allfrag", 3),
};

#define N_ROWS	(sizeof(rows) / sizeof(rows[0]))

const struct filter_attr *
filter_attr_at(unsigned i)
{
	return i < N_ROWS ? &rows[i] : NULL;
}

const struct filter_attr *
filter_attr_find(const char *name)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

const struct filter_attr *
filter_attr_by_id(uint16_t id)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].kind == FA_EXT && rows[i].id == id)
			return &rows[i];
	return NULL;
}

static const struct {
	uint8_t type, wire;
} user_types[] = {
	{ FT_INT, ATTR_U32 }, { FT_BOOL, ATTR_BOOL }, { FT_IP, ATTR_IP },
	{ FT_PATH, ATTR_PATH }, { FT_CLIST, ATTR_CLIST },
	{ FT_ECLIST, ATTR_ECLIST }, { FT_LCLIST, ATTR_LCLIST },
	{ FT_STRING, ATTR_STRING }, { FT_BYTESTRING, ATTR_OPAQUE },
	{ FT_PREFIX, ATTR_PREFIX }, { FT_QUAD, ATTR_U32 },
};

#define N_USER_TYPES	(sizeof(user_types) / sizeof(user_types[0]))

unsigned
filter_attr_wire(enum filter_type type)
{
	for (size_t i = 0; i < N_USER_TYPES; i++)
		if (user_types[i].type == type)
			return user_types[i].wire;
	return ATTR_NONE;
}

enum filter_type
filter_attr_type(unsigned wire)
{
	for (size_t i = 0; i < N_USER_TYPES; i++)
		if (user_types[i].wire == wire)
			return user_types[i].type;
	return FT_VOID;
}

unsigned
filter_attr_number(const char *name)
{
	uint64_t h = 0;

	for (; *name; name++)
		h = hash_mix(h ^ (uint8_t)*name);
	return (unsigned)(h % FILTER_ATTR_USERS);
}

uint16_t
filter_attr_id(unsigned number)
{
	return (uint16_t)(ATTR_USER + number);
}

struct filter_attr
filter_attr_user(const char *name, enum filter_type type, uint16_t id)
{
	return (struct filter_attr)EXT(name, (uint8_t)type,
	    (uint8_t)filter_attr_wire(type), id);
}

/* The next hops as packets would take them now. */
static const struct nexthop *
hops_of(const struct rt_edit *e, unsigned *ret_n)
{
	if (e->a.host) {
		*ret_n = e->a.host->n_hops;
		return e->a.host->hop;
	}
	return attrs_edit_hops(&e->a, ret_n);
}

static unsigned
dest_of(const struct rt_edit *e)
{
	if (!e->a.host)
		return e->a.dest;
	return e->a.host->dest ? e->a.host->dest : RTD_UNREACHABLE;
}

static const char *
ifname_of(const struct filter_run *r, uint32_t index)
{
	const struct iface *i = index && r->env->ifaces ?
	    iface_by_index(r->env->ifaces, index) : NULL;

	return i ? i->name : "";
}

static enum filter_flow
get_hop_field(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	static const struct nexthop none;
	unsigned count;
	const struct nexthop *h = hops_of(r->e, &count);

	if (count == 0)
		h = &none;
	switch (n->attr->kind) {
	case FA_GW:
		*ret = (struct filter_value){ .type = FT_IP, .ip = h->gw };
		break;
	case FA_IFNAME:
		*ret = (struct filter_value){ .type = FT_STRING,
		    .s = ifname_of(r, h->ifindex) };
		break;
	case FA_IFINDEX:
		filter_value_put(ret, FT_INT, h->ifindex);
		break;
	case FA_WEIGHT:
		filter_value_put(ret, FT_INT, h->weight + 1u);
		break;
	default:
		filter_value_put(ret, FT_BOOL, h->flags & NEXTHOP_ONLINK);
	}
	return FLOW_NEXT;
}

static enum filter_flow
get_field(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	const struct rt_edit *e = r->e;

	switch (n->attr->kind) {
	case FA_NET:
		*ret = (struct filter_value){ .type = FT_PREFIX,
		    .prefix = &e->net };
		break;
	case FA_FROM:
		*ret = (struct filter_value){ .type = FT_IP,
		    .ip = e->a.from };
		break;
	case FA_PROTO:
		*ret = (struct filter_value){ .type = FT_STRING,
		    .s = e->src ? e->src->origin->name : "" };
		break;
	case FA_SOURCE:
		filter_value_put(ret, FT_ENUM_RTS,
		    filter_enum_of_source(e->a.source));
		break;
	case FA_SCOPE:
		filter_value_put(ret, FT_ENUM_SCOPE, e->a.scope);
		break;
	case FA_DEST:
		filter_value_put(ret, FT_ENUM_RTD, dest_of(e));
		break;
	case FA_PREFERENCE:
		filter_value_put(ret, FT_INT, e->a.preference);
		break;
	default:
		return get_hop_field(r, n, ret);
	}
	return FLOW_NEXT;
}

/* A path or a list that is absent reads as empty; p is NULL then. */
static void
get_absent(const struct filter_attr *at, struct filter_value *ret)
{
	switch (at->type) {
	case FT_PATH: case FT_CLIST: case FT_ECLIST: case FT_LCLIST:
		*ret = filter_value_bytes(at->type, bytes_of(NULL, 0));
		break;
	default:
		filter_value_put(ret, FT_VOID, 0);
	}
}

static const uint8_t nothing[1];

static struct bytes
attr_bytes(const struct attr *x)
{
	if (x->type == ATTR_U32 || x->type == ATTR_BOOL)
		return bytes_of(nothing, 0);
	return bytes_of(x->p, x->n);
}

static enum filter_flow
get_copy(struct filter_run *r, const struct filter_node *n, struct bytes b,
    struct filter_value *ret)
{
	*ret = (struct filter_value){ .type = n->attr->type };
	if (n->attr->type == FT_STRING)
		ret->s = arena_strndup(r->mem, (const char *)b.p, b.n);
	else if (b.n == sizeof(struct prefix))
		ret->prefix = arena_dup(r->mem, b.p, b.n);
	return ret->p ? FLOW_NEXT : filter_no_memory(r, n);
}

static uint32_t
attr_number(const struct attr *x)
{
	if (x->type == ATTR_U32 || x->type == ATTR_BOOL)
		return x->u;
	return x->n == 4 ? be32_get(x->p) : 0;
}

static enum filter_flow
get_present(struct filter_run *r, const struct filter_node *n,
    const struct attr *x, struct filter_value *ret)
{
	struct bytes b = attr_bytes(x);

	switch (n->attr->type) {
	case FT_IP:
		*ret = (struct filter_value){ .type = FT_IP };
		if (b.n >= 16)
			ret->ip = ip_from6(b.p);
		break;
	case FT_PATH: case FT_CLIST: case FT_ECLIST: case FT_LCLIST:
	case FT_BYTESTRING:
		*ret = filter_value_bytes(n->attr->type, b);
		break;
	case FT_STRING: case FT_PREFIX:
		return get_copy(r, n, b, ret);
	case FT_BOOL:
		filter_value_put(ret, FT_BOOL, attr_number(x) >>
		    n->attr->bit & 1);
		break;
	default:
		filter_value_put(ret, n->attr->type, attr_number(x));
	}
	return FLOW_NEXT;
}

enum filter_flow
filter_attr_get(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct attr x;

	if (!r->e)
		return filter_fail(r, n, "No route to take %s of",
		    n->attr->name);
	if (n->attr->kind != FA_EXT)
		return get_field(r, n, ret);
	if (attrs_edit_get(&r->e->a, n->attr->id, &x))
		return get_present(r, n, &x, ret);
	get_absent(n->attr, ret);
	return FLOW_NEXT;
}

/* Of an attribute in the set, where it stands; NULL: there is none. */
static inline const struct attr *
ext_at(const struct rt_edit *e, uint16_t id, struct attr *room)
{
	if (e->a.own_v)
		return attrs_edit_own(&e->a, id);
	return attrs_get(e->a.base, id, room) ? room : NULL;
}

/* The commonest by themselves: paths and lists, and numbers. */
static enum filter_flow
get_list(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	const struct attr *x;
	struct attr room;

	if (!r->e)
		return filter_attr_get(r, n, ret);
	x = ext_at(r->e, n->attr->id, &room);
	ret->type = n->type;
	if (!x) {
		ret->p = NULL;
		ret->n = 0;
	} else if (attr_is_number(x->type)) {
		ret->p = nothing;
		ret->n = 0;
	} else {
		ret->p = x->p;
		ret->n = x->n;
	}
	return FLOW_NEXT;
}

static enum filter_flow
get_number(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	const struct attr *x;
	struct attr room;

	if (!r->e)
		return filter_attr_get(r, n, ret);
	x = ext_at(r->e, n->attr->id, &room);
	if (x)
		filter_value_put(ret, n->type, attr_number(x));
	else
		filter_value_put(ret, FT_VOID, 0);
	return FLOW_NEXT;
}

filter_eval *
filter_attr_getter(const struct filter_attr *at)
{
	if (at->kind != FA_EXT)
		return filter_attr_get;
	if (at->type == FT_PATH || filter_type_element(at->type) != FT_VOID)
		return get_list;
	if (at->type == FT_INT || at->type == FT_ENUM_ORIGIN)
		return get_number;
	return filter_attr_get;
}

static void
set_one_hop(struct attrs_edit *a, const struct nexthop *h)
{
	attrs_edit_set_host(a, NULL);
	attrs_edit_set_dest(a, RTD_UNICAST);
	attrs_edit_set_hops(a, h, 1);
}

/* Another next hop keeps the flags and the weight of the one before it. */
static struct nexthop
hop_after(const struct rt_edit *e, struct ip gw)
{
	struct nexthop h = { .gw = gw };
	unsigned n;
	const struct nexthop *old = hops_of(e, &n);

	if (n) {
		h.flags = old->flags;
		h.weight = old->weight;
	}
	return h;
}

static enum filter_flow
set_gw(struct filter_run *r, const struct filter_node *n, struct ip gw)
{
	struct nexthop h = hop_after(r->e, gw);
	unsigned count;
	const struct nexthop *old = hops_of(r->e, &count);
	const struct iface *i;
	struct ip local;
	bool there = ip_is_link_local(gw) || (h.flags & NEXTHOP_ONLINK);

	h.ifindex = there && count ? old->ifindex : 0;
	i = !r->env->ifaces ? NULL : h.flags & NEXTHOP_ONLINK ?
	    iface_by_index(r->env->ifaces, h.ifindex) :
	    iface_of_neighbour(r->env->ifaces, gw, h.ifindex, &local);
	if (!i || iface_of_local(r->env->ifaces, gw))
		return filter_fail(r, n, "Gateway is no neighbour");
	h.ifindex = i->index;
	set_one_hop(&r->e->a, &h);
	return FLOW_NEXT;
}

static enum filter_flow
set_ifname(struct filter_run *r, const struct filter_node *n,
    const char *name)
{
	struct nexthop h = hop_after(r->e, IP_NONE);
	const struct iface *i = r->env->ifaces ?
	    iface_by_name(r->env->ifaces, name) : NULL;

	if (!i)
		return filter_fail(r, n, "No interface '%.16s'", name);
	h.ifindex = i->index;
	set_one_hop(&r->e->a, &h);
	return FLOW_NEXT;
}

static enum filter_flow
set_dest(struct filter_run *r, const struct filter_node *n, uint32_t dest)
{
	if (dest != RTD_BLACKHOLE && dest != RTD_UNREACHABLE &&
	    dest != RTD_PROHIBIT)
		return filter_fail(r, n, "Destination can be changed only to "
		    "blackhole, unreachable or prohibit");
	attrs_edit_set_host(&r->e->a, NULL);
	attrs_edit_set_hops(&r->e->a, NULL, 0);
	attrs_edit_set_dest(&r->e->a, (enum rt_dest)dest);
	return FLOW_NEXT;
}

/* A recursive route becomes one through what its host resolves to now. */
static enum filter_flow
set_hops(struct filter_run *r, const struct filter_node *n,
    const struct filter_value *v)
{
	struct nexthop h[NEXTHOPS_MAX];
	unsigned count;
	const struct nexthop *old = hops_of(r->e, &count);

	if (n->attr->kind == FA_WEIGHT && (v->u < 1 || v->u > 256))
		return filter_fail(r, n, "Weight %u is not within 1 to 256",
		    v->u);
	if (n->attr->kind == FA_WEIGHT && dest_of(r->e) != RTD_UNICAST)
		return filter_fail(r, n, "Weight of a route without next hop");
	for (unsigned i = 0; i < count && i < NEXTHOPS_MAX; i++) {
		h[i] = old[i];
		if (n->attr->kind == FA_WEIGHT)
			h[i].weight = (uint8_t)(v->u - 1);
		else if (v->u)
			h[i].flags |= NEXTHOP_ONLINK;
		else
			h[i].flags &= (uint8_t)~NEXTHOP_ONLINK;
	}
	if (count) {
		enum rt_dest d = (enum rt_dest)dest_of(r->e);

		attrs_edit_set_host(&r->e->a, NULL);
		attrs_edit_set_dest(&r->e->a, d);
		attrs_edit_set_hops(&r->e->a, h, count);
	}
	return FLOW_NEXT;
}

static enum filter_flow
set_field(struct filter_run *r, const struct filter_node *n,
    const struct filter_value *v)
{
	struct attrs_edit *a = &r->e->a;

	switch (n->attr->kind) {
	case FA_FROM:
		a->from = v->ip;
		a->changed = true;
		return FLOW_NEXT;
	case FA_GW:
		return set_gw(r, n, v->ip);
	case FA_SCOPE:
		a->scope = (uint8_t)v->u;
		a->changed = true;
		return FLOW_NEXT;
	case FA_DEST:
		return set_dest(r, n, v->u);
	case FA_IFNAME:
		return set_ifname(r, n, v->s);
	case FA_PREFERENCE:
		if (v->u > UINT16_MAX)
			return filter_fail(r, n,
			    "Preference %u is not within 0 to 65535", v->u);
		attrs_edit_set_preference(a, (uint16_t)v->u);
		return FLOW_NEXT;
	default:
		return set_hops(r, n, v);
	}
}

static enum filter_flow
set_number(struct filter_run *r, const struct filter_node *n, uint32_t u)
{
	struct attr x = { .id = n->attr->id, .type = n->attr->wire, .u = u };
	struct attr old;

	if (n->attr->is_bit) {
		uint32_t mask = (uint32_t)1 << n->attr->bit;

		x.u = attrs_edit_get(&r->e->a, x.id, &old) ? old.u : 0;
		x.u = u ? x.u | mask : x.u & ~mask;
	}
	attrs_edit_set(&r->e->a, x);
	return FLOW_NEXT;
}

static enum filter_flow
set_bytes(struct filter_run *r, const struct filter_node *n, const void *p,
    size_t size)
{
	const void *keep = size ? arena_dup(r->mem, p, size) : nothing;

	if (!keep)
		return filter_no_memory(r, n);
	attrs_edit_set_bytes(&r->e->a, n->attr->id, n->attr->wire,
	    bytes_of(keep, size));
	return FLOW_NEXT;
}

static enum filter_flow
set_ext(struct filter_run *r, const struct filter_node *n,
    const struct filter_value *v)
{
	switch (v->type) {
	case FT_IP:
		return set_bytes(r, n, v->ip.b, 16);
	case FT_PATH: case FT_CLIST: case FT_ECLIST: case FT_LCLIST:
	case FT_BYTESTRING:
		attrs_edit_set_bytes(&r->e->a, n->attr->id, n->attr->wire,
		    filter_value_b(v));
		return FLOW_NEXT;
	case FT_STRING:
		return set_bytes(r, n, v->s, strlen(v->s));
	case FT_PREFIX:
		return set_bytes(r, n, v->prefix, sizeof(*v->prefix));
	default:
		return set_number(r, n, v->u);
	}
}

enum filter_flow
filter_attr_set(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	enum filter_flow f = filter_eval_node(r, n->a, ret);

	if (f != FLOW_NEXT)
		return f;
	if (!r->e)
		return filter_fail(r, n, "No route to set %s of",
		    n->attr->name);
	if (n->attr->type == FT_QUAD && filter_value_is_ip4(ret))
		filter_value_put(ret, FT_QUAD, ip_to4(ret->ip));
	if (ret->type != n->attr->type)
		return filter_fail(r, n, "%s is of type %s, not %s",
		    n->attr->name, filter_type_name(n->attr->type),
		    filter_type_name(ret->type));
	if (n->attr->kind != FA_EXT)
		return set_field(r, n, ret);
	return set_ext(r, n, ret);
}

enum filter_flow
filter_attr_unset(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	if (!r->e)
		return filter_fail(r, n, "No route to unset %s of",
		    n->attr->name);
	filter_value_put(ret, FT_VOID, 0);
	/* As in BIRD, a bit goes with all the others of its attribute. */
	attrs_edit_unset(&r->e->a, n->attr->id);
	return FLOW_NEXT;
}
