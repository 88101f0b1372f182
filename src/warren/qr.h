/* SPDX-License-Identifier: ISC */
/*
 * A text as a QR code: to look at, or as a picture in a file.
 */
#ifndef WARREN_WARREN_QR_H
#define WARREN_WARREN_QR_H

#include <stdbool.h>
#include <stdio.h>

/* In half blocks of a UTF-8 terminal, dark on light. */
bool qr_show(FILE *to, const char *text);
/* A PNG, readable by its owner alone.  0 or -errno. */
int qr_png(const char *path, const char *text);

#endif
