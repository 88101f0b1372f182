/* SPDX-License-Identifier: ISC */
/* The two clocks of base/time.h.  Any thread. */
#ifndef WARREN_SYS_CLOCK_H
#define WARREN_SYS_CLOCK_H

#include "base/time.h"

struct instant clock_now(void);		/* CLOCK_BOOTTIME: counts sleep */
struct wall clock_wall(void);		/* CLOCK_REALTIME */

#endif
