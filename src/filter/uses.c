/* SPDX-License-Identifier: ISC */
/*
 * Which ROA tables does a program ask?  A walk through the tree and all the
 * functions that it calls, each once.
 */
#include <string.h>

#include "filter/node_impl.h"

#define SEEN_MAX	512	/* functions reached from one filter */

struct search {
	const char *table;
	const struct filter_function *seen[SEEN_MAX];
	unsigned n;
};

static bool search(struct search *s, const struct filter_node *n);

static bool
in_function(struct search *s, const struct filter_function *fn)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->seen[i] == fn)
			return false;
	if (s->n == SEEN_MAX)
		return true;	/* a reload too much does no harm */
	s->seen[s->n++] = fn;
	return search(s, fn->body);
}

static bool
in_arms(struct search *s, const struct filter_arm *arm)
{
	for (; arm != NULL; arm = arm->next)
		if (search(s, arm->body))
			return true;
	return false;
}

static bool
search(struct search *s, const struct filter_node *n)
{
	for (; n != NULL; n = n->next) {
		if (n->op == FO_ROA_CHECK && strcmp(n->table, s->table) == 0)
			return true;
		if (n->op == FO_CALL && in_function(s, n->fn))
			return true;
		if (n->op == FO_CASE && in_arms(s, n->arms))
			return true;
		if (search(s, n->a) || search(s, n->b) || search(s, n->c))
			return true;
	}
	return false;
}

bool
filter_asks_roa(const struct filter *f, const char *table)
{
	struct search s = { .table = table };

	return f != NULL && search(&s, f->body);
}
