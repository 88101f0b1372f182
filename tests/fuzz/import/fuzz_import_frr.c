/* SPDX-License-Identifier: ISC */
/*
 * A configuration of FRR's.  Whatever it says, what comes out is one that
 * Warren can read, unless a word of it went into the output that only FRR
 * takes; so the output is parsed, and must not be too much.
 */
#include <assert.h>

#include "base/text.h"
#include "conf/config.h"
#include "import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool
input_read(void *ctx, const char *path, struct text *ret, const char **why)
{
	const struct text *t = ctx;

	(void)path;
	(void)why;
	text_addn(ret, t->s, t->n);
	return true;
}

static bool
input_glob(void *ctx, const char *pattern,
    bool (*each)(void *, const char *), void *arg, const char **why)
{
	(void)ctx;
	(void)why;
	return each(arg, pattern);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct text out, notes;
	struct diag_list *d = diag_list_new(20);

	text_init(&out, 1 << 22);
	text_init(&notes, 1 << 22);
	import_frr("fuzz", bytes_of(data, n), &out, &notes);
	if (!out.bad && d != NULL) {
		const struct conf_io io = { &out, input_read, input_glob };

		config_free(conf_parse(&io, "main", d));
	}
	diag_list_free(d);
	text_done(&out);
	text_done(&notes);
	return 0;
}
