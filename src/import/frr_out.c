/* SPDX-License-Identifier: ISC */
/*
 * The whole configuration.  It is put together from its end, as the sessions
 * tell which maps are used, and those which lists.
 */
#include <stdio.h>
#include <string.h>

#include "import/frr_impl.h"

bool
frr_has_origins(const struct frr *f, enum frr_af af)
{
	return f->bgp != NULL && (f->bgp->networks[af] != NULL ||
	    f->bgp->redistribute[af] != NULL);
}

/* A route whose next hop cannot be reached is not announced by FRR. */
void
frr_in_bgp(const struct frr *f, enum frr_af af, struct text *out)
{
	if (frr_has_origins(f, af))
		text_printf(out, "bgp_table%s()", af == FRR_IP4 ? "4" : "6");
	else
		text_add(out,
		    "source = RTS_BGP && dest != RTD_UNREACHABLE");
}

static void
print_result(struct frr *f, const struct frr_origin *o, struct text *out)
{
	if (o->map == NULL) {
		text_add(out, "true");
		return;
	}
	frr_map_call(f, o->map, FRR_USE_ORIGIN, "from", out);
}

static void
print_network(struct frr *f, const struct frr_origin *o, struct text *out)
{
	char net[PREFIX_TEXT], ip[IP_TEXT];

	snprintf(net, sizeof(net), "%s/%u", ip_text(o->net.ip, ip),
	    o->net.len);
	text_printf(out, "\tif net = %s then {\n"
	    "\t\tbgp_origin = ORIGIN_IGP;\n\t\tbgp_med = 0;\n"
	    "\t\treturn ", net);
	print_result(f, o, out);
	text_add(out, ";\n\t}\n");
}

static void
print_redistribute(struct frr *f, const struct frr_origin *o,
    struct text *out)
{
	const bool kernel = strcmp(o->what, "kernel") == 0;

	text_printf(out, "\tif source = %s then {\n"
	    "\t\tbgp_origin = ORIGIN_INCOMPLETE;\n"
	    "\t\tbgp_med = %u;\n", kernel ? "RTS_INHERIT" :
	    strcmp(o->what, "static") == 0 ? "RTS_STATIC" : "RTS_DEVICE",
	    o->metric);
	if (kernel && !o->has_metric)
		text_add(out, "\t\tif defined(krt_metric) then "
		    "bgp_med = krt_metric;\n");
	text_add(out, "\t\treturn ");
	print_result(f, o, out);
	text_add(out, ";\n\t}\n");
}

/* FRR's own routes are static ones here; those are not meant. */
static void
print_not_ours(const char *n, struct text *out)
{
	text_printf(out, "\tif proto = \"networks%s\" || "
	    "proto = \"default%s\" then return false;\n", n, n);
}

void
frr_origins_print(struct frr *f, struct text *out)
{
	for (unsigned af = 0; af < FRR_AFS; af++) {
		const char *n = af == FRR_IP4 ? "4" : "6";

		if (!frr_has_origins(f, af))
			continue;
		text_printf(out, "# what FRR's BGP table has: routes of BGP, "
		    "networks, redistributed ones\n"
		    "function bgp_table%s() -> bool\n{\n"
		    "\tif source = RTS_BGP then return "
		    "dest != RTD_UNREACHABLE;\n", n);
		for (const struct frr_origin *o = f->bgp->networks[af];
		    o != NULL; o = o->next)
			print_network(f, o, out);
		print_not_ours(n, out);
		for (const struct frr_origin *o = f->bgp->redistribute[af];
		    o != NULL; o = o->next)
			print_redistribute(f, o, out);
		text_add(out, "\treturn false;\n}\n\n");
	}
}

/* Announced whatever the table has: routes that go nowhere. */
static void
print_networks(struct frr *f, struct text *out)
{
	char ip[IP_TEXT];

	for (unsigned af = 0; f->bgp != NULL && af < FRR_AFS; af++) {
		const struct frr_origin *o = f->bgp->networks[af];
		const char *n = af == FRR_IP4 ? "4" : "6";

		if (o == NULL || f->bgp->import_check)
			continue;
		text_printf(out, "# no bgp network import-check\n"
		    "protocol static networks%s {\n"
		    "\t%s { preference %u; };\n", n, frr_af_name(af),
		    frr_preference(f, 32768) + (f->n_weights == 0));
		for (; o != NULL; o = o->next)
			text_printf(out, "\troute %s/%u unreachable;\n",
			    ip_text(o->net.ip, ip), o->net.len);
		text_add(out, "}\n\n");
	}
}

static bool
anybody_gets_default(const struct frr *f, enum frr_af af)
{
	for (const struct frr_neighbor *n = f->bgp ? f->bgp->neighbors :
	    NULL; n != NULL; n = n->next)
		if (frr_opt_on(n, af, FRR_O_DEFAULT))
			return true;
	return false;
}

static void
print_defaults(struct frr *f, struct text *out)
{
	for (unsigned af = 0; af < FRR_AFS; af++)
		if (anybody_gets_default(f, af))
			text_printf(out, "# default-originate\n"
			    "protocol static default%s {\n"
			    "\t%s { preference 1; };\n"
			    "\troute %s unreachable;\n}\n\n",
			    af == FRR_IP4 ? "4" : "6", frr_af_name(af),
			    af == FRR_IP4 ? "0.0.0.0/0" : "::/0");
}

static void
kernel_map(struct frr *f, const char *name, struct text *out)
{
	if (name == NULL)
		return;
	text_add(out, "\t\t\tif source = RTS_BGP && !");
	frr_map_call(f, name, FRR_USE_KERNEL, "from", out);
	text_add(out, " then reject;\n");
}

/* As zebra: what others put there is preferred, and BGP's routes go in. */
static void
print_kernel(struct frr *f, enum frr_af af, struct text *out)
{
	const char *n = af == FRR_IP4 ? "4" : "6";
	const char *table = f->bgp ? f->bgp->table_map[af] : NULL;
	const uint32_t paths = f->bgp ? f->bgp->paths[af] : 0;

	text_printf(out, "protocol kernel kernel%s {\n\tlearn;\n", n);
	if (paths > 1)
		text_printf(out, "\tmerge paths on limit %u;\n", paths);
	if (f->bgp != NULL && f->bgp->graceful)
		text_add(out, "\tgraceful restart;\n");
	text_printf(out, "\t%s {\n\t\tpreference 220;\n\t\timport all;\n"
	    "\t\texport filter {\n\t\t\tif proto != \"static%s\" && "
	    "(source != RTS_BGP || dest = RTD_UNREACHABLE) then reject;\n",
	    frr_af_name(af), n);
	kernel_map(f, table, out);
	kernel_map(f, f->protocol_map[af], out);
	text_add(out, "\t\t\taccept;\n\t\t};\n\t};\n}\n\n");
}

static bool
uses_bfd(const struct frr *f)
{
	for (const struct frr_neighbor *n = f->bgp ? f->bgp->neighbors :
	    NULL; n != NULL; n = n->next)
		if (frr_opt_on(n, FRR_IP4, FRR_O_BFD))
			return true;
	return false;
}

static void
print_rpki(struct frr *f, struct text *out)
{
	unsigned n = 1;

	if (f->caches == NULL && !f->needs_rpki)
		return;
	text_add(out, "roa4 table frr_roa4;\nroa6 table frr_roa6;\n\n");
	for (const struct frr_rpki *r = f->caches; r != NULL;
	    r = r->next) {
		struct ip ip;
		const char *q = ip_parse(r->host, &ip) ? "" : "\"";

		text_printf(out, "protocol rpki rpki%u {\n"
		    "\troa4 { table frr_roa4; };\n"
		    "\troa6 { table frr_roa6; };\n"
		    "\tremote %s%s%s port %u;\n}\n\n", n++, q, r->host, q,
		    r->port);
	}
	if (f->needs_rpki)
		text_add(out, "function frr_rpki()\n{\n"
		    "\tif net.type = NET_IP4 then\n"
		    "\t\treturn roa_check(frr_roa4, net, bgp_path.last);\n"
		    "\treturn roa_check(frr_roa6, net, bgp_path.last);\n"
		    "}\n\n");
}

static void
print_head(const struct frr *f, struct text *out)
{
	const char *id = f->bgp && f->bgp->router_id ? f->bgp->router_id :
	    f->router_id;

	text_printf(out, "# from %s, by \"warren import frr\"\n\n",
	    f->im.file);
	if (f->hostname != NULL && strchr(f->hostname, '"') == NULL)
		text_printf(out, "hostname \"%s\";\n", f->hostname);
	if (id != NULL)
		text_printf(out, "router id %s;\n", id);
	else
		text_add(out, "# No router id: FRR takes the highest address, "
		    "Warren the lowest.\n");
	if (f->needs_tag)
		text_add(out, "attribute int frr_tag;\n");
	text_add(out, "\nprotocol device {}\n"
	    "protocol direct { ipv4; ipv6; }\n");
	if (uses_bfd(f))
		text_add(out, "protocol bfd {}\n");
	text_addc(out, '\n');
}

static void
append(struct text *out, struct text *part)
{
	text_addn(out, part->s, part->n);
	out->bad = out->bad || part->bad;
	text_done(part);
}

void
frr_print(struct frr *f, struct text *out)
{
	enum { NEIGHBORS, ORIGINS, KERNEL, STATIC, MAPS, LISTS, RPKI, PARTS };
	struct text part[PARTS];

	for (unsigned i = 0; i < PARTS; i++)
		text_init(&part[i], 64 << 20);
	if (f->n_weights > 0)
		frr_weight(f, 32768);
	frr_neighbors_print(f, &part[NEIGHBORS]);
	frr_origins_print(f, &part[ORIGINS]);
	print_kernel(f, FRR_IP4, &part[KERNEL]);
	print_kernel(f, FRR_IP6, &part[KERNEL]);
	frr_static_print(f, &part[STATIC]);
	print_networks(f, &part[STATIC]);
	print_defaults(f, &part[STATIC]);
	frr_maps_print(f, &part[MAPS]);
	frr_lists_print(f, &part[LISTS]);
	print_rpki(f, &part[RPKI]);
	print_head(f, out);
	import_notes_print(&f->im, &f->notes, "", out);
	if (f->bgp != NULL)
		import_notes_print(&f->im, &f->bgp->notes, "", out);
	text_addc(out, '\n');
	append(out, &part[RPKI]);
	append(out, &part[STATIC]);
	append(out, &part[LISTS]);
	append(out, &part[MAPS]);
	append(out, &part[KERNEL]);
	append(out, &part[ORIGINS]);
	append(out, &part[NEIGHBORS]);
}
