/* SPDX-License-Identifier: ISC */
#include "warren/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct json_node *convert(struct arena *a, const json_t *v,
    const char *key);

/* Appends; false when out of memory. */
static bool
add(struct json_node ***end, struct json_node *n)
{
	if (n == NULL)
		return false;
	**end = n;
	*end = &n->next;
	return true;
}

static bool
convert_children(struct arena *a, struct json_node *n, const json_t *v)
{
	struct json_node **end = &n->child;
	const char *key;
	json_t *x;
	size_t i;

	json_array_foreach(v, i, x)
		if (!add(&end, convert(a, x, NULL)))
			return false;
	json_object_foreach((json_t *)(uintptr_t)v, key, x)
		if (!add(&end, convert(a, x, key)))
			return false;
	return true;
}

static const char *
text_of(struct arena *a, const json_t *v)
{
	char buf[32];

	if (json_is_string(v))
		return arena_strdup(a, json_string_value(v));
	snprintf(buf, sizeof(buf), "%" JSON_INTEGER_FORMAT,
	    json_integer_value(v));
	return arena_strdup(a, buf);
}

static struct json_node *
convert(struct arena *a, const json_t *v, const char *key)
{
	struct json_node *n = arena_new_of(a, struct json_node);

	if (n == NULL || (key != NULL &&
	    (n->key = arena_strdup(a, key)) == NULL))
		return NULL;
	n->b = json_is_true(v);
	n->kind = json_is_null(v) ? NODE_NULL : json_is_boolean(v) ?
	    NODE_BOOL : json_is_number(v) ? NODE_NUMBER :
	    json_is_string(v) ? NODE_STRING : json_is_array(v) ? NODE_ARRAY :
	    NODE_OBJECT;
	if (n->kind == NODE_NUMBER || n->kind == NODE_STRING) {
		n->s = text_of(a, v);
		return n->s ? n : NULL;
	}
	return convert_children(a, n, v) ? n : NULL;
}

/* Rows come with a comma before or behind them. */
struct json_node *
node_read(struct arena *a, const char *text)
{
	struct json_node *n;
	json_t *v;

	text += strspn(text, ", \t\r\n");
	v = json_loads(text, JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, NULL);
	n = v ? convert(a, v, NULL) : NULL;
	json_decref(v);
	return n;
}

const struct json_node *
node_at(const struct json_node *n, const char *key)
{
	n = n && n->kind == NODE_OBJECT ? n->child : NULL;
	while (n != NULL && strcmp(n->key, key) != 0)
		n = n->next;
	return n;
}

const char *
node_text(const struct json_node *n, const char *key)
{
	const struct json_node *v = node_at(n, key);

	return v && v->s ? v->s : "";
}

/* Of a number, or of a string that is one. */
uint64_t
node_number(const struct json_node *n, const char *key)
{
	return strtoull(node_text(n, key), NULL, 10);
}

bool
node_true(const struct json_node *n, const char *key)
{
	const struct json_node *v = node_at(n, key);

	return v && v->b;
}
