/* SPDX-License-Identifier: ISC */
/*
 * Leaf statements as rows of a table.
 *
 * A row says which words begin a statement, what follows, where the value
 * goes, its range, its default, and what it is good for.  From the rows come
 * parsing, defaults, comparing two configurations, the suggestion for a
 * misspelt word, and the option tables of the manual.
 *
 * A row without words is a part of what another row's own function parses;
 * it has a default and is compared.
 */
#ifndef WARREN_CONF_SCHEMA_H
#define WARREN_CONF_SCHEMA_H

#include <stddef.h>

#include "conf/parser.h"

enum conf_row_type {
	ROW_OWN,		/* .own parses it all */
	ROW_SWITCH,		/* bool: on, off, or nothing, which is on */
	ROW_NUMBER,		/* uint32_t */
	ROW_NUMBER16, ROW_NUMBER8,
	ROW_TIME,		/* int64_t; .lo, .hi and .def in seconds */
	ROW_STRING,		/* const char * */
	ROW_IP,			/* struct ip */
	ROW_NET,		/* struct prefix */
	ROW_ENUM,		/* uint8_t: index in .names */
	ROW_POINTER,		/* compared elsewhere */
	ROW_UNSERVED		/* a word of BIRD's that Warren refuses */
};

enum conf_row_flag {
	ROW_SOFT	= 1 << 0,	/* may change while it runs */
	ROW_IMPORT	= 1 << 1,	/* so, but imports anew */
	ROW_EXPORT	= 1 << 2,	/* so, but exports anew */
	ROW_SECRET	= 1 << 3	/* a string to be wiped */
};

struct conf_row {
	const char *words;		/* "hold time" */
	uint8_t type;			/* enum conf_row_type */
	uint8_t flags;			/* enum conf_row_flag */
	uint16_t at;			/* offset of the value */
	int64_t lo, hi, def;
	const char *const *names;	/* ENUM: ends in NULL; "" is hidden */
	void (*own)(struct conf_parser *p, void *base);
	const char *help;
};

struct conf_rows {
	const struct conf_row *row;
	size_t n;
};

#define CONF_ROWS(array) \
	((struct conf_rows){ (array), sizeof(array) / sizeof((array)[0]) })

void conf_rows_defaults(const struct conf_rows *r, void *base);
/*
 * Parses the statement at the current word, without its ';', when a row of
 * one of the sets begins so: *ret_row tells which.  False: no row has the
 * first word, and nothing was taken.
 */
bool conf_rows_parse(struct conf_parser *p, const struct conf_rows *sets,
    size_t n, void *base, const struct conf_row **ret_row);
/*
 * An error for the current word, with the nearest first word of the rows
 * and of more (which ends in NULL, or is NULL).  where: "in protocol bgp".
 */
void conf_rows_unknown(struct conf_parser *p, const struct conf_rows *sets,
    size_t n, const char *const *more, const char *where);
/* Flags of all rows that differ; 0x80 for one that is not soft. */
#define CONF_HARD	0x80
unsigned conf_rows_differ(const struct conf_rows *r, const void *a,
    const void *b);

#endif
