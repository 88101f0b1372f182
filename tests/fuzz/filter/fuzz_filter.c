/* SPDX-License-Identifier: ISC */
/*
 * Definitions in the filter language: parsed, and where they are right, run
 * on a route, compared with themselves, and shown.  Must hold: no text brings
 * the parser or a program to more than its limits, every refusal has a
 * message, and what printing a value gives is finite.
 */
#include "../../unit/filter/lang.h"

#define TEXT_MAX	4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
run_all(struct lang *l)
{
	const struct conf_symbol *y;

	for (y = l->config.symbols; y; y = y->next) {
		if (y->kind != CONF_SYM_FILTER || !y->filter)
			continue;
		attrs_edit_init(&l->e.a, NULL);
		l->e.a.dest = RTD_BLACKHOLE;
		if (filter_run(y->filter, &l->e, &l->env) != RT_ACCEPT &&
		    l->e.a.failed)
			continue;
		if (!filter_same(y->filter, y->filter))
			abort();
	}
}

/* The text as one expression, too. */
static void
eval(struct lang *l, const char *s)
{
	struct text out;

	text_init(&out, 1 << 16);
	attrs_edit_init(&l->e.a, NULL);
	if (lang_eval(l, s, &out)[0] == '\0' && strlen(s) == 0)
		abort();
	text_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char s[TEXT_MAX + 1];
	struct lang l;

	if (n > TEXT_MAX)
		return 0;
	for (size_t i = 0; i < n; i++)
		s[i] = data[i] ? (char)data[i] : ' ';
	s[n] = '\0';
	lang_init(&l);
	if (lang_load(&l, s))
		run_all(&l);
	else if (diag_errors(l.diags) == 0)
		abort();
	eval(&l, s);
	lang_done(&l);
	return 0;
}
