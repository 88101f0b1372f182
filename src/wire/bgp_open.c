/* SPDX-License-Identifier: ISC */
#include "wire/bgp_open.h"

#define PARAM_CAPABILITIES	2
#define PARAM_EXTENDED		255	/* RFC 9072 section 2 */

/*
 * One capability: a parser that is true when the value is well formed, and a
 * writer of the value that is called when "offers" says so.  A capability
 * may be there more than once: the last one counts, but for those that add
 * up (MP).
 */
struct cap_row {
	uint8_t code;
	bool (*decode)(struct rd *r, struct bgp_open *o);
	bool (*offers)(const struct bgp_open *o);
	void (*encode)(struct wr *w, const struct bgp_open *o);
};

void
bgp_open_init(struct bgp_open *o)
{
	*o = (struct bgp_open){ .version = 4, .role = BGP_ROLE_NONE };
}

/* AFI, SAFI with an octet between them (RFC 4760) or none. */
static enum bgp_fam
read_fam(struct rd *r)
{
	const uint16_t afi = rd_be16(r);

	return bgp_fam_of(afi, rd_u8(r));
}

static void
write_fam(struct wr *w, unsigned fam)
{
	wr_be16(w, bgp_fam_afi((enum bgp_fam)fam));
	wr_u8(w, bgp_fam_safi((enum bgp_fam)fam));
}

static bool
mp_decode(struct rd *r, struct bgp_open *o)
{
	const uint16_t afi = rd_be16(r);
	enum bgp_fam fam;

	rd_u8(r);		/* reserved */
	fam = bgp_fam_of(afi, rd_u8(r));
	if (r->bad || rd_left(r))
		return false;
	o->has_mp = true;
	if (fam != BGP_NFAMS)
		o->families |= BGP_FAM_BIT(fam);
	return true;
}

static bool
refresh_decode(struct rd *r, struct bgp_open *o)
{
	o->refresh = true;
	return rd_left(r) == 0;
}

static bool
refresh_offers(const struct bgp_open *o)
{
	return o->refresh;
}

static bool
enhanced_decode(struct rd *r, struct bgp_open *o)
{
	o->enhanced_refresh = true;
	return rd_left(r) == 0;
}

static bool
enhanced_offers(const struct bgp_open *o)
{
	return o->enhanced_refresh;
}

static bool
ext_message_decode(struct rd *r, struct bgp_open *o)
{
	o->ext_message = true;
	return rd_left(r) == 0;
}

static bool
ext_message_offers(const struct bgp_open *o)
{
	return o->ext_message;
}

static void
nothing_encode(struct wr *w, const struct bgp_open *o)
{
	(void)w;
	(void)o;
}

/* AFI, SAFI as 16 bits, next hop's AFI: RFC 8950 section 4. */
static bool
ext_nexthop_decode(struct rd *r, struct bgp_open *o)
{
	uint8_t mask = 0;

	while (rd_left(r)) {
		const uint16_t afi = rd_be16(r);
		const uint16_t safi = rd_be16(r);
		const uint16_t nh = rd_be16(r);
		const enum bgp_fam fam = safi > 255 ? BGP_NFAMS :
		    bgp_fam_of(afi, (uint8_t)safi);

		if (fam != BGP_NFAMS && nh == BGP_AFI_IP6)
			mask |= BGP_FAM_BIT(fam);
	}
	o->ext_nexthop = mask;
	return !r->bad;
}

static bool
ext_nexthop_offers(const struct bgp_open *o)
{
	return o->ext_nexthop != 0;
}

static void
ext_nexthop_encode(struct wr *w, const struct bgp_open *o)
{
	for (unsigned f = 0; f < BGP_NFAMS; f++) {
		if (!(o->ext_nexthop & BGP_FAM_BIT(f)))
			continue;
		wr_be16(w, bgp_fam_afi((enum bgp_fam)f));
		wr_be16(w, bgp_fam_safi((enum bgp_fam)f));
		wr_be16(w, BGP_AFI_IP6);
	}
}

static bool
role_decode(struct rd *r, struct bgp_open *o)
{
	const uint8_t role = rd_u8(r);

	o->role = o->role == BGP_ROLE_NONE || o->role == role ? role :
	    BGP_ROLE_CONFLICT;
	return !r->bad && rd_left(r) == 0;
}

static bool
role_offers(const struct bgp_open *o)
{
	return o->role != BGP_ROLE_NONE;
}

static void
role_encode(struct wr *w, const struct bgp_open *o)
{
	wr_u8(w, o->role);
}

/* Flags and 12 bits of time, then AFI, SAFI, flags: RFC 4724 section 3. */
static bool
gr_decode(struct rd *r, struct bgp_open *o)
{
	const uint16_t head = rd_be16(r);

	o->has_gr = true;
	o->gr_restarting = head & 0x8000;
	o->gr_notification = head & 0x4000;
	o->gr_time = head & 0x0fff;
	o->gr_families = o->gr_forwarding = 0;
	while (rd_left(r)) {
		const enum bgp_fam fam = read_fam(r);
		const uint8_t flags = rd_u8(r);

		if (fam == BGP_NFAMS)
			continue;
		o->gr_families |= BGP_FAM_BIT(fam);
		if (flags & 0x80)
			o->gr_forwarding |= BGP_FAM_BIT(fam);
	}
	return !r->bad;
}

static bool
gr_offers(const struct bgp_open *o)
{
	return o->has_gr;
}

static void
gr_encode(struct wr *w, const struct bgp_open *o)
{
	wr_be16(w, (uint16_t)((o->gr_restarting ? 0x8000 : 0) |
	    (o->gr_notification ? 0x4000 : 0) | (o->gr_time & 0x0fff)));
	for (unsigned f = 0; f < BGP_NFAMS; f++) {
		if (!(o->gr_families & BGP_FAM_BIT(f)))
			continue;
		write_fam(w, f);
		wr_u8(w, o->gr_forwarding & BGP_FAM_BIT(f) ? 0x80 : 0);
	}
}

static bool
as4_decode(struct rd *r, struct bgp_open *o)
{
	o->as4 = true;
	o->asn = rd_be32(r);
	return !r->bad && rd_left(r) == 0;
}

static bool
as4_offers(const struct bgp_open *o)
{
	return o->as4;
}

static void
as4_encode(struct wr *w, const struct bgp_open *o)
{
	wr_be32(w, o->asn);
}

/* A value that is not 1, 2 or 3 is ignored: RFC 7911 section 4. */
static bool
add_path_decode(struct rd *r, struct bgp_open *o)
{
	memset(o->add_path, 0, sizeof(o->add_path));
	while (rd_left(r)) {
		const enum bgp_fam fam = read_fam(r);
		const uint8_t how = rd_u8(r);

		if (fam != BGP_NFAMS && how <= 3)
			o->add_path[fam] = how;
	}
	return !r->bad;
}

static bool
add_path_offers(const struct bgp_open *o)
{
	for (unsigned f = 0; f < BGP_NFAMS; f++) {
		if (o->add_path[f])
			return true;
	}
	return false;
}

static void
add_path_encode(struct wr *w, const struct bgp_open *o)
{
	for (unsigned f = 0; f < BGP_NFAMS; f++) {
		if (!o->add_path[f])
			continue;
		write_fam(w, f);
		wr_u8(w, o->add_path[f]);
	}
}

/* AFI, SAFI, flags, 24 bits of time: RFC 9494 section 3.1. */
static bool
llgr_decode(struct rd *r, struct bgp_open *o)
{
	o->has_llgr = true;
	o->llgr_families = o->llgr_forwarding = 0;
	while (rd_left(r)) {
		const enum bgp_fam fam = read_fam(r);
		const uint32_t word = rd_be32(r);

		if (fam == BGP_NFAMS)
			continue;
		o->llgr_families |= BGP_FAM_BIT(fam);
		o->llgr_time[fam] = word & 0xffffff;
		if (word & 0x80000000)
			o->llgr_forwarding |= BGP_FAM_BIT(fam);
	}
	return !r->bad;
}

static bool
llgr_offers(const struct bgp_open *o)
{
	return o->has_llgr;
}

static void
llgr_encode(struct wr *w, const struct bgp_open *o)
{
	for (unsigned f = 0; f < BGP_NFAMS; f++) {
		if (!(o->llgr_families & BGP_FAM_BIT(f)))
			continue;
		write_fam(w, f);
		wr_be32(w, (o->llgr_forwarding & BGP_FAM_BIT(f) ?
		    0x80000000 : 0) | (o->llgr_time[f] & 0xffffff));
	}
}

/* For people to read: what cannot be printed becomes a question mark. */
static void
read_name(struct rd *r, char name[BGP_HOSTNAME_MAX + 1])
{
	const struct bytes b = rd_bytes(r, rd_u8(r));
	const size_t n = b.n < BGP_HOSTNAME_MAX ? b.n : BGP_HOSTNAME_MAX;

	for (size_t i = 0; i < n; i++)
		name[i] = b.p[i] > 0x20 && b.p[i] < 0x7f ? (char)b.p[i] : '?';
	name[n] = '\0';
}

static bool
hostname_decode(struct rd *r, struct bgp_open *o)
{
	read_name(r, o->hostname);
	read_name(r, o->domain);
	return !r->bad;
}

static bool
hostname_offers(const struct bgp_open *o)
{
	return o->hostname[0] != '\0';
}

static void
hostname_encode(struct wr *w, const struct bgp_open *o)
{
	const struct bytes host = bytes_str(o->hostname);
	const struct bytes domain = bytes_str(o->domain);

	wr_u8(w, (uint8_t)host.n);
	wr_bytes(w, host);
	wr_u8(w, (uint8_t)domain.n);
	wr_bytes(w, domain);
}

static const struct cap_row cap_rows[] = {
	{ BGP_CAP_MP, mp_decode, NULL, NULL },	/* one for each family */
	{ BGP_CAP_REFRESH, refresh_decode, refresh_offers, nothing_encode },
	{ BGP_CAP_EXT_NEXTHOP, ext_nexthop_decode, ext_nexthop_offers,
	    ext_nexthop_encode },
	{ BGP_CAP_EXT_MESSAGE, ext_message_decode, ext_message_offers,
	    nothing_encode },
	{ BGP_CAP_ROLE, role_decode, role_offers, role_encode },
	{ BGP_CAP_GR, gr_decode, gr_offers, gr_encode },
	{ BGP_CAP_AS4, as4_decode, as4_offers, as4_encode },
	{ BGP_CAP_ADD_PATH, add_path_decode, add_path_offers,
	    add_path_encode },
	{ BGP_CAP_ENHANCED_REFRESH, enhanced_decode, enhanced_offers,
	    nothing_encode },
	{ BGP_CAP_LLGR, llgr_decode, llgr_offers, llgr_encode },
	{ BGP_CAP_HOSTNAME, hostname_decode, hostname_offers,
	    hostname_encode },
};
#define N_CAP_ROWS	(sizeof(cap_rows) / sizeof(cap_rows[0]))

static bool
cap_decode(const struct bgp_cap *cap, struct bgp_open *o)
{
	for (size_t i = 0; i < N_CAP_ROWS; i++) {
		if (cap_rows[i].code == cap->code) {
			struct rd r = rd_of(cap->value);

			return cap_rows[i].decode(&r, o);
		}
	}
	return true;		/* unknown: no error, RFC 5492 section 3 */
}

struct bgp_cap_iter
bgp_cap_iter_of(const struct bgp_open *o)
{
	return (struct bgp_cap_iter){ .params = rd_of(o->params),
	    .caps = rd_of(bytes_of(NULL, 0)), .ext = o->params_ext };
}

/* Steps to the next parameter; false at the end or when it is broken. */
static bool
param_next(struct rd *r, bool ext, uint8_t *ret_type, struct rd *ret)
{
	if (!rd_left(r))
		return false;
	*ret_type = rd_u8(r);
	*ret = rd_sub(r, ext ? rd_be16(r) : rd_u8(r));
	return !r->bad;
}

bool
bgp_cap_next(struct bgp_cap_iter *it, struct bgp_cap *ret)
{
	uint8_t type;

	while (!rd_left(&it->caps)) {
		if (it->caps.bad)
			return false;
		if (!param_next(&it->params, it->ext, &type, &it->caps))
			return false;
		if (type != PARAM_CAPABILITIES)
			it->caps = rd_of(bytes_of(NULL, 0));
	}
	ret->code = rd_u8(&it->caps);
	ret->value = rd_bytes(&it->caps, rd_u8(&it->caps));
	return !it->caps.bad;
}

/* A parameter that is not the capabilities is refused: RFC 4271 6.2. */
static bool
params_ok(const struct bgp_open *o, struct bgp_error *ret_err)
{
	struct rd r = rd_of(o->params), body;
	uint8_t type;

	while (param_next(&r, o->params_ext, &type, &body)) {
		if (type != PARAM_CAPABILITIES) {
			*ret_err = bgp_error_of(BGP_ERR_OPEN, BGP_OPEN_PARAM,
			    bytes_of(NULL, 0));
			return false;
		}
	}
	*ret_err = bgp_error_of(BGP_ERR_OPEN, 0, bytes_of(NULL, 0));
	return !r.bad;
}

static bool
caps_decode(struct bgp_open *o, struct bgp_error *ret_err)
{
	struct bgp_cap_iter it = bgp_cap_iter_of(o);
	struct bgp_cap cap;
	const uint16_t as2 = (uint16_t)o->asn;

	if (!params_ok(o, ret_err))
		return false;
	while (bgp_cap_next(&it, &cap)) {
		if (!cap_decode(&cap, o))
			return false;
	}
	if (it.caps.bad)
		return false;
	if (!o->has_mp)		/* RFC 4760 section 8 */
		o->families = BGP_FAM_BIT(BGP_FAM_IP4);
	/* The two fields must agree, RFC 6793 section 4.1; AS 0, RFC 7607. */
	if (o->asn == 0 || as2 == 0 || (o->as4 && as2 != BGP_AS_TRANS &&
	    as2 != o->asn)) {
		*ret_err = bgp_error_of(BGP_ERR_OPEN, BGP_OPEN_AS,
		    bytes_of(NULL, 0));
		return false;
	}
	return true;
}

/*
 * RFC 9072: parameter length 255 (or any but 0) followed by type 255 means
 * that a 16-bit length follows.
 */
static void
read_params(struct rd *r, struct bgp_open *o)
{
	size_t n = rd_u8(r);

	if (n && rd_left(r) && *r->p == PARAM_EXTENDED) {
		o->params_ext = true;
		rd_u8(r);
		n = rd_be16(r);
	}
	o->params = rd_bytes(r, n);
	if (rd_left(r))
		r->bad = true;
}

static bool
fields_ok(const struct bgp_open *o, struct bgp_error *ret_err)
{
	if (o->version != 4) {
		*ret_err = bgp_error_u16(BGP_ERR_OPEN, BGP_OPEN_VERSION, 4);
		return false;
	}
	if (o->hold == 1 || o->hold == 2) {
		*ret_err = bgp_error_u16(BGP_ERR_OPEN, BGP_OPEN_HOLD, o->hold);
		return false;
	}
	if (o->id == 0) {	/* RFC 6286: any other is fine */
		*ret_err = bgp_error_of(BGP_ERR_OPEN, BGP_OPEN_ID,
		    bytes_of(NULL, 0));
		return false;
	}
	return true;
}

bool
bgp_open_decode(struct bytes body, struct bgp_open *ret,
    struct bgp_error *ret_err)
{
	struct rd r = rd_of(body);

	bgp_open_init(ret);
	ret->version = rd_u8(&r);
	ret->asn = rd_be16(&r);
	ret->hold = rd_be16(&r);
	ret->id = rd_be32(&r);
	if (!r.bad && !fields_ok(ret, ret_err))
		return false;
	read_params(&r, ret);
	if (r.bad) {
		*ret_err = bgp_error_of(BGP_ERR_OPEN, 0, bytes_of(NULL, 0));
		return false;
	}
	return caps_decode(ret, ret_err);
}

static void
cap_encode(struct wr *w, uint8_t code, const struct cap_row *row,
    const struct bgp_open *o)
{
	uint8_t *head = wr_take(w, 2);

	row->encode(w, o);
	if (w->bad)
		return;
	head[0] = code;
	head[1] = (uint8_t)(w->p - head - 2);
}

/* Bare capabilities, without any parameter around them. */
static void
caps_encode(struct wr *w, const struct bgp_open *o)
{
	for (unsigned f = 0; f < BGP_NFAMS; f++) {
		if (!(o->families & BGP_FAM_BIT(f)))
			continue;
		wr_u8(w, BGP_CAP_MP);
		wr_u8(w, 4);
		wr_be16(w, bgp_fam_afi((enum bgp_fam)f));
		wr_u8(w, 0);
		wr_u8(w, bgp_fam_safi((enum bgp_fam)f));
	}
	for (size_t i = 0; i < N_CAP_ROWS; i++) {
		if (cap_rows[i].offers && cap_rows[i].offers(o))
			cap_encode(w, cap_rows[i].code, &cap_rows[i], o);
	}
}

/* One parameter with all capabilities; extended only where it must be. */
static void
params_encode(struct wr *w, struct bytes caps)
{
	if (caps.n == 0) {
		wr_u8(w, 0);
	} else if (caps.n + 2 < PARAM_EXTENDED) {
		wr_u8(w, (uint8_t)(caps.n + 2));
		wr_u8(w, PARAM_CAPABILITIES);
		wr_u8(w, (uint8_t)caps.n);
	} else {
		wr_u8(w, PARAM_EXTENDED);
		wr_u8(w, PARAM_EXTENDED);
		wr_be16(w, (uint16_t)(caps.n + 3));
		wr_u8(w, PARAM_CAPABILITIES);
		wr_be16(w, (uint16_t)caps.n);
	}
	wr_bytes(w, caps);
}

void
bgp_open_encode(struct wr *w, const struct bgp_open *o)
{
	uint8_t room[1024];
	struct wr caps = wr_of(room, sizeof(room));
	uint8_t *mark = bgp_message_begin(w, BGP_TYPE_OPEN);

	if (!o->silent)
		caps_encode(&caps, o);
	if (caps.bad)
		w->bad = true;
	wr_u8(w, o->version);
	wr_be16(w, o->asn > 0xffff ? BGP_AS_TRANS : (uint16_t)o->asn);
	wr_be16(w, o->hold);
	wr_be32(w, o->id);
	params_encode(w, bytes_of(room, wr_len(&caps)));
	bgp_message_end(w, mark);
}

const char *
bgp_role_text(uint8_t role)
{
	static const char *const names[BGP_NROLES] = {
		[BGP_ROLE_PROVIDER] = "provider",
		[BGP_ROLE_RS] = "rs_server",
		[BGP_ROLE_RS_CLIENT] = "rs_client",
		[BGP_ROLE_CUSTOMER] = "customer",
		[BGP_ROLE_PEER] = "peer",
	};

	return role < BGP_NROLES ? names[role] :
	    role == BGP_ROLE_NONE ? "none" : "unknown";
}
