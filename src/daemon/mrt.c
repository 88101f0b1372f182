/* SPDX-License-Identifier: ISC */
#include "daemon/mrt.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "bgp/mrt.h"
#include "bgp/neighbour.h"
#include "sys/clock.h"
#include "wire/mrt.h"

#define NETS_SLICE	1024
#define BUFFER		((size_t)256 << 10)
#define BUFFER_MAX	((size_t)64 << 20)	/* one net's record */
#define PEERS_MAX	65535
#define NAME_SIZE	1024

/* What a source of the table is in the dump. */
struct source {
	const struct rt_owner *owner;	/* never followed; NULL: none */
	uint16_t peer;
};

struct mrt_dump {
	struct daemon *d;
	struct mrt_what what;
	char *filename;
	struct dtable **table;		/* each has us as its user */
	unsigned n_tables, at;
	/* Of the table at hand: */
	bool writing;			/* the second time */
	uint32_t pos;
	struct source *source;		/* by number */
	uint32_t n_sources;
	struct mrt_peer *peer;
	unsigned n_peers, room_peers;
	uint32_t seq, time;
	int fd;
	uint8_t *buf;
	size_t used, cap;
	const char *error;		/* NULL: all is well */
};

static void
table_done(struct mrt_dump *m)
{
	mem_free(m->source);
	mem_free(m->peer);
	m->source = NULL;
	m->peer = NULL;
	m->n_sources = m->n_peers = m->room_peers = 0;
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
	m->writing = false;
	m->pos = RT_NONE;
	m->used = m->seq = 0;
}

struct mrt_dump *
mrt_dump_free(struct mrt_dump *m)
{
	if (m == NULL)
		return NULL;
	table_done(m);
	for (unsigned i = 0; i < m->n_tables; i++)
		m->table[i]->users--;
	if (m->what.gen != NULL)
		generation_unref(m->what.gen);
	mem_free(m->table);
	mem_free(m->filename);
	mem_free(m->buf);
	mem_free(m);
	return NULL;
}

static void
fail(struct mrt_dump *m, const char *why)
{
	if (m->error == NULL)
		m->error = why;
}

static bool
flush(struct mrt_dump *m)
{
	size_t done = 0;

	while (m->error == NULL && done < m->used) {
		ssize_t n = write(m->fd, m->buf + done, m->used - done);

		if (n < 0 && errno != EINTR)
			fail(m, strerrordesc_np(errno));
		else if (n > 0)
			done += (size_t)n;
	}
	m->used = 0;
	return m->error == NULL;
}

/* Room where there was not enough; false when that cannot be. */
static bool
more_room(struct mrt_dump *m)
{
	size_t cap = m->used > 0 ? m->cap : m->cap * 2;
	uint8_t *buf;

	if (!flush(m))
		return false;
	if (cap == m->cap)
		return true;
	buf = cap <= BUFFER_MAX ? mem_resize(m->buf, cap, 1) : NULL;
	if (buf == NULL) {
		fail(m, "Out of memory");
		return false;
	}
	m->buf = buf;
	m->cap = cap;
	return true;
}

/* Peer 0 is nobody: who announces without BGP. */
static bool
add_peer(struct mrt_dump *m, const struct mrt_peer *p, uint16_t *ret)
{
	unsigned room = m->room_peers ? m->room_peers * 2 : 64;
	struct mrt_peer *peer;

	if (m->n_peers == m->room_peers) {
		peer = mem_resize(m->peer, room, sizeof(*peer));
		if (peer == NULL || m->n_peers == PEERS_MAX) {
			fail(m, "Out of memory");
			return false;
		}
		m->peer = peer;
		m->room_peers = room;
	}
	*ret = (uint16_t)m->n_peers;
	m->peer[m->n_peers++] = *p;
	return true;
}

/* Several sources, one for each path id, may have one owner. */
static bool
peer_of(struct mrt_dump *m, const struct rt_owner *o, uint16_t *ret)
{
	const struct mrt_peer p = { .router_id = o->router_id, .ip = o->addr,
	    .as = o->as };

	*ret = 0;
	if (o->cls != &bgp_rt_class)
		return true;
	for (uint32_t i = 0; i < m->n_sources; i++)
		if (m->source[i].owner == o) {
			*ret = m->source[i].peer;
			return true;
		}
	return add_peer(m, &p, ret);
}

static void
meet(struct mrt_dump *m, const struct rt_route *r)
{
	const struct rt_src *src = rt_src_at(m->table[m->at]->t, r->src);
	const uint32_t n = r->src, room = (n | 63) + 1;
	struct source *s = m->source;
	uint16_t peer;

	if (n >= m->n_sources) {
		s = mem_resize(s, room, sizeof(*s));
		if (s == NULL) {
			fail(m, "Out of memory");
			return;
		}
		memset(s + m->n_sources, 0,
		    (room - m->n_sources) * sizeof(*s));
		m->source = s;
		m->n_sources = room;
	}
	if (s[n].owner == NULL && peer_of(m, src->origin, &peer))
		s[n] = (struct source){ src->origin, peer };
}

static bool
knows(const struct mrt_dump *m, const struct rt_src *src)
{
	return src->number < m->n_sources &&
	    m->source[src->number].owner == src->origin;
}

/* The route's set as the filter leaves it, counted; NULL: not dumped. */
static const struct attrs *
judge(struct mrt_dump *m, const struct rt_route *r, const struct rt_src *src)
{
	const struct rt_table *t = m->table[m->at]->t;
	struct rt_edit e = { .net = rt_prefix(t, r->net), .table = t,
	    .src = src, .route = r };

	if (m->what.filter == NULL)
		return attrs_ref(r->attrs);
	attrs_edit_init(&e.a, r->attrs);
	if (filter_run(m->what.filter, &e, &m->d->filters) == RT_REJECT)
		return NULL;
	return attrs_intern(m->d->pool, &e.a);
}

static uint32_t
wall_of(struct instant t)
{
	return (uint32_t)(clock_wall().s -
	    instant_sub(loop_now(), t) / SECONDS(1));
}

/* True: it is in the record. */
static bool
put_route(struct mrt_dump *m, struct wr *w, const struct rt_route *r,
    bool add_path)
{
	const struct rt_table *t = m->table[m->at]->t;
	const struct rt_src *src = rt_src_at(t, r->src);
	const bool has_id = src->path_id != 0 || m->what.always_add_path;
	struct prefix net = rt_prefix(t, r->net);
	const struct attrs *a;
	uint8_t *mark;

	if (!rt_usable(r) || !knows(m, src) || has_id != add_path)
		return false;
	a = judge(m, r, src);
	if (a == NULL)
		return false;
	mark = mrt_entry_begin(w, m->source[src->number].peer,
	    wall_of(rt_changed(t, r)), add_path, src->path_id);
	bgp_mrt_attrs(w, a, prefix_family(&net));
	mrt_entry_end(w, mark);
	attrs_unref(m->d->pool, a);
	return true;
}

static void
put_record(struct mrt_dump *m, uint32_t id, bool add_path)
{
	const struct rt_table *t = m->table[m->at]->t;
	const struct prefix net = rt_prefix(t, id);
	struct wr w = wr_of(m->buf + m->used, m->cap - m->used);
	uint8_t *mark = mrt_rib_begin(&w, m->time, m->seq, &net, add_path);
	unsigned n = 0;

	for (const struct rt_route *r = rt_route_at(t,
	    rt_net_at(t, id)->routes); r != NULL && n < MRT_ENTRIES_MAX;
	    r = rt_next(t, r))
		n += put_route(m, &w, r, add_path);
	mrt_rib_end(&w, mark, &net, n);
	if (n == 0)
		return;
	if (!w.bad) {
		m->used += wr_len(&w);
		m->seq++;
	} else if (more_room(m)) {
		put_record(m, id, add_path);
	}
}

/* strftime's own words in the name of a table mean nothing. */
static void
add_name(struct text *t, const char *name)
{
	for (; *name != '\0'; name++)
		text_printf(t, "%s%c", *name == '%' ? "%" : "", *name);
}

static bool
name_file(const struct mrt_dump *m, char ret[NAME_SIZE])
{
	const char *name = m->table[m->at]->name, *f = m->filename;
	const time_t now = (time_t)clock_wall().s;
	struct text t;
	struct tm tm;
	bool ok;

	text_init(&t, NAME_SIZE);
	for (; *f != '\0'; f++) {
		if (f[0] == '%' && f[1] == 'N') {
			add_name(&t, name);
			f++;
		} else if (f[0] == '%' && f[1] != '\0') {
			text_printf(&t, "%c%c", f[0], f[1]);
			f++;
		} else {
			text_printf(&t, "%c", *f);
		}
	}
	/* The format is a person's, out of the configuration. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	ok = !t.bad && localtime_r(&now, &tm) != NULL &&
	    strftime(ret, NAME_SIZE, t.s, &tm) > 0;
#pragma GCC diagnostic pop
	text_done(&t);
	return ok;
}

static void
begin_file(struct mrt_dump *m)
{
	char name[NAME_SIZE];
	struct wr w;

	if (!name_file(m, name)) {
		fail(m, "A file name that is too long, or none");
		return;
	}
	m->fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (m->fd < 0) {
		fail(m, strerrordesc_np(errno));
		return;
	}
	m->time = (uint32_t)clock_wall().s;
	do {
		w = wr_of(m->buf, m->cap);
		mrt_peer_index(&w, m->time, m->d->router_id,
		    m->table[m->at]->name, m->peer, m->n_peers);
	} while (w.bad && more_room(m));
	m->used = wr_len(&w);
	m->writing = true;
	m->pos = RT_NONE;
}

static void
visit(struct mrt_dump *m, uint32_t id)
{
	const struct rt_table *t = m->table[m->at]->t;

	if (m->writing) {
		put_record(m, id, false);
		put_record(m, id, true);
		return;
	}
	for (const struct rt_route *r = rt_route_at(t,
	    rt_net_at(t, id)->routes); r != NULL; r = rt_next(t, r))
		meet(m, r);
}

/* True: the table is not at its end. */
static bool
walk(struct mrt_dump *m)
{
	const struct rt_table *t = m->table[m->at]->t;

	for (unsigned n = 0; n < NETS_SLICE && m->error == NULL; n++) {
		m->pos = rt_walk(t, m->pos);
		if (m->pos == RT_NONE)
			return false;
		visit(m, m->pos);
	}
	return m->error == NULL;
}

bool
mrt_dump_step(struct mrt_dump *m)
{
	const struct mrt_peer nobody = { 0 };
	uint16_t zero;

	if (m->error != NULL || m->at == m->n_tables)
		return false;
	if (m->n_peers == 0)
		add_peer(m, &nobody, &zero);
	if (walk(m) || m->error != NULL)
		return m->error == NULL;
	if (!m->writing) {
		begin_file(m);
	} else if (flush(m)) {
		table_done(m);
		m->at++;
	}
	return m->error == NULL && m->at < m->n_tables;
}

const char *
mrt_dump_error(const struct mrt_dump *m, const char **ret_table)
{
	*ret_table = m->error ? m->table[m->at]->name : "";
	return m->error;
}

static bool
matches(const struct mrt_what *w, const struct dtable *t)
{
	if (t->kind != NET_IP4 && t->kind != NET_IP6)
		return false;
	return w->pattern ? fnmatch(w->table, t->name, 0) == 0 :
	    strcmp(w->table, t->name) == 0;
}

static bool
take_tables(struct mrt_dump *m, const struct mrt_what *w)
{
	unsigned n = 0;

	LIST_EACH(t, &m->d->tables, struct dtable, link)
		n += matches(w, t);
	m->table = mem_array(n + 1, sizeof(*m->table));
	if (m->table == NULL)
		return false;
	LIST_EACH(t, &m->d->tables, struct dtable, link)
		if (matches(w, t)) {
			m->table[m->n_tables++] = t;
			t->users++;
		}
	return true;
}

struct mrt_dump *
mrt_dump_new(struct daemon *d, const struct mrt_what *w)
{
	struct mrt_dump *m = mem_zalloc(sizeof(*m));

	if (m == NULL)
		return NULL;
	m->d = d;
	m->what = *w;
	m->what.gen = w->gen ? generation_ref(w->gen) : NULL;
	m->fd = -1;
	m->pos = RT_NONE;
	m->cap = BUFFER;
	m->filename = mem_strdup(w->filename);
	m->buf = mem_alloc(m->cap);
	if (m->filename == NULL || m->buf == NULL || !take_tables(m, w))
		return mrt_dump_free(m);
	return m;
}
