/* SPDX-License-Identifier: ISC */
/*
 * invite and revoke: stock WireGuard clients, one command each.
 *
 * Who is invited stands in a file beside the configuration, in its language
 * (conf/invited.c), and is read with it.  So to invite is to write that file
 * anew and to read the configuration: whatever a reload does for a peer is
 * done, and a daemon that is started later knows it.  The client's private
 * key never comes here.
 *
 * Should the configuration have been edited since it was read, nothing is
 * done: an invitation is not the moment to put half of somebody's edit in
 * force.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/ctl_impl.h"
#include "daemon/reconf.h"
#include "daemon/wireguard.h"
#include "plan/invite.h"
#include "wg/key.h"

#define SAY		1103
#define FILE_MOST	(16u << 20)
#define PATH_MOST	4096
#define NETS_MOST	256	/* told to a client; more is "everything" */

struct guest {
	const char *name;
	uint8_t key[WG_KEY], psk[WG_KEY];
	bool has_psk;
	struct ip ip[8];
	unsigned n_ips;
};

/* --- words --------------------------------------------------------------- */

/* A secret is not left in what was read of the socket. */
static void
forget_word(const struct ctl_words *w, const struct ctl_word *at)
{
	mem_wipe((char *)(uintptr_t)w->line + at->at, at->end - at->at);
	mem_wipe((char *)(uintptr_t)at->s, strlen(at->s));
}

static bool
take_key(struct ctl_client *c, struct ctl_words *w, uint8_t ret[WG_KEY])
{
	const struct ctl_word *at = ctl_peek(w);

	if (at == NULL || !wg_key_from_base64(ret, bytes_str(at->s)))
		return ctl_expected(c, w, "a key of WireGuard's in base64");
	w->i++;
	return true;
}

static bool
take_name(struct ctl_client *c, struct ctl_words *w, const char **ret)
{
	const struct ctl_word *at = ctl_peek(w);

	if (at == NULL || at->s[0] == '\0' || strlen(at->s) > 63 ||
	    strpbrk(at->s, "\"\\\r\n") != NULL)
		return ctl_expected(c, w, "a name of 1 to 63 characters");
	*ret = at->s;
	w->i++;
	return true;
}

/* The interface that is named, or the only one that invites. */
static struct tunnel *
take_tunnel(struct ctl_client *c, struct ctl_words *w)
{
	struct tunnel *found = NULL;
	const struct ctl_word *at;
	unsigned n = 0;

	if (ctl_take(w, "interface")) {
		at = ctl_peek(w);
		found = at ? tunnel_by_iface(c->d, at->s) : NULL;
		if (found == NULL)
			ctl_expected(c, w, "a tunnel that runs");
		else if (found->p.cf->wg.invite_pool == NULL)
			ctl_end(c, 9001, "%s has no invite pool: say \"invite "
			    "pool PREFIX;\" in its protocol wireguard, then "
			    "\"configure\"", found->iface);
		else if (w->i++, true)
			return found;
		return NULL;
	}
	LIST_EACH(p, &c->d->protos, struct proto, link)
		if (p->ops == &wireguard_ops && tunnel_of(p)->running &&
		    p->cf->wg.invite_pool != NULL) {
			found = tunnel_of(p);
			n++;
		}
	if (n == 0)
		ctl_end(c, 9001, "No tunnel has an invite pool: say \"invite "
		    "pool PREFIX;\" in a protocol wireguard, then "
		    "\"configure\"");
	else if (n > 1)
		ctl_end(c, 9001, "Several tunnels invite: say which by "
		    "\"interface NAME\" (warren's -i)");
	return n == 1 ? found : NULL;
}

/* --- the file ------------------------------------------------------------ */

static void
peer_text(struct text *out, const char *name, const uint8_t *key,
    const uint8_t *psk)
{
	char b64[WG_KEY_BASE64];

	wg_key_to_base64(b64, key);
	text_printf(out, "\tpeer \"%s\" {\n\t\tpublic key \"%s\";\n", name,
	    b64);
	if (psk != NULL) {
		wg_key_to_base64(b64, psk);
		text_printf(out, "\t\tpreshared key \"%s\";\n", b64);
		mem_wipe(b64, sizeof(b64));
	}
	text_add(out, "\t\tallowed ips ");
}

static void
old_text(struct text *out, const struct conf_wg_peer *y)
{
	char net[PREFIX_TEXT];

	peer_text(out, y->name, y->public_key, y->preshared.key);
	for (const struct conf_prefix_list *l = y->allowed; l; l = l->next)
		text_printf(out, "%s%s", prefix_text(&l->net, net),
		    l->next ? ", " : ";\n\t};\n");
}

static void
new_text(struct text *out, const struct guest *g)
{
	char ip[IP_TEXT];

	peer_text(out, g->name, g->key, g->has_psk ? g->psk : NULL);
	for (unsigned i = 0; i < g->n_ips; i++)
		text_printf(out, "%s/%d%s", ip_text(g->ip[i], ip),
		    ip_is4(g->ip[i]) ? 32 : 128,
		    i + 1 < g->n_ips ? ", " : ";\n\t};\n");
}

/* All who are invited, with one more of t's, or without one. */
static void
file_text(struct text *out, const struct config *c, const struct tunnel *t,
    const struct guest *more, const char *less)
{
	text_add(out, "# Written by warrend: \"warren invite\" adds, "
	    "\"warren revoke\" takes away.\n");
	for (const struct conf_proto *p = c->protocols; p; p = p->next) {
		bool ours = p == t->p.cf;

		if (p->kind != CONF_WIREGUARD || p->wg.invite_pool == NULL)
			continue;
		text_printf(out, "wireguard \"%s\" {\n", p->wg.iface);
		for (const struct conf_wg_peer *y = p->wg.peers; y; y = y->next)
			if (y->invited && !(ours && less != NULL &&
			    strcmp(y->name, less) == 0))
				old_text(out, y);
		if (ours && more != NULL)
			new_text(out, more);
		text_add(out, "}\n");
	}
}

static int
write_all(int fd, const char *s, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, s, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return k < 0 ? -errno : -EIO;
		s += k;
		n -= (size_t)k;
	}
	return fsync(fd) == 0 ? 0 : -errno;
}

/* The new one is there whole or not at all.  0 or -errno. */
static int
write_file(const char *path, const struct text *t)
{
	char tmp[PATH_MOST + 8];
	int fd, err;

	snprintf(tmp, sizeof(tmp), "%s.new", path);
	unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0600);
	if (fd < 0)
		return -errno;
	err = t->bad ? -ENOMEM : write_all(fd, t->s, t->n);
	close(fd);
	if (err == 0 && rename(tmp, path) != 0)
		err = -errno;
	if (err != 0)
		unlink(tmp);
	return err;
}

/* --- the reload ---------------------------------------------------------- */

/* Is the file still what runs? */
static bool
unedited(struct ctl_client *c, const char *file)
{
	struct text diags;
	struct generation *g;
	struct conf_diff *diff = NULL;
	bool same;

	text_init(&diags, 1 << 16);
	g = generation_read(file, daemon_how(&c->d->opt), &diags);
	text_done(&diags);
	if (g != NULL)
		diff = conf_diff(c->d->gen->config, g->config);
	same = diff != NULL && !diff->global_restart && !diff->logs_changed;
	for (unsigned i = 0; same && i < diff->n; i++)
		same = diff->proto[i].change == CONF_SAME;
	mem_free(diff);
	generation_unref(g);
	if (!same)
		ctl_end(c, 8002, "%s is not any more what is running: "
		    "\"configure\" first, then again", file);
	return same;
}

/* Ends the command only when it has failed. */
static bool
put_in_force(struct ctl_client *c, struct tunnel *t, const struct guest *more,
    const char *less)
{
	const char *file = config_main_file(c->d->gen->config);
	struct generation *g = NULL;
	char path[PATH_MOST];
	struct text out, diags;
	int err = -ENAMETOOLONG;

	if (!unedited(c, file))
		return false;
	text_init(&out, FILE_MOST);
	out.secret = true;
	text_init(&diags, 1 << 16);
	file_text(&out, c->d->gen->config, t, more, less);
	if ((size_t)snprintf(path, sizeof(path), "%s.invited", file) <
	    sizeof(path))
		err = write_file(path, &out);
	if (err == 0)
		g = generation_read(file, daemon_how(&c->d->opt), &diags);
	if (err != 0)
		ctl_end(c, 8002, "%s cannot be written: %s", path,
		    strerrordesc_np(-err));
	else if (g == NULL || daemon_configure_back(c->d, g) ==
	    DAEMON_CONF_ERROR)
		ctl_end(c, 8002, "%s was written, and is not taken: %.*s",
		    path, (int)strcspn(diags.s, "\n"), diags.s);
	else
		err = 1;
	text_done(&out);
	text_done(&diags);
	return err == 1;
}

/* --- invite -------------------------------------------------------------- */

static struct prefix *
taken_nets(const struct conf_wireguard *wg, unsigned *ret_n)
{
	struct prefix *v;
	unsigned n = 0;

	for (const struct conf_wg_addr *a = wg->addrs; a; a = a->next)
		n++;
	for (const struct conf_wg_peer *y = wg->peers; y; y = y->next)
		for (struct conf_prefix_list *l = y->allowed; l; l = l->next)
			n++;
	v = mem_array(n + 1, sizeof(*v));
	n = 0;
	for (const struct conf_wg_addr *a = wg->addrs; v && a; a = a->next)
		v[n++] = prefix_host(a->ip);
	for (const struct conf_wg_peer *y = wg->peers; v && y; y = y->next)
		for (struct conf_prefix_list *l = y->allowed; l; l = l->next)
			/* A default route is no claim to the addresses. */
			if (l->net.len > 1)
				v[n++] = l->net;
	*ret_n = n;
	return v;
}

static bool
pick_addresses(struct ctl_client *c, const struct tunnel *t, struct guest *g)
{
	const struct conf_prefix_list *l = t->p.cf->wg.invite_pool;
	struct prefix *taken;
	char net[PREFIX_TEXT];
	unsigned n;

	taken = taken_nets(&t->p.cf->wg, &n);
	for (; taken && l && g->n_ips < 8; l = l->next) {
		struct ip ip = invite_pick(&l->net, taken, n);

		if (ip_is_none(ip))
			break;
		g->ip[g->n_ips++] = ip;
	}
	if (taken == NULL)
		ctl_end(c, 8003, "Out of memory");
	else if (l != NULL && g->n_ips < 8)
		ctl_end(c, 9001, "The invite pool %s is full: \"revoke\" "
		    "somebody, or give it more room",
		    prefix_text(&l->net, net));
	n = taken != NULL && (l == NULL || g->n_ips == 8);
	mem_free(taken);
	return n != 0;
}

static bool
may_invite(struct ctl_client *c, const struct tunnel *t, const struct guest *g)
{
	const struct conf_wireguard *wg = &t->p.cf->wg;

	if (wg->invite_host == NULL) {
		ctl_end(c, 9001, "What does a client connect to?  Say "
		    "\"invite endpoint \\\"HOST:PORT\\\";\" in protocol "
		    "wireguard of %s, then \"configure\"", t->iface);
		return false;
	}
	for (const struct conf_wg_peer *y = wg->peers; y; y = y->next)
		if (strcmp(y->name, g->name) == 0) {
			ctl_end(c, 9001, "%s has a peer %s already",
			    t->iface, g->name);
			return false;
		}
	return true;
}

static bool
has_family(const struct guest *g, bool four)
{
	for (unsigned i = 0; i < g->n_ips; i++)
		if (ip_is4(g->ip[i]) == four)
			return true;
	return false;
}

struct told {
	struct prefix net[NETS_MOST];
	unsigned n;
	bool all;
};

static void
tell(struct told *v, const struct guest *g, const struct prefix *net)
{
	if ((net->kind != NET_IP4 && net->kind != NET_IP6) ||
	    !has_family(g, net->kind == NET_IP4) ||
	    (net->kind == NET_IP6 && ip_is_link_local(net->ip)))
		return;
	v->all |= net->len <= 1 || v->n == NETS_MOST;
	for (unsigned i = 0; i < v->n; i++)
		if (prefix_covers(&v->net[i], net))
			return;
	if (!v->all)
		v->net[v->n++] = *net;
}

/* What is to be reached by the hub: what the hub reaches by this tunnel. */
static void
tell_nets(struct ctl_client *c, const struct tunnel *t, const struct guest *g)
{
	const struct conf_wireguard *wg = &t->p.cf->wg;
	struct told v = { .all = wg->masquerade };
	char net[PREFIX_TEXT];
	struct text out;

	for (const struct conf_wg_addr *a = wg->addrs; a; a = a->next) {
		struct prefix p = prefix_of(a->ip, a->len);

		tell(&v, g, &p);
	}
	for (const struct conf_prefix_list *l = wg->invite_pool; l; l = l->next)
		tell(&v, g, &l->net);
	for (uint32_t id = 0; id < netmap_top(&t->allowed.nets); id++) {
		const struct ai_entry *e = netmap_at(&t->allowed.nets, id);

		if (e != NULL && ai_wanted(&t->allowed, e) != AI_NOBODY)
			tell(&v, g, &e->head.net);
	}
	text_init(&out, CTL_OUT);
	if (v.all)
		text_printf(&out, "%s%s%s",
		    has_family(g, true) ? "0.0.0.0/0" : "",
		    has_family(g, true) && has_family(g, false) ? ", " : "",
		    has_family(g, false) ? "::/0" : "");
	for (unsigned i = 0; !v.all && i < v.n; i++)
		text_printf(&out, "%s%s", i ? ", " : "",
		    prefix_text(&v.net[i], net));
	ctl_say(c, SAY, "AllowedIPs = %s", out.s);
	text_done(&out);
}

/* The lines of the client's file that are ours to know. */
static void
tell_client(struct ctl_client *c, const struct tunnel *t,
    const struct guest *g)
{
	const struct conf_wireguard *wg = &t->p.cf->wg;
	char b64[WG_KEY_BASE64], ip[IP_TEXT];
	bool six = strchr(wg->invite_host, ':') != NULL;
	struct text out;

	text_init(&out, CTL_LINE);
	for (unsigned i = 0; i < g->n_ips; i++)
		text_printf(&out, "%s%s/%d", i ? ", " : "",
		    ip_text(g->ip[i], ip), ip_is4(g->ip[i]) ? 32 : 128);
	ctl_say(c, SAY, "Address = %s", out.s);
	text_done(&out);
	wg_key_to_base64(b64, t->public_key);
	ctl_say(c, SAY, "PublicKey = %s", b64);
	ctl_say(c, SAY, "Endpoint = %s%s%s:%u", six ? "[" : "",
	    wg->invite_host, six ? "]" : "", wg->invite_port);
	tell_nets(c, t, g);
}

static bool
take_guest(struct ctl_client *c, struct ctl_words *w, struct guest *g,
    struct tunnel **ret)
{
	if (!take_name(c, w, &g->name))
		return false;
	*ret = take_tunnel(c, w);
	if (*ret == NULL)
		return false;
	if (!ctl_take(w, "key"))
		return ctl_expected(c, w, "key \"BASE64\" (\"warren invite\" "
		    "makes one and says it)");
	if (!take_key(c, w, g->key))
		return false;
	if (ctl_take(w, "psk")) {
		g->has_psk = true;
		if (!take_key(c, w, g->psk))
			return false;
		forget_word(w, &w->w[w->i - 1]);
	}
	return ctl_no_more(c, w);
}

void
cmd_invite(struct ctl_client *c, struct ctl_words *w)
{
	struct guest g = { 0 };
	struct tunnel *t;

	if (take_guest(c, w, &g, &t) && !ctl_denied(c) &&
	    may_invite(c, t, &g) && pick_addresses(c, t, &g) &&
	    put_in_force(c, t, &g, NULL)) {
		proto_log(&t->p, CONF_LOG_INFO, "Peer %s: invited", g.name);
		tell_client(c, t, &g);
		ctl_ok(c);
	}
	mem_wipe(g.psk, sizeof(g.psk));
}

/* --- revoke -------------------------------------------------------------- */

void
cmd_revoke(struct ctl_client *c, struct ctl_words *w)
{
	const struct conf_wg_peer *y;
	struct tunnel *t;
	const char *name;

	if (!take_name(c, w, &name) || (t = take_tunnel(c, w)) == NULL ||
	    !ctl_no_more(c, w) || ctl_denied(c))
		return;
	for (y = t->p.cf->wg.peers; y; y = y->next)
		if (strcmp(y->name, name) == 0)
			break;
	if (y == NULL)
		ctl_end(c, 9001, "%s has no peer %s: see \"show tunnels\"",
		    t->iface, name);
	else if (!y->invited)
		ctl_end(c, 9001, "%s was not invited, but stands in the "
		    "configuration: take it out there, then \"configure\"",
		    name);
	else if (put_in_force(c, t, NULL, name)) {
		proto_log(&t->p, CONF_LOG_INFO, "Peer %s: revoked", name);
		ctl_end(c, 0, "%s is revoked", name);
	}
}
