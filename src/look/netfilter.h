/* SPDX-License-Identifier: ISC */
/*
 * What the host's nftables would do with a flow's first packet, as far as it
 * can be known: rules that ask for what is not known here (marks, sets of
 * other kinds, times) are said to be unclear, never guessed.
 *
 *	netfilter_load(&n);			0, or -errno and why
 *	netfilter_judge(n, "forward", &flow, &verdict);
 *	netfilter_free(n);
 *
 * netfilter_parse() takes what "nft -j list ruleset" prints, for tests.
 */
#ifndef WARREN_LOOK_NETFILTER_H
#define WARREN_LOOK_NETFILTER_H

#include "base/ip.h"

struct netfilter;

struct flow {
	const char *iif, *oif;		/* NULL: none at this hook */
	struct ip src, dst;
	const char *l4;			/* "udp", "tcp"; NULL: not known */
	uint16_t dport;			/* 0: not known */
};

enum netfilter_sentence {
	NETFILTER_PASSES, NETFILTER_UNCLEAR, NETFILTER_DROPS
};

struct netfilter_verdict {
	enum netfilter_sentence sentence;
	unsigned chains;		/* that were asked */
	bool masquerades;
	/* Which table, chain and rule: of a drop, or what is unclear. */
	char where[160];
	/* Of a drop: the chain that the hook begins with. */
	char family[8], table[64], chain[64];
};

int netfilter_load(struct netfilter **ret);
struct netfilter *netfilter_parse(const char *json);	/* NULL: is none */
struct netfilter *netfilter_free(struct netfilter *n);	/* gives NULL */

/* hook: "input", "forward", "output". */
void netfilter_judge(const struct netfilter *n, const char *hook,
    const struct flow *flow, struct netfilter_verdict *ret);
/* Whether a rule may change the flow's source address on its way out. */
bool netfilter_masquerades(const struct netfilter *n,
    const struct flow *flow);
/* By these one knows whose the ruleset is. */
bool netfilter_has_table(const struct netfilter *n, const char *table);
bool netfilter_has_chain(const struct netfilter *n, const char *chain);

#endif
