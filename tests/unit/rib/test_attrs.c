/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rib/attrs.h"
#include "rib/table.h"

static const struct hash_key key = { { 1, 2 } };

static const struct attrs *
make(struct attrs_pool *p, uint32_t med, const char *path)
{
	struct attrs_edit e;

	attrs_edit_init(&e, NULL);
	attrs_edit_set_u32(&e, ATTR_BGP_MED, med);
	attrs_edit_set_bytes(&e, ATTR_BGP_PATH, ATTR_PATH, bytes_str(path));
	attrs_edit_set_u32(&e, ATTR_BGP_ORIGIN, 0);
	return attrs_intern(p, &e);
}

static void
equal_sets_are_one(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	const struct attrs *a = make(p, 10, "abcd");
	const struct attrs *b = make(p, 10, "abcd");
	const struct attrs *c = make(p, 11, "abcd");

	(void)state;
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	assert_int_equal(attrs_pool_count(p), 2);
	attrs_unref(p, a);
	attrs_unref(p, b);
	assert_int_equal(attrs_pool_count(p), 1);
	attrs_unref(p, c);
	attrs_pool_free(p);
}

static void
attributes_are_sorted_and_found(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	const struct attrs *a = make(p, 10, "abcd");
	struct attr at;

	(void)state;
	assert_int_equal(a->n_attrs, 3);
	assert_int_equal(attrs_at(a, 0).id, ATTR_BGP_ORIGIN);
	assert_int_equal(attrs_at(a, 1).id, ATTR_BGP_PATH);
	assert_true(attrs_get(a, ATTR_BGP_PATH, &at));
	assert_int_equal(at.n, 4);
	assert_memory_equal(at.p, "abcd", 4);
	assert_int_equal(attrs_u32(a, ATTR_BGP_MED, 0), 10);
	assert_int_equal(attrs_u32(a, ATTR_BGP_LOCAL_PREF, 77), 77);
	attrs_unref(p, a);
	attrs_pool_free(p);
}

static void
an_edit_copies_only_on_write(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	const struct attrs *a = make(p, 10, "abcd"), *b, *c;
	struct attrs_edit e;

	(void)state;
	attrs_edit_init(&e, a);
	b = attrs_intern(p, &e);
	assert_ptr_equal(a, b);
	attrs_edit_unset(&e, ATTR_BGP_LOCAL_PREF);
	assert_false(e.changed);
	attrs_edit_unset(&e, ATTR_BGP_MED);
	c = attrs_intern(p, &e);
	assert_ptr_not_equal(a, c);
	assert_int_equal(c->n_attrs, 2);
	attrs_edit_set_u32(&e, ATTR_BGP_MED, 10);
	attrs_unref(p, c);
	c = attrs_intern(p, &e);
	assert_ptr_equal(a, c);	/* the way back leads to the same set */
	attrs_unref(p, a);
	attrs_unref(p, b);
	attrs_unref(p, c);
	attrs_pool_free(p);
}

static void
too_many_attributes_fail(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	struct attrs_edit e;

	(void)state;
	attrs_edit_init(&e, NULL);
	for (uint16_t i = 0; i < ATTRS_EDIT_MAX; i++)
		attrs_edit_set_u32(&e, (uint16_t)(ATTR_USER + i), i);
	assert_false(e.failed);
	attrs_edit_set_u32(&e, ATTR_USER - 1, 0);
	assert_true(e.failed);
	assert_null(attrs_intern(p, &e));
	attrs_pool_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_sets_are_one),
		cmocka_unit_test(attributes_are_sorted_and_found),
		cmocka_unit_test(an_edit_copies_only_on_write),
		cmocka_unit_test(too_many_attributes_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
