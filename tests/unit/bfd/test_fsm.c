/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "bfd/fsm.h"

/* RFC 5880 section 6.8.6 and the drawing of 6.2, read cell by cell. */
static const char *const cells[] = {
	"AdminDown enable Down 0", "AdminDown disable AdminDown 7",
	"AdminDown timeout AdminDown 7", "AdminDown path-down AdminDown 7",
	"AdminDown rx-admin-down AdminDown 7",
	"AdminDown rx-down AdminDown 7", "AdminDown rx-init AdminDown 7",
	"AdminDown rx-up AdminDown 7",
	"Down enable Down 0", "Down disable AdminDown 7",
	"Down timeout Down 1", "Down path-down Down 5",
	"Down rx-admin-down Down 3", "Down rx-down Init 0",
	"Down rx-init Up 0", "Down rx-up Down 0",
	"Init enable Init 0", "Init disable AdminDown 7",
	"Init timeout Down 1", "Init path-down Down 5",
	"Init rx-admin-down Down 3", "Init rx-down Init 0",
	"Init rx-init Up 0", "Init rx-up Up 0",
	"Up enable Up 0", "Up disable AdminDown 7", "Up timeout Down 1",
	"Up path-down Down 5", "Up rx-admin-down Down 3", "Up rx-down Down 3",
	"Up rx-init Up 0", "Up rx-up Up 0",
};

static void
cell_by_cell(void **state)
{
	size_t i = 0;

	(void)state;
	for (unsigned st = 0; st < BFD_NSTATES; st++)
		for (unsigned ev = 0; ev < BFD_NEVENTS; ev++, i++) {
			struct bfd_edge e = bfd_fsm_next((enum bfd_state)st,
			    (enum bfd_event)ev);
			char text[80];

			assert_true(e.known);
			snprintf(text, sizeof(text), "%s %s %s %u",
			    bfd_state_text((uint8_t)st),
			    bfd_event_text((enum bfd_event)ev),
			    bfd_state_text(e.next), e.diag);
			assert_true(i < sizeof(cells) / sizeof(cells[0]));
			assert_string_equal(text, cells[i]);
		}
	assert_int_equal(i, sizeof(cells) / sizeof(cells[0]));
}

/* Up is reached only when the peer has heard us: three-way handshake. */
static void
up_has_its_doors(void **state)
{
	(void)state;
	for (unsigned st = 0; st < BFD_UP; st++)
		for (unsigned ev = 0; ev < BFD_NEVENTS; ev++)
			if (bfd_fsm_next((enum bfd_state)st,
			    (enum bfd_event)ev).next == BFD_UP)
				assert_true(ev == BFD_EV_RX_INIT ||
				    (st == BFD_INIT && ev == BFD_EV_RX_UP));
}

/* Nothing but the operator leads out of AdminDown, or into it. */
static void
admin_down_is_the_operators(void **state)
{
	(void)state;
	for (unsigned st = 0; st < BFD_NSTATES; st++)
		for (unsigned ev = 0; ev < BFD_NEVENTS; ev++) {
			unsigned next = bfd_fsm_next((enum bfd_state)st,
			    (enum bfd_event)ev).next;

			if (st == BFD_ADMIN_DOWN && ev != BFD_EV_ENABLE)
				assert_int_equal(next, BFD_ADMIN_DOWN);
			if (st != BFD_ADMIN_DOWN && ev != BFD_EV_DISABLE)
				assert_int_not_equal(next, BFD_ADMIN_DOWN);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cell_by_cell),
		cmocka_unit_test(up_has_its_doors),
		cmocka_unit_test(admin_down_is_the_operators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
