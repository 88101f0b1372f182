/* SPDX-License-Identifier: ISC */
/* Lists as sets, where all entries permit, and as functions otherwise. */
#include <stdio.h>
#include <string.h>

#include "import/frr_impl.h"

/* A pattern of BIRD's: 10.0.0.0/8{8,24} */
static void
print_pattern(const struct frr_entry *e, struct text *out)
{
	const unsigned bits = prefix_bits(&e->net);
	char ip[IP_TEXT];

	text_printf(out, "%s/%u", ip_text(e->net.ip, ip), e->net.len);
	if (e->lo == e->net.len && e->hi == bits && e->lo < bits)
		text_addc(out, '+');
	else if (e->lo != e->net.len || e->hi != e->net.len)
		text_printf(out, "{%u,%u}", e->lo, e->hi);
}

static bool
is_pattern(const struct frr_entry *e)
{
	return e->lo <= e->hi;
}

/* One set is enough for it. */
static bool
is_plain(const struct frr_list *l)
{
	if (l->kind > FRR_ALIST6 || l->entries == NULL)
		return false;
	for (const struct frr_entry *e = l->entries; e != NULL; e = e->next)
		if (!e->permit || e->bad || !is_pattern(e))
			return false;
	return true;
}

void
frr_list_test(struct frr *f, enum frr_kind k, const char *name,
    struct text *out)
{
	struct frr_list *l = frr_list_find(f, k, name);

	if (l == NULL) {
		text_add(out, "false");
		return;
	}
	l->used = true;
	text_printf(out, is_plain(l) ? "net ~ %s" : "%s()",
	    frr_list_symbol(f, k, name));
}

void
frr_list_host_test(struct frr *f, enum frr_kind k, const char *name,
    const char *what, struct text *out)
{
	struct frr_list *l = frr_list_find(f, k, name);

	if (l == NULL) {
		text_add(out, "false");
		return;
	}
	l->used_host = true;
	text_printf(out, "%s_of(%s)", frr_list_symbol(f, k, name), what);
}

static const char *
verdict(const struct frr_entry *e)
{
	return e->permit ? "true" : "false";
}

/* As many entries as have the same verdict; the first that was not. */
static const struct frr_entry *
print_run(const struct frr_entry *e, struct text *out)
{
	const struct frr_entry *first = e;

	text_add(out, "\tif net ~ [");
	for (; e != NULL && e->permit == first->permit && is_pattern(e) &&
	    !e->bad; e = e->next) {
		text_add(out, e == first ? " " : ", ");
		print_pattern(e, out);
	}
	text_printf(out, " ] then return %s;\n", verdict(first));
	return e;
}

/* An entry that cannot be carried over: nothing behind a "deny" is certain. */
static void
print_bad(struct frr *f, struct frr_list *l, const struct frr_entry *e,
    struct text *out)
{
	import_note(&f->im, &l->notes, e->l, e->permit ?
	    "left out: Warren cannot say this" :
	    "Warren cannot say this: all behind it is denied");
	if (!e->permit)
		text_add(out, "\treturn false;\n");
}

static void
print_prefixes(struct frr *f, struct frr_list *l, struct text *out)
{
	const struct frr_entry *e = l->entries;

	while (e != NULL) {
		char net[PREFIX_TEXT];

		if (e->bad) {
			print_bad(f, l, e, out);
		} else if (is_pattern(e)) {
			e = print_run(e, out);
			continue;
		} else {
			text_printf(out, "\tif net.ip ~ %s then return %s;\n",
			    prefix_text(&e->net, net), verdict(e));
		}
		e = e->next;
	}
}

/* The same of an address, that is a prefix of all its bits. */
static void
print_hosts(struct frr *f, struct frr_list *l, struct text *out)
{
	for (const struct frr_entry *e = l->entries; e != NULL;
	    e = e->next) {
		char ip[IP_TEXT];

		if (e->bad)
			print_bad(f, l, e, out);
		else if (!is_pattern(e) || e->hi == prefix_bits(&e->net))
			text_printf(out, "\tif a ~ %s/%u then return %s;\n",
			    ip_text(e->net.ip, ip), e->net.len, verdict(e));
	}
}

/* All of the communities, each with what it takes: "X ~ list". */
static bool
print_all_of(const struct frr_list *l, const struct frr_entry *e,
    struct text *out)
{
	static const char *const list[] = {
		[FRR_CLIST] = "bgp_community",
		[FRR_LCLIST] = "bgp_large_community",
		[FRR_ECLIST] = "bgp_ext_community",
	};
	bool any = false, ok = true;

	for (unsigned i = e->at; ok && i < e->l->n; i++, any = true) {
		const char *w = e->l->w[i];

		text_add(out, any ? " && " : "");
		if (l->kind == FRR_CLIST && strcmp(w, "internet") == 0) {
			text_add(out, "true");
			continue;
		}
		if (l->kind == FRR_CLIST)
			ok = frr_community(w, out);
		else if (l->kind == FRR_LCLIST)
			ok = frr_large_community(w, out);
		else
			ok = frr_ext_community(w, import_word(e->l, ++i),
			    out);
		text_printf(out, " ~ %s", list[l->kind]);
	}
	return ok && any;
}

/* A regular expression about large communities: their parts, exactly. */
static bool
large_test(const char *regex, struct text *out)
{
	char buf[64];
	size_t n = 0;
	unsigned colons = 0;

	for (const char *s = regex; *s != '\0' && n + 8 < sizeof(buf);) {
		if (*s == '^' || *s == '$' || *s == '_') {
			s++;
		} else if (strncmp(s, ".*", 2) == 0 ||
		    strncmp(s, ".+", 2) == 0) {
			buf[n++] = '*';
			s += 2;
		} else if (strncmp(s, "[0-9]+", 6) == 0 ||
		    strncmp(s, "[0-9]*", 6) == 0) {
			buf[n++] = '*';
			s += 6;
		} else if ((*s >= '0' && *s <= '9') || *s == ':') {
			colons += *s == ':';
			buf[n++] = *s == ':' ? ',' : *s;
			s++;
		} else {
			return false;
		}
	}
	buf[n] = '\0';
	if (colons == 1 && n > 0 && buf[n - 1] == '*')
		snprintf(buf + n, sizeof(buf) - n, ",*");
	else if (colons != 2 || n == 0 || buf[0] == ',' ||
	    buf[n - 1] == ',')
		return false;
	text_printf(out, "bgp_large_community ~ [(%s)]", buf);
	return true;
}

static bool
print_condition(const struct frr_list *l, const struct frr_entry *e,
    struct text *out)
{
	const char *regex = import_from(e->l, e->at);

	if (l->kind == FRR_ASLIST)
		return frr_path_test(regex, out);
	if (!e->expanded)
		return print_all_of(l, e, out);
	if (l->kind == FRR_CLIST)
		return frr_community_test(regex, out);
	return l->kind == FRR_LCLIST && large_test(regex, out);
}

/* exact: and no other communities. */
static void
print_entries(struct frr *f, struct frr_list *l, bool exact,
    struct text *out)
{
	for (const struct frr_entry *e = l->entries; e != NULL;
	    e = e->next) {
		struct text t;

		text_init(&t, 1 << 20);
		if (!print_condition(l, e, &t) || t.bad)
			print_bad(f, l, e, out);
		else if (exact && !e->expanded)
			text_printf(out, "\tif bgp_%scommunity.len = %u && "
			    "%s then return %s;\n",
			    l->kind == FRR_LCLIST ? "large_" : "",
			    e->l->n - e->at, t.s, verdict(e));
		else
			text_printf(out, "\tif %s then return %s;\n", t.s,
			    verdict(e));
		text_done(&t);
	}
}

static void
print_set(struct frr *f, const struct frr_list *l, struct text *out)
{
	text_printf(out, "define %s = [\n", frr_list_symbol(f, l->kind,
	    l->name));
	for (const struct frr_entry *e = l->entries; e != NULL;
	    e = e->next) {
		text_addc(out, '\t');
		print_pattern(e, out);
		text_add(out, e->next != NULL ? ",\n" : "\n");
	}
	text_add(out, "];\n\n");
}

/* An empty list permits everything, as an empty prefix-list does in FRR. */
static void
print_function(struct frr *f, struct frr_list *l, const char *suffix,
    const char *args, struct text *out)
{
	struct text body;

	text_init(&body, 16 << 20);
	if (*args != '\0')
		print_hosts(f, l, &body);
	else if (l->kind <= FRR_ALIST6)
		print_prefixes(f, l, &body);
	else
		print_entries(f, l, *suffix != '\0', &body);
	import_notes_print(&f->im, &l->notes, "", out);
	text_printf(out, "function %s%s(%s) -> bool\n{\n%s\treturn false;\n"
	    "}\n\n", frr_list_symbol(f, l->kind, l->name), suffix, args,
	    body.s);
	out->bad = out->bad || body.bad;
	text_done(&body);
}

static void
print_one(struct frr *f, struct frr_list *l, struct text *out)
{
	const bool communities = l->kind > FRR_ASLIST;

	if (l->used) {
		text_printf(out, "# %s\n", l->name);
		if (is_plain(l)) {
			import_notes_print(&f->im, &l->notes, "", out);
			print_set(f, l, out);
		} else
			print_function(f, l, "", "", out);
	}
	if (l->used_host)
		print_function(f, l, communities ? "_exact" : "_of",
		    communities ? "" : "ip a", out);
}

void
frr_lists_print(struct frr *f, struct text *out)
{
	for (unsigned k = 0; k < FRR_LISTS; k++)
		for (struct frr_list *l = f->lists[k]; l != NULL;
		    l = l->next)
			print_one(f, l, out);
}
