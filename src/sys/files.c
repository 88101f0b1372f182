/* SPDX-License-Identifier: ISC */
#include "sys/files.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

bool
files_read(void *ctx, const char *path, struct text *ret, const char **ret_why)
{
	FILE *f = fopen(path, "re");
	char buf[8192];
	size_t n;
	bool ok;

	(void)ctx;
	if (f == NULL) {
		*ret_why = strerrordesc_np(errno);
		return false;
	}
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		text_addn(ret, buf, n);
	ok = !ferror(f) && !ret->bad;
	if (!ok)
		*ret_why = ret->bad ? "too large" : "cannot be read";
	explicit_bzero(buf, sizeof(buf));	/* it may hold keys */
	fclose(f);
	return ok;
}

bool
files_glob(void *ctx, const char *pattern,
    bool (*each)(void *arg, const char *path), void *arg,
    const char **ret_why)
{
	glob_t g;
	int err = glob(pattern, GLOB_NOMAGIC | GLOB_BRACE, NULL, &g);
	bool ok = true;

	(void)ctx;
	if (err == GLOB_NOMATCH)
		return true;
	if (err != 0) {
		*ret_why = err == GLOB_NOSPACE ? "out of memory" :
		    "a folder cannot be read";
		return false;
	}
	for (size_t i = 0; ok && i < g.gl_pathc; i++)
		ok = each(arg, g.gl_pathv[i]);
	globfree(&g);
	return ok;
}

bool
files_exist(void *ctx, const char *path)
{
	(void)ctx;
	return access(path, F_OK) == 0 || errno != ENOENT;
}
