/* SPDX-License-Identifier: ISC */
/*
 * The importers: a configuration of another program in, a warren.conf out.
 *
 * Text to text; nothing is opened here.  "out" gets the configuration, in
 * which every line that could not be carried over stands as a comment;
 * "notes" gets one line "FILE:LINE: LINE'S TEXT: why" for each of them, in
 * the order of the file.  No note ever has a secret in it.
 *
 * The texts belong to the caller and were given their limits by him; where
 * one is too small, or memory is out, it is "bad" afterwards.
 */
#ifndef WARREN_IMPORT_IMPORT_H
#define WARREN_IMPORT_IMPORT_H

#include "base/bytes.h"
#include "base/text.h"

/* FRR: frr.conf, bgpd.conf, or what "show running-config" prints. */
void import_frr(const char *file, struct bytes text, struct text *out,
    struct text *notes);

/*
 * wg-quick's files, as many as there are, become one configuration:
 *
 *	x = import_wg_new("/etc/warren");	where the keys are to be
 *	import_wg_file(x, file, text, notes);	for each; the interface has
 *						the file's name
 *	import_wg_print(x, &io, out);
 *
 * A key never gets into out or notes: io->secret is given the path that out
 * names, and the key in base64, to put one into the other.  The text is
 * looked at by import_wg_file() alone, the name until the end.  False: there
 * was something that WireGuard would not take (it is in the notes), a secret
 * found no place, or memory is out.
 */
struct import_wg;

struct import_wg_io {
	void *ctx;
	bool (*secret)(void *ctx, const char *path, const char *base64);
};

struct import_wg *import_wg_new(const char *dir);	/* or NULL */
bool import_wg_file(struct import_wg *x, const char *file,
    struct bytes text, struct text *notes);
bool import_wg_print(struct import_wg *x, const struct import_wg_io *io,
    struct text *out);
struct import_wg *import_wg_free(struct import_wg *x);

#endif
