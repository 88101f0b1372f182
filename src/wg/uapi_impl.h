/* SPDX-License-Identifier: ISC */
/*
 * Both sides of the configuration protocol: its words, and the values that
 * they carry.  All parsers take the whole of the text or nothing.
 */
#ifndef WARREN_WG_UAPI_IMPL_H
#define WARREN_WG_UAPI_IMPL_H

#include "wg/uapi.h"

enum wg_uapi_key {
	KEY_NONE,		/* no such word */
	KEY_GET, KEY_SET, KEY_ERRNO,
	KEY_PRIVATE_KEY, KEY_LISTEN_PORT, KEY_FWMARK, KEY_REPLACE_PEERS,
	KEY_PUBLIC_KEY,		/* from here on, of a peer */
	KEY_REMOVE, KEY_UPDATE_ONLY, KEY_PRESHARED_KEY, KEY_ENDPOINT,
	KEY_KEEPALIVE, KEY_REPLACE_ALLOWED, KEY_ALLOWED,
	KEY_PROTOCOL_VERSION, KEY_HANDSHAKE_SEC, KEY_HANDSHAKE_NSEC,
	KEY_RX_BYTES, KEY_TX_BYTES,
	N_KEYS
};

/* The word of a key, and the other way round by wg_uapi_split(). */
const char *wg_uapi_word(enum wg_uapi_key key);
/* Cuts "key=value"; KEY_NONE for an unknown key or no "=" at all. */
enum wg_uapi_key wg_uapi_split(struct bytes line, struct bytes *ret_value);

bool wg_uapi_number(struct bytes v, uint64_t max, uint64_t *ret);
bool wg_uapi_is(struct bytes v, const char *word);
/*
 * A prefix as wg(8) writes it: host bits may be set, a bare address is a
 * host; with "-" before it, to be taken away, if minus is not NULL.
 */
bool wg_uapi_prefix(struct bytes v, struct prefix *ret, bool *minus);

#endif
