/* SPDX-License-Identifier: ISC */
/*
 * What our filters say, in the form of what BIRD says.
 *
 * filter_tool eval < EXPRESSIONS	a line for each: 0023 and the value, or
 *					9001 and the message
 * filter_tool run FILE			defines what the file has, runs filter
 *					"t" on the route 10.1.2.0/24; what it
 *					printed, ERROR, and the verdict
 */
#include "../unit/filter/lang.h"

#define FILE_MAX	65536

static bool
eval_line(struct lang *l, const char *line, struct text *out)
{
	struct diag_list *d = diag_list_new(10);
	struct arena *a = arena_new();
	const struct filter *f = conf_filter_text(&l->config,
	    CONF_TEXT_EXPR, bytes_str(line), a, d);
	bool ok = false;

	text_clear(out);
	if (f)
		ok = filter_eval_text(f, NULL, &l->env, out);
	else if (diag_count(d))
		text_add(out, diag_get(d, 0)->message);
	arena_free(a);
	diag_list_free(d);
	return ok;
}

static int
eval(struct lang *l)
{
	struct text out;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	text_init(&out, FILE_MAX);
	while ((n = getline(&line, &cap, stdin)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		printf("%s ", eval_line(l, line, &out) ? "0023" : "9001");
		printf("%s\n", out.s);
	}
	free(line);
	text_done(&out);
	return 0;
}

static int
run(struct lang *l, const char *path)
{
	static char s[FILE_MAX];
	FILE *f = fopen(path, "r");
	enum rt_verdict v;
	size_t n;

	if (!f) {
		perror(path);
		return 2;
	}
	n = fread(s, 1, sizeof(s) - 1, f);
	fclose(f);
	s[n] = '\0';
	if (!lang_load(l, s)) {
		puts("REFUSED");
		return 0;
	}
	v = lang_run(l, "t");
	printf("%s%s%s\n", l->printed.s, l->notes.n ? "ERROR\n" : "",
	    v == RT_ACCEPT ? "ACCEPT" : "REJECT");
	return 0;
}

int
main(int argc, char **argv)
{
	struct lang l;
	int status = 2;

	lang_init(&l);
	if (argc == 2 && strcmp(argv[1], "eval") == 0)
		status = eval(&l);
	else if (argc == 3 && strcmp(argv[1], "run") == 0)
		status = run(&l, argv[2]);
	lang_done(&l);
	return status;
}
