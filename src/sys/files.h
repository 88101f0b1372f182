/* SPDX-License-Identifier: ISC */
/*
 * The files of a configuration, as they lie on the disk: the functions that
 * a struct conf_io (conf/config.h) wants.  ctx is not used.
 */
#ifndef WARREN_SYS_FILES_H
#define WARREN_SYS_FILES_H

#include <stdbool.h>

struct text;

/* Appends the whole file.  False: *ret_why, static. */
bool files_read(void *ctx, const char *path, struct text *ret,
    const char **ret_why);
/* Every path that matches, sorted; a name without wildcards as it is. */
bool files_glob(void *ctx, const char *pattern,
    bool (*each)(void *arg, const char *path), void *arg,
    const char **ret_why);
/* One that is there and may not be read is to be complained of: true. */
bool files_exist(void *ctx, const char *path);

#endif
