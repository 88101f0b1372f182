/* SPDX-License-Identifier: ISC */
/*
 * Two kinds of time that the compiler keeps apart.
 *
 * An instant is a point on a clock that never goes back and goes on while the
 * machine sleeps (CLOCK_BOOTTIME); only differences mean something.  A wall
 * is the date (CLOCK_REALTIME), for TAI64N and for people.  The core never
 * reads a clock: it is told.
 */
#ifndef WARREN_BASE_TIME_H
#define WARREN_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct instant {
	int64_t ns;
};

struct wall {
	int64_t s;		/* since 1970-01-01 UTC */
	int32_t ns;
};

/* Spans are nanoseconds in an int64_t. */
#define NANOSECONDS(n)	((int64_t)(n))
#define MICROSECONDS(n)	((int64_t)(n) * 1000)
#define MILLISECONDS(n)	((int64_t)(n) * 1000000)
#define SECONDS(n)	((int64_t)(n) * 1000000000)

#define INSTANT_NEVER	((struct instant){ .ns = INT64_MAX })
#define INSTANT_ZERO	((struct instant){ .ns = 0 })

static inline struct instant
instant_add(struct instant t, int64_t span)
{
	return t.ns == INT64_MAX ? t : (struct instant){ .ns = t.ns + span };
}

/* a - b, in nanoseconds. */
static inline int64_t
instant_sub(struct instant a, struct instant b)
{
	return a.ns - b.ns;
}

/* True once t has come, that is, at t and after it. */
static inline bool
instant_due(struct instant t, struct instant now)
{
	return t.ns <= now.ns;
}

static inline bool
instant_is_never(struct instant t)
{
	return t.ns == INT64_MAX;
}

static inline struct instant
instant_min(struct instant a, struct instant b)
{
	return a.ns < b.ns ? a : b;
}

#endif
