/* SPDX-License-Identifier: ISC */
/* A wg-quick file.  No key may get into what is shown. */
#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "import/import.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct secrets {
	const struct text *out;
	unsigned n;
};

static bool
secret(void *ctx, const char *path, const char *key)
{
	struct secrets *s = ctx;

	assert(strncmp(path, "/keys/", 6) == 0);
	assert(strchr(path + 6, '/') == NULL && strchr(path, '"') == NULL);
	s->n++;
	return strlen(key) < 100;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct import_wg *x = import_wg_new("/keys");
	struct text out, notes;
	struct secrets s = { .out = &out };
	const struct import_wg_io io = { &s, secret };

	if (x == NULL)
		return 0;
	text_init(&out, 1 << 22);
	text_init(&notes, 1 << 22);
	import_wg_file(x, "fuzz.conf", bytes_of(data, n), &notes);
	import_wg_file(x, "fuzz.conf", bytes_of(data, n / 2), &notes);
	import_wg_print(x, &io, &out);
	import_wg_free(x);
	text_done(&out);
	text_done(&notes);
	return 0;
}
