/* SPDX-License-Identifier: ISC */
/* The commands, how they are found, and what "help" says of them. */
#include <string.h>

#include "daemon/ctl_impl.h"

#define MAX_WORDS	3

struct command {
	const char *word[MAX_WORDS + 1];	/* ended by NULL */
	const char *args;
	const char *help;
	cmd_fn *run;
	bool changes;			/* not for a restricted client */
};

static const struct command commands[] = {
	{ { "show", "status" }, "", "Show router status", cmd_show_status },
	{ { "show", "protocols" }, "[all] [<protocol> | \"<pattern>\"]",
	    "Show routing protocols", cmd_show_protocols },
	{ { "show", "route" }, "[<prefix>] [for <prefix|address>] "
	    "[in <prefix>] [table <t>|all] [filter <f>] [where <expr>] [all] "
	    "[primary] [filtered] [(export|preexport|noexport|import) <p>] "
	    "[protocol <p>] [stats|count]", "Show routing table",
	    cmd_show_route },
	{ { "show", "tunnels" }, "[<protocol> | \"<pattern>\"]",
	    "Show WireGuard interfaces and peers", cmd_show_tunnels },
	{ { "show", "interfaces" }, "[summary]", "Show network interfaces",
	    cmd_show_interfaces },
	{ { "show", "memory" }, "", "Show memory usage", cmd_show_memory },
	{ { "show", "static" }, "[<protocol>]",
	    "Show details of static protocol", cmd_show_static },
	{ { "show", "symbols" }, "[table|filter|function|protocol|template|"
	    "constant|attribute] [<symbol>]",
	    "Show all known symbolic names", cmd_show_symbols },
	{ { "show", "bfd", "sessions" }, "[<name>] [all]",
	    "Show information about BFD sessions", cmd_show_bfd },
	{ { "show", "babel" }, "", "Not served", cmd_show_unserved },
	{ { "show", "evpn" }, "", "Not served", cmd_show_unserved },
	{ { "show", "mpls" }, "", "Not served", cmd_show_unserved },
	{ { "show", "ospf" }, "", "Not served", cmd_show_unserved },
	{ { "show", "radv" }, "", "Not served", cmd_show_unserved },
	{ { "show", "rip" }, "", "Not served", cmd_show_unserved },
	{ { "configure" }, "[soft] [check] [\"<file>\"] [timeout [<s>]] | "
	    "undo | confirm | status", "Reload configuration", cmd_configure },
	{ { "enable" }, "(<protocol> | \"<pattern>\" | all) [\"<message>\"]",
	    "Enable protocol", cmd_enable, true },
	{ { "disable" }, "(<protocol> | \"<pattern>\" | all) [\"<message>\"]",
	    "Disable protocol", cmd_disable, true },
	{ { "restart" }, "(<protocol> | \"<pattern>\" | all) [\"<message>\"]",
	    "Restart protocol", cmd_restart, true },
	{ { "reload" }, "[in | out] (<protocol> | \"<pattern>\" | all)",
	    "Reload protocol", cmd_reload, true },
	{ { "debug" }, "(<protocol> | \"<pattern>\" | all) (all | off | "
	    "{ states | routes | filters | interfaces | events | packets })",
	    "Control protocol debugging", cmd_debug, true },
	{ { "mrtdump" }, "(<protocol> | \"<pattern>\" | all) (all | off | "
	    "{ states | messages })", "Control dumping of messages",
	    cmd_mrtdump, true },
	{ { "mrt", "dump" }, "table (<table> | \"<pattern>\") to \"<file>\" "
	    "[filter <f> | where <expr>]", "Dump tables in MRT format",
	    cmd_mrt_dump, true },
	{ { "invite" }, "<name> [interface <iface>] key <public key> "
	    "[psk <key>]", "Let a stock WireGuard client in", cmd_invite,
	    true },
	{ { "revoke" }, "<name> [interface <iface>]",
	    "Put one who was invited out", cmd_revoke, true },
	{ { "echo" }, "(all | off | { debug | trace | info | remote | "
	    "warning | error | auth | fatal | bug }) [<buffer-size>]",
	    "Control echoing of log messages", cmd_echo },
	{ { "eval" }, "<expr>", "Evaluate an expression", cmd_eval },
	{ { "restrict" }, "", "Restrict current session to looking",
	    cmd_restrict },
	{ { "timeformat" }, "\"<format>\" [<limit> \"<older>\"] | iso "
	    "(long | short) [ms | us]", "Override format of date/time",
	    cmd_timeformat },
	{ { "dump" }, "(resources | attributes | interfaces | neighbors | "
	    "protocols | routes) [\"<file>\"]", "Write what is known",
	    cmd_dump, true },
	{ { "graceful", "restart" }, "", "Shut down for a start soon after",
	    cmd_graceful_restart, true },
	{ { "graceful", "shutdown" }, "[off] (<protocol> | \"<pattern>\" | "
	    "all)", "Have BGP neighbors turn to others (RFC 8326)",
	    cmd_graceful_shutdown, true },
	{ { "down" }, "", "Shut the daemon down", cmd_down, true },
	{ { "help" }, "[<command>]", "Describe the commands", cmd_help },
};

#define N_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

/* The distinct words that may stand at place n, after prefix[0..n). */
static unsigned
words_at(const char *const *prefix, unsigned n, const char **list)
{
	unsigned count = 0;

	for (unsigned i = 0; i < N_COMMANDS; i++) {
		const struct command *k = &commands[i];
		bool fits = true;

		for (unsigned j = 0; j < n && fits; j++)
			fits = k->word[j] && strcmp(k->word[j], prefix[j]) == 0;
		if (!fits || k->word[n] == NULL)
			continue;
		if (count == 0 || strcmp(list[count - 1], k->word[n]) != 0)
			list[count++] = k->word[n];
	}
	list[count] = NULL;
	return count;
}

static void
expected_words(struct ctl_client *c, const struct ctl_words *w,
    const char *const *list, bool several)
{
	struct text t;

	text_init(&t, CTL_LINE);
	for (unsigned i = 0; list[i] != NULL; i++)
		text_printf(&t, "%s%s", i ? " or " : "", list[i]);
	if (several && ctl_peek(w) != NULL)
		ctl_end(c, 9001, "syntax error, ambiguous %s, expecting %s",
		    ctl_peek(w)->s, t.s);
	else
		ctl_expected(c, w, t.s);
	text_done(&t);
}

static const struct command *
command_of(const char *const *prefix, unsigned n)
{
	for (unsigned i = 0; i < N_COMMANDS; i++) {
		const struct command *k = &commands[i];
		unsigned j = 0;

		while (j < n && k->word[j] &&
		    strcmp(k->word[j], prefix[j]) == 0)
			j++;
		if (j == n && k->word[n] == NULL)
			return k;
	}
	return NULL;
}

/* Whole words, or unambiguous beginnings.  NULL after an error. */
static const struct command *
find(struct ctl_client *c, struct ctl_words *w)
{
	const char *prefix[MAX_WORDS], *list[N_COMMANDS + 1];
	unsigned n = 0;

	while (words_at(prefix, n, list) > 0) {
		int i = ctl_take_one(w, list);

		if (i < 0) {
			expected_words(c, w, list, i == -2);
			return NULL;
		}
		prefix[n++] = list[i];
	}
	return command_of(prefix, n);
}

static void
describe(struct ctl_client *c, const struct command *k)
{
	struct text t;

	text_init(&t, CTL_LINE);
	for (unsigned j = 0; k->word[j] != NULL; j++)
		text_printf(&t, "%s%s", j ? " " : "", k->word[j]);
	ctl_say(c, 1099, "%s %s\t%s", t.s, k->args, k->help);
	text_done(&t);
}

/* "help show" lists all that begins so; each word may be a beginning. */
void
cmd_help(struct ctl_client *c, struct ctl_words *w)
{
	unsigned from = w->i, found = 0;

	for (unsigned i = 0; i < N_COMMANDS; i++) {
		const struct command *k = &commands[i];
		unsigned j = 0;

		while (k->word[j] != NULL && from + j < w->n &&
		    strncmp(k->word[j], w->w[from + j].s,
		    strlen(w->w[from + j].s)) == 0)
			j++;
		if (from + j < w->n && k->word[j] != NULL)
			continue;
		describe(c, k);
		found++;
	}
	if (found == 0)
		ctl_expected(c, w, "a command");
	else
		ctl_ok(c);
}

void
cmd_run(struct ctl_client *c, const char *line)
{
	struct ctl_words *w = &c->ctl->words;
	const struct command *k;

	if (!ctl_split(w, line)) {
		ctl_end(c, 9001, "syntax error, a string without its end, or "
		    "too many words");
		return;
	}
	c->json = ctl_take(w, "json");
	k = find(c, w);
	if (k != NULL && !(k->changes && ctl_denied(c)))
		k->run(c, w);
}
