/* SPDX-License-Identifier: ISC */
/* Reading what libjansson has parsed, where what is missing is no error. */
#ifndef WARREN_LOOK_JSON_H
#define WARREN_LOOK_JSON_H

#include <jansson.h>

/* The string at key, or "". */
static inline const char *
look_text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

#endif
