/* SPDX-License-Identifier: ISC */
/* show tunnels: as wg shows them, and who speaks over each. */
#include <inttypes.h>
#include <string.h>

#include "daemon/ctl_impl.h"
#include "daemon/wireguard.h"
#include "sys/clock.h"
#include "wg/key.h"

void
cmd_show_tunnels(struct ctl_client *c, struct ctl_words *w)
{
	if (ctl_no_more(c, w))
		ctl_end(c, 8003, "No tunnels are shown yet");
}
