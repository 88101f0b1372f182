/* SPDX-License-Identifier: ISC */
/* One route, as "show route" has it. */
#include <linux/rtnetlink.h>
#include <string.h>

#include "bgp/neighbour.h"
#include "daemon/kernel.h"
#include "daemon/route_impl.h"
#include "filter/list.h"
#include "filter/path.h"

#define WRAP	460		/* of long lists, so that no line is cut */

const char *
route_from(const struct rt_edit *e)
{
	return e->src->origin->name;
}

/* What both ways of showing need, gathered once. */
struct seen {
	const struct rt_src *src;
	const struct attrs_edit *a;
	enum rt_dest dest;
	const struct nexthop *hop;
	unsigned n_hops;
	bool bgp;
};

static void
look(const struct rt_edit *e, struct seen *ret)
{
	*ret = (struct seen){ .src = e->src, .a = &e->a, .dest = e->a.dest };
	ret->bgp = e->a.source == RTS_BGP;
	if (e->a.host != NULL) {
		ret->dest = e->a.host->dest;
		ret->hop = e->a.host->hop;
		ret->n_hops = e->a.host->n_hops;
	} else {
		ret->hop = attrs_edit_hops(&e->a, &ret->n_hops);
	}
	if (ret->dest == RTD_NONE && e->a.host != NULL)
		ret->dest = RTD_UNREACHABLE;
	if (ret->dest != RTD_UNICAST)
		ret->n_hops = 0;
}

static const char *
dest_name(enum rt_dest d)
{
	static const char *const name[] = {
		"", "unicast", "blackhole", "unreachable", "prohibited"
	};

	return d < RTD_NDESTS ? name[d] : "";
}

static const char *
source_name(unsigned source)
{
	static const char *const name[] = { "dummy", "static", "inherit",
	    "device", "static-device", "redirect", "BGP", "pipe", "RPKI",
	    "WireGuard" };

	return source < RTS_NSOURCES ? name[source] : "?";
}

bool
route_refused(const struct daemon *d, const struct rt_table *t,
    const struct prefix *net)
{
	LIST_EACH(p, &d->protos, struct proto, link)
		if (p->ops->kind == CONF_KERNEL && p->state == PROTO_UP)
			LIST_EACH(c, &p->channels, struct proto_channel, link)
				if (c->table->t == t && kernel_refuses(p, net))
					return true;
	return false;
}

static void
metric_text(const struct rt_host *h, struct text *out)
{
	if (h == NULL || (h->dest == RTD_UNICAST && h->igp_metric == 0))
		return;
	if (h->dest != RTD_UNICAST)
		text_add(out, "/-");
	else if (h->igp_metric == UINT32_MAX)
		text_add(out, "/?");
	else
		text_printf(out, "/%u", h->igp_metric);
}

/* " (100) [AS65001i]" */
static void
info_text(const struct seen *v, const struct rt_route *r, struct text *out)
{
	struct attr at;
	uint32_t as;

	text_printf(out, " (%u", v->a->preference);
	if (r != NULL && r->flags & (RT_STALE | RT_LLGR_STALE))
		text_addc(out, 's');
	if (!v->bgp) {
		text_addc(out, ')');
		return;
	}
	metric_text(v->a->host, out);
	text_add(out, ") [");
	if (attrs_edit_get(v->a, ATTR_BGP_PATH, &at) &&
	    (as = filter_path_last(bytes_of(at.p, at.n))) != 0)
		text_printf(out, "AS%u", as);
	if (attrs_edit_get(v->a, ATTR_BGP_ORIGIN, &at))
		text_addc(out, "ie?"[at.u < 3 ? at.u : 2]);
	text_addc(out, ']');
}

static void
say_hops(struct ctl_client *c, const struct seen *v)
{
	char ip[IP_TEXT], name[IFACE_NAME], weight[16] = "";

	for (unsigned i = 0; i < v->n_hops; i++) {
		const struct nexthop *h = &v->hop[i];
		const char *dev = ctl_iface_name(c->d, h->ifindex, name);
		const char *onlink = h->flags & NEXTHOP_ONLINK ? " onlink" :
		    "";

		if (v->n_hops > 1)
			snprintf(weight, sizeof(weight), " weight %u",
			    h->weight + 1u);
		if (ip_is_none(h->gw))
			ctl_say(c, 1007, "\tdev %s%s%s", dev, onlink, weight);
		else
			ctl_say(c, 1007, "\tvia %s on %s%s%s",
			    ip_text(h->gw, ip), dev, onlink, weight);
	}
}

/* By type code, as BIRD calls them. */
static const char *
shown_name(uint16_t id)
{
	static const char *const name[] = {
		[ATTR_BGP_ORIGIN] = "origin", [ATTR_BGP_PATH] = "as_path",
		[ATTR_BGP_NEXT_HOP] = "next_hop", [ATTR_BGP_MED] = "med",
		[ATTR_BGP_LOCAL_PREF] = "local_pref",
		[ATTR_BGP_ATOMIC_AGGR] = "atomic_aggr",
		[ATTR_BGP_AGGREGATOR] = "aggregator",
		[ATTR_BGP_COMMUNITY] = "community",
		[ATTR_BGP_ORIGINATOR_ID] = "originator_id",
		[ATTR_BGP_CLUSTER_LIST] = "cluster_list",
		[ATTR_BGP_EXT_COMMUNITY] = "ext_community",
		[ATTR_BGP_AIGP] = "aigp",
		[ATTR_BGP_LARGE_COMMUNITY] = "large_community",
		[ATTR_BGP_OTC] = "otc"
	};

	return id < sizeof(name) / sizeof(name[0]) ? name[id] : NULL;
}

static const char *
metric_name(unsigned rtax)
{
	static const char *const name[] = { NULL, "lock", "mtu", "window",
	    "rtt", "rttvar", "ssthresh", "cwnd", "advmss", "reordering",
	    "hoplimit", "initcwnd", "features", "rto_min", "initrwnd",
	    "quickack", "congctl", "fastopen_no_cookie" };

	return rtax < sizeof(name) / sizeof(name[0]) ? name[rtax] : NULL;
}

static const char *
user_name(const struct config *cf, uint16_t id)
{
	for (const struct conf_attribute *a = cf->attributes; a; a = a->next)
		if (a->id == id)
			return a->name;
	return NULL;
}

static void
attr_name(const struct config *cf, const struct attr *at, struct text *out)
{
	static const char *const krt[] = { "source", "metric", "prefsrc",
	    "realm", "scope" };
	const char *s;

	if (at->id < 256 && (s = shown_name(at->id)) != NULL)
		text_printf(out, "BGP.%s", s);
	else if (at->id < 256)
		text_printf(out, "BGP.%02x%s", at->id,
		    at->flags & 0x40 || at->flags == 0 ? " [t]" : "");
	else if (at->id >= ATTR_USER && (s = user_name(cf, at->id)) != NULL)
		text_add(out, s);
	else if (at->id >= ATTR_KRT && at->id <= ATTR_KRT_SCOPE)
		text_printf(out, "Kernel.%s", krt[at->id - ATTR_KRT]);
	else if (at->id >= ATTR_KRT_METRICS && at->id < ATTR_IGP_METRIC &&
	    (s = metric_name(at->id - ATTR_KRT_METRICS)) != NULL)
		text_printf(out, "Kernel.%s", s);
	else if (at->id == ATTR_IGP_METRIC)
		text_add(out, "igp_metric");
	else
		text_printf(out, "%04x", at->id);
}

static void
ips_text(struct bytes b, struct text *out)
{
	char ip[IP_TEXT];

	for (size_t i = 0; i + 16 <= b.n; i += 16)
		text_printf(out, "%s%s", i ? " " : "",
		    ip_text(ip_from6(b.p + i), ip));
}

static void
quads_text(struct bytes b, struct text *out)
{
	char ip[IP_TEXT];

	for (size_t i = 0; i + 4 <= b.n; i += 4)
		text_printf(out, "%s%s", i ? " " : "",
		    ip_text(ip_from4(b.p + i), ip));
}

static void
hex_text(struct bytes b, struct text *out)
{
	for (size_t i = 0; i < b.n; i++)
		text_printf(out, "%s%02x", i ? " " : "", b.p[i]);
}

/* Those of BGP that are not as their type says. */
/* RTAX_LOCK has a bit for each metric; of RTAX_FEATURES two are known. */
static void
bits_text(uint32_t bits, bool locks, struct text *out)
{
	const char *sep = "";

	for (unsigned i = 0; i < 32; i++) {
		const char *name = locks ? i > 0 ? metric_name(i) : NULL :
		    i == 0 ? "ecn" : i == 3 ? "allfrag" : NULL;

		if (!(bits & 1u << i))
			continue;
		if (name != NULL)
			text_printf(out, "%s%s", sep, name);
		else
			text_printf(out, "%s0x%x", sep, 1u << i);
		sep = " ";
	}
}

static bool
odd_value(const struct attr *at, struct text *out)
{
	static const char *const origin[] = { "IGP", "EGP", "Incomplete" };
	struct bytes b = bytes_of(at->p, at->n);
	char ip[IP_TEXT];

	switch (at->id) {
	case ATTR_KRT_METRICS + RTAX_LOCK:
	case ATTR_KRT_METRICS + RTAX_FEATURES:
		bits_text(at->u, at->id == ATTR_KRT_METRICS + RTAX_LOCK, out);
		return true;
	case ATTR_BGP_ORIGIN:
		text_add(out, at->u < 3 ? origin[at->u] : "?");
		return true;
	case ATTR_BGP_ATOMIC_AGGR:
		return true;
	case ATTR_BGP_AGGREGATOR:
		if (at->type != ATTR_OPAQUE || b.n != 8)
			return false;
		text_printf(out, "%s AS%u", ip_text(ip_from4(b.p + 4), ip),
		    be32_get(b.p));
		return true;
	case ATTR_BGP_ORIGINATOR_ID:
		if (at->type != ATTR_U32)
			return false;
		text_add(out, ip_text(ip4(at->u), ip));
		return true;
	case ATTR_BGP_CLUSTER_LIST:
		quads_text(b, out);
		return true;
	case ATTR_BGP_AIGP:
		if (at->type != ATTR_OPAQUE || b.n < 11)
			return false;
		text_printf(out, "%llu",
		    (unsigned long long)be64_get(b.p + 3));
		return true;
	default:
		return false;
	}
}

static void
attr_value(const struct attr *at, struct text *out)
{
	struct bytes b = bytes_of(at->p, at->n);

	if (odd_value(at, out))
		return;
	switch ((enum attr_type)at->type) {
	case ATTR_NONE:
		break;
	case ATTR_U32:
		text_printf(out, "%u", at->u);
		break;
	case ATTR_BOOL:
		text_add(out, at->u ? "TRUE" : "FALSE");
		break;
	case ATTR_IP:
		ips_text(b, out);
		break;
	case ATTR_PATH:
		filter_path_text(b, out);
		break;
	case ATTR_CLIST:
		filter_list_text(FT_CLIST, b, out);
		break;
	case ATTR_ECLIST:
		filter_list_text(FT_ECLIST, b, out);
		break;
	case ATTR_LCLIST:
		filter_list_text(FT_LCLIST, b, out);
		break;
	case ATTR_STRING:
		text_addn(out, (const char *)b.p, b.n);
		break;
	case ATTR_OPAQUE:
	case ATTR_PREFIX:
		hex_text(b, out);
		break;
	}
}

/* A long list goes on in the next line, at a blank outside of (…). */
static void
say_attr(struct ctl_client *c, const char *name, const char *value)
{
	const char *indent = "\t";
	size_t used = strlen(name) + 2;

	while (used + strlen(value) > WRAP) {
		size_t cut = WRAP - used;

		while (cut > 0 && !(value[cut] == ' ' &&
		    value[cut - 1] != ','))
			cut--;
		if (cut == 0)
			break;
		ctl_say(c, 1012, "%s%s%s%.*s", indent, name,
		    *name ? ": " : "", (int)cut, value);
		value += cut + 1;
		name = "";
		indent = "\t\t";
		used = 0;
	}
	ctl_say(c, 1012, "%s%s%s%s", indent, name, *name ? ": " : "", value);
}

static void
say_attrs(struct ctl_client *c, const struct route_show *s,
    const struct seen *v)
{
	struct text name, value;

	ctl_say(c, 1008, "\tType: %s %s", source_name(v->a->source),
	    ctl_scope_name(v->a->scope));
	text_init(&name, 256);
	text_init(&value, 1 << 20);
	for (unsigned i = 0; i < attrs_edit_count(v->a); i++) {
		struct attr at = attrs_edit_at(v->a, i);

		text_clear(&name);
		text_clear(&value);
		attr_name(s->gen->config, &at, &name);
		attr_value(&at, &value);
		say_attr(c, name.s, value.s);
	}
	text_done(&name);
	text_done(&value);
}

/* The first gateway, which "from" is left out for. */
static bool
is_told_by_gateway(const struct seen *v)
{
	return ip_is_none(v->a->from) ||
	    (v->n_hops > 0 && ip_eq(v->a->from, v->hop[0].gw));
}

void
route_text(struct ctl_client *c, const struct route_show *s, const char *net,
    const struct rt_table *t, const struct rt_route *r,
    const struct rt_edit *e, bool best)
{
	const char *mark = "";
	struct text when, info;
	char from[IP_TEXT];
	struct seen v;

	look(e, &v);
	text_init(&when, 512);
	text_init(&info, 512);
	ctl_instant_text(&when,
	    ctl_timeformat(c, &c->d->gen->config->tf_route),
	    rt_changed(t, r));
	info_text(&v, r, &info);
	if (best)
		mark = route_refused(c->d, t, &e->net) ? " !" : " *";
	ctl_say(c, 1007, "%-20s %s [%s %s%s%s]%s%s", net, dest_name(v.dest),
	    route_from(e), when.s,
	    is_told_by_gateway(&v) ? "" : " from ",
	    is_told_by_gateway(&v) ? "" : ip_text(v.a->from, from), mark,
	    info.s);
	say_hops(c, &v);
	if (s->all)
		say_attrs(c, s, &v);
	text_done(&when);
	text_done(&info);
}

static void
json_hops(struct json *j, const struct daemon *d, const struct seen *v)
{
	char ip[IP_TEXT], name[IFACE_NAME];

	json_open(j, "nexthops", '[');
	for (unsigned i = 0; i < v->n_hops; i++) {
		json_open(j, NULL, '{');
		json_str(j, "gw", ip_is_none(v->hop[i].gw) ? NULL :
		    ip_text(v->hop[i].gw, ip));
		json_str(j, "interface",
		    ctl_iface_name(d, v->hop[i].ifindex, name));
		json_int(j, "weight", v->hop[i].weight + 1);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
json_attrs(struct json *j, const struct route_show *s, const struct seen *v)
{
	struct text name, value;

	text_init(&name, 256);
	text_init(&value, 1 << 20);
	json_open(j, "attributes", '{');
	for (unsigned i = 0; i < attrs_edit_count(v->a); i++) {
		struct attr at = attrs_edit_at(v->a, i);

		text_clear(&name);
		text_clear(&value);
		attr_name(s->gen->config, &at, &name);
		attr_value(&at, &value);
		json_str(j, name.s, value.s);
	}
	json_close(j, '}');
	text_done(&name);
	text_done(&value);
}

void
route_json(struct ctl_client *c, const struct route_show *s,
    const struct rt_table *t, const struct rt_route *r,
    const struct rt_edit *e, bool best)
{
	char net[PREFIX_TEXT], from[IP_TEXT];
	struct seen v;
	struct json j;

	look(e, &v);
	ctl_row_begin(c, &j);
	json_str(&j, "table", rt_table_name(t));
	json_str(&j, "net", prefix_text(&e->net, net));
	json_str(&j, "dest", dest_name(v.dest));
	json_str(&j, "protocol", route_from(e));
	json_wall(&j, "since", ctl_wall_of(rt_changed(t, r)));
	json_str(&j, "from", ip_is_none(v.a->from) ? NULL :
	    ip_text(v.a->from, from));
	json_bool(&j, "best", best);
	json_bool(&j, "filtered", r->flags & RT_FILTERED);
	json_bool(&j, "stale", r->flags & (RT_STALE | RT_LLGR_STALE));
	json_bool(&j, "in_kernel_failed",
	    best && route_refused(c->d, t, &e->net));
	json_int(&j, "preference", v.a->preference);
	json_str(&j, "source", source_name(v.a->source));
	json_hops(&j, c->d, &v);
	if (s->all)
		json_attrs(&j, s, &v);
	ctl_row_end(c, &j);
}
