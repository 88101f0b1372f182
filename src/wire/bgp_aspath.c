/* SPDX-License-Identifier: ISC */
/* AS paths: walking, counting, and the two widths of RFC 6793. */
#include "wire/bgp_update.h"

static bool
is_confed(const struct bgp_aspath_seg *seg)
{
	return seg->type >= BGP_AS_CONFED_SEQUENCE;
}

static unsigned
seg_hops(const struct bgp_aspath_seg *seg)
{
	if (is_confed(seg))
		return 0;
	return seg->type == BGP_AS_SET ? 1 : seg->n;
}

bool
bgp_aspath_wide(struct bytes path4)
{
	struct rd r = rd_of(path4);
	struct bgp_aspath_seg seg;

	while (bgp_aspath_next(&r, true, &seg)) {
		for (size_t i = 0; i < seg.n; i++) {
			if (be32_get(seg.asns.p + 4 * i) > 0xffff)
				return true;
		}
	}
	return false;
}

unsigned
bgp_aspath_hops(struct bytes path, bool as4)
{
	struct rd r = rd_of(path);
	struct bgp_aspath_seg seg;
	unsigned hops = 0;

	while (bgp_aspath_next(&r, as4, &seg))
		hops += seg_hops(&seg);
	return hops;
}

/* The first n numbers of a 2-octet segment. */
static void
put_wide(struct wr *w, const struct bgp_aspath_seg *seg, unsigned n)
{
	wr_u8(w, seg->type);
	wr_u8(w, (uint8_t)n);
	for (unsigned i = 0; i < n; i++)
		wr_be32(w, be16_get(seg->asns.p + 2 * i));
}

/*
 * The leading part of the 2-octet path that is worth "hops", with all
 * confederation segments in it and right after it.
 */
static void
put_leading(struct wr *w, struct bytes path2, unsigned hops)
{
	struct rd r = rd_of(path2);
	struct bgp_aspath_seg seg;

	while (bgp_aspath_next(&r, false, &seg)) {
		const unsigned worth = seg_hops(&seg);

		if (!is_confed(&seg) && hops == 0)
			return;
		if (worth <= hops) {
			put_wide(w, &seg, seg.n);
			hops -= worth;
		} else {
			put_wide(w, &seg, hops);
			return;
		}
	}
}

/* Copies all but the segments of confederations. */
static void
put_without_confeds(struct wr *w, struct bytes path4)
{
	struct rd r = rd_of(path4);
	struct bgp_aspath_seg seg;

	while (bgp_aspath_next(&r, true, &seg)) {
		if (is_confed(&seg))
			continue;
		wr_u8(w, seg.type);
		wr_u8(w, seg.n);
		wr_bytes(w, seg.asns);
	}
}

/* An AS4_PATH longer than the path is no part of it: ignored. */
void
bgp_aspath_to4(struct wr *w, struct bytes path2, struct bytes as4_path)
{
	const unsigned all = bgp_aspath_hops(path2, false);
	const unsigned tail = bgp_aspath_hops(as4_path, true);

	if (tail == 0 || tail > all) {
		put_leading(w, path2, all);
		return;
	}
	put_leading(w, path2, all - tail);
	put_without_confeds(w, as4_path);
}

void
bgp_aspath_to2(struct wr *w, struct bytes path4)
{
	struct rd r = rd_of(path4);
	struct bgp_aspath_seg seg;

	while (bgp_aspath_next(&r, true, &seg)) {
		wr_u8(w, seg.type);
		wr_u8(w, seg.n);
		for (size_t i = 0; i < seg.n; i++) {
			const uint32_t asn = be32_get(seg.asns.p + 4 * i);

			wr_be16(w, asn > 0xffff ? BGP_AS_TRANS :
			    (uint16_t)asn);
		}
	}
}

void
bgp_aspath_as4(struct wr *w, struct bytes path4)
{
	put_without_confeds(w, path4);
}
