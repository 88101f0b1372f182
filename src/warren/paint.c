/* SPDX-License-Identifier: ISC */
/*
 * What a terminal gets more than a file: colours, and columns as wide as what
 * is in them.  The codes of BIRD's protocol say what a line is.
 */
#include <stdlib.h>
#include <string.h>

#include "warren/warren.h"

#define BOLD	"\033[1m"
#define RED	"\033[31m"
#define GREEN	"\033[32m"
#define YELLOW	"\033[33m"
#define PLAIN	"\033[0m"

#define COLUMNS	5			/* of "show protocols", and the rest */

enum { CODE_PROTOCOL = 1002, CODE_ROUTE = 1007, CODE_HEAD = 2002 };

static const char *
state_colour(const char *s, size_t n)
{
	if (n == 2 && strncmp(s, "up", n) == 0)
		return GREEN;
	if (n == 5 && strncmp(s, "start", n) == 0)
		return YELLOW;
	return RED;
}

/* The words of a line, and the last column whole. */
static void
cut(const char *s, const char *at[COLUMNS + 1], size_t len[COLUMNS + 1])
{
	for (unsigned i = 0; i < COLUMNS; i++) {
		s += strspn(s, " ");
		at[i] = s;
		len[i] = strcspn(s, " ");
		s += len[i];
	}
	s += strspn(s, " ");
	at[COLUMNS] = s;
	len[COLUMNS] = strlen(s);
	while (len[COLUMNS] > 0 && s[len[COLUMNS] - 1] == ' ')
		len[COLUMNS]--;
}

static void
print_row(const struct paint *p, const struct paint_row *r,
    const size_t width[COLUMNS], FILE *out)
{
	const char *at[COLUMNS + 1], *colour = "";
	size_t len[COLUMNS + 1];

	cut(r->s, at, len);
	for (unsigned i = 0; i <= COLUMNS; i++) {
		if (p->colour)
			colour = r->head || i == 0 ? BOLD :
			    i == 3 ? state_colour(at[i], len[i]) : "";
		fprintf(out, "%s%.*s%s", colour, (int)len[i], at[i],
		    *colour ? PLAIN : "");
		if (i < COLUMNS)
			fprintf(out, "%*s", (int)(width[i] - len[i]) + 1 +
			    (i + 1 == COLUMNS), "");
	}
	fputc('\n', out);
}

void
paint_flush(struct paint *p, FILE *out)
{
	size_t width[COLUMNS] = { 10, 10, 10, 6, 12 };

	for (size_t i = 0; i < p->n; i++) {
		const char *at[COLUMNS + 1];
		size_t len[COLUMNS + 1];

		cut(p->row[i].s, at, len);
		for (unsigned k = 0; k < COLUMNS; k++)
			if (len[k] > width[k])
				width[k] = len[k];
	}
	for (size_t i = 0; i < p->n; i++) {
		print_row(p, &p->row[i], width, out);
		free(p->row[i].s);
	}
	free(p->row);
	p->row = NULL;
	p->n = p->cap = 0;
}

/* False: it is printed as it came. */
static bool
keep(struct paint *p, const char *text, bool head)
{
	struct paint_row *more;

	if (p->n == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 64;
		more = realloc(p->row, p->cap * sizeof(*more));
		if (more == NULL)
			return false;
		p->row = more;
	}
	p->row[p->n] = (struct paint_row){ .s = strdup(text), .head = head };
	return p->row[p->n].s != NULL && ++p->n > 0;
}

/* "10.0.0.0/8   unicast [x 12:00:00] * (100)": the net stands out. */
static void
print_route(const char *text, FILE *out)
{
	const size_t n = strcspn(text, " \t");

	if (n == 0 || strncmp(text, "Table ", 6) == 0)
		fprintf(out, "%s\n", text);
	else
		fprintf(out, BOLD "%.*s" PLAIN "%s\n", (int)n, text,
		    text + n);
}

void
paint_line(struct paint *p, int code, const char *text, FILE *out)
{
	if ((code == CODE_PROTOCOL || code == CODE_HEAD) && *text != '\0' &&
	    *text != ' ' && keep(p, text, code == CODE_HEAD))
		return;
	paint_flush(p, out);
	if (p->colour && code >= 8000)
		fprintf(out, RED "%s" PLAIN "\n", text);
	else if (p->colour && code == CODE_ROUTE)
		print_route(text, out);
	else
		fprintf(out, "%s\n", text);
}

bool
paint_wanted(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return (no == NULL || *no == '\0') &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}
