/* SPDX-License-Identifier: ISC */
#include "sys/clock.h"

#include <assert.h>
#include <time.h>

static struct timespec
read_clock(clockid_t id)
{
	struct timespec ts;
	int err = clock_gettime(id, &ts);

	assert(err == 0);
	(void)err;
	return ts;
}

struct instant
clock_now(void)
{
	struct timespec ts = read_clock(CLOCK_BOOTTIME);

	return (struct instant){ .ns = SECONDS(ts.tv_sec) + ts.tv_nsec };
}

struct wall
clock_wall(void)
{
	struct timespec ts = read_clock(CLOCK_REALTIME);

	return (struct wall){ .s = ts.tv_sec, .ns = (int32_t)ts.tv_nsec };
}
