/* SPDX-License-Identifier: ISC */
/*
 * The kinds of protocols, and what is common to them.
 *
 * Each kind is one struct conf_kind_of: its word, its rows, and its own
 * functions for defaults, for statements that are no rows, and for the check
 * after the closing brace (and after the whole file).
 */
#ifndef WARREN_CONF_PROTOS_H
#define WARREN_CONF_PROTOS_H

#include "conf/schema.h"

#define CONF_NET(kind)	(1u << (kind))
#define CONF_NETS_IP	(CONF_NET(NET_IP4) | CONF_NET(NET_IP6))
#define CONF_NETS_ROA	(CONF_NET(NET_ROA4) | CONF_NET(NET_ROA6))

struct conf_kind_of {
	uint8_t kind;			/* enum conf_kind */
	const char *word;		/* "bgp" */
	const char *shown;		/* "BGP" */
	const char *where;		/* "in protocol bgp" */
	unsigned channels;		/* CONF_NET() bits that it may have */
	bool one_channel;
	bool inline_channel;		/* may do without "ipv4 {}" */
	uint16_t preference;
	struct conf_rows rows;
	struct conf_rows channel_rows;	/* besides the common ones */
	void (*init)(struct conf_parser *p, struct conf_proto *proto);
	/* Lists of a template that the copy must not share. */
	void (*copy)(struct conf_parser *p, struct conf_proto *proto);
	/* True when it took a statement, without its ';'. */
	bool (*statement)(struct conf_parser *p, struct conf_proto *proto);
	/* After the '}', and after the whole file; not for templates. */
	void (*finish)(struct conf_parser *p, struct conf_proto *proto);
	void (*check)(struct conf_parser *p, struct conf_proto *proto);
};

const struct conf_kind_of *conf_kind_of(enum conf_kind kind);

extern const struct conf_kind_of conf_device_kind, conf_direct_kind,
    conf_kernel_kind, conf_static_kind, conf_pipe_kind, conf_bgp_kind,
    conf_wireguard_kind, conf_rpki_kind, conf_bfd_kind, conf_bmp_kind,
    conf_mrt_kind;

/* Statements of every protocol, and of every channel. */
extern const struct conf_rows conf_proto_rows, conf_channel_rows;
/* Outside of protocols, in a table's block, in a tunnel's peer. */
extern const struct conf_rows conf_global_rows, conf_table_rows,
    conf_wg_peer_rows;

/* At "protocol" or "template", through the '}'. */
void conf_parse_proto(struct conf_parser *p, bool template);
/* After the whole file: what could not be known before. */
void conf_check_protos(struct conf_parser *p);

/* At the word of a channel: its block, into the protocol. */
bool conf_channel_word(const struct conf_parser *p);
void conf_parse_channel(struct conf_parser *p, struct conf_proto *proto,
    const struct conf_kind_of *k);
/* Finds or makes, as "ipv4;" does. */
struct conf_channel *conf_channel_get(struct conf_parser *p,
    struct conf_proto *proto, const struct conf_kind_of *k,
    enum net_kind kind, struct span at);
const char *conf_net_word(enum net_kind kind);	/* "ipv4" */

/* IPv4's, of a protocol that has its policy outside of a channel. */
struct conf_channel *conf_one_family_channel(struct conf_parser *p,
    struct conf_proto *proto, enum net_kind kind);
/* One that the file has in other words; without a name, at the end. */
struct conf_proto *conf_proto_implied(struct conf_parser *p,
    const struct conf_kind_of *k, struct span at);
/* After "route": into a static protocol; NULL after an error. */
struct conf_route *conf_static_route(struct conf_parser *p,
    struct conf_proto *proto);
/* "ipv4 table NAME"; NULL after an error. */
struct conf_table *conf_table_declare(struct conf_parser *p,
    const struct conf_token *name, enum net_kind kind);

/* A copy of a list of structs that begin with their next pointer. */
void *conf_copy_list(struct conf_parser *p, const void *first, size_t size);

#endif
