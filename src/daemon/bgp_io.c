/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/bgp.h"
#include "daemon/bgp_linger.h"
#include "daemon/vrf.h"

#define WRITES_MAX	16	/* in one turn of the loop */

void
bgp_kick(struct bgp *b)
{
	if (b->running)
		loop_work_add(&b->p.d->loop, &b->work);
}

void
bgp_io_init(struct bgp *b)
{
	for (unsigned i = 0; i < BGP_NCONNS; i++)
		b->io[i] = (struct bgp_io){ .b = b, .fd = -1,
		    .conn = (enum bgp_conn)i };
}

void
bgp_io_close(struct bgp_io *io)
{
	io->ready = loop_fd_free(io->ready);
	if (io->fd >= 0 && io->last_words)
		bgp_linger(&io->b->p.d->loop, io->fd);
	else if (io->fd >= 0)
		close(io->fd);
	io->fd = -1;
	mem_free(io->buf);
	io->buf = NULL;
	io->from = io->to = 0;
	io->connecting = io->hang_up = io->last_words = false;
	io->readable = false;
}

void
bgp_io_lost(struct bgp_io *io, int err)
{
	struct bgp *b = io->b;

	bgp_io_close(io);
	bgp_neighbour_link(b->n, io->conn, loop_now(), false, err, NULL);
	bgp_kick(b);
}

static uint32_t
link_index(const struct bgp *b, const struct tcp_end *remote)
{
	const struct iface *i;

	if (b->p.cf->bgp.multihop != 0)
		return 0;
	if (remote->scope != 0)
		return remote->scope;
	if (b->p.cf->bgp.onlink && b->remote.scope != 0)
		return b->remote.scope;
	i = vrf_iface_to(&b->p, remote->ip, b->remote.scope,
	    NULL);
	return i ? i->index : 0;
}

/* The connection stands: a buffer for it, and the neighbour is told. */
static void
linked(struct bgp_io *io)
{
	struct tcp_end local = { 0 }, remote = { 0 };
	struct bgp_link link;
	struct bgp *b = io->b;

	io->connecting = false;
	io->buf = mem_alloc(BGP_IO_BUFFER);
	if (io->buf == NULL || tcp_ends(io->fd, &local, &remote) < 0) {
		bgp_io_lost(io, io->buf ? ENOTCONN : ENOMEM);
		return;
	}
	link = (struct bgp_link){ .local = local.ip, .remote = remote.ip,
	    .ifindex = link_index(b, &remote) };
	bgp_neighbour_link(b->n, io->conn, loop_now(), true, 0, &link);
	bgp_kick(b);
}

static void
offer(struct bgp_io *io)
{
	while (io->fd >= 0 && !io->hang_up && io->from < io->to) {
		size_t took = bgp_neighbour_rx(io->b->n, io->conn,
		    loop_now(), bytes_of(io->buf + io->from,
		    io->to - io->from));

		io->from += took;
		if (took == 0)
			break;
	}
	if (io->from == io->to)
		io->from = io->to = 0;
}

/* Once, a buffer full. */
static void
receive(struct bgp_io *io)
{
	ssize_t n;

	io->readable = false;
	if (io->fd < 0 || io->hang_up || io->from < io->to)
		return;		/* it has not digested the last */
	n = recv(io->fd, io->buf, BGP_IO_BUFFER, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		bgp_io_lost(io, n < 0 ? errno : 0);
		return;
	}
	/* "disable rx": it is as if the peer had said nothing new. */
	if (io->b->p.cf->bgp.disable_rx &&
	    bgp_neighbour_established(io->b->n)) {
		bgp_neighbour_busy(io->b->n, loop_now());
		return;
	}
	io->to = (size_t)n;
}

void
bgp_io_read(struct bgp_io *io)
{
	if (io->readable)
		receive(io);
	offer(io);
}

static void
on_ready(void *ctx, int events)
{
	struct bgp_io *io = ctx;
	int err;

	if (io->connecting) {
		err = tcp_connected(io->fd);
		if (err < 0)
			bgp_io_lost(io, -err);
		else
			linked(io);
	} else if (events & UV_READABLE) {
		/* Others wait for their turn, too: it is a piece of work. */
		io->readable = true;
	}
	bgp_kick(io->b);
}

void
bgp_io_write(struct bgp_io *io)
{
	for (unsigned i = 0; io->fd >= 0 && !io->connecting &&
	    i < WRITES_MAX; i++) {
		struct bytes b = bgp_neighbour_tx(io->b->n, io->conn);
		ssize_t n;

		if (b.n == 0)
			return;
		n = send(io->fd, b.p, b.n, MSG_NOSIGNAL);
		if (n < 0) {
			if (errno != EAGAIN && errno != EINTR &&
			    !io->hang_up)
				bgp_io_lost(io, errno);
			return;
		}
		bgp_neighbour_sent(io->b->n, io->conn, loop_now(), (size_t)n);
	}
}

/* Once, until it is less than half of what was too much. */
static void
warn_of(struct bgp *b, unsigned bit, const char *whose, size_t n,
    uint32_t most)
{
	if (most == 0 || n < most / 2) {
		b->tx_warned &= ~(1u << bit);
	} else if (n >= most && !(b->tx_warned & 1u << bit)) {
		b->tx_warned |= 1u << bit;
		proto_log(&b->p, CONF_LOG_WARNING, "%zu octets wait to be "
		    "sent%s%s, more than \"tx size warning %u\"", n,
		    whose[0] ? " by " : "", whose, (unsigned)most);
	}
}

void
bgp_io_warn(struct bgp *b)
{
	const struct bgp_session *s = bgp_neighbour_session(b->n);
	size_t all = bgp_session_queued(s), n;

	for (unsigned i = 0; i < b->n_chans; i++) {
		const struct conf_channel *cf = b->chan[i]->cf;

		n = bgp_neighbour_queued(b->n, i);
		all += n;
		warn_of(b, i, conf_channel_name(cf), n, cf->tx_size_warning);
	}
	warn_of(b, BGP_NFAMS, "", all, b->p.cf->bgp.tx_size_warning);
}

void
bgp_io_watch(struct bgp_io *io)
{
	int want = 0;

	if (io->ready == NULL)
		return;
	if (io->connecting || bgp_neighbour_tx(io->b->n, io->conn).n > 0)
		want |= UV_WRITABLE;
	if (!io->connecting && io->from == io->to)
		want |= UV_READABLE;
	loop_fd_want(io->ready, want);
}

static bool
watch(struct bgp_io *io, int fd)
{
	io->fd = fd;
	io->ready = loop_fd_new(&io->b->p.d->loop, fd, on_ready, io);
	if (io->ready != NULL)
		return true;
	bgp_io_lost(io, ENOMEM);
	return false;
}

void
bgp_io_dial(struct bgp *b)
{
	struct bgp_io *io = &b->io[BGP_DIALLED];
	struct tcp_opt opt;
	int fd;

	bgp_io_close(io);
	/* Where the peer is may have changed with the interfaces. */
	if (!bgp_find_peer(b)) {
		bgp_io_lost(io, ENETUNREACH);
		return;
	}
	bgp_socket_options(b, &opt);
	fd = bgp_ao_dial(b, &opt) ? tcp_connect(&b->local, &b->remote, &opt,
	    b->p.cf->bgp.password) : -ENOMEM;
	bgp_ao_dialled(&opt);
	if (fd < 0) {
		bgp_io_lost(io, -fd);
		return;
	}
	io->connecting = true;
	watch(io, fd);
}

/* RFC 4271 6.8. */
static void
lose_collision(struct bgp *b, int fd)
{
	const struct bgp_error e = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_COLLISION };
	uint8_t room[64];
	struct wr w = wr_of(room, sizeof(room));

	bgp_notification_encode(&w, &e);
	if (send(fd, room, wr_len(&w), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		bgp_linger(&b->p.d->loop, fd);
	else
		close(fd);
}

void
bgp_io_accepted(struct bgp *b, int fd)
{
	struct bgp_io *io = &b->io[BGP_ACCEPTED];
	struct tcp_opt opt;

	bgp_socket_options(b, &opt);
	/* The neighbour may have told us to drop the old one in the call. */
	if (!b->begun || !bgp_neighbour_accept(b->n, loop_now())) {
		tcp_set_ttl(fd, opt.ttl, opt.min_ttl);
		if (b->begun && bgp_neighbour_is_young(b->n, loop_now()))
			lose_collision(b, fd);
		else
			close(fd);
		bgp_kick(b);
		return;
	}
	bgp_io_close(io);
	tcp_set_ttl(fd, opt.ttl, opt.min_ttl);
	if (watch(io, fd))
		linked(io);
}
