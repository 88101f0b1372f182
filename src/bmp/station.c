/* SPDX-License-Identifier: ISC */
#include "bmp/station.h"

#include "base/mem.h"
#include "bgp/mrt.h"

#define RUN_MAX		3500		/* octets of NLRI in one UPDATE */
#define MESSAGE_ROOM	(BGP_MESSAGE_EXT_MAX + 128)

struct bmp_station {
	struct attrs_pool *pool;
	size_t limit;
	uint8_t *buf;			/* [at, n) waits */
	size_t at, n, cap;
	bool failed;
	/* Routes that go into one UPDATE. */
	bool running;
	struct bmp_peer peer;
	struct bmp_route like;		/* its attrs are counted */
	uint8_t nlri[RUN_MAX];
	size_t n_nlri;
};

static bool
room(struct bmp_station *s, size_t n)
{
	size_t cap = s->cap ? s->cap : 4096;
	uint8_t *buf;

	if (s->at > 0 && s->n + n > s->cap) {
		memmove(s->buf, s->buf + s->at, s->n - s->at);
		s->n -= s->at;
		s->at = 0;
	}
	while (cap < s->n + n)
		cap *= 2;
	if (cap == s->cap)
		return true;
	buf = mem_resize(s->buf, cap, 1);
	if (!buf)
		return false;
	s->buf = buf;
	s->cap = cap;
	return true;
}

static void
queue(struct bmp_station *s, const struct wr *w)
{
	const size_t n = wr_len(w);

	if (s->failed)
		return;
	if (w->bad || bmp_station_queued(s) + n > s->limit || !room(s, n)) {
		s->failed = true;
		return;
	}
	memcpy(s->buf + s->n, w->start, n);
	s->n += n;
}

static void
put_reach(struct wr *w, const struct bmp_station *s)
{
	const struct attrs *a = s->like.attrs;
	struct bytes nlri = bytes_of(s->nlri, s->n_nlri);
	struct ip hop = IP_NONE, ll = IP_NONE;
	uint8_t *length, *mp;
	struct attr at;
	bool plain;

	if (attrs_get(a, ATTR_BGP_NEXT_HOP, &at) && at.n >= 16) {
		hop = ip_from6(at.p);
		ll = at.n == 32 ? ip_from6(at.p + 16) : IP_NONE;
	}
	plain = s->like.fam == BGP_FAM_IP4 && ip_is4(hop);
	wr_be16(w, 0);
	length = bgp_length_begin(w);
	if (!plain) {
		mp = bgp_mp_reach_begin(w, s->like.fam, hop, ll);
		wr_bytes(w, nlri);
		bgp_attr_end(w, mp);
	}
	bgp_monitor_attrs(w, a, plain);
	bgp_length_end(w, length);
	if (plain)
		wr_bytes(w, nlri);
}

static void
put_unreach(struct wr *w, const struct bmp_station *s)
{
	struct bytes nlri = bytes_of(s->nlri, s->n_nlri);
	uint8_t *length = bgp_length_begin(w), *mp;

	if (s->like.fam == BGP_FAM_IP4)
		wr_bytes(w, nlri);
	bgp_length_end(w, length);
	length = bgp_length_begin(w);
	if (s->like.fam != BGP_FAM_IP4) {
		mp = bgp_mp_unreach_begin(w, s->like.fam);
		wr_bytes(w, nlri);
		bgp_attr_end(w, mp);
	}
	bgp_length_end(w, length);
}

/* The UPDATE of the routes that were gathered. */
static void
end_run(struct bmp_station *s)
{
	uint8_t buf[MESSAGE_ROOM], *mark, *message;
	struct wr w = wr_of(buf, sizeof(buf));

	if (!s->running)
		return;
	s->running = false;
	mark = bmp_begin(&w, BMP_ROUTE_MONITORING, &s->peer);
	message = bgp_message_begin(&w, BGP_TYPE_UPDATE);
	if (s->like.attrs)
		put_reach(&w, s);
	else
		put_unreach(&w, s);
	bgp_message_end(&w, message);
	bmp_end(&w, mark);
	attrs_unref(s->pool, s->like.attrs);
	s->like.attrs = NULL;
	/* What came in one message goes into one; else it is left out. */
	if (!w.bad)
		queue(s, &w);
}

static bool
is_alike(const struct bmp_station *s, const struct bmp_peer *p,
    const struct bmp_route *r)
{
	return s->running && s->like.attrs == r->attrs &&
	    s->like.fam == r->fam && s->like.add_path == r->add_path &&
	    ip_eq(s->peer.ip, p->ip) && s->peer.id == p->id &&
	    s->peer.as == p->as && s->peer.post_policy == p->post_policy &&
	    s->n_nlri + bgp_nlri_size(&r->net, r->add_path) <= RUN_MAX;
}

void
bmp_station_route(struct bmp_station *s, const struct bmp_peer *peer,
    const struct bmp_route *r)
{
	struct wr w;

	if (s->failed)
		return;
	if (!is_alike(s, peer, r)) {
		end_run(s);
		s->running = true;
		s->peer = *peer;
		s->like = *r;
		if (r->attrs)
			attrs_ref(r->attrs);
		s->n_nlri = 0;
	}
	w = wr_of(s->nlri + s->n_nlri, RUN_MAX - s->n_nlri);
	bgp_nlri_put(&w, &r->net, r->add_path, r->path_id);
	s->n_nlri += wr_len(&w);
}

/* As it came: what we do not know in it, too. */
static void
put_received(struct wr *w, const struct bgp_open *o)
{
	uint8_t *mark = bgp_message_begin(w, BGP_TYPE_OPEN);

	wr_u8(w, o->version);
	wr_be16(w, o->asn > UINT16_MAX ? BGP_AS_TRANS : (uint16_t)o->asn);
	wr_be16(w, o->hold);
	wr_be32(w, o->id);
	if (o->params_ext) {		/* RFC 9072 */
		wr_be16(w, 0xffff);
		wr_be16(w, (uint16_t)o->params.n);
	} else {
		wr_u8(w, (uint8_t)o->params.n);
	}
	wr_bytes(w, o->params);
	bgp_message_end(w, mark);
}

void
bmp_station_peer_up(struct bmp_station *s, const struct bmp_peer *peer,
    const struct bmp_link *link, const struct bgp_open *sent,
    const struct bgp_open *received)
{
	uint8_t buf[MESSAGE_ROOM], *mark;
	struct wr w = wr_of(buf, sizeof(buf));

	end_run(s);
	mark = bmp_begin(&w, BMP_PEER_UP, peer);
	bmp_ip(&w, link->local);
	wr_be16(&w, link->local_port);
	wr_be16(&w, link->remote_port);
	bgp_open_encode(&w, sent);
	put_received(&w, received);
	bmp_end(&w, mark);
	queue(s, &w);
}

static void
put_notification(struct wr *w, const struct bgp_cause *c)
{
	uint8_t *mark = bgp_message_begin(w, BGP_TYPE_NOTIFICATION);

	wr_u8(w, c->code);
	wr_u8(w, c->subcode);
	if (c->n_text) {		/* RFC 9003 */
		wr_u8(w, c->n_text);
		wr_bytes(w, bytes_of((const uint8_t *)c->text, c->n_text));
	}
	bgp_message_end(w, mark);
}

static void
put_down(struct wr *w, const struct bgp_cause *c)
{
	switch (c->blame) {
	case BGP_BLAME_LOCAL:
		if (c->code == BGP_ERR_NONE)
			break;
		wr_u8(w, BMP_DOWN_LOCAL);
		put_notification(w, c);
		return;
	case BGP_BLAME_REMOTE:
		wr_u8(w, BMP_DOWN_REMOTE);
		put_notification(w, c);
		return;
	case BGP_BLAME_SOCKET:
		wr_u8(w, BMP_DOWN_REMOTE_SILENT);
		return;
	case BGP_BLAME_NONE: case BGP_BLAME_MEMORY:
		break;
	}
	wr_u8(w, BMP_DOWN_LOCAL_EVENT);
	wr_be16(w, 0);
}

void
bmp_station_peer_down(struct bmp_station *s, const struct bmp_peer *peer,
    const struct bgp_cause *why)
{
	uint8_t buf[1024], *mark;
	struct wr w = wr_of(buf, sizeof(buf));

	end_run(s);
	mark = bmp_begin(&w, BMP_PEER_DOWN, peer);
	put_down(&w, why);
	bmp_end(&w, mark);
	queue(s, &w);
}

void
bmp_station_eor(struct bmp_station *s, const struct bmp_peer *peer,
    enum bgp_fam fam)
{
	uint8_t buf[128], *mark;
	struct wr w = wr_of(buf, sizeof(buf));

	end_run(s);
	mark = bmp_begin(&w, BMP_ROUTE_MONITORING, peer);
	bgp_eor_encode(&w, fam);
	bmp_end(&w, mark);
	queue(s, &w);
}

static void
put_gauge(struct wr *w, uint16_t type, uint64_t v)
{
	wr_be16(w, type);
	wr_be16(w, 8);
	wr_be32(w, (uint32_t)(v >> 32));
	wr_be32(w, (uint32_t)v);
}

static void
put_family(struct wr *w, uint16_t type, enum bgp_fam f, uint64_t v)
{
	wr_be16(w, type);
	wr_be16(w, 11);
	wr_be16(w, bgp_fam_afi(f));
	wr_u8(w, bgp_fam_safi(f));
	wr_be32(w, (uint32_t)(v >> 32));
	wr_be32(w, (uint32_t)v);
}

/* All routes, and those of each family; gives how many TLVs that were. */
static uint32_t
put_gauges(struct wr *w, const struct bmp_counts *c, const uint64_t *v,
    uint16_t all, uint16_t each)
{
	uint64_t sum = 0;
	uint32_t n = 1;

	for (unsigned f = 0; f < BGP_NFAMS; f++)
		sum += v[f];
	put_gauge(w, all, sum);
	for (unsigned f = 0; f < BGP_NFAMS; f++)
		if (c->families & BGP_FAM_BIT(f)) {
			put_family(w, each, (enum bgp_fam)f, v[f]);
			n++;
		}
	return n;
}

void
bmp_station_stats(struct bmp_station *s, const struct bmp_peer *peer,
    const struct bmp_counts *c)
{
	uint8_t buf[512], *mark, *count;
	struct wr w = wr_of(buf, sizeof(buf));
	uint32_t n = 1;

	end_run(s);
	mark = bmp_begin(&w, BMP_STATISTICS, peer);
	count = wr_take(&w, 4);
	wr_be16(&w, BMP_STAT_REJECTED);
	wr_be16(&w, 4);
	wr_be32(&w, c->rejected);
	if (c->adj_in)
		n += put_gauges(&w, c, c->in, BMP_STAT_ADJ_IN,
		    BMP_STAT_ADJ_IN_FAMILY);
	n += put_gauges(&w, c, c->rib, BMP_STAT_LOC_RIB,
	    BMP_STAT_LOC_RIB_FAMILY);
	if (count)
		be32_put(count, n);
	bmp_end(&w, mark);
	queue(s, &w);
}

void
bmp_station_end(struct bmp_station *s, uint16_t reason)
{
	uint8_t buf[64], two[2], *mark;
	struct wr w = wr_of(buf, sizeof(buf));

	end_run(s);
	mark = bmp_begin(&w, BMP_TERMINATION, NULL);
	be16_put(two, reason);
	bmp_tlv(&w, BMP_TLV_REASON, bytes_of(two, 2));
	bmp_end(&w, mark);
	queue(s, &w);
}

static void
begin(struct bmp_station *s, const struct bmp_config *c)
{
	uint8_t buf[2048], *mark;
	struct wr w = wr_of(buf, sizeof(buf));

	mark = bmp_begin(&w, BMP_INITIATION, NULL);
	bmp_tlv(&w, BMP_TLV_DESCR, bytes_str(c->descr));
	bmp_tlv(&w, BMP_TLV_NAME, bytes_str(c->name));
	bmp_end(&w, mark);
	queue(s, &w);
}

struct bmp_station *
bmp_station_new(const struct bmp_config *config, struct attrs_pool *pool)
{
	struct bmp_station *s = mem_zalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->pool = pool;
	s->limit = config->limit;
	begin(s, config);
	return s;
}

struct bmp_station *
bmp_station_free(struct bmp_station *s)
{
	if (!s)
		return NULL;
	attrs_unref(s->pool, s->like.attrs);
	mem_free(s->buf);
	mem_free(s);
	return NULL;
}

struct bytes
bmp_station_tx(struct bmp_station *s)
{
	end_run(s);
	return bytes_of(s->buf + s->at, s->n - s->at);
}

void
bmp_station_sent(struct bmp_station *s, size_t n)
{
	s->at += n;
	if (s->at == s->n)
		s->at = s->n = 0;
}

size_t
bmp_station_queued(const struct bmp_station *s)
{
	return s->n - s->at;
}

bool
bmp_station_failed(const struct bmp_station *s)
{
	return s->failed;
}
