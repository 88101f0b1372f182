/* SPDX-License-Identifier: ISC */
/* What others may ask a kernel protocol. */
#ifndef WARREN_DAEMON_KERNEL_H
#define WARREN_DAEMON_KERNEL_H

#include "base/ip.h"

struct proto;

/* Is the net's route wanted and not in the kernel?  The "!" of show route. */
bool kernel_refuses(const struct proto *p, const struct prefix *net);

#endif
