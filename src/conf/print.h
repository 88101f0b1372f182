/* SPDX-License-Identifier: ISC */
/*
 * The language as the rows know it: tables for the manual, words for editors.
 */
#ifndef WARREN_CONF_PRINT_H
#define WARREN_CONF_PRINT_H

struct text;

/* All options, in the language of mdoc(7); warren.conf(5) has it in it. */
void conf_print_options(struct text *out);
/* All words that mean something, sorted by what they are: "KIND WORD". */
void conf_print_words(struct text *out);

#endif
