/* SPDX-License-Identifier: ISC */
/*
 * tunfwd: what the I/O of a userspace tunnel costs at least: one thread, no
 * handshake, no replay window.  An anchor for measurements and NOT a secure
 * tunnel: its key is a constant.
 *
 *	tunfwd IFNAME LISTENPORT [PEERADDR:PORT] [plain|gso] [crypt]
 *
 * plain: one read() a packet from the TUN, one sendto(); one recvfrom(), one
 * write().  gso: TUN with IFF_VNET_HDR and TSO: a 64 kB TCP packet is read at
 * once, cut here into packets of the MTU, sent with one sendmsg(UDP_SEGMENT);
 * received with UDP_GRO, checksums verified, merged here into one 64 kB TCP
 * packet again, written at once.  crypt: each packet is sealed and opened with
 * ChaCha20-Poly1305 (OpenSSL), padded to 16 bytes, with a 16-byte header and
 * tag as WireGuard has.  Without a peer it answers whoever sent last.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif
#define HDR 16
#define TAG 16
#define MAXSEG 64 /* UDP_MAX_SEGMENTS */

static int tun, udp, gso, crypt_on;
static struct sockaddr_in peer;
static int have_peer;
static uint64_t txctr;
static EVP_CIPHER_CTX *ec, *dc;
static unsigned char key[32] = "an anchor, not a secure tunnel!";

static void
nonce_of(unsigned char n[12], uint64_t c)
{
	memset(n, 0, 4);
	memcpy(n + 4, &c, 8);
}

/* out: header, sealed packet, tag; returns the length */
static int
seal(unsigned char *out, const unsigned char *in, int len)
{
	int pad = (len + 15) & ~15, l;
	uint64_t c = txctr++;
	memset(out, 0, HDR);
	out[0] = 4;
	memcpy(out + 8, &c, 8);
	if (!crypt_on) {
		memcpy(out + HDR, in, len);
		memset(out + HDR + len, 0, pad - len + TAG);
		return HDR + pad + TAG;
	}
	static const unsigned char zero[16];
	unsigned char n[12];
	nonce_of(n, c);
	EVP_EncryptInit_ex2(ec, NULL, NULL, n, NULL);
	EVP_EncryptUpdate(ec, out + HDR, &l, in, len);
	if (pad > len) {
		int m;
		EVP_EncryptUpdate(ec, out + HDR + l, &m, zero, pad - len);
	}
	EVP_EncryptFinal_ex(ec, out + HDR + pad, &l);
	EVP_CIPHER_CTX_ctrl(ec, EVP_CTRL_AEAD_GET_TAG, TAG, out + HDR + pad);
	return HDR + pad + TAG;
}
/* in place; returns the plain length (by the IP header) or -1; *pkt is where it
 * lies */
static int
open_pkt(unsigned char *d, int len, unsigned char **pkt)
{
	int l;
	if (len < HDR + TAG)
		return -1;
	*pkt = d + HDR;
	if (len == HDR + TAG)
		return 0;
	if (crypt_on) {
		unsigned char n[12];
		uint64_t c;
		memcpy(&c, d + 8, 8);
		nonce_of(n, c);
		EVP_DecryptInit_ex2(dc, NULL, NULL, n, NULL);
		EVP_CIPHER_CTX_ctrl(
		    dc, EVP_CTRL_AEAD_SET_TAG, TAG, d + len - TAG);
		EVP_DecryptUpdate(dc, d + HDR, &l, d + HDR, len - HDR - TAG);
		if (EVP_DecryptFinal_ex(dc, d + HDR + l, &l) != 1)
			return -1;
	}
	int got = len - HDR - TAG, ip;
	if ((*pkt)[0] >> 4 == 4)
		ip = (*pkt)[2] << 8 | (*pkt)[3];
	else
		ip = 40 + ((*pkt)[4] << 8 | (*pkt)[5]);
	return ip <= got ? ip : -1;
}

static uint32_t
sum16(const unsigned char *p, int n, uint64_t s)
{
	while (n >= 8) {
		uint64_t w;
		memcpy(&w, p, 8);
		s += w;
		if (s < w)
			s++;
		p += 8;
		n -= 8;
	}
	if (n >= 4) {
		uint32_t w;
		memcpy(&w, p, 4);
		s += w;
		if (s < w)
			s++;
		p += 4;
		n -= 4;
	}
	if (n >= 2) {
		uint16_t w;
		memcpy(&w, p, 2);
		s += w;
		if (s < w)
			s++;
		p += 2;
		n -= 2;
	}
	if (n) {
		uint16_t w = 0;
		memcpy(&w, p, 1);
		s += w;
		if (s < w)
			s++;
	}
	s = (s & 0xffffffff) + (s >> 32);
	s = (s & 0xffffffff) + (s >> 32);
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	return s;
}
static uint32_t
pseudo(const unsigned char *ip, int v6, int iphl, int l4len)
{
	uint32_t s = v6 ? sum16(ip + 8, 32, 0) : sum16(ip + 12, 8, 0);
	(void)iphl;
	s += htons(IPPROTO_TCP) + htons(l4len);
	return (s & 0xffff) + (s >> 16);
}

/* ---- towards the wire ---- */
static unsigned char txbuf[1 << 17];
static int txlen, txseg, txn, txclosed;
static void
flush_udp(void)
{
	if (!txn)
		return;
	struct iovec iov = { txbuf, txlen };
	char cb[CMSG_SPACE(2)] = { 0 };
	struct msghdr m = { .msg_name = &peer,
		.msg_namelen = sizeof peer,
		.msg_iov = &iov,
		.msg_iovlen = 1 };
	if (txn > 1) {
		m.msg_control = cb;
		m.msg_controllen = sizeof cb;
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_UDP;
		c->cmsg_type = UDP_SEGMENT;
		c->cmsg_len = CMSG_LEN(2);
		*(uint16_t *)CMSG_DATA(c) = txseg;
	}
	if (have_peer)
		while (sendmsg(udp, &m, 0) < 0 && errno == EINTR)
			;
	txlen = txn = txclosed = 0;
}
static void
to_wire(const unsigned char *p, int len)
{
	int need = HDR + ((len + 15) & ~15) + TAG;
	if (txn &&
	    (txclosed || need > txseg || txn == MAXSEG || txlen + need > 65000))
		flush_udp();
	if (!txn)
		txseg = need;
	if (need < txseg)
		txclosed = 1; /* only the last of a batch may be shorter */
	txlen += seal(txbuf + txlen, p, len);
	txn++;
}

static void
cut(unsigned char *p, int len, struct virtio_net_hdr *h)
{
	if (h->gso_type == VIRTIO_NET_HDR_GSO_NONE) {
		if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
			uint16_t *c =
			    (uint16_t *)(p + h->csum_start + h->csum_offset);
			*c = ~sum16(p + h->csum_start, len - h->csum_start, 0);
		}
		to_wire(p, len);
		return;
	}
	int v6 = p[0] >> 4 == 6, iphl = v6 ? 40 : (p[0] & 15) * 4,
	    thl = (p[iphl + 12] >> 4) * 4, hl = iphl + thl;
	int mss = h->gso_size, left = len - hl;
	unsigned char *d = p + hl;
	uint32_t seq;
	memcpy(&seq, p + iphl + 4, 4);
	seq = ntohl(seq);
	uint16_t id = v6 ? 0 : (p[4] << 8 | p[5]);
	unsigned char fl = p[iphl + 13], seg[2048];
	while (left > 0) {
		int n = left < mss ? left : mss, tot = hl + n;
		memcpy(seg, p, hl);
		memcpy(seg + hl, d, n);
		uint32_t s = htonl(seq);
		memcpy(seg + iphl + 4, &s, 4);
		seg[iphl + 13] = left > n ? fl & ~(1 | 8) : fl;
		if (v6) {
			seg[4] = (tot - 40) >> 8;
			seg[5] = tot - 40;
		} else {
			seg[2] = tot >> 8;
			seg[3] = tot;
			seg[4] = id >> 8;
			seg[5] = id;
			id++;
			seg[10] = seg[11] = 0;
			uint16_t c = ~sum16(seg, iphl, 0);
			memcpy(seg + 10, &c, 2);
		}
		seg[iphl + 16] = seg[iphl + 17] = 0;
		uint16_t c =
		    ~sum16(seg + iphl, thl + n, pseudo(seg, v6, iphl, thl + n));
		memcpy(seg + iphl + 16, &c, 2);
		to_wire(seg, tot);
		d += n;
		left -= n;
		seq += n;
	}
}

/* ---- towards the TUN ---- */
static struct {
	unsigned char b[sizeof(struct virtio_net_hdr) + 65536];
	int len, hl, iphl, v6, mss, n, closed;
	uint32_t next;
} g;
static void
flush_tun(void)
{
	if (!g.n)
		return;
	struct virtio_net_hdr *h = (void *)g.b;
	unsigned char *p = g.b + sizeof *h;
	memset(h, 0, sizeof *h);
	if (g.n > 1) {
		int l4 = g.len - g.iphl;
		if (g.v6) {
			p[4] = l4 >> 8;
			p[5] = l4;
		} else {
			p[2] = g.len >> 8;
			p[3] = g.len;
			p[10] = p[11] = 0;
			uint16_t c = ~sum16(p, g.iphl, 0);
			memcpy(p + 10, &c, 2);
		}
		h->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		h->gso_type =
		    g.v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
		h->hdr_len = g.hl;
		h->gso_size = g.mss;
		h->csum_start = g.iphl;
		h->csum_offset = 16;
		uint16_t c = pseudo(p, g.v6, g.iphl, l4);
		memcpy(p + g.iphl + 16, &c, 2);
	}
	if (write(tun, g.b, sizeof *h + g.len) < 0) {
	}
	g.n = g.closed = 0;
}
static void
to_tun(unsigned char *p, int len)
{
	if (!gso) {
		if (write(tun, p, len) < 0) {
		}
		return;
	}
	int v6 = p[0] >> 4 == 6, iphl = v6 ? 40 : (p[0] & 15) * 4;
	int tcp = len > iphl + 20 && (v6 ? p[6] : p[9]) == IPPROTO_TCP &&
		  (v6 || !(p[6] & 0x3f || p[7]));
	int thl = tcp ? (p[iphl + 12] >> 4) * 4 : 0, hl = iphl + thl,
	    data = len - hl;
	unsigned char fl = tcp ? p[iphl + 13] : 0;
	int cand = tcp && data > 0 && (fl & ~8) == 16 &&
		   (uint16_t)sum16(p + iphl, len - iphl,
		       pseudo(p, v6, iphl, len - iphl)) == 0xffff;
	unsigned char *q = g.b + sizeof(struct virtio_net_hdr);
	if (cand) {
		uint32_t seq;
		memcpy(&seq, p + iphl + 4, 4);
		seq = ntohl(seq);
		if (g.n && !g.closed && g.v6 == v6 && g.hl == hl &&
		    g.next == seq && data <= g.mss && g.len + data <= 65500 &&
		    (v6 ? !memcmp(q + 8, p + 8, 32)
			: !memcmp(q + 12, p + 12, 8)) &&
		    !memcmp(q + iphl, p + iphl, 4) &&
		    !memcmp(q + iphl + 8, p + iphl + 8, 4) && /* ports; ack */
		    !memcmp(q + iphl + 20, p + iphl + 20, thl - 20)) {
			memcpy(q + g.len, p + hl, data);
			g.len += data;
			g.next += data;
			g.n++;
			q[iphl + 13] |= fl;
			if (data < g.mss || fl & 8)
				g.closed = 1;
			return;
		}
		flush_tun();
		memcpy(q, p, len);
		g.len = len;
		g.hl = hl;
		g.iphl = iphl;
		g.v6 = v6;
		g.mss = data;
		g.n = 1;
		g.closed = !!(fl & 8);
		g.next = seq + data;
		return;
	}
	flush_tun();
	memcpy(q, p, len);
	g.len = len;
	g.n = 1;
	flush_tun();
}

static int
options(int argc, char **argv)
{
	for (int i = 3; i < argc; i++) {
		char *c;
		if (!strcmp(argv[i], "gso"))
			gso = 1;
		else if (!strcmp(argv[i], "plain"))
			gso = 0;
		else if (!strcmp(argv[i], "crypt"))
			crypt_on = 1;
		else if ((c = strchr(argv[i], ':'))) {
			*c = 0;
			peer.sin_family = AF_INET;
			peer.sin_port = htons(atoi(c + 1));
			if (inet_pton(AF_INET, argv[i], &peer.sin_addr) != 1)
				return 0;
			have_peer = 1;
		} else
			return 0;
	}
	return argc >= 3;
}

static void
open_tun(const char *name)
{
	struct ifreq r = { .ifr_flags =
			       IFF_TUN | IFF_NO_PI | (gso ? IFF_VNET_HDR : 0) };

	strncpy(r.ifr_name, name, IFNAMSIZ - 1);
	tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	if (tun < 0 || ioctl(tun, TUNSETIFF, &r)) {
		perror("tun");
		exit(1);
	}
	if (gso &&
	    ioctl(tun, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6)) {
		perror("TUNSETOFFLOAD");
		exit(1);
	}
}

static void
open_udp(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	int sz = 7 << 20, one = 1;

	udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &sz, sizeof sz);
	setsockopt(udp, SOL_SOCKET, SO_SNDBUFFORCE, &sz, sizeof sz);
	if (gso && setsockopt(udp, SOL_UDP, UDP_GRO, &one, sizeof one))
		perror("UDP_GRO");
	if (bind(udp, (void *)&a, sizeof a)) {
		perror("bind");
		exit(1);
	}
}

static unsigned char b[sizeof(struct virtio_net_hdr) + 65536 + 64];

static void
from_tun(void)
{
	for (int k = 0; k < 32; k++) {
		ssize_t n = read(tun, b, sizeof b);
		if (n <= 0)
			break;
		if (gso)
			cut(b + sizeof(struct virtio_net_hdr),
			    n - sizeof(struct virtio_net_hdr), (void *)b);
		else {
			to_wire(b, n);
			flush_udp();
		}
	}
	flush_udp();
}

static void
from_udp(void)
{
	for (int k = 0; k < 32; k++) {
		char cb[128];
		struct iovec iov = { b, 65536 };
		struct sockaddr_in from;
		struct msghdr m = { .msg_name = &from,
			.msg_namelen = sizeof from,
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = cb,
			.msg_controllen = sizeof cb };
		ssize_t n = recvmsg(udp, &m, 0);
		if (n <= 0)
			break;
		int seg = n;
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c;
		     c = CMSG_NXTHDR(&m, c))
			if (c->cmsg_level == SOL_UDP &&
			    c->cmsg_type == UDP_GRO) {
				int s;
				memcpy(&s, CMSG_DATA(c), sizeof s);
				if (s > 0)
					seg = s;
			}
		peer = from;
		have_peer = 1;
		for (int o = 0; o < n; o += seg) {
			unsigned char *p;
			int l = open_pkt(b + o, n - o < seg ? n - o : seg, &p);
			if (l > 0)
				to_tun(p, l);
		}
	}
	if (gso)
		flush_tun();
}

int
main(int argc, char **argv)
{
	unsigned char n0[12] = { 0 };
	EVP_CIPHER *ci = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);

	if (!options(argc, argv)) {
		fprintf(stderr, "usage: tunfwd IFNAME LISTENPORT [ADDR:PORT] "
				"[plain|gso] [crypt]\n");
		return 2;
	}
	open_tun(argv[1]);
	open_udp(atoi(argv[2]));
	ec = EVP_CIPHER_CTX_new();
	dc = EVP_CIPHER_CTX_new();
	EVP_EncryptInit_ex2(ec, ci, key, n0, NULL);
	EVP_DecryptInit_ex2(dc, ci, key, n0, NULL);
	for (;;) {
		struct pollfd pf[2] = { { tun, POLLIN, 0 },
			{ udp, POLLIN, 0 } };
		if (poll(pf, 2, -1) < 0)
			continue;
		/* A little of each, in turn. */
		from_tun();
		from_udp();
	}
}
