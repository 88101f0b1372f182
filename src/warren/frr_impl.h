/* SPDX-License-Identifier: ISC */
/*
 * FRR's words: what they ask warrend for, and FRR's columns for the answer.
 * frr_words.c finds out what is wanted, frr_bgp.c and frr_route.c show it.
 */
#ifndef WARREN_WARREN_FRR_IMPL_H
#define WARREN_WARREN_FRR_IMPL_H

#include <time.h>

#include "base/ip.h"
#include "warren/json.h"
#include "warren/warren.h"

/* What warrend says, kept: the protocols that are BGP, and who it is. */
struct frr_view {
	struct client *client;
	FILE *out;
	struct arena *a;
	const struct json_node *status;
	struct json_node *peers, **end;	/* rows of "show protocols" */
	struct arena *row;		/* of the row at hand */
	uint64_t version;		/* changes counted */
	bool titled;			/* no one family was asked for */
	int answer;			/* of the last command */
};

/* json_rows: each object of an answer; the node lasts until the next. */
typedef void frr_row_fn(void *ctx, const struct json_node *row);

bool frr_view_init(struct frr_view *v, struct client *c, FILE *out);
void frr_view_done(struct frr_view *v);
/* Exit status of the command; an error's text is printed as FRR would. */
int frr_ask(struct frr_view *v, const char *command, frr_row_fn *each,
    void *ctx);
const struct json_node *frr_peer(const struct frr_view *v, const char *who);
/* The family of an answer's net: 4, 6, or 0. */
unsigned frr_family(const char *net);
/* "00:01:02", "1d02h03m", "01w2d03h" since a time of JSON's. */
void frr_ago(const char *since, char *buf, size_t cap);
bool frr_external(const struct json_node *peer);

int frr_summary(struct frr_view *v, unsigned families);
int frr_neighbors(struct frr_view *v, const char *who);
int frr_table(struct frr_view *v, unsigned family);
int frr_entry(struct frr_view *v, unsigned family, const char *net);
enum frr_adj { FRR_ADJ_ADVERTISED, FRR_ADJ_RECEIVED, FRR_ADJ_ROUTES };
int frr_adj(struct frr_view *v, unsigned family, const char *who,
    enum frr_adj what);
int frr_routes(struct frr_view *v, unsigned family, const char *net);

#endif
