/* SPDX-License-Identifier: ISC */
/*
 * What to say to a WireGuard device so that it becomes what is configured,
 * without disturbing what is right already: the difference between the
 * wanted interface and the one that a get showed.
 *
 *	ws_compare(&want, &dump, &allowed, &changes);	a new or a found device
 *	ws_allowed(&want, &allowed, &changes);		later: routes have moved
 *	… give changes.device and changes.peer[] to the back end
 *	ws_changes_done(&changes);
 *
 * A peer that stands keeps its sessions: no list of peers is ever replaced.
 * The endpoint of a peer that has one is left alone, for it may have roamed,
 * unless the caller insists.  Peers are numbered alike in the want and in the
 * ai_plan.  Peers of the device that nobody wants are removed.
 *
 * Changes hold keys and are wiped by ws_changes_done().  Pure; one thread.
 * False: out of memory.
 */
#ifndef WARREN_PLAN_WGSYNC_H
#define WARREN_PLAN_WGSYNC_H

#include "plan/allowedips.h"
#include "wg/uapi.h"

struct ws_peer {
	uint8_t public_key[WG_KEY];
	uint8_t psk[WG_KEY];		/* all zeros: none */
	struct wg_endpoint endpoint;	/* or not known */
	bool insist;			/* set the endpoint whatever it is */
	uint16_t keepalive;
};

struct ws_want {
	uint8_t private_key[WG_KEY];
	uint16_t listen_port;		/* 0: whatever it has */
	uint32_t fwmark;
	const struct ws_peer *peers;
	size_t n_peers;
	/* The device can take single allowed ips away (Linux from 6.16). */
	bool can_remove;
};

struct ws_changes {
	bool device_changed;
	struct wg_uapi_device_set device;
	struct wg_peer_set *peer;
	size_t n_peers;
	struct wg_allowed *allowed;	/* what peer[].allowed point into */
	size_t n_allowed;
};

bool ws_compare(const struct ws_want *want, const struct wg_uapi_dump *have,
    struct ai_plan *allowed, struct ws_changes *ret);
bool ws_allowed(const struct ws_want *want, struct ai_plan *allowed,
    struct ws_changes *ret);
bool ws_changes_any(const struct ws_changes *c);
void ws_changes_done(struct ws_changes *c);

#endif
