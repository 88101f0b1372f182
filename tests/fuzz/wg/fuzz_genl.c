/* SPDX-License-Identifier: ISC */
/* Messages that pretend to be the kernel's answer to a WireGuard get. */
#include <stdlib.h>
#include <string.h>

#include "wg/genl.h"

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
	struct rd r = rd_of(bytes_of(data, n));
	struct wg_genl_dump g = { .cap_peers = 0 };
	size_t allowed = 0;
	struct nl_msg m;

	while (nl_next(&r, &m))
		if (wg_genl_dump_add(&g, &m))
			break;
	for (size_t i = 0; i < g.d.n_peers; i++) {
		must(g.d.peers[i].first_allowed == allowed);
		allowed += g.d.peers[i].info.n_allowed;
	}
	must(allowed == g.d.n_allowed);
	for (size_t i = 0; i < allowed; i++)
		must(g.d.allowed[i].len <= prefix_bits(&g.d.allowed[i]));
	wg_genl_dump_done(&g);
	return 0;
}
