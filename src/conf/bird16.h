/* SPDX-License-Identifier: ISC */
/*
 * Files of BIRD 1.6, which had one family and no channels.
 *
 * What they say in words that BIRD 2 has no longer is taken for what it meant.
 * The first such word is told of, once, when the whole file is known and with
 * it the family: conf_bird16_finish(), before protocols are checked.  That is
 * IPv4, unless the neighbors and static routes of the protocols without
 * channels are IPv6.
 *
 * Each of the others takes a statement (without its ';') when it is one of
 * its, and says whether it was.
 */
#ifndef WARREN_CONF_BIRD16_H
#define WARREN_CONF_BIRD16_H

#include "conf/protos.h"

/* Such a word stands at "at"; family: and the file is one of BIRD 1.6. */
void conf_bird16_note(struct conf_parser *p, struct span at,
    struct bytes word, bool family);
/* *ret_open: a ';' is wanted behind it. */
bool conf_bird16_global(struct conf_parser *p, bool *ret_open);
bool conf_bird16_proto(struct conf_parser *p, struct conf_proto *proto);
/* A table "NAME" that has no kind, or IPv4's as "master". */
const struct conf_table *conf_bird16_master(struct conf_parser *p,
    struct span at, struct bytes name);
void conf_bird16_finish(struct conf_parser *p);

#endif
