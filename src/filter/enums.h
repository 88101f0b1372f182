/* SPDX-License-Identifier: ISC */
/*
 * The table of named constants, for whoever lists them all; looking one up
 * is in value.h.
 */
#ifndef WARREN_FILTER_ENUMS_H
#define WARREN_FILTER_ENUMS_H

#include "filter/value.h"

struct filter_enum {
	const char *name;
	enum filter_type type;
	uint32_t value;			/* as BIRD prints it */
};

/* NULL past the last. */
const struct filter_enum *filter_enum_at(unsigned i);
/* Of an enum rt_source, and of a prefix's kind; 0 when there is none. */
uint32_t filter_enum_of_source(unsigned source);
uint32_t filter_enum_of_net(unsigned kind);
/* "(enum 30)11" */
void filter_enum_text(const struct filter_value *v, struct text *out);

#endif
