/* SPDX-License-Identifier: ISC */
#include "plan/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "plan/underlay.h"

void
guard_init(struct guard *g)
{
	memset(g, 0, sizeof(*g));
}

void
guard_done(struct guard *g)
{
	mem_free(g->v);
	guard_init(g);
}

static void
add(struct guard *g, const struct guard_net *e)
{
	struct guard_net *v = mem_resize(g->v, g->n + 1, sizeof(*v));

	if (v == NULL) {
		g->failed = true;
		return;
	}
	g->v = v;
	g->v[g->n++] = *e;
}

void
guard_lan(struct guard *g, const struct prefix *net, const char *name)
{
	struct guard_net e = { .net = *net, .kind = GUARD_LAN };

	snprintf(e.name, sizeof(e.name), "%s", name);
	add(g, &e);
}

void
guard_endpoint(struct guard *g, struct ip ip, unsigned way_len,
    const char *name)
{
	struct guard_net e = { .net = prefix_host(ip), .kind = GUARD_ENDPOINT,
	    .way_len = (uint8_t)way_len };

	snprintf(e.name, sizeof(e.name), "%s", name);
	add(g, &e);
}

static int
compare(const void *a, const void *b)
{
	const struct guard_net *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return prefix_cmp(&x->net, &y->net);
}

/* LANs inside others add nothing: without them the rest is disjoint. */
void
guard_seal(struct guard *g)
{
	unsigned n = 0;

	if (g->n > 1)
		qsort(g->v, g->n, sizeof(*g->v), compare);
	for (unsigned i = 0; i < g->n; i++) {
		const struct guard_net *e = &g->v[i];

		if (n > 0 && g->v[n - 1].kind == e->kind &&
		    prefix_covers(&g->v[n - 1].net, &e->net))
			continue;
		g->v[n++] = *e;
	}
	g->n = n;
	for (g->n_lans = 0; g->n_lans < n; g->n_lans++)
		if (g->v[g->n_lans].kind != GUARD_LAN)
			break;
}

/* The only LAN that can cover the net: the last one not behind it. */
static const struct guard_net *
lan_of(const struct guard *g, const struct prefix *net)
{
	unsigned lo = 0, hi = g->n_lans;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (prefix_cmp(&g->v[mid].net, net) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo > 0 && prefix_covers(&g->v[lo - 1].net, net) ?
	    &g->v[lo - 1] : NULL;
}

enum guard_verdict
guard_judge(const struct guard *g, const struct prefix *net,
    const struct guard_net **ret_which)
{
	*ret_which = lan_of(g, net);
	if (*ret_which != NULL)
		return GUARD_LAN;
	for (unsigned i = g->n_lans; i < g->n; i++) {
		const struct guard_net *e = &g->v[i];

		if (prefix_covers(net, &e->net) && !ul_is_default(net) &&
		    net->len >= e->way_len) {
			*ret_which = e;
			return GUARD_ENDPOINT;
		}
	}
	return GUARD_PASSES;
}

static bool
has(const struct guard *g, const struct guard_net *e)
{
	for (unsigned i = 0; i < g->n; i++)
		if (g->v[i].kind == e->kind &&
		    g->v[i].way_len <= e->way_len &&
		    prefix_eq(&g->v[i].net, &e->net))
			return true;
	return false;
}

bool
guard_is_stricter(const struct guard *a, const struct guard *b)
{
	for (unsigned i = 0; i < a->n; i++)
		if (!has(b, &a->v[i]))
			return true;
	return false;
}

bool
guard_same(const struct guard *a, const struct guard *b)
{
	return !guard_is_stricter(a, b) && !guard_is_stricter(b, a);
}
