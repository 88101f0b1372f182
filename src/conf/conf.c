/* SPDX-License-Identifier: ISC */
#include "base/mem.h"
#include "conf/filter_parse.h"
#include "conf/global.h"
#include "conf/parser.h"
#include "conf/protos.h"
#include "conf/wireguard.h"

/* The names of the files, by the number that spans have. */
static bool
keep_files(struct conf_parser *p)
{
	const unsigned n = conf_lexer_files(p->lexer);
	const char **names = arena_array(p->arena, n, sizeof(char *));

	if (names == NULL)
		return conf_no_memory(p);
	for (unsigned i = 0; i < n; i++) {
		names[i] = arena_strdup(p->arena,
		    conf_lexer_file(p->lexer, i));
		if (names[i] == NULL)
			return conf_no_memory(p);
	}
	p->config->files = names;
	p->config->n_files = n;
	return true;
}

static void
parse_all(struct conf_parser *p)
{
	p->tok = conf_lexer_next(p->lexer);
	while (p->tok.kind != TOK_EOF)
		conf_global_statement(p);
	conf_invited(p);
	conf_check_protos(p);
	keep_files(p);
}

static bool
begin(struct conf_parser *p, struct arena *a)
{
	p->arena = a;
	p->config = arena_new_of(a, struct config);
	if (p->config == NULL)
		return false;
	p->config->arena = a;
	p->symbols_end = &p->config->symbols;
	p->protocols_end = &p->config->protocols;
	p->tables_end = &p->config->tables;
	conf_scope_push(p);
	p->global = p->scope;
	return p->scope != NULL && conf_global_init(p);
}

struct config *
conf_parse_how(const struct conf_io *io, const char *name, enum conf_how how,
    struct diag_list *diags)
{
	const unsigned errors = diag_errors(diags);
	struct conf_parser p = { .io = io, .diags = diags,
	    .skip_unserved = how == CONF_SKIP_UNSERVED };
	struct arena *a = arena_new();

	p.lexer = conf_lexer_new(io, diags);
	if (a == NULL || p.lexer == NULL || !begin(&p, a))
		diag_add(diags, DIAG_ERROR, (struct span){ 0 },
		    "out of memory");
	else if (conf_lexer_open(p.lexer, name))
		parse_all(&p);
	conf_lexer_free(p.lexer);
	if (errors == diag_errors(diags))
		return p.config;
	if (p.config != NULL)
		config_free(p.config);
	else
		arena_free(a);
	return NULL;
}

struct config *
conf_parse(const struct conf_io *io, const char *name,
    struct diag_list *diags)
{
	return conf_parse_how(io, name, CONF_STRICT, diags);
}

/* File 0 is none: that of a span that is nowhere. */
const char *
config_main_file(const struct config *c)
{
	return c->files[1];
}

const struct conf_proto *
config_proto(const struct config *c, const char *name)
{
	const struct conf_proto *p = c->protocols;

	while (p != NULL && strcmp(p->name, name) != 0)
		p = p->next;
	return p;
}

const struct conf_table *
config_table(const struct config *c, const char *name)
{
	const struct conf_table *t = c->tables;

	while (t != NULL && strcmp(t->name, name) != 0)
		t = t->next;
	return t;
}

const struct conf_symbol *
config_symbol(const struct config *c, const char *name)
{
	const struct conf_symbol *y = c->symbols;

	while (y != NULL && strcmp(y->name, name) != 0)
		y = y->next;
	return y;
}

static const struct conf_channel *
find_channel(const struct conf_proto *p, unsigned kind, bool multicast)
{
	const struct conf_channel *c = p->channels;

	while (c != NULL && (c->kind != kind || c->multicast != multicast))
		c = c->next;
	return c;
}

const struct conf_channel *
conf_proto_channel(const struct conf_proto *p, enum net_kind kind)
{
	return find_channel(p, kind, false);
}

const struct conf_channel *
conf_proto_channel_like(const struct conf_proto *p,
    const struct conf_channel *like)
{
	return find_channel(p, like->kind, like->multicast);
}

const char *
conf_channel_name(const struct conf_channel *c)
{
	if (c->multicast)
		return c->kind == NET_IP4 ? "ipv4-mc" : "ipv6-mc";
	return conf_net_word((enum net_kind)c->kind);
}
