/* SPDX-License-Identifier: ISC */
#include "filter/value.h"

#include <stdio.h>
#include <string.h>

#include "filter/enums.h"
#include "filter/list.h"
#include "filter/mask.h"
#include "filter/path.h"
#include "filter/prefixes.h"
#include "filter/set.h"

static const char *const type_names[FT_NTYPES] = {
	[FT_VOID] = "void", [FT_BOOL] = "bool", [FT_INT] = "int",
	[FT_PAIR] = "pair", [FT_QUAD] = "quad", [FT_IP] = "ip",
	[FT_PREFIX] = "prefix", [FT_STRING] = "string",
	[FT_BYTESTRING] = "bytestring", [FT_RD] = "rd", [FT_EC] = "ec",
	[FT_LC] = "lc", [FT_PATH] = "bgppath", [FT_CLIST] = "clist",
	[FT_ECLIST] = "eclist", [FT_LCLIST] = "lclist",
	[FT_MASK] = "bgpmask", [FT_SET] = "set",
	[FT_PREFIX_SET] = "prefix set", [FT_ENUM_RTS] = "enum rts",
	[FT_ENUM_RTD] = "enum rtd", [FT_ENUM_SCOPE] = "enum scope",
	[FT_ENUM_ORIGIN] = "enum bgp_origin", [FT_ENUM_ROA] = "enum roa",
	[FT_ENUM_NET] = "enum net_type", [FT_ENUM_AF] = "enum af",
};

const char *
filter_type_name(enum filter_type type)
{
	return type < FT_NTYPES ? type_names[type] : "?";
}

enum filter_type
filter_type_element(enum filter_type type)
{
	switch ((int)type) {
	case FT_PATH:
		return FT_INT;
	case FT_CLIST:
		return FT_PAIR;
	case FT_ECLIST:
		return FT_EC;
	case FT_LCLIST:
		return FT_LC;
	default:
		return FT_VOID;
	}
}

bool
filter_type_in_set(enum filter_type type)
{
	switch ((int)type) {
	case FT_INT: case FT_PAIR: case FT_QUAD: case FT_IP: case FT_EC:
	case FT_LC: case FT_RD:
		return true;
	default:
		return filter_type_is_enum(type);
	}
}

static int
cmp_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int
cmp_lc(const uint32_t a[3], const uint32_t b[3])
{
	for (unsigned i = 0; i < 3; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

static int
sign(int c)
{
	return c < 0 ? -1 : c > 0;
}

/* VOID stands before everything; a quad and its IPv4 address are alike. */
static bool
order_mixed(const struct filter_value *a, const struct filter_value *b,
    int *ret)
{
	if (a->type == FT_VOID || b->type == FT_VOID)
		*ret = a->type == FT_VOID ? -1 : 1;
	else if (a->type == FT_QUAD && filter_value_is_ip4(b))
		*ret = cmp_u64(a->u, ip_to4(b->ip));
	else if (b->type == FT_QUAD && filter_value_is_ip4(a))
		*ret = cmp_u64(ip_to4(a->ip), b->u);
	else
		return false;
	return true;
}

bool
filter_value_order(const struct filter_value *a, const struct filter_value *b,
    int *ret)
{
	if (a->type != b->type)
		return order_mixed(a, b, ret);
	switch (a->type) {
	case FT_VOID:
		*ret = 0;
		return true;
	case FT_EC: case FT_RD:
		*ret = cmp_u64(a->u64, b->u64);
		return true;
	case FT_LC:
		*ret = cmp_lc(a->lc, b->lc);
		return true;
	case FT_IP:
		*ret = sign(ip_cmp(a->ip, b->ip));
		return true;
	case FT_PREFIX:
		*ret = sign(prefix_cmp(a->prefix, b->prefix));
		return true;
	case FT_STRING:
		*ret = sign(strcmp(a->s, b->s));
		return true;
	case FT_BOOL: case FT_INT: case FT_PAIR: case FT_QUAD:
		*ret = cmp_u64(a->u, b->u);
		return true;
	default:
		if (!filter_type_is_enum(a->type))
			return false;
		*ret = cmp_u64(a->u, b->u);
		return true;
	}
}

bool
filter_value_same(const struct filter_value *a, const struct filter_value *b)
{
	int c;

	if (filter_value_order(a, b, &c))
		return c == 0;
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case FT_PATH: case FT_CLIST: case FT_ECLIST: case FT_LCLIST:
	case FT_BYTESTRING:
		return bytes_eq(filter_value_b(a), filter_value_b(b));
	case FT_MASK:
		return filter_mask_same(a->mask, b->mask);
	case FT_SET:
		return filter_set_same(a->set, b->set);
	case FT_PREFIX_SET:
		return filter_prefixes_same(a->prefixes, b->prefixes);
	default:
		return false;
	}
}

/* The element stands on the left, what may hold it on the right. */
static bool
match_set(const struct filter_value *a, const struct filter_set *s, bool *ret)
{
	*ret = false;
	switch (a->type) {
	case FT_CLIST: case FT_ECLIST: case FT_LCLIST:
		if (!filter_list_takes_set(a->type, s))
			return false;
		*ret = s && filter_list_has_any(a->type, filter_value_b(a), s);
		return true;
	case FT_PATH:
		if (s && s->type != FT_INT)
			return false;
		*ret = filter_path_has_any(filter_value_b(a), s);
		return true;
	default:
		if (!filter_set_takes(s, a))
			return false;
		*ret = filter_set_has(s, a);
		return true;
	}
}

static bool
match_list(const struct filter_value *a, const struct filter_value *b,
    bool *ret)
{
	if (!filter_list_takes(b->type, a))
		return false;
	*ret = filter_list_has(b->type, filter_value_b(b), a);
	return true;
}

static bool
match_prefix(const struct filter_value *a, const struct prefix *p, bool *ret)
{
	if (a->type == FT_IP)
		*ret = prefix_has_ip(p, a->ip);
	else if (a->type == FT_PREFIX)
		*ret = prefix_covers(p, a->prefix);
	else
		return false;
	return true;
}

bool
filter_value_match(const struct filter_value *a, const struct filter_value *b,
    bool *ret)
{
	switch (b->type) {
	case FT_PREFIX_SET:
		if (a->type != FT_PREFIX)
			return false;
		*ret = filter_prefixes_has(b->prefixes, a->prefix);
		return true;
	case FT_SET:
		return match_set(a, b->set, ret);
	case FT_MASK:
		if (a->type != FT_PATH)
			return false;
		*ret = filter_mask_match(b->mask, filter_value_b(a));
		return true;
	case FT_PATH:
		if (a->type != FT_INT)
			return false;
		*ret = filter_path_has(filter_value_b(b), a->u);
		return true;
	case FT_CLIST: case FT_ECLIST: case FT_LCLIST:
		return match_list(a, b, ret);
	case FT_STRING:
		if (a->type != FT_STRING)
			return false;
		*ret = filter_pattern_match(b->s, a->s);
		return true;
	case FT_PREFIX:
		return match_prefix(a, b->prefix, ret);
	default:
		return false;
	}
}

/*
 * Shell patterns: '*', '?' and '\'.  When a later part fails, only the last
 * '*' need take one byte more, so the work is bounded by the product of both
 * lengths.
 */
bool
filter_pattern_match(const char *pattern, const char *s)
{
	const char *star = NULL, *from = NULL;

	for (;;) {
		if (*pattern == '*') {
			star = ++pattern;
			from = s;
			continue;
		}
		if (*pattern == '\0' && *s == '\0')
			return true;
		if (*s != '\0' && *pattern == '?') {
			pattern++;
			s++;
			continue;
		}
		if (*pattern == '\\' && pattern[1] != '\0' &&
		    *s == pattern[1]) {
			pattern += 2;
			s++;
			continue;
		}
		if (*s != '\0' && *pattern == *s && *pattern != '\\') {
			pattern++;
			s++;
			continue;
		}
		if (!star || *from == '\0')
			return false;
		pattern = star;
		s = ++from;
	}
}

bool
filter_value_defined(const struct filter_value *v)
{
	switch (v->type) {
	case FT_VOID:
		return false;
	case FT_PATH: case FT_CLIST: case FT_ECLIST: case FT_LCLIST:
		return v->p != NULL;
	default:
		return true;
	}
}

static void
ec_text(uint64_t ec, struct text *out)
{
	unsigned type = (unsigned)(ec >> 48), sub = type & 0xf0ff;
	char kind[16], ip[IP_TEXT];

	if (sub == 2 || sub == 3)
		snprintf(kind, sizeof(kind), "%s", sub == 2 ? "rt" : "ro");
	else
		snprintf(kind, sizeof(kind), "unknown 0x%x", type);
	switch (type >> 8) {
	case 0x00: case 0x40:		/* RFC 4360 3.1 */
		text_printf(out, "(%s, %u, %u)", kind,
		    (unsigned)(ec >> 32) & 0xffff, (unsigned)ec);
		break;
	case 0x01: case 0x41:		/* RFC 4360 3.2 */
		text_printf(out, "(%s, %s, %u)", kind,
		    ip_text(ip4((uint32_t)(ec >> 16)), ip),
		    (unsigned)ec & 0xffff);
		break;
	case 0x02: case 0x42:		/* RFC 5668 */
		text_printf(out, "(%s, %u, %u)", kind, (unsigned)(ec >> 16),
		    (unsigned)ec & 0xffff);
		break;
	default:
		text_printf(out, "(generic, 0x%x, 0x%x)",
		    (unsigned)(ec >> 32), (unsigned)ec);
	}
}

/* RFC 4364 4.2: two octets of type say how the other six are split. */
static void
rd_text(uint64_t rd, struct text *out)
{
	unsigned type = (unsigned)(rd >> 48);
	char ip[IP_TEXT];

	if (type == 0)
		text_printf(out, "%u:%u", (unsigned)(rd >> 32) & 0xffff,
		    (unsigned)rd);
	else if (type == 1)
		text_printf(out, "%s:%u",
		    ip_text(ip4((uint32_t)(rd >> 16)), ip),
		    (unsigned)rd & 0xffff);
	else if (type == 2 && (uint32_t)(rd >> 16) > 0xffff)
		text_printf(out, "%u:%u", (unsigned)(rd >> 16),
		    (unsigned)rd & 0xffff);
	else
		text_printf(out, "%u:%u:%u", type, (unsigned)(rd >> 16),
		    (unsigned)rd & 0xffff);
}

static void
list_text(const struct filter_value *v, struct text *out)
{
	text_printf(out, "(%s ", v->type == FT_PATH ? "path" :
	    type_names[v->type]);
	if (v->type == FT_PATH)
		filter_path_text(filter_value_b(v), out);
	else
		filter_list_text(v->type, filter_value_b(v), out);
	text_addc(out, ')');
}

static void
hex_text(struct bytes b, struct text *out)
{
	for (size_t i = 0; i < b.n; i++)
		text_printf(out, "%s%02x", i ? ":" : "", b.p[i]);
}

void
filter_value_text(const struct filter_value *v, struct text *out)
{
	char buf[PREFIX_TEXT];

	switch (v->type) {
	case FT_VOID:
		text_add(out, "(void)");
		break;
	case FT_BOOL:
		text_add(out, v->u ? "TRUE" : "FALSE");
		break;
	case FT_INT:
		text_printf(out, "%u", v->u);
		break;
	case FT_PAIR:
		text_printf(out, "(%u,%u)", v->u >> 16, v->u & 0xffff);
		break;
	case FT_QUAD:
		text_add(out, ip_text(ip4(v->u), buf));
		break;
	case FT_IP:
		text_add(out, ip_text(v->ip, buf));
		break;
	case FT_PREFIX:
		text_add(out, prefix_text(v->prefix, buf));
		break;
	case FT_STRING:
		text_add(out, v->s);
		break;
	case FT_BYTESTRING:
		hex_text(filter_value_b(v), out);
		break;
	case FT_RD:
		rd_text(v->u64, out);
		break;
	case FT_EC:
		ec_text(v->u64, out);
		break;
	case FT_LC:
		text_printf(out, "(%u, %u, %u)", v->lc[0], v->lc[1],
		    v->lc[2]);
		break;
	case FT_PATH: case FT_CLIST: case FT_ECLIST: case FT_LCLIST:
		list_text(v, out);
		break;
	case FT_MASK:
		filter_mask_text(v->mask, out);
		break;
	case FT_SET:
		filter_set_text(v->set, out);
		break;
	case FT_PREFIX_SET:
		filter_prefixes_text(v->prefixes, out);
		break;
	default:
		filter_enum_text(v, out);
	}
}
