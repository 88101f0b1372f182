/* SPDX-License-Identifier: ISC */
/*
 * A stream of TCP packets, made as the input says, merged and cut again: each
 * connection's packets come back, all of them, in their order and with
 * nothing changed but an IPv4 identification under DF.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/checksum.h"
#include "wire/vnet_merge.h"

enum { PACKETS = 200, ROOM = 700, FLOWS = 12, STEP = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static uint8_t packet[PACKETS][ROOM], kept[PACKETS][ROOM];
static size_t length[PACKETS];
static unsigned n_packets, next[FLOWS];
static uint32_t seq[FLOWS];

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
sum(uint8_t *p, size_t n)
{
	size_t ip = p[0] >> 4 == 6 ? 40 : 20;

	if (ip == 20)
		checksum_put(p + 10, checksum_add(0, bytes_of(p, 20)));
	checksum_put(p + ip + 16, checksum_add(checksum_pseudo(p, 6,
	    (uint32_t)(n - ip)), bytes_of(p + ip, n - ip)));
}

/* Four bytes: connection and family, size, flags and faults, their value. */
static void
make(const uint8_t *d)
{
	uint8_t *p = packet[n_packets], *t;
	unsigned flow = d[0] % FLOWS;
	size_t ip = flow & 1 ? 40 : 20, pay = (size_t)d[1] * 2;
	size_t n = ip + 20 + pay;

	memset(p, d[3], ROOM);
	memset(p, 0, ip + 20);
	t = p + ip;
	p[0] = ip == 40 ? 0x60 : 0x45;
	be16_put(p + (ip == 40 ? 4 : 2), (uint16_t)(ip == 40 ? n - 40 : n));
	p[ip == 40 ? 6 : 9] = 6;
	if (ip == 20) {
		be16_put(p + 4, (uint16_t)(n_packets * (d[2] >> 7)));
		p[6] = d[2] & 0x20 ? 0x40 : 0;
	}
	t[0] = (uint8_t)flow;
	be32_put(t + 4, seq[flow]);
	t[12] = 5 << 4;
	t[13] = (uint8_t)(0x10 | (d[2] & 8) | ((d[2] & 7) == 7));
	if ((d[2] & 0x50) == 0x50)
		p[ip + d[3] % 20] ^= (uint8_t)(t[13] << 1);
	t[0] = (uint8_t)flow;		/* the key stays what it is */
	t[1] = t[2] = t[3] = 0;
	be16_put(t + 16, 0);
	sum(p, n);
	if (d[2] == 0x11)
		p[n - 1] ^= 1;		/* a wrong checksum */
	seq[flow] += (uint32_t)pay;
	length[n_packets++] = n;
}

/* The next packet of this connection that went in must be this one. */
static void
came_back(uint8_t *p, size_t n)
{
	size_t ip = p[0] >> 4 == 6 ? 40 : 20;
	unsigned flow = p[ip], i = next[flow];

	must(flow < FLOWS);
	while (i < n_packets && kept[i][kept[i][0] >> 4 == 6 ? 40 : 20] != flow)
		i++;
	must(i < n_packets && length[i] == n);
	next[flow] = i + 1;
	if (ip == 20 && (p[6] & 0x40)) {
		memcpy(p + 4, kept[i] + 4, 2);
		memcpy(p + 10, kept[i] + 10, 2);
	}
	must(memcmp(p, kept[i], n) == 0);
}

static void
write_it(void *arg, const struct bytes *v, size_t n)
{
	static uint8_t in[70000], out[70000];
	struct vnet_cut c;
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		must(len + v[i].n <= sizeof(in));
		memcpy(in + len, v[i].p, v[i].n);
		len += v[i].n;
	}
	must(vnet_cut_init(&c, bytes_of(in, len)));
	while ((len = vnet_cut_next(&c, out, sizeof(out))) > 0) {
		came_back(out, len);
		++*(unsigned *)arg;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct vnet_merge m;
	unsigned back = 0;

	n_packets = 0;
	memset(next, 0, sizeof(next));
	memset(seq, 0xff, sizeof(seq));
	for (; n >= STEP && n_packets < PACKETS; n -= STEP, data += STEP)
		make(data);
	memcpy(kept, packet, sizeof(kept));
	vnet_merge_init(&m, write_it, &back);
	for (unsigned i = 0; i < n_packets; i++)
		vnet_merge_add(&m, packet[i], length[i]);
	vnet_merge_flush(&m);
	must(back == n_packets);
	return 0;
}
