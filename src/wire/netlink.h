/* SPDX-License-Identifier: ISC */
/*
 * The framing of netlink: messages in a datagram, attributes in a message.
 *
 * Reading: nl_next() steps through the messages of one datagram,
 * nl_attr_next() through the attributes of one message (after its fixed
 * header) or of one nest.  Neither trusts a length: a message or attribute
 * that does not fit sets the reader's "bad" and ends the walk.  Everything
 * that they give is borrowed from the datagram.
 *
 * Writing: nl_begin(), attributes, nl_end(); nests likewise.  Running out of
 * room sets the writer's "bad" and is asked for once, at the end; a message
 * that did not fit is taken back with nl_undo().
 *
 * Numbers are in host order, as the kernel has them, unless said otherwise.
 * Allocates nothing.
 */
#ifndef WARREN_WIRE_NETLINK_H
#define WARREN_WIRE_NETLINK_H

#include "base/cursor.h"
#include "base/ip.h"

struct nl_msg {
	uint16_t type;		/* NLMSG_*, RTM_*, or a generic family */
	uint16_t flags;		/* NLM_F_* */
	uint32_t seq;
	uint32_t port;		/* whose request it answers, or 0: kernel */
	struct bytes body;
};

struct nl_attr {
	uint16_t type;		/* without the nested and byte-order bits */
	struct bytes v;
};

/* What an NLMSG_ERROR or NLMSG_DONE says. */
struct nl_ack {
	int err;		/* 0 or a negative errno */
	uint32_t seq;		/* of the request that is answered */
	char text[96];		/* the kernel's own words, or "" */
};

/* False at the end, and when what follows is no whole message. */
bool nl_next(struct rd *r, struct nl_msg *ret_msg);
bool nl_attr_next(struct rd *r, struct nl_attr *ret_attr);
/* False where the message is no NLMSG_ERROR or NLMSG_DONE, or too short. */
bool nl_ack_parse(const struct nl_msg *m, struct nl_ack *ret_ack);

/* The value, or the given default where the size is not that of the type. */
uint8_t nl_attr_u8(const struct nl_attr *a, uint8_t otherwise);
uint16_t nl_attr_u16(const struct nl_attr *a, uint16_t otherwise);
uint32_t nl_attr_u32(const struct nl_attr *a, uint32_t otherwise);
uint64_t nl_attr_u64(const struct nl_attr *a, uint64_t otherwise);
/* 4 or 16 bytes; IP_NONE otherwise. */
struct ip nl_attr_ip(const struct nl_attr *a);
/* Cut to fit; always ends in NUL. */
void nl_attr_str(const struct nl_attr *a, char *buf, size_t cap);

/* Where a message or nest begins, for its _end(). */
size_t nl_begin(struct wr *w, uint16_t type, uint16_t flags, uint32_t seq);
void nl_end(struct wr *w, size_t at);
void nl_undo(struct wr *w, size_t at);		/* also clears "bad" */
size_t nl_nest(struct wr *w, uint16_t type);
void nl_nest_end(struct wr *w, size_t at);

/* A fixed header, padded. */
void nl_put_raw(struct wr *w, const void *p, size_t n);
void nl_put(struct wr *w, uint16_t type, struct bytes v);
void nl_put_u8(struct wr *w, uint16_t type, uint8_t v);
void nl_put_u16(struct wr *w, uint16_t type, uint16_t v);
void nl_put_u32(struct wr *w, uint16_t type, uint32_t v);
void nl_put_str(struct wr *w, uint16_t type, const char *s);	/* with NUL */
/* 4 or 16 bytes, by the family of the address. */
void nl_put_ip(struct wr *w, uint16_t type, struct ip ip);

#endif
