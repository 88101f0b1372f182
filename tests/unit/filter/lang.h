/* SPDX-License-Identifier: ISC */
/*
 * Filters from text to verdict, for tests: definitions are parsed as in a
 * configuration, a route is made up, what is printed is kept.
 */
#ifndef WARREN_TESTS_FILTER_LANG_H
#define WARREN_TESTS_FILTER_LANG_H

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "conf/filter_parse.h"
#include "conf/parser.h"
#include "filter/filter.h"

struct lang {
	struct config config;
	struct conf_parser p;
	struct diag_list *diags;
	struct filter_env env;
	struct text printed, notes;
	struct attrs_pool *pool;
	struct rt_owner owner;
	struct rt_src src;
	struct iface_set ifaces;
	struct rt_edit e;
	struct rt_table *roa4, *roa6;
};

static inline void
lang_print(void *ctx, const char *line)
{
	struct lang *l = ctx;

	text_printf(&l->printed, "%s\n", line);
}

static inline void
lang_note(void *ctx, const char *message)
{
	struct lang *l = ctx;

	text_printf(&l->notes, "%s\n", message);
}

static inline const struct rt_table *
lang_roa(void *ctx, const char *name)
{
	struct lang *l = ctx;

	return strcmp(name, "r4") == 0 ? l->roa4 :
	    strcmp(name, "r6") == 0 ? l->roa6 : NULL;
}

static inline bool
lang_no_read(void *ctx, const char *path, struct text *ret,
    const char **ret_why)
{
	(void)ctx;
	(void)path;
	(void)ret;
	*ret_why = "no files here";
	return false;
}

static inline bool
lang_no_glob(void *ctx, const char *pattern,
    bool (*each)(void *arg, const char *path), void *arg,
    const char **ret_why)
{
	(void)ctx;
	(void)pattern;
	(void)each;
	(void)arg;
	*ret_why = "no files here";
	return false;
}

static inline void
lang_init(struct lang *l)
{
	static const struct conf_io no_files = { .read = lang_no_read,
	    .glob = lang_no_glob };
	static const struct hash_key key = { .k = { 1, 2 } };
	static const struct rt_class cls = { .name = "BGP" };

	memset(l, 0, sizeof(*l));
	l->diags = diag_list_new(100);
	l->config.arena = arena_new();
	l->p = (struct conf_parser){ .config = &l->config,
	    .arena = l->config.arena, .diags = l->diags, .io = &no_files,
	    .symbols_end = &l->config.symbols };
	l->p.lexer = conf_lexer_new(&no_files, l->diags);
	conf_scope_push(&l->p);
	l->p.global = l->p.scope;
	text_init(&l->printed, 1 << 20);
	text_init(&l->notes, 1 << 20);
	if (!filter_env_init(&l->env))
		abort();
	iface_set_init(&l->ifaces);
	l->env.ctx = l;
	l->env.print = lang_print;
	l->env.note = lang_note;
	l->env.roa_table = lang_roa;
	l->env.ifaces = &l->ifaces;
	l->pool = attrs_pool_new(&key);
	l->owner.cls = &cls;
	l->owner.name = "s1";
	l->src.owner = &l->owner;
	l->src.origin = &l->owner;
	l->roa4 = rt_table_new("r4", NET_ROA4, l->pool, &key);
	l->roa6 = rt_table_new("r6", NET_ROA6, l->pool, &key);
	l->e.src = &l->src;
	prefix_parse("10.1.2.0/24", &l->e.net);
	attrs_edit_init(&l->e.a, NULL);
	l->e.a.scope = SCOPE_UNIVERSE;
	l->e.a.source = RTS_STATIC;
	l->e.a.dest = RTD_BLACKHOLE;
	l->e.a.preference = 200;
}

static inline void
lang_done(struct lang *l)
{
	rt_table_free(l->roa4);
	rt_table_free(l->roa6);
	attrs_pool_free(l->pool);
	iface_set_done(&l->ifaces);
	filter_env_done(&l->env);
	text_done(&l->printed);
	text_done(&l->notes);
	conf_lexer_free(l->p.lexer);
	arena_free(l->config.arena);
	diag_list_free(l->diags);
}

static inline void
lang_definition(struct lang *l)
{
	struct conf_parser *p = &l->p;
	struct conf_token name;

	if (conf_accept_word(p, "filter")) {
		conf_parse_filter(p);
	} else if (conf_accept_word(p, "function")) {
		conf_parse_function(p);
	} else if (conf_accept_word(p, "define")) {
		conf_parse_define(p);
		conf_end_statement(p);
	} else if (conf_accept_word(p, "attribute")) {
		conf_parse_attribute(p);
		conf_end_statement(p);
	} else if (conf_accept_words(p, "roa4", "table") ||
	    conf_accept_words(p, "roa6", "table")) {
		if (conf_expect_name(p, "name", &name))
			conf_symbol_define(p, &name, CONF_SYM_TABLE);
		conf_end_statement(p);
	} else {
		conf_unexpected(p, "a definition");
	}
	if (!p->failed)
		return;
	conf_skip_statement(p);
	conf_accept(p, '}');
}

/* False when there was an error in it. */
static inline bool
lang_load(struct lang *l, const char *text)
{
	if (!conf_lexer_text(l->p.lexer, "t", bytes_str(text)))
		return false;
	conf_take(&l->p);
	while (l->p.tok.kind != TOK_EOF)
		lang_definition(l);
	return diag_errors(l->diags) == 0;
}

static inline const struct filter *
lang_filter(struct lang *l, const char *name)
{
	const struct conf_symbol *y = conf_symbol_find(&l->p,
	    bytes_str(name));

	return y && y->kind == CONF_SYM_FILTER ? y->filter : NULL;
}

static inline enum rt_verdict
lang_run(struct lang *l, const char *name)
{
	const struct filter *f = lang_filter(l, name);

	return f ? filter_run(f, &l->e, &l->env) : RT_REJECT;
}

/* All errors, as a user sees them. */
static inline void
lang_errors(struct lang *l, struct text *out)
{
	diag_print_all(l->diags, out);
}

/* EXPR to text; the message when it is wrong. */
static inline const char *
lang_eval(struct lang *l, const char *expr, struct text *out)
{
	struct diag_list *d = diag_list_new(10);
	struct arena *a = arena_new();
	const struct filter *f = conf_filter_text(&l->config,
	    CONF_TEXT_EXPR, bytes_str(expr), a, d);

	text_clear(out);
	if (f)
		filter_eval_text(f, &l->e, &l->env, out);
	else if (diag_count(d))
		text_add(out, diag_get(d, 0)->message);
	else
		text_add(out, "no program and no message");
	arena_free(a);
	diag_list_free(d);
	return out->s;
}

#endif
