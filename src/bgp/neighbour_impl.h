/* SPDX-License-Identifier: ISC */
/* The inside of a neighbour, for the files of this folder. */
#ifndef WARREN_BGP_NEIGHBOUR_IMPL_H
#define WARREN_BGP_NEIGHBOUR_IMPL_H

#include "bgp/neighbour.h"

/* Nets gathered for one round of packing, */
#define BGP_BATCH	4096
/* octets of attributes that such a round may come to, */
#define BGP_BATCH_OCTETS	(1u << 20)
/* members of a group, */
#define BGP_GROUP_MAX	1024
/* and what they and their nets may make of news at most. */
#define BGP_NEWS_MAX	(BGP_BATCH + BGP_GROUP_MAX + 2)
/* Who has so many octets to send yet is left behind by the others. */
#define BGP_GROUP_WINDOW	(1u << 20)

/* Whom news are for: all of a group, all but one, or just one of them. */
enum bgp_whom {
	BGP_TO_ALL = 0, BGP_ALL_BUT = 1 << 16, BGP_TO_ONE = 2 << 16
};

/*
 * Who of a group has not been told of a net: 0, or slot + 1, with the bit when
 * that is because it is the next hop itself; or some that are not written down.
 */
#define BGP_HOP_ITSELF	0x8000
#define BGP_SEVERAL	UINT16_MAX

struct bgp_news {
	struct prefix net;
	uint32_t path_id;		/* ADD-PATH */
	uint32_t whom;			/* enum bgp_whom | slot */
	const struct attrs *attrs;	/* counted; NULL withdraws */
};

/* UPDATEs as they are sent, one after the other; for all who share them. */
struct bgp_chunk {
	uint32_t refs;
	uint8_t b[];
};

/* What a member has to send yet (queue.c). */
struct bgp_piece {
	struct bgp_chunk *chunk;	/* counted */
	uint32_t from, to;
};

struct bgp_queue {
	struct bgp_piece *v;
	uint32_t at, n, cap;
	size_t octets;
};

/*
 * Channels that tell their peers the same: one cursor in the table, one run
 * of the filter, one encoding (group.c, and doc/internals/bgp-fanout.md).
 */
struct bgp_group {
	struct rt_channel ch;		/* of it the outward half alone */
	uint32_t policy;		/* the same number: the same policy */
	struct bgp_chan **member;	/* [n_slots]; NULL: a free slot */
	uint16_t n_slots, n_members;
	bool moved;			/* has left the start of the table */
	struct instant hold;		/* waits at the start until then */

	struct bgp_news *news;		/* [BGP_NEWS_MAX], or NULL */
	uint32_t n_news, octets;
	struct bgp_sort *sort;		/* send.c; or NULL */
	struct bgp_draft *draft;	/* the same */
	bool no_memory;			/* some of the news are wrong */

	/*
	 * By net id: who of the group has not been told of an exported net,
	 * because it is from that one, say; see BGP_SEVERAL.
	 */
	uint16_t *hidden;
	uint32_t n_hidden;

	/* The last set exported as it stands, and what became of it. */
	const struct attrs *cache_in, *cache_out;	/* both counted */
	const struct rt_src *cache_src;
	uint16_t cache_hidden;		/* whom it is not for */
};

/* addpath.c: what the peer knows, where it gets all paths. */
struct bgp_paths {
	struct slab told;
	uint32_t *head;			/* [n], by net id */
	uint32_t n;
};

enum bgp_import_state {
	BGP_IMPORT_FRESH,	/* nothing is stale */
	BGP_IMPORT_STALE,	/* waits for End-of-RIB or EoRR, or time */
	BGP_IMPORT_SWEEPING	/* what is stale goes, in slices */
};

struct bgp_chan {
	struct rt_channel ch;		/* ch.ctx is this */
	struct bgp_neighbour *n;
	struct bgp_channel_config cfg;
	bool up;			/* negotiated, in this session */
	bool ext;			/* RFC 8950 in force */
	bool all_paths;			/* RFC 7911, towards the peer */
	struct bgp_paths paths;
	bool fed;			/* the first feed is out */
	bool refreshed;			/* BoRR is out, EoRR is due */
	uint8_t import;			/* enum bgp_import_state */
	/* Routes are being made stale, in slices: nothing else until then. */
	bool marking, mark_drops;
	uint32_t mark_pos, adj_mark_pos;
	bool llgr;			/* stale for long, RFC 9494: */
	struct instant llgr_until;
	bool aging;			/* routes are being marked so */
	uint32_t age_pos;
	struct rt_table *adj;		/* adjin.c; NULL: no import table */
	struct rt_owner adj_owner;
	uint32_t adj_pos;		/* of the sweep */
	bool adj_reload;		/* all of it is filtered anew, */
	uint32_t adj_at;		/* and this far it is */
	struct ip hop, hop_ll;		/* ours */

	struct bgp_group *group;	/* while it exports */
	uint16_t slot;			/* its number there */
	uint32_t n_hidden;		/* nets of it hidden from this one */
	struct bgp_queue queue;
	/* What this channel counted less what its group did. */
	struct rt_counts own_updates, own_withdraws;
};

/* Which connection a session of ours is, for who looks on. */
struct bgp_looker {
	struct bgp_neighbour *n;
	enum bgp_conn conn;
};

struct bgp_neighbour {
	struct bgp_neighbour_config cfg;
	const struct bgp_neighbour_ops *ops;
	void *ctx;

	struct bgp_session *s[BGP_NCONNS];	/* [BGP_ACCEPTED] may be NULL */
	struct bgp_link link[BGP_NCONNS];
	struct bgp_looker looker[BGP_NCONNS];
	bool dead[BGP_NCONNS];			/* free it when drained */
	int est;				/* enum bgp_conn, or -1 */
	bool started, recovering, abandoned;
	bool collided;			/* since it was up */
	bool starved;			/* it ends as soon as it can */
	bool monitor_before, monitor_after;

	struct bgp_caps caps;			/* of the established session */
	struct bgp_codec codec;
	struct bgp_update *u;			/* while established */

	bool gr_active;
	struct instant gr_until;
	struct instant up_at;			/* of the established session */
	struct instant now;			/* of the call under way */

	struct bgp_chan chan[BGP_NFAMS];
};

/* Of one who has not been told; neither 0 nor BGP_SEVERAL. */
static inline uint16_t
bgp_hidden_slot(uint16_t who)
{
	return (uint16_t)((who & ~BGP_HOP_ITSELF) - 1);
}

/* Does it count as rejected there? */
static inline bool
bgp_is_withheld(uint16_t who)
{
	return who != 0 && !(who & BGP_HOP_ITSELF);
}

static inline struct bgp_chan *
bgp_chan_of(struct rt_channel *c)
{
	return c->ctx;
}

static inline bool
bgp_is_internal(const struct bgp_neighbour *n)
{
	return n->codec.peer == BGP_IBGP;
}

/* Of our AS, or of our confederation: RFC 5065 section 5. */
static inline bool
bgp_is_interior(const struct bgp_neighbour *n)
{
	return n->codec.peer != BGP_EBGP;
}

/* It has nothing to send, and its session takes more. */
static inline bool
bgp_is_hungry(const struct bgp_chan *c)
{
	return c->queue.at == c->queue.n && c->n->est >= 0 &&
	    bgp_session_want(c->n->s[c->n->est]);
}

/* import.c */
void bgp_import_update(struct bgp_neighbour *n, struct bytes body);
/* Others have their turn: what filters ask about may change. */
void bgp_import_pause(struct bgp_neighbour *n);

/* adjin.c */
bool bgp_adj_init(struct bgp_chan *c);		/* false: out of memory */
void bgp_adj_done(struct bgp_chan *c);
/* attrs NULL withdraws.  Only with an import table. */
void bgp_adj_update(struct bgp_chan *c, const struct prefix *net,
    uint32_t path_id, const struct attrs *attrs);
void bgp_adj_reload(struct bgp_chan *c);
/* A slice of that; true while there is more. */
bool bgp_adj_work(struct bgp_chan *c, uint32_t budget);
/*
 * All routes become stale, in both tables; with "drops", those that are
 * already go.  Then slices of it, true while there is more; and a slice of
 * dropping them.
 */
void bgp_stale_begin(struct bgp_chan *c, bool drops);
bool bgp_stale_mark(struct bgp_chan *c, uint32_t budget);
bool bgp_stale_end(struct bgp_chan *c, uint32_t budget);

/* role.c */
/* Why an UPDATE is a leak, or NULL. */
const char *bgp_role_leak(const struct bgp_neighbour *n,
    const struct bgp_update *u);
void bgp_role_import(const struct bgp_neighbour *n, struct attrs_edit *e);
bool bgp_role_exportable(const struct bgp_neighbour *n,
    const struct attrs_edit *e);
void bgp_role_export(const struct bgp_neighbour *n, struct attrs_edit *e);

/* export.c */
extern const struct rt_channel_ops bgp_channel_ops;
/* For a group's channel, whose ctx is the group. */
extern const struct rt_channel_ops bgp_group_ops;
void bgp_export_begin(struct bgp_chan *c);
/* All that there is once more. */
void bgp_export_again(struct bgp_chan *c);
void bgp_export_end(struct bgp_chan *c);
/* What a set becomes, perhaps the last one's; counted, NULL: not sent. */
const struct attrs *bgp_export_cached(struct bgp_group *g, struct rt_edit *e);
/* What c is told of a route; the rest as above. */
const struct attrs *bgp_export_told(struct bgp_chan *c, struct rt_edit *e);
/* Who of the group must not be told. */
uint16_t bgp_export_hidden_from(const struct bgp_group *g,
    const struct rt_edit *e, const struct attrs *out);
/* Drops the memory of the last set; it serves within a batch. */
void bgp_export_forget(struct bgp_group *g);
/* Finds hop and hop_ll for the session that has come up. */
void bgp_export_find_hop(struct bgp_chan *c);

/* group.c */
/* False, and in no group: no memory. */
bool bgp_group_enter(struct bgp_chan *c);
void bgp_group_leave(struct bgp_chan *c);
/*
 * Into a group of its own at the same place.  False, and it is in none: no
 * memory.
 */
bool bgp_group_split(struct bgp_chan *c);
/* Back to the start, alone or with others who are there. */
bool bgp_group_restart(struct bgp_chan *c);
/* Joins the one that has come to the same place, if there is one. */
struct bgp_group *bgp_group_meet(struct bgp_group *g);
/* Where another group stands that this one may join; or NULL. */
const struct bgp_group *bgp_group_ahead(const struct bgp_group *g);
/* Who of the group has not been told. */
uint16_t bgp_group_hidden(const struct bgp_group *g, uint32_t net_id);
/* False: no memory, which cannot happen with 0. */
bool bgp_group_hide(struct bgp_group *g, uint32_t net_id, uint16_t who);
struct bgp_chan *bgp_group_first(const struct bgp_group *g);
/* Brings the channel's own counters up to date. */
void bgp_group_look(struct bgp_chan *c);

/* queue.c */
struct bgp_chunk *bgp_chunk_ref(struct bgp_chunk *k);
void bgp_chunk_unref(struct bgp_chunk *k);
/* Takes its own count.  False: no memory. */
bool bgp_queue_put(struct bgp_queue *q, struct bgp_chunk *k, uint32_t from,
    uint32_t to);
/* Gives the session what it has room for.  False: no memory. */
bool bgp_queue_drain(struct bgp_queue *q, struct bgp_session *s,
    struct instant now);
void bgp_queue_done(struct bgp_queue *q);

/* addpath.c; the last three are the channel's paths_begin and so on. */
void bgp_paths_begin(struct bgp_chan *c);
void bgp_paths_end(struct bgp_chan *c);
void bgp_paths_again(struct bgp_chan *c);	/* a refresh: tell all */
bool bgp_paths_net_begin(struct rt_channel *ch, uint32_t net_id);
bool bgp_paths_emit(struct rt_channel *ch, uint32_t net_id,
    const struct prefix *net, struct rt_edit *e);
bool bgp_paths_net_end(struct rt_channel *ch, uint32_t net_id,
    const struct prefix *net);

/* llgr.c */
/* RT_LLGR_STALE for a set that says so, else 0. */
uint8_t bgp_llgr_flag(const struct attrs *a);
/* Families whose routes may stay for long. */
uint8_t bgp_llgr_families(const struct bgp_neighbour *n);
/* The restart time is over.  False: the routes must go. */
bool bgp_llgr_begin(struct bgp_chan *c);
/* Marks the routes; true while there is more. */
bool bgp_llgr_work(struct bgp_chan *c, uint32_t budget);
/*
 * RFC 8538 section 3.1: who would keep our routes at any NOTIFICATION is told
 * not to.  *ret, which borrows room, has the real reason in it.
 */
const struct bgp_error *bgp_hard_reset(const struct bgp_error *why,
    uint8_t *room, size_t n, struct bgp_error *ret);
void bgp_llgr_open(const struct bgp_neighbour *n, struct bgp_open *o);

/* aigp.c */
#define BGP_AIGP_NONE	UINT64_MAX
#define BGP_AIGP_ROOM	256
/*
 * What the way to a next hop costs, h may be NULL; of a direct one it is what
 * the channel that the route came from says.  UINT32_MAX: unknown.
 */
uint32_t bgp_way_metric(const struct rt_owner *from, const struct rt_host *h);
/* With that way; BGP_AIGP_NONE: it has none. */
uint64_t bgp_aigp_total(struct bytes value, uint32_t way);
/* What is sent of it; room must last until the set is interned. */
void bgp_aigp_export(const struct bgp_chan *c, struct rt_edit *e,
    bool hop_self, const struct rt_owner *from,
    uint8_t room[BGP_AIGP_ROOM]);

/* send.c: packs and sends.  True: there is more, and room for it. */
bool bgp_send_news(struct bgp_chan *c, uint32_t budget);
/* For one more net; false: the batch is full, or no memory. */
bool bgp_send_room(struct bgp_group *g);
/* The memory for that, and what has not been sent of it. */
void bgp_send_free(struct bgp_group *g);

/* neighbour_view.c: after the owners were made or changed. */
void bgp_monitor_chan(struct bgp_chan *c);
/* After a session was made. */
void bgp_neighbour_look_on(struct bgp_neighbour *n, enum bgp_conn conn);

/* neighbour_open.c: the OPEN that our channels and the moment ask for. */
struct bgp_session_config bgp_session_config_for(
    const struct bgp_neighbour *n);
/* The AS that the peer knows us by, RFC 5065 section 4. */
uint32_t bgp_public_as(const struct bgp_neighbour_config *cfg);

/* aspath.c: paths of 4-octet segments. */
unsigned bgp_path_count(struct bytes path, uint32_t asn);
uint32_t bgp_path_first(struct bytes path);	/* 0: none, or a set */
/* The same, of the AS that is no member of our confederation. */
uint32_t bgp_path_first_outside(struct bytes path);
bool bgp_path_has_set(struct bytes path);
/* type: BGP_AS_SEQUENCE or _CONFED_SEQUENCE.  False: it does not fit. */
bool bgp_path_prepend(struct wr *w, struct bytes path, uint8_t type,
    uint32_t asn);
/* The part behind the confederation's own segments, RFC 5065 5.1. */
struct bytes bgp_path_outside(struct bytes path);
/* Without any of these, wherever they stand.  False: it does not fit. */
bool bgp_path_strip(struct wr *w, struct bytes path);

/*
 * Memory is out, and what we have told the peer, or keep of what it told us,
 * is no longer the truth: the session ends, and a later one begins anew; not
 * at once, for one of its messages may just be read.
 */
void bgp_no_memory(struct bgp_neighbour *n);
/* Takes the settings; who is told something else is told by others. */
void bgp_chan_configure(struct bgp_chan *c,
    const struct bgp_channel_config *cfg);

void bgp_note(struct bgp_neighbour *n, enum bgp_note what,
    struct bgp_chan *c, const char *text);

#endif
