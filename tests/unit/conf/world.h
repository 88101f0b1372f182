/* SPDX-License-Identifier: ISC */
/* Files that are not there, for tests of the parser. */
#ifndef WARREN_TESTS_CONF_WORLD_H
#define WARREN_TESTS_CONF_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "conf/config.h"

/* The last has no name. */
struct world {
	const char *name, *text;
};

static inline bool
world_read(void *ctx, const char *path, struct text *ret, const char **why)
{
	for (const struct world *w = ctx; w->name != NULL; w++)
		if (strcmp(w->name, path) == 0) {
			text_add(ret, w->text);
			return true;
		}
	*why = "no such file";
	return false;
}

/* The only wildcard here is a star at the end. */
static inline bool
world_glob(void *ctx, const char *pattern,
    bool (*each)(void *, const char *), void *arg, const char **why)
{
	const size_t n = strlen(pattern);

	(void)why;
	if (n == 0 || pattern[n - 1] != '*')
		return each(arg, pattern);
	for (const struct world *w = ctx; w->name != NULL; w++)
		if (strncmp(w->name, pattern, n - 1) == 0)
			each(arg, w->name);
	return true;
}

/* Begins with the first file; messages, as they are printed, into out. */
static inline struct config *
world_parse(struct world *w, struct text *out)
{
	const struct conf_io io = { w, world_read, world_glob };
	struct diag_list *d = diag_list_new(100);
	struct config *c = conf_parse(&io, w[0].name, d);

	diag_print_all(d, out);
	assert_int_equal(c == NULL, diag_errors(d) != 0);
	diag_list_free(d);
	return c;
}

/* Must be right, without even a warning.  config_free() it. */
static inline struct config *
good(const char *text)
{
	struct world w[] = { { "a", text }, { NULL, NULL } };
	struct config *c;
	struct text out;

	text_init(&out, 1 << 20);
	c = world_parse(w, &out);
	assert_string_equal(out.s, "");
	text_done(&out);
	assert_non_null(c);
	return c;
}

/*
 * Messages only, a line each: "LINE:COL: message; hint".  The beginning that
 * they all have, "a:", is left out.
 */
static inline void
says(const char *text, const char *want)
{
	struct world w[] = { { "a", text }, { NULL, NULL } };
	const struct conf_io io = { w, world_read, world_glob };
	struct diag_list *d = diag_list_new(100);
	struct config *c = conf_parse(&io, "a", d);
	const struct diag *g;
	struct text out;

	text_init(&out, 1 << 20);
	for (unsigned i = 0; i < diag_count(d); i++) {
		g = diag_get(d, i);
		text_printf(&out, "%u:%u: %s%s%s%s\n", g->at.line, g->at.col,
		    g->level == DIAG_WARNING ? "warning: " : "", g->message,
		    g->hint ? "; " : "", g->hint ? g->hint : "");
	}
	assert_string_equal(out.s, want);
	assert_int_equal(c == NULL, diag_errors(d) != 0);
	config_free(c);
	text_done(&out);
	diag_list_free(d);
}

#endif
