/* SPDX-License-Identifier: ISC */
/*
 * show tunnels: interfaces and peers in wg's order of fields and wg's words,
 * with the peers' names, and with the BGP neighbours that are reached through
 * them.
 */
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/bgp.h"
#include "daemon/ctl_impl.h"
#include "daemon/wireguard.h"
#include "sys/clock.h"
#include "wg/key.h"

#define SAY		1101
#define MOST_NETS	64		/* of one peer that are listed */

struct nets {
	struct text text;		/* "a, b" */
	unsigned n, listed;
};

static void
add_unit(struct text *out, int64_t n, const char *unit)
{
	if (n > 0)
		text_printf(out, "%s%" PRId64 " %s%s", out->n ? ", " : "", n,
		    unit, n == 1 ? "" : "s");
}

/* "1 hour, 2 minutes, 5 seconds ago" */
static void
ago_text(struct text *out, struct wall t)
{
	int64_t s = clock_wall().s - t.s;
	struct text v;

	if (s == 0) {
		text_add(out, "Now");
		return;
	}
	if (s < 0) {
		text_add(out, "(System clock wound backward; connection "
		    "problems may ensue.)");
		return;
	}
	text_init(&v, 256);
	add_unit(&v, s / (365 * 86400), "year");
	add_unit(&v, s / 86400 % 365, "day");
	add_unit(&v, s / 3600 % 24, "hour");
	add_unit(&v, s / 60 % 60, "minute");
	add_unit(&v, s % 60, "second");
	text_printf(out, "%s ago", v.s);
	text_done(&v);
}

static void
bytes_text(struct text *out, uint64_t n)
{
	static const char *const unit[] = { "KiB", "MiB", "GiB", "TiB" };
	double v = (double)n / 1024;
	unsigned i = 0;

	if (n < 1024) {
		text_printf(out, "%" PRIu64 " B", n);
		return;
	}
	while (v >= 1024 && i < 3) {
		v /= 1024;
		i++;
	}
	text_printf(out, "%.2f %s", v, unit[i]);
}

/* What the device has, by peer.  NULL: out of memory. */
static struct nets *
collect_nets(const struct tunnel *t)
{
	struct nets *v = mem_array(t->n_peers + 1, sizeof(*v));
	char net[PREFIX_TEXT];

	if (v == NULL)
		return NULL;
	for (unsigned i = 0; i < t->n_peers; i++)
		text_init(&v[i].text, 1 << 16);
	for (uint32_t id = 0; id < netmap_top(&t->allowed.nets); id++) {
		const struct ai_entry *e = netmap_at(&t->allowed.nets, id);
		struct nets *n;

		if (e == NULL || e->have < 0 || (unsigned)e->have >= t->n_peers)
			continue;
		n = &v[e->have];
		if (n->n++ >= MOST_NETS)
			continue;
		text_printf(&n->text, "%s%s", n->listed++ ? ", " : "",
		    prefix_text(&e->head.net, net));
	}
	return v;
}

static void
free_nets(const struct tunnel *t, struct nets *v)
{
	for (unsigned i = 0; v != NULL && i < t->n_peers; i++)
		text_done(&v[i].text);
	mem_free(v);
}

static bool
runs_over(const struct proto *p, const struct tunnel *t,
    const struct tunnel_peer *peer)
{
	const struct conf_bgp *cf = &p->cf->bgp;

	if (p->ops->kind != CONF_BGP)
		return false;
	if (cf->wg_iface != NULL)
		return strcmp(cf->wg_iface, t->iface) == 0 &&
		    (cf->wg_to ? strcmp(cf->wg_to->name, peer->cf->name) == 0 :
		    t->n_peers == 1);
	return !ip_is_none(cf->remote_ip) &&
	    (cf->iface == NULL || strcmp(cf->iface, t->iface) == 0) &&
	    (cf->iface != NULL || !ip_is_link_local(cf->remote_ip)) &&
	    tunnel_peer_of(t, cf->remote_ip) == peer;
}

static void
sessions_text(struct ctl_client *c, const struct tunnel *t,
    const struct tunnel_peer *peer)
{
	struct text info, since;

	LIST_EACH(p, &c->d->protos, struct proto, link) {
		if (!runs_over(p, t, peer))
			continue;
		text_init(&info, 4096);
		text_init(&since, 512);
		p->ops->info(p, &info);
		while (info.n > 0 && info.s[info.n - 1] == ' ')
			info.s[--info.n] = '\0';
		ctl_wall_text(&since,
	    ctl_timeformat(c, &c->d->gen->config->tf_protocol),
	    p->since, clock_wall());
		ctl_say(c, SAY, "  bgp: %s %s %s since %s", p->name,
		    proto_state_name(p), info.s, since.s);
		text_done(&info);
		text_done(&since);
	}
}

static void
say_allowed(struct ctl_client *c, const struct nets *n)
{
	if (n->n > n->listed)
		ctl_say(c, SAY, "  allowed ips: %s and %u more", n->text.s,
		    n->n - n->listed);
	else
		ctl_say(c, SAY, "  allowed ips: %s", n->n ? n->text.s :
		    "(none)");
}

static const char *
life_word(const struct tunnel_peer *p)
{
	static const char *const word[] = { [ALIVE_QUIET] = "unknown",
	    [ALIVE_LIVE] = "alive", [ALIVE_DEAD] = "dead",
	    [ALIVE_DAMPED] = "damped" };

	return p->live == NULL ? word[ALIVE_QUIET] : word[p->live->a.state];
}

/* Nothing of a peer that never answered: a stock one does not. */
static void
life_text(struct ctl_client *c, const struct tunnel_peer *p)
{
	const struct tunnel_live *l = p->live;
	int loss;

	if (l == NULL || l->a.state == ALIVE_QUIET)
		return;
	loss = alive_loss_percent(&l->a, loop_now());
	if (l->a.state == ALIVE_DEAD)
		ctl_say(c, SAY, "  liveness: dead for %" PRId64 " s",
		    instant_sub(loop_now(), l->since) / SECONDS(1));
	else if (l->a.state == ALIVE_DAMPED)
		ctl_say(c, SAY, "  liveness: damped for %u s, was dead %u "
		    "times", tunnel_peer_damped(p), l->a.deaths);
	else
		ctl_say(c, SAY, "  liveness: alive, round trip %.2f ms, %d %% "
		    "lost", (double)l->a.rtt / 1e6, loss < 0 ? 0 : loss);
	if (l->m.found != 0 && l->m.found < l->m.top)
		ctl_say(c, SAY, "  path mtu: %u, where %u should fit",
		    l->m.found, l->m.top);
}

static void
life_json(struct json *j, const struct tunnel_peer *p)
{
	const struct tunnel_live *l = p->live;
	int loss = l ? alive_loss_percent(&l->a, loop_now()) : -1;

	json_open(j, "liveness", '{');
	json_str(j, "state", life_word(p));
	json_u64(j, "round_trip_us", l ? (uint64_t)l->a.rtt / 1000 : 0);
	json_u64(j, "lost_percent", loss < 0 ? 0 : (uint64_t)loss);
	json_u64(j, "deaths", l ? l->a.deaths : 0);
	json_u64(j, "damped_s", tunnel_peer_damped(p));
	json_u64(j, "path_mtu", l ? l->m.found : 0);
	json_close(j, '}');
}

static void
peer_text(struct ctl_client *c, const struct tunnel *t,
    const struct tunnel_peer *p, const struct nets *nets)
{
	char key[WG_KEY_BASE64], ep[WG_ENDPOINT_TEXT];
	const struct conf_wg_secret *psk = &p->cf->preshared;
	struct text s;

	wg_key_to_base64(key, p->cf->public_key);
	text_init(&s, 4096);
	ctl_say(c, SAY, "%s", "");
	ctl_say(c, SAY, "peer: %s%s", p->cf->name,
	    p->cf->disabled ? " (disabled)" : "");
	if (p->cf->description != NULL)
		ctl_say(c, SAY, "  description: %s", p->cf->description);
	ctl_say(c, SAY, "  public key: %s", key);
	if (psk->file != NULL || psk->key != NULL)
		ctl_say(c, SAY, "  preshared key: (hidden)");
	if (wg_endpoint_known(&p->endpoint))
		ctl_say(c, SAY, "  endpoint: %s",
		    wg_endpoint_text(&p->endpoint, ep));
	say_allowed(c, nets);
	if (p->last_handshake.s != 0) {
		ago_text(&s, p->last_handshake);
		ctl_say(c, SAY, "  latest handshake: %s", s.s);
	}
	life_text(c, p);
	if (p->rx_bytes != 0 || p->tx_bytes != 0) {
		text_clear(&s);
		bytes_text(&s, p->rx_bytes);
		text_add(&s, " received, ");
		bytes_text(&s, p->tx_bytes);
		ctl_say(c, SAY, "  transfer: %s sent", s.s);
	}
	if (p->keepalive != 0)
		ctl_say(c, SAY, "  persistent keepalive: every %u second%s",
		    p->keepalive, p->keepalive == 1 ? "" : "s");
	sessions_text(c, t, p);
	text_done(&s);
}

static void
tunnel_text(struct ctl_client *c, const struct tunnel *t,
    const struct nets *nets)
{
	char key[WG_KEY_BASE64];

	ctl_say(c, SAY, "interface: %s", t->running ? t->iface :
	    t->p.cf->wg.iface);
	ctl_say(c, SAY, "  state: %s%s%s", t->p.state == PROTO_DOWN ? "down" :
	    tunnel_state_name(t), t->p.message[0] ? ", " : "", t->p.message);
	if (!t->running)
		return;
	wg_key_to_base64(key, t->public_key);
	ctl_say(c, SAY, "  public key: %s", key);
	ctl_say(c, SAY, "  private key: (hidden)");
	if (t->listen_port != 0)
		ctl_say(c, SAY, "  listening port: %u", t->listen_port);
	if (t->fwmark != 0)
		ctl_say(c, SAY, "  fwmark: 0x%x", t->fwmark);
	if (t->backend != NULL)
		ctl_say(c, SAY, "  backend: %s",
		    wg_backend_kernel(t->backend) ? "kernel" : "userspace");
	if (t->mtu != 0)
		ctl_say(c, SAY, "  mtu: %u", t->mtu);
	for (unsigned i = 0; i < t->n_peers; i++)
		peer_text(c, t, &t->peer[i], &nets[i]);
}

static void
peer_json(struct ctl_client *c, struct json *j, const struct tunnel *t,
    const struct tunnel_peer *p, const struct nets *nets)
{
	char key[WG_KEY_BASE64], ep[WG_ENDPOINT_TEXT];

	wg_key_to_base64(key, p->cf->public_key);
	json_open(j, NULL, '{');
	json_str(j, "name", p->cf->name);
	json_str(j, "public_key", key);
	json_str(j, "endpoint", wg_endpoint_known(&p->endpoint) ?
	    wg_endpoint_text(&p->endpoint, ep) : NULL);
	json_str(j, "allowed_ips", nets->text.s);
	json_u64(j, "allowed_ips_count", nets->n);
	json_wall(j, "latest_handshake", p->last_handshake);
	json_bool(j, "alive", tunnel_peer_alive(p));
	life_json(j, p);
	json_u64(j, "rx_bytes", p->rx_bytes);
	json_u64(j, "tx_bytes", p->tx_bytes);
	json_u64(j, "keepalive", p->keepalive);
	json_open(j, "endpoints", '[');
	for (unsigned i = 0; i < TUNNEL_PLACES && p->place[i].since.s; i++) {
		json_open(j, NULL, '{');
		json_str(j, "endpoint", wg_endpoint_text(&p->place[i].at,
		    ep));
		json_wall(j, "since", p->place[i].since);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_open(j, "bgp", '[');
	LIST_EACH(o, &c->d->protos, struct proto, link) {
		if (!runs_over(o, t, p))
			continue;
		json_open(j, NULL, '{');
		json_str(j, "name", o->name);
		json_str(j, "state", proto_state_name(o));
		json_wall(j, "since", o->since);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void
tunnel_json(struct ctl_client *c, const struct tunnel *t,
    const struct nets *nets)
{
	char key[WG_KEY_BASE64];
	struct json j;

	ctl_row_begin(c, &j);
	json_str(&j, "protocol", t->p.name);
	json_str(&j, "interface", t->p.cf->wg.iface);
	json_str(&j, "state", tunnel_state_name(t));
	wg_key_to_base64(key, t->public_key);
	json_str(&j, "public_key", t->running ? key : NULL);
	json_u64(&j, "listen_port", t->listen_port);
	json_u64(&j, "fwmark", t->fwmark);
	json_u64(&j, "mtu", t->mtu);
	json_open(&j, "peers", '[');
	for (unsigned i = 0; t->running && i < t->n_peers; i++)
		peer_json(c, &j, t, &t->peer[i], &nets[i]);
	json_close(&j, ']');
	ctl_row_end(c, &j);
}

/* A tunnel is one slice. */
struct show {
	struct ctl_job job;
	struct ctl_pick pick;
	unsigned done, shown;
	char word[CTL_LINE];
};

static void
show_tunnel(struct ctl_client *c, struct show *s, const struct tunnel *t)
{
	struct nets *nets = collect_nets(t);

	if (nets == NULL)
		return;
	if (c->json) {
		tunnel_json(c, t, nets);
	} else {
		if (s->shown > 0)
			ctl_say(c, SAY, "%s", "");
		tunnel_text(c, t, nets);
	}
	s->shown++;
	free_nets(t, nets);
}

static bool
show_step(struct ctl_client *c, struct ctl_job *job)
{
	struct show *s = (struct show *)job;
	unsigned i = 0;

	LIST_EACH(p, &c->d->protos, struct proto, link) {
		if (i++ < s->done)
			continue;
		s->done++;
		if (p->ops->kind == CONF_WIREGUARD &&
		    ctl_picked(&s->pick, p))
			show_tunnel(c, s, tunnel_of(p));
		if (c->r.out.n >= CTL_SLICE)
			return true;
	}
	if (c->json)
		ctl_rows_end(c);
	else if (s->shown == 0)
		ctl_end(c, 8003, "No tunnels match");
	return false;
}

static void
show_free(struct ctl_client *c, struct ctl_job *job)
{
	(void)c;
	mem_free(job);
}

void
cmd_show_tunnels(struct ctl_client *c, struct ctl_words *w)
{
	struct ctl_pick pick = { 0 };
	struct show *s;

	if ((ctl_peek(w) != NULL && !ctl_pick(c, w, &pick)) ||
	    !ctl_no_more(c, w))
		return;
	s = mem_zalloc(sizeof(*s));
	if (s == NULL) {
		ctl_end(c, 8000, "Out of memory");
		return;
	}
	s->job = (struct ctl_job){ show_step, show_free };
	s->pick = pick;
	if (pick.name != NULL)
		s->pick.name = strcpy(s->word, pick.name);
	if (pick.pattern != NULL)
		s->pick.pattern = strcpy(s->word, pick.pattern);
	c->job = &s->job;
	if (c->json)
		ctl_rows_begin(c);
}
