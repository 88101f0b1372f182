/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "wg/allowedips.h"

#define OWNERS	5
#define MAX	400

static struct wg_allowedips t;
static struct wg_allowed_owner owners[OWNERS];

/* The oracle: a list, searched from end to end. */
static struct {
	struct prefix p;
	int owner;		/* -1: free */
} list[MAX];
static size_t n_list;

static uint64_t seed;

static uint32_t
dice(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* Few distinct bits, so that prefixes nest and collide. */
static void
random_addr(uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)(dice(3) ? 0 : 1u << dice(8));
}

static struct prefix
random_prefix(void)
{
	struct prefix p = { .kind = dice(2) ? NET_IP4 : NET_IP6 };
	unsigned bits = p.kind == NET_IP4 ? 32 : 128;

	p.len = (uint8_t)dice(bits + 1);
	if (p.kind == NET_IP4) {
		uint8_t a[4];

		random_addr(a, 4);
		p.ip = ip_mask(ip_from4(a), p.len);
		return p;
	}
	random_addr(p.ip.b, 16);
	if (dice(8) == 0)	/* near the IPv4-mapped ones */
		memcpy(p.ip.b, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
	for (unsigned i = p.len; i < 128; i++)
		p.ip.b[i / 8] &= (uint8_t)~(0x80 >> i % 8);
	return p;
}

static int
find(const struct prefix *p)
{
	for (size_t i = 0; i < n_list; i++)
		if (list[i].owner >= 0 && prefix_eq(&list[i].p, p))
			return (int)i;
	return -1;
}

static bool
has(const struct prefix *p, const uint8_t *addr, bool four)
{
	const uint8_t *net = p->ip.b + (four ? 12 : 0);

	if ((p->kind == NET_IP4) != four)
		return false;
	for (unsigned i = 0; i < p->len; i++)
		if ((net[i / 8] ^ addr[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

static struct wg_allowed_owner *
oracle(const uint8_t *addr, bool four)
{
	int best = -1;

	for (size_t i = 0; i < n_list; i++)
		if (list[i].owner >= 0 && has(&list[i].p, addr, four) &&
		    (best < 0 || list[i].p.len > list[best].p.len))
			best = (int)i;
	return best < 0 ? NULL : &owners[list[best].owner];
}

static void
step_insert(void)
{
	struct prefix p = random_prefix();
	int owner = (int)dice(OWNERS), at = find(&p);

	if (at < 0) {
		if (n_list == MAX)
			return;
		at = (int)n_list++;
		list[at].p = p;
	}
	list[at].owner = owner;
	assert_true(wg_allowedips_insert(&t, &p, &owners[owner]));
}

static void
step_remove(void)
{
	uint32_t at = n_list ? dice((uint32_t)n_list) : 0;
	int owner = (int)dice(OWNERS);

	if (!n_list || list[at].owner < 0)
		return;
	if (owner != list[at].owner)
		assert_false(wg_allowedips_remove(&t, &list[at].p,
		    &owners[owner]));
	owner = list[at].owner;
	assert_true(wg_allowedips_remove(&t, &list[at].p, &owners[owner]));
	assert_false(wg_allowedips_remove(&t, &list[at].p, &owners[owner]));
	list[at] = list[--n_list];
}

static void
step_remove_all(void)
{
	int owner = (int)dice(OWNERS);

	wg_allowedips_remove_all(&t, &owners[owner]);
	for (size_t i = 0; i < n_list; )
		if (list[i].owner == owner)
			list[i] = list[--n_list];
		else
			i++;
}

static void
check_lookups(void)
{
	uint8_t a[16];

	for (int i = 0; i < 20; i++) {
		random_addr(a, 16);
		assert_ptr_equal(wg_allowedips_lookup4(&t, a),
		    oracle(a, true));
		assert_ptr_equal(wg_allowedips_lookup6(&t, a),
		    oracle(a, false));
	}
}

static int walked, walked_owner;

static void
walk(void *arg, const struct prefix *p)
{
	int at = find(p);

	(void)arg;
	assert_true(at >= 0 && list[at].owner == walked_owner);
	walked++;
}

static void
check_walks(void)
{
	size_t all = 0;

	for (walked_owner = 0; walked_owner < OWNERS; walked_owner++) {
		walked = 0;
		wg_allowed_owner_each(&owners[walked_owner], walk, NULL);
		assert_int_equal(walked, owners[walked_owner].n);
		all += (size_t)walked;
	}
	assert_int_equal(all, n_list);
}

static void
test_random(void **state)
{
	(void)state;
	for (uint64_t run = 1; run <= 20; run++) {
		seed = run;
		n_list = 0;
		wg_allowedips_init(&t);
		for (int i = 0; i < OWNERS; i++)
			wg_allowed_owner_init(&owners[i]);
		for (int i = 0; i < 600; i++) {
			uint32_t what = dice(100);

			if (what < 60)
				step_insert();
			else if (what < 98)
				step_remove();
			else
				step_remove_all();
			check_lookups();
			if (i % 50 == 0)
				check_walks();
		}
		wg_allowedips_done(&t);
		for (int i = 0; i < OWNERS; i++)
			assert_int_equal(owners[i].n, 0);
	}
}

static struct prefix
net(const char *s)
{
	struct prefix p;

	assert_true(prefix_parse(s, &p));
	return p;
}

static struct wg_allowed_owner *
at4(const char *s)
{
	struct ip a;

	assert_true(ip_parse(s, &a));
	return wg_allowedips_lookup4(&t, a.b + 12);
}

static void
test_by_hand(void **state)
{
	struct wg_allowed_owner *a = &owners[0], *b = &owners[1];
	struct prefix all = net("0.0.0.0/0"), ten = net("10.0.0.0/8"),
	    host = net("10.1.2.3/32"), dirty = host;

	(void)state;
	wg_allowedips_init(&t);
	wg_allowed_owner_init(a);
	wg_allowed_owner_init(b);
	assert_null(at4("10.1.2.3"));
	assert_true(wg_allowedips_insert(&t, &host, a));
	assert_true(wg_allowedips_insert(&t, &all, b));
	assert_true(wg_allowedips_insert(&t, &ten, a));
	assert_ptr_equal(at4("10.1.2.3"), a);
	assert_ptr_equal(at4("10.1.2.4"), a);
	assert_ptr_equal(at4("11.0.0.0"), b);
	/* Moved in one step, to the end of the new owner's list. */
	assert_true(wg_allowedips_insert(&t, &host, b));
	assert_ptr_equal(at4("10.1.2.3"), b);
	assert_int_equal(a->n, 1);
	assert_int_equal(b->n, 2);
	assert_false(wg_allowedips_remove(&t, &host, a));
	assert_true(wg_allowedips_remove(&t, &host, b));
	assert_ptr_equal(at4("10.1.2.3"), a);
	/* Host bits are masked off. */
	dirty.len = 24;
	assert_true(wg_allowedips_insert(&t, &dirty, b));
	assert_ptr_equal(at4("10.1.2.200"), b);
	wg_allowedips_done(&t);
	assert_null(at4("10.1.2.200"));
}

/* With memory out nothing changes and nothing leaks. */
static void
test_no_memory(void **state)
{
	struct prefix a = net("10.0.0.0/24"), b = net("10.0.1.0/24");

	(void)state;
	wg_allowedips_init(&t);
	wg_allowed_owner_init(&owners[0]);
	mem_fail_after(0);
	assert_false(wg_allowedips_insert(&t, &a, &owners[0]));
	mem_fail_after(-1);
	assert_true(wg_allowedips_insert(&t, &a, &owners[0]));
	mem_fail_after(1);	/* the leaf comes, the fork does not */
	assert_false(wg_allowedips_insert(&t, &b, &owners[0]));
	mem_fail_after(-1);
	assert_null(at4("10.0.1.1"));
	assert_ptr_equal(at4("10.0.0.1"), &owners[0]);
	assert_int_equal(owners[0].n, 1);
	wg_allowedips_done(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
