/* SPDX-License-Identifier: ISC */
#include "daemon/bfd.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "daemon/links.h"
#include "sys/clock.h"
#include "sys/entropy.h"

/* The guide's defaults. */
#define MIN_RX		MILLISECONDS(10)
#define MIN_TX		MILLISECONDS(100)
#define IDLE_TX		SECONDS(1)
#define MULTIPLIER	5

/* A neighbour that the configuration names. */
struct bfd_own {
	struct list link;
	const struct conf_bfd_neighbor *cf;
	struct bfd_request r;
};

static struct list requests = { &requests, &requests };

/* What is said in "from" wins over what "to" has. */
static void
merge(struct bfd_options *to, const struct conf_bfd_options *from)
{
	if (from == NULL)
		return;
	to->min_rx = from->min_rx ? from->min_rx : to->min_rx;
	to->min_tx = from->min_tx ? from->min_tx : to->min_tx;
	to->idle_tx = from->idle_tx ? from->idle_tx : to->idle_tx;
	to->mult = from->multiplier ? from->multiplier : to->mult;
	if (from->passive != CONF_DEFAULT)
		to->passive = from->passive;
	if (!from->auth_said)
		return;
	to->auth_said = true;
	to->auth = from->auth;
	to->n_keys = 0;
	for (const struct conf_bfd_key *k = from->keys; k != NULL &&
	    to->n_keys < BFD_KEYS_MAX; k = k->next) {
		memcpy(to->secret[to->n_keys], k->secret, k->n);
		to->key[to->n_keys] = (struct bfd_key){ .id = k->id,
		    .n = k->n };
		to->n_keys++;
	}
}

static void
merge_more(struct bfd_options *to, const struct bfd_options *from)
{
	to->min_rx = from->min_rx ? from->min_rx : to->min_rx;
	to->min_tx = from->min_tx ? from->min_tx : to->min_tx;
	to->idle_tx = from->idle_tx ? from->idle_tx : to->idle_tx;
	to->mult = from->mult ? from->mult : to->mult;
	if (from->passive != CONF_DEFAULT)
		to->passive = from->passive;
	if (!from->auth_said)
		return;
	to->auth = from->auth;
	to->n_keys = from->n_keys;
	memcpy(to->key, from->key, sizeof(to->key));
	memcpy(to->secret, from->secret, sizeof(to->secret));
}

static const struct conf_bfd_options *
options_of(const struct bfd_sess *s)
{
	const struct conf_bfd *cf = &s->b->p.cf->bfd;
	const struct iface *i = iface_by_index(&s->b->p.d->ifaces,
	    s->ifindex);
	const struct iface_addr *on = NULL;

	if (s->ifindex == 0)
		return &cf->multihop_opt;
	if (i == NULL)
		return NULL;
	LIST_EACH(a, &i->addrs, struct iface_addr, link)
		if (ip_eq(a->ip, s->local))
			on = a;
	for (const struct conf_bfd_iface *o = cf->ifaces; o; o = o->next)
		if (links_match(o->patterns, i, on))
			return &o->opt;
	return NULL;
}

/* Defaults, then those of the interface, then the first request's. */
static void
configure(struct bfd_sess *s, const struct bfd_request *r,
    struct bfd_session_config *ret)
{
	struct bfd_options *o = &s->opt;

	mem_wipe(o, sizeof(*o));
	*o = (struct bfd_options){ .min_rx = MIN_RX, .min_tx = MIN_TX,
	    .idle_tx = IDLE_TX, .mult = MULTIPLIER };
	merge(o, options_of(s));
	if (r != NULL)
		merge_more(o, &r->opt);
	for (unsigned i = 0; i < o->n_keys; i++)
		o->key[i].secret = o->secret[i];
	*ret = (struct bfd_session_config){ .min_rx = o->min_rx,
	    .min_tx = o->min_tx, .idle_tx = o->idle_tx, .mult = o->mult,
	    .passive = o->passive == CONF_ON, .auth = o->auth,
	    .keys = o->key, .n_keys = o->n_keys, .crypto = s->b->crypto };
	entropy_fill(&ret->seed, sizeof(ret->seed));
}

static uint32_t
free_discr(const struct bfd_proto *b)
{
	for (;;) {
		const uint32_t d = entropy_u32();
		bool taken = d == 0;

		LIST_EACH(s, &b->chain[d % BFD_CHAINS], struct bfd_sess, link)
			taken |= bfd_session_discr(s->s) == d;
		if (!taken)
			return d;
	}
}

static void
on_timer(void *ctx)
{
	struct bfd_sess *s = ctx;

	bfd_session_tick(s->s, loop_now());
	bfd_sess_work(s);
}

static void
sess_free(struct bfd_sess *s)
{
	bfd_sess_close(s);
	bfd_session_free(s->s);
	list_remove(&s->link);
	mem_wipe(&s->opt, sizeof(s->opt));
	mem_free(s);
}

static struct bfd_sess *
sess_new(struct bfd_proto *b, const struct bfd_request *r, struct ip local)
{
	const struct iface *i = iface_by_index(&b->p.d->ifaces, r->ifindex);
	struct bfd_sess *s = mem_zalloc(sizeof(*s));
	struct bfd_session_config cfg;

	if (s == NULL)
		return NULL;
	s->b = b;
	s->remote = r->remote;
	s->local = local;
	s->ifindex = r->ifindex;
	s->fd = -1;
	s->since = clock_wall();
	if (i != NULL)
		memcpy(s->ifname, i->name, sizeof(s->ifname));
	list_init(&s->requests);
	loop_timer_init(&s->timer, on_timer, s);
	configure(s, r, &cfg);
	cfg.discr = free_discr(b);
	s->s = bfd_session_new(&cfg);
	if (s->s == NULL) {
		mem_wipe(&s->opt, sizeof(s->opt));
		mem_free(s);
		return NULL;
	}
	list_push_back(&b->chain[cfg.discr % BFD_CHAINS], &s->link);
	return s;
}

static struct bfd_sess *
sess_find(const struct bfd_proto *b, const struct bfd_request *r)
{
	for (unsigned c = 0; c < BFD_CHAINS; c++)
		LIST_EACH(s, &b->chain[c], struct bfd_sess, link)
			if (ip_eq(s->remote, r->remote) &&
			    s->ifindex == r->ifindex &&
			    (ip_is_none(r->local) ||
			    ip_eq(s->local, r->local)))
				return s;
	return NULL;
}

static bool
accepts(const struct proto *p, const struct bfd_request *r)
{
	const struct conf_bfd *cf = &p->cf->bfd;

	return p->ops == &bfd_ops && p->d == r->d && p->state == PROTO_UP &&
	    (ip_is4(r->remote) ? cf->ip4 : cf->ip6) &&
	    (r->ifindex ? cf->direct : cf->multihop);
}

static bool
find_local(const struct bfd_request *r, struct ip *ret)
{
	*ret = r->local;
	if (!ip_is_none(*ret))
		return true;
	return r->ifindex != 0 && iface_of_neighbour(&r->d->ifaces,
	    r->remote, r->ifindex, ret) != NULL;
}

static void
attach_to(struct bfd_proto *b, struct bfd_request *r)
{
	struct bfd_sess *s = sess_find(b, r);
	struct ip local;

	if (s == NULL) {
		if (!find_local(r, &local))
			return;
		s = sess_new(b, r, local);
		if (s == NULL)
			return;
		bfd_listen(s);
		bfd_session_start(s->s, loop_now());
		bfd_session_poll(s->s);
		loop_timer_at(&b->p.d->loop, &s->timer,
		    bfd_session_deadline(s->s));
	}
	r->sess = s;
	list_push_back(&s->requests, &r->in_sess);
}

static void
attach(struct bfd_request *r)
{
	LIST_EACH(p, &r->d->protos, struct proto, link) {
		if (r->sess != NULL)
			return;
		if (accepts(p, r))
			attach_to(bfd_of(p), r);
	}
}

static void
attach_all(struct daemon *d)
{
	LIST_EACH(r, &requests, struct bfd_request, link)
		if (r->d == d && r->sess == NULL)
			attach(r);
}

bool
bfd_requested(const struct bfd_request *r)
{
	return r->d != NULL;
}

enum bfd_state
bfd_request_state(const struct bfd_request *r)
{
	return r->sess ? bfd_session_state(r->sess->s) : BFD_ADMIN_DOWN;
}

void
bfd_request(struct bfd_request *r, struct daemon *d,
    const struct conf_bfd_options *opt)
{
	r->d = d;
	merge(&r->opt, opt);
	list_push_back(&requests, &r->link);
	attach(r);
}

void
bfd_release(struct bfd_request *r)
{
	struct bfd_sess *s = r->sess;

	if (!bfd_requested(r))
		return;
	list_remove(&r->link);
	mem_wipe(&r->opt, sizeof(r->opt));
	r->d = NULL;
	r->sess = NULL;
	if (s == NULL)
		return;
	list_remove(&r->in_sess);
	if (list_empty(&s->requests))
		sess_free(s);
}

static void
ignore(struct bfd_request *r, bool failed)
{
	(void)r;
	(void)failed;
}

static uint32_t
own_ifindex(const struct bfd_proto *b, const struct conf_bfd_neighbor *n)
{
	const struct iface *i = n->iface ? iface_by_name(&b->p.d->ifaces,
	    n->iface) : iface_of_neighbour(&b->p.d->ifaces, n->ip, 0, NULL);

	return i ? i->index : 0;
}

/* The neighbours of the configuration, as the links allow. */
static void
own_look(struct bfd_proto *b)
{
	LIST_EACH(o, &b->own, struct bfd_own, link) {
		const uint32_t i = o->cf->multihop ? 0 :
		    own_ifindex(b, o->cf);

		if (!o->cf->multihop && i == 0)
			continue;
		if (bfd_requested(&o->r) && o->r.ifindex == i)
			continue;
		bfd_release(&o->r);
		o->r = (struct bfd_request){ .remote = o->cf->ip,
		    .local = o->cf->local, .ifindex = i,
		    .changed = ignore };
		bfd_request(&o->r, b->p.d, NULL);
	}
}

static void
own_free(struct bfd_proto *b)
{
	LIST_EACH_SAFE(o, &b->own, struct bfd_own, link) {
		bfd_release(&o->r);
		list_remove(&o->link);
		mem_free(o);
	}
}

static void
own_make(struct bfd_proto *b)
{
	const struct conf_bfd_neighbor *n = b->p.cf->bfd.neighbors;

	for (; n != NULL; n = n->next) {
		struct bfd_own *o = mem_zalloc(sizeof(*o));

		if (o == NULL)
			return;
		o->cf = n;
		list_push_back(&b->own, &o->link);
	}
}

static bool
bfd_init(struct proto *p)
{
	struct bfd_proto *b = bfd_of(p);

	for (unsigned i = 0; i < BFD_CHAINS; i++)
		list_init(&b->chain[i]);
	list_init(&b->sockets);
	list_init(&b->own);
	return true;
}

static void
bfd_start(struct proto *p)
{
	struct bfd_proto *b = bfd_of(p);

	b->crypto = crypto_new();
	if (b->crypto == NULL) {
		proto_starved(p);
		return;
	}
	proto_up(p);
	own_make(b);
	own_look(b);
	attach_all(p->d);
}

/* Its requests wait for another one, or for us to come back. */
static void
orphan(struct bfd_sess *s)
{
	LIST_EACH_SAFE(r, &s->requests, struct bfd_request, in_sess) {
		list_remove(&r->in_sess);
		r->sess = NULL;
		r->changed(r, false);
	}
	sess_free(s);
}

static void
bfd_shutdown(struct proto *p)
{
	struct bfd_proto *b = bfd_of(p);

	own_free(b);
	for (unsigned i = 0; i < BFD_CHAINS; i++)
		LIST_EACH_SAFE(s, &b->chain[i], struct bfd_sess, link)
			orphan(s);
	proto_stopped(p);
	/* Another instance may take them; we are not up any more. */
	attach_all(p->d);
}

static void
bfd_cleanup(struct proto *p)
{
	bfd_of(p)->crypto = crypto_free(bfd_of(p)->crypto);
}

static bool
bfd_reconfigure(struct proto *p, const struct conf_proto *old)
{
	struct bfd_proto *b = bfd_of(p);
	struct list was = { &was, &was };
	struct bfd_session_config cfg;

	(void)old;
	if (p->state != PROTO_UP)
		return true;
	/* The new ones first, so that what both name does not go down. */
	LIST_EACH_SAFE(o, &b->own, struct bfd_own, link) {
		list_remove(&o->link);
		list_push_back(&was, &o->link);
	}
	own_make(b);
	own_look(b);
	LIST_EACH_SAFE(o, &was, struct bfd_own, link) {
		bfd_release(&o->r);
		list_remove(&o->link);
		mem_free(o);
	}
	for (unsigned i = 0; i < BFD_CHAINS; i++)
		LIST_EACH(s, &b->chain[i], struct bfd_sess, link) {
			configure(s, container_of(s->requests.next,
			    struct bfd_request, in_sess), &cfg);
			bfd_session_configure(s->s, loop_now(), &cfg);
			loop_timer_at(&p->d->loop, &s->timer,
			    bfd_session_deadline(s->s));
		}
	return true;
}

static void
bfd_ifaces(struct proto *p)
{
	struct bfd_proto *b = bfd_of(p);

	if (p->state != PROTO_UP)
		return;
	for (unsigned c = 0; c < BFD_CHAINS; c++)
		LIST_EACH(s, &b->chain[c], struct bfd_sess, link) {
			const struct iface *i = iface_by_index(&p->d->ifaces,
			    s->ifindex);

			if (s->ifindex == 0 || (i && i->flags & IFACE_UP))
				continue;
			bfd_session_path_down(s->s, loop_now());
			bfd_sess_work(s);
		}
	own_look(b);
	attach_all(p->d);
}

const struct proto_ops bfd_ops = {
	.kind = CONF_BFD,
	.size = sizeof(struct bfd_proto),
	.init = bfd_init,
	.start = bfd_start,
	.shutdown = bfd_shutdown,
	.cleanup = bfd_cleanup,
	.reconfigure = bfd_reconfigure,
	.ifaces = bfd_ifaces,
};
