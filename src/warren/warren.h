/* SPDX-License-Identifier: ISC */
/*
 * The client's parts.
 *
 *	c = client_open(path)		connects, reads the greeting
 *	client_ask(c, line, &how)	sends one command, prints the answer
 *
 * The answer's codes are taken off the lines; how tells what is done with
 * them.  Exit statuses: 0, EXIT_WRONG, EXIT_USAGE, EXIT_NO_DAEMON.
 */
#ifndef WARREN_WARREN_WARREN_H
#define WARREN_WARREN_WARREN_H

#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"

#define SOCKET_DEFAULT	"/run/warren/warren.ctl"

enum {
	EXIT_OK = 0, EXIT_WRONG = 1, EXIT_USAGE = 2, EXIT_NO_DAEMON = 3
};

struct client {
	int fd;
	const char *path;
	char greeting[256];
	char buf[65536];
	size_t from, to;		/* unread part of buf */
};

struct client_how {
	bool json;
	bool terminal;			/* columns fit what is in them */
	bool colour;
	bool page;			/* long answers, on a terminal */
	bool codes;			/* -v: as it came over the wire */
	FILE *out;			/* NULL: nowhere; then see text */
	struct text *text;		/* gets the lines, without codes */
	/* With json: gets each line of it. */
	void (*row)(void *ctx, const char *json);
	void *ctx;
};

/* NULL after a message on stderr. */
struct client *client_open(const char *path);
/* The same without a message. */
struct client *client_open_quietly(const char *path);
struct client *client_close(struct client *c);	/* NULL in, NULL out */
/* EXIT_OK, EXIT_WRONG, or EXIT_NO_DAEMON when the connection broke. */
int client_ask(struct client *c, const char *line,
    const struct client_how *how);

/*
 * FRR's words (show bgp summary, show ip route, ...): asked and shown as FRR
 * does.  -1: the line is none of them.
 */
int frr_command(struct client *c, const char *line,
    const struct client_how *how);

/* command.c: a command with all that the client adds to it. */
int command_run(struct client *c, const char *line,
    const struct client_how *how);
/* Lines like those of warrend's "help": what only the client knows. */
void command_help(struct text *to);

/* paint.c: an answer on a terminal, line by line. */
struct paint {
	bool colour;
	struct paint_row {
		char *s;
		bool head;
	} *row;				/* of a list that goes on */
	size_t n, cap;
};

void paint_line(struct paint *p, int code, const char *text, FILE *out);
void paint_flush(struct paint *p, FILE *out);	/* at the end of an answer */
bool paint_wanted(void);		/* NO_COLOR, TERM */

/* Until end of file, "quit" or "exit". */
int interactive(struct client *c, const struct client_how *how);

/*
 * What the client does by itself, with or without a daemon at the socket.
 * argv[0] is the command's word; each answers with an exit status.
 */
typedef int own_command(const char *socket, bool json, int argc,
    char **argv);

own_command keys_command, invite_command, import_command, doctor_command,
    explain_command;

#endif
