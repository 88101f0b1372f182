/* SPDX-License-Identifier: ISC */
/*
 * A whole configuration.  What stands behind a line "====" is the text of
 * every file that it includes.  Whatever is accepted must equal itself when
 * it is read again.
 */
#include <assert.h>

#include "base/mem.h"
#include "base/text.h"
#include "conf/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct input {
	struct bytes main, other;
};

static bool
input_read(void *ctx, const char *path, struct text *ret, const char **why)
{
	const struct input *i = ctx;
	const struct bytes b = strcmp(path, "main") == 0 ? i->main : i->other;

	(void)why;
	if (b.n != 0)
		text_addn(ret, (const char *)b.p, b.n);
	return true;
}

static bool
input_glob(void *ctx, const char *pattern,
    bool (*each)(void *, const char *), void *arg, const char **why)
{
	(void)ctx;
	(void)why;
	return each(arg, strcmp(pattern, "main") == 0 ? "main" : "other");
}

static bool
input_exists(void *ctx, const char *path)
{
	(void)ctx;
	(void)path;
	return true;
}

static struct config *
parse(struct input *i, enum conf_how how)
{
	const struct conf_io io = { i, input_read, input_glob, input_exists };
	struct diag_list *d = diag_list_new(20);
	struct config *c = conf_parse_how(&io, "main", how, d);
	struct text out;

	text_init(&out, 1 << 16);
	diag_print_all(d, &out);
	text_done(&out);
	assert((c == NULL) == (diag_errors(d) != 0));
	diag_list_free(d);
	return c;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char mark[] = "\n====\n";
	const uint8_t *cut = memmem(data, n, mark, sizeof(mark) - 1);
	struct input i = { .main = bytes_of(data, n) };
	struct config *a, *b;
	struct conf_diff *d;

	if (cut != NULL) {
		i.main.n = (size_t)(cut - data);
		i.other = bytes_of(cut + 6, n - i.main.n - 6);
	}
	a = parse(&i, CONF_STRICT);
	b = parse(&i, CONF_SKIP_UNSERVED);
	if (a == NULL) {
		config_free(b);
		return 0;
	}
	assert(b != NULL);
	d = conf_diff(a, b);
	for (unsigned k = 0; d != NULL && k < d->n; k++)
		assert(d->proto[k].change == CONF_SAME);
	mem_free(d);
	config_free(a);
	config_free(b);
	return 0;
}
