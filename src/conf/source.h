/* SPDX-License-Identifier: ISC */
/*
 * Texts of a configuration on their way in: reading them through the owner,
 * finding a file beside the one that includes it, and showing them to the
 * diagnostics without the secrets that stand in them.
 */
#ifndef WARREN_CONF_SOURCE_H
#define WARREN_CONF_SOURCE_H

#include "base/bytes.h"

struct conf_io;
struct diag_list;

/*
 * The whole of a file.  *ret_text is the caller's, who wipes and frees it.
 * False: *ret_why, static.
 */
bool conf_source_read(const struct conf_io *io, const char *name,
    char **ret_text, size_t *ret_n, const char **ret_why);

/* What a relative name in the file "by" means.  mem_free() it; NULL: memory. */
char *conf_source_path(const char *by, struct bytes name);

/*
 * diag_source(), but with stars in place of keys and passwords, so that the
 * line under an error never shows one.
 */
uint16_t conf_source_show(struct diag_list *diags, const char *name,
    struct bytes text);

#endif
