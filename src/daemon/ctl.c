/* SPDX-License-Identifier: ISC */
#include "daemon/ctl_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

#define GREETING	"BIRD 2.19 (Warren " WARREN_VERSION ") ready."

static void __attribute__((format(printf, 4, 0)))
say(struct ctl_client *c, int code, bool end, const char *fmt, va_list ap)
{
	struct text t;

	if (c->done)
		return;
	text_init(&t, CTL_OUT);
	text_vprintf(&t, fmt, ap);
	ctl_reply_line(&c->r, code, end, t.s);
	text_done(&t);
	c->done = end;
}

void
ctl_say(struct ctl_client *c, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(c, code, false, fmt, ap);
	va_end(ap);
}

void
ctl_end(struct ctl_client *c, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(c, code, true, fmt, ap);
	va_end(ap);
}

void
ctl_ok(struct ctl_client *c)
{
	ctl_end(c, 0, "%s", "");
}

void
ctl_say_lines(struct ctl_client *c, int code, const char *s)
{
	while (*s != '\0') {
		size_t n = strcspn(s, "\n");

		ctl_say(c, code, "%.*s", (int)n, s);
		s += n + (s[n] == '\n');
	}
}

bool
ctl_expected(struct ctl_client *c, const struct ctl_words *w,
    const char *what)
{
	const struct ctl_word *at = ctl_peek(w);

	if (at == NULL)
		ctl_end(c, 9001, "syntax error, unexpected END, expecting %s",
		    what);
	else
		ctl_end(c, 9001, "syntax error, unexpected %s%s%s, "
		    "expecting %s", at->quoted ? "\"" : "", at->s,
		    at->quoted ? "\"" : "", what);
	return false;
}

bool
ctl_no_more(struct ctl_client *c, const struct ctl_words *w)
{
	return ctl_peek(w) == NULL || ctl_expected(c, w, "END");
}

bool
ctl_denied(struct ctl_client *c)
{
	if (c->restricted)
		ctl_end(c, 8007, "Access denied");
	return c->restricted;
}

static void
end_job(struct ctl_client *c)
{
	struct ctl_job *j = c->job;

	c->job = NULL;
	if (j != NULL)
		j->free(c, j);
}

static void
client_free(struct ctl_client *c)
{
	end_job(c);
	loop_work_clear(&c->work);
	loop_fd_free(c->ready);
	close(c->fd);
	list_remove(&c->link);
	c->ctl->n_clients--;
	text_done(&c->r.out);
	text_done(&c->row);
	mem_free(c);
}

/* False: the client is gone. */
static bool
flush(struct ctl_client *c)
{
	while (c->sent < c->r.out.n) {
		ssize_t n = send(c->fd, c->r.out.s + c->sent,
		    c->r.out.n - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		c->sent += (size_t)n;
		c->stirred = loop_now();
	}
	if (c->r.out.bad)
		return false;
	text_clear(&c->r.out);
	c->sent = 0;
	return true;
}

/* Cuts the first line out of the buffer; false: it is not whole yet. */
static bool
next_line(struct ctl_client *c, char line[CTL_LINE + 2])
{
	char *end = memchr(c->in, '\n', c->n_in);
	size_t n;

	if (end == NULL && c->eof && c->n_in > 0)
		end = c->in + c->n_in;
	if (end == NULL)
		return false;
	n = (size_t)(end - c->in);
	memcpy(line, c->in, n);
	line[n] = '\0';
	line[strcspn(line, "\r")] = '\0';
	n = n < c->n_in ? n + 1 : n;
	c->n_in -= n;
	memmove(c->in, c->in + n, c->n_in);
	return true;
}

static void
begin_command(struct ctl_client *c, const char *line)
{
	c->done = false;
	c->json = false;
	c->r.last = 0;
	if (c->skip) {
		c->skip = false;
		ctl_end(c, 9000, "Command too long");
		return;
	}
	cmd_run(c, line);
	if (!c->done && c->job == NULL)
		ctl_ok(c);
}

static bool
produce(struct ctl_client *c)
{
	char line[CTL_LINE + 2];

	if (c->job != NULL) {
		if (!c->job->step(c, c->job)) {
			end_job(c);
			ctl_ok(c);	/* no-op after another end */
		}
		return true;
	}
	if (!next_line(c, line))
		return false;
	if (line[0] != '\0' || c->skip)
		begin_command(c, line);
	return true;
}

static void
watch(struct ctl_client *c)
{
	int want = 0;

	if (c->sent < c->r.out.n)
		want |= UV_WRITABLE;
	if (!c->eof && c->n_in < CTL_LINE)
		want |= UV_READABLE;
	loop_fd_want(c->ready, want);
}

/* One command or one slice, and only when all before was read. */
static bool
client_work(void *ctx)
{
	struct ctl_client *c = ctx;
	bool more = c->r.out.n == 0 && produce(c);

	if (!flush(c) || (c->eof && !more && c->r.out.n == 0 &&
	    c->job == NULL)) {
		client_free(c);
		return false;
	}
	watch(c);
	return more && c->r.out.n == 0;
}

/* False: the connection has failed. */
static bool
fill(struct ctl_client *c)
{
	ssize_t n = recv(c->fd, c->in + c->n_in, CTL_LINE - c->n_in,
	    MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ||
		    errno == EINTR;
	if (n == 0)
		c->eof = true;
	c->stirred = loop_now();
	c->n_in += (size_t)n;
	if (c->n_in == CTL_LINE && memchr(c->in, '\n', c->n_in) == NULL) {
		c->skip = true;		/* until its end comes */
		c->n_in = 0;
	}
	return true;
}

static void
client_ready(void *ctx, int events)
{
	struct ctl_client *c = ctx;

	if (!flush(c) || (events & UV_READABLE && !c->eof &&
	    c->n_in < CTL_LINE && !fill(c))) {
		client_free(c);
		return;
	}
	watch(c);
	loop_work_add(&c->d->loop, &c->work);
}

/*
 * A line of the log for those who asked: "+text", between answers only, and
 * dropped for who does not read what he has.
 */
static void
on_log(void *ctx, unsigned class, const char *line)
{
	struct ctl *ctl = ctx;

	LIST_EACH(c, &ctl->clients, struct ctl_client, link) {
		if (!(c->echo & class) || c->job != NULL || !c->done ||
		    c->r.out.n > CTL_SLICE)
			continue;
		text_printf(&c->r.out, "+%s\n", line);
		loop_work_add(&c->d->loop, &c->work);
	}
}

/*
 * Who has been quiet for longest, be it that he asks nothing or that he does
 * not read: so that nobody can keep others out.
 */
static void
make_room(struct ctl *ctl)
{
	struct ctl_client *quiet = NULL;

	LIST_EACH(c, &ctl->clients, struct ctl_client, link)
		if (quiet == NULL || instant_sub(c->stirred,
		    quiet->stirred) < 0)
			quiet = c;
	if (quiet != NULL)
		client_free(quiet);
}

void
ctl_client_new(struct ctl *ctl, int fd, bool restricted)
{
	struct ctl_client *c;

	if (ctl->n_clients >= CTL_CLIENTS)
		make_room(ctl);
	c = mem_zalloc(sizeof(*c));
	if (c != NULL)
		c->ready = loop_fd_new(&ctl->d->loop, fd, client_ready, c);
	if (c == NULL || c->ready == NULL) {
		mem_free(c);
		close(fd);
		return;
	}
	c->ctl = ctl;
	c->d = ctl->d;
	c->fd = fd;
	c->restricted = restricted;
	c->stirred = loop_now();
	text_init(&c->r.out, CTL_OUT);
	text_init(&c->row, CTL_OUT);
	loop_work_init(&c->work, client_work, c);
	list_push_back(&ctl->clients, &c->link);
	ctl->n_clients++;
	ctl_end(c, 1, GREETING);
	loop_work_add(&c->d->loop, &c->work);
}

struct ctl *
ctl_new(struct daemon *d, const char *path)
{
	struct ctl *c = mem_zalloc(sizeof(*c));
	int err = -ENOMEM;

	if (c != NULL) {
		c->d = d;
		err = ctl_door_open(c, &c->first, path, d->opt.socket_fd);
	}
	if (err < 0) {
		fprintf(stderr, "warrend: %s: %s\n", path,
		    err == -EADDRINUSE ? "another warrend listens there" :
		    strerrordesc_np(-err));
		mem_free(c);
		return NULL;
	}
	list_init(&c->clients);
	list_init(&c->doors);
	d->log.tap = on_log;
	d->log.tap_ctx = c;
	return c;
}

struct ctl *
ctl_free(struct ctl *c)
{
	static const struct config none;

	if (c == NULL)
		return NULL;
	c->d->log.tap = NULL;
	LIST_EACH_SAFE(cl, &c->clients, struct ctl_client, link)
		client_free(cl);
	if (c->undo_set)
		loop_timer_clear(&c->d->loop, &c->undo);
	generation_unref(c->before);
	ctl_configure(c, &none);
	ctl_door_close(&c->first);
	mem_free(c);
	return NULL;
}
