/* SPDX-License-Identifier: ISC */
/*
 * JSON as warrend writes it, read: a row at a time, into a tree that lives in
 * an arena.  Whoever asks for what is not there gets "", 0, or NULL.
 */
#ifndef WARREN_WARREN_JSON_H
#define WARREN_WARREN_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct json_node {
	enum { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY,
	    JSON_OBJECT } kind;
	const char *key;		/* in an object; else NULL */
	const char *s;			/* the string, or the number's text */
	bool b;
	struct json_node *child, *next;
};

/* One value, and a comma or blanks around it.  NULL: it is none. */
struct json_node *json_read(struct arena *a, const char *text);

const struct json_node *json_at(const struct json_node *n, const char *key);
const char *json_text(const struct json_node *n, const char *key);
uint64_t json_number(const struct json_node *n, const char *key);
bool json_true(const struct json_node *n, const char *key);

#endif
