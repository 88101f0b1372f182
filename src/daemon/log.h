/* SPDX-License-Identifier: ISC */
/*
 * The log of warrend.
 *
 * Every line has a class that says who is to blame (enum conf_log_class:
 * REMOTE the peer, WARNING and ERROR the configuration or the system, AUTH,
 * BUG us) and a subject, the protocol or tunnel that it is about.  Lines are
 * limited by subject and class: past LOG_BURST in LOG_WINDOW the rest of the
 * window is counted and told in one line.
 *
 *	2026-11-21 01:02:03.456 <RMT> east: Received: Hold timer expired
 *
 * Nothing here knows a secret, and nobody may give it one.  One thread.
 */
#ifndef WARREN_DAEMON_LOG_H
#define WARREN_DAEMON_LOG_H

#include <stdarg.h>
#include <stdio.h>

#include "base/time.h"
#include "conf/config.h"

#define LOG_BURST	40
#define LOG_WINDOW	SECONDS(10)
#define LOG_SUBJECTS	256		/* buckets */

struct log_target {
	const struct conf_log *cf;	/* NULL: the built-in stderr */
	FILE *file;
	int fd;				/* of UDP, or -1 */
	uint64_t size;
};

struct log_bucket {
	uint64_t subject;
	struct instant since;
	unsigned lines;
};

struct log {
	struct log_target *target;
	unsigned n_targets;
	bool foreground;		/* stderr is there to be read */
	bool debug;			/* -d: everything to stderr */
	/* Who listens in ("echo"): every line that passes the limits. */
	void (*tap)(void *ctx, unsigned class, const char *line);
	void *tap_ctx;
	const char *debug_file;		/* -D, or NULL */
	struct conf_timeformat format;
	struct log_bucket bucket[LOG_SUBJECTS];
};

void log_init(struct log *l, bool foreground, bool debug);
void log_done(struct log *l);
/* Opens what c says; what it had is closed.  c stays the caller's. */
void log_configure(struct log *l, const struct config *c);

/* subject may be NULL: the daemon itself. */
void log_msg(struct log *l, unsigned class, const char *subject,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void log_vmsg(struct log *l, unsigned class, const char *subject,
    const char *fmt, va_list ap) __attribute__((format(printf, 4, 0)));
/* What the configuration asks to be printed: never held back. */
void log_print(struct log *l, unsigned class, const char *line);

#endif
