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
	uint32_t value;			/* ours */
	uint32_t bird;			/* as BIRD prints it */
};

/* NULL past the last. */
const struct filter_enum *filter_enum_at(unsigned i);
/* "(enum 30)11" */
void filter_enum_text(const struct filter_value *v, struct text *out);

#endif
