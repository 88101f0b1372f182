/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "bgp/fsm.h"
#include "fsm_golden.h"

#define EACH_CELL(st, ev)						\
	for (unsigned st = BGP_IDLE; st < BGP_NSTATES; st++)		\
		for (unsigned ev = 0; ev < BGP_NEVENTS; ev++)

static struct bgp_edge
next(unsigned st, unsigned ev)
{
	return bgp_fsm_next((enum bgp_state)st, (enum bgp_event)ev);
}

static void
cell_text(unsigned st, unsigned ev, char *buf, size_t n)
{
	static const char *const acts[] = {
		"notify", "fsm-error", "open", "keepalive", "hold",
		"connect", "retry", "no-retry", "count", "no-count",
	};
	const struct bgp_edge e = next(st, ev);
	size_t at = (size_t)snprintf(buf, n, "%s %s %s",
	    bgp_state_text((enum bgp_state)st),
	    bgp_event_text((enum bgp_event)ev),
	    bgp_state_text((enum bgp_state)e.next));

	for (unsigned i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (e.act & 1u << i)
			at += (size_t)snprintf(buf + at, n - at, " %s",
			    acts[i]);
	}
}

static void
same_as_golden(void **state)
{
	size_t i = 0;

	(void)state;
	EACH_CELL(st, ev) {
		char text[200];

		cell_text(st, ev, text, sizeof(text));
		assert_true(i < sizeof(golden) / sizeof(golden[0]));
		assert_string_equal(text, golden[i++]);
	}
	assert_int_equal(i, sizeof(golden) / sizeof(golden[0]));
}

static void
no_cell_is_empty(void **state)
{
	(void)state;
	EACH_CELL(st, ev) {
		const struct bgp_edge e = next(st, ev);

		assert_in_range(e.next, BGP_IDLE, BGP_ESTABLISHED);
		assert_int_equal(e.act >> 10, 0);
	}
}

/* From IDLE, and back to it from wherever one is. */
static void
all_is_reachable(void **state)
{
	unsigned seen = 1u << BGP_IDLE, before;

	(void)state;
	do {
		before = seen;
		EACH_CELL(st, ev) {
			if (seen & 1u << st)
				seen |= 1u << next(st, ev).next;
		}
	} while (seen != before);
	assert_int_equal(seen, (1u << BGP_NSTATES) - (1u << BGP_IDLE));
	for (unsigned st = BGP_IDLE; st < BGP_NSTATES; st++) {
		assert_int_equal(next(st, EV_STOP).next, BGP_IDLE);
		assert_int_equal(next(st, EV_DROP).next, BGP_IDLE);
		assert_int_equal(next(st, EV_NOTIFIED).next, BGP_IDLE);
		assert_int_equal(next(st, EV_MALFORMED).next, BGP_IDLE);
		assert_int_equal(next(st, EV_HOLD).next, BGP_IDLE);
	}
}

static void
started_once(void **state)
{
	(void)state;
	for (unsigned st = BGP_CONNECT; st < BGP_NSTATES; st++) {
		for (unsigned ev = EV_START; ev <= EV_LISTEN; ev++) {
			assert_int_equal(next(st, ev).next, st);
			assert_int_equal(next(st, ev).act, 0);
		}
	}
}

static void
one_door(void **state)
{
	(void)state;
	EACH_CELL(st, ev) {
		const struct bgp_edge e = next(st, ev);

		if (e.next == BGP_ESTABLISHED && st != BGP_ESTABLISHED) {
			assert_int_equal(st, BGP_OPENCONFIRM);
			assert_int_equal(ev, EV_KEEPALIVE);
		}
		if (e.next == BGP_OPENCONFIRM && st != BGP_OPENCONFIRM)
			assert_int_equal(ev, EV_OPEN);
		if (e.next == BGP_OPENSENT && st != BGP_OPENSENT)
			assert_int_equal(ev, EV_TCP_UP);
		/* And one way out: nothing is skipped on the way down. */
		if (st == BGP_ESTABLISHED && e.next != BGP_ESTABLISHED)
			assert_int_equal(e.next, BGP_IDLE);
	}
}

/* Two speakers that answer each other's last words would never stop. */
static void
notifications_are_last_words(void **state)
{
	(void)state;
	EACH_CELL(st, ev) {
		const struct bgp_edge e = next(st, ev);
		const bool speaks = e.act & (DO_NOTIFY | DO_FSM_ERROR);

		if (ev == EV_NOTIFIED || ev == EV_TCP_DOWN)
			assert_false(speaks);
		if (speaks)
			assert_int_equal(e.next, BGP_IDLE);
		assert_false((e.act & DO_NOTIFY) && (e.act & DO_FSM_ERROR));
		/* Nobody is there to hear. */
		if (st < BGP_OPENSENT)
			assert_false(speaks || (e.act & DO_KEEPALIVE));
	}
}

static void
actions_fit_states(void **state)
{
	(void)state;
	EACH_CELL(st, ev) {
		const struct bgp_edge e = next(st, ev);

		assert_int_equal(!!(e.act & DO_OPEN), st < BGP_OPENSENT &&
		    e.next == BGP_OPENSENT);
		if (e.act & DO_CONNECT)
			assert_int_equal(e.next, BGP_CONNECT);
		if (e.act & DO_RETRY)
			assert_true(e.next == BGP_CONNECT ||
			    e.next == BGP_ACTIVE);
		if (e.act & (DO_HOLD | DO_KEEPALIVE))
			assert_true(e.next >= BGP_OPENCONFIRM);
		/* A retry timer that ran on would end the session. */
		if (st < BGP_OPENSENT && e.next == BGP_OPENSENT)
			assert_true(e.act & DO_NO_RETRY);
		if (e.act & (DO_COUNT | DO_NO_COUNT))
			assert_int_equal(e.next, BGP_IDLE);
		if (e.act & DO_NO_COUNT)
			assert_int_equal(ev, EV_STOP);
	}
}

static void
names(void **state)
{
	(void)state;
	assert_string_equal(bgp_state_text(BGP_ESTABLISHED), "Established");
	for (unsigned a = 0; a < BGP_NEVENTS; a++) {
		for (unsigned b = 0; b < a; b++) {
			assert_string_not_equal(
			    bgp_event_text((enum bgp_event)a),
			    bgp_event_text((enum bgp_event)b));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_golden),
		cmocka_unit_test(no_cell_is_empty),
		cmocka_unit_test(all_is_reachable),
		cmocka_unit_test(started_once),
		cmocka_unit_test(one_door),
		cmocka_unit_test(notifications_are_last_words),
		cmocka_unit_test(actions_fit_states),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
