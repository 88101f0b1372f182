/* SPDX-License-Identifier: ISC */
/* The sockets of the control protocol: that of -s, and those of "cli". */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/ctl_impl.h"

#define ACCEPTS	16		/* in one turn of the loop */

static void
on_connection(void *ctx, int events)
{
	struct ctl_door *door = ctx;
	struct ctl *ctl = door->ctl;
	int fd;

	(void)events;
	for (unsigned i = 0; i < ACCEPTS; i++) {
		fd = accept4(door->fd, NULL, NULL,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		if (ctl->n_clients >= CTL_CLIENTS)
			log_msg(&ctl->d->log, CONF_LOG_WARNING, "control",
			    "More than %d clients: the one that was quiet "
			    "for longest had to go", CTL_CLIENTS);
		ctl_client_new(ctl, fd, door->restricted);
	}
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

int
ctl_socket(const char *path)
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
	    listen(fd, 128) != 0 ? errno : 0;
	umask(mask);
	if (err == 0)
		return fd;
	close(fd);
	return -err;
}

int
ctl_door_open(struct ctl *c, struct ctl_door *door, const char *path,
    int fd)
{
	if (fd < 0)
		fd = ctl_socket(path);
	if (fd < 0)
		return fd;
	door->ctl = c;
	door->fd = fd;
	door->path = mem_strdup(path);
	door->ready = loop_fd_new(&c->d->loop, fd, on_connection, door);
	if (door->path == NULL || door->ready == NULL) {
		ctl_door_close(door);
		return -ENOMEM;
	}
	loop_fd_want(door->ready, UV_READABLE);
	return 0;
}

void
ctl_door_close(struct ctl_door *door)
{
	loop_fd_free(door->ready);
	close(door->fd);
	if (door->path != NULL)
		unlink(door->path);
	mem_free(door->path);
}

static struct ctl_door *
find_door(struct ctl *c, const char *path)
{
	LIST_EACH(door, &c->doors, struct ctl_door, link)
		if (strcmp(door->path, path) == 0)
			return door;
	return NULL;
}

static void
add_door(struct ctl *c, const struct conf_cli *cf)
{
	struct ctl_door *door = find_door(c, cf->path);
	int err = -ENOMEM;

	if (door == NULL && (door = mem_zalloc(sizeof(*door))) != NULL) {
		err = ctl_door_open(c, door, cf->path, -1);
		if (err == 0) {
			list_push_back(&c->doors, &door->link);
		} else {
			mem_free(door);
			door = NULL;
		}
	}
	if (door == NULL) {
		log_msg(&c->d->log, CONF_LOG_ERROR, "control",
		    "Cannot listen at %s: %s", cf->path,
		    strerrordesc_np(-err));
		return;
	}
	door->restricted = cf->restricted;
	door->wanted = true;
}

void
ctl_configure(struct ctl *c, const struct config *cf)
{
	LIST_EACH(door, &c->doors, struct ctl_door, link)
		door->wanted = false;
	for (const struct conf_cli *x = cf->clis; x != NULL; x = x->next)
		add_door(c, x);
	LIST_EACH_SAFE(door, &c->doors, struct ctl_door, link) {
		if (door->wanted)
			continue;
		list_remove(&door->link);
		ctl_door_close(door);
		mem_free(door);
	}
}
