/* SPDX-License-Identifier: ISC */
/*
 * One command, as a person says it: watched, paged, and answered by warrend
 * or in FRR's words.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "warren/warren.h"

#define WATCH_EVERY	1.0		/* seconds, unless said otherwise */

static volatile sig_atomic_t stopped;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static int
once(struct client *c, const char *line, const struct client_how *how)
{
	const int status = frr_command(c, line, how);

	return status >= 0 ? status : client_ask(c, line, how);
}

/* Lines of an answer, and which of them the answer before had as well. */
struct lines {
	char *text;
	struct line {
		const char *s;
		size_t at;
		bool same;
	} *l;
	size_t n;
};

static void
lines_done(struct lines *v)
{
	free(v->text);
	free(v->l);
	*v = (struct lines){ 0 };
}

/* Takes the text.  Rows of JSON lose the comma between them. */
static bool
lines_split(struct lines *v, char *text, bool json)
{
	size_t n = 1;
	char *save = NULL;

	v->text = text;
	for (const char *s = text; *s != '\0'; s++)
		n += *s == '\n';
	v->l = calloc(n, sizeof(*v->l));
	if (v->l == NULL)
		return false;
	for (char *s = strtok_r(text, "\n", &save); s != NULL;
	    s = strtok_r(NULL, "\n", &save)) {
		const size_t len = strlen(s);

		if (json && len > 0 && s[len - 1] == ',')
			s[len - 1] = '\0';
		s += json && *s == ',';
		if (json && (*s == '[' || *s == ']'))
			continue;
		v->l[v->n] = (struct line){ .s = s, .at = v->n };
		v->n++;
	}
	return true;
}

static int
by_text(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	const int c = strcmp(x->s, y->s);

	return c != 0 ? c : x->at < y->at ? -1 : x->at > y->at;
}

static int
by_place(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

static void
sort(struct lines *v, int (*by)(const void *, const void *))
{
	if (v->n > 0)
		qsort(v->l, v->n, sizeof(*v->l), by);
}

static void
compare(struct lines *was, struct lines *is)
{
	size_t i = 0, k = 0;

	sort(was, by_text);
	sort(is, by_text);
	for (i = 0; i < was->n; i++)
		was->l[i].same = false;
	for (i = k = 0; i < was->n && k < is->n;) {
		const int c = strcmp(was->l[i].s, is->l[k].s);

		if (c == 0)
			was->l[i].same = is->l[k].same = true;
		i += c <= 0;
		k += c >= 0;
	}
	sort(was, by_place);
	sort(is, by_place);
}

static void
print_changes(const struct lines *v, bool added,
    const struct client_how *how)
{
	for (size_t i = 0; i < v->n; i++) {
		if (v->l[i].same)
			continue;
		if (how->json)
			fprintf(how->out, "{\"change\":\"%s\",\"row\":%s}\n",
			    added ? "added" : "removed", v->l[i].s);
		else
			fprintf(how->out, "%c %s\n", added ? '+' : '-',
			    v->l[i].s);
	}
}

/* The whole answer as one text, or NULL. */
static char *
answer(struct client *c, const char *line, const struct client_how *how,
    int *ret_status)
{
	struct client_how into = *how;
	char *text = NULL;
	size_t n = 0;

	into.out = open_memstream(&text, &n);
	if (into.out == NULL)
		return NULL;
	*ret_status = once(c, line, &into);
	if (fclose(into.out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* On a terminal: the answer anew, from the top. */
static void
redraw(const char *text, const char *line, double every, FILE *out)
{
	const time_t now = time(NULL);
	char at[32] = "";
	struct tm tm;

	if (localtime_r(&now, &tm) != NULL)
		strftime(at, sizeof(at), "%H:%M:%S", &tm);
	fprintf(out, "\033[H\033[J%s: %s (every %g s, ^C ends)\n\n%s", at,
	    line, every, text);
}

static void
wait_for_next(double every)
{
	struct timespec t = { .tv_sec = (time_t)every };

	t.tv_nsec = (long)((every - (double)t.tv_sec) * 1e9);
	if (!stopped)
		nanosleep(&t, NULL);
}

static int
watch_loop(struct client *c, const char *line, double every,
    const struct client_how *how)
{
	struct lines was = { 0 };
	int status = EXIT_OK;

	while (!stopped && status == EXIT_OK) {
		char *text = answer(c, line, how, &status);
		struct lines is = { 0 };

		if (text == NULL || !lines_split(&is, strdup(text),
		    how->json)) {
			free(text);
			status = EXIT_WRONG;
			break;
		}
		if (how->terminal && !how->json) {
			redraw(text, line, every, how->out);
		} else {
			compare(&was, &is);
			print_changes(&was, false, how);
			print_changes(&is, true, how);
		}
		free(text);
		lines_done(&was);
		was = is;
		if (fflush(how->out) != 0)
			break;
		wait_for_next(every);
	}
	lines_done(&was);
	return status;
}

/* watch [SECONDS] COMMAND */
static int
watch(struct client *c, const char *line, const struct client_how *how)
{
	struct sigaction sa = { .sa_handler = on_signal }, old;
	double every = WATCH_EVERY;
	char *end;
	int status;

	line += strspn(line, " ");
	if (*line >= '0' && *line <= '9') {
		every = strtod(line, &end);
		line = end + strspn(end, " ");
	}
	if (*line == '\0' || every < 0.1 || every > 86400) {
		fputs("usage: watch [SECONDS] COMMAND\n", stderr);
		return EXIT_USAGE;
	}
	stopped = 0;
	sigaction(SIGINT, &sa, &old);
	status = watch_loop(c, line, every, how);
	sigaction(SIGINT, &old, NULL);
	if (how->terminal)
		fputc('\n', how->out);
	return status;
}

static bool
is_there(const char *program)
{
	const char *path = getenv("PATH");
	char buf[4096];

	for (; path != NULL && *path != '\0'; path += *path == ':') {
		const size_t n = strcspn(path, ":");

		snprintf(buf, sizeof(buf), "%.*s/%s", (int)n, path, program);
		if (access(buf, X_OK) == 0)
			return true;
		path += n;
	}
	return false;
}

/* PAGER, or less, which goes away by itself where all fits; or NULL. */
static const char *
pager(void)
{
	const char *p = getenv("PAGER");

	if (p != NULL)
		return *p != '\0' && strcmp(p, "cat") != 0 ? p : NULL;
	return is_there("less") ? "less -FRX" : NULL;
}

static int
paged(struct client *c, const char *line, const struct client_how *how)
{
	const char *program = pager();
	struct client_how into = *how;
	struct sigaction ign = { .sa_handler = SIG_IGN }, pipe_was, int_was;
	int status;

	if (program == NULL)
		return once(c, line, how);
	fflush(stdout);
	/* Who leaves the pager early does not end us, nor does ^C in it. */
	sigaction(SIGPIPE, &ign, &pipe_was);
	sigaction(SIGINT, &ign, &int_was);
	into.out = popen(program, "w");
	if (into.out != NULL) {
		status = once(c, line, &into);
		pclose(into.out);
	} else {
		status = once(c, line, how);
	}
	sigaction(SIGPIPE, &pipe_was, NULL);
	sigaction(SIGINT, &int_was, NULL);
	return status;
}

/* Only what may be long is worth a pager. */
static bool
is_long(const char *line)
{
	return strncmp(line, "sh", 2) == 0 || strncmp(line, "he", 2) == 0;
}

int
command_run(struct client *c, const char *line, const struct client_how *how)
{
	line += strspn(line, " \t");
	if (strncmp(line, "watch", 5) == 0 &&
	    (line[5] == ' ' || line[5] == '\0'))
		return watch(c, line + 5, how);
	if (how->terminal && how->page && is_long(line))
		return paged(c, line, how);
	return once(c, line, how);
}

/* What the client knows beyond what warrend says of itself. */
void
command_help(struct text *to)
{
	text_add(to,
	    "watch [<seconds>] <command>\tShow what changes\n"
	    "show bgp [ipv4|ipv6] [unicast] [summary|neighbors|<prefix>]\t"
	    "BGP, in FRR's columns\n"
	    "show ip route [<prefix>]\tRoutes, in FRR's columns\n"
	    "show ip bgp [summary|neighbors|<prefix>]\t"
	    "BGP, in FRR's columns\n"
	    "show ipv6 route [<prefix>]\tRoutes, in FRR's columns\n"
	    "quit \tEnd\n");
}
