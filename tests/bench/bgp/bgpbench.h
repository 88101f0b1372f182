/* SPDX-License-Identifier: ISC */
/*
 * What the table (table.c) and the peers (bgpbench.c) share.  A prefix is the
 * upper 64 bits of its address; prefixes with one set of attributes are a
 * group.
 */
#ifndef BENCH_BGPBENCH_H
#define BENCH_BGPBENCH_H

#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define MAXPEER 256

struct pfx {
	u64 hi;
	u32 grp;
	u32 origin;
	u8 len, fam;
};

struct grp {
	u32 origin, key, first, count;
	u8 fam;
	u64 want0, want1;
};

/* exact-match index: prefix -> position in pfx[] */
struct slot {
	u64 hi;
	u32 idx1;
	u8 len, fam;
};

struct feeder {
	u32 ip, as;
	u8 ip6[16];
};

struct stream {
	u8 *buf;
	size_t len, cap;
	u32 nlri, msgs;
};

extern u64 seed;
extern struct pfx *pfx; /* the table, */
extern u32 npfx;
extern struct grp *grp; /* and its groups */
extern u32 ngrp;
extern double setratio; /* groups for each prefix */
extern u32 dut_as;
extern struct feeder feeder[MAXPEER], sinkid[MAXPEER];
extern int nfeed, nsink;

void die(const char *f, ...);
void *need(void *p);
double now(void);
u64 mix(u64 x);
/* Where it stands in the index, or would: idx1 is 0 then. */
struct slot *find(u64 hi, u8 len, u8 fam);
u8 *put16(u8 *p, u32 v);
u8 *put32(u8 *p, u32 v);
u32 get16(const u8 *p);
u32 get32(const u8 *p);
void header(u8 *m, u8 type, u32 len);
u64 pathhash(const u32 *p, int n);
/* The path that a feeder of this rank gives to the group; its length. */
int aspath(const struct grp *g, u32 rank, u32 peer_as, u32 *out);
/* 0: feeder i of n has the shortest path for the group, 1: the next one. */
u32 rankof(const struct grp *g, int i, int n);
int announces(const struct grp *g, int i, int n);
/* Makes the table: n4 and n6 prefixes, of the ranges in a file or made up. */
void build(const char *table, u32 n4, u32 n6);
/* All that feeder i announces, as UPDATEs, and End-of-RIB. */
void encode(struct stream *s, int i);

/* All of the table into the kernel: fib.c. */
void fib(u32 gw, const char *dev);

#endif
