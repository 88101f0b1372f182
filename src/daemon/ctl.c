/* SPDX-License-Identifier: ISC */
#include "daemon/ctl_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
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

static void
client_new(struct ctl *ctl, int fd)
{
	struct ctl_client *c = mem_zalloc(sizeof(*c));

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
	text_init(&c->r.out, CTL_OUT);
	text_init(&c->row, CTL_OUT);
	loop_work_init(&c->work, client_work, c);
	list_push_back(&ctl->clients, &c->link);
	ctl->n_clients++;
	ctl_end(c, 1, GREETING);
	loop_work_add(&c->d->loop, &c->work);
}

static void
on_connection(void *ctx, int events)
{
	struct ctl *ctl = ctx;
	int fd = accept4(ctl->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	if (ctl->n_clients >= CTL_CLIENTS) {
		log_msg(&ctl->d->log, CONF_LOG_WARNING, "control",
		    "More than %d clients: one was turned away", CTL_CLIENTS);
		close(fd);
		return;
	}
	client_new(ctl, fd);
}

/* Does anybody answer there? */
static bool
somebody_listens(const struct sockaddr_un *sa)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes = fd >= 0 &&
	    connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0;

	if (fd >= 0)
		close(fd);
	return yes;
}

/* The socket, or a negative errno. */
static int
open_socket(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd, err;
	mode_t mask;

	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	strcpy(sa.sun_path, path);
	if (somebody_listens(&sa))
		return -EADDRINUSE;
	unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	mask = umask(0117);
	err = bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) != 0 ||
	    listen(fd, 16) != 0 ? errno : 0;
	umask(mask);
	if (err == 0)
		return fd;
	close(fd);
	return -err;
}

struct ctl *
ctl_new(struct daemon *d, const char *path)
{
	int fd = open_socket(path);
	struct ctl *c;

	if (fd < 0) {
		fprintf(stderr, "warrend: %s: %s\n", path,
		    fd == -EADDRINUSE ? "another warrend listens there" :
		    strerrordesc_np(-fd));
		return NULL;
	}
	c = mem_zalloc(sizeof(*c));
	if (c == NULL)
		goto fail;
	c->d = d;
	c->fd = fd;
	list_init(&c->clients);
	c->path = mem_strdup(path);
	c->ready = loop_fd_new(&d->loop, fd, on_connection, c);
	if (c->path == NULL || c->ready == NULL) {
		loop_fd_free(c->ready);
		mem_free(c->path);
		mem_free(c);
		goto fail;
	}
	loop_fd_want(c->ready, UV_READABLE);
	d->log.tap = on_log;
	d->log.tap_ctx = c;
	return c;
fail:
	close(fd);
	fputs("warrend: control socket: out of memory\n", stderr);
	return NULL;
}

struct ctl *
ctl_free(struct ctl *c)
{
	if (c == NULL)
		return NULL;
	c->d->log.tap = NULL;
	LIST_EACH_SAFE(cl, &c->clients, struct ctl_client, link)
		client_free(cl);
	if (c->undo_set)
		loop_timer_clear(&c->d->loop, &c->undo);
	generation_unref(c->before);
	loop_fd_free(c->ready);
	close(c->fd);
	unlink(c->path);
	mem_free(c->path);
	mem_free(c);
	return NULL;
}
