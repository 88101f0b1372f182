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

void conf_bgp_check(struct conf_parser *p, struct conf_proto *proto);

#endif
