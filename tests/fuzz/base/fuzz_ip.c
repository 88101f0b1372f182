/* SPDX-License-Identifier: ISC */
/*
 * Text to address or prefix and back: what was taken prints to something that
 * is taken again and is the same; the bytes as an address likewise.
 */
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
address(struct ip a)
{
	char s[IP_TEXT];
	struct ip b;

	must(strlen(ip_text(a, s)) < IP_TEXT);
	must(ip_parse(s, &b) && ip_eq(a, b));
}

static void
prefix(struct prefix p)
{
	char s[PREFIX_TEXT];
	struct prefix q;

	must(strlen(prefix_text(&p, s)) < PREFIX_TEXT);
	must(prefix_parse(s, &q) && prefix_eq(&p, &q));
	must(prefix_covers(&p, &q) && prefix_has_ip(&p, p.ip));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char s[128];
	struct prefix p;
	struct ip a;

	if (n >= sizeof(s))
		return 0;
	if (n)
		memcpy(s, data, n);
	s[n] = '\0';
	if (ip_parse(s, &a))
		address(a);
	if (prefix_parse(s, &p))
		prefix(p);
	if (n >= 17) {
		a = ip_from6(data);
		address(a);
		p = prefix_of(a, data[16]);
		if (p.kind != NET_NONE)
			prefix(p);
	}
	return 0;
}
