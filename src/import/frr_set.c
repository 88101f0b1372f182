/* SPDX-License-Identifier: ISC */
/* Expressions about paths and communities. */
#include <stdio.h>
#include <string.h>

#include "import/frr_impl.h"
#include "import/frr_regex.h"

/* One part of a mask. */
struct part {
	enum { START, END, SEP, BLANK, NUM, ANY, SOME, REST } kind;
	struct frr_digits digits;
};

#define PARTS	24

struct parts {
	unsigned n;
	struct part p[PARTS];
};

static bool
add_part(struct parts *ps, unsigned kind)
{
	if (ps->n == PARTS)
		return false;
	ps->p[ps->n++].kind = kind;
	return true;
}

static bool
read_parts(const char *s, struct parts *ps)
{
	ps->n = 0;
	while (*s != '\0') {
		unsigned kind = NUM;

		switch (*s) {
		case '^': kind = START; s++; break;
		case '$': kind = END; s++; break;
		case '_': kind = SEP; s++; break;
		case ' ': kind = BLANK; s++; break;
		case '@': kind = REST; s++; break;
		case '.':
			if (s[1] != '*' && s[1] != '+')
				return false;
			kind = s[1] == '*' ? ANY : SOME;
			s += 2;
			break;
		default: break;
		}
		if (!add_part(ps, kind) || (kind == NUM &&
		    !frr_digits_read(&s, &ps->p[ps->n - 1].digits)))
			return false;
	}
	return true;
}

/* Any number at all? */
static bool
is_any_number(const struct frr_digits *d)
{
	return d->n == 1 && d->item[0].class == 0x3ff &&
	    d->item[0].min <= 1 && d->item[0].max > 9;
}

static bool
print_number(struct frr_digits *d, bool open, struct text *out)
{
	struct frr_ranges r;

	if (open) {			/* more digits may follow */
		if (d->n == FRR_DIGITS)
			return false;
		d->item[d->n].class = 0x3ff;
		d->item[d->n].min = 0;
		d->item[d->n++].max = 10;
	}
	if (is_any_number(d)) {
		text_add(out, " ?");
		return true;
	}
	if (!frr_digits_ranges(d, UINT32_MAX, &r))
		return false;
	if (r.n == 1 && r.r[0].lo == r.r[0].hi) {
		text_printf(out, " %u", r.r[0].lo);
		return true;
	}
	text_add(out, " [");
	frr_ranges_print(&r, out);
	text_addc(out, ']');
	return true;
}

static bool
is_any(const struct part *p)
{
	return p->kind == ANY || p->kind == SOME;
}

static unsigned
kind_at(const struct parts *ps, unsigned i, unsigned else_)
{
	return i < ps->n ? ps->p[i].kind : else_;
}

/*
 * What stands behind a number, up to the next one: prints what may be
 * between, *i moves there.  False: it is no border of a number.
 */
static bool
behind_number(const struct parts *ps, unsigned *i, struct text *out)
{
	const struct part *p = &ps->p[*i];
	const unsigned left = ps->n - *i;

	if (left == 0 || (left == 1 && (is_any(p) || p->kind == REST ||
	    p->kind == SEP))) {
		text_add(out, " *");
		*i = ps->n;
	} else if (p->kind == END && left == 1) {
		(*i)++;
	} else if (left >= 2 && p->kind == REST && p[1].kind == END) {
		text_add(out, " *");
		*i += 2;
	} else if (p->kind == SEP || p->kind == BLANK) {
		const bool some = p->kind == BLANK;

		(*i)++;
		if (*i < ps->n && is_any(&ps->p[*i])) {
			/* "_.*", "_.*_65000", "_.*$" */
			const unsigned next = kind_at(ps, *i + 1, END);

			text_add(out, some || next == SEP ||
			    next == BLANK || ps->p[*i].kind == SOME ?
			    " ? *" : " *");
			if (next == NUM)
				return false;
			*i += next == END && *i + 1 >= ps->n ? 1 : 2;
		} else if (*i == ps->n && some) {
			text_add(out, " ? *");
		}
	} else {
		return false;
	}
	return true;
}

/* "^65000_[0-9]+$" and so on, from behind what begins it. */
static bool
print_numbers(struct parts *ps, unsigned i, struct text *out)
{
	while (i < ps->n) {
		struct part *p = &ps->p[i];
		bool open;

		if (p->kind != NUM)
			return false;
		i++;
		open = i == ps->n || is_any(&ps->p[i]);
		if (!print_number(&p->digits, open, out) ||
		    !behind_number(ps, &i, out))
			return false;
	}
	return true;
}

/* What it takes to be at the beginning of a number. */
static bool
before_number(const struct parts *ps, unsigned *i, struct text *out)
{
	unsigned k = 0;

	if (kind_at(ps, 0, END) == START) {
		k = 1;
		if (kind_at(ps, k, END) == SEP)
			k++;
		if (k < ps->n && is_any(&ps->p[k]) &&
		    (kind_at(ps, k + 1, END) == SEP ||
		    kind_at(ps, k + 1, END) == BLANK)) {
			text_add(out, kind_at(ps, k + 1, END) == SEP &&
			    ps->p[k].kind == ANY ? " *" : " ? *");
			k += 2;
		}
	} else if (kind_at(ps, 0, END) == SEP) {
		text_add(out, " *");
		k = 1;
	} else if (kind_at(ps, 0, END) == BLANK) {
		text_add(out, " ? *");
		k = 1;
	} else if (ps->n > 1 && ps->p[0].kind == ANY &&
	    ps->p[1].kind == SEP) {
		text_add(out, " *");
		k = 2;
	} else {
		return false;
	}
	*i = k;
	return true;
}

/* "", "^", ".*", "^$", "^.*$", ".+" */
static bool
trivial(const struct parts *ps, struct text *out)
{
	bool start = false, end = false, some = false, any = false;

	for (unsigned i = 0; i < ps->n; i++) {
		const unsigned k = ps->p[i].kind;

		if (k == NUM && !is_any_number(&ps->p[i].digits))
			return false;
		if ((k == START && i > 0) || (k == NUM && ps->n > 1) ||
		    k == SEP || k == BLANK)
			return false;
		start |= k == START;
		end |= k == END;
		some |= k == SOME || k == NUM;
		any |= k == ANY || k == REST;
	}
	if (some)
		text_add(out, "bgp_path.len > 0");
	else if (start && end && !any)
		text_add(out, "bgp_path.len = 0");
	else
		text_add(out, "true");
	return true;
}

static bool
path_alternative(const char *s, struct text *out)
{
	struct parts ps;
	unsigned i;

	if (!read_parts(s, &ps))
		return false;
	if (trivial(&ps, out))
		return true;
	text_add(out, "bgp_path ~ [=");
	if (!before_number(&ps, &i, out) || i >= ps.n ||
	    !print_numbers(&ps, i, out))
		return false;
	text_add(out, " =]");
	return true;
}

/* "^65000(_65000)*$": one AS, as often as it likes. */
static bool
prepended(const char *s, struct text *out)
{
	char as[12] = "", form[80];
	unsigned n = 0;

	if (*s++ != '^')
		return false;
	while (*s >= '0' && *s <= '9' && n < 10)
		as[n++] = *s++;
	for (unsigned i = 0; n > 0 && i < 4; i++) {
		snprintf(form, sizeof(form), "(%c%s)%c$", i & 1 ? ' ' : '_',
		    as, i & 2 ? '+' : '*');
		if (strcmp(s, form) != 0)
			continue;
		text_printf(out, "(bgp_path.len > %u && "
		    "delete(bgp_path, [%s]).len = 0)", i & 2 ? 1 : 0, as);
		return true;
	}
	return false;
}

bool
frr_path_test(const char *regex, struct text *out)
{
	struct frr_alternatives a;
	struct text t;
	bool ok;

	if (prepended(regex, out))
		return true;
	frr_expand(regex, &a);
	ok = !a.bad && a.n > 0;
	text_init(&t, 1 << 20);
	for (unsigned i = 0; ok && i < a.n; i++) {
		text_add(&t, i > 0 ? " || " : "");
		ok = path_alternative(a.s[i], &t);
	}
	ok = ok && !t.bad;
	if (ok)
		text_printf(out, a.n > 1 ? "(%s)" : "%s", t.s);
	text_done(&t);
	return ok;
}

static const struct {
	const char *name;
	unsigned low;			/* 65535:low */
} well_known[] = {
	{ "graceful-shutdown", 0 }, { "accept-own", 1 },
	{ "route-filter-translated-v4", 2 }, { "route-filter-v4", 3 },
	{ "route-filter-translated-v6", 4 }, { "route-filter-v6", 5 },
	{ "llgr-stale", 6 }, { "no-llgr", 7 },
	{ "accept-own-nexthop", 8 }, { "blackhole", 666 },
	{ "no-export", 65281 }, { "no-advertise", 65282 },
	{ "local-AS", 65283 }, { "no-peer", 65284 },
};

/* "A:B" or "A:B:C", each a number up to max. */
static bool
numbers(const char *s, unsigned n, uint32_t max, uint32_t *ret)
{
	char part[12];

	for (unsigned i = 0; i < n; i++) {
		const size_t len = strcspn(s, ":");

		if (len >= sizeof(part) || (s[len] == ':') != (i + 1 < n))
			return false;
		memcpy(part, s, len);
		part[len] = '\0';
		if (!import_number(part, max, &ret[i]))
			return false;
		s += len + (s[len] == ':');
	}
	return true;
}

bool
frr_community(const char *word, struct text *out)
{
	uint32_t v[2];

	for (size_t i = 0; i < sizeof(well_known) / sizeof(well_known[0]);
	    i++) {
		if (strcmp(word, well_known[i].name) != 0)
			continue;
		text_printf(out, "(65535,%u)", well_known[i].low);
		return true;
	}
	if (import_number(word, UINT32_MAX, &v[0])) {
		v[1] = v[0] & 0xffff;
		v[0] >>= 16;
	} else if (!numbers(word, 2, 65535, v)) {
		return false;
	}
	text_printf(out, "(%u,%u)", v[0], v[1]);
	return true;
}

bool
frr_large_community(const char *word, struct text *out)
{
	uint32_t v[3];

	if (!numbers(word, 3, UINT32_MAX, v))
		return false;
	text_printf(out, "(%u,%u,%u)", v[0], v[1], v[2]);
	return true;
}

bool
frr_ext_community(const char *kind, const char *word, struct text *out)
{
	const char *k = strcmp(kind, "rt") == 0 ? "rt" :
	    strcmp(kind, "soo") == 0 ? "ro" : NULL;
	const char *colon = strchr(word, ':');
	char head[IP_TEXT];
	struct ip ip;
	uint32_t low, v[2];

	if (k == NULL || colon == NULL || (size_t)(colon - word) >=
	    sizeof(head))
		return false;
	memcpy(head, word, (size_t)(colon - word));
	head[colon - word] = '\0';
	if (ip_parse(head, &ip) && ip_is4(ip) &&
	    import_number(colon + 1, 65535, &low))
		text_printf(out, "(%s, %s, %u)", k, head, low);
	else if (numbers(word, 2, UINT32_MAX, v) &&
	    (v[0] <= 65535 || v[1] <= 65535))
		text_printf(out, "(%s, %u, %u)", k, v[0], v[1]);
	else
		return false;
	return true;
}

/* More digits may be in front, or behind. */
static bool
open_digits(struct frr_digits *d, bool front)
{
	const unsigned edge = front || d->n == 0 ? 0 : d->n - 1;

	if (d->n > 0 && d->item[edge].class == 0x3ff &&
	    d->item[edge].min <= 1 && d->item[edge].max >= 5)
		return true;
	if (d->n == FRR_DIGITS)
		return false;
	if (front)
		memmove(d->item + 1, d->item, d->n * sizeof(d->item[0]));
	d->item[front ? 0 : d->n].class = 0x3ff;
	d->item[front ? 0 : d->n].min = 0;
	d->item[front ? 0 : d->n].max = 5;
	d->n++;
	return true;
}

/* "[0-9]+", ".*" and ".+" stand for any number here. */
static bool
community_part(const char **s, struct frr_digits *d)
{
	if (strncmp(*s, ".*", 2) != 0 && strncmp(*s, ".+", 2) != 0)
		return frr_digits_read(s, d);
	d->n = 0;
	*s += 2;
	return open_digits(d, true);
}

struct community {
	struct frr_ranges part[2];
	bool first, last;		/* must be the first, the last one */
};

static bool
one_community(const char *s, struct community *c)
{
	struct frr_digits d;
	bool border;

	c->first = *s == '^';
	border = *s == '^' || *s == '_' || *s == ' ';
	s += border;
	if (!community_part(&s, &d) || *s++ != ':' ||
	    (!border && d.n < FRR_DIGITS && !open_digits(&d, true)) ||
	    !frr_digits_ranges(&d, 65535, &c->part[0]))
		return false;
	if (*s == '\0' || !community_part(&s, &d))
		return false;
	border = *s == '$' || *s == '_' || *s == ' ';
	c->last = *s == '$';
	s += border;
	if (strcmp(s, ".*") == 0 || strcmp(s, ".+") == 0 ||
	    strcmp(s, "@") == 0)
		s += strlen(s);
	return *s == '\0' && (border || open_digits(&d, false)) &&
	    frr_digits_ranges(&d, 65535, &c->part[1]);
}

static void
print_part(const struct frr_ranges *r, unsigned i, struct text *out)
{
	if (r->r[i].lo == 0 && r->r[i].hi == 65535)
		text_addc(out, '*');
	else if (r->r[i].lo == r->r[i].hi)
		text_printf(out, "%u", r->r[i].lo);
	else
		text_printf(out, "%u..%u", r->r[i].lo, r->r[i].hi);
}

bool
frr_community_set(const char *regex, struct text *out, bool *ret_alone)
{
	struct frr_alternatives a;
	struct community c;
	bool any = false;

	*ret_alone = true;
	frr_expand(regex, &a);
	for (unsigned i = 0; !a.bad && i < a.n; i++) {
		if (!one_community(a.s[i], &c) ||
		    c.part[0].n * c.part[1].n > FRR_RANGES)
			return false;
		*ret_alone = *ret_alone && c.first && c.last;
		for (unsigned l = 0; l < c.part[0].n; l++)
			for (unsigned r = 0; r < c.part[1].n; r++) {
				text_add(out, any ? ", (" : "(");
				print_part(&c.part[0], l, out);
				text_addc(out, ',');
				print_part(&c.part[1], r, out);
				text_addc(out, ')');
				any = true;
			}
	}
	return !a.bad && any;
}

bool
frr_community_test(const char *regex, struct text *out)
{
	bool alone, ok;
	struct text t;

	if (strcmp(regex, ".*") == 0 || strcmp(regex, "^.*$") == 0) {
		text_add(out, "true");
		return true;
	}
	if (strcmp(regex, "^$") == 0) {
		text_add(out, "bgp_community.len = 0");
		return true;
	}
	text_init(&t, 1 << 18);
	ok = frr_community_set(regex, &t, &alone) && !t.bad;
	if (ok)
		text_printf(out, alone ? "(bgp_community.len = 1 && "
		    "bgp_community ~ [%s])" : "bgp_community ~ [%s]", t.s);
	text_done(&t);
	return ok;
}
