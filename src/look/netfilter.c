/* SPDX-License-Identifier: ISC */
#include "look/netfilter.h"

#include <errno.h>
#include <fnmatch.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "look/json.h"
#include "sys/nft.h"

#define JUMPS	16	/* deeper than the kernel allows */

struct netfilter {
	json_t *root, *list;		/* list: borrowed */
};

enum truth { NO, YES, MAYBE };
enum end { END_NONE, END_ACCEPT, END_DROP, END_RETURN };

struct judging {
	const struct netfilter *n;
	const struct flow *f;
	const char *family, *table, *chain;
	struct netfilter_verdict *v;
	bool maybe_accepted;		/* by a rule that is unclear */
	unsigned depth;
};

/* --- values -------------------------------------------------------------- */

static enum truth
truth_of(bool b)
{
	return b ? YES : NO;
}

static enum truth
name_is(const char *have, const json_t *want)
{
	if (!json_is_string(want) || json_string_value(want)[0] == '@')
		return MAYBE;
	/* The other end of a packet that is made or taken here. */
	return truth_of(have != NULL &&
	    fnmatch(json_string_value(want), have, 0) == 0);
}

static enum truth
address_is(struct ip have, const json_t *want)
{
	const json_t *net = json_object_get(want, "prefix");
	struct prefix p;
	struct ip ip;

	if (net != NULL && ip_parse(look_text(net, "addr"), &ip)) {
		p = prefix_of(ip, (unsigned)json_integer_value(
		    json_object_get(net, "len")));
		return truth_of(prefix_has_ip(&p, have));
	}
	if (json_is_string(want) && ip_parse(json_string_value(want), &ip))
		return truth_of(ip_eq(ip, have));
	return MAYBE;
}

static enum truth
port_is(uint16_t have, const json_t *want)
{
	const json_t *range = json_object_get(want, "range");

	if (have == 0)
		return MAYBE;
	if (json_is_integer(want))
		return truth_of(json_integer_value(want) == have);
	if (json_array_size(range) == 2)
		return truth_of(have >= json_integer_value(
		    json_array_get(range, 0)) && have <= json_integer_value(
		    json_array_get(range, 1)));
	return MAYBE;
}

/* The first packet of a flow. */
static enum truth
state_is(const json_t *want)
{
	if (!json_is_string(want))
		return MAYBE;
	return truth_of(strcmp(json_string_value(want), "new") == 0);
}

static enum truth
word_is(const char *have, const json_t *want)
{
	if (!json_is_string(want) || have == NULL)
		return MAYBE;
	return truth_of(strcmp(json_string_value(want), have) == 0);
}

/* --- matches ------------------------------------------------------------- */

static enum truth
meta_is(const struct flow *f, const char *key, const json_t *want)
{
	if (strcmp(key, "iifname") == 0 || strcmp(key, "iif") == 0)
		return name_is(f->iif, want);
	if (strcmp(key, "oifname") == 0 || strcmp(key, "oif") == 0)
		return name_is(f->oif, want);
	if (strcmp(key, "l4proto") == 0)
		return word_is(f->l4, want);
	if (strcmp(key, "nfproto") == 0)
		return word_is(ip_is4(f->dst) ? "ipv4" : "ipv6", want);
	return MAYBE;
}

static enum truth
payload_is(const struct flow *f, const json_t *left, const json_t *want)
{
	const char *proto = look_text(left, "protocol");
	const char *field = look_text(left, "field");

	if (strcmp(proto, "ip") == 0 || strcmp(proto, "ip6") == 0) {
		if ((strcmp(proto, "ip") == 0) != ip_is4(f->dst))
			return NO;
		if (strcmp(field, "saddr") == 0)
			return address_is(f->src, want);
		if (strcmp(field, "daddr") == 0)
			return address_is(f->dst, want);
		if (strcmp(field, "protocol") == 0)
			return word_is(f->l4, want);
		return MAYBE;
	}
	if (f->l4 != NULL && (strcmp(proto, "tcp") == 0 ||
	    strcmp(proto, "udp") == 0 || strcmp(proto, "th") == 0 ||
	    strncmp(proto, "icmp", 4) == 0)) {
		if (strcmp(proto, f->l4) != 0 && strcmp(proto, "th") != 0)
			return NO;
		if (strcmp(field, "dport") == 0)
			return port_is(f->dport, want);
	}
	return MAYBE;
}

static enum truth
one_is(const struct flow *f, const json_t *left, const json_t *want)
{
	const json_t *o;

	if ((o = json_object_get(left, "meta")) != NULL)
		return meta_is(f, look_text(o, "key"), want);
	if ((o = json_object_get(left, "payload")) != NULL)
		return payload_is(f, o, want);
	if ((o = json_object_get(left, "ct")) != NULL &&
	    strcmp(look_text(o, "key"), "state") == 0)
		return state_is(want);
	return MAYBE;
}

static const json_t *named_set(const struct judging *j, const char *name);

/* Any of a list, or of a set, or of a named set. */
static enum truth
any_is(const struct judging *j, const json_t *left, const json_t *want)
{
	const json_t *list = json_is_array(want) ? want :
	    json_object_get(want, "set");
	enum truth all = NO;
	const json_t *x;
	size_t i;

	if (json_is_string(want) && json_string_value(want)[0] == '@')
		list = named_set(j, json_string_value(want) + 1);
	if (list == NULL)
		return one_is(j->f, left, want);
	json_array_foreach(list, i, x) {
		enum truth t = one_is(j->f, left, x);

		if (t == YES)
			return YES;
		if (t == MAYBE)
			all = MAYBE;
	}
	return all;
}

static enum truth
match_is(const struct judging *j, const json_t *match)
{
	enum truth t = any_is(j, json_object_get(match, "left"),
	    json_object_get(match, "right"));
	const char *op = look_text(match, "op");

	if (strcmp(op, "!=") == 0)
		return t == YES ? NO : t == NO ? YES : MAYBE;
	return strcmp(op, "==") == 0 || strcmp(op, "in") == 0 ? t : MAYBE;
}

/* --- chains -------------------------------------------------------------- */

static bool
is_of(const struct judging *j, const json_t *o)
{
	return strcmp(look_text(o, "family"), j->family) == 0 &&
	    strcmp(look_text(o, "table"), j->table) == 0;
}

/* Elements that come and go by themselves are not known. */
static const json_t *
named(const struct judging *j, const char *kind, const char *name)
{
	const json_t *x, *set;
	size_t i;

	json_array_foreach(j->n->list, i, x) {
		set = json_object_get(x, kind);
		if (set != NULL && is_of(j, set) &&
		    strcmp(look_text(set, "name"), name) == 0)
			return json_object_get(set, "elem");
	}
	return NULL;
}

static const json_t *
named_set(const struct judging *j, const char *name)
{
	return named(j, "set", name);
}

static const json_t *
named_map(const struct judging *j, const char *name)
{
	return named(j, "map", name);
}

static enum end run_chain(struct judging *j, const char *chain);

static void
remember(struct judging *j, const json_t *rule, const char *what)
{
	snprintf(j->v->where, sizeof(j->v->where),
	    "table %s %s, chain %s, handle %d: %s", j->family, j->table,
	    look_text(rule, "chain"),
	    (int)json_integer_value(json_object_get(rule, "handle")), what);
}

static enum end
jump(struct judging *j, const json_t *to)
{
	enum end e;

	if (j->depth >= JUMPS)
		return END_NONE;
	j->depth++;
	e = run_chain(j, look_text(to, "target"));
	j->depth--;
	return e == END_RETURN ? END_NONE : e;
}

/* What a rule that holds leads to. */
static enum end
statement(struct judging *j, const json_t *rule, const json_t *s)
{
	const json_t *to;

	if (json_object_get(s, "accept"))
		return END_ACCEPT;
	if (json_object_get(s, "drop") || json_object_get(s, "reject")) {
		remember(j, rule, json_object_get(s, "drop") ? "drop" :
		    "reject");
		return END_DROP;
	}
	if (json_object_get(s, "masquerade") || json_object_get(s, "snat"))
		j->v->masquerades = true;
	if (json_object_get(s, "return"))
		return END_RETURN;
	if ((to = json_object_get(s, "jump")) != NULL ||
	    (to = json_object_get(s, "goto")) != NULL)
		return jump(j, to);
	return END_NONE;
}

/* A rule of which it is not known whether it holds. */
static enum end
unclear(struct judging *j, enum end e)
{
	if (e == END_ACCEPT)
		j->maybe_accepted = true;
	if (e == END_DROP && j->v->sentence == NETFILTER_PASSES)
		j->v->sentence = NETFILTER_UNCLEAR;
	return END_NONE;
}

/* "iifname vmap { lo : accept, wg0 : jump tunnels }": the first that fits. */
static enum end
look_up(struct judging *j, const json_t *rule, const json_t *vmap)
{
	const json_t *data = json_object_get(vmap, "data"), *list, *pair;
	const char *name = json_string_value(data);
	size_t i;

	list = name != NULL && name[0] == '@' ? named_map(j, name + 1) :
	    json_object_get(data, "set");
	json_array_foreach(list, i, pair) {
		enum truth t = any_is(j, json_object_get(vmap, "key"),
		    json_array_get(pair, 0));
		enum end e;

		if (t == NO)
			continue;
		e = statement(j, rule, json_array_get(pair, 1));
		if (t == YES)
			return e;
		unclear(j, e);
	}
	return END_NONE;
}

/* Of another program's kind: but for a comment it says who knows what. */
static bool
is_alien(const json_t *s)
{
	const json_t *xt = json_object_get(s, "xt");

	return json_object_get(s, "limit") != NULL ||
	    (xt != NULL && strcmp(look_text(xt, "name"), "comment") != 0);
}

static enum end
run_rule(struct judging *j, const json_t *rule)
{
	const json_t *list = json_object_get(rule, "expr"), *s, *match;
	enum truth holds = YES;
	size_t i;

	json_array_foreach(list, i, s) {
		enum truth t;
		enum end e;

		if ((match = json_object_get(s, "match")) != NULL) {
			t = match_is(j, match);
			if (t == NO)
				return END_NONE;
			if (t == MAYBE)
				holds = MAYBE;
			continue;
		}
		if (is_alien(s))
			holds = MAYBE;
		e = (match = json_object_get(s, "vmap")) != NULL ?
		    look_up(j, rule, match) : statement(j, rule, s);
		if (e != END_NONE)
			return holds == YES ? e : unclear(j, e);
	}
	return END_NONE;
}

static enum end
run_chain(struct judging *j, const char *chain)
{
	const json_t *x, *rule;
	size_t i;

	json_array_foreach(j->n->list, i, x) {
		enum end e;

		rule = json_object_get(x, "rule");
		if (rule == NULL || !is_of(j, rule) ||
		    strcmp(look_text(rule, "chain"), chain) != 0)
			continue;
		e = run_rule(j, rule);
		if (e != END_NONE)
			return e;
	}
	return END_NONE;
}

static bool
sees_family(const char *family, struct ip dst)
{
	return strcmp(family, "inet") == 0 ||
	    strcmp(family, ip_is4(dst) ? "ip" : "ip6") == 0;
}

static void
judge_chain(struct judging *j, const json_t *chain)
{
	const char *name = look_text(chain, "name");
	bool policy_drop = strcmp(look_text(chain, "policy"), "drop") == 0;
	enum end e;

	j->family = look_text(chain, "family");
	j->table = look_text(chain, "table");
	j->maybe_accepted = false;
	j->v->chains++;
	e = run_chain(j, name);
	if ((e == END_NONE || e == END_RETURN) && policy_drop) {
		snprintf(j->v->where, sizeof(j->v->where),
		    "table %s %s, chain %s: policy drop", j->family, j->table,
		    name);
		e = END_DROP;
	}
	if (e != END_DROP)
		return;
	j->v->sentence = j->maybe_accepted ? NETFILTER_UNCLEAR :
	    NETFILTER_DROPS;
	snprintf(j->v->family, sizeof(j->v->family), "%s", j->family);
	snprintf(j->v->table, sizeof(j->v->table), "%s", j->table);
	snprintf(j->v->chain, sizeof(j->v->chain), "%s", name);
}

static void
judge_type(const struct netfilter *n, const char *hook, const char *type,
    const struct flow *flow, struct netfilter_verdict *ret)
{
	struct judging j = { .n = n, .f = flow, .v = ret };
	const json_t *x, *chain;
	size_t i;

	*ret = (struct netfilter_verdict){ .sentence = NETFILTER_PASSES };
	json_array_foreach(n->list, i, x) {
		chain = json_object_get(x, "chain");
		if (chain == NULL || strcmp(look_text(chain, "hook"), hook) ||
		    strcmp(look_text(chain, "type"), type) != 0 ||
		    !sees_family(look_text(chain, "family"), flow->dst))
			continue;
		judge_chain(&j, chain);
		if (ret->sentence == NETFILTER_DROPS)
			return;
	}
}

void
netfilter_judge(const struct netfilter *n, const char *hook,
    const struct flow *flow, struct netfilter_verdict *ret)
{
	judge_type(n, hook, "filter", flow, ret);
}

bool
netfilter_masquerades(const struct netfilter *n, const struct flow *flow)
{
	struct netfilter_verdict v;

	judge_type(n, "postrouting", "nat", flow, &v);
	return v.masquerades;
}

static bool
has(const struct netfilter *n, const char *kind, const char *name)
{
	const json_t *x;
	size_t i;

	json_array_foreach(n->list, i, x)
		if (strcmp(look_text(json_object_get(x, kind), "name"),
		    name) == 0)
			return true;
	return false;
}

bool
netfilter_has_table(const struct netfilter *n, const char *table)
{
	return has(n, "table", table);
}

bool
netfilter_has_chain(const struct netfilter *n, const char *chain)
{
	return has(n, "chain", chain);
}

/* --- the ruleset --------------------------------------------------------- */

struct netfilter *
netfilter_parse(const char *json)
{
	struct netfilter *n = mem_zalloc(sizeof(*n));

	if (n == NULL)
		return NULL;
	n->root = json_loads(json, 0, NULL);
	n->list = json_object_get(n->root, "nftables");
	return json_is_array(n->list) ? n : netfilter_free(n);
}

struct netfilter *
netfilter_free(struct netfilter *n)
{
	if (n != NULL)
		json_decref(n->root);
	mem_free(n);
	return NULL;
}

int
netfilter_load(struct netfilter **ret)
{
	char *json;
	int err = nft_list_json(&json);

	if (err < 0)
		return err;
	*ret = netfilter_parse(json);
	mem_free(json);
	return *ret != NULL ? 0 : -EPROTO;
}
