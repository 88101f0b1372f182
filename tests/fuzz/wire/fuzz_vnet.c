/* SPDX-License-Identifier: ISC */
/*
 * What a TUN with offloads gives, cut into packets: no piece is longer than
 * its room or the whole, and the payloads of all add up to what was there.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/vnet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct vnet_cut c;
	size_t len, cap = n, total = 0;
	unsigned pieces = 0;
	uint8_t *out;

	if (n == 0 || !vnet_cut_init(&c, bytes_of(data, n)))
		return 0;
	if (data[0] & 0x80)		/* also where room is short */
		cap = data[n - 1];
	out = malloc(cap + 1);		/* exact, for the sanitizer's eyes */
	must(out != NULL);
	while ((len = vnet_cut_next(&c, out, cap)) > 0) {
		must(len <= cap && len >= c.head);
		must(c.head == 0 || len - c.head <= c.h.gso_size);
		total += len - c.head;
		must(++pieces <= n);
	}
	if (cap == n && n <= 65535)
		must(c.head + total == c.pkt.n);
	free(out);
	return 0;
}
