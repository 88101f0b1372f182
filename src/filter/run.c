/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "filter/node_impl.h"

#define PRINT_MAX	4096		/* of print */
#define CONST_STACK	256		/* values, for constants */

bool
filter_env_init(struct filter_env *env)
{
	memset(env, 0, sizeof(*env));
	text_init(&env->line, PRINT_MAX);
	env->scratch = arena_new();
	env->stack = mem_array(RUN_STACK, sizeof(*env->stack));
	if (env->scratch && env->stack)
		return true;
	filter_env_done(env);
	return false;
}

void
filter_env_done(struct filter_env *env)
{
	env->scratch = arena_free(env->scratch);
	mem_free(env->stack);
	env->stack = NULL;
	text_done(&env->line);
}

const char *
filter_name(const struct filter *f)
{
	return f->name;
}

static void
start(struct filter_run *r, const struct filter *f, struct rt_edit *e,
    struct filter_env *env)
{
	arena_reset(env->scratch);
	text_clear(&env->line);
	r->e = e;
	r->env = env;
	r->mem = env->scratch;
	r->tail = (struct filter_tail){ .mem = r->mem };
	r->frame = env->stack;
	r->top = env->stack + f->slots;
	r->end = env->stack + RUN_STACK;
	r->barred = NULL;
	r->depth = f->depth;
	r->steps = RUN_STEPS_MAX;
	r->result = filter_value_u(FT_VOID, 0);
	r->alike = NULL;
}

static void
tell(const struct filter *f, struct filter_env *env, uint32_t line,
    const char *why)
{
	struct text t;

	env->errors++;
	if (!env->note)
		return;
	text_init(&t, 512);
	text_printf(&t, "%s, line %u: %s", f->name ? f->name : "filter",
	    line, why);
	env->note(env->ctx, t.s);
	text_done(&t);
}

/* What a flow means at the end of a filter; true where it decides. */
static bool
verdict(const struct filter *f, enum filter_flow flow,
    const struct filter_value *v, enum rt_verdict *ret)
{
	if (flow == FLOW_ACCEPT || flow == FLOW_REJECT) {
		*ret = flow == FLOW_ACCEPT ? RT_ACCEPT : RT_REJECT;
		return true;
	}
	if (v->type != FT_BOOL)
		return false;
	*ret = v->u ? RT_ACCEPT : RT_REJECT;
	return flow == FLOW_RETURN ||
	    (flow == FLOW_NEXT && f->kind == FILTER_WHERE);
}

/*
 * block: coming to the end without a word is accepting.  alike: NULL, or of
 * routes that have one set.
 */
static enum rt_verdict
run(const struct filter *f, struct rt_edit *e, struct filter_env *env,
    bool block, struct rt_alike *alike)
{
	struct filter_value v = filter_value_u(FT_VOID, 0);
	enum rt_verdict ret = RT_REJECT;
	enum filter_flow flow;
	struct filter_run r;

	start(&r, f, e, env);
	r.alike = alike;
	r.came_by = NULL;
	flow = filter_eval_node(&r, f->body, &v);
	if (flow == FLOW_ERROR) {
		tell(f, env, r.line, r.error);
		return RT_REJECT;
	}
	if (block && flow == FLOW_NEXT) {
		ret = RT_ACCEPT;
	} else if (!verdict(f, flow, flow == FLOW_RETURN ? &r.result : &v,
	    &ret)) {
		tell(f, env, f->body->line, "Neither accept nor reject");
		return RT_REJECT;
	}
	if (e->a.failed) {
		tell(f, env, f->body->line, "Too many attributes");
		return RT_REJECT;
	}
	if (alike)
		alike->seen = r.came_by;
	return ret;
}

/* What comes behind hangs on the set alone: see filter_build_program(). */
enum filter_flow
filter_eval_alike(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	(void)ret;
	if (!r->alike || r->e->a.changed)
		return FLOW_NEXT;
	if (r->alike->from != n) {
		r->came_by = n;
		return FLOW_NEXT;
	}
	if (r->alike->set)
		attrs_edit_init(&r->e->a, r->alike->set);
	return r->alike->verdict == RT_ACCEPT ? FLOW_ACCEPT : FLOW_REJECT;
}

enum rt_verdict
filter_run(const void *program, struct rt_edit *e, void *env)
{
	return run(program, e, env, false, NULL);
}

enum rt_verdict
filter_run_alike(const void *program, struct rt_edit *e, void *env,
    struct rt_alike *m)
{
	return run(program, e, env, false, m);
}

enum rt_verdict
filter_run_block(const struct filter *f, struct rt_edit *e,
    struct filter_env *env)
{
	return run(f, e, env, true, NULL);
}

bool
filter_eval_text(const struct filter *f, struct rt_edit *e,
    struct filter_env *env, struct text *out)
{
	struct filter_value v = filter_value_u(FT_VOID, 0);
	struct filter_run r;

	start(&r, f, e, env);
	switch (filter_eval_node(&r, f->body, &v)) {
	case FLOW_NEXT:
		filter_value_text(&v, out);
		return true;
	case FLOW_RETURN:
		filter_value_text(&r.result, out);
		return true;
	case FLOW_ERROR:
		text_add(out, r.error);
		return false;
	case FLOW_ACCEPT:
	case FLOW_REJECT:
		break;
	}
	text_add(out, "accept or reject in an expression");
	return false;
}

/* Functions may be called, but there is no route, and no variable outside. */
bool
filter_eval_const(struct filter_build *b, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_run r;
	bool ok;

	if (!n)
		return false;
	if (n->op == FO_CONST) {
		*ret = n->k;
		return true;
	}
	memset(&r, 0, offsetof(struct filter_run, error));
	r.mem = r.tail.mem = b->arena;
	r.error[0] = '\0';
	r.frame = r.barred = r.top = mem_array(CONST_STACK,
	    sizeof(*r.frame));
	if (!r.frame) {
		snprintf(b->error, sizeof(b->error), "Out of memory");
		return false;
	}
	r.end = r.frame + CONST_STACK;
	r.depth = n->depth;
	r.steps = RUN_STEPS_MAX;
	ok = filter_eval_node(&r, n, ret) == FLOW_NEXT;
	if (!ok)
		snprintf(b->error, sizeof(b->error), "%s", r.error[0] ?
		    r.error : "Not constant");
	mem_free(r.barred);
	return ok;
}
