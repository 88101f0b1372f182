/* SPDX-License-Identifier: ISC */
#include "sys/uapi_client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/list.h"
#include "base/mem.h"

#define REPLY_FIRST	4096

struct request {
	struct list link;
	struct instant deadline;
	int64_t timeout;
	uapi_client_done *done;
	void *ctx;
	size_t n;
	uint8_t text[];
};

struct uapi_client {
	struct sockaddr_un address;
	int fd;			/* -1: not connected */
	int err;		/* to be told at the next _tick() */
	struct list line;	/* the first one is under way */
	size_t sent;		/* of the first */
	uint8_t *reply;
	size_t n, cap;
};

static int
address_of(struct sockaddr_un *a, const char *iface)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (iface[0] == '\0' || strchr(iface, '/') ||
	    (size_t)snprintf(a->sun_path, sizeof(a->sun_path), UAPI_DIR
	    "/%s.sock", iface) >= sizeof(a->sun_path))
		return -EINVAL;
	return 0;
}

int
uapi_client_new(const char *iface, struct uapi_client **ret_client)
{
	struct uapi_client *c = mem_zalloc(sizeof(*c));
	int err;

	*ret_client = NULL;
	if (!c)
		return -ENOMEM;
	c->fd = -1;
	list_init(&c->line);
	err = address_of(&c->address, iface);
	if (err) {
		mem_free(c);
		return err;
	}
	*ret_client = c;
	return 0;
}

static void
request_free(struct request *q)
{
	list_remove(&q->link);
	mem_wipe(q->text, q->n);
	mem_free(q);
}

static void
reply_free(uint8_t *p, size_t cap)
{
	if (p)
		mem_wipe(p, cap);
	mem_free(p);
}

static void
disconnect(struct uapi_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	c->sent = 0;
	reply_free(c->reply, c->cap);
	c->reply = NULL;
	c->n = c->cap = 0;
}

struct uapi_client *
uapi_client_free(struct uapi_client *c)
{
	if (!c)
		return NULL;
	disconnect(c);
	LIST_EACH_SAFE(q, &c->line, struct request, link)
		request_free(q);
	mem_free(c);
	return NULL;
}

static struct request *
first(const struct uapi_client *c)
{
	return list_empty(&c->line) ? NULL :
	    container_of(c->line.next, struct request, link);
}

static int
connect_to(const struct sockaddr_un *a, int flags)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), err;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)a, sizeof(*a)) < 0) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

/* 0 when all is sent or has to wait. */
static int
send_first(struct uapi_client *c, const struct request *q)
{
	ssize_t n;

	while (c->sent < q->n) {
		n = send(c->fd, q->text + c->sent, q->n - c->sent,
		    MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		c->sent += (size_t)n;
	}
	return 0;
}

/* Puts the first in line on its way; an error is told by _tick(). */
static void
begin(struct uapi_client *c, struct instant now)
{
	struct request *q = first(c);
	int fd;

	if (!q || c->err)
		return;
	q->deadline = instant_add(now, q->timeout);
	if (c->fd < 0) {
		fd = connect_to(&c->address, SOCK_NONBLOCK);
		if (fd < 0)
			c->err = fd;
		else
			c->fd = fd;
	}
	c->sent = 0;
	if (!c->err)
		c->err = send_first(c, q);
}

int
uapi_client_request(struct uapi_client *c, struct bytes request,
    struct instant now, int64_t timeout, uapi_client_done *done, void *ctx)
{
	struct request *q = mem_alloc(sizeof(*q) + request.n);
	bool alone = list_empty(&c->line);

	if (!q)
		return -ENOMEM;
	*q = (struct request){ .timeout = timeout, .done = done, .ctx = ctx,
	    .n = request.n, .deadline = INSTANT_NEVER };
	memcpy(q->text, request.p, request.n);
	list_push_back(&c->line, &q->link);
	if (alone)
		begin(c, now);
	return 0;
}

int
uapi_client_fd(const struct uapi_client *c)
{
	return c->fd;
}

short
uapi_client_events(const struct uapi_client *c)
{
	const struct request *q = first(c);

	return q && c->sent < q->n ? POLLIN | POLLOUT : POLLIN;
}

/*
 * All that were in line fail; what their callbacks ask anew begins afresh.
 * The list is taken over whole, so that only the old ones are told.
 */
static void
fail_all(struct uapi_client *c, struct instant now, int err)
{
	struct list old;

	disconnect(c);
	list_init(&old);
	if (!list_empty(&c->line)) {
		list_insert_before(&c->line, &old);
		list_remove(&c->line);
	}
	c->err = 0;
	while (!list_empty(&old)) {
		struct request *q = container_of(old.next, struct request,
		    link);
		uapi_client_done *done = q->done;
		void *ctx = q->ctx;

		request_free(q);
		done(ctx, err, bytes_of(NULL, 0));
	}
	if (c->fd < 0)
		begin(c, now);
}

static int
make_room(struct uapi_client *c)
{
	size_t cap = c->cap ? c->cap * 2 : REPLY_FIRST;
	uint8_t *p;

	if (c->n < c->cap)
		return 0;
	if (cap > UAPI_REPLY_MAX)
		return -EMSGSIZE;
	p = mem_alloc(cap);
	if (!p)
		return -ENOMEM;
	if (c->n)
		memcpy(p, c->reply, c->n);
	reply_free(c->reply, c->cap);
	c->reply = p;
	c->cap = cap;
	return 0;
}

static bool
reply_whole(const struct uapi_client *c)
{
	return c->n >= 2 && c->reply[c->n - 1] == '\n' &&
	    c->reply[c->n - 2] == '\n';
}

/* The next one goes out before the owner is told of this one. */
static void
finish_first(struct uapi_client *c, struct instant now)
{
	struct request *q = first(c);
	uapi_client_done *done = q->done;
	void *ctx = q->ctx;
	uint8_t *reply = c->reply;
	size_t n = c->n, cap = c->cap;

	c->reply = NULL;
	c->n = c->cap = 0;
	request_free(q);
	begin(c, now);
	done(ctx, 0, bytes_of(reply, n));
	reply_free(reply, cap);
}

/* 1: something came; 0: nothing now. */
static int
receive(struct uapi_client *c)
{
	int err = make_room(c);
	ssize_t n;

	if (err)
		return err;
	n = recv(c->fd, c->reply + c->n, c->cap - c->n, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -EPIPE;
	c->n += (size_t)n;
	return 1;
}

void
uapi_client_ready(struct uapi_client *c, struct instant now)
{
	struct request *q = first(c);
	int err = 0;

	if (c->fd < 0 || c->err)
		return;
	if (q)
		err = send_first(c, q);
	while (!err) {
		err = receive(c);
		if (err <= 0)
			break;
		/* Unasked for: whoever it is, it does not speak UAPI. */
		err = first(c) ? 0 : -EPROTO;
		if (!err && reply_whole(c)) {
			finish_first(c, now);
			return;
		}
	}
	if (err < 0)
		fail_all(c, now, err);
}

struct instant
uapi_client_deadline(const struct uapi_client *c)
{
	const struct request *q = first(c);

	if (c->err)
		return INSTANT_ZERO;
	return q ? q->deadline : INSTANT_NEVER;
}

void
uapi_client_tick(struct uapi_client *c, struct instant now)
{
	const struct request *q = first(c);

	if (c->err)
		fail_all(c, now, c->err);
	else if (q && instant_due(q->deadline, now))
		fail_all(c, now, -ETIMEDOUT);
}

bool
uapi_client_alive(const char *iface)
{
	struct sockaddr_un a;
	int fd;

	if (address_of(&a, iface))
		return false;
	fd = connect_to(&a, SOCK_NONBLOCK);
	if (fd >= 0)
		close(fd);
	/* Somebody listens, and has more to do than we like. */
	return fd >= 0 || fd == -EAGAIN;
}
