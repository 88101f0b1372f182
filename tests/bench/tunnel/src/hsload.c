/* SPDX-License-Identifier: ISC */
/*
 * hsload: how many WireGuard handshakes a second a responder answers.
 *
 *	hsload conf COUNT PREFIX	PREFIX.conf for `wg setconf`, and
 *					PREFIX.keys for run
 *	hsload run KEYS ADDR PORT WINDOW SECS
 *
 * A closed loop of WINDOW initiations in flight, which prints one line of
 * JSON.  Initiations are prepared beforehand: one ephemeral key serves for
 * all, which the responder cannot tell; it does its full work.  Each peer has
 * its turn, with rising timestamps; only answers to an index that is in flight
 * count.  WINDOW stays below what makes a responder ask for cookies; those
 * are counted.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef unsigned char u8;
static double
now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}
static void
die(const char *s)
{
	fprintf(stderr, "hsload: %s\n", s);
	exit(1);
}

static EVP_MD *md;
static EVP_MD_CTX *mc;
static EVP_CIPHER *ci;
static EVP_CIPHER_CTX *cc;
static EVP_MAC_CTX *kc;
static void
hash(u8 out[32], const void *a, size_t al, const void *b, size_t bl)
{
	EVP_DigestInit_ex2(mc, md, NULL);
	EVP_DigestUpdate(mc, a, al);
	if (bl)
		EVP_DigestUpdate(mc, b, bl);
	EVP_DigestFinal_ex(mc, out, NULL);
}
static void
hmac(u8 out[32], const u8 k[32], const u8 *d, size_t n)
{
	unsigned l = 32;
	HMAC(EVP_blake2s256(), k, 32, d, n, out, &l);
}
static void
kdf(u8 *t1, u8 *t2, const u8 c[32], const u8 *in, size_t n)
{
	u8 t0[32], b[33];
	hmac(t0, c, in, n);
	b[0] = 1;
	u8 o1[32];
	hmac(o1, t0, b, 1);
	if (t2) {
		memcpy(b, o1, 32);
		b[32] = 2;
		hmac(t2, t0, b, 33);
	}
	memcpy(t1, o1, 32);
}
static void
aead(u8 *out, const u8 k[32], const u8 *in, int n, const u8 ad[32])
{
	u8 z[12] = { 0 };
	int l;
	EVP_EncryptInit_ex2(cc, ci, k, z, NULL);
	EVP_EncryptUpdate(cc, NULL, &l, ad, 32);
	EVP_EncryptUpdate(cc, out, &l, in, n);
	EVP_EncryptFinal_ex(cc, out + n, &l);
	EVP_CIPHER_CTX_ctrl(cc, EVP_CTRL_AEAD_GET_TAG, 16, out + n);
}
static void
keypair(u8 sk[32], u8 pk[32])
{
	size_t n = 32;
	EVP_PKEY *p = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	EVP_PKEY_get_raw_private_key(p, sk, &n);
	n = 32;
	EVP_PKEY_get_raw_public_key(p, pk, &n);
	EVP_PKEY_free(p);
}
static void
dh(u8 out[32], const u8 sk[32], const u8 pk[32])
{
	size_t n = 32;
	EVP_PKEY *a = EVP_PKEY_new_raw_private_key(
		     EVP_PKEY_X25519, NULL, sk, 32),
		 *b =
		     EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, pk, 32);
	EVP_PKEY_CTX *d = EVP_PKEY_CTX_new(a, NULL);
	EVP_PKEY_derive_init(d);
	EVP_PKEY_derive_set_peer(d, b);
	EVP_PKEY_derive(d, out, &n);
	EVP_PKEY_CTX_free(d);
	EVP_PKEY_free(a);
	EVP_PKEY_free(b);
}
static char *
b64(const u8 k[32])
{
	static char s[64];
	EVP_EncodeBlock((u8 *)s, k, 32);
	return s;
}

static int
do_conf(int n, const char *prefix)
{
	char p[512];
	u8 sk[32], pk[32];
	snprintf(p, sizeof p, "%s.conf", prefix);
	FILE *c = fopen(p, "w");
	snprintf(p, sizeof p, "%s.keys", prefix);
	FILE *k = fopen(p, "w");
	if (!c || !k)
		die("cannot write");
	keypair(sk, pk);
	fwrite(pk, 1, 32, k);
	fprintf(
	    c, "[Interface]\nPrivateKey = %s\nListenPort = 51830\n", b64(sk));
	for (int i = 0; i < n; i++) {
		keypair(sk, pk);
		fwrite(sk, 1, 32, k);
		fwrite(pk, 1, 32, k);
		fprintf(c,
		    "[Peer]\nPublicKey = %s\nAllowedIPs = 10.200.%d.%d/32\n",
		    b64(pk), i >> 8 & 255, i & 255);
	}
	fclose(c);
	fclose(k);
	return 0;
}

#define MSG 148
#define PEERS_MAX 65536

static u8 kp[PEERS_MAX][64];

/* The responder's public key, and the key pairs of its peers; how many. */
static int
read_keys(const char *keys, u8 spk[32])
{
	FILE *f = fopen(keys, "r");
	int peers = 0;

	if (!f)
		die("no keys");
	if (fread(spk, 1, 32, f) != 32)
		die("short keys");
	while (peers < PEERS_MAX && fread(kp[peers], 1, 64, f) == 64)
		peers++;
	fclose(f);
	if (!peers)
		die("no peers");
	return peers;
}

/* What all initiations share. */
struct common {
	u8 h0[32], ck[32], epk[32], k[32], mk[32], spk[32];
	struct timespec ts;
};

static void
begin(struct common *c)
{
	u8 c0[32], esk[32], es[32];

	hash(c0, "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s", 37, NULL, 0);
	hash(c->h0, c0, 32, "WireGuard v1 zx2c4 Jason@zx2c4.com", 34);
	hash(c->h0, c->h0, 32, c->spk, 32);
	keypair(esk, c->epk);
	kdf(c->ck, NULL, c0, c->epk, 32);
	hash(c->h0, c->h0, 32, c->epk, 32);
	dh(es, esk, c->spk);
	kdf(c->ck, c->k, c->ck, es, 32);
	hash(c->mk, "mac1----", 8, c->spk, 32);
	clock_gettime(CLOCK_REALTIME, &c->ts);
}

static void
tai64n(u8 tai[12], const struct timespec *ts, int r)
{
	uint64_t s = 0x400000000000000aULL + ts->tv_sec;
	uint32_t ns = ts->tv_nsec / 2 + (uint32_t)r;

	for (int b = 0; b < 8; b++)
		tai[b] = s >> (56 - 8 * b);
	for (int b = 0; b < 4; b++)
		tai[8 + b] = ns >> (24 - 8 * b);
}

/* The initiations of peer i, of which there are "rounds", into m. */
static void
initiations(const struct common *c, u8 *m, int i, int peers, int rounds)
{
	u8 st[48], k2[32], c2[32], ss[32], h[32], t[32], tai[12];
	size_t o16 = 16, ml;
	OSSL_PARAM pr[] = { OSSL_PARAM_construct_size_t(
				OSSL_MAC_PARAM_SIZE, &o16),
		OSSL_PARAM_construct_end() };

	aead(st, c->k, kp[i] + 32, 32, c->h0);
	hash(h, c->h0, 32, st, 48);
	dh(ss, kp[i], c->spk);
	kdf(c2, k2, c->ck, ss, 32);
	for (int r = 0; r < rounds; r++) {
		uint32_t id = (uint32_t)(r * peers + i);
		u8 *d = m + (size_t)id * MSG;
		memset(d, 0, MSG);
		d[0] = 1;
		memcpy(d + 4, &id, 4);
		memcpy(d + 8, c->epk, 32);
		memcpy(d + 40, st, 48);
		tai64n(tai, &c->ts, r);
		aead(d + 88, k2, tai, 12, h);
		EVP_MAC_init(kc, c->mk, 32, pr);
		EVP_MAC_update(kc, d, 116);
		EVP_MAC_final(kc, t, &ml, 32);
		memcpy(d + 116, t, 16);
	}
}

static int
dial(const char *ip, int port)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	struct timeval tv = { 0, 100000 };

	inet_pton(AF_INET, ip, &a.sin_addr);
	if (connect(fd, (void *)&a, sizeof a))
		die("connect");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	return fd;
}

/* A closed loop: "window" initiations are on their way at any time. */
static void
load(int fd, const u8 *m, int total, int peers, int window, double secs)
{
	u8 *seen = calloc(total, 1), b[256];
	int next = 0, fly = 0, answered = 0, lost = 0, cookies = 0, other = 0;
	double t0 = now(), t1 = t0;

	while (t1 - t0 < secs && next < total) {
		uint32_t to;
		ssize_t n;
		while (fly < window && next < total) {
			if (send(fd, m + (size_t)next * MSG, MSG, 0) == MSG)
				fly++;
			seen[next++] = 1;
		}
		n = recv(fd, b, sizeof b, 0);
		t1 = now();
		if (n < 0) {
			lost += fly;
			fly = 0;
			continue;
		}
		memcpy(&to, b + 8, 4);
		if (n == 92 && b[0] == 2 && to < (uint32_t)total &&
		    seen[to] == 1) {
			seen[to] = 2;
			answered++;
			fly -= fly > 0;
		} else if (n == 64 && b[0] == 3) {
			cookies++;
			fly -= fly > 0;
		} else
			other++;
	}
	printf("{\"answered\":%d,\"sent\":%d,\"lost\":%d,\"cookies\":%d,"
	       "\"other\":%d,\"secs\":%.3f,\"per_s\":%.0f,\"peers\":%d,"
	       "\"window\":%d}\n",
	    answered, next, lost, cookies, other, t1 - t0, answered / (t1 - t0),
	    peers, window);
	free(seen);
}

static int
do_run(const char *keys, const char *ip, int port, int window, double secs)
{
	struct common c;
	int peers = read_keys(keys, c.spk);
	int rounds = 1 + (int)(secs * 30000 / peers), total = rounds * peers;
	u8 *m = malloc((size_t)total * MSG);

	if (!m)
		die("out of memory");
	begin(&c);
	for (int i = 0; i < peers; i++)
		initiations(&c, m, i, peers, rounds);
	load(dial(ip, port), m, total, peers, window, secs);
	free(m);
	return 0;
}

int
main(int argc, char **v)
{
	md = EVP_MD_fetch(NULL, "BLAKE2S-256", NULL);
	mc = EVP_MD_CTX_new();
	ci = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
	cc = EVP_CIPHER_CTX_new();
	kc = EVP_MAC_CTX_new(EVP_MAC_fetch(NULL, "BLAKE2SMAC", NULL));
	if (argc == 4 && !strcmp(v[1], "conf"))
		return do_conf(atoi(v[2]), v[3]);
	if (argc == 7 && !strcmp(v[1], "run"))
		return do_run(v[2], v[3], atoi(v[4]), atoi(v[5]), atof(v[6]));
	fprintf(stderr, "usage: hsload conf COUNT PREFIX | hsload run KEYS "
			"ADDR PORT WINDOW SECS\n");
	return 2;
}
