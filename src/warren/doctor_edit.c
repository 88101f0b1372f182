/* SPDX-License-Identifier: ISC */
/*
 * Commands that edit the configuration: sed(1) on one line, which a person
 * can read before it is run.  Each was tried here in memory: the file must
 * have the words once, and be well afterwards.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sys/files.h"
#include "warren/doctor.h"

#define FILE_MOST	(16u << 20)
#define WORDS		256		/* longest part that is replaced */

struct trial {
	const char *path;
	const struct text *text;
};

static bool
trial_read(void *ctx, const char *path, struct text *ret, const char **ret_why)
{
	const struct trial *t = ctx;

	if (strcmp(path, t->path) != 0)
		return files_read(NULL, path, ret, ret_why);
	text_addn(ret, t->text->s, t->text->n);
	return true;
}

static bool
is_well(const struct doctor *d, const struct text *text)
{
	struct trial t = { d->file, text };
	const struct conf_io io = { .ctx = &t, .read = trial_read,
	    .glob = files_glob, .exists = files_exist };
	struct diag_list *diags = diag_list_new(1);
	struct config *c = NULL;

	if (diags != NULL && !text->bad)
		c = conf_parse_how(&io, d->file, CONF_STRICT, diags);
	diag_list_free(diags);
	if (c != NULL)
		config_free(c);
	return c != NULL;
}

static void
escape(struct text *to, const char *s, size_t n, const char *special)
{
	for (size_t i = 0; i < n; i++) {
		if (strchr(special, s[i]) != NULL)
			text_addc(to, '\\');
		text_addc(to, s[i]);
	}
}

const char *
doctor_warren(struct doctor *d)
{
	if (strcmp(d->socket, SOCKET_DEFAULT) == 0)
		return "warren";
	snprintf(d->warren, sizeof(d->warren), "warren -s %s", d->socket);
	return d->warren;
}

/* The line's part at "at", n long, becomes "now". */
static const char *
edit_at(struct doctor *d, const struct text *file, const char *at, size_t n,
    const char *now)
{
	const char *result = NULL;
	struct text whole, was, is;
	unsigned line = 1;

	for (const char *s = file->s; s < at; s++)
		line += *s == '\n';
	text_init(&whole, FILE_MOST);
	text_init(&was, 4 * WORDS);
	text_init(&is, 4 * WORDS);
	text_addn(&whole, file->s, (size_t)(at - file->s));
	text_add(&whole, now);
	text_add(&whole, at + n);
	escape(&was, at, n, "\\.*[]^$|");
	escape(&is, now, strlen(now), "\\&|");
	if (!was.bad && !is.bad && strpbrk(was.s, "'\n") == NULL &&
	    strpbrk(is.s, "'\n") == NULL && strpbrk(d->file, "' ") == NULL &&
	    is_well(d, &whole))
		result = doctor_mend(d, "sed -i '%us|%s|%s|' %s && %s "
		    "configure", line, was.s, is.s, d->file,
		    doctor_warren(d));
	text_done(&whole);
	text_done(&was);
	text_done(&is);
	return result;
}

static bool
read_it(const struct doctor *d, struct text *ret)
{
	const char *why;

	text_init(ret, FILE_MOST);
	ret->secret = true;
	return files_read(NULL, d->file, ret, &why) && !ret->bad;
}

/* True when it is there once. */
static bool
find(const struct text *file, const char *was, const char **ret_at)
{
	const char *at = strstr(file->s, was);

	*ret_at = at;
	return at != NULL && strstr(at + 1, was) == NULL;
}

const char *
doctor_edit(struct doctor *d, const char *was, const char *now)
{
	const char *result = NULL, *at;
	struct text file;

	if (read_it(d, &file) && find(&file, was, &at))
		result = edit_at(d, &file, at, strlen(was), now);
	text_done(&file);
	return result;
}

const char *
doctor_edit_after(struct doctor *d, const char *words, const char *more)
{
	const char *result = NULL, *at;
	char now[2 * WORDS];
	struct text file;
	size_t n;

	if (read_it(d, &file) && find(&file, words, &at) &&
	    (n = strcspn(at, ";\n") + 1) < WORDS && at[n - 1] == ';') {
		snprintf(now, sizeof(now), "%.*s %s", (int)n, at, more);
		result = edit_at(d, &file, at, n, now);
	}
	text_done(&file);
	return result;
}

const char *
doctor_edit_block(struct doctor *d, struct span at, const char *more)
{
	const char *result = NULL, *s, *end;
	char now[2 * WORDS];
	struct text file;

	if (at.file == 1 && read_it(d, &file)) {
		s = file.s;
		for (uint32_t line = 1; line < at.line && *s != '\0'; line++)
			s += strcspn(s, "\n") + (strchr(s, '\n') != NULL);
		end = strpbrk(s, "{\n");
		if (end != NULL && *end == '{' && end - s < WORDS) {
			snprintf(now, sizeof(now), "%.*s %s",
			    (int)(end + 1 - s), s, more);
			result = edit_at(d, &file, s, (size_t)(end + 1 - s),
			    now);
		}
		text_done(&file);
	}
	return result;
}

const char *
doctor_edit_top(struct doctor *d, const char *line)
{
	const char *result = NULL;
	struct text file, whole;

	text_init(&whole, FILE_MOST);
	text_printf(&whole, "%s\n", line);
	if (read_it(d, &file) && strpbrk(d->file, "' ") == NULL) {
		text_addn(&whole, file.s, file.n);
		if (is_well(d, &whole))
			result = doctor_mend(d, "sed -i '1i %s' %s && %s "
			    "configure", line, d->file, doctor_warren(d));
	}
	text_done(&file);
	text_done(&whole);
	return result;
}
