/* SPDX-License-Identifier: ISC */
/* Bytes written as hex in a test, with spaces wherever they please. */
#ifndef TESTS_UNIT_WIRE_HEX_H
#define TESTS_UNIT_WIRE_HEX_H

#include <ctype.h>
#include <stdlib.h>

#include "base/bytes.h"

/* Exactly as long as it says, so that a sanitizer sees a read past it. */
static inline struct bytes
hex(const char *s)
{
	uint8_t *p = malloc(strlen(s) / 2 + 1);
	size_t n = 0;
	struct bytes b;

	for (; *s; s++) {
		if (isspace((unsigned char)*s))
			continue;
		const char two[3] = { s[0], s[1], 0 };

		p[n++] = (uint8_t)strtoul(two, NULL, 16);
		s++;
	}
	b.p = realloc(p, n ? n : 1);
	b.n = n;
	return b;
}

static inline void
hex_free(struct bytes b)
{
	free((void *)(uintptr_t)b.p);
}

#endif
