/* SPDX-License-Identifier: ISC */
#include "wg/icmp.h"

#include "base/ip.h"

enum {
	PROTO_ICMP = 1, PROTO_ICMPV6 = 58,
	HEADER4 = 20, HEADER6 = 40, ICMP_HEADER = 8,
	MAX4 = 576,		/* RFC 1812, 4.3.2.3 */
	DSCP_CS6 = 0xc0		/* internetwork control, as Linux sends */
};

/* The Internet checksum's sum (RFC 1071), not yet folded. */
static uint64_t
sum(uint64_t s, const uint8_t *p, size_t n)
{
	for (; n > 1; p += 2, n -= 2)
		s += be16_get(p);
	return n ? s + ((uint32_t)*p << 8) : s;
}

static uint16_t
fold(uint64_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

/* RFC 1122, 3.2.2: source that defines no single host. */
static bool
one_host4(const uint8_t a[4])
{
	return a[0] != 0 && a[0] != 127 && a[0] < 224;
}

/* True for the messages that report errors, and redirects. */
static bool
icmp4_is_error(uint8_t type)
{
	switch (type) {
	case 0: case 8: case 13: case 14:	/* echo, timestamp */
	case 9: case 10: case 15: case 16: case 17: case 18:
		return false;
	default:
		return true;
	}
}

static size_t
unreachable4(uint8_t *out, struct bytes in)
{
	size_t head = (size_t)(in.p[0] & 15) * 4, quote, total;

	if (head < HEADER4 || in.n < head || be16_get(in.p + 2) < head ||
	    (be16_get(in.p + 6) & 0x1fff) != 0 ||
	    !one_host4(in.p + 12) || !one_host4(in.p + 16))
		return 0;
	if (in.n > be16_get(in.p + 2))
		in.n = be16_get(in.p + 2);
	if (in.p[9] == PROTO_ICMP &&
	    (in.n <= head || icmp4_is_error(in.p[head])))
		return 0;
	quote = in.n < MAX4 - HEADER4 - ICMP_HEADER ? in.n :
	    MAX4 - HEADER4 - ICMP_HEADER;
	total = HEADER4 + ICMP_HEADER + quote;

	memset(out, 0, HEADER4 + ICMP_HEADER);
	out[0] = 0x45;
	out[1] = DSCP_CS6;
	be16_put(out + 2, (uint16_t)total);
	out[8] = 64;
	out[9] = PROTO_ICMP;
	memcpy(out + 12, in.p + 16, 4);
	memcpy(out + 16, in.p + 12, 4);
	be16_put(out + 10, fold(sum(0, out, HEADER4)));
	out[20] = 3;		/* destination unreachable */
	out[21] = 1;		/* host */
	memcpy(out + HEADER4 + ICMP_HEADER, in.p, quote);
	be16_put(out + 22, fold(sum(0, out + HEADER4, total - HEADER4)));
	return total;
}

static bool
is_extension6(uint8_t next)
{
	return next == 0 || next == 43 || next == 44 || next == 60;
}

/*
 * The upper protocol and where it starts, behind the extension headers.
 * False when it does not lie in this packet: a later fragment, or cut off.
 */
static bool
upper6(struct bytes in, uint8_t *ret_proto, size_t *ret_at)
{
	uint8_t next = in.p[6];
	size_t at = HEADER6;

	while (is_extension6(next)) {
		size_t len = 8;

		if (in.n < at + 8)
			return false;
		if (next != 44)
			len += (size_t)in.p[at + 1] * 8;
		else if ((be16_get(in.p + at + 2) & 0xfff8) != 0)
			return false;	/* not the first fragment */
		next = in.p[at];
		at += len;
	}
	*ret_proto = next;
	*ret_at = at;
	return true;
}

static bool
may_answer6(struct bytes in)
{
	struct ip src = ip_from6(in.p + 8), dst = ip_from6(in.p + 24);
	uint8_t proto;
	size_t at;

	if (src.b[0] == 0xff || dst.b[0] == 0xff || ip_is_none(src) ||
	    ip_is_none(dst) || !upper6(in, &proto, &at))
		return false;
	/* Types below 128 report errors; 137 is a redirect. */
	return proto != PROTO_ICMPV6 ||
	    (in.n > at && in.p[at] >= 128 && in.p[at] != 137);
}

static size_t
unreachable6(uint8_t *out, struct bytes in)
{
	size_t quote, icmp;
	uint64_t s;

	if (in.n < HEADER6 || !may_answer6(in))
		return 0;
	quote = in.n < WG_ICMP_MAX - HEADER6 - ICMP_HEADER ? in.n :
	    WG_ICMP_MAX - HEADER6 - ICMP_HEADER;
	icmp = ICMP_HEADER + quote;

	memset(out, 0, HEADER6 + ICMP_HEADER);
	out[0] = 0x60;
	be16_put(out + 4, (uint16_t)icmp);
	out[6] = PROTO_ICMPV6;
	out[7] = 64;
	memcpy(out + 8, in.p + 24, 16);
	memcpy(out + 24, in.p + 8, 16);
	out[40] = 1;		/* destination unreachable */
	out[41] = 3;		/* address */
	memcpy(out + HEADER6 + ICMP_HEADER, in.p, quote);
	s = sum(icmp + PROTO_ICMPV6, out + 8, 32);	/* pseudo header */
	be16_put(out + 42, fold(sum(s, out + HEADER6, icmp)));
	return HEADER6 + ICMP_HEADER + quote;
}

size_t
wg_icmp_unreachable(uint8_t *out, struct bytes packet)
{
	if (packet.n >= HEADER4 && packet.p[0] >> 4 == 4)
		return unreachable4(out, packet);
	if (packet.n >= HEADER6 && packet.p[0] >> 4 == 6)
		return unreachable6(out, packet);
	return 0;
}
