/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/list.h"
#include "base/mem.h"
#include "tunneld/control.h"
#include "tunneld/log.h"
#include "tunneld/loop.h"
#include "tunneld/tunnel.h"
#include "wg/uapi.h"

enum { CHUNK = 16384 };

struct control {
	struct loop *loop;
	struct tunnel *tunnel;
	struct watch listen_watch, file_watch;
	int listen_fd, inotify_fd;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	ino_t inode;			/* of our socket's file */
	struct list clients;
	unsigned n_clients;
	bool gone;
};

/* One connection, with what was read and not yet understood. */
struct client {
	struct list link;
	struct control *control;
	struct watch watch;
	struct wg_uapi *uapi;
	uint32_t events;		/* watched for */
	size_t sent;			/* of the reply that is under way */
	size_t at, have;		/* of in */
	uint8_t in[CHUNK];
};

static void
client_free(struct client *cl)
{
	int fd = cl->watch.fd;

	loop_forget(cl->control->loop, &cl->watch);
	if (fd >= 0)
		close(fd);
	list_remove(&cl->link);
	cl->control->n_clients--;
	wg_uapi_free(cl->uapi);
	mem_wipe(cl, sizeof(*cl));	/* there were keys in it */
	mem_free(cl);
}

/* False when the connection is at its end. */
static bool
send_reply(struct client *cl, bool *ret_blocked)
{
	struct bytes reply = wg_uapi_reply(cl->uapi);
	ssize_t n;

	while (cl->sent < reply.n) {
		n = send(cl->watch.fd, reply.p + cl->sent, reply.n - cl->sent,
		    MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			*ret_blocked = errno == EAGAIN;
			return *ret_blocked;
		}
		cl->sent += (size_t)n;
	}
	if (reply.n > 0)
		wg_uapi_sent(cl->uapi);
	cl->sent = 0;
	return !wg_uapi_broken(cl->uapi);
}

/* Replies and requests by turns, until what was read is used up. */
static bool
converse(struct client *cl, bool *ret_blocked)
{
	for (;;) {
		if (!send_reply(cl, ret_blocked))
			return false;
		if (*ret_blocked || cl->at == cl->have)
			return true;
		cl->at += wg_uapi_feed(cl->uapi, tunnel_now(),
		    bytes_of(cl->in + cl->at, cl->have - cl->at));
	}
}

static bool
read_more(struct client *cl)
{
	ssize_t n;

	if (cl->at < cl->have)
		return true;
	do
		n = recv(cl->watch.fd, cl->in, sizeof(cl->in), 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	cl->at = 0;
	cl->have = (size_t)n;
	return true;
}

static void
client_ready(void *arg, uint32_t events)
{
	struct client *cl = arg;
	bool blocked = false;
	uint32_t want;

	if ((events & EPOLLERR) || ((events & EPOLLIN) && !read_more(cl)) ||
	    !converse(cl, &blocked)) {
		client_free(cl);
		return;
	}
	if (!(events & (EPOLLIN | EPOLLOUT))) {	/* EPOLLHUP alone */
		client_free(cl);
		return;
	}
	want = blocked ? EPOLLOUT : EPOLLIN;
	if (want != cl->events) {
		(void)loop_change(cl->control->loop, &cl->watch, want);
		cl->events = want;
	}
}

static struct client *
client_new(struct control *c)
{
	const struct wg_uapi_hooks hooks = { .arg = c->tunnel,
	    .set_listen_port = tunnel_set_listen_port,
	    .set_fwmark = tunnel_set_fwmark,
	    .listen_port = tunnel_listen_port,
	    .fwmark = tunnel_fwmark, .scope = tunnel_scope };
	struct client *cl = mem_zalloc(sizeof(*cl));

	if (!cl)
		return NULL;
	cl->uapi = wg_uapi_new(tunnel_device(c->tunnel), &hooks);
	if (!cl->uapi) {
		mem_free(cl);
		return NULL;
	}
	cl->control = c;
	cl->events = EPOLLIN;
	cl->watch = (struct watch){ -1, client_ready, cl };
	list_push_back(&c->clients, &cl->link);
	c->n_clients++;
	return cl;
}

static void
listen_ready(void *arg, uint32_t events)
{
	struct control *c = arg;
	int fd = accept4(c->listen_fd, NULL, NULL,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *cl = NULL;

	(void)events;
	if (fd < 0)
		return;
	if (c->n_clients < CONTROL_CLIENTS_MAX)
		cl = client_new(c);
	if (!cl) {
		log_error("system", "no room for one more client");
		close(fd);
		return;
	}
	if (loop_watch(c->loop, &cl->watch, fd, EPOLLIN) < 0) {
		close(fd);
		client_free(cl);
	}
}

/* Another file at our path is another's socket. */
static bool
is_ours(const struct control *c)
{
	struct stat st;

	return lstat(c->path, &st) == 0 && st.st_ino == c->inode;
}

static void
file_ready(void *arg, uint32_t events)
{
	char buf[4096] __attribute__((aligned(8)));
	struct control *c = arg;

	(void)events;
	while (read(c->inotify_fd, buf, sizeof(buf)) > 0)
		;
	if (!is_ours(c))
		c->gone = true;
}

int
control_path(const char *iface, char *buf, unsigned cap)
{
	int n = snprintf(buf, cap, CONTROL_DIR "/%s.sock", iface);

	return n < 0 || (unsigned)n >= cap ? -ENAMETOOLONG : 0;
}

static int
unix_address(const char *iface, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	return control_path(iface, ret->sun_path, sizeof(ret->sun_path));
}

static bool
answers(const struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);
	bool yes;

	if (fd < 0)
		return false;
	/* EAGAIN: its queue is full, so there is somebody. */
	yes = connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0 ||
	    errno == EAGAIN;
	close(fd);
	return yes;
}

static int
bind_private(int fd, const struct sockaddr_un *a)
{
	mode_t old = umask(0177);
	int err = 0;

	if (bind(fd, (const struct sockaddr *)a, sizeof(*a)) < 0)
		err = -errno;
	umask(old);
	if (!err && listen(fd, CONTROL_CLIENTS_MAX) < 0)
		err = -errno;
	return err;
}

int
control_listen(const char *iface)
{
	struct sockaddr_un a;
	int fd, err = unix_address(iface, &a);

	if (err)
		return err;
	if (mkdir(CONTROL_DIR, 0755) < 0 && errno != EEXIST)
		return -errno;
	if (answers(&a))
		return -EADDRINUSE;
	if (unlink(a.sun_path) < 0 && errno != ENOENT)
		return -errno;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	err = bind_private(fd, &a);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

static int
watch_file(struct control *c)
{
	struct stat st;

	if (lstat(c->path, &st) < 0)
		return -errno;
	c->inode = st.st_ino;
	c->inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (c->inotify_fd < 0 || inotify_add_watch(c->inotify_fd, c->path,
	    IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF) < 0)
		return -errno;
	return loop_watch(c->loop, &c->file_watch, c->inotify_fd, EPOLLIN);
}

static int
start(struct control *c, int fd)
{
	int err = control_path(tunnel_name(c->tunnel), c->path,
	    sizeof(c->path));

	if (err)
		return err;
	c->listen_fd = fd >= 0 ? fd : control_listen(tunnel_name(c->tunnel));
	if (c->listen_fd < 0)
		return c->listen_fd;
	err = watch_file(c);
	if (!err)
		err = loop_watch(c->loop, &c->listen_watch, c->listen_fd,
		    EPOLLIN);
	return err;
}

int
control_new(struct loop *l, struct tunnel *t, int fd,
    struct control **ret_control)
{
	struct control *c = mem_zalloc(sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->loop = l;
	c->tunnel = t;
	c->listen_fd = c->inotify_fd = -1;
	c->listen_watch = (struct watch){ -1, listen_ready, c };
	c->file_watch = (struct watch){ -1, file_ready, c };
	list_init(&c->clients);
	err = start(c, fd);
	if (err) {
		control_free(c);
		return err;
	}
	*ret_control = c;
	return 0;
}

struct control *
control_free(struct control *c)
{
	if (!c)
		return NULL;
	LIST_EACH_SAFE(cl, &c->clients, struct client, link)
		client_free(cl);
	loop_forget(c->loop, &c->listen_watch);
	loop_forget(c->loop, &c->file_watch);
	if (c->inode != 0 && is_ours(c))
		unlink(c->path);
	if (c->listen_fd >= 0)
		close(c->listen_fd);
	if (c->inotify_fd >= 0)
		close(c->inotify_fd);
	mem_free(c);
	return NULL;
}

bool
control_gone(const struct control *c)
{
	return c->gone;
}
