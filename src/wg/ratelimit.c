/* SPDX-License-Identifier: ISC */
/*
 * Sets of four buckets, chosen by a keyed hash of the source.  A bucket that
 * has been full again for a while holds no information and is given away.
 */
#include "wg/cookie.h"

#include "base/mem.h"

#define SETS	4096
#define WAYS	4
#define COST	(SECONDS(1) / 20)
#define FULL	(COST * 5)

struct bucket {
	struct ip source;	/* IP_NONE: free */
	struct instant last;
	int64_t tokens;		/* nanoseconds' worth */
};

struct wg_ratelimit {
	struct hash_key key;
	struct bucket set[SETS][WAYS];
};

struct wg_ratelimit *
wg_ratelimit_new(const struct hash_key *key)
{
	struct wg_ratelimit *r = mem_zalloc(sizeof(*r));

	if (r)
		r->key = *key;
	return r;
}

struct wg_ratelimit *
wg_ratelimit_free(struct wg_ratelimit *r)
{
	mem_free(r);
	return NULL;
}

static bool
is_idle(const struct bucket *b, struct instant now)
{
	return ip_is_none(b->source) || instant_sub(now, b->last) >= FULL;
}

/* Its bucket, or one to take over, or NULL. */
static struct bucket *
bucket_of(struct bucket set[WAYS], struct instant now, struct ip source)
{
	struct bucket *idle = NULL;

	for (unsigned i = 0; i < WAYS; i++) {
		if (ip_eq(set[i].source, source))
			return &set[i];
		if (!idle && is_idle(&set[i], now))
			idle = &set[i];
	}
	if (idle)
		*idle = (struct bucket){ .source = source, .last = now,
		    .tokens = FULL };
	return idle;
}

bool
wg_ratelimit_allow(struct wg_ratelimit *r, struct instant now,
    struct ip source)
{
	struct bucket *b;

	if (!ip_is4(source))
		memset(source.b + 8, 0, 8);
	b = bucket_of(r->set[hash_keyed(&r->key, bytes_of(source.b, 16)) %
	    SETS], now, source);
	if (!b)
		return false;
	b->tokens += instant_sub(now, b->last);
	if (b->tokens > FULL)
		b->tokens = FULL;
	b->last = now;
	if (b->tokens < COST)
		return false;
	b->tokens -= COST;
	return true;
}
