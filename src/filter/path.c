/* SPDX-License-Identifier: ISC */
#include "filter/path.h"

bool
filter_path_segment(struct filter_path_walk *w)
{
	size_t n;

	if (w->rest.n < 2)
		return false;
	n = 2 + 4 * (size_t)w->rest.p[1];
	if (n > w->rest.n)
		return false;
	w->type = w->rest.p[0];
	w->left = w->rest.p[1];
	w->asn = w->rest.p + 2;
	w->rest = bytes_of(w->rest.p + n, w->rest.n - n);
	return true;
}

bool
filter_path_next(struct filter_path_walk *w, uint32_t *ret_asn)
{
	while (w->left == 0)
		if (!filter_path_segment(w))
			return false;
	*ret_asn = be32_get(w->asn);
	w->asn += 4;
	w->left--;
	return true;
}

static bool
is_set(unsigned type)
{
	return type == SEGMENT_SET || type == SEGMENT_CONFED_SET;
}

unsigned
filter_path_len(struct bytes path)
{
	struct filter_path_walk w = filter_path_walk(path);
	unsigned n = 0;

	while (filter_path_segment(&w)) {
		if (w.type == SEGMENT_SEQUENCE)
			n += w.left;
		else if (w.type == SEGMENT_SET)
			n++;
	}
	return n;
}

uint32_t
filter_path_first(struct bytes path)
{
	struct filter_path_walk w = filter_path_walk(path);

	if (!filter_path_segment(&w) || w.type != SEGMENT_SEQUENCE || !w.left)
		return 0;
	return be32_get(w.asn);
}

uint32_t
filter_path_last(struct bytes path)
{
	struct filter_path_walk w = filter_path_walk(path);
	uint32_t last = 0;

	while (filter_path_segment(&w)) {
		if (!w.left)
			continue;
		last = is_set(w.type) ? 0 :
		    be32_get(w.asn + 4 * (w.left - 1u));
	}
	return last;
}

uint32_t
filter_path_last_nonaggregated(struct bytes path)
{
	struct filter_path_walk w = filter_path_walk(path);
	uint32_t last = 0;

	while (filter_path_segment(&w)) {
		if (!w.left)
			continue;
		if (is_set(w.type))
			return last;
		last = be32_get(w.asn + 4 * (w.left - 1u));
	}
	return last;
}

bool
filter_path_has(struct bytes path, uint32_t asn)
{
	struct filter_path_walk w = filter_path_walk(path);
	uint32_t x;

	while (filter_path_next(&w, &x))
		if (x == asn)
			return true;
	return false;
}

bool
filter_path_has_any(struct bytes path, const struct filter_set *s)
{
	struct filter_path_walk w = filter_path_walk(path);
	uint32_t x;

	while (s && filter_path_next(&w, &x))
		if (filter_set_has_u32(s, x))
			return true;
	return false;
}

struct bytes
filter_path_prepend(struct arena *a, struct bytes path, uint32_t asn)
{
	/* RFC 4271 5.1.2: an unfit or full one gets another before it. */
	bool join = path.n >= 2 && path.p[0] == SEGMENT_SEQUENCE &&
	    path.p[1] < 255;
	struct bytes old = join ? bytes_of(path.p + 2, path.n - 2) : path;
	uint8_t *p = arena_alloc(a, 6 + old.n);

	if (!p)
		return bytes_of(NULL, 0);
	p[0] = SEGMENT_SEQUENCE;
	p[1] = join ? (uint8_t)(path.p[1] + 1) : 1;
	be32_put(p + 2, asn);
	if (old.n)
		memcpy(p + 6, old.p, old.n);
	return bytes_of(p, 6 + old.n);
}

/* In s, or equal to the one number asn when "single". */
static struct bytes
select_asns(struct arena *a, struct bytes path, const struct filter_set *s,
    bool single, uint32_t asn, bool keep)
{
	struct filter_path_walk w = filter_path_walk(path);
	uint8_t *p = arena_alloc(a, path.n ? path.n : 1), *head, *to = p;

	if (!p)
		return bytes_of(NULL, 0);
	while (filter_path_segment(&w)) {
		head = to;
		to += 2;
		for (unsigned i = 0; i < w.left; i++) {
			uint32_t x = be32_get(w.asn + 4 * i);
			bool in = single ? x == asn :
			    s && filter_set_has_u32(s, x);

			if (in == keep) {
				be32_put(to, x);
				to += 4;
			}
		}
		head[0] = w.type;
		head[1] = (uint8_t)((to - head - 2) / 4);
		if (head[1] == 0)
			to = head;
	}
	return bytes_of(p, (size_t)(to - p));
}

struct bytes
filter_path_select(struct arena *a, struct bytes path,
    const struct filter_set *s, bool keep)
{
	return select_asns(a, path, s, false, 0, keep);
}

struct bytes
filter_path_remove(struct arena *a, struct bytes path, uint32_t asn)
{
	return select_asns(a, path, NULL, true, asn, false);
}

void
filter_path_text(struct bytes path, struct text *out)
{
	static const char *const open[] = { "", "{", "", "(", "({" };
	static const char *const close[] = { "", "}", "", ")", "})" };
	struct filter_path_walk w = filter_path_walk(path);
	const char *sep = "";

	while (filter_path_segment(&w)) {
		unsigned t = w.type <= SEGMENT_CONFED_SET ? w.type : 0;

		text_add(out, sep);
		text_add(out, open[t]);
		for (unsigned i = 0; i < w.left; i++)
			text_printf(out, "%s%u", i ? " " : "",
			    be32_get(w.asn + 4 * i));
		text_add(out, close[t]);
		sep = " ";
	}
}
