/* SPDX-License-Identifier: ISC */
/* What a neighbor may tell us and is told: a channel's import and export. */
#include <string.h>

#include "import/frr_policy_impl.h"

#define PRIVATE_AS	"64512..65535, 4200000000..4294967294"

static const char *
value(const struct frr_neighbor *n, enum frr_af af, enum frr_option o)
{
	const struct frr_opt *v = frr_opt(n, af, o);

	return v != NULL && !v->off ? import_word(v->l, v->at) : NULL;
}

/* RFC 8212: an eBGP neighbor without a policy is told nothing. */
static bool
is_blocked(const struct frr *f, const struct frr_peer *p, enum frr_af af,
    unsigned dir)
{
	if (!p->external || !f->bgp->requires_policy)
		return false;
	return value(p->n, af, FRR_O_MAP + dir) == NULL &&
	    value(p->n, af, FRR_O_PLIST + dir) == NULL &&
	    value(p->n, af, FRR_O_ALIST + dir) == NULL &&
	    value(p->n, af, FRR_O_ASLIST + dir) == NULL;
}

static bool
is_private(uint32_t as)
{
	return (as >= 64512 && as <= 65535) || as >= 4200000000u;
}

static void
reject_unless(struct frr *f, enum frr_kind k, const char *name,
    struct text *out)
{
	if (name == NULL)
		return;
	text_add(out, "\t\t\tif !(");
	frr_list_test(f, k, name, out);
	text_add(out, ") then reject;\n");
}

/* distribute-list, prefix-list, filter-list: each of them has to permit. */
static void
print_lists(struct frr *f, const struct frr_peer *p, enum frr_af af,
    unsigned dir, struct text *out)
{
	const bool six = af == FRR_IP6;

	reject_unless(f, six ? FRR_ALIST6 : FRR_ALIST4,
	    value(p->n, af, FRR_O_ALIST + dir), out);
	reject_unless(f, six ? FRR_PLIST6 : FRR_PLIST4,
	    value(p->n, af, FRR_O_PLIST + dir), out);
	reject_unless(f, FRR_ASLIST, value(p->n, af, FRR_O_ASLIST + dir),
	    out);
}

static void
print_map(struct frr *f, const struct frr_peer *p, enum frr_af af,
    unsigned dir, struct text *out)
{
	const char *map = value(p->n, af, FRR_O_MAP + dir);
	char ip[IP_TEXT] = "::";

	if (map == NULL)
		return;
	if (!ip_is_none(p->n->ip))
		ip_text(p->n->ip, ip);
	text_add(out, "\t\t\tif !");
	frr_map_call(f, map, dir == FRR_IN ? FRR_USE_IN : FRR_USE_OUT,
	    dir == FRR_IN ? "from" : ip, out);
	text_add(out, " then reject;\n");
}

static void
import_steps(struct frr *f, const struct frr_peer *p, enum frr_af af,
    struct text *out)
{
	const char *weight = value(p->n, af, FRR_O_WEIGHT);
	uint32_t n;

	if (p->other_as) {
		text_printf(out, "\t\t\tif bgp_path ~ [= * %u * =] then "
		    "reject;\n", f->bgp->as);
		if (!p->no_prepend)
			text_printf(out, "\t\t\tbgp_path.prepend(%u);\n",
			    p->local_as);
	}
	print_lists(f, p, af, FRR_IN, out);
	if (weight != NULL && import_number(weight, 65535, &n) && n > 0)
		text_printf(out, "\t\t\tpreference = %u;\t# weight %u\n",
		    frr_preference(f, n), n);
	print_map(f, p, af, FRR_IN, out);
}

static void
print_filter(const char *what, const struct text *steps, struct text *out)
{
	text_printf(out, "\t\t%s filter {\n%s\t\t\taccept;\n\t\t};\n", what,
	    steps->s);
	out->bad = out->bad || steps->bad;
}

void
frr_import_print(struct frr *f, const struct frr_peer *p, enum frr_af af,
    struct text *out)
{
	struct text steps;

	if (is_blocked(f, p, af, FRR_IN)) {
		text_add(out, "\t\timport none;\t# FRR: no policy, so "
		    "nothing (RFC 8212)\n");
		return;
	}
	text_init(&steps, 1 << 20);
	import_steps(f, p, af, &steps);
	if (steps.n == 0)
		text_add(out, "\t\timport all;\n");
	else
		print_filter("import", &steps, out);
	text_done(&steps);
}

/* remove-private-AS [all] [replace-AS] */
static void
print_private(struct frr *f, const struct frr_peer *p, enum frr_af af,
    struct text *out)
{
	const struct frr_opt *v = frr_opt(p->n, af, FRR_O_PRIVATE);

	if (v == NULL || v->off || !p->external)
		return;
	if (import_is(v->l, v->at, "replace-AS") ||
	    import_is(v->l, v->at, "all replace-AS")) {
		import_note(&f->im, &p->n->notes, v->l, "Warren cannot put "
		    "another AS in the place of a private one: such routes "
		    "are rejected");
		text_add(out, "\t\t\tif bgp_path ~ [= * [" PRIVATE_AS
		    "] * =] then reject;\n");
	} else if (!import_is(v->l, v->at, "all")) {
		text_add(out, "\t\t\tif delete(bgp_path, [" PRIVATE_AS
		    "]).len = 0 then bgp_path.empty;\n");
	} else if (p->as <= 65535 && is_private(p->as)) {
		text_add(out, "\t\t\tbgp_path.delete([");
		if (p->as > 64512)
			text_printf(out, "64512..%u, ", p->as - 1);
		if (p->as < 65535)
			text_printf(out, "%u..65535, ", p->as + 1);
		text_add(out, "4200000000..4294967294]);\n");
	} else {
		text_add(out, "\t\t\tbgp_path.delete([" PRIVATE_AS "]);\n");
	}
}

static void
print_unsent(const struct frr_peer *p, enum frr_af af, struct text *out)
{
	static const char *const list[] = {
		"bgp_community", "bgp_ext_community", "bgp_large_community"
	};

	for (unsigned i = 0; i < 3; i++) {
		const struct frr_opt *v = frr_opt(p->n, af,
		    (enum frr_option)(FRR_O_SEND + i));

		if (v != NULL && v->off)
			text_printf(out, "\t\t\t%s.empty;\n", list[i]);
	}
}

/* Whatever default route there is, or that of frr_out.c: as our own. */
static void
print_default(struct frr *f, const struct frr_peer *p, enum frr_af af,
    struct text *out)
{
	const struct frr_opt *v = frr_opt(p->n, af, FRR_O_DEFAULT);

	if (v == NULL || v->off)
		return;
	if (v->at < v->l->n)
		import_note(&f->im, &p->n->notes, v->l, "announced always, "
		    "whatever the route-map says");
	text_printf(out, "\t\t\tif net = %s then {\n"
	    "\t\t\t\tbgp_path.empty;\n\t\t\t\tbgp_community.empty;\n"
	    "\t\t\t\tbgp_large_community.empty;\n"
	    "\t\t\t\tbgp_ext_community.empty;\n"
	    "\t\t\t\tbgp_origin = ORIGIN_IGP;\n\t\t\t\tbgp_med = 0;\n"
	    "\t\t\t\tbgp_local_pref = %u;\n"
	    "\t\t\t\taccept;\n\t\t\t}\n",
	    af == FRR_IP4 ? "0.0.0.0/0" : "::/0", f->bgp->local_pref);
}

static void
export_steps(struct frr *f, const struct frr_peer *p, enum frr_af af,
    struct text *out)
{
	print_lists(f, p, af, FRR_OUT, out);
	print_private(f, p, af, out);
	print_map(f, p, af, FRR_OUT, out);
	/* FRR takes its own AS for a private one, too. */
	if (p->other_as && !p->replace_as && !(is_private(f->bgp->as) &&
	    frr_opt_on(p->n, af, FRR_O_PRIVATE)))
		text_printf(out, "\t\t\tbgp_path.prepend(%u);\n",
		    f->bgp->as);
	print_unsent(p, af, out);
}

void
frr_export_print(struct frr *f, const struct frr_peer *p, enum frr_af af,
    struct text *out)
{
	const bool originates = frr_opt_on(p->n, af, FRR_O_DEFAULT);
	struct text steps, in;

	text_init(&steps, 1 << 20);
	text_init(&in, 4096);
	frr_in_bgp(f, af, &in);
	print_default(f, p, af, &steps);
	if (is_blocked(f, p, af, FRR_OUT)) {
		if (originates)
			text_printf(out, "\t\texport filter {\n%s\t\t\t"
			    "reject;\t# no policy (RFC 8212)\n\t\t};\n",
			    steps.s);
		else
			text_add(out, "\t\texport none;\t# FRR: no policy, "
			    "so nothing (RFC 8212)\n");
	} else {
		text_printf(&steps, "\t\t\tif !(%s) then reject;\n", in.s);
		const size_t plain = steps.n;

		export_steps(f, p, af, &steps);
		if (steps.n == plain && !originates)
			text_printf(out, "\t\texport where %s;\n", in.s);
		else
			print_filter("export", &steps, out);
	}
	text_done(&steps);
	text_done(&in);
}
