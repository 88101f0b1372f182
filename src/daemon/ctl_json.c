/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <time.h>

#include "daemon/ctl_impl.h"

void
json_begin(struct json *j, struct text *t)
{
	j->t = t;
	j->comma = false;
}

static void
quoted(struct text *t, const char *s)
{
	text_addc(t, '"');
	for (; *s != '\0'; s++) {
		unsigned char ch = (unsigned char)*s;

		if (ch == '"' || ch == '\\')
			text_printf(t, "\\%c", ch);
		else if (ch < ' ' || ch == 0x7f)
			text_printf(t, "\\u%04x", ch);
		else
			text_addc(t, *s);
	}
	text_addc(t, '"');
}

static void
next(struct json *j, const char *key)
{
	if (j->comma)
		text_addc(j->t, ',');
	j->comma = true;
	if (key != NULL) {
		quoted(j->t, key);
		text_addc(j->t, ':');
	}
}

void
json_open(struct json *j, const char *key, char bracket)
{
	next(j, key);
	text_addc(j->t, bracket);
	j->comma = false;
}

void
json_close(struct json *j, char bracket)
{
	text_addc(j->t, bracket);
	j->comma = true;
}

void
json_str(struct json *j, const char *key, const char *s)
{
	next(j, key);
	if (s != NULL)
		quoted(j->t, s);
	else
		text_add(j->t, "null");
}

void
json_int(struct json *j, const char *key, int64_t n)
{
	next(j, key);
	text_printf(j->t, "%" PRId64, n);
}

void
json_u64(struct json *j, const char *key, uint64_t n)
{
	next(j, key);
	text_printf(j->t, "%" PRIu64, n);
}

void
json_bool(struct json *j, const char *key, bool b)
{
	next(j, key);
	text_add(j->t, b ? "true" : "false");
}

void
json_no_value(struct json *j, const char *key)
{
	json_str(j, key, NULL);
}

/* RFC 3339, in UTC. */
void
json_wall(struct json *j, const char *key, struct wall w)
{
	time_t s = (time_t)w.s;
	char buf[64], whole[80];
	struct tm tm;

	if (w.s == 0 || gmtime_r(&s, &tm) == NULL ||
	    strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%S", &tm) == 0) {
		json_no_value(j, key);
		return;
	}
	snprintf(whole, sizeof(whole), "%s.%03dZ", buf,
	    (int)(w.ns / 1000000));
	json_str(j, key, whole);
}

static void
line(struct ctl_client *c)
{
	ctl_reply_line(&c->r, CTL_JSON, false, c->row.s);
}

void
ctl_rows_begin(struct ctl_client *c)
{
	c->json_rows = false;
	ctl_say(c, CTL_JSON, "[");
}

void
ctl_row_begin(struct ctl_client *c, struct json *j)
{
	text_clear(&c->row);
	if (c->json_rows)
		text_addc(&c->row, ',');
	c->json_rows = true;
	json_begin(j, &c->row);
	json_open(j, NULL, '{');
}

void
ctl_row_end(struct ctl_client *c, struct json *j)
{
	json_close(j, '}');
	line(c);
}

void
ctl_rows_end(struct ctl_client *c)
{
	ctl_say(c, CTL_JSON, "]");
	ctl_ok(c);
}

void
ctl_object_begin(struct ctl_client *c, struct json *j)
{
	text_clear(&c->row);
	json_begin(j, &c->row);
	json_open(j, NULL, '{');
}

void
ctl_object_end(struct ctl_client *c, struct json *j)
{
	json_close(j, '}');
	line(c);
	ctl_ok(c);
}
