/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "daemon/ctl_impl.h"

static bool
is_blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\r';
}

static bool
is_mark(char ch)
{
	return ch == '{' || ch == '}' || ch == ',' || ch == ';';
}

/* Where the word that begins at i ends; 0: a string has no end. */
static unsigned
word_end(const char *line, unsigned i)
{
	if (line[i] == '"') {
		const char *end = strchr(line + i + 1, '"');

		return end ? (unsigned)(end - line) + 1 : 0;
	}
	if (is_mark(line[i]))
		return i + 1;
	while (line[i] != '\0' && !is_blank(line[i]) && line[i] != '"' &&
	    !is_mark(line[i]))
		i++;
	return i;
}

bool
ctl_split(struct ctl_words *w, const char *line)
{
	unsigned i = 0;
	char *to = w->buf;

	w->n = w->i = 0;
	w->line = line;
	if (strlen(line) >= CTL_LINE)
		return false;
	for (;;) {
		struct ctl_word *word = &w->w[w->n];
		unsigned n;

		while (is_blank(line[i]))
			i++;
		if (line[i] == '\0')
			return true;
		if (w->n == CTL_WORDS)
			return false;
		word->at = i;
		word->end = word_end(line, i);
		if (word->end == 0)
			return false;
		word->quoted = line[i] == '"';
		n = word->end - i - 2 * word->quoted;
		memcpy(to, line + i + word->quoted, n);
		to[n] = '\0';
		word->s = to;
		to += n + 1;
		i = word->end;
		w->n++;
	}
}

const struct ctl_word *
ctl_peek(const struct ctl_words *w)
{
	return w->i < w->n ? &w->w[w->i] : NULL;
}

int
ctl_match(const struct ctl_word *w, const char *const *list)
{
	size_t n = strlen(w->s);
	int found = -1;

	if (w->quoted || n == 0)
		return -1;
	for (int i = 0; list[i] != NULL; i++) {
		if (strcmp(list[i], w->s) == 0)
			return i;
		if (strncmp(list[i], w->s, n) == 0)
			found = found == -1 ? i : -2;
	}
	return found;
}

bool
ctl_take(struct ctl_words *w, const char *word)
{
	const struct ctl_word *at = ctl_peek(w);

	if (at == NULL || at->quoted || strcmp(at->s, word) != 0)
		return false;
	w->i++;
	return true;
}

int
ctl_take_one(struct ctl_words *w, const char *const *list)
{
	const struct ctl_word *at = ctl_peek(w);
	int i = at ? ctl_match(at, list) : -1;

	if (i >= 0)
		w->i++;
	return i;
}
