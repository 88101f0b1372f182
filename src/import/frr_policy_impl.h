/* SPDX-License-Identifier: ISC */
/* A neighbor as it is printed, and the two halves of its channels. */
#ifndef WARREN_IMPORT_FRR_POLICY_IMPL_H
#define WARREN_IMPORT_FRR_POLICY_IMPL_H

#include "import/frr_impl.h"

struct frr_peer {
	struct frr_neighbor *n;
	const struct frr_range *range;	/* or NULL */
	uint32_t as;			/* its own; 0: internal, external */
	uint32_t local_as;
	bool external, any_as;		/* "remote-as external" */
	bool other_as, no_prepend, replace_as;	/* local-as */
};

void frr_import_print(struct frr *f, const struct frr_peer *p,
    enum frr_af af, struct text *out);
void frr_export_print(struct frr *f, const struct frr_peer *p,
    enum frr_af af, struct text *out);

#endif
