/* SPDX-License-Identifier: ISC */
/*
 * What wireguard.c and wgquick.c share: the two ways to write a tunnel.
 */
#ifndef WARREN_CONF_WIREGUARD_H
#define WARREN_CONF_WIREGUARD_H

#include "conf/parser.h"

#define CONF_WG_NAMES	64	/* longest name of a peer, with its end */

/* Appends; NULL when out of memory. */
struct conf_wg_peer *conf_wg_peer_new(struct conf_parser *p,
    struct conf_wireguard *wg, struct span at);
bool conf_wg_add_addr(struct conf_parser *p, struct conf_wireguard *wg,
    struct span at, struct ip ip, uint8_t len);
bool conf_wg_add_prefix(struct conf_parser *p, struct conf_prefix_list **list,
    struct span at, const struct prefix *net);
/* Text to a key that is wiped in the end; an error at the span. */
bool conf_wg_secret_text(struct conf_parser *p, struct bytes text,
    struct span at, struct conf_wg_secret *ret);
bool conf_wg_public_text(struct conf_parser *p, struct bytes text,
    struct span at, struct conf_wg_peer *peer);
bool conf_wg_endpoint_text(struct conf_parser *p, struct bytes text,
    struct span at, const char **ret_host, uint16_t *ret_port);

/* config file "…": into wg.  path is a token of the file that says so. */
void conf_wgquick(struct conf_parser *p, struct conf_wireguard *wg,
    const struct conf_token *path);

/* What follows the word "peer": "NAME" { … } */
void conf_wg_peer_block(struct conf_parser *p, struct conf_wireguard *wg);

/* invited.c: the file of those who were invited, if there is one. */
void conf_invited(struct conf_parser *p);

#endif
