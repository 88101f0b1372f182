/* SPDX-License-Identifier: ISC */
/* show bfd sessions [name] [all] */
#include "base/mem.h"
#include "daemon/bfd.h"
#include "daemon/ctl_impl.h"
#include "sys/clock.h"

/* BIRD's: seconds with three places. */
static void
span_text(char buf[24], int64_t span)
{
	snprintf(buf, 24, "%lld.%03lld", (long long)(span / SECONDS(1)),
	    (long long)(span % SECONDS(1) / MILLISECONDS(1)));
}

static void
show_line(struct ctl_client *c, const struct bfd_sess *s)
{
	char ip[IP_TEXT], interval[24], timeout[24];
	struct text since;

	text_init(&since, 64);
	ctl_wall_text(&since,
	    ctl_timeformat(c, &c->d->gen->config->tf_protocol),
	    s->since,
	    clock_wall());
	span_text(interval, bfd_session_tx_interval(s->s));
	span_text(timeout, bfd_session_detect_time(s->s));
	ctl_say(c, 1020, "%-25s %-10s %-10s %-12s  %7s  %7s",
	    ip_text(s->remote, ip), s->ifindex ? s->ifname : "---",
	    bfd_state_text((uint8_t)bfd_session_state(s->s)), since.s,
	    interval, timeout);
	text_done(&since);
}

static void
show_more(struct ctl_client *c, const struct bfd_sess *s)
{
	static const char *const kinds[BFD_NAUTHS] = {
		"none", "simple", "keyed md5", "meticulous keyed md5",
		"keyed sha1", "meticulous keyed sha1"
	};
	const struct bfd_session_counters *n = bfd_session_counters(s->s);
	char ip[IP_TEXT];

	ctl_say(c, 1020, "  Local address: %s", ip_text(s->local, ip));
	ctl_say(c, 1020, "  Discriminators: local 0x%08x, remote 0x%08x",
	    bfd_session_discr(s->s), bfd_session_remote_discr(s->s));
	ctl_say(c, 1020, "  Diagnostic: local %s, remote %s",
	    bfd_diag_text(bfd_session_diag(s->s)),
	    bfd_diag_text(bfd_session_remote_diag(s->s)));
	ctl_say(c, 1020, "  Remote state: %s", bfd_state_text(
	    (uint8_t)bfd_session_remote_state(s->s)));
	ctl_say(c, 1020, "  Authentication: %s", kinds[s->opt.auth]);
	ctl_say(c, 1020, "  Packets: %llu received, %llu refused, %llu sent",
	    (unsigned long long)n->rx, (unsigned long long)n->rx_bad,
	    (unsigned long long)n->tx);
}

/* One row has it all; times are in milliseconds. */
static void
show_json(struct ctl_client *c, const struct proto *p,
    const struct bfd_sess *s)
{
	const struct bfd_session_counters *n = bfd_session_counters(s->s);
	char ip[IP_TEXT];
	struct json j;

	ctl_row_begin(c, &j);
	json_str(&j, "protocol", p->name);
	json_str(&j, "address", ip_text(s->remote, ip));
	json_str(&j, "local", ip_text(s->local, ip));
	json_str(&j, "interface", s->ifindex ? s->ifname : NULL);
	json_str(&j, "state", bfd_state_text(
	    (uint8_t)bfd_session_state(s->s)));
	json_str(&j, "remote_state", bfd_state_text(
	    (uint8_t)bfd_session_remote_state(s->s)));
	json_wall(&j, "since", s->since);
	json_int(&j, "interval",
	    bfd_session_tx_interval(s->s) / MILLISECONDS(1));
	json_int(&j, "timeout",
	    bfd_session_detect_time(s->s) / MILLISECONDS(1));
	json_u64(&j, "local_discriminator", bfd_session_discr(s->s));
	json_u64(&j, "remote_discriminator",
	    bfd_session_remote_discr(s->s));
	json_str(&j, "diagnostic", bfd_diag_text(bfd_session_diag(s->s)));
	json_u64(&j, "rx_packets", n->rx);
	json_u64(&j, "rx_refused", n->rx_bad);
	json_u64(&j, "tx_packets", n->tx);
	ctl_row_end(c, &j);
}

static void
show_proto_json(struct ctl_client *c, const struct proto *p)
{
	const struct bfd_proto *b = bfd_of(p);

	for (unsigned i = 0; p->state == PROTO_UP && i < BFD_CHAINS; i++)
		LIST_EACH(s, &b->chain[i], struct bfd_sess, link)
			show_json(c, p, s);
}

static bool
is_shown(const struct proto *p, const struct proto *one)
{
	return p->ops == &bfd_ops && (one == NULL || one == p);
}

static void
show_proto(struct ctl_client *c, const struct proto *p, bool all)
{
	const struct bfd_proto *b = bfd_of(p);

	if (p->state != PROTO_UP) {
		ctl_say(c, 1020, "%s: is not up", p->name);
		return;
	}
	ctl_say(c, 1020, "%s:", p->name);
	ctl_say(c, 1020, "%-25s %-10s %-10s %-12s  %8s %8s", "IP address",
	    "Interface", "State", "Since", "Interval", "Timeout");
	for (unsigned i = 0; i < BFD_CHAINS; i++)
		LIST_EACH(s, &b->chain[i], struct bfd_sess, link) {
			show_line(c, s);
			if (all)
				show_more(c, s);
		}
}

void
cmd_show_bfd(struct ctl_client *c, struct ctl_words *w)
{
	const struct ctl_word *name = ctl_peek(w);
	bool all = false, any = false;
	const struct proto *one = NULL;

	if (name != NULL)
		one = daemon_proto(c->d, name->s);
	if (one != NULL)
		w->i++;
	all = ctl_take(w, "all");
	if (!ctl_no_more(c, w))
		return;
	if (one != NULL && one->ops != &bfd_ops) {
		ctl_end(c, 9001, "%s is not a BFD protocol", one->name);
		return;
	}
	if (c->json)
		ctl_rows_begin(c);
	LIST_EACH(p, &c->d->protos, struct proto, link) {
		if (!is_shown(p, one))
			continue;
		if (c->json)
			show_proto_json(c, p);
		else
			show_proto(c, p, all);
		any = true;
	}
	if (c->json)
		ctl_rows_end(c);
	else if (any)
		ctl_ok(c);
	else
		ctl_end(c, 9001, "There is no BFD protocol running");
}
