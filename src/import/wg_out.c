/* SPDX-License-Identifier: ISC */
/* wg-quick files as "protocol wireguard". */
#include <stdio.h>
#include <string.h>

#include "import/wg_impl.h"

#define QUICK_TABLE	51820		/* wg-quick's first choice */

static bool
is_default(const struct wg_net *n)
{
	return n->len == 0;
}

static bool
has_default(const struct wg_iface *i)
{
	for (const struct wg_peer *p = i->peers; p != NULL; p = p->next)
		for (const struct wg_net *n = p->allowed; n != NULL;
		    n = n->next)
			if (is_default(n))
				return true;
	return false;
}

/*
 * A default route of wg-quick's stands in a table of its own, which packets
 * that bear the tunnel's own mark do not see.
 */
void
wg_table_notes(struct wg_import *w)
{
	struct wg_iface *i = w->iface;

	if (i->table != WG_TABLE_AUTO || !has_default(i))
		return;
	i->table_number = i->fwmark != 0 ? i->fwmark : QUICK_TABLE;
	if (i->fwmark == 0)
		i->fwmark = QUICK_TABLE;
	for (const struct wg_peer *p = i->peers; p != NULL; p = p->next)
		for (const struct wg_net *n = p->allowed; n != NULL;
		    n = n->next)
			if (is_default(n))
				import_note(&w->im, &i->notes, p->l, "its "
				    "default route stands in table %u. "
				    "wg-quick's rules are for the system to "
				    "set: ip%s rule add not fwmark %u table "
				    "%u; ip%s rule add table main "
				    "suppress_prefixlength 0",
				    i->table_number,
				    ip_is4(n->ip) ? "" : " -6", i->fwmark,
				    i->table_number,
				    ip_is4(n->ip) ? "" : " -6");
}

/* What a later peer was given was taken from an earlier one. */
static void
give_once(struct wg_iface *i)
{
	for (struct wg_peer *p = i->peers; p != NULL; p = p->next)
		for (struct wg_net *n = p->allowed; n != NULL; n = n->next)
			for (const struct wg_peer *q = p; q != NULL;
			    q = q->next) {
				const struct wg_net *m = q == p ? n->next :
				    q->allowed;

				for (; m != NULL; m = m->next)
					n->gone = n->gone || prefix_eq(
					    &n->net, &m->net);
			}
}

/* A name that may stand in quotes, and that no other has. */
static void
name_peer(struct wg_import *w, struct wg_iface *i, struct wg_peer *p,
    unsigned number)
{
	char buf[48];
	size_t n = 0;

	for (const char *s = p->comment ? p->comment : ""; *s != '\0' &&
	    n + 1 < 40; s++)
		if (*s != '"' && (unsigned char)*s < 0x7f)
			buf[n++] = *s;
	buf[n] = '\0';
	/* Nobody's name is as long as a key. */
	if (n == 0 || (p->comment != NULL && strlen(p->comment) >= 40))
		snprintf(buf, sizeof(buf), "peer%u", number);
	for (const struct wg_peer *q = i->peers; q != p; q = q->next)
		if (q->name != NULL && strcmp(q->name, buf) == 0)
			snprintf(buf, sizeof(buf), "peer%u", number);
	p->name = arena_strdup(w->im.a, buf);
	if (p->name == NULL)
		p->name = "peer";
}

static void
print_allowed(const struct wg_peer *p, struct text *out)
{
	char ip[IP_TEXT];
	bool any = false;

	text_add(out, "\t\tallowed ips");
	for (const struct wg_net *n = p->allowed; n != NULL; n = n->next) {
		if (n->gone)
			continue;
		text_printf(out, "%s%s/%u", any ? ", " : " ",
		    ip_text(n->net.ip, ip), n->len);
		any = true;
	}
	text_add(out, any ? ";\n" : " none;\n");
}

/* "wg0-phone.psk": what is no letter or digit becomes "_". */
static const char *
secret_path(struct wg_import *w, const struct wg_iface *i,
    const char *peer, const char *end)
{
	char *s = arena_printf(w->im.a, "%s/%s%s%s%s", w->dir, i->name,
	    peer ? "-" : "", peer ? peer : "", end);
	char *c = s;

	if (s == NULL)
		return "";
	for (c += strlen(w->dir) + 1; *c != '\0'; c++)
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') &&
		    !(*c >= '0' && *c <= '9') && *c != '.' && *c != '-')
			*c = '_';
	return s;
}

static void
print_secret(struct wg_import *w, const struct import_wg_io *io,
    const char *what, const char *path, const char *key, struct text *out)
{
	if (!io->secret(io->ctx, path, key))
		w->bad = true;
	text_printf(out, "%s key file \"%s\";\n", what, path);
}

static void
print_peer(struct wg_import *w, const struct import_wg_io *io,
    const struct wg_iface *i, const struct wg_peer *p, struct text *out)
{
	text_printf(out, "\n\tpeer \"%s\" {\n\t\tpublic key \"%s\";\n",
	    p->name, p->public_key);
	if (p->psk != NULL)
		print_secret(w, io, "\t\tpreshared", secret_path(w, i,
		    p->name, ".psk"), p->psk, out);
	if (p->endpoint != NULL)
		text_printf(out, "\t\tendpoint \"%s\";\n", p->endpoint);
	if (p->keepalive != 0)
		text_printf(out, "\t\tpersistent keepalive %u;\n",
		    p->keepalive);
	print_allowed(p, out);
	text_add(out, "\t};\n");
}

/* The tables that its routes stand in; 0: the main one. */
static uint32_t
table_of(const struct wg_iface *i)
{
	return i->table_number == 254 ? 0 : i->table_number;
}

static void
print_channels(const struct wg_iface *i, struct text *out)
{
	const uint32_t t = table_of(i);

	if (i->table == WG_TABLE_OFF)
		return;
	text_add(out, "\n");
	for (unsigned f = 4; f <= 6; f += 2) {
		text_printf(out, "\tipv%u { ", f);
		if (t != 0)
			text_printf(out, "table wg%u_%u; ", f, t);
		text_add(out, "import all; export none; };\n");
	}
}

static void
print_interface(struct wg_import *w, const struct import_wg_io *io,
    const struct wg_iface *i, struct text *out)
{
	char ip[IP_TEXT];

	text_printf(out, "\tinterface \"%s\";\n", i->name);
	if (i->private_key != NULL)
		print_secret(w, io, "\tprivate", secret_path(w, i, NULL,
		    ".key"), i->private_key, out);
	else
		text_printf(out, "\t# the file has no PrivateKey: one is "
		    "made where there is none\n\tprivate key file \"%s\";\n",
		    secret_path(w, i, NULL, ".key"));
	if (i->port != 0)
		text_printf(out, "\tlisten port %u;\n", i->port);
	if (i->fwmark != 0)
		text_printf(out, "\tfwmark 0x%x;\n", i->fwmark);
	for (const struct wg_net *n = i->addresses; n != NULL; n = n->next)
		text_printf(out, "\taddress %s/%u;\n", ip_text(n->ip, ip),
		    n->len);
	text_add(out, "\tlink local none;\n");
	if (i->mtu != 0)
		text_printf(out, "\tmtu %u;\n", i->mtu);
	if (i->forward)
		text_add(out, "\tforward yes;\n");
	if (i->masquerade)
		text_add(out, "\tmasquerade;\n");
}

static void
print_iface(struct wg_import *w, const struct import_wg_io *io,
    struct wg_iface *i, struct text *out)
{
	unsigned n = 0;

	w->im.file = i->file != NULL ? i->file : "";
	give_once(i);
	import_notes_print(&w->im, &i->notes, "", out);
	text_printf(out, "protocol wireguard '%s' {\n", i->name);
	print_interface(w, io, i, out);
	for (struct wg_peer *p = i->peers; p != NULL; p = p->next) {
		name_peer(w, i, p, ++n);
		if (p->public_key != NULL)
			print_peer(w, io, i, p, out);
	}
	print_channels(i, out);
	text_add(out, "}\n\n");
}

/* Each table once, with the kernel's of the same number behind it. */
static void
print_tables(const struct wg_import *w, struct text *out)
{
	for (const struct wg_iface *i = w->ifaces; i != NULL; i = i->next) {
		const struct wg_iface *o = w->ifaces;
		const uint32_t t = table_of(i);

		if (i->table == WG_TABLE_OFF)
			continue;
		while (o != i && (o->table == WG_TABLE_OFF ||
		    table_of(o) != t))
			o = o->next;
		if (o != i)
			continue;
		for (unsigned f = 4; f <= 6; f += 2) {
			if (t != 0)
				text_printf(out, "ipv%u table wg%u_%u;\n", f,
				    f, t);
			text_add(out, "protocol kernel {\n");
			if (t != 0)
				text_printf(out, "\tkernel table %u;\n", t);
			text_printf(out, "\tipv%u {", f);
			if (t != 0)
				text_printf(out, " table wg%u_%u;", f, t);
			text_add(out, " import none; export where "
			    "source = RTS_WIREGUARD; };\n}\n");
		}
	}
	text_addc(out, '\n');
}

bool
import_wg_print(struct import_wg *x, const struct import_wg_io *io,
    struct text *out)
{
	struct wg_import *w = &x->w;

	w->bad = false;
	text_add(out, "# by \"warren import wg\"\n\nprotocol device {}\n");
	print_tables(w, out);
	for (struct wg_iface *i = w->ifaces; i != NULL; i = i->next)
		print_iface(w, io, i, out);
	out->bad = out->bad || arena_failed(w->im.a);
	return !w->bad && !out->bad;
}
