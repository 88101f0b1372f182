/* SPDX-License-Identifier: ISC */
#include "bfd/fsm.h"

#define GO(state, why) \
	{ .next = BFD_##state, .diag = BFD_DIAG_##why, .known = true }

/* A cell that stays where it is changes nothing, its diagnostic included. */
static const struct bfd_edge edges[BFD_NSTATES][BFD_NEVENTS] = {
[BFD_ADMIN_DOWN] = {
	[BFD_EV_ENABLE]		= GO(DOWN, NONE),
	[BFD_EV_DISABLE]	= GO(ADMIN_DOWN, ADMIN),
	[BFD_EV_TIMEOUT]	= GO(ADMIN_DOWN, ADMIN),
	[BFD_EV_PATH_DOWN]	= GO(ADMIN_DOWN, ADMIN),
	/* "If bfd.SessionState is AdminDown, discard the packet." */
	[BFD_EV_RX_ADMIN_DOWN]	= GO(ADMIN_DOWN, ADMIN),
	[BFD_EV_RX_DOWN]	= GO(ADMIN_DOWN, ADMIN),
	[BFD_EV_RX_INIT]	= GO(ADMIN_DOWN, ADMIN),
	[BFD_EV_RX_UP]		= GO(ADMIN_DOWN, ADMIN),
}, [BFD_DOWN] = {
	[BFD_EV_ENABLE]		= GO(DOWN, NONE),
	[BFD_EV_DISABLE]	= GO(ADMIN_DOWN, ADMIN),
	[BFD_EV_TIMEOUT]	= GO(DOWN, TIMEOUT),
	[BFD_EV_PATH_DOWN]	= GO(DOWN, PATH),
	[BFD_EV_RX_ADMIN_DOWN]	= GO(DOWN, NEIGHBOUR),
	[BFD_EV_RX_DOWN]	= GO(INIT, NONE),
	[BFD_EV_RX_INIT]	= GO(UP, NONE),
	[BFD_EV_RX_UP]		= GO(DOWN, NONE),
}, [BFD_INIT] = {
	[BFD_EV_ENABLE]		= GO(INIT, NONE),
	[BFD_EV_DISABLE]	= GO(ADMIN_DOWN, ADMIN),
	[BFD_EV_TIMEOUT]	= GO(DOWN, TIMEOUT),
	[BFD_EV_PATH_DOWN]	= GO(DOWN, PATH),
	[BFD_EV_RX_ADMIN_DOWN]	= GO(DOWN, NEIGHBOUR),
	[BFD_EV_RX_DOWN]	= GO(INIT, NONE),
	[BFD_EV_RX_INIT]	= GO(UP, NONE),
	[BFD_EV_RX_UP]		= GO(UP, NONE),
}, [BFD_UP] = {
	[BFD_EV_ENABLE]		= GO(UP, NONE),
	[BFD_EV_DISABLE]	= GO(ADMIN_DOWN, ADMIN),
	[BFD_EV_TIMEOUT]	= GO(DOWN, TIMEOUT),
	[BFD_EV_PATH_DOWN]	= GO(DOWN, PATH),
	[BFD_EV_RX_ADMIN_DOWN]	= GO(DOWN, NEIGHBOUR),
	[BFD_EV_RX_DOWN]	= GO(DOWN, NEIGHBOUR),
	[BFD_EV_RX_INIT]	= GO(UP, NONE),
	[BFD_EV_RX_UP]		= GO(UP, NONE),
} };

struct bfd_edge
bfd_fsm_next(enum bfd_state st, enum bfd_event ev)
{
	return edges[st][ev];
}

const char *
bfd_event_text(enum bfd_event ev)
{
	static const char *const names[BFD_NEVENTS] = {
		[BFD_EV_ENABLE] = "enable", [BFD_EV_DISABLE] = "disable",
		[BFD_EV_TIMEOUT] = "timeout",
		[BFD_EV_PATH_DOWN] = "path-down",
		[BFD_EV_RX_ADMIN_DOWN] = "rx-admin-down",
		[BFD_EV_RX_DOWN] = "rx-down", [BFD_EV_RX_INIT] = "rx-init",
		[BFD_EV_RX_UP] = "rx-up",
	};

	return names[ev];
}
