/* SPDX-License-Identifier: ISC */
/* Path masks against a matcher that simply tries everything. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "filter/mask.h"
#include "filter/path.h"

#define ITEMS	6

struct mask {
	struct filter_mask m;
	struct filter_mask_item room[ITEMS];
};

static uint64_t seed = 1181783497276652981u;

static uint32_t
rnd(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % below;
}

/* What the path is, element by element: a set has several numbers. */
struct element {
	uint32_t v[3];
	unsigned n;
};

static bool
fits(const struct filter_mask_item *it, const struct element *e)
{
	if (it->kind == MASK_ANY || it->kind == MASK_ANY_RUN)
		return true;
	for (unsigned i = 0; i < e->n; i++)
		if (e->v[i] >= it->lo && e->v[i] <= it->hi)
			return true;
	return false;
}

static bool
try(const struct filter_mask_item *it, unsigned n, const struct element *e,
    unsigned k)
{
	if (n == 0)
		return k == 0;
	if (it->kind == MASK_ANY_RUN)
		return try(it + 1, n - 1, e, k) ||
		    (k > 0 && try(it, n, e + 1, k - 1));
	if (k == 0 || !fits(it, e))
		return false;
	return try(it + 1, n - 1, e + 1, k - 1) ||
	    (it->loop && try(it, n, e + 1, k - 1));
}

static struct filter_mask_item
random_item(void)
{
	struct filter_mask_item it = { .kind = (uint8_t)rnd(3),
	    .loop = rnd(4) == 0 };

	it.lo = 1 + rnd(3);
	it.hi = it.lo + rnd(2);
	return it;
}

/* Sequences of one to three, and now and then a set. */
static size_t
random_path(uint8_t *buf, struct element *e, unsigned *k)
{
	uint8_t *p = buf;

	*k = 0;
	for (unsigned segs = rnd(4); segs > 0; segs--) {
		bool set = rnd(4) == 0;
		unsigned n = 1 + rnd(3);

		*p++ = set ? SEGMENT_SET : SEGMENT_SEQUENCE;
		*p++ = (uint8_t)n;
		for (unsigned i = 0; i < n; i++, p += 4) {
			uint32_t asn = 1 + rnd(4);

			be32_put(p, asn);
			if (i == 0 || !set)
				e[(*k)++].n = 0;
			e[*k - 1].v[e[*k - 1].n++] = asn;
		}
	}
	return (size_t)(p - buf);
}

static void
test_random(void **state)
{
	struct element e[16];
	uint8_t buf[64];
	unsigned k, hits = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct mask x = { .m.n = 0 };
		size_t n = random_path(buf, e, &k);
		bool want;

		x.m.n = rnd(ITEMS);
		for (unsigned j = 0; j < x.m.n; j++)
			x.m.v[j] = random_item();
		want = try(x.m.v, x.m.n, e, k);
		assert_int_equal(filter_mask_match(&x.m, bytes_of(buf, n)),
		    want);
		hits += want;
	}
	assert_in_range(hits, 2000, 18000);
}

/* The matcher of long masks, beside that of short ones. */
static void
test_long_and_short(void **state)
{
	static struct {
		struct filter_mask m;
		struct filter_mask_item room[70 + ITEMS];
	} x;
	struct element e[16];
	uint8_t buf[64];
	unsigned k;

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		const size_t n = random_path(buf, e, &k);
		const unsigned items = rnd(ITEMS);
		bool few;

		x.m.v[0] = (struct filter_mask_item){ .kind = MASK_ANY_RUN };
		for (unsigned j = 1; j <= items; j++)
			x.m.v[j] = random_item();
		x.m.n = items + 1;
		few = filter_mask_match(&x.m, bytes_of(buf, n));
		/* More of "*" in front make no difference. */
		for (unsigned j = items + 1; j-- > 0;)
			x.m.v[j + 65] = x.m.v[j];
		for (unsigned j = 0; j < 65; j++)
			x.m.v[j] = (struct filter_mask_item){
			    .kind = MASK_ANY_RUN };
		x.m.n = items + 66;
		assert_int_equal(filter_mask_match(&x.m, bytes_of(buf, n)),
		    few);
	}
}

/* One that a matcher which goes back would think about for years. */
static void
test_no_backtracking(void **state)
{
	static uint8_t buf[2 + 4 * 255];
	struct {
		struct filter_mask m;
		struct filter_mask_item room[60];
	} x = { .m.n = 59 };

	(void)state;
	buf[0] = SEGMENT_SEQUENCE;
	buf[1] = 255;
	for (unsigned i = 0; i < 255; i++)
		be32_put(buf + 2 + 4 * i, 1);
	for (unsigned i = 0; i < 58; i++)
		x.m.v[i].kind = i % 2 ? MASK_ANY : MASK_ANY_RUN;
	x.m.v[58] = (struct filter_mask_item){ .kind = MASK_RANGE, .lo = 2,
	    .hi = 2 };
	assert_false(filter_mask_match(&x.m, bytes_of(buf, sizeof(buf))));
	be32_put(buf + sizeof(buf) - 4, 2);
	assert_true(filter_mask_match(&x.m, bytes_of(buf, sizeof(buf))));
}

/* A longest mask: every place is a bit. */
static void
test_longest(void **state)
{
	static uint8_t buf[2 + 4 * 255];
	static struct {
		struct filter_mask m;
		struct filter_mask_item room[FILTER_MASK_MAX];
	} x;

	(void)state;
	buf[0] = SEGMENT_SEQUENCE;
	buf[1] = 255;
	x.m.n = FILTER_MASK_MAX;
	for (unsigned i = 0; i < 255; i++) {
		be32_put(buf + 2 + 4 * i, i);
		x.m.v[i] = (struct filter_mask_item){ .kind = MASK_RANGE,
		    .lo = i, .hi = i };
	}
	assert_true(filter_mask_match(&x.m, bytes_of(buf, sizeof(buf))));
	be32_put(buf + 2, 7);
	assert_false(filter_mask_match(&x.m, bytes_of(buf, sizeof(buf))));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_long_and_short),
		cmocka_unit_test(test_no_backtracking),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
