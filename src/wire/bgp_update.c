/* SPDX-License-Identifier: ISC */
/*
 * Decoding of UPDATE.  One row for each attribute says how it must look and
 * what RFC 7606 does when it does not; checks that a length alone cannot
 * express are functions of the row.  The walk over the attributes, the checks
 * on the whole message and the NLRI come after.
 */
#include "wire/bgp_update.h"

struct decoder {
	const struct bgp_codec *c;
	struct bgp_update *u;
	uint32_t seen[8];		/* a bit for each code */
	bool has_reach;			/* MP_REACH with NLRI, of any family */
};

struct attr_row;

/* Returns NULL when the value is fine, else what is wrong with it. */
typedef const char *attr_check(struct decoder *d, struct bytes v);

struct attr_row {
	const char *name;
	uint8_t flags;			/* BGP_OPTIONAL | BGP_TRANSITIVE */
	uint8_t length;			/* exact; ANY_LENGTH: not checked */
	uint8_t unit;			/* or a multiple of it, but not 0 */
	uint8_t from;			/* peers that may send it, a mask */
	uint8_t on_error;		/* enum bgp_verdict */
	uint8_t subcode;		/* when check finds fault */
	attr_check *check;
};

#define ANY_LENGTH	255
#define WELL_KNOWN	BGP_TRANSITIVE
#define FROM(type)	(1u << (type))
#define FROM_ALL	(FROM(BGP_EBGP) | FROM(BGP_IBGP) | FROM(BGP_CONFED))

/* Keeps the strongest verdict, the first one of equals. */
static void
judge(struct decoder *d, enum bgp_verdict v, uint8_t attr,
    struct bgp_error error, const char *why)
{
	if (v <= d->u->verdict)
		return;
	d->u->verdict = v;
	d->u->bad_attr = attr;
	d->u->error = error;
	d->u->why = why;
}

static struct bgp_error
update_error(uint8_t subcode, struct bytes data)
{
	return bgp_error_of(BGP_ERR_UPDATE, subcode, data);
}

static const char *
check_origin(struct decoder *d, struct bytes v)
{
	(void)d;
	return v.p[0] > BGP_ORIGIN_INCOMPLETE ? "invalid value" : NULL;
}

/* RFC 7606 7.2, RFC 7607 and, for confederations, RFC 5065 section 5. */
static const char *
aspath_fault(struct bytes v, bool as4, bool confed_ok)
{
	struct rd r = rd_of(v);
	struct bgp_aspath_seg seg;

	while (bgp_aspath_next(&r, as4, &seg)) {
		if (seg.type >= BGP_AS_CONFED_SEQUENCE && !confed_ok)
			return "confederation segment from outside";
		for (size_t i = 0; i < seg.asns.n; i += as4 ? 4 : 2) {
			if ((as4 ? be32_get(seg.asns.p + i) :
			    be16_get(seg.asns.p + i)) == 0)
				return "AS 0";
		}
	}
	return r.bad ? "malformed segment" : NULL;
}

static const char *
check_aspath(struct decoder *d, struct bytes v)
{
	return aspath_fault(v, d->c->as4, d->c->confed);
}

static const char *
check_next_hop(struct decoder *d, struct bytes v)
{
	d->u->next_hop = ip_from4(v.p);
	return NULL;
}

static const char *
check_aggregator(struct decoder *d, struct bytes v)
{
	if (v.n != (d->c->as4 ? 8 : 6))
		return "invalid length";
	if ((d->c->as4 ? be32_get(v.p) : be16_get(v.p)) == 0)
		return "AS 0";
	return NULL;
}

/* RFC 6793 sections 3 and 6: only from an old speaker. */
static const char *
check_as4_path(struct decoder *d, struct bytes v)
{
	if (d->c->as4)
		return "from a 4-octet speaker";
	if (v.n < 6)
		return "invalid length";
	return aspath_fault(v, true, true);
}

static const char *
check_as4_aggregator(struct decoder *d, struct bytes v)
{
	if (d->c->as4)
		return "from a 4-octet speaker";
	return be32_get(v.p) == 0 ? "AS 0" : NULL;
}

/* RFC 7311 section 3: TLVs; the first of type 1 has 11 octets. */
static const char *
check_aigp(struct decoder *d, struct bytes v)
{
	struct rd r = rd_of(v);

	if (!d->c->aigp)
		return "not enabled on this session";
	while (rd_left(&r)) {
		const uint8_t type = rd_u8(&r);
		const uint16_t n = rd_be16(&r);

		if (n < 3 || (type == 1 && n != 11))
			return "malformed TLV";
		rd_take(&r, n - 3u);
	}
	return r.bad ? "malformed TLV" : NULL;
}

/* RFC 8669 section 6: we only see that its TLVs fit. */
static const char *
check_prefix_sid(struct decoder *d, struct bytes v)
{
	struct rd r = rd_of(v);

	(void)d;
	do {
		rd_u8(&r);
		rd_take(&r, rd_be16(&r));
	} while (rd_left(&r));
	return r.bad ? "malformed TLV" : NULL;
}

/* A walk over NLRI that makes nothing of them. */
static bool
nlri_valid(struct bytes b, unsigned max, bool add_path)
{
	struct rd r = rd_of(b);

	while (rd_left(&r)) {
		unsigned bits;

		if (add_path)
			rd_take(&r, 4);
		bits = rd_u8(&r);
		if (bits > max)
			return false;
		rd_take(&r, (bits + 7) / 8);
	}
	return !r.bad;
}

static bool
fam_nlri_valid(const struct bgp_codec *c, enum bgp_fam fam, struct bytes b)
{
	return nlri_valid(b, bgp_fam_is4(fam) ? 32 : 128,
	    c->add_path_rx & BGP_FAM_BIT(fam));
}

/* Some peers put a link-local address where the global one should be. */
static void
reach_set_hops(struct bgp_reach *m, struct ip a, struct ip b)
{
	m->next_hop = a;
	m->link_local = ip_is_link_local(b) ? b : IP_NONE;
	if (ip_is_link_local(a)) {
		if (ip_is_none(m->link_local))
			m->link_local = a;
		m->next_hop = IP_NONE;
	}
}

/*
 * The length tells an IPv6 next hop of IPv4 routes wherever it stands, so
 * the NLRI behind it can be found even where RFC 8950 was not agreed on, and
 * RFC 7606 7.11 has no need for a reset: some speakers send such routes on
 * any session over IPv6.
 */
static bool
reach_hops(struct decoder *d, struct bgp_reach *m, struct bytes nh)
{
	if (nh.n == 4 && bgp_fam_is4(m->fam)) {
		m->next_hop = ip_from4(nh.p);
		return true;
	}
	if (nh.n != 16 && nh.n != 32)
		return false;
	reach_set_hops(m, ip_from6(nh.p), nh.n == 32 ?
	    ip_from6(nh.p + 16) : IP_NONE);
	if (bgp_fam_is4(m->fam) &&
	    !(d->c->ext_nexthop & BGP_FAM_BIT(m->fam)))
		judge(d, BGP_WITHDRAW, BGP_ATTR_MP_REACH, update_error(
		    BGP_UPDATE_OPTIONAL, bytes_of(NULL, 0)),
		    "IPv6 next hop not agreed on");
	return true;
}

static const char *
check_mp_reach(struct decoder *d, struct bytes v)
{
	struct bgp_reach m = { .there = true };
	struct rd r = rd_of(v);
	const uint16_t afi = rd_be16(&r);
	const uint8_t safi = rd_u8(&r);
	const struct bytes nh = rd_bytes(&r, rd_u8(&r));

	rd_u8(&r);		/* reserved */
	m.fam = bgp_fam_of(afi, safi);
	m.nlri = rd_bytes(&r, rd_left(&r));
	if (r.bad)
		return "too short";
	d->has_reach = m.nlri.n != 0;
	if (m.fam == BGP_NFAMS || !(d->c->families & BGP_FAM_BIT(m.fam))) {
		d->u->ignored_family = true;
		return NULL;
	}
	if (!reach_hops(d, &m, nh))
		return "invalid next hop length";
	if (!fam_nlri_valid(d->c, m.fam, m.nlri))
		return "invalid NLRI";
	d->u->reach = m;
	return NULL;
}

static const char *
check_mp_unreach(struct decoder *d, struct bytes v)
{
	struct bgp_unreach m = { .there = true };
	struct rd r = rd_of(v);
	const uint16_t afi = rd_be16(&r);

	m.fam = bgp_fam_of(afi, rd_u8(&r));
	m.nlri = rd_bytes(&r, rd_left(&r));
	if (r.bad)
		return "too short";
	if (m.fam == BGP_NFAMS || !(d->c->families & BGP_FAM_BIT(m.fam))) {
		d->u->ignored_family = true;
		return NULL;
	}
	if (!fam_nlri_valid(d->c, m.fam, m.nlri))
		return "invalid NLRI";
	d->u->unreach = m;
	return NULL;
}

#define TRANSITIVE	(BGP_OPTIONAL | BGP_TRANSITIVE)

static const struct attr_row rows[] = {
	[BGP_ATTR_ORIGIN] = { "ORIGIN", WELL_KNOWN, 1, 0, FROM_ALL,
	    BGP_WITHDRAW, BGP_UPDATE_ORIGIN, check_origin },
	[BGP_ATTR_AS_PATH] = { "AS_PATH", WELL_KNOWN, ANY_LENGTH, 0,
	    FROM_ALL, BGP_WITHDRAW, BGP_UPDATE_AS_PATH, check_aspath },
	[BGP_ATTR_NEXT_HOP] = { "NEXT_HOP", WELL_KNOWN, 4, 0, FROM_ALL,
	    BGP_WITHDRAW, BGP_UPDATE_NEXT_HOP, check_next_hop },
	[BGP_ATTR_MED] = { "MULTI_EXIT_DISC", BGP_OPTIONAL, 4, 0, FROM_ALL,
	    BGP_WITHDRAW, 0, NULL },
	[BGP_ATTR_LOCAL_PREF] = { "LOCAL_PREF", WELL_KNOWN, 4, 0,
	    FROM(BGP_IBGP) | FROM(BGP_CONFED), BGP_WITHDRAW, 0, NULL },
	[BGP_ATTR_ATOMIC_AGGREGATE] = { "ATOMIC_AGGREGATE", WELL_KNOWN, 0, 0,
	    FROM_ALL, BGP_DISCARD, 0, NULL },
	[BGP_ATTR_AGGREGATOR] = { "AGGREGATOR", TRANSITIVE, ANY_LENGTH, 0,
	    FROM_ALL, BGP_DISCARD, BGP_UPDATE_OPTIONAL, check_aggregator },
	[BGP_ATTR_COMMUNITIES] = { "COMMUNITIES", TRANSITIVE, ANY_LENGTH, 4,
	    FROM_ALL, BGP_WITHDRAW, 0, NULL },
	[BGP_ATTR_ORIGINATOR_ID] = { "ORIGINATOR_ID", BGP_OPTIONAL, 4, 0,
	    FROM(BGP_IBGP), BGP_WITHDRAW, 0, NULL },
	[BGP_ATTR_CLUSTER_LIST] = { "CLUSTER_LIST", BGP_OPTIONAL, ANY_LENGTH,
	    4, FROM(BGP_IBGP), BGP_WITHDRAW, 0, NULL },
	[BGP_ATTR_MP_REACH] = { "MP_REACH_NLRI", BGP_OPTIONAL, ANY_LENGTH, 0,
	    FROM_ALL, BGP_RESET, BGP_UPDATE_OPTIONAL, check_mp_reach },
	[BGP_ATTR_MP_UNREACH] = { "MP_UNREACH_NLRI", BGP_OPTIONAL,
	    ANY_LENGTH, 0, FROM_ALL, BGP_RESET, BGP_UPDATE_OPTIONAL,
	    check_mp_unreach },
	[BGP_ATTR_EXT_COMMUNITIES] = { "EXTENDED COMMUNITIES", TRANSITIVE,
	    ANY_LENGTH, 8, FROM_ALL, BGP_WITHDRAW, 0, NULL },
	[BGP_ATTR_AS4_PATH] = { "AS4_PATH", TRANSITIVE, ANY_LENGTH, 0,
	    FROM_ALL, BGP_DISCARD, BGP_UPDATE_OPTIONAL, check_as4_path },
	[BGP_ATTR_AS4_AGGREGATOR] = { "AS4_AGGREGATOR", TRANSITIVE, 8, 0,
	    FROM_ALL, BGP_DISCARD, BGP_UPDATE_OPTIONAL,
	    check_as4_aggregator },
	[BGP_ATTR_IP6_EXT_COMMUNITIES] = { "IPV6 EXTENDED COMMUNITIES",
	    TRANSITIVE, ANY_LENGTH, 20, FROM_ALL, BGP_WITHDRAW, 0, NULL },
	[BGP_ATTR_AIGP] = { "AIGP", BGP_OPTIONAL, ANY_LENGTH, 0, FROM_ALL,
	    BGP_DISCARD, BGP_UPDATE_OPTIONAL, check_aigp },
	[BGP_ATTR_LARGE_COMMUNITIES] = { "LARGE COMMUNITIES", TRANSITIVE,
	    ANY_LENGTH, 12, FROM_ALL, BGP_WITHDRAW, 0, NULL },
	[BGP_ATTR_OTC] = { "ONLY_TO_CUSTOMER", TRANSITIVE, 4, 0, FROM_ALL,
	    BGP_WITHDRAW, 0, NULL },
	[BGP_ATTR_PREFIX_SID] = { "PREFIX_SID", TRANSITIVE, ANY_LENGTH, 0,
	    FROM_ALL, BGP_DISCARD, BGP_UPDATE_OPTIONAL, check_prefix_sid },
};

static const struct attr_row *
row_of(uint8_t code)
{
	const size_t n = sizeof(rows) / sizeof(rows[0]);

	return code < n && rows[code].name ? &rows[code] : NULL;
}

const char *
bgp_attr_name(uint8_t code)
{
	const struct attr_row *row = row_of(code);

	return row ? row->name : NULL;
}

uint8_t
bgp_attr_flags(uint8_t code)
{
	const struct attr_row *row = row_of(code);

	return row ? row->flags : TRANSITIVE;
}

static void
attr_keep(struct bgp_update *u, const struct bgp_attr *a)
{
	unsigned i = u->n_attrs++;

	for (; i > 0 && u->attrs[i - 1].code > a->code; i--)
		u->attrs[i] = u->attrs[i - 1];
	u->attrs[i] = *a;
}

static bool
length_ok(const struct attr_row *row, size_t n)
{
	if (row->length != ANY_LENGTH && n != row->length)
		return false;
	return row->unit == 0 || (n != 0 && n % row->unit == 0);
}

/* Known to us.  raw is the whole attribute, for the NOTIFICATION. */
static void
attr_known(struct decoder *d, const struct attr_row *row,
    const struct bgp_attr *a, struct bytes raw)
{
	const char *why = NULL;

	if (!(row->from & FROM(d->c->peer)) &&
	    !(a->code == BGP_ATTR_LOCAL_PREF && d->c->local_pref)) {
		judge(d, BGP_DISCARD, a->code, update_error(
		    BGP_UPDATE_OPTIONAL, raw), "not from such a neighbor");
		return;
	}
	/*
	 * RFC 7606 3 (c), also where a bad value would mean less; but AIGP's
	 * own specification has it thrown away (RFC 7311 3.2).
	 */
	if ((a->flags ^ row->flags) & (BGP_OPTIONAL | BGP_TRANSITIVE)) {
		judge(d, a->code == BGP_ATTR_AIGP ? BGP_DISCARD : BGP_WITHDRAW,
		    a->code, update_error(BGP_UPDATE_FLAGS, raw),
		    "conflicting flags");
		if (a->code == BGP_ATTR_AIGP)
			return;
	}
	if (!length_ok(row, a->value.n)) {
		judge(d, row->on_error, a->code, update_error(
		    BGP_UPDATE_LENGTH, raw), "invalid length");
		return;
	}
	if (row->check)
		why = row->check(d, a->value);
	if (why) {
		judge(d, row->on_error, a->code, update_error(row->subcode,
		    raw), why);
	} else if (a->code != BGP_ATTR_MP_REACH &&
	    a->code != BGP_ATTR_MP_UNREACH) {
		attr_keep(d->u, a);
	}
}

/* RFC 4271 section 5, for what nobody told us about. */
static void
attr_unknown(struct decoder *d, struct bgp_attr *a, struct bytes raw)
{
	if (!(a->flags & BGP_OPTIONAL)) {
		judge(d, BGP_RESET, a->code, update_error(
		    BGP_UPDATE_WELL_KNOWN, raw), "unknown well-known");
	} else if (!(a->flags & BGP_TRANSITIVE)) {
		judge(d, BGP_DISCARD, a->code, update_error(
		    BGP_UPDATE_OPTIONAL, raw), "unknown, not transitive");
	} else {
		a->flags |= BGP_PARTIAL;
		attr_keep(d->u, a);
	}
}

/* RFC 7606 3 (g): the first counts, but two MP_REACH cannot be told apart. */
static bool
attr_is_again(struct decoder *d, uint8_t code)
{
	uint32_t *word = &d->seen[code / 32];
	const uint32_t bit = 1u << code % 32;

	if (!(*word & bit)) {
		*word |= bit;
		return false;
	}
	judge(d, code == BGP_ATTR_MP_REACH || code == BGP_ATTR_MP_UNREACH ?
	    BGP_RESET : BGP_DISCARD, code, update_error(BGP_UPDATE_LIST,
	    bytes_of(NULL, 0)), "there twice");
	return true;
}

/* RFC 7606 section 4: where a length overruns, the NLRI still stand. */
static void
attrs_decode(struct decoder *d, struct bytes b)
{
	struct rd r = rd_of(b);

	while (rd_left(&r)) {
		const uint8_t *start = r.p;
		struct bgp_attr a;
		const struct attr_row *row;
		struct bytes raw;

		a.flags = rd_u8(&r);
		a.code = rd_u8(&r);
		a.value = rd_bytes(&r, a.flags & BGP_EXTENDED ?
		    rd_be16(&r) : rd_u8(&r));
		if (r.bad)
			break;
		a.flags &= BGP_OPTIONAL | BGP_TRANSITIVE | BGP_PARTIAL;
		raw = bytes_of(start, (size_t)(r.p - start));
		if (attr_is_again(d, a.code))
			continue;
		row = row_of(a.code);
		if (row)
			attr_known(d, row, &a, raw);
		else
			attr_unknown(d, &a, raw);
	}
	if (r.bad)
		judge(d, BGP_WITHDRAW, 0, update_error(BGP_UPDATE_LENGTH,
		    bytes_of(NULL, 0)), "attribute runs over the end");
}

static bool
was_seen(const struct decoder *d, uint8_t code)
{
	return d->seen[code / 32] & 1u << code % 32;
}

/* RFC 7606 3 (d). */
static void
mandatory(struct decoder *d, uint8_t code)
{
	struct bgp_error e = { .code = BGP_ERR_UPDATE,
	    .subcode = BGP_UPDATE_MISSING, .n_own = 1, .own = { code } };

	if (!was_seen(d, code))
		judge(d, BGP_WITHDRAW, code, e, "missing");
}

static void
attr_drop(struct bgp_update *u, uint8_t code)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < u->n_attrs; i++) {
		if (u->attrs[i].code != code)
			u->attrs[kept++] = u->attrs[i];
	}
	u->n_attrs = kept;
}

/* RFC 6793 4.2.3: an old speaker has aggregated after the new ones. */
static void
drop_stale_as4(struct bgp_update *u)
{
	const struct bgp_attr *a = bgp_update_attr(u, BGP_ATTR_AGGREGATOR);

	if (!a || a->value.n != 6 || be16_get(a->value.p) == BGP_AS_TRANS ||
	    !bgp_update_attr(u, BGP_ATTR_AS4_AGGREGATOR))
		return;
	attr_drop(u, BGP_ATTR_AS4_AGGREGATOR);
	attr_drop(u, BGP_ATTR_AS4_PATH);
}

/* There are attributes, but none other than MP_UNREACH_NLRI. */
static bool
only_unreach(const struct decoder *d)
{
	for (unsigned i = 1; i < 8; i++) {
		if (d->seen[i])
			return false;
	}
	return d->seen[0] == 1u << BGP_ATTR_MP_UNREACH;
}

static void
attrs_judge(struct decoder *d)
{
	struct bgp_update *u = d->u;

	drop_stale_as4(u);
	if (u->nlri.n || d->has_reach) {
		mandatory(d, BGP_ATTR_ORIGIN);
		mandatory(d, BGP_ATTR_AS_PATH);
		if (u->nlri.n)
			mandatory(d, BGP_ATTR_NEXT_HOP);
	} else if (u->verdict == BGP_WITHDRAW && !only_unreach(d)) {
		/* Section 5.2: who knows what it was about? */
		judge(d, BGP_RESET, u->bad_attr, u->error, u->why);
	}
}

/* The two IPv4 fields, RFC 7606 5.3. */
static void
ip4_fields(struct decoder *d)
{
	struct bgp_update *u = d->u;
	const bool ours = d->c->families & BGP_FAM_BIT(BGP_FAM_IP4);
	const struct bgp_error e = update_error(BGP_UPDATE_NETWORK,
	    bytes_of(NULL, 0));

	if (!ours) {
		u->ignored_family |= u->withdrawn.n || u->nlri.n;
		u->withdrawn = u->nlri = bytes_of(NULL, 0);
		return;
	}
	if (!fam_nlri_valid(d->c, BGP_FAM_IP4, u->withdrawn))
		judge(d, BGP_RESET, 0, e, "invalid withdrawn routes");
	if (!fam_nlri_valid(d->c, BGP_FAM_IP4, u->nlri))
		judge(d, BGP_RESET, 0, e, "invalid NLRI");
}

enum bgp_verdict
bgp_update_decode(const struct bgp_codec *c, struct bytes body,
    struct bgp_update *ret)
{
	struct decoder d = { .c = c, .u = ret };
	struct rd r = rd_of(body);
	struct bytes attrs;

	/* All but the array, which n_attrs governs. */
	memset(ret, 0, offsetof(struct bgp_update, attrs));
	ret->withdrawn = rd_bytes(&r, rd_be16(&r));
	attrs = rd_bytes(&r, rd_be16(&r));
	ret->nlri = rd_bytes(&r, rd_left(&r));
	if (r.bad) {
		judge(&d, BGP_RESET, 0, update_error(BGP_UPDATE_LIST,
		    bytes_of(NULL, 0)), "lengths do not fit");
		return ret->verdict;
	}
	attrs_decode(&d, attrs);
	attrs_judge(&d);
	ip4_fields(&d);
	return ret->verdict;
}

bool
bgp_update_is_eor(const struct bgp_update *u, enum bgp_fam *ret_fam)
{
	if (u->verdict != BGP_OK || u->withdrawn.n || u->nlri.n ||
	    u->n_attrs || u->reach.there || u->ignored_family)
		return false;
	if (u->unreach.there && u->unreach.nlri.n)
		return false;
	*ret_fam = u->unreach.there ? u->unreach.fam : BGP_FAM_IP4;
	return true;
}

const struct bgp_attr *
bgp_update_attr(const struct bgp_update *u, uint8_t code)
{
	for (unsigned i = 0; i < u->n_attrs; i++) {
		if (u->attrs[i].code == code)
			return &u->attrs[i];
	}
	return NULL;
}
