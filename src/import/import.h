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

#endif
