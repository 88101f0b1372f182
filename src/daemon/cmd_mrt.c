/* SPDX-License-Identifier: ISC */
/* mrt dump table … to "FILE" [filter … | where …]; done when it answers. */
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "conf/filter_parse.h"
#include "daemon/ctl_impl.h"
#include "daemon/mrt.h"

struct mrt_job {
	struct ctl_job job;
	struct mrt_dump *dump;
	struct arena *arena;		/* of the filter */
	struct mrt_what what;
	char file[CTL_LINE];		/* for a message */
};

static void
job_free(struct ctl_client *c, struct ctl_job *job)
{
	struct mrt_job *j = (struct mrt_job *)job;

	(void)c;
	mrt_dump_free(j->dump);
	arena_free(j->arena);
	mem_free(j);
}

static bool
job_step(struct ctl_client *c, struct ctl_job *job)
{
	struct mrt_job *j = (struct mrt_job *)job;
	const char *table, *why;	/* the table's is of no use to birdc */

	if (mrt_dump_step(j->dump))
		return true;
	why = mrt_dump_error(j->dump, &table);
	if (why != NULL)
		ctl_say(c, 8009, "Unable to open MRT file '%s': %s",
		    j->file, why);
	ctl_ok(c);
	return false;
}

/* The rest of the line. */
static bool
take_filter(struct ctl_client *c, struct ctl_words *w, struct mrt_job *j,
    enum conf_filter_text kind)
{
	const struct ctl_word *at = ctl_peek(w);
	struct diag_list *diags = diag_list_new(1);

	j->arena = arena_new();
	if (at != NULL && diags != NULL && j->arena != NULL)
		j->what.filter = conf_filter_text(c->d->gen->config, kind,
		    bytes_str(w->line + at->at), j->arena, diags);
	if (at == NULL)
		ctl_expected(c, w, "a filter");
	else if (j->what.filter == NULL)
		ctl_end(c, 9001, "%s", diags && diag_count(diags) > 0 ?
		    diag_get(diags, 0)->message : "out of memory");
	diag_list_free(diags);
	w->i = w->n;
	return j->what.filter != NULL;
}

static bool
take_table(struct ctl_client *c, struct ctl_words *w, struct mrt_job *j)
{
	const struct ctl_word *at;
	const struct dtable *t;

	if (!ctl_take(w, "table") || ctl_peek(w) == NULL)
		return ctl_expected(c, w, "table NAME or table \"PATTERN\"");
	at = ctl_peek(w);
	j->what.table = at->s;
	j->what.pattern = at->quoted;
	t = daemon_table(c->d, at->s);
	if (!at->quoted && (t == NULL ||
	    (t->kind != NET_IP4 && t->kind != NET_IP6)))
		return ctl_expected(c, w, "a table of routes");
	w->i++;
	return true;
}

static bool
take_all(struct ctl_client *c, struct ctl_words *w, struct mrt_job *j)
{
	if (!take_table(c, w, j))
		return false;
	if (!ctl_take(w, "to") || ctl_peek(w) == NULL ||
	    !ctl_peek(w)->quoted || ctl_peek(w)->s[0] == '\0')
		return ctl_expected(c, w, "to \"FILE\"");
	j->what.filename = strcpy(j->file, ctl_peek(w)->s);
	w->i++;
	if (ctl_take(w, "where"))
		return take_filter(c, w, j, CONF_TEXT_WHERE);
	if (ctl_take(w, "filter"))
		return take_filter(c, w, j, CONF_TEXT_FILTER);
	return ctl_no_more(c, w);
}

void
cmd_mrt_dump(struct ctl_client *c, struct ctl_words *w)
{
	struct mrt_job *j = mem_zalloc(sizeof(*j));

	if (j == NULL) {
		ctl_end(c, 8003, "Out of memory");
		return;
	}
	j->what.gen = c->d->gen;
	if (!take_all(c, w, j)) {
		job_free(c, &j->job);
		return;
	}
	j->dump = mrt_dump_new(c->d, &j->what);
	if (j->dump == NULL) {
		ctl_end(c, 8003, "Out of memory");
		job_free(c, &j->job);
		return;
	}
	j->job = (struct ctl_job){ job_step, job_free };
	c->job = &j->job;
}
