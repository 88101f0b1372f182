/* SPDX-License-Identifier: ISC */
/*
 * The named constants of the language, under BIRD's numbers: they are seen by
 * print, by < and in ranges.  What the rib calls otherwise is translated.
 */
#include <string.h>

#include "filter/enums.h"

#include "rib/table.h"

#define RTS(name, value)	{ "RTS_" #name, FT_ENUM_RTS, value }
/* Sources of protocols that we do not serve: named, and never met. */
#define OTHER(name, value)	RTS(name, value)
#define SAME(name, type, value)	{ #name, type, value }

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
	SAME(NET_IP4, FT_ENUM_NET, 1), SAME(NET_IP6, FT_ENUM_NET, 2),
	SAME(NET_VPN4, FT_ENUM_NET, 3), SAME(NET_VPN6, FT_ENUM_NET, 4),
	SAME(NET_ROA4, FT_ENUM_NET, 5), SAME(NET_ROA6, FT_ENUM_NET, 6),
	SAME(NET_FLOW4, FT_ENUM_NET, 7), SAME(NET_FLOW6, FT_ENUM_NET, 8),
	SAME(NET_IP6_SADR, FT_ENUM_NET, 9), SAME(NET_MPLS, FT_ENUM_NET, 10),
	SAME(AF_IPV4, FT_ENUM_AF, 0x10001),
	SAME(AF_IPV6, FT_ENUM_AF, 0x20001),
};

static const uint8_t source_numbers[RTS_NSOURCES] = {
	[RTS_STATIC] = 1, [RTS_INHERIT] = 2, [RTS_DEVICE] = 3,
	[RTS_STATIC_DEVICE] = 4, [RTS_REDIRECT] = 5, [RTS_BGP] = 11,
	[RTS_PIPE] = 12, [RTS_RPKI] = 14, [RTS_WIREGUARD] = 64,
};

uint32_t
filter_enum_of_source(unsigned source)
{
	return source < RTS_NSOURCES ? source_numbers[source] : 0;
}

uint32_t
filter_enum_of_net(unsigned kind)
{
	switch (kind) {
	case NET_IP4:
		return 1;
	case NET_IP6:
		return 2;
	case NET_ROA4:
		return 5;
	case NET_ROA6:
		return 6;
	default:
		return 0;
	}
}

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
	text_printf(out, "(enum %x)%u", bird_type[v->type - FT_ENUM], v->u);
}
