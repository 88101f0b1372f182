/* SPDX-License-Identifier: ISC */
/*
 * Constants, variables, calls and the control structures.
 */
#include "filter/list.h"
#include "filter/node_impl.h"
#include "filter/path.h"
#include "filter/prefixes.h"

enum filter_flow
filter_eval_const_node(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	(void)r;
	*ret = n->k;
	return FLOW_NEXT;
}

enum filter_flow
filter_eval_ec(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value key, value;
	enum filter_flow f = filter_eval_two(r, n, &key, &value);
	uint64_t ec;

	if (f != FLOW_NEXT)
		return f;
	if (value.type != FT_INT || !filter_ec(n->n, &key, value.u, &ec))
		return filter_fail(r, n, "No such extended community");
	*ret = (struct filter_value){ .type = FT_EC, .u64 = ec };
	return FLOW_NEXT;
}

static bool
mask_item(const struct filter_value *v, struct filter_mask_item *it)
{
	if (v->type == FT_INT)
		*it = (struct filter_mask_item){ .kind = MASK_RANGE,
		    .lo = v->u, .hi = v->u, .loop = it->loop };
	else if (v->type == FT_SET && (!v->set || v->set->type == FT_INT))
		*it = (struct filter_mask_item){ .kind = MASK_SET,
		    .set = v->set, .loop = it->loop };
	else
		return false;
	return true;
}

/* MASK: n items in a row from a on, each a MASK_ITEM or an expression's. */
enum filter_flow
filter_eval_mask(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_mask *m = arena_alloc(r->mem,
	    sizeof(*m) + n->n * sizeof(m->v[0]));
	enum filter_type bad = FT_NTYPES;
	struct filter_value v;
	enum filter_flow f;

	if (!m)
		return filter_no_memory(r, n);
	for (const struct filter_node *x = n->a; x; x = x->next) {
		struct filter_mask_item *it = &m->v[m->n++];

		*it = x->item;
		if (!x->a)
			continue;
		f = filter_eval_node(r, x->a, &v);
		if (f != FLOW_NEXT)
			return f;
		if (!mask_item(&v, it) && bad == FT_NTYPES)
			bad = v.type;
	}
	if (bad != FT_NTYPES)
		return filter_fail(r, n, "%s in a path mask",
		    filter_type_name(bad));
	*ret = (struct filter_value){ .type = FT_MASK, .mask = m };
	return FLOW_NEXT;
}

enum filter_flow
filter_eval_var(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	if (r->frame == r->barred)
		return filter_fail(r, n, "A variable is not constant");
	*ret = r->frame[n->n];
	return FLOW_NEXT;
}

/* The type must fit; what is unset is for declarations. */
enum filter_flow
filter_eval_var_set(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	enum filter_flow f = filter_eval_node(r, n->a, ret);

	if (f != FLOW_NEXT)
		return f;
	if (ret->type != n->vtype && !(n->flag && ret->type == FT_VOID)) {
		if (n->vtype != FT_QUAD || !filter_value_is_ip4(ret))
			return filter_fail(r, n,
			    "Variable is of type %s, not %s",
			    filter_type_name(n->vtype),
			    filter_type_name(ret->type));
		filter_value_put(ret, FT_QUAD, ip_to4(ret->ip));
	}
	r->frame[n->n] = *ret;
	return FLOW_NEXT;
}

static enum filter_flow
call_args(struct filter_run *r, const struct filter_node *n)
{
	const struct filter_function *fn = n->fn;
	unsigned i = 0;

	for (const struct filter_node *x = n->a; x; x = x->next, i++) {
		struct filter_value v;
		enum filter_flow f = filter_eval_node(r, x, &v);

		if (f != FLOW_NEXT)
			return f;
		if (fn->arg[i] == FT_QUAD && filter_value_is_ip4(&v))
			v = filter_value_u(FT_QUAD, ip_to4(v.ip));
		if (v.type != fn->arg[i] && v.type != FT_VOID)
			return filter_fail(r, n,
			    "Argument %u of '%s' must be %s, got %s", i + 1,
			    fn->name, filter_type_name(fn->arg[i]),
			    filter_type_name(v.type));
		*r->top++ = v;
	}
	return FLOW_NEXT;
}

/* The arguments stand below top, and become the first of the new frame. */
static enum filter_flow
call_body(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	const struct filter_function *fn = n->fn;
	struct filter_value *frame = r->frame;
	enum filter_flow f;

	r->frame = r->top - fn->n_args;
	r->top = r->frame + fn->slots;
	r->depth += fn->depth;
	f = filter_eval_node(r, fn->body, ret);
	r->depth -= fn->depth;
	r->frame = frame;
	if (f == FLOW_NEXT)
		filter_value_put(ret, FT_VOID, 0);
	else if (f == FLOW_RETURN) {
		*ret = r->result;
		f = FLOW_NEXT;
	}
	return f;
}

enum filter_flow
filter_eval_call(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value *top = r->top;
	enum filter_flow f;

	if (!r->frame || !n->fn->body)
		return filter_fail(r, n, "'%s' cannot be called here",
		    n->fn->name);
	if ((size_t)(r->end - top) < n->fn->slots ||
	    r->depth + n->fn->depth > RUN_DEPTH_MAX)
		return filter_fail(r, n, "Functions call each other too deep");
	if (r->steps-- == 0)
		return filter_fail(r, n, "Too many calls");
	f = call_args(r, n);
	if (f == FLOW_NEXT)
		f = call_body(r, n, ret);
	r->top = top;
	return f;
}

enum filter_flow
filter_eval_drop(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	return filter_eval_node(r, n->a, ret);
}

enum filter_flow
filter_eval_if(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	enum filter_flow f = filter_eval_node(r, n->a, ret);

	if (f != FLOW_NEXT)
		return f;
	if (ret->type != FT_BOOL)
		return filter_fail(r, n, "Condition of if is %s, not bool",
		    filter_type_name(ret->type));
	if (ret->u)
		return filter_eval_node(r, n->b, ret);
	return n->c ? filter_eval_node(r, n->c, ret) : FLOW_NEXT;
}

static bool
arm_has(const struct filter_arm *arm, const struct filter_value *v)
{
	if (arm->prefixes)
		return v->type == FT_PREFIX &&
		    filter_prefixes_has(arm->prefixes, v->prefix);
	return arm->set && filter_set_takes(arm->set, v) &&
	    filter_set_has(arm->set, v);
}

/* The first clause that fits, else the one that says so. */
enum filter_flow
filter_eval_case(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	const struct filter_arm *found = NULL;
	enum filter_flow f = filter_eval_node(r, n->a, ret);

	if (f != FLOW_NEXT)
		return f;
	for (const struct filter_arm *arm = n->arms; arm; arm = arm->next) {
		if (arm->otherwise) {
			if (!found)
				found = arm;
		} else if (arm_has(arm, ret)) {
			found = arm;
			break;
		}
	}
	return found ? filter_eval_node(r, found->body, ret) : FLOW_NEXT;
}

static enum filter_flow
for_turn(struct filter_run *r, const struct filter_node *n,
    const struct filter_value *item)
{
	struct filter_value ignored;

	if (r->steps-- == 0)
		return filter_fail(r, n, "Too many turns of loops");
	r->frame[n->n] = *item;
	return filter_eval_node(r, n->b, &ignored);
}

static enum filter_flow
for_path(struct filter_run *r, const struct filter_node *n,
    struct bytes path)
{
	struct filter_path_walk w = filter_path_walk(path);
	struct filter_value v = filter_value_u(FT_INT, 0);
	enum filter_flow f = FLOW_NEXT;

	while (f == FLOW_NEXT && filter_path_next(&w, &v.u))
		f = for_turn(r, n, &v);
	return f;
}

static enum filter_flow
for_list(struct filter_run *r, const struct filter_node *n,
    enum filter_type type, struct bytes list)
{
	unsigned width = filter_list_width(type);
	enum filter_flow f = FLOW_NEXT;

	for (size_t i = 0; f == FLOW_NEXT && i + width <= list.n;
	    i += width) {
		struct filter_value v = filter_list_item(type, list.p + i);

		f = for_turn(r, n, &v);
	}
	return f;
}

enum filter_flow
filter_eval_for(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	enum filter_flow f = filter_eval_node(r, n->a, ret);
	struct bytes b = filter_value_b(ret);

	if (f != FLOW_NEXT)
		return f;
	if (filter_type_element(ret->type) != n->vtype)
		return filter_fail(r, n, "Elements of %s are not %s",
		    filter_type_name(ret->type), filter_type_name(n->vtype));
	return ret->type == FT_PATH ? for_path(r, n, b) :
	    for_list(r, n, ret->type, b);
}

enum filter_flow
filter_eval_block(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	enum filter_flow f = FLOW_NEXT;

	for (n = n->a; n && f == FLOW_NEXT; n = n->next)
		f = filter_eval_node(r, n, ret);
	return f;
}

static enum filter_flow
print_args(struct filter_run *r, const struct filter_node *n)
{
	struct filter_value v;

	if (!r->env)
		return filter_fail(r, n, "Nobody to print to");
	for (const struct filter_node *x = n->a; x; x = x->next) {
		enum filter_flow f = filter_eval_node(r, x, &v);

		if (f != FLOW_NEXT)
			return f;
		filter_value_text(&v, &r->env->line);
	}
	return FLOW_NEXT;
}

static void
print_line(struct filter_env *env)
{
	if (env->print)
		env->print(env->ctx, env->line.s);
	text_clear(&env->line);
}

enum filter_flow
filter_eval_print(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	enum filter_flow f = print_args(r, n);

	(void)ret;
	if (f == FLOW_NEXT && n->flag)
		print_line(r->env);
	return f;
}

enum filter_flow
filter_eval_return(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	enum filter_flow f;

	r->result = filter_value_u(FT_VOID, 0);
	if (!n->a)
		return FLOW_RETURN;
	f = filter_eval_node(r, n->a, ret);
	r->result = *ret;
	return f == FLOW_NEXT ? FLOW_RETURN : f;
}

/* accept or reject, with what there is to say. */
enum filter_flow
filter_eval_end(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	enum filter_flow f = FLOW_NEXT;

	(void)ret;
	if (n->a) {
		f = print_args(r, n);
		if (f == FLOW_NEXT)
			print_line(r->env);
	}
	if (f != FLOW_NEXT)
		return f;
	return n->n ? FLOW_ACCEPT : FLOW_REJECT;
}
