/* SPDX-License-Identifier: ISC */
/* timeformat, graceful restart, dump; show of what is not served. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/ctl_impl.h"

static bool
is_number(const char *s)
{
	return *s != '\0' && s[strspn(s, "0123456789")] == '\0';
}

/* "FORMAT" [LIMIT "OLDER"] */
static bool
take_formats(struct ctl_client *c, struct ctl_words *w,
    struct conf_timeformat *ret)
{
	const struct ctl_word *at = ctl_peek(w);

	if (at == NULL || !at->quoted)
		return ctl_expected(c, w, "ISO or a format in quotes");
	*ret = (struct conf_timeformat){ .recent = at->s };
	w->i++;
	at = ctl_peek(w);
	if (at == NULL)
		return true;
	if (at->quoted || !is_number(at->s))
		return ctl_expected(c, w, "END or a number of seconds");
	ret->limit = SECONDS((int64_t)strtoul(at->s, NULL, 10));
	w->i++;
	at = ctl_peek(w);
	if (at == NULL || !at->quoted)
		return ctl_expected(c, w, "a format in quotes");
	ret->old = at->s;
	w->i++;
	return true;
}

/* iso long|short [ms|us] */
static bool
take_iso(struct ctl_client *c, struct ctl_words *w,
    struct conf_timeformat *ret)
{
	static const char *const lengths[] = { "long", "short", NULL };
	static const char *const digits[] = { "ms", "us", NULL };
	const int length = ctl_take_one(w, lengths);
	int d;

	if (length < 0)
		return ctl_expected(c, w, "LONG or SHORT");
	d = ctl_peek(w) != NULL ? ctl_take_one(w, digits) : -1;
	*ret = conf_timeformat_iso(length == 0, d < 0 ? 0 : (unsigned)d + 1);
	return true;
}

void
cmd_timeformat(struct ctl_client *c, struct ctl_words *w)
{
	struct conf_timeformat f;

	if (ctl_take(w, "iso") ? !take_iso(c, w, &f) :
	    !take_formats(c, w, &f))
		return;
	if (!ctl_no_more(c, w))
		return;
	if (strlen(f.recent) >= sizeof(c->tf_recent) ||
	    (f.old != NULL && strlen(f.old) >= sizeof(c->tf_old))) {
		ctl_end(c, 9001, "Too long a format");
		return;
	}
	c->tf = f;
	c->tf.recent = strcpy(c->tf_recent, f.recent);
	if (f.old != NULL)
		c->tf.old = strcpy(c->tf_old, f.old);
	ctl_ok(c);
}

const struct conf_timeformat *
ctl_timeformat(const struct ctl_client *c, const struct conf_timeformat *f)
{
	return c->tf.recent != NULL ? &c->tf : f;
}

/* As SIGTERM does: what is in the kernel stays, and so do the tunnels. */
void
cmd_graceful_restart(struct ctl_client *c, struct ctl_words *w)
{
	if (!ctl_no_more(c, w))
		return;
	log_msg(&c->d->log, CONF_LOG_INFO, "control",
	    "\"graceful restart\": ending, to be started again");
	ctl_end(c, 25, "Graceful restart requested");
	daemon_shutdown(c->d, true);
}

void
cmd_show_unserved(struct ctl_client *c, struct ctl_words *w)
{
	ctl_end(c, 9001, "Warren does not serve %s", w->w[1].s);
}

/* What may be dumped, and the command that has the same to tell. */
static const struct {
	const char *word, *command;
} dumps[] = {
	{ "resources", "show memory" },
	{ "attributes", "show memory" },
	{ "interfaces", "show interfaces" },
	{ "neighbors", "show protocols all" },
	{ "protocols", "show protocols all" },
	{ "routes", "show route table all all" },
};

#define N_DUMPS	(sizeof(dumps) / sizeof(dumps[0]))

/* Without the four digits and what stands behind them. */
static bool
write_lines(const char *s, int fd)
{
	while (*s != '\0') {
		const char *end = strchrnul(s, '\n');
		const char *from = *s == ' ' ? s + 1 : s + 5;

		if (from < end && (write(fd, from, (size_t)(end - from)) < 0 ||
		    write(fd, "\n", 1) < 0))
			return false;
		s = *end != '\0' ? end + 1 : end;
	}
	return true;
}

/* The answer of a command that nobody has asked for on a socket. */
static int
run_into(struct ctl_client *c, const char *command, int fd)
{
	struct ctl_client *x = mem_zalloc(sizeof(*x));
	const struct ctl_words words = c->ctl->words;
	bool more = true, ok = x != NULL;

	if (x == NULL)
		return -ENOMEM;
	x->d = c->d;
	x->ctl = c->ctl;
	text_init(&x->r.out, CTL_OUT);
	text_init(&x->row, CTL_OUT);
	cmd_run(x, command);
	while (ok && more) {
		more = x->job != NULL && x->job->step(x, x->job);
		ok = write_lines(x->r.out.s ? x->r.out.s : "", fd);
		text_clear(&x->r.out);
	}
	if (x->job != NULL)
		x->job->free(x, x->job);
	text_done(&x->r.out);
	text_done(&x->row);
	mem_free(x);
	c->ctl->words = words;
	return ok ? 0 : -errno;
}

void
cmd_dump(struct ctl_client *c, struct ctl_words *w)
{
	const char *list[N_DUMPS + 1] = { NULL };
	char path[CTL_LINE] = "";
	int what, fd, err;

	for (unsigned i = 0; i < N_DUMPS; i++)
		list[i] = dumps[i].word;
	what = ctl_take_one(w, list);
	if (what < 0) {
		ctl_expected(c, w, "RESOURCES or ATTRIBUTES or INTERFACES or "
		    "NEIGHBORS or PROTOCOLS or ROUTES");
		return;
	}
	if (ctl_peek(w) != NULL && ctl_peek(w)->quoted)
		snprintf(path, sizeof(path), "%s", w->w[w->i++].s);
	if (!ctl_no_more(c, w))
		return;
	/* Never into a file that is there: the path came over a socket. */
	fd = path[0] != '\0' ? open(path, O_WRONLY | O_CREAT | O_EXCL |
	    O_CLOEXEC | O_NOFOLLOW, 0640) : dup(2);
	err = fd < 0 ? -errno : run_into(c, dumps[what].command, fd);
	if (fd >= 0)
		close(fd);
	if (err < 0)
		ctl_end(c, 8009, "Unable to dump to '%s': %s", path,
		    strerrordesc_np(-err));
	else
		ctl_ok(c);
}
