/* SPDX-License-Identifier: ISC */
#include "plan/invite.h"

/* The last address of a net. */
static struct ip
last_of(const struct prefix *p)
{
	unsigned host = prefix_bits(p) - p->len;
	struct ip ip = p->ip;

	for (unsigned i = 0; i < host; i++)
		ip.b[15 - i / 8] |= (uint8_t)(1u << (i % 8));
	return ip;
}

/* The one behind it; an IPv4 address's carry ends in its four bytes. */
static struct ip
next_of(struct ip ip)
{
	int least = ip_is4(ip) ? 12 : 0;

	for (int i = 15; i >= least; i--)
		if (++ip.b[i] != 0)
			break;
	return ip;
}

/* The biggest of the nets that ip lies in, or NULL. */
static const struct prefix *
taken_by(const struct prefix *taken, unsigned n, struct ip ip)
{
	const struct prefix *found = NULL;

	for (unsigned i = 0; i < n; i++)
		if (prefix_has_ip(&taken[i], ip) &&
		    (found == NULL || taken[i].len < found->len))
			found = &taken[i];
	return found;
}

struct ip
invite_pick(const struct prefix *pool, const struct prefix *taken, unsigned n)
{
	const bool ends = prefix_bits(pool) - pool->len >= 2;
	struct ip last = last_of(pool), ip = pool->ip;
	const struct prefix *by;

	if (ends)
		ip = next_of(ip);
	while ((by = taken_by(taken, n, ip)) != NULL) {
		struct ip end = last_of(by);

		if (ip_cmp(end, last) >= 0)
			return IP_NONE;
		ip = next_of(end);
	}
	return ends && prefix_is4(pool) && ip_eq(ip, last) ? IP_NONE : ip;
}
