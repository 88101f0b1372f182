/* SPDX-License-Identifier: ISC */
/*
 * Commands for nftables, in its own language.
 *
 * All commands of one call are one transaction: either all of them are in
 * force or none.  Waits for the kernel, a few milliseconds.
 */
#ifndef WARREN_SYS_NFT_H
#define WARREN_SYS_NFT_H

#include <stddef.h>

/*
 * 0 or a negative errno; -EIO: the kernel or the parser refused, and why, by
 * its own words of one line, is in error (which may be NULL).
 */
int nft_run(const char *commands, char *error, size_t cap);

/* The whole ruleset as JSON: mem_free() it.  -EIO: it may not be read. */
int nft_list_json(char **ret);

#endif
