/* SPDX-License-Identifier: ISC */
/* wg-quick files as they were read; wg.c reads, wg_out.c prints. */
#ifndef WARREN_IMPORT_WG_IMPL_H
#define WARREN_IMPORT_WG_IMPL_H

#include "base/ip.h"
#include "import/import.h"
#include "import/lines.h"

struct wg_net {
	struct wg_net *next;
	struct ip ip;			/* with its host bits */
	uint8_t len;
	struct prefix net;		/* without */
	bool gone;			/* a later peer has it */
};

struct wg_peer {
	struct wg_peer *next;
	const struct import_line *l;
	const char *comment, *name, *public_key, *psk, *endpoint;
	const struct wg_peer *same_as;	/* two sections of one peer */
	struct wg_net *allowed;
	uint32_t keepalive;
};

struct wg_iface {
	struct wg_iface *next;
	const char *name, *file, *private_key;
	struct wg_net *addresses;
	struct wg_peer *peers;
	struct import_notes notes;
	uint32_t fwmark, mtu, table_number;
	uint16_t port;
	bool forward, masquerade;
	enum { WG_TABLE_AUTO, WG_TABLE_OFF, WG_TABLE_NUMBER } table;
};

struct wg_import {
	struct import im;
	const char *dir;
	struct wg_iface *ifaces, *iface;
	struct wg_peer *peer;		/* NULL: in [Interface] */
	bool section, bad;
};

struct import_wg {
	struct wg_import w;
};

/* wg_out.c: the number of the table, and what wg-quick would do besides. */
void wg_table_notes(struct wg_import *w);

#endif
