/* SPDX-License-Identifier: ISC */
/* warren: what a person says to warrend.  See warren(8). */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "warren/warren.h"

struct options {
	const char *socket;
	bool restricted;
	struct client_how how;
};

static int
usage(FILE *to)
{
	fputs("usage: warren [-jlnrv] [-s SOCKET] [COMMAND...]\n"
	    "       warren genkey | genpsk\n"
	    "       warren pubkey < PRIVATE-KEY\n"
	    "       warren invite NAME [-i IFACE] [-q FILE.png]\n"
	    "       warren revoke NAME [-i IFACE]\n"
	    "       warren import frr FILE\n"
	    "       warren import wg [-d FOLDER] FILE...\n"
	    "       warren [-j] doctor [--fix [--yes]] [-c FILE]\n"
	    "       warren [-j] explain ADDRESS|PREFIX [from ADDRESS]\n"
	    "       warren --version\n"
	    "\n"
	    "COMMAND is one of the daemon's (\"warren help\" lists them); "
	    "without one,\nwarren reads commands.\n", to);
	return to == stdout ? EXIT_OK : EXIT_USAGE;
}

/* -1, or the exit status. */
static int
read_options(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+s:jlnrvh")) != -1) {
		switch (c) {
		case 's': o->socket = optarg; break;
		case 'j': o->how.json = true; break;
		case 'l': o->socket = "warren.ctl"; break;
		case 'n': o->how.page = false; break;
		case 'r': o->restricted = true; break;
		case 'v': o->how.codes = true; break;
		case 'h': return usage(stdout);
		default: return usage(stderr);
		}
	}
	return -1;
}

static void
join(struct text *line, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		text_printf(line, "%s%s", i ? " " : "", argv[i]);
}

static int
restrict_it(struct client *c)
{
	struct client_how quiet = { 0 };

	return client_ask(c, "restrict", &quiet);
}

static int
run(const struct options *o, int argc, char **argv)
{
	struct client *c = client_open(o->socket);
	struct text line;
	int status;

	if (c == NULL)
		return EXIT_NO_DAEMON;
	status = o->restricted ? restrict_it(c) : EXIT_OK;
	text_init(&line, 1 << 16);
	join(&line, argc, argv);
	if (status != EXIT_OK)
		;
	else if (argc > 0)
		status = command_run(c, line.s, &o->how);
	else
		status = interactive(c, &o->how);
	text_done(&line);
	client_close(c);
	return status;
}

static own_command *
find_own(const char *word)
{
	static const struct {
		const char *word;
		own_command *run;
	} list[] = {
		{ "genkey", keys_command }, { "genpsk", keys_command },
		{ "pubkey", keys_command }, { "import", import_command },
		{ "invite", invite_command }, { "revoke", invite_command },
		{ "doctor", doctor_command }, { "explain", explain_command },
	};

	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (strcmp(word, list[i].word) == 0)
			return list[i].run;
	return NULL;
}

/* With -r nothing may be changed, by what the client does itself either. */
static bool
is_denied(int argc, char **argv)
{
	bool changes = strcmp(argv[0], "invite") == 0 ||
	    strcmp(argv[0], "revoke") == 0;

	if (strcmp(argv[0], "doctor") == 0)
		for (int i = 1; i < argc; i++)
			changes |= strcmp(argv[i], "--fix") == 0 ||
			    strcmp(argv[i], "--yes") == 0;
	if (changes)
		fputs("warren: Access denied\n", stderr);
	return changes;
}

int
main(int argc, char **argv)
{
	struct options o = { .socket = SOCKET_DEFAULT };
	own_command *own;
	int status;

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("warren " WARREN_VERSION);
		return EXIT_OK;
	}
	o.how.out = stdout;
	o.how.terminal = o.how.page = isatty(1);
	o.how.colour = o.how.terminal && paint_wanted();
	status = read_options(&o, argc, argv);
	if (status >= 0)
		return status;
	argc -= optind;
	argv += optind;
	own = argc > 0 ? find_own(argv[0]) : NULL;
	if (own != NULL && o.restricted && is_denied(argc, argv))
		return EXIT_WRONG;
	if (own != NULL)
		return own(o.socket, o.how.json, argc, argv);
	status = run(&o, argc, argv);
	if (fflush(stdout) != 0 && status == EXIT_OK)
		status = EXIT_WRONG;
	return status;
}
