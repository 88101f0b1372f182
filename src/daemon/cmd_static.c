/* SPDX-License-Identifier: ISC */
/* show static: what static protocols say, whether it is in a table or not. */
#include <string.h>

#include "base/mem.h"
#include "daemon/ctl_impl.h"

/* A next hop that cannot be used now. */
static bool
is_dormant(const struct proto *p, const struct conf_via *v)
{
	return p == NULL || p->state != PROTO_UP || !static_via_works(p, v);
}

static void
via_text(struct ctl_client *c, const struct proto *p,
    const struct conf_via *v)
{
	const char *dormant = is_dormant(p, v) ? " (dormant)" : "";
	char ip[IP_TEXT];

	if (ip_is_none(v->gw))
		ctl_say(c, 1009, "\tdev %s%s%s", v->iface,
		    v->onlink ? " onlink" : "", dormant);
	else
		ctl_say(c, 1009, "\tvia %s%s%s%s%s%s", ip_text(v->gw, ip),
		    v->iface ? "%" : "", v->iface ? v->iface : "",
		    v->onlink ? " onlink" : "", v->bfd ? " (bfd)" : "",
		    dormant);
}

static const char *
dest_word(const struct conf_route *r)
{
	static const char *const name[] = { "", "", "recursive", "blackhole",
	    "unreachable", "prohibited" };

	return name[r->dest];
}

static void
route_text(struct ctl_client *c, const struct proto *p,
    const struct conf_route *r)
{
	char net[PREFIX_TEXT], ip[IP_TEXT];

	prefix_text(&r->net, net);
	switch ((enum conf_dest)r->dest) {
	case CONF_DEST_RECURSIVE:
		ctl_say(c, 1009, "%s\trecursive %s", net,
		    ip_text(r->recursive, ip));
		break;
	case CONF_DEST_VIA:
		ctl_say(c, 1009, "%s", net);
		break;
	case CONF_DEST_NONE:		/* a ROA; the tab is BIRD's */
		ctl_say(c, 1009, "%s\t", net);
		break;
	case CONF_DEST_BLACKHOLE:
	case CONF_DEST_UNREACHABLE:
	case CONF_DEST_PROHIBIT:
		ctl_say(c, 1009, "%s\t%s", net, dest_word(r));
		break;
	}
	for (const struct conf_via *v = r->vias; v != NULL; v = v->next)
		via_text(c, p, v);
}

static void
route_json(struct ctl_client *c, const struct proto *p,
    const struct conf_route *r)
{
	char net[PREFIX_TEXT], ip[IP_TEXT];
	struct json j;

	ctl_row_begin(c, &j);
	json_str(&j, "protocol", p->name);
	json_str(&j, "net", prefix_text(&r->net, net));
	json_str(&j, "dest", r->dest == CONF_DEST_VIA ? "unicast" :
	    dest_word(r));
	if (r->dest == CONF_DEST_RECURSIVE)
		json_str(&j, "recursive", ip_text(r->recursive, ip));
	json_open(&j, "via", '[');
	for (const struct conf_via *v = r->vias; v != NULL; v = v->next) {
		json_open(&j, NULL, '{');
		json_str(&j, "gw", ip_is_none(v->gw) ? NULL :
		    ip_text(v->gw, ip));
		json_str(&j, "interface", v->iface);
		json_close(&j, '}');
	}
	json_close(&j, ']');
	ctl_row_end(c, &j);
}

struct show {
	struct ctl_job job;
	struct generation *gen;
	uint32_t number;		/* of the protocol; 0: all of them */
	const struct conf_proto *cf;
	const struct conf_route *next;
};

/* The next route of what is asked for, or NULL. */
static const struct conf_route *
next_route(struct ctl_client *c, struct show *s, const struct proto **ret_p)
{
	const struct conf_route *r = s->next;

	*ret_p = s->cf ? daemon_proto(c->d, s->cf->name) : NULL;
	while (r == NULL) {
		s->cf = s->cf ? s->cf->next : s->gen->config->protocols;
		if (s->cf == NULL)
			return NULL;
		*ret_p = daemon_proto(c->d, s->cf->name);
		if (s->cf->kind == CONF_STATIC && *ret_p != NULL &&
		    (s->number == 0 || (*ret_p)->number == s->number))
			r = s->cf->stat.routes;
	}
	s->next = r->next;
	return r;
}

static bool
show_step(struct ctl_client *c, struct ctl_job *job)
{
	struct show *s = (struct show *)job;
	const struct conf_route *r;
	const struct proto *p;

	while ((r = next_route(c, s, &p)) != NULL) {
		if (c->json && p != NULL)
			route_json(c, p, r);
		else if (!c->json)
			route_text(c, p, r);
		if (c->r.out.n >= CTL_SLICE)
			return true;
	}
	if (c->json)
		ctl_rows_end(c);
	return false;
}

static void
show_free(struct ctl_client *c, struct ctl_job *job)
{
	struct show *s = (struct show *)job;

	(void)c;
	generation_unref(s->gen);
	mem_free(s);
}

void
cmd_show_static(struct ctl_client *c, struct ctl_words *w)
{
	const struct ctl_word *at = ctl_peek(w);
	const struct proto *p = at ? daemon_proto(c->d, at->s) : NULL;
	struct show *s;

	if (at != NULL && p == NULL) {
		ctl_expected(c, w, "END or a static protocol's name");
		return;
	}
	if (p != NULL && p->ops->kind != CONF_STATIC) {
		ctl_end(c, 9001, "%s: Not a Static protocol", p->name);
		return;
	}
	w->i += at != NULL;
	if (!ctl_no_more(c, w))
		return;
	s = mem_zalloc(sizeof(*s));
	if (s == NULL) {
		ctl_end(c, 8000, "Out of memory");
		return;
	}
	s->job = (struct ctl_job){ show_step, show_free };
	s->gen = generation_ref(c->d->gen);
	s->number = p ? p->number : 0;
	c->job = &s->job;
	if (c->json)
		ctl_rows_begin(c);
}
