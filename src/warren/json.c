/* SPDX-License-Identifier: ISC */
#include "warren/json.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH	32

static struct json_node *value(struct arena *a, const char **s,
    unsigned depth);

static void
blanks(const char **s)
{
	*s += strspn(*s, " \t\r\n,");
}

/* \uXXXX is for control characters alone: warrend writes UTF-8. */
static char
escaped(const char **s)
{
	char hex[5] = "";

	switch (**s) {
	case 'n': return '\n';
	case 't': return '\t';
	case 'r': return '\r';
	case 'u':
		if (strlen(*s) < 5)
			return '?';
		memcpy(hex, *s + 1, 4);
		*s += 4;
		return (char)strtoul(hex, NULL, 16);
	default: return **s;
	}
}

/* *s is behind the first quote; moves behind the second. */
static const char *
string(struct arena *a, const char **s)
{
	char *out = arena_alloc(a, strlen(*s) + 1), *to = out;

	if (out == NULL)
		return NULL;
	for (; **s != '"'; (*s)++) {
		if (**s == '\0')
			return NULL;
		if (**s == '\\' && (*s)[1] != '\0') {
			(*s)++;
			*to++ = escaped(s);
		} else {
			*to++ = **s;
		}
	}
	(*s)++;
	*to = '\0';
	return out;
}

/* Members up to the closing bracket.  False: there is none. */
static bool
members(struct arena *a, const char **s, struct json_node *n, char close,
    unsigned depth)
{
	struct json_node **end = &n->child;

	for (;;) {
		const char *key = NULL;

		blanks(s);
		if (**s == close)
			return (*s)++, true;
		if (close == '}') {
			if (*(*s)++ != '"' || !(key = string(a, s)))
				return false;
			blanks(s);
			if (*(*s)++ != ':')
				return false;
		}
		*end = value(a, s, depth + 1);
		if (*end == NULL)
			return false;
		(*end)->key = key;
		end = &(*end)->next;
	}
}

static bool
literal(const char **s, struct json_node *n)
{
	static const char *const words[] = { "null", "false", "true" };

	for (unsigned i = 0; i < 3; i++) {
		if (strncmp(*s, words[i], strlen(words[i])) != 0)
			continue;
		*s += strlen(words[i]);
		n->kind = i == 0 ? JSON_NULL : JSON_BOOL;
		n->b = i == 2;
		return true;
	}
	return false;
}

static struct json_node *
value(struct arena *a, const char **s, unsigned depth)
{
	struct json_node *n = arena_new_of(a, struct json_node);
	size_t len;

	blanks(s);
	if (n == NULL || depth > DEPTH || literal(s, n))
		return depth > DEPTH ? NULL : n;
	if (**s == '{' || **s == '[') {
		const char close = **s == '{' ? '}' : ']';

		n->kind = **s == '{' ? JSON_OBJECT : JSON_ARRAY;
		(*s)++;
		return members(a, s, n, close, depth) ? n : NULL;
	}
	if (**s == '"') {
		(*s)++;
		n->kind = JSON_STRING;
		n->s = string(a, s);
		return n->s != NULL ? n : NULL;
	}
	len = strspn(*s, "+-.0123456789eE");
	n->kind = JSON_NUMBER;
	n->s = arena_strndup(a, *s, len);
	*s += len;
	return len > 0 && n->s != NULL ? n : NULL;
}

struct json_node *
json_read(struct arena *a, const char *text)
{
	return value(a, &text, 0);
}

const struct json_node *
json_at(const struct json_node *n, const char *key)
{
	const struct json_node *c = n != NULL ? n->child : NULL;

	while (c != NULL && (c->key == NULL || strcmp(c->key, key) != 0))
		c = c->next;
	return c;
}

const char *
json_text(const struct json_node *n, const char *key)
{
	const struct json_node *c = json_at(n, key);

	return c != NULL && c->s != NULL ? c->s : "";
}

uint64_t
json_number(const struct json_node *n, const char *key)
{
	return strtoull(json_text(n, key), NULL, 10);
}

bool
json_true(const struct json_node *n, const char *key)
{
	const struct json_node *c = json_at(n, key);

	return c != NULL && c->b;
}
