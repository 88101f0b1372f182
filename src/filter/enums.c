/* SPDX-License-Identifier: ISC */
/*
 * The named constants of the language.  "bird" is the number that BIRD's
 * print shows for the name, as scripts may read it; "value" is the rib's.
 */
#include <string.h>

#include "filter/enums.h"

#include "rib/table.h"

#define RTS(name, bird)	{ "RTS_" #name, FT_ENUM_RTS, RTS_##name, bird }
/* Sources of protocols that we do not serve: named, and never met. */
#define OTHER(name, bird) \
	{ "RTS_" #name, FT_ENUM_RTS, 0x100 + bird, bird }
#define SAME(name, type, value)	{ #name, type, value, value }

static const struct filter_enum names[] = {
	RTS(STATIC, 1), RTS(INHERIT, 2), RTS(DEVICE, 3),
	RTS(STATIC_DEVICE, 4), RTS(REDIRECT, 5), OTHER(RIP, 6),
	OTHER(OSPF, 7), OTHER(OSPF_IA, 8), OTHER(OSPF_EXT1, 9),
	OTHER(OSPF_EXT2, 10), RTS(BGP, 11), RTS(PIPE, 12), OTHER(BABEL, 13),
	RTS(RPKI, 14), OTHER(PERF, 15), RTS(WIREGUARD, 64),
	SAME(RTD_UNICAST, FT_ENUM_RTD, RTD_UNICAST),
	SAME(RTD_BLACKHOLE, FT_ENUM_RTD, RTD_BLACKHOLE),
	SAME(RTD_UNREACHABLE, FT_ENUM_RTD, RTD_UNREACHABLE),
	SAME(RTD_PROHIBIT, FT_ENUM_RTD, RTD_PROHIBIT),
	/* BIRD 1 told these apart; configurations still name them. */
	SAME(RTD_ROUTER, FT_ENUM_RTD, RTD_UNICAST),
	SAME(RTD_DEVICE, FT_ENUM_RTD, RTD_UNICAST),
	SAME(RTD_MULTIPATH, FT_ENUM_RTD, RTD_UNICAST),
	SAME(SCOPE_HOST, FT_ENUM_SCOPE, SCOPE_HOST),
	SAME(SCOPE_LINK, FT_ENUM_SCOPE, SCOPE_LINK),
	SAME(SCOPE_SITE, FT_ENUM_SCOPE, SCOPE_SITE),
	SAME(SCOPE_ORGANIZATION, FT_ENUM_SCOPE, SCOPE_ORGANIZATION),
	SAME(SCOPE_UNIVERSE, FT_ENUM_SCOPE, SCOPE_UNIVERSE),
	SAME(SCOPE_UNDEFINED, FT_ENUM_SCOPE, 5),
	SAME(ORIGIN_IGP, FT_ENUM_ORIGIN, 0),
	SAME(ORIGIN_EGP, FT_ENUM_ORIGIN, 1),
	SAME(ORIGIN_INCOMPLETE, FT_ENUM_ORIGIN, 2),
	SAME(ROA_UNKNOWN, FT_ENUM_ROA, RT_ROA_UNKNOWN),
	SAME(ROA_VALID, FT_ENUM_ROA, RT_ROA_VALID),
	SAME(ROA_INVALID, FT_ENUM_ROA, RT_ROA_INVALID),
	{ "NET_IP4", FT_ENUM_NET, NET_IP4, 1 },
	{ "NET_IP6", FT_ENUM_NET, NET_IP6, 2 },
	{ "NET_ROA4", FT_ENUM_NET, NET_ROA4, 5 },
	{ "NET_ROA6", FT_ENUM_NET, NET_ROA6, 6 },
	{ "NET_VPN4", FT_ENUM_NET, 0x103, 3 },
	{ "NET_VPN6", FT_ENUM_NET, 0x104, 4 },
	{ "NET_FLOW4", FT_ENUM_NET, 0x107, 7 },
	{ "NET_FLOW6", FT_ENUM_NET, 0x108, 8 },
	{ "NET_IP6_SADR", FT_ENUM_NET, 0x109, 9 },
	{ "NET_MPLS", FT_ENUM_NET, 0x10a, 10 },
	{ "AF_IPV4", FT_ENUM_AF, FAMILY_IP4, 0x10001 },
	{ "AF_IPV6", FT_ENUM_AF, FAMILY_IP6, 0x20001 },
};

#define N_NAMES	(sizeof(names) / sizeof(names[0]))

/* BIRD's number of each type, shown as "(enum 30)11". */
static const uint8_t bird_type[] = {
	[FT_ENUM_RTS - FT_ENUM] = 0x30, [FT_ENUM_ORIGIN - FT_ENUM] = 0x31,
	[FT_ENUM_SCOPE - FT_ENUM] = 0x32, [FT_ENUM_RTD - FT_ENUM] = 0x34,
	[FT_ENUM_ROA - FT_ENUM] = 0x35, [FT_ENUM_NET - FT_ENUM] = 0x36,
	[FT_ENUM_AF - FT_ENUM] = 0x38,
};

const struct filter_enum *
filter_enum_at(unsigned i)
{
	return i < N_NAMES ? &names[i] : NULL;
}

bool
filter_enum_find(const char *name, struct filter_value *ret)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		if (strcmp(names[i].name, name) != 0)
			continue;
		*ret = filter_value_u(names[i].type, names[i].value);
		return true;
	}
	return false;
}

static const struct filter_enum *
find(const struct filter_value *v)
{
	for (size_t i = 0; i < N_NAMES; i++)
		if (names[i].type == v->type && names[i].value == v->u)
			return &names[i];
	return NULL;
}

const char *
filter_enum_name(const struct filter_value *v)
{
	const struct filter_enum *e = find(v);

	return e ? e->name : NULL;
}

void
filter_enum_text(const struct filter_value *v, struct text *out)
{
	const struct filter_enum *e = find(v);

	text_printf(out, "(enum %x)%u", bird_type[v->type - FT_ENUM],
	    e ? e->bird : v->u);
}
