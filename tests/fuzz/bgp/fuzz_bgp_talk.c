/* SPDX-License-Identifier: ISC */
/*
 * Three neighbours on one table, and what they and the operator do, drawn
 * from the input: announcements and withdrawals, whole ones and such with
 * some octets changed, End-of-RIB, refreshes of each kind, connections that
 * break and come back (from either side), time, changed policies, reloads.
 *
 * After every step: what each peer has been told, by its own reading of the
 * UPDATEs, is what the table and the policy say; a channel counts as many
 * routes as the table has of it.  At the end nothing is left.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "bgp/neighbour_impl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define ENDS		3
#define NETS		16
#define TOLD		64		/* paths of one net */
#define MESSAGE		4096
#define STEPS		120

struct told {
	uint32_t id[TOLD];
	unsigned n;
};

struct end {
	struct bgp_neighbour *n;
	struct bgp_neighbour_config cfg;
	uint32_t as;
	bool up, wants;
	enum bgp_conn conn;		/* the one that is up */
	struct bgp_codec read;		/* what it sends is read with */
	struct told told[BGP_NFAMS][NETS];
};

static struct attrs_pool *pool;
static struct rt_table *tables[BGP_NFAMS];
static struct end ends[ENDS];
static struct instant now;
static struct bgp_update update;
static bool stirred;			/* ops->wake was called */

static void
on_dial(struct bgp_neighbour *n, void *ctx)
{
	(void)n;
	((struct end *)ctx)->wants = true;
}

static void
on_hang_up(struct bgp_neighbour *n, enum bgp_conn conn, void *ctx)
{
	struct end *e = ctx;

	(void)n;
	if (conn == e->conn)
		e->up = false;
}

static void
on_wake(struct bgp_neighbour *n, void *ctx)
{
	(void)n;
	(void)ctx;
	stirred = true;
}

/* Who is in a session that is new knows nothing. */
static void
on_note(struct bgp_neighbour *n, const struct bgp_note_info *i, void *ctx)
{
	struct end *e = ctx;

	if (i->what != BGP_NOTE_UP)
		return;
	memset(e->told, 0, sizeof(e->told));
	bgp_caps_codec(bgp_session_caps(bgp_neighbour_session(n)), &e->read);
	e->read.add_path_rx = e->read.add_path_tx;
	e->read.local_pref = e->read.aigp = true;
}

static const struct bgp_neighbour_ops ops = {
	.dial = on_dial, .hang_up = on_hang_up, .wake = on_wake,
	.note = on_note,
};

/* The neighbours. */

static void
configure(struct end *e, struct rd *r)
{
	const uint8_t how = rd_u8(r), more = rd_u8(r), chan = rd_u8(r);
	struct bgp_neighbour_config *c = &e->cfg;
	struct bgp_open *o = &c->session.open;

	*c = (struct bgp_neighbour_config){ .name = "n", .local_as = 65001,
	    .router_id = 1, .cluster_id = 1,
	    .remote = ip4(0x0a000002u + (uint32_t)(e - ends)),
	    .direct = true, .shared_link = how & 1, .rr_client = how & 2,
	    .interpret_communities = true, .path_metric = true,
	    .deterministic_med = more & 1, .default_local_pref = 100,
	    .gr_helper = more & 2, .n_channels = BGP_NFAMS };
	e->as = how & 4 ? 65001 : 65002 + (uint32_t)(e - ends);
	bgp_session_config_init(&c->session);
	o->asn = c->local_as;
	o->id = c->router_id;
	o->as4 = !(how & 8);
	o->refresh = o->enhanced_refresh = !(how & 16);
	o->ext_message = how & 32;
	o->has_gr = more & 2;
	o->gr_notification = more & 4;
	o->has_llgr = more & 8;
	o->role = how & 4 || !(more & 16) ? BGP_ROLE_NONE :
	    (uint8_t)(more >> 5) % BGP_NROLES;
	c->session.connect_delay = 0;
	c->session.error_wait_min = c->session.error_wait_max = SECONDS(1);
	for (unsigned f = 0; f < BGP_NFAMS; f++)
		c->channel[f] = (struct bgp_channel_config){
		    .fam = (enum bgp_fam)f, .table = tables[f],
		    .preference = 100, .gateway_direct = true,
		    .next_hop_address = f ? (struct ip){ .b = { 0x20, 1, 13,
		    0xb8, [15] = 1 } } : ip4(0x0a000001),
		    .add_paths = chan & 3, .import_table = chan & 4,
		    .keep_filtered = chan & 8, .llgr = more & 8,
		    .llgr_time = 5, .in.constant = RT_ACCEPT,
		    .out.constant = RT_ACCEPT };
}

/* What an operator may change while it stands. */
static void
reconfigure(struct end *e, uint8_t how)
{
	struct bgp_channel_config *c = &e->cfg.channel[how & 1];

	c->out.constant = how & 2 ? RT_ACCEPT : RT_REJECT;
	c->in.constant = how & 4 ? RT_ACCEPT : RT_REJECT;
	c->next_hop_self = how & 8 ? BGP_HOP_YES : BGP_HOP_NO;
	c->import_limit = (struct rt_limit){ .max = how & 16 ? 3 : 0,
	    .action = how & 16 ? LIMIT_BLOCK : LIMIT_NONE };
	bgp_neighbour_configure(e->n, &e->cfg);
	bgp_neighbour_reload_in(e->n, bgp_neighbour_channel(e->n, how & 1),
	    now);
}

/* What a peer reads. */

static struct prefix
net_at(unsigned number, bool six)
{
	struct ip ip = six ? (struct ip){ .b = { 0x20, 1, 13, 0xb8 } } :
	    ip4(0xc0000000);

	ip.b[six ? 5 : 14] = number & 7;
	return prefix_of(ip, (six ? 48 : 24) + (number >> 3 & 1));
}

/* NETS: one that a changed octet has made. */
static unsigned
number_of(const struct prefix *p)
{
	const unsigned i = (p->ip.b[prefix_is4(p) ? 14 : 5] & 7) |
	    (unsigned)(p->len & 1) << 3;
	const struct prefix ours = net_at(i, !prefix_is4(p));

	return prefix_eq(&ours, p) ? i : NETS;
}

static void
note_net(struct told *t, uint32_t id, bool on)
{
	unsigned i = 0;

	while (i < t->n && t->id[i] != id)
		i++;
	if (i < t->n && !on)
		t->id[i] = t->id[--t->n];
	else if (i == t->n && on) {
		assert(t->n < TOLD);
		t->id[t->n++] = id;
	}
}

static void
note_nets(struct end *e, enum bgp_fam fam, struct bytes nlri, bool on)
{
	struct bgp_nlri it = bgp_nlri_of(fam, e->read.add_path_rx &
	    BGP_FAM_BIT(fam), nlri);
	struct prefix p;
	uint32_t id;

	while (bgp_nlri_next(&it, &p, &id))
		if (number_of(&p) < NETS)
			note_net(&e->told[fam][number_of(&p)], id, on);
}

static void
hear(struct end *e, struct bytes body)
{
	bgp_update_decode(&e->read, body, &update);
	assert(update.verdict == BGP_OK);
	note_nets(e, BGP_FAM_IP4, update.withdrawn, false);
	if (update.unreach.there)
		note_nets(e, update.unreach.fam, update.unreach.nlri, false);
	note_nets(e, BGP_FAM_IP4, update.nlri, true);
	if (update.reach.there)
		note_nets(e, update.reach.fam, update.reach.nlri, true);
}

static void
listen_to(struct end *e)
{
	struct bytes b = bgp_neighbour_tx(e->n, e->conn);
	const size_t all = b.n;

	while (e->up && b.n) {
		const uint16_t len = be16_get(b.p + 16);

		assert(len <= b.n && len >= BGP_HEADER);
		if (b.p[18] == BGP_TYPE_UPDATE)
			hear(e, bytes_of(b.p + BGP_HEADER,
			    (size_t)len - BGP_HEADER));
		b.p += len;
		b.n -= len;
	}
	if (e->up && all)
		bgp_neighbour_sent(e->n, e->conn, now, all);
}

static void
settle(void)
{
	bool more;

	do {
		more = stirred = false;
		for (unsigned i = 0; i < ENDS; i++) {
			more |= bgp_neighbour_work(ends[i].n, now, 7);
			more |= ends[i].up &&
			    bgp_neighbour_tx(ends[i].n, ends[i].conn).n;
			listen_to(&ends[i]);
		}
		for (unsigned f = 0; f < BGP_NFAMS; f++)
			more |= rt_table_work(tables[f], 1000, now);
	} while (more || stirred);
}

/* What is true after every step. */

static bool
would_tell(struct end *e, unsigned f, const struct rt_route *r)
{
	struct rt_channel *c = bgp_neighbour_channel(e->n, f);
	const struct attrs *a;
	struct rt_edit edit;

	if (!rt_usable(r) || rt_channel_would_export(c, r, &edit) !=
	    RT_ACCEPT)
		return false;
	a = bgp_neighbour_would_tell(e->n, f, &edit);
	attrs_unref(pool, a);
	return a != NULL;
}

static void
check_told(struct end *e, unsigned f)
{
	const bool all = e->read.add_path_rx & BGP_FAM_BIT(f);
	unsigned want[NETS + 1] = { 0 };
	uint32_t id = RT_NONE;

	while ((id = rt_walk(tables[f], id)) != RT_NONE) {
		const struct prefix p = rt_prefix(tables[f], id);
		const struct rt_route *r = rt_route_at(tables[f],
		    rt_net_at(tables[f], id)->routes);
		unsigned *n = &want[number_of(&p)];

		for (; number_of(&p) < NETS && r;
		    r = all ? rt_next(tables[f], r) : NULL)
			*n += would_tell(e, f, r);
	}
	for (unsigned i = 0; i < NETS; i++)
		assert(e->told[f][i].n == want[i]);
}

static void
check(void)
{
	for (unsigned i = 0; i < ENDS; i++)
		for (unsigned f = 0; f < BGP_NFAMS; f++) {
			const struct rt_channel *c =
			    bgp_neighbour_channel(ends[i].n, f);
			uint32_t routes = 0, filtered = 0;

			rt_owner_counts(tables[f], &c->owner, &routes,
			    &filtered);
			assert(c->imported == routes - filtered);
			assert(c->filtered == filtered);
			if (bgp_neighbour_established(ends[i].n) &&
			    bgp_neighbour_channel_up(ends[i].n, f))
				check_told(&ends[i], f);
		}
}

/* What a peer says. */

static void
say(struct end *e, struct bytes b)
{
	bool stuck = false;

	while (e->up && b.n) {
		const size_t took = bgp_neighbour_rx(e->n, e->conn, now, b);

		assert(took <= b.n);
		b.p += took;
		b.n -= took;
		if (took > 0)
			continue;
		if (stuck)
			break;
		/* A refresh: it marks its routes first. */
		settle();
		stuck = true;
	}
}

static void
open_session(struct end *e)
{
	const struct bgp_open *ours = &e->cfg.session.open;
	struct bgp_open o = *ours;
	uint8_t room[MESSAGE];
	struct wr w = wr_of(room, sizeof(room));
	static const uint8_t partner[] = { BGP_ROLE_CUSTOMER,
	    BGP_ROLE_RS_CLIENT, BGP_ROLE_RS, BGP_ROLE_PROVIDER,
	    BGP_ROLE_PEER };

	o.asn = e->as;
	o.id = 2 + (uint32_t)(e - ends);
	o.families = o.gr_families = o.gr_forwarding = BGP_FAM_ALL;
	o.llgr_families = o.llgr_forwarding = BGP_FAM_ALL;
	o.llgr_time[0] = o.llgr_time[1] = 5;
	o.has_mp = true;
	o.gr_time = 10;
	o.add_path[0] = o.add_path[1] = BGP_ADD_PATH_RX | BGP_ADD_PATH_TX;
	if (ours->role < BGP_NROLES)
		o.role = partner[ours->role];
	bgp_open_encode(&w, &o);
	bgp_keepalive_encode(&w);
	say(e, bytes_of(room, wr_len(&w)));
}

/* By us or by the peer; either may find a connection that stands. */
static void
connect_end(struct end *e, bool by_peer)
{
	const struct bgp_link l = { .local = ip4(0x0a000001),
	    .remote = e->cfg.remote, .ifindex = 1 };
	const enum bgp_conn conn = by_peer ? BGP_ACCEPTED : BGP_DIALLED;

	bgp_neighbour_tick(e->n, now);
	if (by_peer ? !bgp_neighbour_accept(e->n, now) : e->up || !e->wants)
		return;
	if (!by_peer)
		e->wants = false;
	else if (e->up && e->conn == BGP_DIALLED)
		bgp_neighbour_link(e->n, BGP_DIALLED, now, false, 104, NULL);
	e->conn = conn;
	e->up = true;
	bgp_neighbour_link(e->n, conn, now, true, 0, &l);
	listen_to(e);
	open_session(e);
}

static void
put_net(struct wr *w, const struct end *e, uint8_t which, bool six,
    uint8_t path)
{
	const enum bgp_fam fam = six ? BGP_FAM_IP6 : BGP_FAM_IP4;
	const struct bgp_caps *caps = bgp_session_caps(
	    bgp_neighbour_session(e->n));
	const struct prefix p = net_at(which, six);

	bgp_nlri_put(w, &p, caps->add_path_rx & BGP_FAM_BIT(fam), path & 3);
}

static void
put_attrs(struct wr *w, const struct end *e, struct rd *r)
{
	static const uint32_t known[] = { 0xffffff01, 0xffffff02, 0xffff0006,
	    0xffff0007, 0xfde90001 };
	const uint8_t how = rd_u8(r), last = rd_u8(r);
	const bool inside = e->as == 65001;
	const uint8_t origin = how % 3;
	uint8_t path[12] = { 2, 2 }, four[4];
	unsigned n = 2;

	bgp_attr_put(w, BGP_TRANSITIVE, 1, bytes_of(&origin, 1));
	for (unsigned i = 0; i < 2; i++) {
		const uint32_t as = i ? 64000u + last % 4 : inside ? 64100u :
		    e->as;

		if (e->cfg.session.open.as4)
			be32_put(path + n, as);
		else
			be16_put(path + n, (uint16_t)as);
		n += e->cfg.session.open.as4 ? 4 : 2;
	}
	bgp_attr_put(w, BGP_TRANSITIVE, 2, bytes_of(path, n));
	be32_put(four, 0x0a000002u + (uint32_t)(e - ends));
	bgp_attr_put(w, BGP_TRANSITIVE, 3, bytes_of(four, 4));
	be32_put(four, last >> 4);
	if (how & 8)
		bgp_attr_put(w, BGP_OPTIONAL, 4, bytes_of(four, 4));
	be32_put(four, 100 + (last >> 6));
	if (inside)
		bgp_attr_put(w, BGP_TRANSITIVE, 5, bytes_of(four, 4));
	be32_put(four, known[last % 5]);
	if (how & 16)
		bgp_attr_put(w, BGP_OPTIONAL | BGP_TRANSITIVE, 8,
		    bytes_of(four, 4));
	be32_put(four, last & 1 ? e->as : 64001);
	if (how & 32)
		bgp_attr_put(w, BGP_OPTIONAL | BGP_TRANSITIVE, 35,
		    bytes_of(four, 4));
}

/* Nearly always whole: "odd" says where it is not. */
static void
say_update(struct end *e, struct rd *r)
{
	const uint8_t how = rd_u8(r), net = rd_u8(r), odd = rd_u8(r);
	const bool six = how & 1;
	const struct ip hop = { .b = { 0x20, 1, 13, 0xb8, [15] =
	    (uint8_t)(2 + (e - ends)) } };
	uint8_t room[MESSAGE];
	struct wr w = wr_of(room, sizeof(room));
	uint8_t *m = bgp_message_begin(&w, BGP_TYPE_UPDATE), *l, *mp;

	l = bgp_length_begin(&w);
	if (how & 2 && !six)
		put_net(&w, e, net >> 4, false, how >> 4);
	bgp_length_end(&w, l);
	l = bgp_length_begin(&w);
	if (how & 2 && six) {
		mp = bgp_mp_unreach_begin(&w, BGP_FAM_IP6);
		put_net(&w, e, net >> 4, true, how >> 4);
		bgp_attr_end(&w, mp);
	}
	if (how & 4) {
		if (six) {
			mp = bgp_mp_reach_begin(&w, BGP_FAM_IP6, hop,
			    IP_NONE);
			put_net(&w, e, net, true, how >> 6);
			bgp_attr_end(&w, mp);
		}
		put_attrs(&w, e, r);
	}
	bgp_length_end(&w, l);
	if (how & 4 && !six)
		put_net(&w, e, net, false, how >> 6);
	bgp_message_end(&w, m);
	if (odd < 16)		/* somewhere behind the header */
		room[BGP_HEADER + rd_u8(r) % (wr_len(&w) - BGP_HEADER)] ^=
		    (uint8_t)(1 + odd);
	say(e, bytes_of(room, wr_len(&w)));
}

static void
say_other(struct end *e, uint8_t what)
{
	uint8_t room[64];
	struct wr w = wr_of(room, sizeof(room));
	const struct bgp_error bye = { .code = BGP_ERR_CEASE,
	    .subcode = what >> 4 };

	switch (what & 3) {
	case 0:
		bgp_eor_encode(&w, (enum bgp_fam)(what >> 2 & 1));
		break;
	case 1: case 2:
		bgp_refresh_encode(&w, (enum bgp_fam)(what >> 2 & 1),
		    (enum bgp_refresh_kind)((what >> 3) % 3));
		break;
	default:
		if (what & 8)
			bgp_notification_encode(&w, &bye);
		else
			bgp_keepalive_encode(&w);
		break;
	}
	say(e, bytes_of(room, wr_len(&w)));
}

static void
cut(struct end *e)
{
	if (!e->up)
		return;
	e->up = false;
	bgp_neighbour_link(e->n, e->conn, now, false, 104, NULL);
}

static void
step(struct rd *r)
{
	const uint8_t op = rd_u8(r);
	struct end *e = &ends[(op >> 4) % ENDS];

	switch (op & 15) {
	case 0:
		cut(e);
		break;
	case 1:
		now = instant_add(now, SECONDS(rd_u8(r)));
		break;
	case 2: case 3:
		say_other(e, rd_u8(r));
		break;
	case 4:
		bgp_neighbour_reload_out(e->n,
		    bgp_neighbour_channel(e->n, op >> 6 & 1));
		break;
	case 5:
		reconfigure(e, rd_u8(r));
		break;
	case 6:
		connect_end(e, true);
		break;
	default:
		say_update(e, r);
		break;
	}
	for (unsigned i = 0; i < ENDS; i++)
		connect_end(&ends[i], false);
	settle();
	/* Those who wait for each other wait no longer than this. */
	now = instant_add(now, MILLISECONDS(1100));
	for (unsigned i = 0; i < ENDS; i++)
		bgp_neighbour_tick(ends[i].n, now);
	settle();
	check();
}

static void
end_done(struct end *e)
{
	const struct bgp_error bye = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_SHUTDOWN };

	bgp_neighbour_stop(e->n, now, &bye);
	while (bgp_neighbour_work(e->n, now, 100))
		;
	assert(bgp_neighbour_gone(e->n));
	bgp_neighbour_free(e->n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct hash_key key = { { 3, 4 } };
	struct rd r = rd_of(bytes_of(data, n));

	now = (struct instant){ SECONDS(1000) };
	pool = attrs_pool_new(&key);
	for (unsigned f = 0; f < BGP_NFAMS; f++)
		tables[f] = rt_table_new(bgp_fam_text((enum bgp_fam)f),
		    bgp_fam_is4((enum bgp_fam)f) ? NET_IP4 : NET_IP6, pool,
		    &key);
	for (unsigned i = 0; i < ENDS; i++) {
		ends[i] = (struct end){ .conn = BGP_DIALLED };
		configure(&ends[i], &r);
		ends[i].n = bgp_neighbour_new(&ends[i].cfg, &ops, &ends[i]);
		assert(ends[i].n);
		bgp_neighbour_start(ends[i].n, now);
		connect_end(&ends[i], false);
	}
	settle();
	for (unsigned k = 0; k < STEPS && rd_left(&r) > 0 && !r.bad; k++)
		step(&r);
	for (unsigned i = 0; i < ENDS; i++)
		end_done(&ends[i]);
	for (unsigned f = 0; f < BGP_NFAMS; f++)
		assert(rt_count_routes(tables[f]) == 0);
	assert(attrs_pool_count(pool) == 0);
	for (unsigned f = 0; f < BGP_NFAMS; f++)
		rt_table_free(tables[f]);
	attrs_pool_free(pool);
	return 0;
}
