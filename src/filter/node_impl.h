/* SPDX-License-Identifier: ISC */
/*
 * Programs from the inside: a tree whose nodes know the function that carries
 * them out, so that running one is a chain of indirect calls and no decoding.
 *
 * eval() writes *ret when it is an expression and gives FLOW_NEXT; any other
 * flow goes up through all callers, FLOW_RETURN as far as the call.
 *
 * The frame of the running function is frame[0..slots).  Arguments of a call
 * are put above top, which is where the callee's frame begins.
 */
#ifndef WARREN_FILTER_NODE_IMPL_H
#define WARREN_FILTER_NODE_IMPL_H

#include "filter/build.h"
#include "filter/filter.h"
#include "filter/list.h"

enum filter_flow {
	FLOW_NEXT, FLOW_RETURN, FLOW_ACCEPT, FLOW_REJECT, FLOW_ERROR
};

struct filter_run {
	struct rt_edit *e;		/* NULL: no route at hand */
	struct filter_env *env;		/* NULL: a constant is computed */
	struct arena *mem;
	struct filter_tail tail;	/* of the same memory */
	struct filter_value *frame, *top, *end;
	struct filter_value *barred;	/* a frame without variables, or NULL */
	unsigned depth;			/* nodes within nodes, at most */
	unsigned steps;			/* calls and turns of loops left */
	struct filter_value result;	/* of FLOW_RETURN */
	struct rt_alike *alike;		/* or NULL */
	const void *came_by;		/* the node that knows it */
	uint32_t line;			/* of FLOW_ERROR */
	char error[160];
};

/* The type of a function that carries out a node. */
typedef enum filter_flow filter_eval(struct filter_run *r,
    const struct filter_node *n, struct filter_value *ret);

/* Of a node and all below: on what, besides the set, it hangs or acts. */
#define NODE_ROUTE	0x01		/* the net, or it speaks */
#define NODE_FRAME	0x02		/* variables of the function */

struct filter_node {
	filter_eval *eval;
	uint8_t op;			/* enum filter_op */
	uint8_t type;			/* enum filter_type, VOID: unknown */
	uint16_t depth;			/* of the tree below, itself too */
	uint8_t hangs;			/* NODE_ */
	uint32_t line;
	const struct filter_node *a, *b, *c;
	struct filter_node *next;
	union {
		struct filter_value k;		/* CONST */
		struct filter_mask_item item;	/* MASK_ITEM */
		const struct filter_attr *attr;	/* ATTR, _SET, _UNSET */
		const struct filter_function *fn;	/* CALL */
		const struct filter_arm *arms;	/* CASE */
		const char *table;		/* ROA_CHECK */
		struct {
			uint32_t n;	/* slot; EC kind; items; accept */
			uint8_t vtype;	/* of the variable */
			bool flag;	/* loop; newline */
		};
	};
};

struct filter_function {
	const char *name;
	uint8_t type;			/* enum filter_type it returns */
	uint8_t n_args;
	uint16_t slots;			/* arguments too */
	uint16_t depth;
	const struct filter_node *body;
	uint8_t arg[FILTER_SLOTS_MAX];
};

struct filter {
	const char *name;
	uint8_t kind;			/* enum filter_kind */
	uint16_t slots;
	uint16_t depth;
	const struct filter_node *body;
};

#define RUN_DEPTH_MAX	4000
#define RUN_STEPS_MAX	1000000
#define RUN_STACK	4096		/* values */

/* Sets the message; always FLOW_ERROR. */
enum filter_flow filter_fail(struct filter_run *r,
    const struct filter_node *n, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
enum filter_flow filter_no_memory(struct filter_run *r,
    const struct filter_node *n);

static inline enum filter_flow
filter_eval_node(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	return n->eval(r, n, ret);
}

/* Both, and then a look at their types: what they print comes first. */
enum filter_flow filter_eval_two(struct filter_run *r,
    const struct filter_node *n, struct filter_value *ret_a,
    struct filter_value *ret_b);
/* And demands the types that the operator's row says. */
enum filter_flow filter_eval_typed(struct filter_run *r,
    const struct filter_node *n, struct filter_value *ret_a,
    struct filter_value *ret_b);

/* What an operator is: a row for each, in operators.c. */
struct filter_op_row {
	const char *name;		/* for messages */
	filter_eval *eval;
	uint8_t n;			/* arguments */
	uint8_t arg[3];			/* types; VOID takes any */
	uint8_t type;			/* of the result; VOID: it depends */
	bool pure;			/* of constants, a constant */
};

extern const struct filter_op_row filter_op_rows[FO_ROA_CHECK + 1];
/* Type of the result where the row says VOID. */
enum filter_type filter_op_type(enum filter_op op, enum filter_type first);

/* run.c */
filter_eval filter_eval_alike;

/* attr.c */
filter_eval *filter_attr_getter(const struct filter_attr *at);
enum filter_flow filter_attr_get(struct filter_run *r,
    const struct filter_node *n, struct filter_value *ret);
enum filter_flow filter_attr_set(struct filter_run *r,
    const struct filter_node *n, struct filter_value *ret);
enum filter_flow filter_attr_unset(struct filter_run *r,
    const struct filter_node *n, struct filter_value *ret);

/* attr_list.c: community lists of the route */
bool filter_is_list_attr(const struct filter_node *n);
bool filter_is_list_change(const struct filter_attr *at,
    const struct filter_node *x);
filter_eval filter_eval_item_in_attr, filter_eval_list_change;

/* methods.c: on prefixes, paths and lists */
filter_eval filter_eval_type, filter_eval_ip, filter_eval_rd,
    filter_eval_len, filter_eval_maxlen, filter_eval_asn, filter_eval_src,
    filter_eval_ip_mask, filter_eval_first, filter_eval_last,
    filter_eval_last_nonagg, filter_eval_data, filter_eval_data1,
    filter_eval_data2, filter_eval_min, filter_eval_max, filter_eval_empty,
    filter_eval_prepend, filter_eval_list_add, filter_eval_delete,
    filter_eval_filter, filter_eval_concat, filter_eval_format,
    filter_eval_from_hex, filter_eval_roa, filter_eval_is_v4;

/* statements.c */
filter_eval filter_eval_const_node, filter_eval_ec, filter_eval_mask,
    filter_eval_var, filter_eval_var_set, filter_eval_call,
    filter_eval_drop, filter_eval_if, filter_eval_case, filter_eval_for,
    filter_eval_block, filter_eval_print, filter_eval_return,
    filter_eval_end;

/* operators.c: "~", "!~"; a common operator with a constant on its right */
filter_eval filter_eval_match;
filter_eval *filter_eval_fused(enum filter_op op, const struct filter_node *a,
    const struct filter_node *b);

#endif
