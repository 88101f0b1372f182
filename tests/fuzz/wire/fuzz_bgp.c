/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as BGP messages, one after the other, in a setting that the first
 * octet chooses.  What decodes is walked to its ends, and what can be written
 * again must say the same: decode(encode(x)) = x.
 */
#include <assert.h>

#include "wire/bgp_open.h"
#include "wire/bgp_update.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct bgp_update u, again;

static struct bgp_codec
codec_of(uint8_t how)
{
	return (struct bgp_codec){
		.peer = (enum bgp_peer_type)(how % 3), .confed = how % 3 != 0,
		.as4 = how & 4, .ext_message = true,
		.families = how & 8 ? BGP_FAM_ALL : BGP_FAM_BIT(how >> 4 & 1),
		.add_path_rx = how & 32 ? BGP_FAM_ALL : 0,
		.ext_nexthop = how & 64 ? BGP_FAM_ALL : 0,
		.aigp = how & 128,
	};
}

/* The octets of NLRI, read and written: at most as many as before. */
static void
walk(const struct bgp_codec *c, enum bgp_fam fam, struct bytes b)
{
	static uint8_t room[BGP_MESSAGE_EXT_MAX];
	const bool add_path = c->add_path_rx & BGP_FAM_BIT(fam);
	struct bgp_nlri it = bgp_nlri_of(fam, add_path, b);
	struct wr w = wr_of(room, sizeof(room));
	struct prefix p, q;
	uint32_t id, id2;

	while (bgp_nlri_next(&it, &p, &id)) {
		struct bgp_nlri one;
		const size_t at = wr_len(&w);

		assert(p.len <= (fam == BGP_FAM_IP4 ? 32 : 128));
		bgp_nlri_put(&w, &p, add_path, id);
		one = bgp_nlri_of(fam, add_path, bytes_of(room + at,
		    wr_len(&w) - at));
		assert(bgp_nlri_next(&one, &q, &id2));
		assert(prefix_eq(&p, &q) && id == id2);
	}
	assert(!it.bad);
	assert(!w.bad && wr_len(&w) <= b.n);
}

/* To the other width and back, where nothing is lost on the way. */
static void
paths(const struct bgp_codec *c)
{
	static uint8_t two[BGP_MESSAGE_EXT_MAX], as4[BGP_MESSAGE_EXT_MAX];
	static uint8_t four[2 * BGP_MESSAGE_EXT_MAX];
	struct wr w2 = wr_of(two, sizeof(two)), w4 = wr_of(as4, sizeof(as4));
	struct wr w = wr_of(four, sizeof(four));
	const struct bgp_attr *a = bgp_update_attr(&u, BGP_ATTR_AS_PATH);
	const struct bgp_attr *b = bgp_update_attr(&u, BGP_ATTR_AS4_PATH);

	if (!a)
		return;
	if (!c->as4) {
		bgp_aspath_to4(&w, a->value, b ? b->value : bytes_of(NULL, 0));
		assert(!w.bad);
		assert(bgp_aspath_hops(bytes_of(four, wr_len(&w)), true) ==
		    bgp_aspath_hops(a->value, false));
		return;
	}
	bgp_aspath_to2(&w2, a->value);
	bgp_aspath_as4(&w4, a->value);
	bgp_aspath_to4(&w, bytes_of(two, wr_len(&w2)),
	    bytes_of(as4, wr_len(&w4)));
	assert(!w.bad && !w2.bad && !w4.bad);
	assert(bgp_aspath_hops(bytes_of(four, wr_len(&w)), true) ==
	    bgp_aspath_hops(a->value, true));
	if (!bgp_aspath_wide(a->value)) {
		w = wr_of(four, sizeof(four));
		bgp_aspath_to4(&w, bytes_of(two, wr_len(&w2)),
		    bytes_of(NULL, 0));
		assert(bytes_eq(bytes_of(four, wr_len(&w)), a->value));
	}
}

/* What was kept, written again, is kept again. */
static void
rewrite(const struct bgp_codec *c)
{
	static uint8_t room[2 * BGP_MESSAGE_EXT_MAX];
	struct wr w = wr_of(room, sizeof(room));
	uint8_t *mark;

	wr_be16(&w, 0);
	mark = bgp_length_begin(&w);
	for (unsigned i = 0; i < u.n_attrs; i++)
		bgp_attr_put(&w, u.attrs[i].flags, u.attrs[i].code,
		    u.attrs[i].value);
	bgp_length_end(&w, mark);
	if (w.bad)
		return;
	bgp_update_decode(c, bytes_of(room, wr_len(&w)), &again);
	assert(again.n_attrs == u.n_attrs);
	for (unsigned i = 0; i < u.n_attrs; i++) {
		assert(again.attrs[i].code == u.attrs[i].code);
		assert(bytes_eq(again.attrs[i].value, u.attrs[i].value));
	}
}

static void
update(const struct bgp_codec *c, struct bytes body)
{
	enum bgp_fam fam;

	if (bgp_update_decode(c, body, &u) == BGP_RESET) {
		assert(u.error.code == BGP_ERR_UPDATE && u.error.subcode);
		return;
	}
	assert(u.n_attrs < BGP_ATTRS_MAX);
	assert((u.verdict == BGP_OK) == (u.why == NULL));
	walk(c, BGP_FAM_IP4, u.withdrawn);
	walk(c, BGP_FAM_IP4, u.nlri);
	if (u.reach.there)
		walk(c, u.reach.fam, u.reach.nlri);
	if (u.unreach.there)
		walk(c, u.unreach.fam, u.unreach.nlri);
	(void)bgp_update_is_eor(&u, &fam);
	paths(c);
	if (u.verdict <= BGP_DISCARD)
		rewrite(c);
}

static void
open(struct bytes body)
{
	static uint8_t room[BGP_MESSAGE_MAX];
	struct wr w = wr_of(room, sizeof(room));
	struct bgp_open a, b;
	struct bgp_error e;
	struct bgp_cap_iter it;
	struct bgp_cap cap;

	if (!bgp_open_decode(body, &a, &e)) {
		assert(e.code == BGP_ERR_OPEN);
		return;
	}
	it = bgp_cap_iter_of(&a);
	while (bgp_cap_next(&it, &cap))
		continue;
	if (a.asn > 0xffff && !a.as4)
		return;
	bgp_open_encode(&w, &a);
	assert(!w.bad);
	assert(bgp_open_decode(bytes_of(room + BGP_HEADER,
	    wr_len(&w) - BGP_HEADER), &b, &e));
	assert(a.asn == b.asn && a.id == b.id && a.hold == b.hold);
	/* One that named only families unknown to us names none now. */
	assert(a.families == b.families || a.families == 0);
	assert(a.gr_families == b.gr_families && a.gr_time == b.gr_time);
	assert(a.role == b.role && a.ext_nexthop == b.ext_nexthop);
	assert(memcmp(a.add_path, b.add_path, sizeof(a.add_path)) == 0);
}

static void
message(const struct bgp_codec *c, enum bgp_type type, struct bytes body)
{
	uint8_t room[BGP_MESSAGE_MAX];
	struct wr w = wr_of(room, sizeof(room));
	struct bgp_error e;
	struct bgp_refresh r;

	switch (type) {
	case BGP_TYPE_OPEN:
		open(body);
		break;
	case BGP_TYPE_UPDATE:
		update(c, body);
		break;
	case BGP_TYPE_NOTIFICATION:
		bgp_notification_decode(body, &e);
		(void)bgp_shutdown_text(&e);
		assert(bgp_error_text(e.code, e.subcode));
		bgp_notification_encode(&w, &e);
		assert(!w.bad);
		break;
	case BGP_TYPE_REFRESH:
		(void)bgp_refresh_decode(body, &r, &e);
		break;
	case BGP_TYPE_KEEPALIVE:
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bgp_codec c;
	struct rd r;

	if (n == 0)
		return 0;
	c = codec_of(data[0]);
	r = rd_of(bytes_of(data + 1, n - 1));
	while (rd_left(&r) >= BGP_HEADER) {
		const uint8_t *head = rd_take(&r, BGP_HEADER);
		struct bgp_header h;
		struct bgp_error e;
		struct bytes body;

		if (!bgp_header_decode(head, c.ext_message, &h, &e))
			return 0;
		body = rd_bytes(&r, h.length - (size_t)BGP_HEADER);
		if (!r.bad)
			message(&c, (enum bgp_type)h.type, body);
	}
	return 0;
}
