/* SPDX-License-Identifier: ISC */
#include "wire/ask.h"

#include <string.h>

/* Up to the next blank, or the end; false where it does not fit. */
static bool
next_word(const char **s, char *buf, size_t cap)
{
	size_t n = strcspn(*s, " ");

	if (n == 0 || n >= cap)
		return false;
	memcpy(buf, *s, n);
	buf[n] = '\0';
	*s += n;
	*s += **s == ' ';
	return true;
}

static bool
small_number(const char *s, unsigned *ret)
{
	unsigned n = 0;

	for (; *s >= '0' && *s <= '9' && n <= ASK_HOPS; s++)
		n = n * 10 + (unsigned)(*s - '0');
	*ret = n;
	return *s == '\0' && n <= ASK_HOPS;
}

bool
ask_parse(const char *line, struct ask_line *ret)
{
	char word[IP_TEXT];

	*ret = (struct ask_line){ 0 };
	if (!next_word(&line, word, sizeof(word)) ||
	    !ip_parse(word, &ret->to) ||
	    !next_word(&line, word, sizeof(word)) ||
	    !ip_parse(word, &ret->from) ||
	    !next_word(&line, word, sizeof(word)) ||
	    !small_number(word, &ret->hops))
		return false;
	ret->json = strcmp(line, "json") == 0;
	return (*line == '\0' || ret->json) &&
	    ip_is4(ret->to) == ip_is4(ret->from);
}
