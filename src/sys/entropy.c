/* SPDX-License-Identifier: ISC */
#include "sys/entropy.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void
entropy_fill(void *p, size_t n)
{
	uint8_t *at = p;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		at += got;
		n -= (size_t)got;
	}
}

uint32_t
entropy_u32(void)
{
	uint32_t v;

	entropy_fill(&v, sizeof(v));
	return v;
}

uint32_t
entropy_below(uint32_t below)
{
	/* 2^32 mod below: values under it would come once too often. */
	uint32_t least = -below % below, v;

	do {
		v = entropy_u32();
	} while (v < least);
	return v % below;
}
