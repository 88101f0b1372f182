/* SPDX-License-Identifier: ISC */
/*
 * The parts of protocol bgp that stand in files of their own: the rows of its
 * channels, and the check of what was said, after the whole file.
 */
#ifndef WARREN_CONF_BGP_H
#define WARREN_CONF_BGP_H

#include "conf/protos.h"

#define CONF_BGP_CHANNEL_ROWS	34
extern const struct conf_row conf_bgp_channel_rows[CONF_BGP_CHANNEL_ROWS];

/* keys { … }; and what is wrong with them after the whole file. */
void conf_bgp_ao_keys(struct conf_parser *p, void *base);
void conf_bgp_ao_check(struct conf_parser *p, struct conf_proto *proto);
bool conf_bgp_ao_same(const struct conf_ao_key *a,
    const struct conf_ao_key *b);

void conf_bgp_check(struct conf_parser *p, struct conf_proto *proto);

#endif
