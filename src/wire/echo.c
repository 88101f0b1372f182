/* SPDX-License-Identifier: ISC */
#include "wire/echo.h"

void
echo_encode(uint8_t buf[ECHO_SIZE], const struct echo *e)
{
	const int64_t units = e->every / ECHO_UNIT;

	buf[0] = e->answer ? ECHO_ANSWER : ECHO_REQUEST;
	buf[1] = 0;
	be16_put(buf + 2, 0);
	be16_put(buf + 4, e->id);
	be16_put(buf + 6, e->seq);
	be32_put(buf + 8, ECHO_MAGIC);
	be16_put(buf + 12, (uint16_t)(units > UINT16_MAX ? UINT16_MAX :
	    units < 0 ? 0 : units));
	be16_put(buf + 14, e->padding);
}

bool
echo_decode(const uint8_t *head, size_t n, struct echo *ret)
{
	if (n < ECHO_SIZE || head[1] != 0 ||
	    (head[0] != ECHO_REQUEST && head[0] != ECHO_ANSWER) ||
	    be32_get(head + 8) != ECHO_MAGIC)
		return false;
	*ret = (struct echo){ .answer = head[0] == ECHO_ANSWER,
	    .id = be16_get(head + 4), .seq = be16_get(head + 6),
	    .every = be16_get(head + 12) * ECHO_UNIT,
	    .padding = be16_get(head + 14) };
	return ret->padding == n - ECHO_SIZE;
}
