/* SPDX-License-Identifier: ISC */
/* show interfaces [summary] */
#include "daemon/ctl_impl.h"

static bool
is_ignored(const struct iface *i)
{
	return i->flags & IFACE_GONE;
}

/* BIRD's idea: whatever is not point to point, or has broadcast. */
static bool
is_ptp(const struct iface *i)
{
	return i->flags & IFACE_POINTOPOINT && !(i->flags & IFACE_LOOPBACK);
}

static const struct iface_addr *
preferred(const struct iface *i, enum family f)
{
	const struct iface_addr *first = NULL;

	LIST_EACH(a, &i->addrs, struct iface_addr, link) {
		if (prefix_family(&a->net) != f || ip_is_link_local(a->ip))
			continue;
		if (a->preferred)
			return a;
		if (first == NULL && !a->secondary)
			first = a;
	}
	return first;
}

/* By the address alone, as BIRD has it; the kernel's own word is coarser. */
static const char *
scope_of(struct ip a)
{
	uint32_t v4 = ip_is4(a) ? ip_to4(a) : 0;

	if (ip_is_loopback(a))
		return ctl_scope_name(SCOPE_HOST);
	if (ip_is_link_local(a) || v4 >> 16 == 0xa9fe)
		return ctl_scope_name(SCOPE_LINK);
	if (v4 >> 24 == 10 || v4 >> 20 == 0xac1 || v4 >> 16 == 0xc0a8 ||
	    (!ip_is4(a) && (a.b[0] & 0xfe) == 0xfc))
		return ctl_scope_name(SCOPE_SITE);
	return ctl_scope_name(SCOPE_UNIVERSE);
}

static void
addr_text(struct ctl_client *c, const struct iface *i,
    const struct iface_addr *a)
{
	char ip[IP_TEXT], peer[IP_TEXT];
	bool first = a == preferred(i, prefix_family(&a->net)) ||
	    (ip_is_link_local(a->ip) &&
	    ip_eq(a->ip, iface_link_local(i)));
	const char *flag = first ? "Preferred, " :
	    a->secondary ? "Secondary, " : "";

	if (ip_is_none(a->peer))
		ctl_say(c, 1003, "\t%s/%d (%sscope %s)", ip_text(a->ip, ip),
		    a->net.len, flag, scope_of(a->ip));
	else
		ctl_say(c, 1003, "\t%s/%d (%sopposite %s, scope %s)",
		    ip_text(a->ip, ip), a->net.len, flag,
		    ip_text(a->peer, peer), scope_of(a->ip));
}

/* The preferred ones first: IPv4, IPv6, link-local; then the others. */
static void
addrs_text(struct ctl_client *c, const struct iface *i)
{
	const struct iface_addr *a4 = preferred(i, FAMILY_IP4);
	const struct iface_addr *a6 = preferred(i, FAMILY_IP6);

	if (a4 != NULL)
		addr_text(c, i, a4);
	LIST_EACH(a, &i->addrs, struct iface_addr, link)
		if (prefix_family(&a->net) == FAMILY_IP4 && a != a4)
			addr_text(c, i, a);
	if (a6 != NULL)
		addr_text(c, i, a6);
	LIST_EACH(b, &i->addrs, struct iface_addr, link)
		if (prefix_family(&b->net) == FAMILY_IP6 && b != a6)
			addr_text(c, i, b);
}

static void
iface_text(struct ctl_client *c, const struct iface *i)
{
	char buf[IFACE_NAME], master[32] = "";
	uint32_t f = i->flags;

	if (i->master != 0)
		snprintf(master, sizeof(master), " master=%s",
		    ctl_iface_name(c->d, i->master, buf));
	ctl_say(c, 1001, "%s %s (index=%u%s)", i->name,
	    f & IFACE_ADMIN_UP ? "up" : "down", i->index, master);
	ctl_say(c, 1004, "\t%s%s%s Admin%s Link%s%s%s MTU=%u",
	    is_ptp(i) ? "PtP" : "MultiAccess",
	    f & IFACE_BROADCAST ? " Broadcast" : "",
	    f & IFACE_MULTICAST ? " Multicast" : "",
	    f & IFACE_ADMIN_UP ? "Up" : "Down",
	    f & IFACE_LINK_UP ? "Up" : "Down",
	    f & IFACE_LOOPBACK ? " Loopback" : "",
	    f & IFACE_LOOPBACK ? " Ignored" : "", i->mtu);
	addrs_text(c, i);
}

static void
iface_json(struct ctl_client *c, const struct iface *i)
{
	char ip[IP_TEXT + 4];
	struct json j;

	ctl_row_begin(c, &j);
	json_str(&j, "name", i->name);
	json_u64(&j, "index", i->index);
	json_bool(&j, "up", i->flags & IFACE_UP);
	json_bool(&j, "admin_up", i->flags & IFACE_ADMIN_UP);
	json_bool(&j, "link_up", i->flags & IFACE_LINK_UP);
	json_u64(&j, "mtu", i->mtu);
	json_open(&j, "addresses", '[');
	LIST_EACH(a, &i->addrs, struct iface_addr, link) {
		struct text t;

		text_init(&t, 128);
		text_printf(&t, "%s/%u", ip_text(a->ip, ip), a->net.len);
		json_str(&j, NULL, t.s);
		text_done(&t);
	}
	json_close(&j, ']');
	ctl_row_end(c, &j);
}

static void
net_text(const struct iface_addr *a, struct text *out)
{
	char ip[IP_TEXT];

	text_clear(out);
	if (a != NULL)
		text_printf(out, "%s/%d", ip_text(a->ip, ip), a->net.len);
}

static void
summary(struct ctl_client *c, const struct iface *i)
{
	struct text a4, a6;

	text_init(&a4, 128);
	text_init(&a6, 128);
	net_text(preferred(i, FAMILY_IP4), &a4);
	net_text(preferred(i, FAMILY_IP6), &a6);
	ctl_say(c, 1005, "%-10s %-6s %-18s %s", i->name,
	    i->flags & IFACE_ADMIN_UP ? "up" : "down", a4.s, a6.s);
	text_done(&a4);
	text_done(&a6);
}

void
cmd_show_interfaces(struct ctl_client *c, struct ctl_words *w)
{
	static const char *const words[] = { "summary", NULL };
	bool brief = ctl_take_one(w, words) == 0;

	if (ctl_peek(w) != NULL) {
		ctl_expected(c, w, "END or SUMMARY");
		return;
	}
	if (c->json)
		ctl_rows_begin(c);
	else if (brief)
		ctl_say(c, 2005, "%-10s %-6s %-18s %s", "Interface", "State",
		    "IPv4 address", "IPv6 address");
	LIST_EACH(i, &c->d->ifaces.all, struct iface, link) {
		if (is_ignored(i))
			continue;
		if (c->json)
			iface_json(c, i);
		else if (brief)
			summary(c, i);
		else
			iface_text(c, i);
	}
	if (c->json)
		ctl_rows_end(c);
	else
		ctl_ok(c);
}
