/* SPDX-License-Identifier: ISC */
/*
 * The regular expressions of FRR's lists, as far as they are about whole
 * numbers: sets of numbers, and masks of paths.  Pure; nothing is allocated
 * but in the texts that are given.
 */
#ifndef WARREN_IMPORT_FRR_REGEX_H
#define WARREN_IMPORT_FRR_REGEX_H

#include "base/bytes.h"
#include "base/text.h"

#define FRR_RANGES	256
#define FRR_DIGITS	12		/* items of one pattern of digits */
#define FRR_ALTERNATIVES 64
#define FRR_REGEX	512		/* longest */

/* "12[3-5][0-9]+": classes of digits, each so many times. */
struct frr_digits {
	unsigned n;
	struct {
		uint16_t class;		/* bit d: digit d will do */
		uint8_t min, max;
	} item[FRR_DIGITS];
};

struct frr_ranges {
	unsigned n;
	struct {
		uint32_t lo, hi;
	} r[FRR_RANGES];
};

/* A list of what "(A|B)" and "?" leave open, each a text of its own. */
struct frr_alternatives {
	unsigned n;
	bool bad;			/* too many, or not understood */
	char s[FRR_ALTERNATIVES][FRR_REGEX];
};

void frr_expand(const char *regex, struct frr_alternatives *ret);
/*
 * Digits at *s, which moves behind them.  False: this is none, or no pattern
 * that we understand.
 */
bool frr_digits_read(const char **s, struct frr_digits *ret);
/* All numbers up to max that are written so.  False: too many ranges. */
bool frr_digits_ranges(const struct frr_digits *d, uint32_t max,
    struct frr_ranges *ret);
/* "1, 5..7" */
void frr_ranges_print(const struct frr_ranges *r, struct text *out);

#endif
