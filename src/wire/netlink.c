/* SPDX-License-Identifier: ISC */
#include "wire/netlink.h"

#include <linux/netlink.h>

static uint32_t
host32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint16_t
host16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Steps over what aligns a thing of n bytes; the last one may lack it. */
static void
skip_padding(struct rd *r, size_t n)
{
	size_t pad = (4 - n % 4) % 4;

	rd_take(r, pad < rd_left(r) ? pad : rd_left(r));
}

bool
nl_next(struct rd *r, struct nl_msg *ret_msg)
{
	const uint8_t *h;
	uint32_t len;

	if (rd_left(r) == 0)
		return false;
	h = rd_take(r, sizeof(struct nlmsghdr));
	if (!h)
		return false;
	len = host32(h);
	if (len < sizeof(struct nlmsghdr)) {
		r->bad = true;
		return false;
	}
	ret_msg->type = host16(h + 4);
	ret_msg->flags = host16(h + 6);
	ret_msg->seq = host32(h + 8);
	ret_msg->port = host32(h + 12);
	ret_msg->body = rd_bytes(r, len - sizeof(struct nlmsghdr));
	if (r->bad)
		return false;
	skip_padding(r, len);
	return true;
}

bool
nl_attr_next(struct rd *r, struct nl_attr *ret_attr)
{
	const uint8_t *h;
	uint16_t len;

	if (rd_left(r) == 0)
		return false;
	h = rd_take(r, NLA_HDRLEN);
	if (!h)
		return false;
	len = host16(h);
	if (len < NLA_HDRLEN) {
		r->bad = true;
		return false;
	}
	ret_attr->type = host16(h + 2) & NLA_TYPE_MASK;
	ret_attr->v = rd_bytes(r, len - NLA_HDRLEN);
	if (r->bad)
		return false;
	skip_padding(r, len);
	return true;
}

/*
 * Where the attributes of an acknowledgement begin: behind the request, of
 * which only the header is there when NLM_F_CAPPED says so.
 */
static void
ack_text(struct rd *r, const struct nl_msg *m, struct nl_ack *ret)
{
	const uint8_t *h = rd_take(r, sizeof(struct nlmsghdr));
	struct nl_attr a;
	uint32_t len;

	if (!h || !(m->flags & NLM_F_ACK_TLVS))
		return;
	len = host32(h);
	if (!(m->flags & NLM_F_CAPPED) && len > sizeof(struct nlmsghdr)) {
		rd_take(r, len - sizeof(struct nlmsghdr));
		skip_padding(r, len);
	}
	while (nl_attr_next(r, &a))
		if (a.type == NLMSGERR_ATTR_MSG)
			nl_attr_str(&a, ret->text, sizeof(ret->text));
}

bool
nl_ack_parse(const struct nl_msg *m, struct nl_ack *ret_ack)
{
	struct rd r = rd_of(m->body);
	const uint8_t *err;

	if (m->type != NLMSG_ERROR && m->type != NLMSG_DONE)
		return false;
	err = rd_take(&r, 4);
	if (!err && m->type == NLMSG_ERROR)
		return false;
	memset(ret_ack, 0, sizeof(*ret_ack));
	ret_ack->seq = m->seq;
	ret_ack->err = err ? (int)host32(err) : 0;
	/* A count of bytes in NLMSG_DONE is no error. */
	if (ret_ack->err > 0)
		ret_ack->err = 0;
	if (m->type == NLMSG_ERROR)
		ack_text(&r, m, ret_ack);
	return true;
}

uint8_t
nl_attr_u8(const struct nl_attr *a, uint8_t otherwise)
{
	return a->v.n == 1 ? a->v.p[0] : otherwise;
}

uint16_t
nl_attr_u16(const struct nl_attr *a, uint16_t otherwise)
{
	return a->v.n == 2 ? host16(a->v.p) : otherwise;
}

uint32_t
nl_attr_u32(const struct nl_attr *a, uint32_t otherwise)
{
	return a->v.n == 4 ? host32(a->v.p) : otherwise;
}

uint64_t
nl_attr_u64(const struct nl_attr *a, uint64_t otherwise)
{
	uint64_t v;

	if (a->v.n != sizeof(v))
		return otherwise;
	memcpy(&v, a->v.p, sizeof(v));
	return v;
}

struct ip
nl_attr_ip(const struct nl_attr *a)
{
	if (a->v.n == 4)
		return ip_from4(a->v.p);
	if (a->v.n == 16)
		return ip_from6(a->v.p);
	return IP_NONE;
}

void
nl_attr_str(const struct nl_attr *a, char *buf, size_t cap)
{
	size_t n = strnlen((const char *)a->v.p, a->v.n);

	if (n >= cap)
		n = cap - 1;
	memcpy(buf, a->v.p, n);
	buf[n] = '\0';
}

static void
put16(struct wr *w, uint16_t v)
{
	wr_bytes(w, bytes_of(&v, sizeof(v)));
}

static void
put32(struct wr *w, uint32_t v)
{
	wr_bytes(w, bytes_of(&v, sizeof(v)));
}

static void
put_padding(struct wr *w, size_t n)
{
	size_t pad = (4 - n % 4) % 4;
	uint8_t *p = wr_take(w, pad);

	if (p && pad)
		memset(p, 0, pad);
}

size_t
nl_begin(struct wr *w, uint16_t type, uint16_t flags, uint32_t seq)
{
	size_t at = wr_len(w);

	put32(w, 0);
	put16(w, type);
	put16(w, flags | NLM_F_REQUEST);
	put32(w, seq);
	put32(w, 0);
	return at;
}

void
nl_end(struct wr *w, size_t at)
{
	uint32_t len = (uint32_t)(wr_len(w) - at);

	if (!w->bad)
		memcpy(w->start + at, &len, sizeof(len));
}

void
nl_undo(struct wr *w, size_t at)
{
	w->p = w->start + at;
	w->bad = false;
}

size_t
nl_nest(struct wr *w, uint16_t type)
{
	size_t at = wr_len(w);

	put16(w, 0);
	put16(w, type | NLA_F_NESTED);
	return at;
}

void
nl_nest_end(struct wr *w, size_t at)
{
	size_t n = wr_len(w) - at;
	uint16_t len = (uint16_t)n;

	if (n > UINT16_MAX)
		w->bad = true;
	if (!w->bad)
		memcpy(w->start + at, &len, sizeof(len));
}

void
nl_put_raw(struct wr *w, const void *p, size_t n)
{
	wr_bytes(w, bytes_of(p, n));
	put_padding(w, n);
}

void
nl_put(struct wr *w, uint16_t type, struct bytes v)
{
	if (v.n > UINT16_MAX - NLA_HDRLEN) {
		w->bad = true;
		return;
	}
	put16(w, (uint16_t)(NLA_HDRLEN + v.n));
	put16(w, type);
	wr_bytes(w, v);
	put_padding(w, v.n);
}

void
nl_put_u8(struct wr *w, uint16_t type, uint8_t v)
{
	nl_put(w, type, bytes_of(&v, sizeof(v)));
}

void
nl_put_u16(struct wr *w, uint16_t type, uint16_t v)
{
	nl_put(w, type, bytes_of(&v, sizeof(v)));
}

void
nl_put_u32(struct wr *w, uint16_t type, uint32_t v)
{
	nl_put(w, type, bytes_of(&v, sizeof(v)));
}

void
nl_put_str(struct wr *w, uint16_t type, const char *s)
{
	nl_put(w, type, bytes_of(s, strlen(s) + 1));
}

void
nl_put_ip(struct wr *w, uint16_t type, struct ip ip)
{
	nl_put(w, type, ip_is4(ip) ? bytes_of(ip.b + 12, 4) :
	    bytes_of(ip.b, 16));
}
