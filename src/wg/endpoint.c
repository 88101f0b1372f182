/* SPDX-License-Identifier: ISC */
#include "wg/endpoint.h"

#include <stdio.h>

/* Digits only, as sscanf would not insist on. */
static bool
number(struct bytes b, uint32_t max, uint32_t *ret)
{
	uint64_t v = 0;

	if (b.n == 0 || b.n > 10)
		return false;
	for (size_t i = 0; i < b.n; i++) {
		if (b.p[i] < '0' || b.p[i] > '9')
			return false;
		v = v * 10 + (b.p[i] - '0');
	}
	*ret = (uint32_t)v;
	return v <= max;
}

static const uint8_t *
find(struct bytes b, char c)
{
	return b.n ? memchr(b.p, c, b.n) : NULL;
}

/* Cuts host at c; what stands behind goes to ret_rest. */
static bool
cut(struct bytes *host, char c, struct bytes *ret_rest)
{
	const uint8_t *at = find(*host, c);

	if (!at)
		return false;
	*ret_rest = bytes_of(at + 1, (size_t)(host->p + host->n - at - 1));
	host->n = (size_t)(at - host->p);
	return true;
}

static bool
parse_scope(struct bytes zone, uint32_t *ret,
    uint32_t (*scope_of)(void *arg, const char *name), void *arg)
{
	char name[16];		/* IFNAMSIZ */

	if (number(zone, UINT32_MAX, ret))
		return *ret != 0;
	if (!scope_of || zone.n == 0 || zone.n >= sizeof(name))
		return false;
	memcpy(name, zone.p, zone.n);
	name[zone.n] = '\0';
	*ret = scope_of(arg, name);
	return *ret != 0;
}

/* Splits "[HOST]:PORT" and "HOST:PORT"; only the first may hold colons. */
static bool
split(struct bytes text, struct bytes *ret_host, struct bytes *ret_port,
    bool *ret_six)
{
	*ret_six = text.n > 0 && text.p[0] == '[';
	if (!*ret_six) {
		*ret_host = text;
		return cut(ret_host, ':', ret_port);
	}
	*ret_host = bytes_of(text.p + 1, text.n - 1);
	if (!cut(ret_host, ']', ret_port) || ret_port->n == 0 ||
	    ret_port->p[0] != ':')
		return false;
	*ret_port = bytes_of(ret_port->p + 1, ret_port->n - 1);
	return true;
}

bool
wg_endpoint_parse_scoped(struct wg_endpoint *ret, struct bytes text,
    uint32_t (*scope_of)(void *arg, const char *name), void *arg)
{
	struct wg_endpoint e = { 0 };
	struct bytes host, port, zone;
	char addr[IP_TEXT];
	uint32_t n;
	bool six;

	if (!split(text, &host, &port, &six) || !number(port, 65535, &n))
		return false;
	e.port = (uint16_t)n;
	if (six && cut(&host, '%', &zone) &&
	    !parse_scope(zone, &e.scope, scope_of, arg))
		return false;
	if (host.n >= sizeof(addr) || find(host, '\0') ||
	    six != (find(host, ':') != NULL))
		return false;
	memcpy(addr, host.p, host.n);
	addr[host.n] = '\0';
	if (!ip_parse(addr, &e.addr))
		return false;
	*ret = e;
	return true;
}

bool
wg_endpoint_parse(struct wg_endpoint *ret, struct bytes text)
{
	return wg_endpoint_parse_scoped(ret, text, NULL, NULL);
}

char *
wg_endpoint_text(const struct wg_endpoint *e, char *buf)
{
	char addr[IP_TEXT];

	ip_text(e->addr, addr);
	if (ip_is4(e->addr))
		snprintf(buf, WG_ENDPOINT_TEXT, "%s:%u", addr, e->port);
	else if (e->scope)
		snprintf(buf, WG_ENDPOINT_TEXT, "[%s%%%u]:%u", addr, e->scope,
		    e->port);
	else
		snprintf(buf, WG_ENDPOINT_TEXT, "[%s]:%u", addr, e->port);
	return buf;
}
