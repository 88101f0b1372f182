/* SPDX-License-Identifier: ISC */
#include "rib/iface.h"

#include <stdio.h>

#include "base/mem.h"

void
iface_set_init(struct iface_set *s)
{
	list_init(&s->all);
	s->generation = 1;
	s->cut = NULL;
	s->cut_ctx = NULL;
}

static void
addr_free(struct iface_addr *a)
{
	list_remove(&a->link);
	mem_free(a);
}

static void
addrs_free(struct iface *i)
{
	LIST_EACH_SAFE(a, &i->addrs, struct iface_addr, link)
		addr_free(a);
}

static void
iface_free(struct iface *i)
{
	addrs_free(i);
	list_remove(&i->link);
	mem_free(i);
}

void
iface_set_done(struct iface_set *s)
{
	LIST_EACH_SAFE(i, &s->all, struct iface, link)
		iface_free(i);
}

struct iface *
iface_by_index(const struct iface_set *s, uint32_t index)
{
	LIST_EACH(i, &s->all, struct iface, link)
		if (i->index == index)
			return i;
	return NULL;
}

struct iface *
iface_by_name(const struct iface_set *s, const char *name)
{
	LIST_EACH(i, &s->all, struct iface, link)
		if (!(i->flags & IFACE_GONE) && strcmp(i->name, name) == 0)
			return i;
	return NULL;
}

static struct iface *
iface_add(struct iface_set *s, uint32_t index)
{
	struct iface *new = mem_zalloc(sizeof(*new));

	if (!new)
		return NULL;
	new->index = index;
	list_init(&new->addrs);
	LIST_EACH(i, &s->all, struct iface, link)
		if (i->index > index) {
			list_insert_before(&i->link, &new->link);
			return new;
		}
	list_push_back(&s->all, &new->link);
	return new;
}

struct iface *
iface_set_link(struct iface_set *s, uint32_t index, const char *name,
    uint32_t flags, uint32_t mtu, uint32_t master)
{
	struct iface *i = iface_by_index(s, index);

	if (!i)
		i = iface_add(s, index);
	else if (i->flags == flags && i->mtu == mtu && i->master == master &&
	    strcmp(i->name, name) == 0)
		return i;
	if (!i)
		return NULL;
	snprintf(i->name, sizeof(i->name), "%s", name);
	i->flags = flags;
	i->mtu = mtu;
	i->master = master;
	s->generation++;
	return i;
}

void
iface_set_gone(struct iface_set *s, uint32_t index)
{
	struct iface *i = iface_by_index(s, index);

	if (!i || (i->flags & IFACE_GONE))
		return;
	addrs_free(i);
	i->flags = IFACE_GONE;
	s->generation++;
}

static struct iface_addr *
addr_find(const struct iface *i, struct ip ip, unsigned len)
{
	LIST_EACH(a, &i->addrs, struct iface_addr, link)
		if (ip_eq(a->ip, ip) && a->net.len == len)
			return a;
	return NULL;
}

static bool
addr_same(const struct iface_addr *a, const struct iface_addr *b)
{
	return ip_eq(a->ip, b->ip) && prefix_eq(&a->net, &b->net) &&
	    ip_eq(a->peer, b->peer) && ip_eq(a->broadcast, b->broadcast) &&
	    a->scope == b->scope && a->secondary == b->secondary;
}

bool
iface_set_addr(struct iface_set *s, uint32_t index, const struct iface_addr *a)
{
	struct iface *i = iface_by_index(s, index);
	struct iface_addr *mine;
	struct list link;
	bool preferred;

	if (!i || (i->flags & IFACE_GONE))
		return true;	/* its link will be told of later, or never */
	mine = addr_find(i, a->ip, a->net.len);
	if (mine && addr_same(mine, a))
		return true;
	if (!mine) {
		mine = mem_zalloc(sizeof(*mine));
		if (!mine)
			return false;
		list_push_back(&i->addrs, &mine->link);
	}
	link = mine->link;
	preferred = mine->preferred;
	*mine = *a;
	mine->link = link;
	mine->preferred = preferred;
	s->generation++;
	return true;
}

void
iface_set_addr_gone(struct iface_set *s, uint32_t index, struct ip ip,
    unsigned len)
{
	struct iface *i = iface_by_index(s, index);
	struct iface_addr *a = i ? addr_find(i, ip, len) : NULL;

	if (!a)
		return;
	addr_free(a);
	s->generation++;
}

void
iface_set_preferred(struct iface_set *s, struct iface_addr *a, bool on)
{
	if (a->preferred == on)
		return;
	a->preferred = on;
	s->generation++;
}

void
iface_set_sweep(struct iface_set *s)
{
	LIST_EACH_SAFE(i, &s->all, struct iface, link)
		if (i->flags & IFACE_GONE)
			iface_free(i);
}

/* The first address of an IPv4 subnet, and the last: no neighbour's. */
static bool
is_all_of(const struct prefix *net, struct ip ip)
{
	uint32_t hosts;

	if (net->kind != NET_IP4 || net->len >= 31)
		return false;
	hosts = (uint32_t)((1ull << (32 - net->len)) - 1);
	return (ip_to4(ip) & hosts) == 0 || (ip_to4(ip) & hosts) == hosts;
}

static const struct iface_addr *
addr_to(const struct iface *i, struct ip ip)
{
	const struct iface_addr *best = NULL;

	LIST_EACH(a, &i->addrs, struct iface_addr, link) {
		if (!ip_is_none(a->peer)) {
			if (ip_eq(a->peer, ip))
				return a;
			if (a->net.len == prefix_bits(&a->net))
				continue;
		}
		if (prefix_has_ip(&a->net, ip) && !is_all_of(&a->net, ip) &&
		    (!best || a->net.len > best->net.len))
			best = a;
	}
	return best;
}

bool
iface_is_cut(const struct iface_set *s, uint32_t ifindex, struct ip ip)
{
	return s->cut != NULL && s->cut(s->cut_ctx, ifindex, ip);
}

static bool
is_in(const struct iface *i, uint32_t master)
{
	return master == 0 || i->master == master || i->index == master;
}

static struct iface *
find_on_link(const struct iface_set *s, struct ip ip, uint32_t ifindex,
    uint32_t master, bool cut, struct ip *ret_local)
{
	const struct iface_addr *best = NULL;
	struct iface *on = NULL;

	if (!ifindex && ip_is_link_local(ip))
		return NULL;
	LIST_EACH(i, &s->all, struct iface, link) {
		const struct iface_addr *a;

		if (!(i->flags & IFACE_UP) || !is_in(i, master) ||
		    (ifindex && i->index != ifindex))
			continue;
		if (!cut && iface_is_cut(s, i->index, ip))
			continue;
		a = addr_to(i, ip);
		if (a && (!best || a->net.len > best->net.len)) {
			best = a;
			on = i;
		}
	}
	if (best && ret_local)
		*ret_local = best->ip;
	return on;
}

struct iface *
iface_of_neighbour(const struct iface_set *s, struct ip ip, uint32_t ifindex,
    struct ip *ret_local)
{
	return find_on_link(s, ip, ifindex, 0, false, ret_local);
}

struct iface *
iface_of_neighbour_in(const struct iface_set *s, struct ip ip,
    uint32_t ifindex, uint32_t master, struct ip *ret_local)
{
	return find_on_link(s, ip, ifindex, master, false, ret_local);
}

struct iface *
iface_of_cut(const struct iface_set *s, struct ip ip, uint32_t ifindex)
{
	struct iface *i = s->cut ? find_on_link(s, ip, ifindex, 0, true,
	    NULL) : NULL;

	return i && iface_is_cut(s, i->index, ip) ? i : NULL;
}

struct iface *
iface_of_local(const struct iface_set *s, struct ip ip)
{
	LIST_EACH(i, &s->all, struct iface, link)
		LIST_EACH(a, &i->addrs, struct iface_addr, link)
			if (ip_eq(a->ip, ip))
				return i;
	return NULL;
}

bool
iface_name_matches(const char *pattern, const char *name)
{
	for (; *pattern; pattern++) {
		if (*pattern == '*') {
			while (*pattern == '*')
				pattern++;
			if (!*pattern)
				return true;
			for (; *name; name++)
				if (iface_name_matches(pattern, name))
					return true;
			return false;
		}
		if (!*name || (*pattern != '?' && *pattern != *name))
			return false;
		name++;
	}
	return !*name;
}

static struct ip
first_address(const struct iface *i, enum family f, bool link_local)
{
	struct ip first = IP_NONE;

	LIST_EACH(a, &i->addrs, struct iface_addr, link) {
		if (prefix_family(&a->net) != f ||
		    ip_is_link_local(a->ip) != link_local)
			continue;
		if (a->preferred)
			return a->ip;
		if (ip_is_none(first))
			first = a->ip;
	}
	return first;
}

struct ip
iface_global(const struct iface *i, enum family f)
{
	return first_address(i, f, false);
}

struct ip
iface_link_local(const struct iface *i)
{
	return first_address(i, FAMILY_IP6, true);
}
