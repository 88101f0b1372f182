/* SPDX-License-Identifier: ISC */
/*
 * Command lines of the control socket, from somebody who may only look, to a
 * daemon that has a configuration and tables but no system around it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl_impl.h"
#include "daemon/reconf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] =
    "router id 10.0.0.1;\n"
    "ipv4 table t4; roa4 table r4;\n"
    "define X = 5; attribute int a;\n"
    "filter f { if net ~ [10.0.0.0/8+] then accept; reject; }\n"
    "function g(int i) { return i + X; }\n"
    "protocol static s { ipv4; disabled; route 10.0.0.0/8 blackhole;\n"
    "route 10.1.0.0/16 via 192.0.2.1; route 10.2.0.0/16 recursive 1.2.3.4; }\n"
    "protocol bgp b { local as 1; neighbor 10.0.0.2 as 2; disabled;\n"
    "ipv4 { import all; export all; }; }\n"
    "protocol wireguard w { private key file \"/x\"; disabled; }\n";

static bool
read_text(void *ctx, const char *path, struct text *ret,
    const char **ret_why)
{
	(void)ctx;
	(void)path;
	(void)ret_why;
	text_add(ret, text);
	return true;
}

static const struct conf_io io = { .read = read_text };
static struct daemon d;
static struct ctl ctl;

static void
quiet(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

/* A route in the table, so that there is something to be shown. */
static void
add_route(void)
{
	static struct rt_class cls = { .name = "Static" };
	static struct rt_owner owner = { .cls = &cls, .name = "s" };
	struct proto *p = daemon_proto(&d, "s");
	struct rt_table *t = daemon_table(&d, "master4")->t;
	struct prefix net;
	struct attrs_edit e;
	const struct attrs *a;

	assert(p != NULL && prefix_parse("10.0.0.0/8", &net));
	owner.ctx = proto_channel(p, NET_IP4);
	attrs_edit_init(&e, NULL);
	attrs_edit_set_dest(&e, RTD_BLACKHOLE);
	attrs_edit_set_u32(&e, ATTR_BGP_MED, 7);
	a = attrs_intern(d.pool, &e);
	rt_announce(t, rt_src_get(t, &owner, 0), &net, a, 0, loop_now());
	attrs_unref(d.pool, a);
}

static void
begin(void)
{
	static struct generation gen;
	struct diag_list *diags = diag_list_new(10);

	list_init(&d.tables);
	list_init(&d.protos);
	list_init(&d.watchers);
	iface_set_init(&d.ifaces);
	d.pool = attrs_pool_new(&d.key);
	filter_env_init(&d.filters);
	d.filters.print = quiet;
	d.filters.note = quiet;
	gen.config = conf_parse(&io, "x", diags);
	gen.refs = 1;
	assert(gen.config != NULL);
	diag_list_free(diags);
	assert(generation_first(&d, &gen));
	add_route();
	ctl.d = &d;
	list_init(&ctl.clients);
}

/* The framing, as a client reads it. */
static void
check(const struct ctl_client *c)
{
	const char *s = c->r.out.s;
	bool ended = false;

	assert(c->done);
	while (*s != '\0') {
		size_t n = strcspn(s, "\n");

		assert(!ended && s[n] == '\n');
		if (s[0] != ' ') {
			assert(n >= 5 && strspn(s, "0123456789") == 4);
			assert(s[4] == ' ' || s[4] == '-');
			ended = s[4] == ' ';
		}
		s += n + 1;
	}
	assert(ended);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ctl_client c;
	char line[CTL_LINE + 1];
	size_t n = size < CTL_LINE ? size : CTL_LINE - 1;

	if (d.gen == NULL)
		begin();
	memcpy(line, data, n);
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	memset(&c, 0, sizeof(c));
	c.ctl = &ctl;
	c.d = &d;
	c.fd = -1;
	c.restricted = true;
	text_init(&c.r.out, CTL_OUT);
	text_init(&c.row, CTL_OUT);
	cmd_run(&c, line);
	while (c.job != NULL && c.job->step(&c, c.job))
		;
	if (c.job != NULL)
		c.job->free(&c, c.job);
	if (!c.done)
		ctl_ok(&c);
	check(&c);
	text_done(&c.r.out);
	text_done(&c.row);
	return 0;
}
