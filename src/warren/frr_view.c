/* SPDX-License-Identifier: ISC */
/* What warrend is asked for FRR's words, and small things that all need. */
#include <stdlib.h>
#include <string.h>

#include "warren/frr_impl.h"

struct rows {
	struct frr_view *v;
	frr_row_fn *each;
	void *ctx;
};

/* "[" and "]" stand alone; each row is a line of its own. */
static void
one_row(void *ctx, const char *text)
{
	struct rows *r = ctx;
	const struct json_node *n;

	if (text[0] == '[' || text[0] == ']')
		return;
	arena_reset(r->v->row);
	n = node_read(r->v->row, text);
	if (n != NULL)
		r->each(r->ctx, n);
}

int
frr_ask(struct frr_view *v, const char *command, frr_row_fn *each, void *ctx)
{
	struct rows r = { v, each, ctx };
	struct client_how how = { .json = true, .row = one_row, .ctx = &r };

	return v->answer = client_ask(v->client, command, &how);
}

static struct json_node *
copy(struct arena *a, const struct json_node *n)
{
	struct json_node *c = arena_dup(a, n, sizeof(*n)), **end;

	if (c == NULL)
		return NULL;
	c->key = n->key ? arena_strdup(a, n->key) : NULL;
	c->s = n->s ? arena_strdup(a, n->s) : NULL;
	c->next = c->child = NULL;
	end = &c->child;
	for (const struct json_node *k = n->child; k != NULL; k = k->next) {
		*end = copy(a, k);
		if (*end == NULL)
			return NULL;
		end = &(*end)->next;
	}
	return c;
}

static void
keep_status(void *ctx, const struct json_node *row)
{
	struct frr_view *v = ctx;

	v->status = copy(v->a, row);
}

static void
count(struct frr_view *v, const struct json_node *row)
{
	const struct json_node *ch = node_at(row, "channels");

	for (ch = ch ? ch->child : NULL; ch != NULL; ch = ch->next)
		v->version +=
		    node_number(node_at(ch, "import_updates"), "accepted") +
		    node_number(node_at(ch, "import_withdraws"), "accepted");
}

static void
keep_peer(void *ctx, const struct json_node *row)
{
	struct frr_view *v = ctx;

	count(v, row);
	if (node_at(row, "bgp") == NULL)
		return;
	*v->end = copy(v->a, row);
	if (*v->end != NULL)
		v->end = &(*v->end)->next;
}

bool
frr_view_init(struct frr_view *v, struct client *c, FILE *out)
{
	*v = (struct frr_view){ .client = c, .out = out };
	v->end = &v->peers;
	v->a = arena_new();
	v->row = arena_new();
	return v->a != NULL && v->row != NULL &&
	    frr_ask(v, "show status", keep_status, v) == EXIT_OK &&
	    frr_ask(v, "show protocols", keep_peer, v) == EXIT_OK;
}

void
frr_view_done(struct frr_view *v)
{
	arena_free(v->a);
	arena_free(v->row);
}

/* By address, or by our name of it. */
const struct json_node *
frr_peer(const struct frr_view *v, const char *who)
{
	for (const struct json_node *p = v->peers; p != NULL; p = p->next)
		if (strcmp(node_text(node_at(p, "bgp"), "neighbor"), who) ==
		    0 || strcmp(node_text(p, "name"), who) == 0)
			return p;
	return NULL;
}

unsigned
frr_family(const char *net)
{
	const size_t n = strcspn(net, "/");
	char buf[IP_TEXT];
	struct ip ip;

	if (n >= sizeof(buf))
		return 0;
	memcpy(buf, net, n);
	buf[n] = '\0';
	return !ip_parse(buf, &ip) ? 0 : ip_is4(ip) ? 4 : 6;
}

void
frr_ago(const char *since, char *buf, size_t cap)
{
	struct tm tm = { 0 };
	long s;

	if (strptime(since, "%Y-%m-%dT%H:%M:%S", &tm) == NULL) {
		snprintf(buf, cap, "never");
		return;
	}
	s = (long)(time(NULL) - timegm(&tm));
	if (s < 0)
		s = 0;
	if (s < 86400)
		snprintf(buf, cap, "%02ld:%02ld:%02ld", s / 3600,
		    s / 60 % 60, s % 60);
	else if (s < 7 * 86400)
		snprintf(buf, cap, "%ldd%02ldh%02ldm", s / 86400,
		    s / 3600 % 24, s / 60 % 60);
	else
		snprintf(buf, cap, "%02ldw%ldd%02ldh", s / (7 * 86400),
		    s / 86400 % 7, s / 3600 % 24);
}

bool
frr_external(const struct json_node *peer)
{
	return !node_true(node_at(peer, "bgp"), "internal");
}
