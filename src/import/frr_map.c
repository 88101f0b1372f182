/* SPDX-License-Identifier: ISC */
/* route-maps: read, and printed as functions that say yes or no. */
#include <string.h>

#include "import/frr_impl.h"

struct frr_map *
frr_map_find(const struct frr *f, const char *name)
{
	struct frr_map *m = f->maps;

	while (m != NULL && strcmp(m->name, name) != 0)
		m = m->next;
	return m;
}

static struct frr_map *
map_of(struct frr *f, const char *name)
{
	struct frr_map *m = frr_map_find(f, name), **end = &f->maps;

	if (m != NULL)
		return m;
	m = arena_new_of(f->im.a, struct frr_map);
	if (m == NULL)
		return NULL;
	m->name = name;
	import_notes_init(&m->notes);
	while (*end != NULL)
		end = &(*end)->next;
	*end = m;
	return m;
}

/* route-map NAME permit|deny SEQ; one that was there goes on. */
bool
frr_map_begin(struct frr *f, const struct import_line *l)
{
	struct frr_rule *r, **at;
	uint32_t seq = 10;

	if (import_is(l, 1, "optimization") || l->n < 3 ||
	    (l->n > 3 && !import_number(l->w[3], 65535, &seq)))
		return false;
	f->map = map_of(f, import_word(l, 1));
	if (f->map == NULL)
		return false;
	for (at = &f->map->rules; *at != NULL && (*at)->seq < seq;
	    at = &(*at)->next)
		;
	if (*at != NULL && (*at)->seq == seq) {
		f->rule = *at;
		f->rule->permit = import_is(l, 2, "permit");
		return true;
	}
	r = arena_new_of(f->im.a, struct frr_rule);
	if (r == NULL)
		return false;
	r->l = l;
	r->seq = seq;
	r->permit = import_is(l, 2, "permit");
	r->next = *at;
	*at = f->rule = r;
	return true;
}

/* A second clause of one kind takes the place of the first. */
static void
clause(struct frr *f, struct frr_clause **list, const struct import_line *l,
    int row, unsigned at)
{
	struct frr_clause *c;

	while (*list != NULL && (*list)->row != (unsigned)row)
		list = &(*list)->next;
	c = *list;
	if (c == NULL)
		c = arena_new_of(f->im.a, struct frr_clause);
	if (c == NULL)
		return;
	c->l = l;
	c->row = (unsigned)row;
	c->at = at;
	*list = c;
}

static void
set_clause(struct frr *f, const struct import_line *l)
{
	unsigned at = 0;
	const int row = frr_set_row(l, &at);
	uint32_t weight;

	if (row < 0) {
		import_note(&f->im, &f->map->notes, l,
		    "left out: Warren cannot do this");
		return;
	}
	if (import_is(l, 1, "weight") &&
	    import_number(import_word(l, 2), 65535, &weight))
		frr_weight(f, weight);
	clause(f, &f->rule->set, l, row, at);
}

/* An unknown condition stays as a row of its own: it is never true. */
static void
match_clause(struct frr *f, const struct import_line *l)
{
	unsigned at = 0;
	const int row = frr_match_row(l, &at);
	struct frr_clause *c, **end = &f->rule->match;

	if (row >= 0) {
		clause(f, &f->rule->match, l, row, at);
		return;
	}
	c = arena_new_of(f->im.a, struct frr_clause);
	if (c == NULL)
		return;
	c->l = l;
	c->row = (unsigned)-1;
	while (*end != NULL)
		end = &(*end)->next;
	*end = c;
}

static bool
flow_line(struct frr_rule *r, const struct import_line *l)
{
	unsigned at = 2;

	if (import_is(l, 0, "call")) {
		r->call = import_word(l, 1);
		r->call_line = l;
		return true;
	}
	if (import_is(l, 0, "continue"))
		at = 1;
	else if (!import_is(l, 0, "on-match next") &&
	    !import_is(l, 0, "on-match goto"))
		return false;
	if (import_is(l, 0, "on-match next"))
		at = 100;
	r->next_goes_on = true;
	r->go_to = 0;
	import_number(import_word(l, at), 65535, &r->go_to);
	return true;
}

bool
frr_map_line(struct frr *f, const struct import_line *l)
{
	if (import_is(l, 0, "match"))
		match_clause(f, l);
	else if (import_is(l, 0, "set"))
		set_clause(f, l);
	else if (!import_is(l, 0, "description"))
		return flow_line(f->rule, l);
	return true;
}

/* How a map is called where it is used; each use has its own function. */
static const char *
map_symbol(struct frr *f, const struct frr_map *m, enum frr_use use)
{
	static const char *const prefix[FRR_USES] = {
		[FRR_USE_IN] = "rm_in_", [FRR_USE_OUT] = "rm_out_",
		[FRR_USE_ORIGIN] = "rm_", [FRR_USE_KERNEL] = "rm_kernel_",
	};

	return frr_symbol(f, prefix[use], m->name);
}

/* Does it, or one that it calls, ask who the neighbor is? */
static bool
asks_peer(const struct frr *f, const struct frr_map *m, unsigned depth)
{
	for (const struct frr_rule *r = m->rules; r != NULL; r = r->next) {
		const struct frr_map *to =
		    r->call ? frr_map_find(f, r->call) : NULL;

		for (const struct frr_clause *c = r->match; c != NULL;
		    c = c->next)
			if (import_is(c->l, 1, "peer"))
				return true;
		if (to != NULL && depth < 8 && asks_peer(f, to, depth + 1))
			return true;
	}
	return false;
}

static void
mark(struct frr *f, struct frr_map *m, enum frr_use use, unsigned depth)
{
	if (m->used & 1u << use || depth > 32)
		return;
	m->used |= (uint8_t)(1u << use);
	m->peer = m->peer || asks_peer(f, m, 0);
	for (const struct frr_rule *r = m->rules; r != NULL; r = r->next) {
		struct frr_map *to = r->call ? frr_map_find(f, r->call) :
		    NULL;

		if (to != NULL)
			mark(f, to, use, depth + 1);
	}
}

void
frr_map_call(struct frr *f, const char *name, enum frr_use use,
    const char *peer, struct text *out)
{
	struct frr_map *m = frr_map_find(f, name);

	if (m == NULL) {
		text_add(out, "false");
		return;
	}
	mark(f, m, use, 0);
	text_printf(out, "%s(%s)", map_symbol(f, m, use),
	    m->peer ? peer : "");
}

/* All conditions, joined; nothing where there is none. */
static bool
print_conditions(struct frr *f, struct frr_map *m, enum frr_use use,
    const struct frr_rule *r, struct text *out)
{
	bool any = false;

	for (const struct frr_clause *c = r->match; c != NULL;
	    c = c->next) {
		struct text t;

		text_init(&t, 1 << 20);
		if (!frr_match_print(f, m, use, c, &t)) {
			text_clear(&t);
			text_add(&t, r->permit ? "false" : "true");
			import_note(&f->im, &m->notes, c->l, r->permit ?
			    "Warren cannot ask this: taken for false" :
			    "Warren cannot ask this: taken for true");
		}
		if (strcmp(t.s, "true") != 0) {
			text_printf(out, "%s%s", any ? " && " : "", t.s);
			any = true;
		}
		out->bad = out->bad || t.bad;
		text_done(&t);
	}
	return any;
}

static void
print_call(struct frr *f, const struct frr_rule *r, enum frr_use use,
    const char *indent, struct text *out)
{
	if (r->call == NULL || frr_map_find(f, r->call) == NULL)
		return;
	text_printf(out, "%sif !", indent);
	frr_map_call(f, r->call, use, "peer", out);
	text_add(out, " then return false;\n");
}

/* What happens to a route that a rule permits. */
static void
print_end(const struct frr_rule *r, const char *indent, struct text *out)
{
	if (!r->next_goes_on) {
		text_printf(out, "%sreturn true;\n", indent);
		return;
	}
	text_printf(out, "%sok = true;\n", indent);
	if (r->go_to > r->seq)
		text_printf(out, "%sat = %u;\n", indent, r->go_to);
}

static void
print_rule(struct frr *f, struct frr_map *m, enum frr_use use,
    const struct frr_rule *r, bool jumps, struct text *out)
{
	struct text cond;
	const char *indent;
	bool any;

	text_init(&cond, 1 << 20);
	if (jumps)
		text_printf(&cond, "at <= %u", r->seq);
	{
		struct text t;

		text_init(&t, 1 << 20);
		any = print_conditions(f, m, use, r, &t);
		if (any)
			text_printf(&cond, "%s%s", jumps ? " && " : "",
			    t.s);
		cond.bad = cond.bad || t.bad;
		text_done(&t);
	}
	any = any || jumps;
	indent = any ? "\t\t" : "\t";
	text_printf(out, "\t# %s %u\n", r->permit ? "permit" : "deny",
	    r->seq);
	if (any)
		text_printf(out, "\tif %s then {\n", cond.s);
	if (r->permit) {
		for (const struct frr_clause *c = r->set; c != NULL;
		    c = c->next)
			frr_set_print(f, m, use, c, indent, out);
		print_call(f, r, use, indent, out);
		print_end(r, indent, out);
	} else {
		text_printf(out, "%sreturn false;\n", indent);
	}
	if (any)
		text_add(out, "\t}\n");
	out->bad = out->bad || cond.bad;
	text_done(&cond);
}

static void
print_function(struct frr *f, struct frr_map *m, enum frr_use use,
    struct text *out)
{
	bool jumps = false, goes_on = false;
	struct text body;

	for (const struct frr_rule *r = m->rules; r != NULL; r = r->next) {
		jumps = jumps || r->go_to > r->seq;
		goes_on = goes_on || r->next_goes_on;
	}
	text_init(&body, 16 << 20);
	for (const struct frr_rule *r = m->rules; r != NULL; r = r->next)
		print_rule(f, m, use, r, jumps, &body);
	text_printf(out, "# route-map %s\n", m->name);
	import_notes_print(&f->im, &m->notes, "", out);
	text_printf(out, "function %s(%s) -> bool\n%s%s{\n%s%s%s"
	    "\treturn %s;\n}\n\n", map_symbol(f, m, use),
	    m->peer ? "ip peer" : "", goes_on ? "bool ok;\n" : "",
	    jumps ? "int at;\n" : "", goes_on ? "\tok = false;\n" : "",
	    jumps ? "\tat = 0;\n" : "", body.s, goes_on ? "ok" : "false");
	out->bad = out->bad || body.bad;
	text_done(&body);
}

/* Those that it calls come first. */
static void
print_map(struct frr *f, struct frr_map *m, enum frr_use use,
    struct text *out)
{
	const uint8_t bit = (uint8_t)(1u << use);

	if (m->printed & bit || m->open & bit)
		return;
	m->open |= bit;
	for (const struct frr_rule *r = m->rules; r != NULL; r = r->next) {
		struct frr_map *to = r->call ? frr_map_find(f, r->call) :
		    NULL;

		if (to != NULL && to->open & bit && !(to->printed & bit)) {
			import_note(&f->im, &m->notes, r->call_line,
			    "it calls itself, so this is left out");
			((struct frr_rule *)r)->call = NULL;
		} else if (to != NULL) {
			print_map(f, to, use, out);
		}
	}
	m->printed |= bit;
	print_function(f, m, use, out);
}

void
frr_maps_print(struct frr *f, struct text *out)
{
	for (struct frr_map *m = f->maps; m != NULL; m = m->next)
		for (unsigned use = 0; use < FRR_USES; use++)
			if (m->used & 1u << use)
				print_map(f, m, use, out);
}
