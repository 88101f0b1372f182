/* SPDX-License-Identifier: ISC */
#include "wire/checksum.h"

static uint64_t
load32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

/* The last 0 to 3 bytes, as if zeros followed. */
static uint64_t
load_tail(const uint8_t *p, size_t n)
{
	uint32_t v = 0;

	memcpy(&v, p, n);
	return v;
}

uint64_t
checksum_add(uint64_t sum, struct bytes b)
{
	uint64_t a = 0, c = 0;
	const uint8_t *p = b.p;
	size_t n = b.n;

	/* Two chains of additions keep the processor busier than one. */
	for (; n >= 16; n -= 16, p += 16) {
		a += load32(p) + load32(p + 4);
		c += load32(p + 8) + load32(p + 12);
	}
	for (; n >= 4; n -= 4, p += 4)
		a += load32(p);
	if (n > 0)
		a += load_tail(p, n);
	return sum + a + c;
}

uint64_t
checksum_pseudo(const uint8_t *ip, uint8_t proto, uint32_t len)
{
	uint8_t tail[8] = { [7] = proto };

	be32_put(tail, len);
	if (ip[0] >> 4 == 4)
		return checksum_add(checksum_add(0, bytes_of(ip + 12, 8)),
		    bytes_of(tail, sizeof(tail)));
	return checksum_add(checksum_add(0, bytes_of(ip + 8, 32)),
	    bytes_of(tail, sizeof(tail)));
}

uint16_t
checksum_fold(uint64_t sum)
{
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)((sum >> 16) + sum);
}

void
checksum_put(uint8_t *at, uint64_t sum)
{
	uint16_t v = (uint16_t)~checksum_fold(sum);

	memcpy(at, &v, 2);
}
