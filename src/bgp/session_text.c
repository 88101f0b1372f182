/* SPDX-License-Identifier: ISC */
/* Causes in words, as BIRD's "show protocols" and its log have them. */
#include <stdio.h>

#include "bgp/session.h"

char *
bgp_cause_text(const struct bgp_cause *c, char *buf)
{
	const char *who = "";
	const char *what = "";

	switch (c->blame) {
	case BGP_BLAME_NONE:
		break;
	case BGP_BLAME_LOCAL:
		who = "BGP Error: ";
		what = bgp_error_text(c->code, c->subcode);
		break;
	case BGP_BLAME_REMOTE:
		who = "Received: ";
		what = bgp_error_text(c->code, c->subcode);
		break;
	case BGP_BLAME_SOCKET:
		who = "Socket: ";
		what = c->err ? "" : "Connection closed";
		break;
	case BGP_BLAME_MEMORY:
		who = "Error: ";
		what = "Out of memory";
		break;
	}
	if (c->n_text)
		snprintf(buf, BGP_CAUSE_TEXT, "%s%s \"%.*s\"", who, what,
		    c->n_text, c->text);
	else
		snprintf(buf, BGP_CAUSE_TEXT, "%s%s", who, what);
	return buf;
}
