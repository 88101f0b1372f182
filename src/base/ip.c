/* SPDX-License-Identifier: ISC */
#include "base/ip.h"

#include <assert.h>
#include <stdio.h>

bool
ip_is_multicast(struct ip a)
{
	return ip_is4(a) ? (a.b[12] & 0xf0) == 0xe0 : a.b[0] == 0xff;
}

bool
ip_is_loopback(struct ip a)
{
	static const struct ip one = { .b = { [15] = 1 } };

	return ip_is4(a) ? a.b[12] == 127 : ip_eq(a, one);
}

/* Text in. */

/* A decimal number up to max, without a leading zero; moves *s past it. */
static bool
parse_number(const char **s, unsigned max, unsigned *ret)
{
	const char *p = *s;
	unsigned v = 0;

	if (*p < '0' || *p > '9' || (p[0] == '0' && p[1] >= '0' &&
	    p[1] <= '9'))
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		v = v * 10 + (unsigned)(*p - '0');
		if (v > max)
			return false;
	}
	*s = p;
	*ret = v;
	return true;
}

/* Four numbers and three dots, up to end. */
static bool
parse4(const char *s, const char *end, uint8_t *ret)
{
	unsigned v;

	for (int i = 0; i < 4; i++) {
		if (i > 0 && *s++ != '.')
			return false;
		if (!parse_number(&s, 255, &v))
			return false;
		ret[i] = (uint8_t)v;
	}
	return s == end;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One to four hex digits; moves *s past them. */
static bool
parse_group(const char **s, uint8_t *ret)
{
	unsigned v = 0;
	int n = 0;

	for (; n < 5 && hex_value((*s)[n]) >= 0; n++)
		v = v << 4 | (unsigned)hex_value((*s)[n]);
	if (n == 0 || n > 4)
		return false;
	be16_put(ret, (uint16_t)v);
	*s += n;
	return true;
}

static bool
dots_follow(const char *s, const char *end)
{
	while (s < end && *s != ':' && *s != '.')
		s++;
	return s < end && *s == '.';
}

/*
 * Groups with colons between, up to end, into at most room bytes; the last
 * may be an IPv4 address (RFC 4291, 2.2).  Gives the bytes filled, -1 when
 * it is not that.  An empty text has no groups.
 */
static int
parse_groups(const char *s, const char *end, uint8_t *to, int room)
{
	int n = 0;

	while (s < end) {
		if (n > 0 && *s++ != ':')
			return -1;
		if (n + 4 <= room && dots_follow(s, end))
			return parse4(s, end, to + n) ? n + 4 : -1;
		if (n + 2 > room || !parse_group(&s, to + n))
			return -1;
		n += 2;
	}
	return n;
}

static bool
parse6(const char *s, const char *end, uint8_t *ret)
{
	uint8_t tail[16];
	const char *gap = s;
	int n, m;

	while (end - gap >= 2 && !(gap[0] == ':' && gap[1] == ':'))
		gap++;
	if (end - gap < 2)
		return parse_groups(s, end, ret, 16) == 16;
	memset(ret, 0, 16);
	n = parse_groups(s, gap, ret, 16);
	if (n < 0 || dots_follow(s, gap))
		return false;
	m = parse_groups(gap + 2, end, tail, 16);
	if (m < 0 || n + m > 14)	/* "::" stands for at least one */
		return false;
	memcpy(ret + 16 - m, tail, (size_t)m);
	return true;
}

static bool
parse_until(const char *s, const char *end, struct ip *ret)
{
	struct ip a;
	uint8_t four[4];

	if (memchr(s, ':', (size_t)(end - s))) {
		if (!parse6(s, end, a.b))
			return false;
	} else {
		if (!parse4(s, end, four))
			return false;
		a = ip_from4(four);
	}
	*ret = a;
	return true;
}

bool
ip_parse(const char *s, struct ip *ret)
{
	return parse_until(s, s + strlen(s), ret);
}

bool
prefix_parse(const char *s, struct prefix *ret)
{
	const char *end = s + strcspn(s, "/");
	struct prefix p;
	struct ip a;
	unsigned len;

	if (!parse_until(s, end, &a))
		return false;
	if (*end == '\0') {
		*ret = prefix_host(a);
		return true;
	}
	end++;
	if (!parse_number(&end, 128, &len) || *end)
		return false;
	/* ::ffff:0:0/96 and what is in it is not to be told from IPv4. */
	if (ip_is4(a) && strchr(s, ':'))
		return false;
	p = prefix_of(a, len);
	if (p.kind == NET_NONE || !ip_eq(p.ip, a))
		return false;
	*ret = p;
	return true;
}

/* Text out. */

/* The longest run of two or more zero groups, the first of equals. */
static int
longest_gap(const uint8_t *b, int *ret_len)
{
	int best = -1, best_len = 1;

	for (int i = 0; i < 8; i++) {
		int n = 0;

		while (i + n < 8 && be16_get(b + 2 * (i + n)) == 0)
			n++;
		if (n > best_len) {
			best = i;
			best_len = n;
		}
		i += n;		/* the group there is not zero */
	}
	*ret_len = best_len;
	return best;
}

static bool
is_bogus4(uint32_t a)
{
	const uint32_t first = a >> 24;

	if (first == 0)
		return a != 0;
	return first == 127 || (first & 0xf0) == 0xe0 || a == UINT32_MAX;
}

static bool
is_bogus6(struct ip a)
{
	if (a.q[0] != 0)
		return a.b[0] == 0xff || ip_is_link_local(a);
	/* What is left in ::/64 embeds an IPv4 address, or is no net. */
	return be32_get(a.b + 8) != 0 || is_bogus4(be32_get(a.b + 12));
}

bool
prefix_is_bogus(const struct prefix *p)
{
	switch ((enum net_kind)p->kind) {
	case NET_IP4:
		return is_bogus4(ip_to4(p->ip));
	case NET_IP6:
		return is_bogus6(p->ip);
	case NET_ROA4: case NET_ROA6: case NET_NONE: case NET_NKINDS:
		break;
	}
	return false;
}

/* RFC 5952, section 4; what ends in an IPv4 address (section 5) as BIRD. */
static char *
text6(const uint8_t *b, char *buf)
{
	int gap_len, gap = longest_gap(b, &gap_len);
	char *p = buf;

	if (gap == 0 && gap_len == 6) {
		snprintf(buf, IP_TEXT, "::%u.%u.%u.%u", (unsigned)b[12],
		    (unsigned)b[13], (unsigned)b[14], (unsigned)b[15]);
		return buf;
	}

	for (int i = 0; i < 8; i++) {
		if (i == gap) {
			*p++ = ':';
			*p++ = ':';
			i += gap_len - 1;
			continue;
		}
		if (i > 0 && p[-1] != ':')
			*p++ = ':';
		p += snprintf(p, 5, "%x", (unsigned)be16_get(b + 2 * i));
	}
	*p = '\0';
	return buf;
}

char *
ip_text(struct ip a, char *buf)
{
	if (!ip_is4(a))
		return text6(a.b, buf);
	snprintf(buf, IP_TEXT, "%u.%u.%u.%u", (unsigned)a.b[12],
	    (unsigned)a.b[13], (unsigned)a.b[14], (unsigned)a.b[15]);
	return buf;
}

char *
prefix_text(const struct prefix *p, char *buf)
{
	char ip[IP_TEXT];

	ip_text(p->ip, ip);
	switch ((enum net_kind)p->kind) {
	case NET_IP4: case NET_IP6:
		snprintf(buf, PREFIX_TEXT, "%s/%u", ip, (unsigned)p->len);
		break;
	case NET_ROA4: case NET_ROA6:
		snprintf(buf, PREFIX_TEXT, "%s/%u-%u AS%u", ip,
		    (unsigned)p->len, (unsigned)p->max, (unsigned)p->asn);
		break;
	case NET_NONE: case NET_NKINDS:
		snprintf(buf, PREFIX_TEXT, "(none)");
		break;
	}
	return buf;
}

/* Bits. */

static unsigned
family_bits(struct ip a)
{
	return ip_is4(a) ? 32 : 128;
}

struct ip
ip_mask(struct ip a, unsigned len)
{
	unsigned bits = family_bits(a);
	unsigned whole, at;

	if (len >= bits)
		return a;
	at = 128 - bits + len;		/* the first bit to clear */
	whole = at / 8;
	a.b[whole] &= (uint8_t)(0xff00 >> (at % 8));
	memset(a.b + whole + 1, 0, 16 - whole - 1);
	return a;
}

bool
ip_bit(struct ip a, unsigned n)
{
	unsigned bits = family_bits(a);

	assert(n < bits);
	n += 128 - bits;
	return a.b[n / 8] >> (7 - n % 8) & 1;
}

unsigned
ip_common(struct ip a, struct ip b)
{
	unsigned skip = 128 - family_bits(a);

	if (ip_is4(a) != ip_is4(b))
		return 0;
	for (unsigned i = skip / 8; i < 16; i++) {
		unsigned differ = a.b[i] ^ b.b[i];

		if (differ)
			return i * 8 - skip +
			    (unsigned)__builtin_clz(differ) - 24;
	}
	return 128 - skip;
}

/* Prefixes. */

struct prefix
prefix_of(struct ip a, unsigned len)
{
	if (len > family_bits(a))
		return (struct prefix){ .kind = NET_NONE };
	return (struct prefix){ .ip = ip_mask(a, len), .len = (uint8_t)len,
	    .kind = ip_is4(a) ? NET_IP4 : NET_IP6 };
}

struct prefix
prefix_host(struct ip a)
{
	return prefix_of(a, family_bits(a));
}

bool
prefix_eq(const struct prefix *a, const struct prefix *b)
{
	return ip_eq(a->ip, b->ip) && a->kind == b->kind &&
	    a->len == b->len && a->max == b->max && a->asn == b->asn;
}

static int
order(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

int
prefix_cmp(const struct prefix *a, const struct prefix *b)
{
	int c = order(prefix_family(a), prefix_family(b));

	if (c == 0)
		c = ip_cmp(a->ip, b->ip);
	if (c == 0)
		c = order(a->len, b->len);
	if (c == 0)
		c = order(a->max, b->max);
	if (c == 0)
		c = order(a->asn, b->asn);
	return c ? c : order(a->kind, b->kind);
}

bool
prefix_has_ip(const struct prefix *p, struct ip a)
{
	return p->kind != NET_NONE && prefix_is4(p) == ip_is4(a) &&
	    ip_eq(ip_mask(a, p->len), p->ip);
}

bool
prefix_covers(const struct prefix *p, const struct prefix *in)
{
	return in->kind != NET_NONE && prefix_is4(p) == prefix_is4(in) &&
	    in->len >= p->len && prefix_has_ip(p, in->ip);
}
