/* SPDX-License-Identifier: ISC */
#include "daemon/mrtdump.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/proto.h"
#include "sys/clock.h"

/* A turn's records; the longest message and its head must fit. */
#define BUFFER	((size_t)256 << 10)

struct mrtdump {
	struct daemon *d;
	char *path;
	int fd;
	uint8_t *buf;
	size_t n;
	struct loop_work work;
};

static void
flush(struct mrtdump *m)
{
	size_t done = 0;

	while (m->fd >= 0 && done < m->n) {
		ssize_t n = write(m->fd, m->buf + done, m->n - done);

		if (n >= 0) {
			done += (size_t)n;
		} else if (errno != EINTR) {
			log_msg(&m->d->log, CONF_LOG_ERROR, NULL,
			    "mrtdump %s: %s; it ends here", m->path,
			    strerrordesc_np(errno));
			close(m->fd);
			m->fd = -1;
		}
	}
	m->n = 0;
}

static bool
on_work(void *ctx)
{
	flush(ctx);
	return false;
}

struct mrtdump *
mrtdump_free(struct daemon *d)
{
	struct mrtdump *m = d->mrtdump;

	d->mrtdump = NULL;
	if (m == NULL)
		return NULL;
	flush(m);
	loop_work_clear(&m->work);
	if (m->fd >= 0)
		close(m->fd);
	mem_free(m->path);
	mem_free(m->buf);
	mem_free(m);
	return NULL;
}

static struct mrtdump *
begin(struct daemon *d, const char *path)
{
	struct mrtdump *m = mem_zalloc(sizeof(*m));

	if (m == NULL)
		return NULL;
	m->d = d;
	m->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	m->path = mem_strdup(path);
	m->buf = mem_alloc(BUFFER);
	loop_work_init(&m->work, on_work, m);
	if (m->fd < 0)
		log_msg(&d->log, CONF_LOG_ERROR, NULL, "mrtdump %s: %s", path,
		    strerrordesc_np(errno));
	return m;
}

void
mrtdump_configure(struct daemon *d)
{
	const char *path = d->gen->config->mrtdump;

	if (d->mrtdump != NULL && path != NULL && d->mrtdump->fd >= 0 &&
	    d->mrtdump->path != NULL && strcmp(d->mrtdump->path, path) == 0)
		return;
	mrtdump_free(d);
	if (path == NULL)
		return;
	d->mrtdump = begin(d, path);
	if (d->mrtdump != NULL && (d->mrtdump->path == NULL ||
	    d->mrtdump->buf == NULL))
		mrtdump_free(d);
}

bool
mrtdump_wants(const struct proto *p, unsigned bit)
{
	const struct mrtdump *m = p->d->mrtdump;

	return m != NULL && m->fd >= 0 &&
	    (p->mrtdump_by_hand ? p->mrtdump : p->cf->mrtdump) & bit;
}

static struct wr
room(struct mrtdump *m, size_t n)
{
	if (m->n + n > BUFFER)
		flush(m);
	return wr_of(m->buf + m->n, BUFFER - m->n);
}

static void
done(struct mrtdump *m, struct wr *w)
{
	if (!w->bad)
		m->n += wr_len(w);
	loop_work_add(&m->d->loop, &m->work);
}

void
mrtdump_message(struct daemon *d, const struct mrt_link *l,
    struct bytes message)
{
	const struct wall now = clock_wall();
	struct wr w = room(d->mrtdump, message.n + MRT_BGP4MP_HEAD);

	mrt_bgp4mp_message(&w, (uint32_t)now.s, l, message);
	done(d->mrtdump, &w);
}

void
mrtdump_state(struct daemon *d, const struct mrt_link *l, unsigned was,
    unsigned is)
{
	const struct wall now = clock_wall();
	struct wr w = room(d->mrtdump, MRT_BGP4MP_HEAD);

	mrt_bgp4mp_state(&w, (uint32_t)now.s, l, was, is);
	done(d->mrtdump, &w);
}
