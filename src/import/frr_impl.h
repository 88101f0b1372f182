/* SPDX-License-Identifier: ISC */
/*
 * FRR's configuration as it was read, and who reads and prints which part.
 *
 * Reading keeps lines, and looks into their words only as far as the model
 * needs; what the words mean to Warren is decided while printing, when the
 * whole file is known.
 */
#ifndef WARREN_IMPORT_FRR_IMPL_H
#define WARREN_IMPORT_FRR_IMPL_H

#include "base/ip.h"
#include "import/import.h"
#include "import/lines.h"

enum frr_af { FRR_IP4, FRR_IP6, FRR_AFS };
enum { FRR_IN, FRR_OUT };

/* What may be said of a neighbor; below FRR_O_AF in a family. */
enum frr_option {
	FRR_O_REMOTE_AS, FRR_O_LOCAL_AS, FRR_O_DESCRIPTION, FRR_O_PASSWORD,
	FRR_O_SOURCE, FRR_O_MULTIHOP, FRR_O_TTL, FRR_O_NO_CHECK,
	FRR_O_CONNECT, FRR_O_TIMERS, FRR_O_SHUTDOWN, FRR_O_PASSIVE, FRR_O_PORT,
	FRR_O_IFACE, FRR_O_BFD, FRR_O_EXTENDED, FRR_O_NO_CAPS,
	FRR_O_FIRST_AS, FRR_O_ROLE, FRR_O_GR, FRR_O_GR_HELPER, FRR_O_GR_OFF,
	FRR_O_AF,
	FRR_O_ACTIVATE = FRR_O_AF, FRR_O_MAP, FRR_O_MAP_OUT, FRR_O_PLIST,
	FRR_O_PLIST_OUT, FRR_O_ALIST, FRR_O_ALIST_OUT, FRR_O_ASLIST,
	FRR_O_ASLIST_OUT, FRR_O_SELF, FRR_O_RR, FRR_O_RS, FRR_O_SOFT,
	FRR_O_SEND, FRR_O_SEND_EXT, FRR_O_SEND_LARGE, FRR_O_DEFAULT,
	FRR_O_MAX, FRR_O_MAX_OUT, FRR_O_ALLOWAS, FRR_O_WEIGHT,
	FRR_O_PRIVATE, FRR_O_ADDPATH, FRR_O_ADDPATH_AS, FRR_O_NO_RX,
	FRR_O_UNCHANGED,
	FRR_OPTIONS
};

/* at is the first argument's word; l is NULL where nothing was said. */
struct frr_opt {
	const struct import_line *l;
	unsigned at;
	bool off;			/* "no" stood in front of it */
};

struct frr_neighbor {
	struct frr_neighbor *next;
	const char *name;		/* address, interface, or group */
	const struct import_line *l;
	struct ip ip;			/* IP_NONE: an interface, a group */
	bool is_group, is_iface, v6only;
	struct frr_neighbor *group;
	const char *symbol;		/* the protocol's name */
	struct frr_opt opt[FRR_AFS][FRR_OPTIONS];	/* AF-less in [0] */
	struct import_notes notes;
};

/* "bgp listen range" */
struct frr_range {
	struct frr_range *next;
	const struct import_line *l;
	struct prefix net;
	const char *group;
};

/* network, redistribute */
struct frr_origin {
	struct frr_origin *next;
	const struct import_line *l;
	struct prefix net;		/* network */
	const char *what;		/* redistribute: connected, … */
	const char *map;
	bool has_metric;
	uint32_t metric;
};

struct frr_bgp {
	const struct import_line *l;
	uint32_t as;
	const char *router_id, *cluster_id;
	bool no_v4, v6, import_check, requires_policy, compare_med,
	    deterministic_med, path_ignore, relax, compare_id, med_worst,
	    enforce_first, reject_sets, no_direct_check, graceful,
	    graceful_off;
	uint32_t local_pref, hold, keepalive, connect, min_hold, confed,
	    gr_time, paths[FRR_AFS], distance[FRR_AFS][2];
	uint32_t *members;		/* of the confederation */
	unsigned n_members;
	const char *table_map[FRR_AFS];
	struct frr_neighbor *neighbors, **end;
	struct frr_range *ranges;
	struct frr_origin *networks[FRR_AFS], *redistribute[FRR_AFS];
	struct import_notes notes;
};

enum frr_kind {
	FRR_PLIST4, FRR_PLIST6, FRR_ALIST4, FRR_ALIST6, FRR_ASLIST,
	FRR_CLIST, FRR_LCLIST, FRR_ECLIST, FRR_LISTS
};

struct frr_entry {
	struct frr_entry *next;
	const struct import_line *l;
	unsigned seq, at;		/* at: first word of the condition */
	bool permit, expanded, bad;
	bool any, exact;		/* prefixes and access lists */
	struct prefix net;
	uint8_t lo, hi;			/* lengths that match */
};

struct frr_list {
	struct frr_list *next;
	enum frr_kind kind;
	const char *name;
	struct frr_entry *entries;
	struct import_notes notes;
	bool used;			/* as "net ~ X", or X() */
	bool used_host;			/* as X_of(ip), or X_exact() */
};

/* One match or set line; row tells which. */
struct frr_clause {
	struct frr_clause *next;
	const struct import_line *l;
	unsigned row, at;
};

struct frr_rule {
	struct frr_rule *next;
	const struct import_line *l;
	unsigned seq;
	bool permit, next_goes_on;
	uint32_t go_to;			/* "on-match goto"; 0: none */
	const char *call;
	const struct import_line *call_line;
	struct frr_clause *match, *set;
};

/* Where a map runs: the sense of some clauses depends on it. */
enum frr_use {
	FRR_USE_IN, FRR_USE_OUT, FRR_USE_ORIGIN, FRR_USE_KERNEL, FRR_USES
};

struct frr_map {
	struct frr_map *next;
	const char *name;
	struct frr_rule *rules;
	struct import_notes notes;
	uint8_t used, printed, open;	/* bits of enum frr_use */
	bool peer;			/* takes the neighbor's address */
};

struct frr_route {
	struct frr_route *next;
	const struct import_line *l;
	struct prefix net;
	struct ip gw;			/* IP_NONE: on an interface, or none */
	const char *iface, *dest;	/* dest: blackhole, unreachable, … */
	uint32_t distance, tag;
	bool onlink;
};

struct frr_iface {
	struct frr_iface *next;
	const char *name;
	struct ip ip[FRR_AFS];
};

struct frr_symbol {
	struct frr_symbol *next;
	const char *prefix, *name, *symbol;
};

struct frr_rpki {
	struct frr_rpki *next;
	const struct import_line *l;
	const char *host;
	uint32_t port;
};

struct frr {
	struct import im;
	struct import_notes notes;
	unsigned version;		/* 804 is 8.4 */
	bool datacenter;
	const char *hostname, *router_id;
	struct frr_bgp *bgp;
	struct frr_map *maps;
	struct frr_list *lists[FRR_LISTS];
	struct frr_route *routes, **routes_end;
	struct frr_iface *ifaces;
	struct frr_symbol *symbols;
	struct frr_rpki *caches;
	/* "ip protocol bgp route-map" */
	const char *protocol_map[FRR_AFS];
	bool needs_tag, needs_rpki;
	/* where the reader is */
	enum { FRR_TOP, FRR_BGP, FRR_MAP, FRR_IFACE, FRR_RPKI, FRR_SKIP,
	    FRR_VRF } in;
	enum frr_af af;
	bool skip_family;
	struct frr_rule *rule;
	struct frr_map *map;
	struct frr_iface *iface;
	/* weights in ascending order: rank is the preference */
	uint32_t weight[128];
	unsigned n_weights;
};

/* frr.c: names of lists, maps, filters and protocols, once for each. */
const char *frr_symbol(struct frr *f, const char *prefix, const char *name);
/* What is preferred, for a weight of FRR's. */
unsigned frr_preference(const struct frr *f, uint32_t weight);
void frr_weight(struct frr *f, uint32_t weight);

/* frr_bgp.c; l is a line within "router bgp".  False: not one of them. */
bool frr_bgp_begin(struct frr *f, const struct import_line *l);
bool frr_bgp_line(struct frr *f, const struct import_line *l, bool no);
struct frr_neighbor *frr_neighbor_find(const struct frr *f,
    const char *name);
/* What holds for a neighbor: its own option, or its group's; or NULL. */
const struct frr_opt *frr_opt(const struct frr_neighbor *n, enum frr_af af,
    enum frr_option o);
bool frr_opt_on(const struct frr_neighbor *n, enum frr_af af,
    enum frr_option o);

/* frr_list.c */
bool frr_list_line(struct frr *f, const struct import_line *l);
struct frr_list *frr_list_find(const struct frr *f, enum frr_kind k,
    const char *name);
const char *frr_list_symbol(struct frr *f, enum frr_kind k,
    const char *name);
/* The expression that is true where the list permits; reads "net". */
void frr_list_test(struct frr *f, enum frr_kind k, const char *name,
    struct text *out);
/* The same of an address: "bgp_next_hop", "from". */
void frr_list_host_test(struct frr *f, enum frr_kind k, const char *name,
    const char *what, struct text *out);
/* Definitions of all that was used. */
void frr_lists_print(struct frr *f, struct text *out);

/* frr_set.c: regular expressions and communities as sets. */
/* "bgp_path ~ [= … =]"; false: there is no such mask. */
bool frr_path_test(const char *regex, struct text *out);
/*
 * "(65000,1), (65001,*)"; alone where a route may have no other.  A "^" or
 * a "$" without the other is passed over.
 */
bool frr_community_set(const char *regex, struct text *out,
    bool *ret_alone);
/* "bgp_community ~ [(…)]" */
bool frr_community_test(const char *regex, struct text *out);
/* "65000:1", "no-export" as "(65000,1)"; false: neither. */
bool frr_community(const char *word, struct text *out);
bool frr_large_community(const char *word, struct text *out);
/* "rt 65000:1" */
bool frr_ext_community(const char *kind, const char *word,
    struct text *out);

/* frr_map.c reads, frr_clause.c says what a clause is in Warren. */
bool frr_map_begin(struct frr *f, const struct import_line *l);
bool frr_map_line(struct frr *f, const struct import_line *l);
struct frr_map *frr_map_find(const struct frr *f, const char *name);
/* A call of it; marks it, and what it needs, as used there. */
void frr_map_call(struct frr *f, const char *name, enum frr_use use,
    const char *peer, struct text *out);
void frr_maps_print(struct frr *f, struct text *out);
/* Rows of clauses; -1: unknown.  *ret_at is the first argument. */
int frr_match_row(const struct import_line *l, unsigned *ret_at);
int frr_set_row(const struct import_line *l, unsigned *ret_at);
/* False: cannot be carried over, and why was noted. */
bool frr_match_print(struct frr *f, struct frr_map *m, enum frr_use use,
    const struct frr_clause *c, struct text *out);
void frr_set_print(struct frr *f, struct frr_map *m, enum frr_use use,
    const struct frr_clause *c, const char *indent, struct text *out);

/* frr_static.c */
bool frr_static_line(struct frr *f, const struct import_line *l);
void frr_static_print(struct frr *f, struct text *out);

/* frr_neighbor.c, frr_out.c print what the model holds. */
void frr_neighbors_print(struct frr *f, struct text *out);
void frr_origins_print(struct frr *f, struct text *out);
void frr_print(struct frr *f, struct text *out);
bool frr_has_origins(const struct frr *f, enum frr_af af);
/* The routes that FRR's BGP table would have; a condition for export. */
void frr_in_bgp(const struct frr *f, enum frr_af af, struct text *out);

static inline const char *
frr_af_name(enum frr_af af)
{
	return af == FRR_IP4 ? "ipv4" : "ipv6";
}

#endif
