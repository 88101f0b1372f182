/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tunneld/log.h"

static enum log_level level = LOG_ERROR;
static char iface[16];

enum log_level
log_level_parse(const char *word)
{
	if (!word)
		return LOG_ERROR;
	if (strcmp(word, "verbose") == 0 || strcmp(word, "debug") == 0)
		return LOG_VERBOSE;
	return strcmp(word, "silent") == 0 ? LOG_SILENT : LOG_ERROR;
}

void
log_open(const char *name, enum log_level l)
{
	level = l;
	snprintf(iface, sizeof(iface), "%s", name);
}

/* One write for one line, so that lines of several tunnels do not mix. */
static void line(const char *blame, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
line(const char *blame, const char *fmt, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, ap);
	fprintf(stderr, "warren-wg: %s: %s: %s\n", iface, blame, text);
}

void
log_error(const char *blame, const char *fmt, ...)
{
	va_list ap;

	if (level < LOG_ERROR)
		return;
	va_start(ap, fmt);
	line(blame, fmt, ap);
	va_end(ap);
}

void
log_verbose(const char *blame, const char *fmt, ...)
{
	va_list ap;

	if (level < LOG_VERBOSE)
		return;
	va_start(ap, fmt);
	line(blame, fmt, ap);
	va_end(ap);
}
