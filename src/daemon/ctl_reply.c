/* SPDX-License-Identifier: ISC */
#include "daemon/ctl_impl.h"

/*
 * "CODE-text" begins a run of lines of one code, whose others are " text";
 * "CODE text" is the last line of an answer.  A line is a line: what would
 * end it, or drive a terminal, is shown as a question mark.
 */
void
ctl_reply_line(struct ctl_reply *r, int code, bool end, const char *s)
{
	if (end || code != r->last)
		text_printf(&r->out, "%04d%c", code, end ? ' ' : '-');
	else
		text_addc(&r->out, ' ');
	for (; *s != '\0'; s++) {
		unsigned char ch = (unsigned char)*s;

		text_addc(&r->out, (ch < ' ' && ch != '\t') || ch == 0x7f ?
		    '?' : *s);
	}
	text_addc(&r->out, '\n');
	r->last = end ? 0 : code;
}
