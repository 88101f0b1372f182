/* SPDX-License-Identifier: ISC */
#include "conf/source.h"

#include "base/diag.h"
#include "base/mem.h"
#include "base/text.h"
#include "conf/config.h"

#define FILE_MAX	((size_t)256 << 20)	/* a big ROA table is 30 MB */

bool
conf_source_read(const struct conf_io *io, const char *name, char **ret_text,
    size_t *ret_n, const char **ret_why)
{
	struct text t;
	char *copy = NULL;
	bool ok;

	text_init(&t, FILE_MAX);
	ok = io->read(io->ctx, name, &t, ret_why);
	if (ok && t.bad)
		*ret_why = "is too large";
	if (ok && !t.bad) {
		copy = mem_alloc(t.n + 1);
		*ret_why = "out of memory";
	}
	if (copy != NULL) {
		memcpy(copy, t.s, t.n + 1);
		*ret_text = copy;
		*ret_n = t.n;
	}
	if (t.n != 0)
		mem_wipe(t.s, t.n);
	text_done(&t);
	return copy != NULL;
}

char *
conf_source_path(const char *by, struct bytes name)
{
	const char *slash = strrchr(by, '/');
	const bool relative = name.n == 0 || name.p[0] != '/';
	const size_t dir = relative && slash ? (size_t)(slash - by) + 1 : 0;
	char *path = mem_alloc(dir + name.n + 1);

	if (path == NULL)
		return NULL;
	memcpy(path, by, dir);
	if (name.n != 0)
		memcpy(path + dir, name.p, name.n);
	path[dir + name.n] = '\0';
	return path;
}

static bool
same_word(const char *s, const char *lower, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 'a' - 'A');
		if (c != lower[i])
			return false;
	}
	return true;
}

/* Does a word stand here that a secret follows?  Its length, or 0. */
static size_t
secret_word(const char *s, size_t n)
{
	static const char *const words[] = {
		"private", "preshared", "password", "secret"
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const size_t len = strlen(words[i]);

		if (n >= len && same_word(s, words[i], len))
			return len;
	}
	return 0;
}

/* key "TEXT", which is BFD's, but not a public key */
static bool
is_bare_key(const char *s, size_t i, size_t n)
{
	return n - i > 5 && same_word(s + i, "key \"", 5) &&
	    (i == 0 || strchr(" \t\n{;", s[i - 1])) &&
	    (i < 7 || !same_word(s + i - 7, "public ", 7));
}

/* secret hex:01:02 */
static void
mask_bytestring(char *s, size_t n)
{
	size_t i = 0;

	while (i < n && strchr(" \t\r\n", s[i]))
		i++;
	if (i == 0 || i == n || !strchr("0123456789abcdefABCDEFh", s[i]))
		return;
	for (; i < n; i++)
		if (s[i] != '\n')
			s[i] = '*';
}

/*
 * From behind such a word: the value is the next string, or, in a wg-quick
 * file, what follows "=" on the line.  The name of a file may be seen.
 */
static size_t
mask(char *s, size_t n)
{
	size_t i = 0;
	bool string;

	while (i < n && !strchr("\"=;{}", s[i])) {
		if (n - i > 4 && same_word(s + i, "file", 4))
			return i;
		i++;
	}
	if (i < n && s[i] == ';')
		mask_bytestring(s, i);
	if (i == n || (s[i] != '"' && s[i] != '='))
		return i;
	string = s[i] == '"';
	for (i++; i < n && s[i] != '\n' && !(string && s[i] == '"'); i++)
		s[i] = '*';
	return i;
}

uint16_t
conf_source_show(struct diag_list *diags, const char *name, struct bytes text)
{
	char *copy = mem_alloc(text.n + 1);
	size_t i = 0, word;
	uint16_t file;

	if (copy == NULL)
		return diag_source(diags, name, bytes_of("", 0));
	if (text.n != 0)
		memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	while (i < text.n) {
		/* Not the beginning of a string. */
		word = i > 0 && copy[i - 1] == '"' ? 0 :
		    secret_word(copy + i, text.n - i);
		if (word == 0 && is_bare_key(copy, i, text.n))
			word = 3;
		i += word != 0 ? word : 1;
		if (word != 0)
			i += mask(copy + i, text.n - i);
	}
	file = diag_source(diags, name, bytes_of(copy, text.n));
	mem_wipe(copy, text.n);
	mem_free(copy);
	return file;
}
