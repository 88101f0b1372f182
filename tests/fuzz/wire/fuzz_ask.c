/* SPDX-License-Identifier: ISC */
/* A question of another Warren's. */
#include <assert.h>
#include <string.h>

#include "wire/ask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char line[ASK_LINE];
	struct ask_line l;

	if (n >= sizeof(line))
		return 0;
	if (n != 0)
		memcpy(line, data, n);
	line[n] = '\0';
	if (ask_parse(line, &l))
		assert(l.hops <= ASK_HOPS && ip_is4(l.to) == ip_is4(l.from));
	return 0;
}
