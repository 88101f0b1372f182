/* SPDX-License-Identifier: ISC */
/*
 * Words of BIRD's that Warren does not serve.
 *
 * Each is refused by its name, at its place.  With CONF_SKIP_UNSERVED it is
 * a warning, and what the word belongs to is left out: an option, a channel,
 * a route, a statement of a filter, a whole protocol.  Then names that were
 * declared by what is left out stay known, so that their use is left out too
 * and not taken for a mistake.
 */
#ifndef WARREN_CONF_UNSERVED_H
#define WARREN_CONF_UNSERVED_H

#include "conf/parser.h"

/*
 * "Warren does not serve 'WORD'", at the span.  The parser has failed after
 * that, either way, so that the statement is skipped.
 */
void conf_unserved(struct conf_parser *p, struct span at, const char *word);
/* The same, but without it the whole protocol at hand makes no sense. */
void conf_unserved_proto(struct conf_parser *p, struct span at,
    const char *word);

/* A name that stands for something of the kind: that was told already. */
void conf_unserved_name(struct conf_parser *p, const struct conf_token *name);

/* Is this the name of such a protocol, of a kind of tables or channels? */
bool conf_is_unserved_proto(struct bytes word);
bool conf_is_unserved_net(struct bytes word);

/*
 * At what follows "protocol ospf" or the like, through the '}'; a template's
 * or protocol's name is remembered.  After conf_unserved().
 */
void conf_unserved_block(struct conf_parser *p);
/* At the name behind "vpn4 table", which is remembered. */
void conf_unserved_table(struct conf_parser *p, struct span at,
    const char *word);

/* An attribute of a protocol that is not served, such as ospf_metric1. */
bool conf_is_unserved_attr(struct bytes name);
/* Or a constant, or the word before a net of such a kind. */
bool conf_is_unserved_value(struct bytes name);
/*
 * Such an attribute, as if it were declared: nobody will ever set it but
 * filters.  NULL where that must not be, or it is no such name.
 */
const struct conf_symbol *conf_unserved_attr(struct conf_parser *p,
    const struct conf_token *t);

#endif
