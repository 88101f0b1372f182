/* SPDX-License-Identifier: ISC */
/*
 * The table: prefixes, how they fall into groups, and what each feeder says of
 * a group.  All of it depends on the seed, the size and the ranges file alone.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bgpbench.h"

void
die(const char *f, ...)
{
	va_list a;
	va_start(a, f);
	vfprintf(stderr, f, a);
	va_end(a);
	fputc('\n', stderr);
	exit(1);
}

void *
need(void *p)
{
	if (!p)
		die("out of memory");
	return p;
}

double
now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

u64 seed = 1;

u64
mix(u64 x)
{
	x += 0x9e3779b97f4a7c15ull;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

struct rng {
	u64 s;
};
static u64
rnd(struct rng *r)
{
	return mix(r->s++ * 0x2545f4914f6cdd1dull + 0x632be59bd9b4e019ull);
}
static u32
rndn(struct rng *r, u32 n)
{
	return (u32)((rnd(r) >> 32) * (u64)n >> 32);
}
static double
rndf(struct rng *r)
{
	return (rnd(r) >> 11) / 9007199254740992.0;
}

/* ---------- the table ---------- */

struct pfx *pfx;
u32 npfx;
static u32 cappfx;
struct grp *grp;
u32 ngrp;
double setratio = 0.125;

static struct slot *slots;
static u32 slotmask;

static u64
hkey(u64 hi, u8 len, u8 fam)
{
	return mix(hi ^ ((u64)len << 3) ^ fam);
}

struct slot *
find(u64 hi, u8 len, u8 fam)
{
	u32 i = hkey(hi, len, fam) & slotmask;
	while (slots[i].idx1 && (slots[i].hi != hi || slots[i].len != len ||
				    slots[i].fam != fam))
		i = (i + 1) & slotmask;
	return &slots[i];
}

static u64
maskhi(u64 hi, u8 len)
{
	return len ? hi & (~0ull << (64 - len)) : 0;
}

static int
add(u64 hi, u8 len, u8 fam, u32 origin)
{
	hi = maskhi(hi, len);
	struct slot *s = find(hi, len, fam);
	if (s->idx1 || npfx >= cappfx)
		return 0;
	pfx[npfx] =
	    (struct pfx){ .hi = hi, .len = len, .fam = fam, .origin = origin };
	*s = (struct slot){ .hi = hi, .len = len, .fam = fam, .idx1 = ++npfx };
	return 1;
}

/* IPv4 space that no full table carries, or that the harness itself uses */
static int
bogon4(u32 a, u8 len)
{
	static const struct {
		u32 a;
		u8 l;
	} b[] = { { 0x00000000, 8 }, { 0x0a000000, 8 }, { 0x64400000, 10 },
		{ 0x7f000000, 8 }, { 0xa9fe0000, 16 }, { 0xac100000, 12 },
		{ 0xc0000000, 24 }, { 0xc0000200, 24 }, { 0xc0a80000, 16 },
		{ 0xc6120000, 15 }, { 0xc6336400, 24 }, { 0xcb007100, 24 },
		{ 0xe0000000, 3 } };
	for (unsigned i = 0; i < sizeof b / sizeof *b; i++) {
		u8 l = b[i].l < len ? b[i].l : len;
		if (((a ^ b[i].a) >> (32 - l)) == 0)
			return 1;
	}
	return 0;
}

/* Rough prefix length mix of a global table, per 1M (IPv4) and per 230k (IPv6).
 */
static const u32 shape4[33] = { [8] = 16,
	[9] = 14,
	[10] = 40,
	[11] = 100,
	[12] = 300,
	[13] = 590,
	[14] = 1200,
	[15] = 2150,
	[16] = 13700,
	[17] = 8500,
	[18] = 14200,
	[19] = 25800,
	[20] = 46000,
	[21] = 53500,
	[22] = 113000,
	[23] = 105000,
	[24] = 615890 };
static const u32 shape6[65] = { [20] = 20,
	[24] = 60,
	[28] = 250,
	[29] = 5200,
	[30] = 900,
	[31] = 300,
	[32] = 26500,
	[33] = 3300,
	[34] = 3000,
	[35] = 1800,
	[36] = 14500,
	[38] = 2500,
	[40] = 25500,
	[42] = 5200,
	[44] = 27500,
	[45] = 2200,
	[46] = 5500,
	[47] = 4800,
	[48] = 100970 };

struct base {
	u32 a;
	u8 len;
	u32 origin;
};

static u32
okorigin(u32 as)
{
	if (as == 0 || as == 23456 || (as >= 64496 && as <= 131071) ||
	    as >= 4200000000u)
		return 1 + mix(as) % 64000;
	return as;
}

static struct base *
readbase(const char *file, double keep, u32 *n)
{
	FILE *f = fopen(file, "r");
	if (!f)
		die("%s: %s", file, strerror(errno));
	u32 cap = 1 << 20;
	struct base *b = need(malloc(cap * sizeof *b));
	unsigned long long s, e, as;
	char line[1024];
	*n = 0;
	while (fgets(line, sizeof line, f)) {
		if (sscanf(line, "%llu,%llu,%llu", &s, &e, &as) != 3 ||
		    e > 0xffffffffull || s > e)
			continue;
		if ((mix(as * 31 + seed) >> 11) / 9007199254740992.0 >= keep)
			continue;
		while (s <= e) {
			u8 len = 32;
			while (len > 0 && !(s & ((1ull << (33 - len)) - 1)) &&
			       s + (1ull << (33 - len)) - 1 <= e)
				len--;
			if (len >= 8 && len <= 24 && !bogon4((u32)s, len)) {
				if (*n == cap)
					b = need(
					    realloc(b, (cap *= 2) * sizeof *b));
				b[(*n)++] = (struct base){ (u32)s, len,
					okorigin((u32)as) };
			}
			s += 1ull << (32 - len);
		}
	}
	fclose(f);
	return b;
}

static void
quota(const u32 *shape, int maxlen, u32 n, u32 *want)
{
	u64 sum = 0;
	u32 got = 0;
	for (int l = 0; l <= maxlen; l++)
		sum += shape[l];
	for (int l = 0; l <= maxlen; l++)
		got += want[l] = (u64)n * shape[l] / sum;
	want[maxlen] += n - got;
}

static void
build4(const char *table, u32 n)
{
	struct rng r = { seed * 1000003 + 4 };
	u32 want[33] = { 0 }, nb = 0;
	struct base *b;

	quota(shape4, 24, n, want);
	if (table) {
		b = readbase(table, n < 1000000 ? n / 1e6 : 1.0, &nb);
	} else {
		/* no real ranges: invent non-nested-ish blocks, one third short
		 * of the target */
		b = need(malloc((n + 16) * sizeof *b));
		u32 norig = n / 12 + 1;
		for (int l = 8; l <= 24; l++)
			for (u32 i = 0, c = want[l] * (l == 24 ? 0.36 : 0.9);
			     i < c; i++) {
				u32 a = (u32)(rnd(&r) >> 32) &
					~(u32)((1ull << (32 - l)) - 1);
				if (bogon4(a, l))
					continue;
				double u = rndf(&r);
				u32 o = rndn(&r, 100) < 35
					    ? rndn(&r, norig)
					    : (u32)(norig * u * u * u);
				b[nb++] = (struct base){ a, l,
					okorigin(1 + (u32)(mix(o ^ seed << 20) %
							   400000)) };
			}
	}
	if (!nb)
		die("no usable ranges");
	for (u32 i = nb - 1; i > 0; i--) {
		u32 j = rndn(&r, i + 1);
		struct base t = b[i];
		b[i] = b[j];
		b[j] = t;
	}
	for (u32 i = 0; i < nb; i++)
		if (want[b[i].len] &&
		    add((u64)b[i].a << 32, b[i].len, 4, b[i].origin))
			want[b[i].len]--;
	/* fill each length with more-specifics of known blocks, often in short
	 * runs */
	for (int l = 9; l <= 24; l++) {
		u64 tries = 0;
		while (want[l] && tries++ < 60ull * n) {
			struct base *p = &b[rndn(&r, nb)];
			if (p->len >= l || p->len + 9 < l) {
				if (tries > 50ull * n)
					break;
				continue;
			}
			u32 slots_in = 1u << (l - p->len),
			    at = rndn(&r, slots_in);
			u32 run = 1 + (rndn(&r, 2) ? rndn(&r, 8) : 0);
			for (; run-- && at < slots_in && want[l]; at++)
				want[l] -=
				    add((u64)(p->a + (at << (32 - l))) << 32, l,
					4, p->origin);
		}
		if (l < 24)
			want[24] += want[l];
	}
	while (npfx <
	       n) { /* tiny remainder, or N beyond what the blocks can hold */
		u32 a = (u32)(rnd(&r) >> 32) & 0xffffff00u;
		if (!bogon4(a, 24))
			add((u64)a << 32, 24, 4, b[rndn(&r, nb)].origin);
	}
	free(b);
}

static void
build6(u32 n)
{
	struct rng r = { seed * 1000003 + 6 };
	u32 want[65] = { 0 }, first = npfx, norig = n / 8 + 1;
	static const u16 top[] = { 0x2001, 0x2400, 0x2401, 0x2402, 0x2403,
		0x2404, 0x2405, 0x2600, 0x2602, 0x2604, 0x2606, 0x2607, 0x2620,
		0x2800, 0x2801, 0x2803, 0x2804, 0x2a00, 0x2a01, 0x2a02, 0x2a03,
		0x2a04, 0x2a05, 0x2a06, 0x2a07, 0x2a09, 0x2a0a, 0x2a0b, 0x2a0c,
		0x2a0d, 0x2a10, 0x2c0f };
	quota(shape6, 48, n, want);
	for (int l = 20; l <= 48; l++)
		while (want[l]) {
			u64 hi;
			u32 origin;
			if (l > 32 && npfx > first && rndn(&r, 100) < 92) {
				struct pfx *p =
				    &pfx[first + rndn(&r, npfx - first)];
				if (p->len >= l)
					continue;
				hi = p->hi | (rnd(&r) >> p->len);
				origin = p->origin;
			} else {
				hi = (u64)top[rndn(&r, sizeof top / 2)] << 48 |
				     rnd(&r) >> 16;
				origin = okorigin(
				    1 +
				    mix(rndn(&r, norig) ^ seed << 21) % 400000);
			}
			want[l] -= add(hi, l, 6, origin);
		}
}

static int
bygroup(const void *a, const void *b)
{
	const struct pfx *x = a, *y = b;
	if (x->fam != y->fam)
		return x->fam < y->fam ? -1 : 1;
	if (x->origin != y->origin)
		return x->origin < y->origin ? -1 : 1;
	if (x->grp != y->grp)
		return x->grp < y->grp ? -1 : 1;
	if (x->hi != y->hi)
		return x->hi < y->hi ? -1 : 1;
	return x->len - y->len;
}

void
build(const char *table, u32 n4, u32 n6)
{
	cappfx = n4 + n6;
	pfx = need(calloc(cappfx + 1, sizeof *pfx));
	for (slotmask = 1024; slotmask < 2 * cappfx; slotmask *= 2)
		;
	slots = need(calloc(slotmask--, sizeof *slots));
	if (n4)
		build4(table, n4);
	cappfx = n4 + n6;
	if (n6)
		build6(n6);

	/* attribute sets: one per origin, plus more for origins with many
	 * prefixes */
	qsort(pfx, npfx, sizeof *pfx, bygroup);
	u32 norig = 0;
	for (u32 i = 0; i < npfx; i++)
		norig += !i || pfx[i].origin != pfx[i - 1].origin ||
			 pfx[i].fam != pfx[i - 1].fam;
	double c = (setratio * npfx - norig) / npfx * 1.25;
	if (c < 0)
		c = 0;
	for (u32 i = 0, j; i < npfx; i = j) {
		for (j = i; j < npfx && pfx[j].origin == pfx[i].origin &&
			    pfx[j].fam == pfx[i].fam;
		     j++)
			;
		struct rng r = { seed * 77 + pfx[i].origin * 4099ull +
				 pfx[i].fam };
		u32 v = 1 + (u32)((j - i) * c + rndf(&r));
		for (u32 k = i; k < j; k++)
			pfx[k].grp =
			    v == 1 || rndn(&r, 3) == 0 ? 0 : rndn(&r, v);
	}
	qsort(pfx, npfx, sizeof *pfx, bygroup);
	grp = need(calloc(npfx + 1, sizeof *grp));
	for (u32 i = 0, j; i < npfx; i = j) {
		u32 var = pfx[i].grp;
		for (j = i; j < npfx && pfx[j].origin == pfx[i].origin &&
			    pfx[j].fam == pfx[i].fam && pfx[j].grp == var;
		     j++)
			;
		grp[ngrp] = (struct grp){ .origin = pfx[i].origin,
			.first = i,
			.count = j - i,
			.fam = pfx[i].fam,
			.key = (u32)mix(seed * 131 + pfx[i].origin * 65537ull +
					var * 7919ull + pfx[i].fam) };
		ngrp++;
	}
	for (u32 g = 0; g < ngrp; g++)
		for (u32 i = grp[g].first; i < grp[g].first + grp[g].count; i++)
			pfx[i].grp = g;
	memset(slots, 0, (slotmask + 1ull) * sizeof *slots);
	for (u32 i = 0; i < npfx; i++)
		*find(pfx[i].hi, pfx[i].len, pfx[i].fam) =
		    (struct slot){ .hi = pfx[i].hi,
			    .len = pfx[i].len,
			    .fam = pfx[i].fam,
			    .idx1 = i + 1 };
}

/* ---------- attributes ---------- */

u32 dut_as;

/*
 * Position of a feeder for a group: 0 announces the shortest path, 1 the next,
 * and so on, so that the right best path never hangs on a tie-break. Feeders of
 * position 2 and up leave out some groups.
 */
u32
rankof(const struct grp *g, int i, int n)
{
	return (u32)(i + mix(g->key) % n) % n;
}

int
announces(const struct grp *g, int i, int n)
{
	u32 r = rankof(g, i, n);
	return n < 3 || r < 2 ||
	       (mix(g->key ^ (u64)i << 40) >> 11) / 9007199254740992.0 >=
		   0.1 * n / (n - 2);
}

static u32
transit(struct rng *r, u32 pool)
{
	double u = rndf(r);
	u32 k = (u32)(pool * u * u * u),
	    as = 1 + mix(k * 2654435761u + pool) % 60000;
	return as == 23456 || as == dut_as ? 3 : as;
}

int
aspath(const struct grp *g, u32 rank, u32 peer_as, u32 *out)
{
	static const u8 cum[] = { 0, 0, 4, 24, 57, 81, 92, 97,
		100 }; /* path length 2..8 */
	struct rng r = { g->key };
	u32 u = rndn(&r, 100), len = 2, extra = rank < 3 ? rank : 3, n = 0,
	    pre = 0;
	while (u >= cum[len])
		len++;
	if (len >= 4 && rndn(&r, 100) < 15)
		pre = 1 + rndn(&r, len - 3);
	struct rng q = { g->key ^ (u64)rank << 33 ^ (u64)peer_as << 12 };
	out[n++] = peer_as;
	while (extra--)
		out[n++] = transit(&q, 300);
	for (u32 k = 1; k + 1 + pre < len; k++)
		out[n++] = transit(&r, k == 1 ? 60 : k == 2 ? 400 : 3000);
	do
		out[n++] = g->origin;
	while (pre--);
	return n;
}

u64
pathhash(const u32 *p, int n)
{
	u64 h = n;
	for (int i = 0; i < n; i++)
		h = mix(h ^ p[i]);
	return h;
}

struct feeder feeder[MAXPEER], sinkid[MAXPEER];
int nfeed, nsink;

u8 *
put16(u8 *p, u32 v)
{
	p[0] = v >> 8;
	p[1] = v;
	return p + 2;
}
u8 *
put32(u8 *p, u32 v)
{
	return put16(put16(p, v >> 16), v);
}
u32
get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}
u32
get32(const u8 *p)
{
	return get16(p) << 16 | get16(p + 2);
}

static u8 *
attr(u8 *p, u8 flags, u8 type, u32 len)
{
	if (len > 255) {
		*p++ = flags | 0x10;
		*p++ = type;
		return put16(p, len);
	}
	*p++ = flags;
	*p++ = type;
	*p++ = len;
	return p;
}

/* everything but MP_REACH; returns length */
static int
attrs(const struct grp *g, int i, u8 *buf)
{
	u8 *p = buf;
	u32 path[24];
	struct rng r = { g->key * 3ull + 17 };
	int n = aspath(g, rankof(g, i, nfeed), feeder[i].as, path);

	p = attr(p, 0x40, 1, 1);
	*p++ = rndn(&r, 100) < 90 ? 0 : 2;
	p = attr(p, 0x40, 2, 2 + 4 * n);
	*p++ = 2;
	*p++ = n;
	for (int k = 0; k < n; k++)
		p = put32(p, path[k]);
	if (g->fam == 4) {
		p = attr(p, 0x40, 3, 4);
		p = put32(p, feeder[i].ip);
	}
	if (rndn(&r, 100) < 30) {
		p = attr(p, 0x80, 4, 4);
		p = put32(p, rndn(&r, 3) ? rndn(&r, 200) : 0);
	}
	if (rndn(&r, 100) < 3) {
		p = attr(p, 0x40, 6, 0);
		p = attr(p, 0xc0, 7, 8);
		p = put32(p, g->origin);
		p = put32(p, 0xc6120000 + rndn(&r, 65536));
	}
	u32 nc = rndn(&r, 100) < 25 ? 0 : 1 + rndn(&r, 6) + rndn(&r, 6);
	if (nc) {
		p = attr(p, 0xc0, 8, 4 * nc);
		for (u32 k = 0; k < nc; k++)
			p = put32(p, (1 + mix(path[k % n]) % 60000) << 16 |
					 (k * 1000 + rndn(&r, 40)));
	}
	if (rndn(&r, 100) < 6) {
		u32 nl = 1 + rndn(&r, 4);
		p = attr(p, 0xc0, 32, 12 * nl);
		for (u32 k = 0; k < nl; k++) {
			p = put32(p, path[0]);
			p = put32(p, 1 + k);
			p = put32(p, rndn(&r, 1000));
		}
	}
	return p - buf;
}

static u8 *
room(struct stream *s)
{
	if (s->cap - s->len < 8192)
		s->buf = need(realloc(s->buf, s->cap = s->cap * 2 + (1 << 20)));
	return s->buf + s->len;
}

static u8 *
nlri(u8 *p, const struct pfx *x)
{
	int n = (x->len + 7) / 8;
	*p++ = x->len;
	for (int k = 0; k < n; k++)
		*p++ = x->hi >> (56 - 8 * k);
	return p;
}

void
header(u8 *m, u8 type, u32 len)
{
	memset(m, 255, 16);
	put16(m + 16, len);
	m[18] = type;
}

void
encode(struct stream *s, int i)
{
	u32 *order = need(malloc((ngrp + 1) * sizeof *order));
	struct rng r = { seed * 9176 + 5 };
	int has6 = 0;
	for (u32 g = 0; g < ngrp; g++) {
		order[g] = g;
		has6 |= grp[g].fam == 6;
	}
	for (u32 g = ngrp; g-- > 1;) {
		u32 j = rndn(&r, g + 1), t = order[g];
		order[g] = order[j];
		order[j] = t;
	}
	for (u32 o = 0; o < ngrp; o++) {
		struct grp *g = &grp[order[o]];
		u8 at[2048];
		if (!announces(g, i, nfeed))
			continue;
		int al = attrs(g, i, at);
		for (u32 k = g->first, end = g->first + g->count; k < end;) {
			u8 *m = room(s), *p = m + 21, *lim = m + 4096 - 18;
			if (g->fam == 4) {
				p = put16(p, al);
				memcpy(p, at, al);
				p += al;
				for (; k < end && p < lim; k++, s->nlri++)
					p = nlri(p, &pfx[k]);
			} else {
				u8 *tot = p, *mp;
				p += 2;
				*p++ = 0x90;
				*p++ = 14;
				mp = p;
				p = put16(p + 2, 2);
				*p++ = 1;
				*p++ = 16;
				memcpy(p, feeder[i].ip6, 16);
				p += 16;
				*p++ = 0;
				for (; k < end && p < lim - al; k++, s->nlri++)
					p = nlri(p, &pfx[k]);
				put16(mp, p - mp - 2);
				memcpy(p, at, al);
				p += al;
				put16(tot, p - tot - 2);
			}
			put16(m + 19, 0);
			header(m, 2, p - m);
			s->len += p - m;
			s->msgs++;
		}
	}
	u8 *m = room(s);
	header(m, 2, 23);
	memset(m + 19, 0, 4);
	s->len += 23;
	if (has6) {
		m = room(s);
		header(m, 2, 29);
		memcpy(m + 19, "\0\0\0\6\x80\x0f\3\0\2\1", 10);
		s->len += 29;
	}
	free(order);
}
