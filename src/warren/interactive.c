/* SPDX-License-Identifier: ISC */
/*
 * The conversation: libedit's lines and history, Tab and "?".
 *
 * What can be said is asked of the daemon ("help" with the words so far), so
 * that the client never knows less than the daemon that it speaks to; names
 * of protocols, tables and filters come from "show symbols".
 */
#include <histedit.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "warren/warren.h"

#define HISTORY_LINES	500
#define HISTORY_FILE	".warren_history"

struct shell {
	struct client *client;
	const struct client_how *how;
	EditLine *el;
	History *history;
	char file[512];			/* of the history; "" for none */
};

/* What a command answers, as text; empty after an error. */
static void
ask(struct shell *sh, const char *command, struct text *ret)
{
	struct client_how quiet = { .text = ret };

	text_clear(ret);
	if (client_ask(sh->client, command, &quiet) != EXIT_OK)
		text_clear(ret);
}

/* The words of the line up to the cursor, but the one being typed. */
static size_t
before_last_word(const char *line, size_t n)
{
	while (n > 0 && line[n - 1] != ' ' && line[n - 1] != '\t')
		n--;
	return n;
}

static unsigned
count_words(const char *s, size_t n)
{
	unsigned words = 0;
	bool in = false;

	for (size_t i = 0; i < n; i++) {
		bool blank = s[i] == ' ' || s[i] == '\t';

		words += !blank && !in;
		in = !blank;
	}
	return words;
}

struct guesses {
	const char *begin;		/* of the word at the cursor */
	struct text list;		/* all that fit, each with a blank */
	struct text common;		/* what all of them begin with */
	unsigned n;
};

static void
guess(struct guesses *g, const char *word, size_t n)
{
	size_t len = strlen(g->begin), same = 0;
	char copy[128];

	if (n >= sizeof(copy) || n == 0 || strncmp(word, g->begin, len) != 0 ||
	    n < len || strchr("<[(|\"", word[0]) != NULL)
		return;
	memcpy(copy, word, n);
	copy[n] = '\0';
	for (char *at = g->list.s; (at = strstr(at, copy)) != NULL; at += n)
		if ((at == g->list.s || at[-1] == ' ') && at[n] == ' ')
			return;
	text_printf(&g->list, "%s ", copy);
	if (g->n++ == 0) {
		text_add(&g->common, copy);
		return;
	}
	while (same < g->common.n && g->common.s[same] == copy[same])
		same++;
	g->common.n = same;
	g->common.s[same] = '\0';
}

/* Words of a command's arguments: "[all] [<protocol> | …]". */
static void
guess_arguments(struct guesses *g, const char *args)
{
	while (*args != '\0') {
		size_t skip = strspn(args, " []()|{}"), n;

		args += skip;
		n = strcspn(args, " []()|{}");
		guess(g, args, n);
		args += n;
	}
}

/* Help lines are "show status ARGS<tab>what it does". */
static void
guess_words(struct guesses *g, const char *help, unsigned at)
{
	while (*help != '\0') {
		size_t line = strcspn(help, "\n"), tab = strcspn(help, "\t");
		char copy[1024];
		char *word = copy;
		unsigned i;

		snprintf(copy, sizeof(copy), "%.*s",
		    (int)(tab < line ? tab : line), help);
		for (i = 0; i < at && word != NULL; i++) {
			word = strchr(word, ' ');
			word += word != NULL;
		}
		if (word != NULL && *word >= 'a' && *word <= 'z')
			guess(g, word, strcspn(word, " "));
		else if (word != NULL)
			guess_arguments(g, word);
		help += line + (help[line] == '\n');
	}
}

/* "name    <tab>kind", of those kinds that a command may name. */
static void
guess_names(struct guesses *g, const char *symbols)
{
	while (*symbols != '\0') {
		size_t line = strcspn(symbols, "\n");
		size_t name = strcspn(symbols, " \t\n");
		const char *kind = memchr(symbols, '\t', line);

		if (kind != NULL && strncmp(kind + 1, "undefined", 9) != 0 &&
		    strncmp(kind + 1, "constant", 8) != 0)
			guess(g, symbols, name);
		symbols += line + (symbols[line] == '\n');
	}
}

/* Do the words of the line so far begin this one of help? */
static bool
begins_so(const char *help, const char *line, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t len = 0;

		while (i < n && line[i] == ' ')
			i++;
		while (i + len < n && line[i + len] != ' ')
			len++;
		help += strspn(help, " ");
		if (len == 0)
			break;
		if (*help == '[' || *help == '<')
			return true;
		if (strncmp(help, line + i, len) != 0)
			return false;
		help += strcspn(help, " \t");
		i += len;
	}
	return true;
}

/* What warrend's help says to the line so far, and ours. */
static void
described(struct shell *sh, const char *line, size_t n,
    struct text *command, struct text *ret)
{
	struct text ours;

	text_clear(command);
	text_printf(command, "help %.*s", (int)n, line);
	ask(sh, command->s, ret);
	text_init(&ours, 1 << 14);
	command_help(&ours);
	for (const char *s = ours.s; *s != '\0';) {
		const size_t end = strcspn(s, "\n");

		if (begins_so(s, line, n))
			text_printf(ret, "%.*s\n", (int)end, s);
		s += end + (s[end] == '\n');
	}
	text_done(&ours);
}

/* "watch 2 show ..." is completed as "show ..." is. */
static size_t
skip_watch(const char *line, size_t n)
{
	size_t i = 6;

	if (n < 6 || strncmp(line, "watch ", 6) != 0)
		return 0;
	while (i < n && (line[i] == ' ' || line[i] == '.' ||
	    (line[i] >= '0' && line[i] <= '9')))
		i++;
	return i;
}

/* All that may stand where the cursor is.  words are those in front of it. */
static void
collect(struct shell *sh, const char *line, size_t n, struct guesses *g)
{
	const size_t skip = skip_watch(line, n);
	unsigned words = count_words(line + skip, n - skip);
	struct text command, answer;

	line += skip;
	n -= skip;
	text_init(&command, 4096);
	text_init(&answer, 1 << 22);
	described(sh, line, n, &command, &answer);
	guess_words(g, answer.s, words);
	if (words > 0) {
		ask(sh, "show symbols", &answer);
		guess_names(g, answer.s);
	}
	text_done(&command);
	text_done(&answer);
}

static void
guesses_init(struct guesses *g, char *begin, size_t cap, const char *from,
    size_t n)
{
	snprintf(begin, cap, "%.*s", (int)n, from);
	g->begin = begin;
	g->n = 0;
	text_init(&g->list, 1 << 20);
	text_init(&g->common, 1024);
}

static void
guesses_done(struct guesses *g)
{
	text_done(&g->list);
	text_done(&g->common);
}

static unsigned char
complete(EditLine *el, int ch)
{
	const LineInfo *li = el_line(el);
	size_t cursor = (size_t)(li->cursor - li->buffer);
	size_t n = before_last_word(li->buffer, cursor);
	unsigned char result = CC_REFRESH_BEEP;
	struct guesses g;
	struct shell *sh;
	char begin[128];

	(void)ch;
	el_get(el, EL_CLIENTDATA, &sh);
	guesses_init(&g, begin, sizeof(begin), li->buffer + n, cursor - n);
	collect(sh, li->buffer, n, &g);
	if (g.common.n > strlen(begin)) {
		el_insertstr(el, g.common.s + strlen(begin));
		result = CC_REFRESH;
	}
	if (g.n == 1) {
		el_insertstr(el, " ");
		result = CC_REFRESH;
	} else if (g.n > 1 && result == CC_REFRESH_BEEP) {
		printf("\n%s\n", g.list.s);
		result = CC_REDISPLAY;
	}
	guesses_done(&g);
	return result;
}

/* "?": in a string or an expression it is a character like any other. */
static unsigned char
explain(EditLine *el, int ch)
{
	const LineInfo *li = el_line(el);
	size_t cursor = (size_t)(li->cursor - li->buffer), skip;
	struct text command, answer;
	struct shell *sh;

	(void)ch;
	if (memchr(li->buffer, '"', cursor) != NULL) {
		el_insertstr(el, "?");
		return CC_REFRESH;
	}
	el_get(el, EL_CLIENTDATA, &sh);
	text_init(&command, 4096);
	text_init(&answer, 1 << 20);
	skip = skip_watch(li->buffer, cursor);
	described(sh, li->buffer + skip, cursor - skip, &command, &answer);
	printf("?\n");
	for (const char *s = answer.s; *s != '\0';) {
		size_t line = strcspn(s, "\n"), tab = strcspn(s, "\t");

		if (tab < line)
			printf("%-40.*s %.*s\n", (int)tab, s,
			    (int)(line - tab - 1), s + tab + 1);
		s += line + (s[line] == '\n');
	}
	text_done(&command);
	text_done(&answer);
	return CC_REDISPLAY;
}

static char *
prompt(EditLine *el)
{
	static char text[] = "warren> ";

	(void)el;
	return text;
}

static void
load_history(struct shell *sh)
{
	const char *home = getenv("HOME");
	HistEvent ev;

	sh->history = history_init();
	if (sh->history == NULL)
		return;
	history(sh->history, &ev, H_SETSIZE, HISTORY_LINES);
	history(sh->history, &ev, H_SETUNIQUE, 1);
	if (home != NULL)
		snprintf(sh->file, sizeof(sh->file), "%s/" HISTORY_FILE,
		    home);
	if (sh->file[0] != '\0')
		history(sh->history, &ev, H_LOAD, sh->file);
	el_set(sh->el, EL_HIST, history, sh->history);
}

static void
save_history(struct shell *sh)
{
	HistEvent ev;

	if (sh->history == NULL)
		return;
	if (sh->file[0] != '\0') {
		mode_t mask = umask(077);

		history(sh->history, &ev, H_SAVE, sh->file);
		umask(mask);
	}
	history_end(sh->history);
}

static bool
open_editor(struct shell *sh)
{
	setlocale(LC_CTYPE, "");
	sh->el = el_init("warren", stdin, stdout, stderr);
	if (sh->el == NULL)
		return false;
	el_set(sh->el, EL_CLIENTDATA, sh);
	el_set(sh->el, EL_PROMPT, prompt);
	el_set(sh->el, EL_EDITOR, "emacs");
	el_set(sh->el, EL_SIGNAL, 1);
	el_set(sh->el, EL_ADDFN, "warren-complete", "complete", complete);
	el_set(sh->el, EL_ADDFN, "warren-explain", "explain", explain);
	el_set(sh->el, EL_BIND, "^I", "warren-complete", NULL);
	el_set(sh->el, EL_BIND, "?", "warren-explain", NULL);
	el_source(sh->el, NULL);
	load_history(sh);
	return true;
}

/* False: that was all. */
static bool
serve(struct shell *sh, char *line, int *ret_status)
{
	line[strcspn(line, "\r\n")] = '\0';
	line += strspn(line, " \t");
	if (line[0] == '\0')
		return true;
	if (strcmp(line, "quit") == 0 || strcmp(line, "exit") == 0)
		return false;
	*ret_status = command_run(sh->client, line, sh->how);
	fflush(stdout);
	return *ret_status != EXIT_NO_DAEMON;
}

/* Lines that a program gives. */
static int
read_lines(struct shell *sh)
{
	int status = EXIT_OK, worst = EXIT_OK;
	char *line = NULL;
	size_t cap = 0;

	while (getline(&line, &cap, stdin) > 0 && serve(sh, line, &status))
		worst = status > worst ? status : worst;
	free(line);
	return status > worst ? status : worst;
}

static int
edit_lines(struct shell *sh)
{
	int status = EXIT_OK, n;
	const char *line;
	HistEvent ev;

	printf("%s\n", sh->client->greeting);
	while ((line = el_gets(sh->el, &n)) != NULL && n > 0) {
		char copy[4096];

		if (sh->history != NULL && strspn(line, " \t\n") < (size_t)n)
			history(sh->history, &ev, H_ENTER, line);
		snprintf(copy, sizeof(copy), "%s", line);
		if (!serve(sh, copy, &status))
			break;
	}
	return status == EXIT_NO_DAEMON ? status : EXIT_OK;
}

int
interactive(struct client *c, const struct client_how *how)
{
	struct shell sh = { .client = c, .how = how };
	int status;

	if (!isatty(0) || !isatty(1) || !open_editor(&sh))
		return read_lines(&sh);
	status = edit_lines(&sh);
	save_history(&sh);
	el_end(sh.el);
	return status;
}
