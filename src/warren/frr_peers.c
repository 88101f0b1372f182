/* SPDX-License-Identifier: ISC */
/* show bgp summary, show bgp neighbors. */
#include <string.h>

#include "warren/frr_impl.h"

static const char *
or_zero(const struct json_node *b, const char *key)
{
	const char *s = node_text(b, key);

	return *s ? s : "0";
}

static bool
is_up(const struct json_node *p)
{
	return strcmp(node_text(node_at(p, "bgp"), "state"),
	    "Established") == 0;
}

static bool
is_of(const struct json_node *ch, unsigned family)
{
	return strcmp(node_text(ch, "family"), family == 4 ? "ipv4" :
	    "ipv6") == 0;
}

/* The channel of a family, or NULL. */
static const struct json_node *
channel(const struct json_node *p, unsigned family)
{
	const struct json_node *ch = node_at(p, "channels");

	ch = ch != NULL ? ch->child : NULL;
	while (ch != NULL && !is_of(ch, family))
		ch = ch->next;
	return ch;
}

static const char *
address(const struct json_node *p)
{
	const char *s = node_text(node_at(p, "bgp"), "neighbor");

	return *s ? s : node_text(p, "name");
}

static void
since(const struct json_node *p, char *buf, size_t cap)
{
	if (node_number(node_at(p, "bgp"), "established") == 0)
		snprintf(buf, cap, "never");
	else
		frr_ago(node_text(p, "since"), buf, cap);
}

static bool
is_shut(const struct json_node *p)
{
	return node_true(p, "disabled");
}

/* RFC 8212, or what somebody meant: nothing goes in, or out. */
static void
prefixes(const struct json_node *p, const struct json_node *ch,
    const char *policy, const char *count, char *buf, size_t cap)
{
	if (!is_up(p))
		snprintf(buf, cap, "0");
	else if (strcmp(node_text(ch, policy), "REJECT") == 0)
		snprintf(buf, cap, "(Policy)");
	else
		snprintf(buf, cap, "%s", node_text(ch, count));
}

static void
summary_row(struct frr_view *v, const struct json_node *p,
    const struct json_node *ch, int width)
{
	const struct json_node *b = node_at(p, "bgp");
	const char *about = node_text(p, "description");
	char up[32], got[32], sent[32];

	since(p, up, sizeof(up));
	prefixes(p, ch, "import", "imported", got, sizeof(got));
	prefixes(p, ch, "export", "exported", sent, sizeof(sent));
	if (!is_up(p))
		snprintf(got, sizeof(got), "%s", is_shut(p) ? "Idle (Admin)" :
		    strcmp(node_text(b, "state"), "Down") == 0 ? "Idle" :
		    strcmp(node_text(b, "state"), "Passive") == 0 ?
		    "Active" : node_text(b, "state"));
	fprintf(v->out, "%-*s 4 %10s %9s %9s %8u %4u %4u %8s %12s %8s %s\n",
	    width, address(p), node_text(b, "neighbor_as"),
	    or_zero(b, "rx_messages"), or_zero(b, "tx_messages"), 0u, 0u, 0u,
	    up, got, sent, *about ? about : "N/A");
}

struct sizes {
	uint64_t nets, memory, peers;
};

static void
read_memory(void *ctx, const struct json_node *row)
{
	struct sizes *s = ctx;

	s->memory = node_number(row, "tables");
	s->peers = node_number(row, "protocols") +
	    node_number(row, "attributes");
}

static void
read_count(void *ctx, const struct json_node *row)
{
	struct sizes *s = ctx;

	s->nets += node_number(row, "shown");
}

static void
summary_head(struct frr_view *v, unsigned family, unsigned n, int width)
{
	struct sizes s = { 0 };
	char line[128];

	snprintf(line, sizeof(line), "show route table master%u where source "
	    "= RTS_BGP count", family);
	frr_ask(v, line, read_count, &s);
	frr_ask(v, "show memory", read_memory, &s);
	if (v->titled)
		fprintf(v->out, "\nIPv%u Unicast Summary (VRF default):\n",
		    family);
	fprintf(v->out, "BGP router identifier %s, local AS number %s "
	    "vrf-id 0\n"
	    "BGP table version %llu\n"
	    "RIB entries %llu, using %llu bytes of "
	    "memory\nPeers %u, using %llu KiB of memory\n\n"
	    "%-*s V         AS   MsgRcvd   MsgSent   TblVer  InQ OutQ  "
	    "Up/Down State/PfxRcd   PfxSnt Desc\n",
	    node_text(v->status, "router_id"),
	    node_text(node_at(v->peers, "bgp"), "local_as"),
	    (unsigned long long)v->version, (unsigned long long)s.nets,
	    (unsigned long long)s.memory, n,
	    (unsigned long long)(s.peers / 1024), width, "Neighbor");
}

static bool
summary_of(struct frr_view *v, unsigned family)
{
	int width = 15;
	unsigned n = 0;

	for (const struct json_node *p = v->peers; p != NULL; p = p->next) {
		const int len = (int)strlen(address(p));

		if (channel(p, family) == NULL)
			continue;
		n++;
		width = len > width ? len : width;
	}
	if (n == 0)
		return false;
	summary_head(v, family, n, width);
	for (const struct json_node *p = v->peers; p != NULL; p = p->next)
		if (channel(p, family) != NULL)
			summary_row(v, p, channel(p, family), width);
	fprintf(v->out, "\nTotal number of neighbors %u\n", n);
	return true;
}

int
frr_summary(struct frr_view *v, unsigned families)
{
	bool any = false;

	if (families != 6)
		any = summary_of(v, 4);
	if (families != 4)
		any = summary_of(v, 6) || any;
	if (!any)
		fputs("% No BGP neighbors found in VRF default\n", v->out);
	return EXIT_OK;
}

static void
counter(FILE *f, const char *what, const struct json_node *b,
    const char *tx, const char *rx)
{
	fprintf(f, "    %-20s%5s      %5s\n", what, or_zero(b, tx),
	    or_zero(b, rx));
}

static void
print_family(struct frr_view *v, const struct json_node *p, unsigned family)
{
	const struct json_node *ch = channel(p, family);

	if (ch == NULL)
		return;
	fprintf(v->out, "\n For address family: IPv%u Unicast\n", family);
	if (strcmp(node_text(ch, "import"), "REJECT") == 0)
		fputs("  Inbound updates discarded due to missing policy\n",
		    v->out);
	else
		fprintf(v->out, "  Inbound policy: %s\n",
		    node_text(ch, "import"));
	if (strcmp(node_text(ch, "export"), "REJECT") == 0)
		fputs("  Outbound updates discarded due to missing policy\n",
		    v->out);
	else
		fprintf(v->out, "  Outbound policy: %s\n",
		    node_text(ch, "export"));
	fprintf(v->out, "  %s accepted prefixes\n  %s announced prefixes\n",
	    node_text(ch, "imported"), node_text(ch, "exported"));
}

static void
print_session(struct frr_view *v, const struct json_node *b, bool up)
{
	FILE *f = v->out;

	if (up)
		fprintf(f, "  Hold time is %s seconds, keepalive interval is "
		    "%s seconds\n", node_text(b, "hold_time"),
		    node_text(b, "keepalive_time"));
	fprintf(f, "  Message statistics:\n"
	    "                         Sent       Rcvd\n");
	counter(f, "Updates:", b, "tx_updates", "rx_updates");
	counter(f, "Keepalives:", b, "tx_keepalives", "rx_keepalives");
	counter(f, "Route Refresh:", b, "tx_refreshes", "rx_refreshes");
	counter(f, "Total:", b, "tx_messages", "rx_messages");
}

static void
print_neighbor(struct frr_view *v, const struct json_node *p)
{
	const struct json_node *b = node_at(p, "bgp");
	const char *id = node_text(b, "neighbor_id");
	const char *about = node_text(p, "description");
	const char *why = node_text(p, "message");
	char ago[32];

	since(p, ago, sizeof(ago));
	fprintf(v->out, "BGP neighbor is %s, remote AS %s, local AS %s, %s "
	    "link\n", address(p), node_text(b, "neighbor_as"),
	    node_text(b, "local_as"), frr_external(p) ? "external" :
	    "internal");
	if (*about)
		fprintf(v->out, " Description: %s\n", about);
	if (is_shut(p))
		fputs(" Administratively shut down\n", v->out);
	fprintf(v->out, "  BGP version 4, remote router ID %s, local router "
	    "ID %s\n  BGP state = %s", *id ? id : "0.0.0.0",
	    node_text(v->status, "router_id"), is_shut(p) ? "Idle" :
	    node_text(b, "state"));
	fprintf(v->out, is_up(p) ? ", up for %s\n" : "%.0s\n", ago);
	print_session(v, b, is_up(p));
	print_family(v, p, 4);
	print_family(v, p, 6);
	fprintf(v->out, "\n  Connections established %s\n",
	    node_text(b, "established"));
	if (*why)
		fprintf(v->out, "  Last reset due to %s\n", why);
	fputc('\n', v->out);
}

int
frr_neighbors(struct frr_view *v, const char *who)
{
	const struct json_node *p;

	if (who != NULL) {
		p = frr_peer(v, who);
		if (p == NULL) {
			fputs("% No such neighbor in this view/vrf\n", v->out);
			return EXIT_WRONG;
		}
		print_neighbor(v, p);
		return EXIT_OK;
	}
	for (p = v->peers; p != NULL; p = p->next)
		print_neighbor(v, p);
	return EXIT_OK;
}
