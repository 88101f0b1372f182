/* SPDX-License-Identifier: ISC */
/* Any packet: the answer is none, or a whole and right ICMP error. */
#include <assert.h>
#include <string.h>

#include "wg/icmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static uint16_t
sum(uint32_t s, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

static void
check4(const uint8_t *out, size_t m, const uint8_t *in)
{
	assert(m <= 576 && out[0] == 0x45 && be16_get(out + 2) == m);
	assert(sum(0, out, 20) == 0xffff);
	assert(sum(0, out + 20, m - 20) == 0xffff);
	assert(memcmp(out + 12, in + 16, 4) == 0);
	assert(memcmp(out + 16, in + 12, 4) == 0);
	assert(memcmp(out + 28, in, m - 28) == 0);
}

static void
check6(const uint8_t *out, size_t m, const uint8_t *in)
{
	assert(m <= 1280 && be16_get(out + 4) == m - 40);
	assert(sum(sum((uint32_t)(m - 40) + 58, out + 8, 32), out + 40,
	    m - 40) == 0xffff);
	assert(memcmp(out + 48, in, m - 48) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t out[WG_ICMP_MAX], again[WG_ICMP_MAX];
	size_t m = wg_icmp_unreachable(out, bytes_of(data, n));

	if (!m)
		return 0;
	assert(m <= n + 48);
	if (data[0] >> 4 == 4)
		check4(out, m, data);
	else
		check6(out, m, data);
	/* Never an answer to an answer. */
	assert(wg_icmp_unreachable(again, bytes_of(out, m)) == 0);
	return 0;
}
