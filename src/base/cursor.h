/* SPDX-License-Identifier: ISC */
/*
 * Cursors over bytes, with an error that sticks.
 *
 * A reader past its end sets "bad" and from then on gives zeros; a writer
 * past its room sets "bad" and writes nothing more.  So a decoder reads like
 * the figure in the RFC and asks once, at the end, whether all went well.
 */
#ifndef WARREN_BASE_CURSOR_H
#define WARREN_BASE_CURSOR_H

#include "base/bytes.h"

struct rd {
	const uint8_t *p, *end;
	bool bad;
};

static inline struct rd
rd_of(struct bytes b)
{
	/* Nothing at NULL is a run, too; C adds not even 0 to NULL. */
	return (struct rd){ .p = b.p, .end = b.n ? b.p + b.n : b.p };
}

static inline size_t
rd_left(const struct rd *r)
{
	return r->bad ? 0 : (size_t)(r->end - r->p);
}

/* NULL, and bad, when fewer than n bytes are left. */
static inline const uint8_t *
rd_take(struct rd *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->bad || (size_t)(r->end - r->p) < n) {
		r->bad = true;
		return NULL;
	}
	if (n)
		r->p += n;
	return p;
}

static inline struct bytes
rd_bytes(struct rd *r, size_t n)
{
	const uint8_t *p = rd_take(r, n);

	return (struct bytes){ .p = p, .n = p ? n : 0 };
}

/* A reader over the next n bytes, which this one steps over. */
static inline struct rd
rd_sub(struct rd *r, size_t n)
{
	const uint8_t *p = rd_take(r, n);

	return (struct rd){ .p = p, .end = p && n ? p + n : p,
	    .bad = r->bad };
}

static inline uint8_t
rd_u8(struct rd *r)
{
	const uint8_t *p = rd_take(r, 1);

	return p ? *p : 0;
}

static inline uint16_t
rd_be16(struct rd *r)
{
	const uint8_t *p = rd_take(r, 2);

	return p ? be16_get(p) : 0;
}

static inline uint32_t
rd_be32(struct rd *r)
{
	const uint8_t *p = rd_take(r, 4);

	return p ? be32_get(p) : 0;
}

static inline uint64_t
rd_be64(struct rd *r)
{
	const uint8_t *p = rd_take(r, 8);

	return p ? be64_get(p) : 0;
}

static inline uint32_t
rd_le32(struct rd *r)
{
	const uint8_t *p = rd_take(r, 4);

	return p ? le32_get(p) : 0;
}

static inline uint64_t
rd_le64(struct rd *r)
{
	const uint8_t *p = rd_take(r, 8);

	return p ? le64_get(p) : 0;
}

struct wr {
	uint8_t *start, *p, *end;
	bool bad;
};

static inline struct wr
wr_of(void *buf, size_t cap)
{
	return (struct wr){ .start = buf, .p = buf,
	    .end = cap ? (uint8_t *)buf + cap : buf };
}

static inline size_t
wr_len(const struct wr *w)
{
	return (size_t)(w->p - w->start);
}

static inline size_t
wr_room(const struct wr *w)
{
	return w->bad ? 0 : (size_t)(w->end - w->p);
}

/* Room for n bytes, to be filled by the caller; NULL, and bad, if none. */
static inline uint8_t *
wr_take(struct wr *w, size_t n)
{
	uint8_t *p = w->p;

	if (w->bad || (size_t)(w->end - w->p) < n) {
		w->bad = true;
		return NULL;
	}
	if (n)
		w->p += n;
	return p;
}

static inline void
wr_bytes(struct wr *w, struct bytes b)
{
	uint8_t *p = wr_take(w, b.n);

	if (p && b.n)
		memcpy(p, b.p, b.n);
}

static inline void
wr_u8(struct wr *w, uint8_t v)
{
	uint8_t *p = wr_take(w, 1);

	if (p)
		*p = v;
}

static inline void
wr_be16(struct wr *w, uint16_t v)
{
	uint8_t *p = wr_take(w, 2);

	if (p)
		be16_put(p, v);
}

static inline void
wr_be32(struct wr *w, uint32_t v)
{
	uint8_t *p = wr_take(w, 4);

	if (p)
		be32_put(p, v);
}

static inline void
wr_be64(struct wr *w, uint64_t v)
{
	uint8_t *p = wr_take(w, 8);

	if (p)
		be64_put(p, v);
}

static inline void
wr_le32(struct wr *w, uint32_t v)
{
	uint8_t *p = wr_take(w, 4);

	if (p)
		le32_put(p, v);
}

static inline void
wr_le64(struct wr *w, uint64_t v)
{
	uint8_t *p = wr_take(w, 8);

	if (p)
		le64_put(p, v);
}

#endif
