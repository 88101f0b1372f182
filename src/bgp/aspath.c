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

bool
bgp_path_prepend(struct wr *w, struct bytes path, uint32_t asn)
{
	struct rd r = rd_of(path);
	struct bgp_aspath_seg seg = { 0 };

	wr_u8(w, BGP_AS_SEQUENCE);
	if (bgp_aspath_next(&r, true, &seg) && seg.type == BGP_AS_SEQUENCE &&
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
