/* SPDX-License-Identifier: ISC */
#include "tunneld/source.h"

#include "base/mem.h"
#include "sys/route_ask.h"

#define ANSWERS		1024		/* a power of two */
#define VALID		SECONDS(1)
#define QUESTIONS	256		/* in that time */

struct answer {
	struct ip to, from;
	uint32_t from_if;
	bool fits;
	struct instant until;
};

struct source {
	struct route_ask *ask;		/* NULL: cannot be had */
	struct answer *last;
	struct instant window;		/* end of it, for */
	unsigned asked;
	struct answer v[ANSWERS];
};

struct source *
source_new(void)
{
	struct source *s = mem_zalloc(sizeof(*s));

	if (!s)
		return NULL;
	if (route_ask_new(&s->ask) < 0)
		s->ask = NULL;
	s->last = s->v;
	return s;
}

struct source *
source_free(struct source *s)
{
	if (s)
		s->ask = route_ask_free(s->ask);
	mem_free(s);
	return NULL;
}

static bool
is_of(const struct answer *a, const struct wg_endpoint *e, struct instant now)
{
	return ip_eq(a->to, e->addr) && ip_eq(a->from, e->src) &&
	    a->from_if == e->src_if && !instant_due(a->until, now);
}

static struct answer *
place(struct source *s, const struct wg_endpoint *e)
{
	uint64_t h = e->addr.q[0] ^ e->addr.q[1] ^ e->src.q[1] * 3;

	h *= 0x9e3779b97f4a7c15;
	return &s->v[h >> 32 & (ANSWERS - 1)];
}

static bool
may_ask(struct source *s, struct instant now)
{
	if (instant_due(s->window, now)) {
		s->window = instant_add(now, VALID);
		s->asked = 0;
	}
	return s->ask && s->asked++ < QUESTIONS;
}

bool
source_fits(struct source *s, const struct wg_endpoint *e, uint32_t mark,
    struct instant now)
{
	struct answer *a;

	if (ip_is_none(e->src) || e->src_if == 0)
		return true;
	if (is_of(s->last, e, now))
		return s->last->fits;
	a = place(s, e);
	if (!is_of(a, e, now)) {
		if (!may_ask(s, now))
			return true;
		*a = (struct answer){ .to = e->addr, .from = e->src,
		    .from_if = e->src_if, .until = instant_add(now, VALID),
		    .fits = route_ask_fits(s->ask, e->addr, e->src,
		    e->src_if, mark) };
	}
	s->last = a;
	return a->fits;
}
