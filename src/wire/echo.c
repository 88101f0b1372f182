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
echo_decode(struct bytes in, struct echo *ret)
{
	if (in.n < ECHO_SIZE || in.p[1] != 0 ||
	    (in.p[0] != ECHO_REQUEST && in.p[0] != ECHO_ANSWER) ||
	    be32_get(in.p + 8) != ECHO_MAGIC)
		return false;
	*ret = (struct echo){ .answer = in.p[0] == ECHO_ANSWER,
	    .id = be16_get(in.p + 4), .seq = be16_get(in.p + 6),
	    .every = be16_get(in.p + 12) * ECHO_UNIT,
	    .padding = be16_get(in.p + 14) };
	return ret->padding == in.n - ECHO_SIZE;
}
