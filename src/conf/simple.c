/* SPDX-License-Identifier: ISC */
/* The protocols with few options: device, direct, kernel, pipe. */
#include "conf/protos.h"
#include "conf/value.h"

#define AT(f)	offsetof(struct conf_proto, f)

static void
add_patterns(struct conf_parser *p, struct conf_pattern **list)
{
	while (*list != NULL)
		list = &(*list)->next;
	*list = conf_patterns(p);
}

/* preferred IP; in a block after the patterns. */
static void
preferred(struct conf_parser *p, struct conf_device_iface *i)
{
	struct ip ip;

	if (!conf_expect_word(p, "preferred") || !conf_ip(p, &ip))
		return;
	if (ip_is4(ip))
		i->preferred4 = ip;
	else if (ip_is_link_local(ip))
		i->preferred_link_local = ip;
	else
		i->preferred6 = ip;
}

static void
device_interface(struct conf_parser *p, void *base)
{
	struct conf_proto *proto = base;
	struct conf_device_iface **end = &proto->device.ifaces;
	struct conf_device_iface *i = conf_new(p, struct conf_device_iface);

	if (i == NULL)
		return;
	while (*end != NULL)
		end = &(*end)->next;
	*end = i;
	i->patterns = conf_patterns(p);
	if (!conf_accept(p, '{'))
		return;
	while (!conf_at_end(p, '}')) {
		if (conf_accept(p, ';'))
			continue;
		preferred(p, i);
		conf_end_statement(p);
	}
	conf_expect(p, '}');
}

static const struct conf_row device_rows[] = {
	{ "scan time", ROW_TIME, ROW_SOFT, AT(device.scan_time), 0, 65535, 60,
	    .help = "between two looks at all interfaces" },
	{ "interface", ROW_OWN, .own = device_interface, .help =
	    "PATTERN, … { preferred ADDRESS; }: which to use" },
};

static void
device_copy(struct conf_parser *p, struct conf_proto *proto)
{
	proto->device.ifaces = conf_copy_list(p, proto->device.ifaces,
	    sizeof(struct conf_device_iface));
}

static void
device_check(struct conf_parser *p, struct conf_proto *proto)
{
	const struct conf_proto *o = p->config->protocols;

	while (o->kind != CONF_DEVICE)
		o = o->next;
	if (o != proto)
		conf_complain(p, proto->at,
		    "there is a protocol device already: '%s'", o->name);
}

const struct conf_kind_of conf_device_kind = {
	.kind = CONF_DEVICE, .word = "device", .shown = "Device",
	.where = "in protocol device", .rows = CONF_ROWS(device_rows),
	.copy = device_copy, .check = device_check
};

static void
direct_interface(struct conf_parser *p, void *base)
{
	add_patterns(p, &((struct conf_proto *)base)->direct.patterns);
}

static const struct conf_row direct_rows[] = {
	{ "interface", ROW_OWN, .own = direct_interface, .help =
	    "PATTERN, …: only these" },
	{ "check link", ROW_SWITCH, ROW_SOFT, AT(direct.check_link), .help =
	    "only while there is a carrier" },
};

static void
direct_copy(struct conf_parser *p, struct conf_proto *proto)
{
	proto->direct.patterns = conf_copy_list(p, proto->direct.patterns,
	    sizeof(struct conf_pattern));
}

const struct conf_kind_of conf_direct_kind = {
	.kind = CONF_DIRECT, .word = "direct", .shown = "Direct",
	.where = "in protocol direct", .channels = CONF_NETS_IP,
	.preference = 240, .rows = CONF_ROWS(direct_rows),
	.copy = direct_copy
};

static void
kernel_merge_paths(struct conf_parser *p, void *base)
{
	struct conf_kernel *k = &((struct conf_proto *)base)->kernel;

	if (conf_is_word(p, "limit"))
		k->merge_paths = true;
	else if (!conf_switch(p, &k->merge_paths))
		return;
	if (conf_accept_word(p, "limit"))
		conf_number_in(p, 1, 255, &k->merge_limit);
}

static void
kernel_learn(struct conf_parser *p, void *base)
{
	struct conf_kernel *k = &((struct conf_proto *)base)->kernel;

	k->learn_all = conf_accept_word(p, "all");
	if (k->learn_all)
		k->learn = true;
	else
		conf_switch(p, &k->learn);
}

/* 0 is what the kernel itself takes for main. */
static void
kernel_table(struct conf_parser *p, void *base)
{
	struct conf_kernel *k = &((struct conf_proto *)base)->kernel;
	uint32_t n;

	if (conf_number(p, &n))
		k->table = n != 0 ? n : 254;
}

static const struct conf_row kernel_rows[] = {
	{ "scan time", ROW_TIME, ROW_SOFT, AT(kernel.scan_time), 0, 65535, 60,
	    .help = "between two looks at the whole kernel table; 0: one" },
	{ "learn", ROW_OWN, .own = kernel_learn, .help =
	    "switch | all: take routes that others put there" },
	{ NULL, ROW_SWITCH, 0, AT(kernel.learn) },
	{ NULL, ROW_SWITCH, 0, AT(kernel.learn_all) },
	{ "persist", ROW_SWITCH, ROW_SOFT, AT(kernel.persist), .help =
	    "leave our routes there at the end" },
	{ "metric", ROW_NUMBER, 0, AT(kernel.metric), 0, UINT32_MAX, 32,
	    .help = "of all our routes; 0: krt_metric, or the kernel's" },
	{ "kernel table", ROW_OWN, .own = kernel_table, .help =
	    "its number; 254, or 0, is main" },
	{ NULL, ROW_NUMBER, 0, AT(kernel.table), .def = 254 },
	{ "graceful restart", ROW_SWITCH, ROW_SOFT,
	    AT(kernel.graceful_restart), .help =
	    "after a start, wait for BGP before routes are changed" },
	{ "merge paths", ROW_OWN, .own = kernel_merge_paths, .help =
	    "switch [limit N]: equal routes become one of several hops" },
	{ NULL, ROW_SWITCH, ROW_EXPORT, AT(kernel.merge_paths) },
	{ NULL, ROW_NUMBER, ROW_EXPORT, AT(kernel.merge_limit), .def = 16 },
	{ "netlink rx buffer", ROW_NUMBER, ROW_SOFT,
	    AT(kernel.netlink_rx_buffer), 0, INT32_MAX, .help =
	    "bytes; 0: as large as may be" },
};

/* Two that write the same table would remove each other's routes. */
static void
kernel_check(struct conf_parser *p, struct conf_proto *proto)
{
	const struct conf_proto *o = p->config->protocols;

	if (proto->channels == NULL)
		conf_complain(p, proto->at, "no channel: say \"ipv4 { … };\" "
		    "or \"ipv6 { … };\"");
	for (; o != proto; o = o->next) {
		if (o->kind != CONF_KERNEL ||
		    o->kernel.table != proto->kernel.table ||
		    o->kernel.metric != proto->kernel.metric)
			continue;
		for (struct conf_channel *c = proto->channels; c; c = c->next)
			if (conf_proto_channel(o, c->kind) != NULL)
				conf_complain(p, c->at, "kernel table %u has "
				    "an %s channel in '%s' already",
				    proto->kernel.table,
				    conf_net_word(c->kind), o->name);
	}
}

const struct conf_kind_of conf_kernel_kind = {
	.kind = CONF_KERNEL, .word = "kernel", .shown = "Kernel",
	.where = "in protocol kernel", .channels = CONF_NETS_IP,
	.preference = 10, .rows = CONF_ROWS(kernel_rows),
	.check = kernel_check
};

static void
pipe_peer_table(struct conf_parser *p, void *base)
{
	struct conf_pipe *pipe = &((struct conf_proto *)base)->pipe;
	const struct span at = p->tok.at;
	const struct conf_table *t = conf_table_ref(p,
	    CONF_NETS_IP | CONF_NETS_ROA);

	if (t != NULL) {
		pipe->peer = t;
		pipe->peer_at = at;
	}
}

static const struct conf_row pipe_rows[] = {
	{ "peer table", ROW_OWN, .own = pipe_peer_table, .help =
	    "the other one; export goes into it" },
	{ "max generation", ROW_NUMBER, 0, AT(pipe.max_generation), 1, 254,
	    16, .help = "how many pipes a route may pass" },
};

/* Between tables of one kind, which need not be said. */
static void
pipe_check(struct conf_parser *p, struct conf_proto *proto)
{
	const struct conf_table *peer = proto->pipe.peer;
	struct conf_channel *c;

	if (peer == NULL) {
		conf_complain(p, proto->at, "peer table is missing");
		return;
	}
	c = proto->channels;
	if (c == NULL)
		c = conf_channel_get(p, proto, &conf_pipe_kind, peer->kind,
		    proto->at);
	if (c == NULL)
		return;
	if (c->kind == NET_NONE)
		c->kind = c->table != NULL ? c->table->kind : peer->kind;
	if (c->table == NULL)
		c->table = peer->kind == NET_IP4 ? p->config->master4 :
		    peer->kind == NET_IP6 ? p->config->master6 : NULL;
	if (c->kind != peer->kind)
		conf_complain(p, proto->pipe.peer_at,
		    "table '%s' is of another kind", peer->name);
	else if (c->table == peer || c->table == NULL)
		conf_complain(p, proto->pipe.peer_at,
		    "a pipe needs two tables");
}

const struct conf_kind_of conf_pipe_kind = {
	.kind = CONF_PIPE, .word = "pipe", .shown = "Pipe",
	.where = "in protocol pipe",
	.channels = CONF_NETS_IP | CONF_NETS_ROA, .one_channel = true,
	.inline_channel = true, .preference = 70,
	.rows = CONF_ROWS(pipe_rows), .check = pipe_check
};
