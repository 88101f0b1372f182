/* SPDX-License-Identifier: ISC */
/* Options of BFD sessions, which stand in protocol bfd and in protocol bgp. */
#ifndef WARREN_CONF_BFD_H
#define WARREN_CONF_BFD_H

#include "conf/protos.h"

extern const struct conf_rows conf_bfd_option_rows;

/* At the '{', through the '}'; what stands there is added to *o. */
void conf_bfd_options(struct conf_parser *p, struct conf_bfd_options *o);
bool conf_bfd_options_same(const struct conf_bfd_options *a,
    const struct conf_bfd_options *b);

#endif
