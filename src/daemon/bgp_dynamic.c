/* SPDX-License-Identifier: ISC */
/*
 * Neighbours that no file names: "neighbor range PREFIX".  The protocol in the
 * file only listens; whoever dials from within the range gets a protocol of
 * his own, with the range's configuration but for the addresses, which lives
 * as long as his session (and his graceful restart, and his error wait).
 */
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/bgp.h"
#include "daemon/links.h"
#include "daemon/vrf.h"

/* What a spawned protocol has of its own; cf is first, for own_cf. */
struct spawned {
	struct conf_proto cf;
	char name[64 + 16];
	char iface[IFACE_NAME];
	char range[64];			/* the protocol that it came out of */
};

static const struct spawned *
spawned_of(const struct proto *p)
{
	return (const struct spawned *)p->own_cf;
}

static bool
is_of(const struct proto *p, const char *range)
{
	return p->own_cf != NULL && strcmp(spawned_of(p)->range, range) == 0;
}

bool
bgp_range_has(const struct bgp *b, const struct tcp_end *peer,
    const struct tcp_end *local)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;
	const struct iface *i;

	if (!b->listening || !bgp_is_range(b) ||
	    !prefix_has_ip(&cf->remote_range, peer->ip))
		return false;
	if (cf->multihop == 0 && (cf->iface || cf->iface_range)) {
		i = vrf_iface_to(&b->p, peer->ip,
		    peer->scope, NULL);
		if (i == NULL || (cf->iface != NULL &&
		    strcmp(i->name, cf->iface) != 0) ||
		    !links_match(cf->iface_range, i, NULL))
			return false;
	}
	return ip_is_none(cf->local_ip) || ip_eq(cf->local_ip, local->ip);
}

/* The next number whose name nobody has. */
static void
find_name(struct bgp *b, char *name, size_t size)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;

	do
		snprintf(name, size, "%.60s%0*u", cf->dynamic_name,
		    cf->dynamic_digits, ++b->spawned);
	while (daemon_proto(b->p.d, name) != NULL ||
	    config_proto(b->p.d->gen->config, name) != NULL);
}

/* The range's configuration as it is for this one; NULL: no memory. */
static struct spawned *
derive(const struct conf_proto *range, const char *name, struct ip remote,
    struct ip local, const char *iface)
{
	struct spawned *s = mem_zalloc(sizeof(*s));
	struct conf_bgp *cf;

	if (s == NULL)
		return NULL;
	s->cf = *range;
	snprintf(s->name, sizeof(s->name), "%s", name);
	snprintf(s->range, sizeof(s->range), "%s", range->name);
	s->cf.name = s->name;
	s->cf.disabled = false;
	cf = &s->cf.bgp;
	cf->remote_range = (struct prefix){ 0 };
	cf->remote_ip = remote;
	cf->local_ip = local;
	cf->passive = true;
	if (ip_is_link_local(remote)) {
		snprintf(s->iface, sizeof(s->iface), "%s", iface);
		cf->iface = s->iface;
	}
	return s;
}

static unsigned
count(const struct bgp *range)
{
	unsigned n = 0;

	LIST_EACH(p, &range->p.d->protos, struct proto, link)
		n += is_of(p, range->p.name);
	return n;
}

/* A person has disabled who dials here. */
static bool
is_barred(const struct bgp *range, const struct tcp_end *peer,
    const char *iface)
{
	LIST_EACH(p, &range->p.d->protos, struct proto, link)
		if (is_of(p, range->p.name) && p->disabled &&
		    ip_eq(p->cf->bgp.remote_ip, peer->ip) &&
		    (!ip_is_link_local(peer->ip) ||
		    strcmp(p->cf->bgp.iface, iface) == 0))
			return true;
	return false;
}

/* Why there shall be none for this peer; NULL: there may be. */
static const char *
refusal(const struct bgp *range, const struct tcp_end *peer,
    const char *iface)
{
	if (is_barred(range, peer, iface))
		return "it is disabled";
	if (count(range) >= range->p.cf->bgp.dynamic_limit)
		return "the dynamic limit is reached";
	return NULL;
}

/* NULL: out of memory. */
static struct proto *
spawn(struct bgp *range, const struct tcp_end *peer,
    const struct tcp_end *local, const char *iface)
{
	struct spawned *s;
	char name[sizeof(s->name)];
	struct proto *p;

	find_name(range, name, sizeof(name));
	s = derive(range->p.cf, name, peer->ip, local->ip, iface);
	if (s == NULL)
		return NULL;
	p = proto_new(range->p.d, &s->cf, range->p.gen);
	if (p == NULL) {
		mem_free(s);
		return NULL;
	}
	p->own_cf = &s->cf;
	list_push_back(&range->p.d->protos, &p->link);
	bgp_dynamic_sort(range->p.d, &range->p);
	proto_start(p);
	return p;
}

void
bgp_spawn(struct bgp *range, int fd, const struct tcp_end *peer,
    const struct tcp_end *local)
{
	const struct iface *i = iface_by_index(&range->p.d->ifaces,
	    peer->scope);
	const char *iface = i ? i->name : "", *why;
	char ip[IP_TEXT];
	struct proto *p;

	why = refusal(range, peer, iface);
	if (why != NULL) {
		proto_log(&range->p, CONF_LOG_AUTH,
		    "Connection from %s refused: %s", ip_text(peer->ip, ip),
		    why);
		close(fd);
		return;
	}
	p = spawn(range, peer, local, iface);
	if (p == NULL || !bgp_of(p)->running) {
		close(fd);
		if (p != NULL)
			proto_stop(p, PROTO_GOAL_REMOVED, NULL);
		return;
	}
	proto_log(p, CONF_LOG_INFO, "Made for %s, out of %s",
	    ip_text(peer->ip, ip), range->p.name);
	bgp_io_accepted(bgp_of(p), fd);
}

void
bgp_dynamic_look(struct bgp *b)
{
	if (b->p.own_cf == NULL || !b->running || b->leaving ||
	    b->p.disabled || b->p.goal == PROTO_GOAL_REMOVED)
		return;
	for (unsigned i = 0; i < BGP_NCONNS; i++)
		if (b->io[i].fd >= 0)
			return;
	/* Idle waits for the end of an error; nobody is let in meanwhile. */
	if (b->begun && (bgp_neighbour_gr_active(b->n) ||
	    bgp_session_state(bgp_neighbour_session(b->n)) != BGP_ACTIVE))
		return;
	proto_stop(&b->p, PROTO_GOAL_REMOVED, NULL);
}

static const struct conf_diff_proto *
diff_of(const struct conf_diff *diff, const char *name)
{
	for (unsigned i = 0; i < diff->n; i++)
		if (diff->proto[i].new != NULL &&
		    strcmp(diff->proto[i].new->name, name) == 0)
			return &diff->proto[i];
	return NULL;
}

/* False: it cannot follow, and must go. */
static bool
follow(struct proto *p, const struct conf_diff_proto *range,
    struct generation *g, bool soft)
{
	const struct spawned *was = spawned_of(p);
	struct conf_diff_proto x = *range;
	struct spawned *s = derive(range->new, was->name,
	    was->cf.bgp.remote_ip, was->cf.bgp.local_ip, was->iface);

	if (s == NULL)
		return false;
	s->cf.disabled = range->new->disabled;
	x.old = p->cf;
	x.new = &s->cf;
	proto_reconfigure(p, &x, g, soft);
	if (p->then != NULL) {		/* it would have to start anew */
		generation_unref(p->then_gen);
		p->then = NULL;
		p->then_gen = NULL;
		mem_free(s);
		return false;
	}
	mem_free(p->own_cf);
	p->own_cf = &s->cf;
	return true;
}

void
bgp_dynamic_configure(struct daemon *d, const struct conf_diff *diff,
    struct generation *g, bool soft)
{
	const struct conf_diff_proto *range;

	LIST_EACH_SAFE(p, &d->protos, struct proto, link) {
		if (p->own_cf == NULL || p->then != NULL ||
		    p->goal == PROTO_GOAL_REMOVED)
			continue;
		range = diff_of(diff, spawned_of(p)->range);
		/* As in BIRD, the disabled ones are forgotten. */
		if (range == NULL || diff->global_restart ||
		    (p->state != PROTO_START && p->state != PROTO_UP) ||
		    (range->change != CONF_SAME &&
		    range->change != CONF_RECONFIGURE) ||
		    !follow(p, range, g, soft))
			proto_stop(p, PROTO_GOAL_REMOVED, NULL);
	}
}

void
bgp_dynamic_sort(struct daemon *d, struct proto *range)
{
	struct list out, *after = range->link.next;

	if (!bgp_is_range(bgp_of(range)))
		return;
	list_init(&out);
	LIST_EACH_SAFE(p, &d->protos, struct proto, link)
		if (is_of(p, range->name)) {
			if (after == &p->link)
				after = p->link.next;
			list_remove(&p->link);
			list_push_back(&out, &p->link);
		}
	LIST_EACH_SAFE(p, &out, struct proto, link) {
		list_remove(&p->link);
		list_insert_before(after, &p->link);
	}
}
