/* SPDX-License-Identifier: ISC */
#include "bgp/neighbour_impl.h"

unsigned
bgp_path_count(struct bytes path, uint32_t asn)
{
	struct rd r = rd_of(path);
	struct bgp_aspath_seg seg;
	unsigned n = 0;

	while (bgp_aspath_next(&r, true, &seg))
		for (unsigned i = 0; i < seg.n; i++)
			n += be32_get(seg.asns.p + 4 * i) == asn;
	return n;
}

uint32_t
bgp_path_first(struct bytes path)
{
	struct rd r = rd_of(path);
	struct bgp_aspath_seg seg;

	if (!bgp_aspath_next(&r, true, &seg) || seg.n == 0 ||
	    (seg.type != BGP_AS_SEQUENCE &&
	    seg.type != BGP_AS_CONFED_SEQUENCE))
		return 0;
	return be32_get(seg.asns.p);
}

struct bytes
bgp_path_outside(struct bytes path)
{
	struct rd r = rd_of(path);
	struct bgp_aspath_seg seg;
	size_t at = 0;

	while (bgp_aspath_next(&r, true, &seg) &&
	    seg.type >= BGP_AS_CONFED_SEQUENCE)
		at += 2 + seg.asns.n;
	return bytes_of(path.p + at, path.n - at);
}

/*
 * A filter's prepend stands before the confederation's segments, so they may
 * be anywhere.
 */
bool
bgp_path_strip(struct wr *w, struct bytes path)
{
	struct rd r = rd_of(path);
	struct bgp_aspath_seg seg;

	while (bgp_aspath_next(&r, true, &seg))
		if (seg.type < BGP_AS_CONFED_SEQUENCE)
			wr_bytes(w, bytes_of(seg.asns.p - 2, seg.asns.n + 2));
	return !w->bad;
}

uint32_t
bgp_path_first_outside(struct bytes path)
{
	return bgp_path_first(bgp_path_outside(path));
}

bool
bgp_path_prepend(struct wr *w, struct bytes path, uint8_t type, uint32_t asn)
{
	struct rd r = rd_of(path);
	struct bgp_aspath_seg seg = { 0 };

	wr_u8(w, type);
	if (bgp_aspath_next(&r, true, &seg) && seg.type == type &&
	    seg.n < 255) {
		wr_u8(w, (uint8_t)(seg.n + 1));
		wr_be32(w, asn);
		path = bytes_of(path.p + 2, path.n - 2);
	} else {
		wr_u8(w, 1);
		wr_be32(w, asn);
	}
	wr_bytes(w, path);
	return !w->bad;
}

bool
bgp_path_has_set(struct bytes path)
{
	struct rd r = rd_of(path);
	struct bgp_aspath_seg seg;

	while (bgp_aspath_next(&r, true, &seg))
		if (seg.type == BGP_AS_SET || seg.type == BGP_AS_CONFED_SET)
			return true;
	return false;
}
