/* SPDX-License-Identifier: ISC */
/*
 * The log of a tunnel: lines on standard error.
 *
 * Each has the interface, who is to blame (remote, config, system, bug; or
 * info) and what happened.  The level comes from LOG_LEVEL as wireguard-go
 * reads it: "silent", "error" (default), "verbose" or "debug".
 */
#ifndef WARREN_TUNNELD_LOG_H
#define WARREN_TUNNELD_LOG_H

enum log_level {
	LOG_SILENT, LOG_ERROR, LOG_VERBOSE
};

/* word NULL is the default. */
enum log_level log_level_parse(const char *word);
void log_open(const char *iface, enum log_level level);

void log_error(const char *blame, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void log_verbose(const char *blame, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
