/* SPDX-License-Identifier: ISC */
#include "conf/parser.h"

#define CHAINS	(sizeof(((struct conf_scope *)0)->chains) / \
		    sizeof(struct conf_symbol *))

static size_t
chain_of(struct bytes name)
{
	uint32_t h = 5381;

	for (size_t i = 0; i < name.n; i++)
		h = h * 33 ^ name.p[i];
	return h % CHAINS;
}

void
conf_scope_push(struct conf_parser *p)
{
	struct conf_scope *s = conf_new(p, struct conf_scope);

	if (s == NULL)
		return;
	s->up = p->scope;
	s->slots = p->scope != NULL ? p->scope->slots : 0;
	p->scope = s;
}

void
conf_scope_pop(struct conf_parser *p)
{
	if (p->scope != p->global)
		p->scope = p->scope->up;
}

static struct conf_symbol *
find_in(const struct conf_scope *s, struct bytes name)
{
	struct conf_symbol *y = s->chains[chain_of(name)];

	while (y != NULL && !bytes_eq(bytes_str(y->name), name))
		y = y->chain;
	return y;
}

struct conf_symbol *
conf_symbol_here(const struct conf_parser *p, struct bytes name)
{
	return find_in(p->scope, name);
}

struct conf_symbol *
conf_symbol_find(const struct conf_parser *p, struct bytes name)
{
	struct conf_symbol *y = NULL;

	for (struct conf_scope *s = p->scope; s != NULL && !y; s = s->up)
		y = find_in(s, name);
	return y;
}

static struct conf_symbol *
insert(struct conf_parser *p, const struct conf_token *name,
    enum conf_symbol_kind kind)
{
	struct conf_symbol *y = conf_new(p, struct conf_symbol);
	struct conf_symbol **chain = &p->scope->chains[chain_of(name->text)];

	if (y == NULL || (y->name = conf_copy(p, name->text)) == NULL)
		return NULL;
	y->at = name->at;
	y->kind = (uint8_t)kind;
	y->chain = *chain;
	*chain = y;
	if (p->scope == p->global) {
		*p->symbols_end = y;
		p->symbols_end = &y->next;
	}
	return y;
}

struct conf_symbol *
conf_symbol_define(struct conf_parser *p, const struct conf_token *name,
    enum conf_symbol_kind kind)
{
	struct conf_symbol *was = conf_symbol_here(p, name->text);

	if (was == NULL)
		return insert(p, name, kind);
	conf_error(p, name->at, "'%s' is defined already (%s, %s:%u)",
	    was->name, conf_symbol_kind_name(was->kind),
	    diag_source_name(p->diags, was->at.file), was->at.line);
	return NULL;
}

const char *
conf_symbol_kind_name(enum conf_symbol_kind kind)
{
	switch (kind) {
	case CONF_SYM_NONE:
		return "name";
	case CONF_SYM_CONSTANT:
		return "constant";
	case CONF_SYM_FUNCTION:
		return "function";
	case CONF_SYM_FILTER:
		return "filter";
	case CONF_SYM_TEMPLATE:
		return "template";
	case CONF_SYM_TABLE:
		return "table";
	case CONF_SYM_PROTOCOL:
		return "protocol";
	case CONF_SYM_ATTRIBUTE:
		return "attribute";
	case CONF_SYM_VARIABLE:
		return "variable";
	case CONF_SYM_UNSERVED:
		return "name that is not served";
	}
	return "name";
}
