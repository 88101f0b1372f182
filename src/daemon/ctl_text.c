/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/ctl_impl.h"
#include "sys/clock.h"

struct proto *
ctl_proto_by_number(const struct daemon *d, uint32_t number)
{
	LIST_EACH(p, &d->protos, struct proto, link)
		if (p->number == number)
			return p;
	return NULL;
}

static int64_t
wall_sub(struct wall a, struct wall b)
{
	return (a.s - b.s) * SECONDS(1) + (a.ns - b.ns);
}

struct wall
ctl_wall_of(struct instant t)
{
	struct wall now = clock_wall();
	int64_t ago = instant_sub(clock_now(), t);
	int64_t ns = now.ns - ago % SECONDS(1);

	now.s -= ago / SECONDS(1);
	if (ns < 0) {
		ns += SECONDS(1);
		now.s--;
	} else if (ns >= SECONDS(1)) {
		ns -= SECONDS(1);
		now.s++;
	}
	now.ns = (int32_t)ns;
	return now;
}

/* "%f" and "%3f": BIRD's fraction of a second, in so many digits. */
static void
fractions(const char *fmt, int32_t ns, char *out, size_t cap)
{
	size_t n = 0;

	while (*fmt != '\0' && n + 12 < cap) {
		int digits = 6, skip = 2;

		if (fmt[0] == '%' && fmt[1] >= '1' && fmt[1] <= '6' &&
		    fmt[2] == 'f') {
			digits = fmt[1] - '0';
			skip = 3;
		} else if (fmt[0] == '%' && fmt[1] == '%') {
			out[n++] = *fmt++;
			out[n++] = *fmt++;
			continue;
		} else if (fmt[0] != '%' || fmt[1] != 'f') {
			out[n++] = *fmt++;
			continue;
		}
		n += (size_t)snprintf(out + n, 10, "%09d", (int)ns);
		n -= (size_t)(9 - digits);
		fmt += skip;
	}
	out[n] = '\0';
}

void
ctl_wall_text(struct text *out, const struct conf_timeformat *f,
    struct wall t, struct wall now)
{
	bool recent = f->limit == 0 || wall_sub(now, t) < f->limit;
	const char *fmt = recent || f->old == NULL ? f->recent : f->old;
	time_t s = (time_t)t.s;
	char whole[256], buf[256];
	struct tm tm;

	fractions(fmt, t.ns, whole, sizeof(whole));
	localtime_r(&s, &tm);
	/* The format is a person's, out of the configuration. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (strftime(buf, sizeof(buf), whole, &tm) == 0)
		strcpy(buf, "<error>");
#pragma GCC diagnostic pop
	text_add(out, buf);
}

void
ctl_instant_text(struct text *out, const struct conf_timeformat *f,
    struct instant t)
{
	ctl_wall_text(out, f, ctl_wall_of(t), clock_wall());
}

const char *
ctl_scope_name(unsigned scope)
{
	static const char *const name[] = {
		"host", "link", "site", "org", "univ"
	};

	return scope <= SCOPE_UNIVERSE ? name[scope] : "undef";
}

const char *
ctl_iface_name(const struct daemon *d, uint32_t index, char buf[IFACE_NAME])
{
	const struct iface *i = iface_by_index(&d->ifaces, index);

	if (i != NULL)
		return i->name;
	snprintf(buf, IFACE_NAME, "if%u", index);
	return buf;
}
