/* SPDX-License-Identifier: ISC */
#include "filter/build.h"

#include <stdarg.h>
#include <stdio.h>

#include "filter/node_impl.h"
#include "filter/prefixes.h"

static void *fail(struct filter_build *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void *
fail(struct filter_build *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(b->error, sizeof(b->error), fmt, ap);
	va_end(ap);
	return NULL;
}

void
filter_chain_add(struct filter_chain *c, struct filter_node *n)
{
	if (!n) {
		c->broken = true;
		return;
	}
	if (c->last)
		c->last->next = n;
	else
		c->first = n;
	c->last = n;
	c->n++;
}

enum filter_type
filter_node_type(const struct filter_node *n)
{
	return n->type;
}

static struct filter_node *
node_new(struct filter_build *b, uint32_t line, enum filter_op op,
    filter_eval *eval)
{
	struct filter_node *n = arena_new_of(b->arena, struct filter_node);

	if (!n)
		return fail(b, "Out of memory");
	n->op = (uint8_t)op;
	n->eval = eval;
	n->line = line;
	n->depth = 1;
	return n;
}

/* Accounts for what is below; the node itself, or NULL when too deep. */
static struct filter_node *
deepen(struct filter_build *b, struct filter_node *n,
    const struct filter_node *below)
{
	for (; n && below; below = below->next) {
		if (below->depth >= FILTER_DEPTH_MAX)
			return fail(b, "Nested too deep");
		if (below->depth >= n->depth)
			n->depth = (uint16_t)(below->depth + 1);
		n->hangs |= below->hangs;
	}
	return n;
}

struct filter_node *
filter_build_const(struct filter_build *b, uint32_t line,
    const struct filter_value *v)
{
	struct filter_node *n = node_new(b, line, FO_CONST,
	    filter_eval_const_node);

	if (n) {
		n->k = *v;
		n->type = v->type;
	}
	return n;
}

bool
filter_value_promote(struct filter_build *b, struct filter_value *v,
    enum filter_type type)
{
	if (v->type == type)
		return true;
	if (type == FT_QUAD && filter_value_is_ip4(v)) {
		*v = filter_value_u(FT_QUAD, ip_to4(v->ip));
		return true;
	}
	if (type == FT_PREFIX_SET && v->type == FT_SET && !v->set) {
		v->prefixes = filter_prefixes_new(b->arena);
		v->type = FT_PREFIX_SET;
		return v->prefixes != NULL;
	}
	return false;
}

/* Is it, or may it be at run time, of this type?  A constant may become so. */
static bool
fits(struct filter_build *b, struct filter_node *n, enum filter_type type)
{
	if (type == FT_VOID || n->type == FT_VOID || n->type == type)
		return true;
	if (type == FT_QUAD && n->type == FT_IP && n->op != FO_CONST)
		return true;
	if (n->op != FO_CONST || !filter_value_promote(b, &n->k, type))
		return false;
	n->type = (uint8_t)type;
	return true;
}

static bool
check_arg(struct filter_build *b, enum filter_op op, unsigned i,
    struct filter_node *n)
{
	const struct filter_op_row *row = &filter_op_rows[op];

	if (fits(b, n, row->arg[i]))
		return true;
	fail(b, "Argument %u of %s must be of type %s, got type %s", i + 1,
	    row->name, filter_type_name(row->arg[i]),
	    filter_type_name(n->type));
	return false;
}

/* Comparing needs one type; and [] or an address may yet become the other's. */
static bool
check_pair(struct filter_build *b, enum filter_op op, struct filter_node *x,
    struct filter_node *y)
{
	if (op != FO_EQ && op != FO_NEQ && op != FO_LT && op != FO_LE)
		return true;
	if (fits(b, x, y->type) || fits(b, y, x->type))
		return true;
	if (op == FO_EQ || op == FO_NEQ)
		return true;		/* never equal, as in BIRD */
	fail(b, "Arguments of %s must be of the same type, not %s and %s",
	    filter_op_rows[op].name, filter_type_name(x->type),
	    filter_type_name(y->type));
	return false;
}

/* Is the left side one that the operator can ever apply to? */
static bool
check_object(struct filter_build *b, enum filter_op op,
    const struct filter_node *x)
{
	unsigned t = x->type;
	bool list = t == FT_CLIST || t == FT_ECLIST || t == FT_LCLIST;
	bool ok = true;

	if (t == FT_VOID)
		return true;
	if (op == FO_LEN)
		ok = list || t == FT_PATH || t == FT_PREFIX;
	else if (op == FO_ASN)
		ok = t == FT_PAIR || t == FT_LC || t == FT_PREFIX;
	else if (op == FO_DATA)
		ok = t == FT_PAIR;
	else if (op == FO_MIN || op == FO_MAX || op == FO_LIST_ADD)
		ok = list;
	else if (op == FO_EMPTY || op == FO_DELETE || op == FO_FILTER)
		ok = list || t == FT_PATH;
	else if (op == FO_CONCAT)
		ok = t == FT_STRING || t == FT_BYTESTRING;
	if (!ok)
		fail(b, "%s does not apply to type %s",
		    filter_op_rows[op].name, filter_type_name(t));
	return ok;
}

static struct filter_node *
fold(struct filter_build *b, struct filter_node *n)
{
	const struct filter_node *args[3] = { n->a, n->b, n->c };
	struct filter_value v;

	if (!filter_op_rows[n->op].pure)
		return n;
	for (unsigned i = 0; i < filter_op_rows[n->op].n; i++)
		if (args[i]->op != FO_CONST)
			return n;
	if (!filter_eval_const(b, n, &v))
		return NULL;
	return filter_build_const(b, n->line, &v);
}

struct filter_node *
filter_build_op(struct filter_build *b, uint32_t line, enum filter_op op,
    struct filter_node *x, struct filter_node *y, struct filter_node *z)
{
	struct filter_node *arg[3] = { x, y, z }, *n;
	const struct filter_op_row *row = &filter_op_rows[op];
	filter_eval *fused;

	for (unsigned i = 0; i < row->n; i++)
		if (!arg[i] || !check_arg(b, op, i, arg[i]))
			return NULL;
	if (!check_object(b, op, x) ||
	    (row->n == 2 && !check_pair(b, op, x, y)))
		return NULL;
	n = node_new(b, line, op, row->eval);
	if (!n)
		return NULL;
	n->a = x;
	n->b = row->n > 1 ? y : NULL;
	n->c = row->n > 2 ? z : NULL;
	n->type = (uint8_t)filter_op_type(op, x->type);
	for (unsigned i = 0; i < row->n; i++)
		if (!deepen(b, n, arg[i]))
			return NULL;
	fused = row->n == 2 ? filter_eval_fused(op, x, y) : NULL;
	if (fused)
		n->eval = fused;
	return fold(b, n);
}

bool
filter_ec(uint32_t kind, const struct filter_value *key, uint32_t value,
    uint64_t *ret)
{
	bool ip = key->type == FT_QUAD || filter_value_is_ip4(key);
	uint32_t k = key->type == FT_IP ? ip_to4(key->ip) : key->u;

	if (!ip && key->type != FT_INT)
		return false;
	if (kind == FILTER_EC_GENERIC) {
		*ret = (uint64_t)k << 32 | value;
		return true;
	}
	if (!ip && k <= UINT16_MAX) {			/* RFC 4360 3.1 */
		*ret = (uint64_t)kind << 48 | (uint64_t)k << 32 | value;
		return true;
	}
	if (value > UINT16_MAX)
		return false;
	/* RFC 4360 3.2 and RFC 5668 */
	*ret = (uint64_t)(kind | (ip ? 0x0100u : 0x0200u)) << 48 |
	    (uint64_t)k << 16 | value;
	return true;
}

struct filter_node *
filter_build_ec(struct filter_build *b, uint32_t line, uint32_t kind,
    struct filter_node *key, struct filter_node *value)
{
	struct filter_node *n;
	struct filter_value v;

	if (!key || !value)
		return NULL;
	if ((!fits(b, key, FT_INT) && key->type != FT_QUAD &&
	    key->type != FT_IP) || !fits(b, value, FT_INT))
		return fail(b, "Extended community of %s and %s",
		    filter_type_name(key->type),
		    filter_type_name(value->type));
	n = node_new(b, line, FO_EC, filter_eval_ec);
	if (!n)
		return NULL;
	n->type = FT_EC;
	n->n = kind;
	n->a = key;
	n->b = value;
	if (!deepen(b, n, key) || !deepen(b, n, value))
		return NULL;
	if (key->op != FO_CONST || value->op != FO_CONST)
		return n;
	return filter_eval_const(b, n, &v) ? filter_build_const(b, line, &v) :
	    NULL;
}

struct filter_node *
filter_build_mask_item(struct filter_build *b, uint32_t line,
    const struct filter_mask_item *it)
{
	struct filter_node *n = node_new(b, line, FO_MASK_ITEM,
	    filter_eval_const_node);

	if (n)
		n->item = *it;
	return n;
}

bool
filter_mask_loop(struct filter_build *b, struct filter_chain *items)
{
	if (items->broken)
		return false;
	if (!items->last) {
		fail(b, "Path mask iterator '+' cannot be first");
		return false;
	}
	items->last->item.loop = true;
	return true;
}

struct filter_node *
filter_build_mask(struct filter_build *b, uint32_t line,
    struct filter_chain *items)
{
	struct filter_node *n = node_new(b, line, FO_MASK, filter_eval_mask);
	bool constant = true;
	struct filter_value v;

	if (!n || items->broken)
		return NULL;		/* b->error may say why */
	if (items->n > FILTER_MASK_MAX)
		return fail(b, "Path mask of more than %u items",
		    FILTER_MASK_MAX);
	n->type = FT_MASK;
	n->n = items->n;
	n->a = items->first;
	for (const struct filter_node *x = n->a; x; x = x->next)
		constant = constant && (!x->a || x->a->op == FO_CONST);
	if (!deepen(b, n, n->a))
		return NULL;
	if (!constant)
		return n;
	return filter_eval_const(b, n, &v) ? filter_build_const(b, line, &v) :
	    NULL;
}

/* An expression in the row is an item node around it. */
struct filter_node *
filter_build_mask_expr(struct filter_build *b, uint32_t line,
    struct filter_node *x)
{
	static const struct filter_mask_item item = { .kind = MASK_RANGE };
	struct filter_node *n;

	if (!x)
		return NULL;
	if (x->type != FT_VOID && x->type != FT_INT && x->type != FT_SET)
		return fail(b, "%s in a path mask", filter_type_name(x->type));
	n = filter_build_mask_item(b, line, &item);
	if (n)
		n->a = x;
	return deepen(b, n, x);
}

struct filter_node *
filter_build_roa(struct filter_build *b, uint32_t line, const char *table,
    struct filter_node *net, struct filter_node *asn)
{
	struct filter_node *n;

	if (net && asn && (!check_arg(b, FO_ROA_CHECK, 0, net) ||
	    !check_arg(b, FO_ROA_CHECK, 1, asn)))
		return NULL;
	n = node_new(b, line, FO_ROA_CHECK, filter_eval_roa);
	if (!n)
		return NULL;
	n->type = FT_ENUM_ROA;
	n->table = table;
	n->a = net;
	n->b = asn;
	n->hangs = net ? 0 : NODE_ROUTE;
	return deepen(b, deepen(b, n, net), asn);
}

struct filter_node *
filter_build_attr(struct filter_build *b, uint32_t line,
    const struct filter_attr *at)
{
	struct filter_node *n = node_new(b, line, FO_ATTR,
	    filter_attr_getter(at));

	if (n) {
		n->attr = at;
		n->type = at->type;
		n->hangs = at->kind == FA_NET ? NODE_ROUTE : 0;
	}
	return n;
}

struct filter_node *
filter_build_attr_set(struct filter_build *b, uint32_t line,
    const struct filter_attr *at, struct filter_node *x)
{
	struct filter_node *n;

	if (!x)
		return NULL;
	if (at->readonly)
		return fail(b, "Attribute %s is read-only", at->name);
	if (at->type == FT_BYTESTRING && at->id < ATTR_KRT &&
	    filter_attr_by_id(at->id) != NULL)
		return fail(b, "Attribute %s cannot be set", at->name);
	if (!fits(b, x, at->type))
		return fail(b, "Attribute %s is of type %s, not %s", at->name,
		    filter_type_name(at->type), filter_type_name(x->type));
	n = node_new(b, line, FO_ATTR_SET, filter_is_list_change(at, x) ?
	    filter_eval_list_change : filter_attr_set);
	if (!n)
		return NULL;
	n->attr = at;
	n->a = x;
	return deepen(b, n, x);
}

struct filter_node *
filter_build_attr_unset(struct filter_build *b, uint32_t line,
    const struct filter_attr *at)
{
	struct filter_node *n;

	if (at->kind != FA_EXT)
		return fail(b, "Attribute %s is always there", at->name);
	n = node_new(b, line, FO_ATTR_UNSET, filter_attr_unset);
	if (n)
		n->attr = at;
	return n;
}

struct filter_node *
filter_build_var(struct filter_build *b, uint32_t line, unsigned slot,
    enum filter_type type)
{
	struct filter_node *n = node_new(b, line, FO_VAR, filter_eval_var);

	if (n) {
		n->n = slot;
		n->vtype = (uint8_t)type;
		n->type = (uint8_t)type;
		n->hangs = NODE_FRAME;
	}
	return n;
}

struct filter_node *
filter_build_unset(struct filter_build *b, uint32_t line,
    enum filter_type type)
{
	struct filter_value v = { .type = FT_VOID };

	if (type == FT_PATH || type == FT_CLIST || type == FT_ECLIST ||
	    type == FT_LCLIST)
		v = filter_value_bytes(type, bytes_of(NULL, 0));
	return filter_build_const(b, line, &v);
}

struct filter_node *
filter_build_var_set(struct filter_build *b, uint32_t line, unsigned slot,
    enum filter_type type, struct filter_node *x)
{
	struct filter_node *n;

	if (!x)
		return NULL;
	if (!fits(b, x, type))
		return fail(b, "Variable is of type %s, not %s",
		    filter_type_name(type), filter_type_name(x->type));
	n = node_new(b, line, FO_VAR_SET, filter_eval_var_set);
	if (!n)
		return NULL;
	n->hangs = NODE_FRAME;
	n->n = slot;
	n->vtype = (uint8_t)type;
	/* What is unset may be put in by a declaration, but by nothing else. */
	n->flag = x->op == FO_CONST && x->type == FT_VOID;
	n->a = x;
	return deepen(b, n, x);
}

struct filter_node *
filter_build_call(struct filter_build *b, uint32_t line,
    const struct filter_function *fn, struct filter_chain *args)
{
	struct filter_node *n;
	unsigned i = 0;

	if (args->broken)
		return NULL;
	if (args->n != fn->n_args)
		return fail(b, "Function '%s' expects %u arguments, got %u",
		    fn->name, fn->n_args, args->n);
	for (struct filter_node *x = args->first; x; x = x->next, i++)
		if (!fits(b, x, fn->arg[i]))
			return fail(b,
			    "Argument %u of '%s' must be %s, got %s", i + 1,
			    fn->name, filter_type_name(fn->arg[i]),
			    filter_type_name(x->type));
	n = node_new(b, line, FO_CALL, filter_eval_call);
	if (!n)
		return NULL;
	n->fn = fn;
	n->a = args->first;
	n->type = fn->type;
	/* Of one that calls itself it is not known yet. */
	n->hangs = fn->body ? fn->body->hangs & NODE_ROUTE : NODE_ROUTE;
	return deepen(b, n, n->a);
}

struct filter_node *
filter_build_drop(struct filter_build *b, uint32_t line,
    struct filter_node *x)
{
	struct filter_node *n = x ? node_new(b, line, FO_DROP,
	    filter_eval_drop) : NULL;

	if (!n)
		return NULL;
	n->a = x;
	return deepen(b, n, x);
}

struct filter_node *
filter_build_if(struct filter_build *b, uint32_t line,
    struct filter_node *cond, struct filter_node *then,
    struct filter_node *otherwise, bool has_otherwise)
{
	struct filter_node *n;

	if (!cond || !then || (has_otherwise && !otherwise))
		return NULL;
	if (!fits(b, cond, FT_BOOL))
		return fail(b, "Condition of if must be bool, not %s",
		    filter_type_name(cond->type));
	n = node_new(b, line, FO_IF, filter_eval_if);
	if (!n)
		return NULL;
	n->a = cond;
	n->b = then;
	n->c = otherwise;
	return deepen(b, deepen(b, deepen(b, n, cond), then), otherwise);
}

struct filter_node *
filter_build_case(struct filter_build *b, uint32_t line,
    struct filter_node *x, struct filter_arm *arms)
{
	struct filter_node *n = x ? node_new(b, line, FO_CASE,
	    filter_eval_case) : NULL;

	if (!n)
		return NULL;
	n->a = x;
	n->arms = arms;
	for (; n && arms; arms = arms->next)
		n = deepen(b, n, arms->body);
	return deepen(b, n, x);
}

struct filter_node *
filter_build_for(struct filter_build *b, uint32_t line, unsigned slot,
    enum filter_type type, struct filter_node *over,
    struct filter_node *body)
{
	struct filter_node *n;

	if (!over || !body)
		return NULL;
	if (over->type != FT_VOID && !filter_type_element(over->type))
		return fail(b, "for cannot walk %s",
		    filter_type_name(over->type));
	if (over->type != FT_VOID && filter_type_element(over->type) != type)
		return fail(b, "Loop variable must be %s, is %s",
		    filter_type_name(filter_type_element(over->type)),
		    filter_type_name(type));
	n = node_new(b, line, FO_FOR, filter_eval_for);
	if (!n)
		return NULL;
	n->hangs = NODE_FRAME;
	n->n = slot;
	n->vtype = (uint8_t)type;
	n->a = over;
	n->b = body;
	return deepen(b, deepen(b, n, over), body);
}

struct filter_node *
filter_build_block(struct filter_build *b, uint32_t line,
    struct filter_chain *c)
{
	struct filter_node *n = node_new(b, line, FO_BLOCK,
	    filter_eval_block);

	if (!n || c->broken)
		return NULL;
	n->a = c->first;
	return deepen(b, n, n->a);
}

static struct filter_node *
with_args(struct filter_build *b, struct filter_node *n,
    struct filter_chain *args)
{
	if (!n || args->broken)
		return NULL;
	n->a = args->first;
	return deepen(b, n, n->a);
}

struct filter_node *
filter_build_print(struct filter_build *b, uint32_t line,
    struct filter_chain *args, bool newline)
{
	struct filter_node *n = node_new(b, line, FO_PRINT,
	    filter_eval_print);

	if (n) {
		n->flag = newline;
		n->hangs = NODE_ROUTE;
	}
	return with_args(b, n, args);
}

struct filter_node *
filter_build_end(struct filter_build *b, uint32_t line, bool accept,
    struct filter_chain *message)
{
	struct filter_node *n = node_new(b, line, FO_END, filter_eval_end);

	if (n) {
		n->n = accept;
		n->hangs = message->first ? NODE_ROUTE : 0;
	}
	return with_args(b, n, message);
}

struct filter_node *
filter_build_return(struct filter_build *b, uint32_t line,
    struct filter_node *x)
{
	struct filter_node *n = node_new(b, line, FO_RETURN,
	    filter_eval_return);

	if (n)
		n->a = x;
	return deepen(b, n, x);
}

struct filter_function *
filter_function_new(struct filter_build *b, const char *name)
{
	struct filter_function *fn = arena_new_of(b->arena,
	    struct filter_function);

	if (!fn)
		return fail(b, "Out of memory");
	fn->name = name;
	return fn;
}

bool
filter_function_arg(struct filter_build *b, struct filter_function *fn,
    enum filter_type type)
{
	if (fn->n_args == FILTER_SLOTS_MAX) {
		fail(b, "More than %u arguments", FILTER_SLOTS_MAX);
		return false;
	}
	fn->arg[fn->n_args++] = (uint8_t)type;
	return true;
}

void
filter_function_returns(struct filter_function *fn, enum filter_type type)
{
	fn->type = (uint8_t)type;
}

enum filter_type
filter_function_type(const struct filter_function *fn)
{
	return fn->type;
}

void
filter_function_end(struct filter_function *fn,
    const struct filter_node *body, unsigned slots)
{
	fn->body = body;
	fn->slots = (uint16_t)slots;
	fn->depth = body ? body->depth : 0;
}

/* The first of the last statements that hang on nothing but the set. */
static const struct filter_node *
tail_of(const struct filter_node *block)
{
	const struct filter_node *tail = NULL;

	for (const struct filter_node *n = block->a; n; n = n->next)
		tail = n->hangs ? NULL : tail ? tail : n;
	return tail;
}

static struct filter_node *
before(const struct filter_node *block, const struct filter_node *n)
{
	const struct filter_node *at = block->a;

	while (at && at->next != n)
		at = at->next;
	return (struct filter_node *)(uintptr_t)at;
}

/*
 * Filters look at nets first, and then at sets, and most nets of an UPDATE
 * have one set: where the second begins, put a node that knows what came of
 * it for the net before.  False: out of memory.
 */
static bool
mark(struct filter_build *b, struct filter_node *block)
{
	const struct filter_node *tail = tail_of(block);
	struct filter_node *last, *n;

	if (!tail) {
		last = before(block, NULL);
		return !last || last->op != FO_BLOCK || mark(b, last);
	}
	if (tail->op == FO_END)
		return true;
	n = node_new(b, tail->line, FO_ALIKE, filter_eval_alike);
	if (!n)
		return false;
	last = before(block, tail);
	if (last)
		last->next = n;
	else
		block->a = n;
	n->next = (struct filter_node *)(uintptr_t)tail;
	return true;
}

struct filter *
filter_build_program(struct filter_build *b, const char *name,
    enum filter_kind kind, struct filter_node *body, unsigned slots)
{
	struct filter *f;

	if (!body)
		return NULL;
	if (kind == FILTER_WHERE && body->type != FT_VOID &&
	    body->type != FT_BOOL)
		return fail(b, "Condition must be bool, not %s",
		    filter_type_name(body->type));
	f = arena_new_of(b->arena, struct filter);
	if (!f)
		return fail(b, "Out of memory");
	if (kind == FILTER_BODY && body->op == FO_BLOCK && !mark(b, body))
		return NULL;
	f->name = name;
	f->kind = (uint8_t)kind;
	f->slots = (uint16_t)slots;
	f->depth = body->depth;
	f->body = body;
	return f;
}
