/* SPDX-License-Identifier: ISC */
#include "wg/path_mtu.h"

#include <string.h>

#define TRIES		4
#define GRAIN		4
#define STEP		16	/* WireGuard's padding */
#define CHECK		SECONDS(120)
#define UPWARD		SECONDS(600)
#define HOLD		SECONDS(1)

void
path_mtu_init(struct path_mtu *m)
{
	memset(m, 0, sizeof(*m));
	m->at = INSTANT_NEVER;
}

static void
test(struct path_mtu *m, struct instant now, unsigned size)
{
	m->testing = true;
	m->size = size;
	m->tries = 0;
	m->at = now;
}

static void
settle(struct path_mtu *m, struct instant now)
{
	m->news = m->news || m->found != m->lo;
	m->found = m->lo;
	m->testing = m->upward = false;
	m->at = instant_add(now, CHECK);
}

static void
next(struct path_mtu *m, struct instant now)
{
	if (m->hi - m->lo <= GRAIN)
		settle(m, now);
	else
		test(m, now, m->lo + (m->hi - m->lo) / 2);
}

void
path_mtu_begin(struct path_mtu *m, struct instant now, unsigned top)
{
	m->top = top;
	m->lo = PATH_MTU_LEAST;
	m->hi = top + 1;
	m->upward = false;
	m->up_at = instant_add(now, UPWARD);
	if (top <= PATH_MTU_LEAST)
		path_mtu_stop(m);
	else
		test(m, now, top);
}

void
path_mtu_stop(struct path_mtu *m)
{
	m->testing = false;
	m->at = INSTANT_NEVER;
}

void
path_mtu_hold(struct path_mtu *m, struct instant now)
{
	m->tries = 0;
	m->at = instant_add(now, HOLD);
}

/* Time to look again: at the top, or at what was found. */
static void
again(struct path_mtu *m, struct instant now)
{
	m->upward = m->found < m->top && instant_due(m->up_at, now);
	if (m->upward)
		m->up_at = instant_add(now, UPWARD);
	m->lo = m->upward ? m->found : PATH_MTU_LEAST;
	m->hi = (m->upward ? m->top : m->found) + 1;
	test(m, now, m->hi - 1);
	/* The least has nothing below it to be compared with. */
	if (!m->upward && m->found <= PATH_MTU_LEAST)
		settle(m, now);
}

static void
failed(struct path_mtu *m, struct instant now)
{
	const bool first = m->upward && m->size == m->top;

	m->hi = m->size;
	/* As a rule it is as it was. */
	if (first && m->hi - m->lo > STEP)
		test(m, now, m->lo + STEP);
	else if (m->upward && m->size == m->lo + STEP)
		settle(m, now);
	else
		next(m, now);
}

unsigned
path_mtu_tick(struct path_mtu *m, struct instant now, int64_t wait)
{
	if (!instant_due(m->at, now))
		return 0;
	if (!m->testing)
		again(m, now);
	else if (m->tries >= TRIES)
		failed(m, now);
	if (!m->testing)
		return 0;
	m->tries++;
	m->at = instant_add(now, wait);
	return m->size;
}

void
path_mtu_answer(struct path_mtu *m, struct instant now, unsigned size)
{
	if (!m->testing || size != m->size || m->tries == 0)
		return;
	m->lo = size;
	next(m, now);
}

bool
path_mtu_poll(struct path_mtu *m)
{
	const bool news = m->news;

	m->news = false;
	return news;
}
