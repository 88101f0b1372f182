/* SPDX-License-Identifier: ISC */
/* What kinds of protocols add to "show protocols all". */
#ifndef WARREN_DAEMON_CMD_PROTO_IMPL_H
#define WARREN_DAEMON_CMD_PROTO_IMPL_H

#include "daemon/ctl_impl.h"

/* cmd_bgp.c: before the channels, and after each of them. */
void bgp_say_details(struct ctl_client *c, const struct proto *p);
void bgp_say_channel(struct ctl_client *c, const struct proto *p,
    const struct proto_channel *ch);
void bgp_json_details(struct json *j, const struct proto *p);

#endif
