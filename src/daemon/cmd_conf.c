/* SPDX-License-Identifier: ISC */
/* configure, with check, soft, undo, confirm and timeout. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl_impl.h"

#define UNDO_DEFAULT	300		/* seconds, as BIRD's */

struct what {
	bool check, soft, timeout;
	unsigned seconds;
	const char *file;
};

static bool
take_seconds(struct ctl_words *w, unsigned *ret)
{
	const struct ctl_word *at = ctl_peek(w);
	char *end;
	unsigned long n;

	if (at == NULL || at->quoted)
		return false;
	n = strtoul(at->s, &end, 10);
	if (*end != '\0' || end == at->s || n > 86400)
		return false;
	w->i++;
	*ret = (unsigned)n;
	return true;
}

static bool
take_what(struct ctl_client *c, struct ctl_words *w, struct what *ret)
{
	static const char *const words[] = { "check", "soft", "timeout",
	    NULL };

	*ret = (struct what){ .seconds = UNDO_DEFAULT };
	while (ctl_peek(w) != NULL) {
		/* A shell may have taken the quotes. */
		if (ctl_peek(w)->quoted || strchr(ctl_peek(w)->s, '/')) {
			ret->file = ctl_peek(w)->s;
			w->i++;
			continue;
		}
		switch (ctl_take_one(w, words)) {
		case 0:
			ret->check = true;
			break;
		case 1:
			ret->soft = true;
			break;
		case 2:
			ret->timeout = true;
			take_seconds(w, &ret->seconds);
			break;
		default:
			return ctl_expected(c, w, "END or SOFT or CHECK or "
			    "CONFIRM or UNDO or STATUS or TIMEOUT or a "
			    "file's name in quotes");
		}
	}
	return true;
}

/* Diagnostics are lines "FILE:LINE:COL: message" and what illustrates it. */
static void
say_error(struct ctl_client *c, const char *file, struct text *diags)
{
	size_t n;

	if (access(file, R_OK) != 0) {
		ctl_end(c, 8002, "%s: %s", file, strerrordesc_np(errno));
		return;
	}
	while (diags->n > 0 && diags->s[diags->n - 1] == '\n')
		diags->s[--diags->n] = '\0';
	if (strchr(diags->s, '\n') != NULL)
		ctl_say_lines(c, 8002, diags->s);
	n = strcspn(diags->s, "\n");
	ctl_end(c, 8002, "%.*s", (int)n, n ? diags->s :
	    "The configuration was not taken");
}

static void
forget(struct ctl *ctl)
{
	if (ctl->undo_set)
		loop_timer_clear(&ctl->d->loop, &ctl->undo);
	ctl->undo_set = false;
}

static void
on_undo(void *ctx)
{
	struct ctl *ctl = ctx;

	ctl->undo_set = false;
	log_msg(&ctl->d->log, CONF_LOG_WARNING, "control",
	    "The new configuration was not confirmed: back to the old one");
	if (ctl->before != NULL)
		daemon_configure_back(ctl->d, ctl->before);
	ctl->before = NULL;
}

static void
schedule(struct ctl_client *c, unsigned seconds)
{
	struct ctl *ctl = c->ctl;

	ctl_say(c, 22, "Undo scheduled in %u s", seconds);
	loop_timer_init(&ctl->undo, on_undo, ctl);
	loop_timer_in(&ctl->d->loop, &ctl->undo, SECONDS(seconds));
	ctl->undo_at = instant_add(loop_now(), SECONDS(seconds));
	ctl->undo_set = true;
}

static void
configure(struct ctl_client *c, const struct what *what)
{
	const char *file = what->file ? what->file : c->d->opt.config;
	struct generation *old = generation_ref(c->d->gen);
	enum daemon_configured done;
	struct text diags;

	ctl_say(c, 2, "Reading configuration from %s", file);
	text_init(&diags, 1 << 20);
	done = daemon_configure(c->d, what->file, what->check, what->soft,
	    &diags);
	if (done == DAEMON_CONF_DONE || done == DAEMON_CONF_PROGRESS) {
		forget(c->ctl);
		generation_unref(c->ctl->before);
		c->ctl->before = generation_ref(old);
		if (what->timeout)
			schedule(c, what->seconds);
	}
	generation_unref(old);
	switch (done) {
	case DAEMON_CONF_ERROR:
		say_error(c, file, &diags);
		break;
	case DAEMON_CONF_DONE:
		ctl_end(c, 3, "Reconfigured");
		break;
	case DAEMON_CONF_PROGRESS:
		ctl_end(c, 4, "Reconfiguration in progress");
		break;
	case DAEMON_CONF_OK:
		ctl_end(c, 20, "Configuration OK");
		break;
	}
	text_done(&diags);
}

static void
undo(struct ctl_client *c)
{
	struct generation *back = c->ctl->before;

	ctl_say(c, 21, "Undo requested");
	if (back == NULL) {
		ctl_end(c, 19, "Nothing to do");
		return;
	}
	forget(c->ctl);
	c->ctl->before = NULL;
	switch (daemon_configure_back(c->d, back)) {
	case DAEMON_CONF_PROGRESS:
		ctl_end(c, 4, "Reconfiguration in progress");
		break;
	case DAEMON_CONF_ERROR:
		ctl_end(c, 8002, "The old configuration was not taken");
		break;
	case DAEMON_CONF_DONE:
	case DAEMON_CONF_OK:
		ctl_end(c, 3, "Reconfigured");
		break;
	}
}

static void
confirm(struct ctl_client *c)
{
	if (!c->ctl->undo_set) {
		ctl_end(c, 19, "Nothing to do");
		return;
	}
	forget(c->ctl);
	ctl_end(c, 18, "Reconfiguration confirmed");
}

static void
status(struct ctl_client *c)
{
	int64_t left;

	if (c->d->shutting_down)
		ctl_say(c, 6, "Shutdown in progress");
	else if (daemon_configuring(c->d))
		ctl_say(c, 4, "Reconfiguration in progress");
	else
		ctl_say(c, 3, "Daemon is up and running");
	if (c->ctl->undo_set) {
		left = instant_sub(c->ctl->undo_at, loop_now());
		ctl_say(c, 22, "Configuration unconfirmed, undo in %u s",
		    left > 0 ? (unsigned)(left / SECONDS(1)) : 0);
	}
	ctl_ok(c);
}

void
cmd_configure(struct ctl_client *c, struct ctl_words *w)
{
	static const char *const words[] = { "undo", "confirm", "status",
	    NULL };
	int i = ctl_take_one(w, words);
	struct what what;

	if (i >= 0) {
		if (!ctl_no_more(c, w) || (i < 2 && ctl_denied(c)))
			return;
		if (i == 2)
			status(c);
		else if (i == 0)
			undo(c);
		else
			confirm(c);
		return;
	}
	if (!take_what(c, w, &what) || ctl_denied(c))
		return;
	if (c->d->shutting_down)
		ctl_end(c, 6, "Reconfiguration ignored, shutting down");
	else
		configure(c, &what);
}
