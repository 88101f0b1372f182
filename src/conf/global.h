/* SPDX-License-Identifier: ISC */
/*
 * Statements that stand outside of every protocol.
 */
#ifndef WARREN_CONF_GLOBAL_H
#define WARREN_CONF_GLOBAL_H

#include "conf/parser.h"

/* The defaults, and the tables that are there without being declared. */
bool conf_global_init(struct conf_parser *p);
/* One statement with its end. */
void conf_global_statement(struct conf_parser *p);

#endif
