/* SPDX-License-Identifier: ISC */
/* prefix-lists, access-lists, and lists of paths and communities: read. */
#include <string.h>

#include "import/frr_impl.h"

static const char *const prefixes[FRR_LISTS] = {
	[FRR_PLIST4] = "pl_", [FRR_PLIST6] = "pl6_", [FRR_ALIST4] = "al_",
	[FRR_ALIST6] = "al6_", [FRR_ASLIST] = "path_", [FRR_CLIST] = "com_",
	[FRR_LCLIST] = "lcom_", [FRR_ECLIST] = "ecom_",
};

const char *
frr_list_symbol(struct frr *f, enum frr_kind k, const char *name)
{
	return frr_symbol(f, prefixes[k], name);
}

struct frr_list *
frr_list_find(const struct frr *f, enum frr_kind k, const char *name)
{
	struct frr_list *l = f->lists[k];

	while (l != NULL && strcmp(l->name, name) != 0)
		l = l->next;
	return l;
}

static struct frr_list *
list_of(struct frr *f, enum frr_kind k, const char *name)
{
	struct frr_list *l = frr_list_find(f, k, name), **end = &f->lists[k];

	if (l != NULL)
		return l;
	l = arena_new_of(f->im.a, struct frr_list);
	if (l == NULL)
		return NULL;
	l->kind = k;
	l->name = name;
	import_notes_init(&l->notes);
	while (*end != NULL)
		end = &(*end)->next;
	*end = l;
	return l;
}

/* By its number; without one it comes last. */
static void
insert(struct frr_list *l, struct frr_entry *e)
{
	struct frr_entry **at = &l->entries;
	unsigned last = 0;

	for (; *at != NULL; at = &(*at)->next) {
		if (e->seq != 0 && (*at)->seq >= e->seq)
			break;
		last = (*at)->seq;
	}
	if (e->seq == 0)
		e->seq = last + 5;
	if (*at != NULL && (*at)->seq == e->seq)
		e->next = (*at)->next;
	else
		e->next = *at;
	*at = e;
}

/* ADDRESS/LEN, with host bits or without */
static bool
prefix_at(const char *s, struct prefix *ret)
{
	const char *slash = strchr(s, '/');
	char buf[IP_TEXT];
	struct ip ip;
	uint32_t n;

	if (slash == NULL || (size_t)(slash - s) >= sizeof(buf) ||
	    !import_number(slash + 1, 128, &n))
		return false;
	memcpy(buf, s, (size_t)(slash - s));
	buf[slash - s] = '\0';
	if (!ip_parse(buf, &ip))
		return false;
	*ret = prefix_of(ip, n);
	return ret->kind != NET_NONE;
}

static void
make_any(struct frr_entry *e, bool six)
{
	e->any = true;
	e->net = prefix_of(six ? ip_from6((const uint8_t[16]){ 0 }) : ip4(0),
	    0);
	e->lo = 0;
	e->hi = six ? 128 : 32;
}

static bool
read_plist(struct frr_entry *e, bool six)
{
	const struct import_line *l = e->l;
	const unsigned bits = six ? 128 : 32;
	uint32_t ge = 0, le = 0;

	if (import_is(l, e->at, "any")) {
		make_any(e, six);
	} else if (!prefix_at(import_word(l, e->at), &e->net) ||
	    prefix_bits(&e->net) != bits) {
		return false;
	}
	for (unsigned i = e->at + 1; i + 1 < l->n; i += 2) {
		if (!import_number(l->w[i + 1], bits,
		    import_is(l, i, "ge") ? &ge : &le))
			return false;
	}
	if (e->any)
		return true;
	e->lo = (uint8_t)(ge ? ge : e->net.len);
	e->hi = (uint8_t)(le ? le : ge ? bits : e->net.len);
	return e->lo <= e->hi && e->lo >= e->net.len;
}

/* 0.0.255.255 is 16; -1: with holes. */
static int
wildcard_len(const char *s)
{
	unsigned len = 0;
	struct ip ip;

	if (!ip_parse(s, &ip) || !ip_is4(ip))
		return -1;
	while (len < 32 && !ip_bit(ip, len))
		len++;
	for (unsigned i = len; i < 32; i++)
		if (!ip_bit(ip, i))
			return -1;
	return (int)len;
}

/*
 * "10.0.0.0/8 [exact-match]" as zebra has it; "10.0.0.0 0.255.255.255" and
 * "host A" look at the address alone, whatever its length (lo > hi here).
 */
static bool
read_alist(struct frr_entry *e, bool six)
{
	const struct import_line *l = e->l;
	unsigned at = e->at;
	struct ip ip;
	int len = 32;

	if (import_is(l, at, "any")) {
		make_any(e, six);
		return true;
	}
	if (prefix_at(import_word(l, at), &e->net)) {
		e->exact = import_is(l, at + 1, "exact-match");
		e->lo = e->net.len;
		e->hi = e->exact ? e->net.len :
		    (uint8_t)prefix_bits(&e->net);
		return prefix_bits(&e->net) == (six ? 128 : 32);
	}
	if (import_is(l, at, "host"))
		at++;
	else if (at + 1 < l->n)
		len = wildcard_len(l->w[at + 1]);
	if (!ip_parse(import_word(l, at), &ip) || !ip_is4(ip) || len < 0)
		return false;
	e->net = prefix_of(ip, (unsigned)len);
	e->lo = 1;
	e->hi = 0;
	return true;
}

static void
entry(struct frr *f, const struct import_line *l, enum frr_kind k,
    const char *name, unsigned at, bool expanded)
{
	struct frr_list *list = list_of(f, k, name);
	struct frr_entry *e = arena_new_of(f->im.a, struct frr_entry);
	uint32_t seq = 0;

	if (list == NULL || e == NULL)
		return;
	if (import_is(l, at, "seq")) {
		import_number(import_word(l, at + 1), UINT32_MAX, &seq);
		at += 2;
	}
	if (import_is(l, at, "description") || import_is(l, at, "remark"))
		return;
	e->l = l;
	e->seq = seq;
	e->permit = import_is(l, at, "permit");
	e->expanded = expanded;
	e->at = at + 1;
	if (!e->permit && !import_is(l, at, "deny")) {
		import_note(&f->im, &list->notes, l, "not understood");
		return;
	}
	if (k == FRR_PLIST4 || k == FRR_PLIST6)
		e->bad = !read_plist(e, k == FRR_PLIST6);
	else if (k == FRR_ALIST4 || k == FRR_ALIST6)
		e->bad = !read_alist(e, k == FRR_ALIST6);
	insert(list, e);
}

/* [standard | expanded] NAME; old names are numbers. */
static void
community_list(struct frr *f, const struct import_line *l, enum frr_kind k,
    unsigned at)
{
	bool expanded = import_is(l, at, "expanded");
	uint32_t n;

	if (expanded || import_is(l, at, "standard"))
		at++;
	else if (import_number(import_word(l, at), 500, &n))
		expanded = n > 99;
	entry(f, l, k, import_word(l, at), at + 1, expanded);
}

bool
frr_list_line(struct frr *f, const struct import_line *l)
{
	const unsigned at = import_is(l, 0, "bgp") || import_is(l, 0, "ip");

	if (import_is(l, 0, "ip prefix-list sequence-number") ||
	    import_is(l, 0, "ipv6 prefix-list sequence-number"))
		;
	else if (import_is(l, 0, "ip prefix-list"))
		entry(f, l, FRR_PLIST4, import_word(l, 2), 3, false);
	else if (import_is(l, 0, "ipv6 prefix-list"))
		entry(f, l, FRR_PLIST6, import_word(l, 2), 3, false);
	else if (import_is(l, 0, "access-list"))
		entry(f, l, FRR_ALIST4, import_word(l, 1), 2, false);
	else if (import_is(l, 0, "ipv6 access-list"))
		entry(f, l, FRR_ALIST6, import_word(l, 2), 3, false);
	else if (at && import_is(l, 1, "as-path access-list"))
		entry(f, l, FRR_ASLIST, import_word(l, 3), 4, true);
	else if (at && import_is(l, 1, "community-list"))
		community_list(f, l, FRR_CLIST, 2);
	else if (at && import_is(l, 1, "large-community-list"))
		community_list(f, l, FRR_LCLIST, 2);
	else if (at && import_is(l, 1, "extcommunity-list"))
		community_list(f, l, FRR_ECLIST, 2);
	else
		return false;
	return true;
}
