/* SPDX-License-Identifier: ISC */
/*
 * A row of warrend's JSON at a time, in an arena: thousands of them are kept
 * or thrown away together.  libjansson reads it.  Whoever asks for what is not
 * there gets "", 0, or NULL.
 */
#ifndef WARREN_WARREN_JSON_H
#define WARREN_WARREN_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct json_node {
	enum { NODE_NULL, NODE_BOOL, NODE_NUMBER, NODE_STRING, NODE_ARRAY,
	    NODE_OBJECT } kind;
	const char *key;		/* in an object; else NULL */
	const char *s;			/* the string, or the number's text */
	bool b;
	struct json_node *child, *next;
};

/* One value, and a comma or blanks around it.  NULL: it is none. */
struct json_node *node_read(struct arena *a, const char *text);

const struct json_node *node_at(const struct json_node *n, const char *key);
const char *node_text(const struct json_node *n, const char *key);
uint64_t node_number(const struct json_node *n, const char *key);
bool node_true(const struct json_node *n, const char *key);

#endif
