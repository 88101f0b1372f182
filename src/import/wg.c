/* SPDX-License-Identifier: ISC */
/* wg-quick files, read. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "import/wg_impl.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void
trim(char **s)
{
	char *end;

	while (is_blank(**s))
		(*s)++;
	end = *s + strlen(*s);
	while (end > *s && is_blank(end[-1]))
		*--end = '\0';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool
same(const char *s, const char *in_lower)
{
	while (*s != '\0' && lower(*s) == *in_lower) {
		s++;
		in_lower++;
	}
	return *s == '\0' && *in_lower == '\0';
}

/* The line as it is named in a note: without what may be a secret. */
static void
note(struct wg_import *w, const struct import_line *l, const char *key,
    const char *why)
{
	struct import_line *named = arena_dup(w->im.a, l, sizeof(*l));

	if (named == NULL)
		return;
	if (same(key, "privatekey") || same(key, "presharedkey"))
		named->text = arena_printf(w->im.a, "%s = ...", key);
	if (named->text != NULL)
		import_note(&w->im, &w->iface->notes, named, "%s", why);
}

static bool
wrong(struct wg_import *w, const struct import_line *l, const char *key,
    const char *why)
{
	w->bad = true;
	note(w, l, key, why);
	return false;
}

static bool
is_key(const char *s)
{
	uint8_t key[CRYPTO_KEY];
	const bool ok = crypto_from_base64(key, sizeof(key),
	    bytes_of((const uint8_t *)s, strlen(s)));

	mem_wipe(key, sizeof(key));
	return ok;
}

static struct wg_net *
net_new(struct wg_import *w, struct wg_net **list)
{
	struct wg_net *n = arena_new_of(w->im.a, struct wg_net);

	while (*list != NULL)
		list = &(*list)->next;
	*list = n;
	return n;
}

/* ADDRESS[/LEN], ... */
static bool
read_nets(struct wg_import *w, char *v, struct wg_net **list)
{
	char *rest = v, *e;

	while ((e = strsep(&rest, ",")) != NULL) {
		char *slash = strchr(e, '/');
		struct wg_net *n;
		struct ip ip;
		uint32_t len;

		trim(&e);
		if (*e == '\0')
			continue;
		slash = strchr(e, '/');
		if (slash != NULL)
			*slash = '\0';
		if (!ip_parse(e, &ip))
			return false;
		len = ip_is4(ip) ? 32 : 128;
		if (slash != NULL && !import_number(slash + 1, len, &len))
			return false;
		n = net_new(w, list);
		if (n == NULL)
			return true;
		n->ip = ip;
		n->len = (uint8_t)len;
		n->net = prefix_of(ip, len);
	}
	return true;
}

static bool
read_mark(const char *v, uint32_t *ret)
{
	uint64_t n = 0;

	if (same(v, "off")) {
		*ret = 0;
		return true;
	}
	if (v[0] != '0' || lower(v[1]) != 'x')
		return import_number(v, UINT32_MAX, ret);
	for (v += 2; *v != '\0'; v++) {
		const char *digits = "0123456789abcdef";
		const char *d = strchr(digits, lower(*v));

		if (d == NULL || n > UINT32_MAX >> 4)
			return false;
		n = n << 4 | (uint64_t)(d - digits);
	}
	*ret = (uint32_t)n;
	return true;
}

static bool
read_table(const char *v, struct wg_iface *i)
{
	if (same(v, "off"))
		i->table = WG_TABLE_OFF;
	else if (same(v, "auto"))
		i->table = WG_TABLE_AUTO;
	else if (same(v, "main")) {
		i->table = WG_TABLE_NUMBER;
		i->table_number = 254;
	} else {
		i->table = WG_TABLE_NUMBER;
		return import_number(v, UINT32_MAX, &i->table_number) &&
		    i->table_number > 0;
	}
	return true;
}

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* One command of a hook that an option of ours stands for. */
static bool
known_command(char *s, struct wg_iface *i)
{
	static const char *const tools[] = { "iptables ", "ip6tables " };
	char *at = NULL;

	trim(&s);
	if (*s == '\0')
		return true;
	if (begins(s, "sysctl ") && (strstr(s, "ip_forward=1") ||
	    strstr(s, ".forwarding=1"))) {
		i->forward = true;
		return true;
	}
	for (unsigned k = 0; k < 2; k++)
		if ((at = strstr(s, tools[k])) != NULL)
			break;
	if (at == NULL || (at != s && !(*s == '/' && at[-1] == '/')))
		return false;
	if (strstr(at, " -s ") != NULL || strstr(at, " -d ") != NULL)
		return false;
	if ((strstr(at, "FORWARD -i ") && strstr(at, "-j ACCEPT")) ||
	    (strstr(at, "FORWARD -o ") && strstr(at, "-j ACCEPT")))
		i->forward = true;
	else if (strstr(at, "-t nat ") && strstr(at, "POSTROUTING -o ") &&
	    strstr(at, "-j MASQUERADE"))
		i->masquerade = true;
	else
		return false;
	return true;
}

/* True: all of it is said by options of ours. */
static bool
known_hook(struct wg_import *w, const char *v, bool up)
{
	char *copy = arena_strdup(w->im.a, v), *e;
	struct wg_iface trial = { .table = WG_TABLE_AUTO };

	while ((e = strsep(&copy, ";")) != NULL)
		if (!known_command(e, &trial))
			return false;
	if (up) {
		w->iface->forward |= trial.forward;
		w->iface->masquerade |= trial.masquerade;
	}
	return trial.forward || trial.masquerade;
}

static void
hook(struct wg_import *w, const struct import_line *l, const char *key,
    const char *v, bool up)
{
	if (!known_hook(w, v, up))
		note(w, l, key, "Warren runs no commands: what it does is "
		    "for the configuration, or the system, to say");
}

static bool
interface_key(struct wg_import *w, const struct import_line *l,
    const char *key, char *v)
{
	struct wg_iface *i = w->iface;
	uint32_t n = 0;

	if (same(key, "privatekey")) {
		i->private_key = v;
		return is_key(v) || wrong(w, l, key, "this is no key");
	}
	if (same(key, "address"))
		return read_nets(w, v, &i->addresses) ||
		    wrong(w, l, key, "this is no address");
	if (same(key, "listenport")) {
		if (!import_number(v, 65535, &n))
			return wrong(w, l, key, "this is no port");
		i->port = (uint16_t)n;
	} else if (same(key, "fwmark")) {
		return read_mark(v, &i->fwmark) ||
		    wrong(w, l, key, "this is no mark");
	} else if (same(key, "mtu")) {
		return import_number(v, 65535, &i->mtu) ||
		    wrong(w, l, key, "this is no MTU");
	} else if (same(key, "table")) {
		return read_table(v, i) ||
		    wrong(w, l, key, "this is no table");
	} else if (same(key, "dns")) {
		note(w, l, key, "Warren leaves the resolver as it is");
	} else if (same(key, "saveconfig")) {
		if (!same(v, "false"))
			note(w, l, key, "Warren writes no configuration");
	} else if (same(key, "preup") || same(key, "postup")) {
		hook(w, l, key, v, true);
	} else if (same(key, "predown") || same(key, "postdown")) {
		hook(w, l, key, v, false);
	} else {
		return wrong(w, l, key, "unknown key");
	}
	return true;
}

/*
 * The same key again is the same peer, as in "wg setconf": it has the allowed
 * ips of the last section, and all that was said once of the rest.
 */
static void
set_public_key(struct wg_import *w, char *v)
{
	struct wg_peer *p = w->iface->peers, *now = w->peer;
	struct wg_net **end;

	while (p != now && (p->public_key == NULL ||
	    strcmp(p->public_key, v) != 0))
		p = p->next;
	if (p == now) {
		now->public_key = v;
		return;
	}
	for (end = &p->allowed; *end != NULL; end = &(*end)->next)
		(*end)->gone = true;
	*end = now->allowed;
	now->allowed = NULL;
	p->psk = now->psk ? now->psk : p->psk;
	p->endpoint = now->endpoint ? now->endpoint : p->endpoint;
	p->keepalive = now->keepalive ? now->keepalive : p->keepalive;
	now->same_as = p;
	w->peer = p;
}

static bool
peer_key(struct wg_import *w, const struct import_line *l, const char *key,
    char *v)
{
	struct wg_peer *p = w->peer;
	uint32_t n = 0;

	if (same(key, "publickey")) {
		if (!is_key(v))
			return wrong(w, l, key, "this is no key");
		set_public_key(w, v);
	} else if (same(key, "presharedkey")) {
		p->psk = v;
		return is_key(v) || wrong(w, l, key, "this is no key");
	} else if (same(key, "endpoint")) {
		p->endpoint = v;
		return (strrchr(v, ':') != NULL && !strchr(v, '"')) ||
		    wrong(w, l, key, "this is no HOST:PORT");
	} else if (same(key, "persistentkeepalive")) {
		if (!same(v, "off") && !import_number(v, 65535, &n))
			return wrong(w, l, key, "this is no time");
		p->keepalive = n;
	} else if (same(key, "allowedips")) {
		return read_nets(w, v, &p->allowed) ||
		    wrong(w, l, key, "this is no prefix");
	} else {
		return wrong(w, l, key, "unknown key");
	}
	return true;
}

static void
begin_peer(struct wg_import *w, const struct import_line *l)
{
	struct wg_peer *p = arena_new_of(w->im.a, struct wg_peer);
	struct wg_peer **end = &w->iface->peers;

	if (p == NULL)
		return;
	while (*end != NULL)
		end = &(*end)->next;
	*end = w->peer = p;
	p->l = l;
}

/* A comment in front of a key names the peer: "# Name = x", "# x". */
static void
comment(struct wg_import *w, char *s)
{
	while (*s == '#')
		s++;
	trim(&s);
	if (w->peer == NULL || w->peer->comment != NULL || *s == '\0')
		return;
	if (lower(s[0]) == 'n' && lower(s[1]) == 'a' && lower(s[2]) == 'm' &&
	    lower(s[3]) == 'e' && strpbrk(s, "=:") != NULL) {
		s = strpbrk(s, "=:") + 1;
		trim(&s);
	} else if (strchr(s, '=') != NULL) {
		return;			/* a key that is switched off */
	}
	w->peer->comment = s;
}

static void
assignment(struct wg_import *w, const struct import_line *l, char *s)
{
	char *eq = strchr(s, '='), *key = s;

	if (eq == NULL || !w->section) {
		wrong(w, l, "", "this is no \"Key = value\" of a section");
		return;
	}
	*eq++ = '\0';
	trim(&key);
	trim(&eq);
	if (w->peer != NULL)
		peer_key(w, l, key, eq);
	else
		interface_key(w, l, key, eq);
}

static void
one_line(struct wg_import *w, const struct import_line *l)
{
	char *s = arena_strdup(w->im.a, l->text), *hash;

	if (s == NULL)
		return;
	hash = strchr(s, '#');
	if (hash == s) {
		comment(w, s);
		return;
	}
	if (hash != NULL)
		*hash = '\0';
	trim(&s);
	if (same(s, "[interface]")) {
		w->section = true;
		w->peer = NULL;
	} else if (same(s, "[peer]")) {
		w->section = true;
		begin_peer(w, l);
	} else if (*s == '[') {
		wrong(w, l, "", "this is no section of WireGuard's");
	} else {
		assignment(w, l, s);
	}
}

/*
 * "/etc/wireguard/wg0.conf" is wg0.  A name of more than 15 characters would
 * be refused by the kernel: its end is taken.
 */
static const char *
iface_name(struct wg_import *w, const char *file)
{
	const char *base = strrchr(file, '/');
	char *s = arena_strdup(w->im.a, base != NULL ? base + 1 : file);
	size_t n = s != NULL ? strlen(s) : 0;

	if (s == NULL)
		return "wg0";
	if (n > 5 && strcmp(s + n - 5, ".conf") == 0)
		s[n -= 5] = '\0';
	if (n > 15)
		s += n - 15;
	while (*s == '-' || *s == '.')
		s++;
	for (char *c = s; *c != '\0'; c++)
		if (!(lower(*c) >= 'a' && lower(*c) <= 'z') &&
		    !(*c >= '0' && *c <= '9') && *c != '-' && *c != '.')
			*c = '_';
	return *s != '\0' ? s : "wg0";
}

/* Two files of one name are two interfaces. */
static void
name_iface(struct wg_import *w, const char *file)
{
	const char *name = iface_name(w, file);

	w->iface->name = name;
	for (unsigned n = 2;; n++) {
		const struct wg_iface *i = w->ifaces;

		while (i != NULL && (i == w->iface ||
		    strcmp(i->name, w->iface->name) != 0))
			i = i->next;
		if (i == NULL)
			return;
		w->iface->name = arena_printf(w->im.a, "%.11s_%u", name, n);
		if (w->iface->name == NULL) {
			w->iface->name = name;
			return;
		}
	}
}

struct import_wg *
import_wg_new(const char *dir)
{
	struct import_wg *x = mem_zalloc(sizeof(*x));

	if (x == NULL)
		return NULL;
	x->w.im.a = arena_new();
	if (x->w.im.a == NULL) {
		mem_free(x);
		return NULL;
	}
	x->w.dir = dir;
	return x;
}

bool
import_wg_file(struct import_wg *x, const char *file, struct bytes text,
    struct text *notes)
{
	struct wg_import *w = &x->w;
	struct wg_iface **end = &w->ifaces;
	const struct import_line *l;

	w->iface = arena_new_of(w->im.a, struct wg_iface);
	if (w->iface == NULL)
		return false;
	while (*end != NULL)
		end = &(*end)->next;
	*end = w->iface;
	import_notes_init(&w->iface->notes);
	w->iface->file = arena_strdup(w->im.a, file);
	name_iface(w, file);
	w->im.file = file;
	w->im.rest = text;
	w->im.line = 0;
	w->im.n_all = 0;
	w->peer = NULL;
	w->section = w->bad = false;
	while ((l = import_next(&w->im, ";")) != NULL)
		one_line(w, l);
	for (const struct wg_peer *p = w->iface->peers; p != NULL;
	    p = p->next)
		if (p->public_key == NULL && p->same_as == NULL)
			wrong(w, p->l, "", "a peer without a PublicKey is "
			    "left out");
	wg_table_notes(w);
	import_notes_all(&w->im, notes);
	return !w->bad && !arena_failed(w->im.a);
}

struct import_wg *
import_wg_free(struct import_wg *x)
{
	if (x == NULL)
		return NULL;
	arena_free(x->w.im.a);
	mem_free(x);
	return NULL;
}
