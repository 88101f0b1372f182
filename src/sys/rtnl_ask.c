/* SPDX-License-Identifier: ISC */
#include "sys/rtnl_ask.h"

#include <assert.h>
#include <errno.h>
#include <linux/netlink.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/netlink.h"

#define RCVBUF		(4u << 20)
#define ANSWER_COST	2048	/* what an answer takes of the buffer */
#define ANSWERS_A_TURN	1024

struct request {
	uint64_t cookie;
	bool silent;
};

/* Requests that leave in one send; their numbers are first, first + 1, … */
struct batch {
	struct list link;
	uint32_t first;
	unsigned n, told;	/* requests in it, and those reported */
	size_t last_at;		/* where the last message begins */
	bool sent;		/* or given to the sender */
	bool slow;		/* routes are in it */
	int err;		/* of the send itself: nothing was done */
	struct wr w;
	struct request req[RTNL_BATCH_REQUESTS];
	uint8_t buf[RTNL_BATCH_BYTES];
};

int
rtnl_ask_init(struct rtnl_ask *a, int kick, rtnl_ask_done *done, void *ctx)
{
	size_t window;

	memset(a, 0, sizeof(*a));
	list_init(&a->batches);
	list_init(&a->spent);
	a->done = done;
	a->ctx = ctx;
	a->seq = 1;
	a->fd = netlink_open(NETLINK_ROUTE, 0, RCVBUF, &a->port);
	if (a->fd < 0)
		return a->fd;
	rtnl_send_init(&a->send, a->fd, kick);
	/* All of them may fail, and each failure is an answer. */
	window = netlink_rcvbuf(a->fd) / ANSWER_COST;
	a->window = window < 16 ? 16 : window > 4096 ? 4096 : (unsigned)window;
	return 0;
}

static void
free_spent(struct rtnl_ask *a, bool all)
{
	LIST_EACH_SAFE(b, &a->spent, struct batch, link)
		if (all || !rtnl_send_holds(&a->send, b)) {
			list_remove(&b->link);
			mem_free(b);
		}
}

/* The kernel answers before its sendto() returns to the sender. */
static void
batch_free(struct rtnl_ask *a, struct batch *b)
{
	list_remove(&b->link);
	a->n_batches--;
	list_push_back(&a->spent, &b->link);
	free_spent(a, false);
}

void
rtnl_ask_close(struct rtnl_ask *a)
{
	if (a->fd >= 0)
		rtnl_send_close(&a->send);
	LIST_EACH_SAFE(b, &a->batches, struct batch, link) {
		list_remove(&b->link);
		mem_free(b);
	}
	free_spent(a, true);
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

static struct batch *
batch_first(const struct rtnl_ask *a)
{
	return list_empty(&a->batches) ? NULL :
	    container_of(a->batches.next, struct batch, link);
}

static struct batch *
batch_new(struct rtnl_ask *a)
{
	struct batch *b = mem_alloc(sizeof(*b));

	if (!b)
		return NULL;
	memset(b, 0, offsetof(struct batch, req));
	b->first = a->seq;
	b->w = wr_of(b->buf, sizeof(b->buf));
	list_push_back(&a->batches, &b->link);
	a->n_batches++;
	return b;
}

/* The batch that still takes requests. */
static struct batch *
batch_growing(const struct rtnl_ask *a)
{
	struct batch *b;

	if (list_empty(&a->batches))
		return NULL;
	b = container_of(a->batches.prev, struct batch, link);
	if (b->sent || b->n == RTNL_BATCH_REQUESTS || b->n >= a->window)
		return NULL;
	return b;
}

static void
put(struct wr *w, uint32_t seq, const struct rtnl_request *q)
{
	switch (q->kind) {
	case ASK_ROUTE_PUT:
		nl_route_put(w, q->flags, seq, q->route);
		break;
	case ASK_ROUTE_DEL:
		nl_route_put_del(w, q->flags, seq, q->route);
		break;
	case ASK_ADDR_PUT:
		nl_addr_put(w, q->flags, seq, q->addr);
		break;
	case ASK_ADDR_DEL:
		nl_addr_put_del(w, q->flags, seq, q->addr);
		break;
	case ASK_LINK_NEW:
		nl_link_put_new(w, q->flags, seq, q->link);
		break;
	case ASK_LINK_SET:
		nl_link_put_set(w, q->flags, seq, q->link);
		break;
	case ASK_LINK_DEL:
		nl_link_put_del(w, q->flags, seq, q->link);
		break;
	case ASK_RULE_PUT:
		nl_rule_put(w, q->flags, seq, q->rule);
		break;
	case ASK_RULE_DEL:
		nl_rule_put_del(w, q->flags, seq, q->rule);
		break;
	}
}

static bool
batch_add(struct rtnl_ask *a, struct batch *b, const struct rtnl_request *q)
{
	size_t at = wr_len(&b->w);

	put(&b->w, a->seq, q);
	if (b->w.bad) {
		nl_undo(&b->w, at);
		return false;
	}
	b->last_at = at;
	b->slow |= q->kind == ASK_ROUTE_PUT || q->kind == ASK_ROUTE_DEL;
	b->req[b->n++] = (struct request){ .cookie = q->cookie,
	    .silent = q->silent };
	a->seq++;
	a->waiting++;
	return true;
}

int
rtnl_ask_queue(struct rtnl_ask *a, const struct rtnl_request *q)
{
	struct batch *b = batch_growing(a);

	if (b && batch_add(a, b, q))
		return 0;
	if (a->n_batches == RTNL_BATCHES)
		return -EAGAIN;
	b = batch_new(a);
	if (!b)
		return -ENOMEM;
	if (batch_add(a, b, q))
		return 0;
	batch_free(a, b);
	return -EMSGSIZE;
}

static void
want_ack(struct batch *b)
{
	uint16_t flags;
	uint8_t *at = b->buf + b->last_at + offsetof(struct nlmsghdr,
	    nlmsg_flags);

	memcpy(&flags, at, sizeof(flags));
	flags |= NLM_F_ACK;
	memcpy(at, &flags, sizeof(flags));
}

/*
 * Routes are the sender's business, and all else while it is busy with them.
 * A batch that is not full may grow meanwhile.
 */
static bool
batch_send(struct rtnl_ask *a, struct batch *b)
{
	const bool idle = rtnl_send_idle(&a->send);
	const struct bytes octets = bytes_of(b->buf, wr_len(&b->w));

	if (!idle && batch_growing(a) == b)
		return false;
	want_ack(b);
	if ((idle && !b->slow) || !rtnl_send_give(&a->send, octets, b)) {
		if (!idle)
			return false;
		b->err = netlink_send(a->fd, octets);
	}
	b->sent = true;
	a->waiting -= b->n;
	a->sent += b->n;
	return true;
}

/* What the sender could not send. */
static void
collect(struct rtnl_ask *a)
{
	void *mark;
	int err;

	while ((err = rtnl_send_told(&a->send, &mark)) != 0)
		((struct batch *)mark)->err = err;
	free_spent(a, false);
}

bool
rtnl_ask_send(struct rtnl_ask *a)
{
	bool failed = false;

	collect(a);
	LIST_EACH(b, &a->batches, struct batch, link) {
		if (!b->sent) {
			if (a->sent != 0 && a->sent + b->n > a->window)
				break;
			if (!batch_send(a, b))
				break;
		}
		failed |= b->err != 0;
	}
	/* A failed send will have no answer to wake anybody. */
	return failed;
}

/* Reports the next request of the batch, and frees a batch that is done. */
static void
tell(struct rtnl_ask *a, struct batch *b, int err, const char *text)
{
	struct request q = b->req[b->told++];

	a->sent--;
	if (b->told == b->n)
		batch_free(a, b);
	if (!q.silent)
		a->done(a->ctx, q.cookie, err, text);
}

/* Batches whose send failed are reported when their turn comes. */
static void
tell_unsent(struct rtnl_ask *a)
{
	struct batch *b;

	while ((b = batch_first(a)) != NULL && b->sent && b->err)
		tell(a, b, b->err, "");
}

/* What was sent and not heard of goes by what silence means. */
static void
tell_before(struct rtnl_ask *a, uint32_t seq)
{
	struct batch *b;

	while ((b = batch_first(a)) != NULL && b->sent &&
	    (int32_t)(b->first + b->told - seq) < 0)
		tell(a, b, b->err ? b->err : a->lost ? -ENOBUFS : 0, "");
}

static void
answer(struct rtnl_ask *a, const struct nl_ack *ack)
{
	struct batch *b;

	tell_before(a, ack->seq);
	b = batch_first(a);
	if (b && b->sent && b->first + b->told == ack->seq)
		tell(a, b, ack->err, ack->text);
	tell_unsent(a);
}

static void
datagram(struct rtnl_ask *a, struct bytes b)
{
	struct rd r = rd_of(b);
	struct nl_msg m;
	struct nl_ack ack;

	/* What failed before this was sent is known by now. */
	collect(a);
	while (nl_next(&r, &m))
		if (nl_ack_parse(&m, &ack))
			answer(a, &ack);
}

/* All answers are read, and all was sent before: nothing more will come. */
static void
settle_lost(struct rtnl_ask *a, bool idle)
{
	if (!a->lost || !idle)
		return;
	tell_before(a, a->seq);
	a->lost = false;
}

int
rtnl_ask_receive(struct rtnl_ask *a)
{
	const bool idle = rtnl_send_idle(&a->send);
	uint8_t buf[8192];
	int n;

	collect(a);
	tell_unsent(a);
	for (unsigned i = 0; i < ANSWERS_A_TURN; i++) {
		n = netlink_recv(a->fd, buf, sizeof(buf));
		if (n == -ENOBUFS) {
			a->lost = true;
			continue;
		}
		if (n < 0)
			return n;
		if (n == 0) {
			settle_lost(a, idle);
			return 0;
		}
		datagram(a, bytes_of(buf, (size_t)n));
	}
	return 0;
}
