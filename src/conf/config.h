/* SPDX-License-Identifier: ISC */
/*
 * A configuration: what a warren.conf says, checked, and never changed after.
 *
 *	cfg = conf_parse(&io, "/etc/warren/warren.conf", diags);
 *	... NULL when there was an error; diags tell all of them ...
 *	diff = conf_diff(old, cfg);
 *	...
 *	cfg = config_free(cfg);		wipes keys and passwords
 *
 * Everything stands in one arena and is freed with it: pointers into a
 * configuration are good as long as the configuration.  Lists are in the
 * order of the file and linked through "next".  Spans of time are
 * nanoseconds.  A span's file is an index of config.files.  Strings are NUL
 * terminated; NULL is "not said".  Defaults are filled in, so that no reader
 * needs to know them.
 */
#ifndef WARREN_CONF_CONFIG_H
#define WARREN_CONF_CONFIG_H

#include "base/diag.h"
#include "base/ip.h"

struct arena;
struct filter;			/* filter/filter.h */

/* Bits of "debug"; BIRD's names. */
enum conf_debug {
	CONF_DEBUG_STATES	= 1 << 0,
	CONF_DEBUG_ROUTES	= 1 << 1,
	CONF_DEBUG_FILTERS	= 1 << 2,
	CONF_DEBUG_INTERFACES	= 1 << 3,
	CONF_DEBUG_EVENTS	= 1 << 4,
	CONF_DEBUG_PACKETS	= 1 << 5,
	CONF_DEBUG_ALL		= 0x3f
};

/* Bits of a log line's class, as in: log syslog { error, fatal }; */
enum conf_log_class {
	CONF_LOG_DEBUG		= 1 << 0,
	CONF_LOG_TRACE		= 1 << 1,
	CONF_LOG_INFO		= 1 << 2,
	CONF_LOG_REMOTE		= 1 << 3,
	CONF_LOG_WARNING	= 1 << 4,
	CONF_LOG_ERROR		= 1 << 5,
	CONF_LOG_AUTH		= 1 << 6,
	CONF_LOG_FATAL		= 1 << 7,
	CONF_LOG_BUG		= 1 << 8,
	CONF_LOG_ALL		= 0x1ff
};

enum conf_log_kind {
	CONF_LOG_FILE, CONF_LOG_STDERR, CONF_LOG_SYSLOG, CONF_LOG_UDP
};

struct conf_log {
	struct conf_log *next;
	struct span at;
	uint8_t kind;		/* enum conf_log_kind */
	uint16_t classes;	/* enum conf_log_class */
	const char *path;	/* FILE */
	uint64_t limit;		/* FILE: bytes; 0 is none */
	const char *backup;	/* FILE: where the full one goes */
	const char *name;	/* SYSLOG: or NULL */
	struct ip host;		/* UDP, or */
	const char *host_name;	/* UDP: to be looked up */
	uint16_t port;		/* UDP */
};

struct conf_cli {		/* cli "name" { restrict; }; */
	struct conf_cli *next;
	struct span at;
	const char *path;
	bool restricted;
};

/* A strftime format, and another for what is older than "limit". */
struct conf_timeformat {
	const char *recent;
	int64_t limit;		/* 0: no limit */
	const char *old;
};

/* "iso long|short"; digits: 0 none, 1 ms, 2 us. */
struct conf_timeformat conf_timeformat_iso(bool is_long, unsigned digits);

struct conf_table {
	struct conf_table *next;
	const char *name;
	struct span at;
	uint8_t kind;		/* enum net_kind */
	bool implicit;		/* master4 or master6, not declared */
	bool one_family;	/* the parser's: of a file of BIRD 1.6 */
	bool sorted;
	bool trie;			/* taken, and of no meaning; so are */
	uint32_t gc_threshold;
	int64_t gc_period;
	int64_t settle_min, settle_max;	/* of ROA reloads */
};

/* attribute int NAME; attribute bgp CODE bytestring NAME; */
struct conf_attribute {
	struct conf_attribute *next;
	const char *name;
	struct span at;
	uint16_t id;		/* ATTR_USER + its number, or BGP's code */
	uint8_t type;		/* enum attr_type of rib/attrs.h */
};

enum conf_symbol_kind {
	CONF_SYM_NONE,		/* named somewhere, not yet defined */
	CONF_SYM_CONSTANT, CONF_SYM_FUNCTION, CONF_SYM_FILTER,
	CONF_SYM_TEMPLATE, CONF_SYM_TABLE, CONF_SYM_PROTOCOL,
	CONF_SYM_ATTRIBUTE, CONF_SYM_VARIABLE,
	CONF_SYM_UNSERVED		/* of something that was skipped */
};

/* For "show symbols", and for looking filters up by name. */
struct conf_symbol {
	struct conf_symbol *next;	/* in config.symbols */
	struct conf_symbol *chain;	/* the parser's */
	const char *name;
	struct span at;
	uint8_t kind;			/* enum conf_symbol_kind */
	uint8_t type;			/* of a constant or variable */
	/* By kind; NULL until the definition is complete. */
	union {
		const void *value;		/* CONSTANT: filter/'s value */
		void *function;			/* FUNCTION: filter/'s */
		const struct filter *filter;
		struct conf_proto *proto;	/* TEMPLATE, PROTOCOL */
		struct conf_table *table;
		struct conf_attribute *attribute;
		void *variable;			/* VARIABLE: filter/'s */
		void *def;
	};
	uint32_t slot;			/* free for filter/ */
};

/* What a channel does with routes in one direction. */
enum conf_policy_kind {
	CONF_POLICY_NONE,		/* reject all */
	CONF_POLICY_ALL,
	CONF_POLICY_FILTER
};

struct conf_policy {
	uint8_t kind;			/* enum conf_policy_kind */
	bool said;			/* it stands in the file */
	struct span at;
	const struct filter *filter;	/* FILTER */
	const char *name;		/* its name; NULL: has none */
};

enum conf_limit_action {		/* same order as rib's */
	CONF_LIMIT_NONE, CONF_LIMIT_WARN, CONF_LIMIT_BLOCK,
	CONF_LIMIT_RESTART, CONF_LIMIT_DISABLE
};

struct conf_limit {
	uint32_t max;			/* with action NONE: no limit */
	uint8_t action;			/* enum conf_limit_action */
};

enum conf_next_hop {			/* next hop self|keep … */
	CONF_NH_NO, CONF_NH_YES, CONF_NH_IBGP, CONF_NH_EBGP
};

enum conf_nh_prefer {
	CONF_NH_PREFER_DEFAULT, CONF_NH_PREFER_GLOBAL, CONF_NH_PREFER_LOCAL
};

enum conf_ll_format {			/* of link-local next hops sent */
	CONF_LL_DEFAULT, CONF_LL_NATIVE, CONF_LL_SINGLE, CONF_LL_DOUBLE
};

enum conf_gateway {
	CONF_GW_DEFAULT, CONF_GW_DIRECT, CONF_GW_RECURSIVE
};

enum conf_add_paths {			/* bits */
	CONF_ADD_PATHS_RX = 1, CONF_ADD_PATHS_TX = 2
};

enum conf_switch3 {			/* on, off, or what the rest implies */
	CONF_DEFAULT, CONF_OFF, CONF_ON
};

enum conf_graceful {
	CONF_GR_OFF, CONF_GR_AWARE, CONF_GR_ON
};

/* One channel, that is, "ipv4 { … };" in a protocol. */
struct conf_channel {
	struct conf_channel *next;
	struct span at;
	uint8_t kind;			/* enum net_kind */
	bool said;			/* the parser's: here, not in "from" */
	bool one_family;		/* the parser's: not said at all */
	bool multicast;			/* of BGP: SAFI 2 */
	const struct conf_table *table;
	struct span table_at;
	uint16_t preference;
	struct conf_policy import, export;
	struct conf_limit receive_limit, import_limit, export_limit;
	bool keep_filtered;
	bool rpki_reload;
	uint8_t debug;			/* enum conf_debug */
	bool debug_said;

	/* BGP only from here on. */
	bool mandatory;
	uint8_t next_hop_self;		/* enum conf_next_hop */
	uint8_t next_hop_keep;		/* enum conf_next_hop */
	bool next_hop_keep_said;
	uint8_t next_hop_prefer;	/* enum conf_nh_prefer */
	uint8_t link_local_format;	/* enum conf_ll_format */
	struct ip next_hop_address;	/* or IP_NONE */
	uint8_t gateway;		/* enum conf_gateway */
	bool import_table, export_table;
	bool secondary;
	uint8_t extended_next_hop;	/* enum conf_switch3 */
	bool require_extended_next_hop;
	uint8_t add_paths;		/* bits of enum conf_add_paths */
	bool require_add_paths;
	uint8_t aigp;			/* enum conf_switch3 */
	bool aigp_originate;
	uint32_t cost;
	uint8_t graceful_restart;	/* enum conf_switch3 */
	uint8_t llgr;			/* enum conf_switch3 */
	int64_t llgr_time, llgr_min_time, llgr_max_time; /* -1: not said */
	const struct conf_table *igp_table4, *igp_table6;
	uint32_t tx_size_warning;	/* 0: none */
};

/* interface "eth*", -"lo", 10.0.0.0/8; */
struct conf_pattern {
	struct conf_pattern *next;
	bool negative;
	const char *name;		/* shell pattern, or NULL: any */
	struct prefix net;		/* kind NET_NONE: any */
};

enum conf_kind {
	CONF_NO_PROTOCOL, CONF_DEVICE, CONF_DIRECT, CONF_KERNEL, CONF_STATIC,
	CONF_PIPE, CONF_BGP, CONF_WIREGUARD, CONF_RPKI, CONF_BFD, CONF_MRT,
	CONF_BMP,
	CONF_NKINDS
};

/* interface "eth0" { preferred 10.0.0.1; }; */
struct conf_device_iface {
	struct conf_device_iface *next;
	struct conf_pattern *patterns;
	struct ip preferred4, preferred6, preferred_link_local;
	struct prefix preferred_net;	/* BIRD 1.6; kind NET_NONE: none */
};

struct conf_device {
	int64_t scan_time;
	struct conf_device_iface *ifaces;
};

struct conf_direct {
	struct conf_pattern *patterns;	/* NULL: every interface */
	bool check_link;
};

struct conf_kernel {
	int64_t scan_time;
	bool learn, learn_all;		/* all: the kernel's own, too */
	bool persist;
	uint32_t metric;		/* 0: not set */
	uint32_t table;			/* 254 is main */
	bool graceful_restart;
	bool merge_paths;
	uint32_t merge_limit;
	uint32_t netlink_rx_buffer;
};

enum conf_dest {			/* of a static route */
	CONF_DEST_NONE, CONF_DEST_VIA, CONF_DEST_RECURSIVE,
	CONF_DEST_BLACKHOLE, CONF_DEST_UNREACHABLE, CONF_DEST_PROHIBIT
};

struct conf_via {
	struct conf_via *next;
	struct span at;
	struct ip gw;			/* IP_NONE: the link itself */
	const char *iface;		/* or NULL */
	bool onlink;
	bool bfd;
	uint16_t weight;		/* 1 to 256 */
};

struct conf_route {
	struct conf_route *next;
	struct span at;
	struct prefix net;		/* ROA kinds too */
	uint8_t dest;			/* enum conf_dest; NONE for ROA */
	struct conf_via *vias;		/* VIA */
	struct ip recursive;		/* RECURSIVE */
	uint32_t index;			/* among those of the same net */
	const struct filter *filter;	/* the block after it, or NULL */
};

struct conf_static {
	bool check_link;
	struct conf_route *routes, *last;
	uint32_t n_routes;
	const struct conf_table *igp_table4, *igp_table6;
};

struct conf_pipe {
	const struct conf_table *peer;
	struct span peer_at;
	uint32_t max_generation;
};

struct conf_bmp {
	struct ip station, local_ip;
	uint16_t port;
	const char *name, *descr;	/* NULL: not said */
	bool before, after;		/* the import filter */
	int64_t stats;			/* between reports; 0: none */
	uint32_t limit;			/* MiB */
};

struct conf_mrt {
	const char *table;		/* a name, or */
	bool pattern;			/* a shell pattern */
	const struct filter *filter;	/* or NULL: all routes */
	const char *filename;		/* strftime(3), and %N */
	int64_t period;
	bool always_add_path;
};

/* Spans that the cache may change, unless "keep". */
struct conf_rpki {
	struct ip remote_ip;		/* IP_NONE: by name */
	const char *remote_host;	/* … which is this */
	struct ip local_ip;		/* or IP_NONE */
	uint16_t port;
	int64_t refresh, retry, expire;
	bool refresh_keep, retry_keep, expire_keep;
	bool ignore_max_length;
	uint8_t version_min, version_max;
	bool authentication;		/* use the password, TCP MD5 */
	const char *password;		/* secret */
};

/* Same numbers as on the wire. */
enum conf_bfd_auth {
	CONF_BFD_AUTH_NONE, CONF_BFD_AUTH_SIMPLE, CONF_BFD_AUTH_MD5,
	CONF_BFD_AUTH_MD5_METICULOUS, CONF_BFD_AUTH_SHA1,
	CONF_BFD_AUTH_SHA1_METICULOUS
};

#define CONF_BFD_KEY_MAX	20

struct conf_bfd_key {
	struct conf_bfd_key *next;
	struct span at;
	uint8_t id, n;
	const uint8_t *secret;		/* n octets */
};

/* Zero is "not said": those of the BGP neighbor come before the others. */
struct conf_bfd_options {
	int64_t min_rx, min_tx, idle_tx;
	uint8_t multiplier;
	uint8_t passive;		/* enum conf_switch3 */
	bool graceful;			/* of a BGP neighbor */
	uint8_t auth;			/* enum conf_bfd_auth */
	bool auth_said;
	struct span auth_at;
	struct conf_bfd_key *keys;
};

struct conf_bfd_iface {			/* interface "eth*" { … }; */
	struct conf_bfd_iface *next;
	struct conf_pattern *patterns;
	struct conf_bfd_options opt;
};

struct conf_bfd_neighbor {
	struct conf_bfd_neighbor *next;
	struct span at;
	struct ip ip, local;		/* local: or IP_NONE */
	const char *iface;		/* or NULL */
	bool multihop;
};

struct conf_bfd {
	bool ip4, ip6, direct, multihop;	/* accept */
	bool strict_bind, zero_udp6;
	struct conf_bfd_iface *ifaces;
	struct conf_bfd_options multihop_opt;
	struct conf_bfd_neighbor *neighbors;
};

enum conf_bfd_use {			/* of a BGP neighbor */
	CONF_BFD_OFF, CONF_BFD_ON, CONF_BFD_GRACEFUL
};

enum conf_role {
	CONF_ROLE_NONE, CONF_ROLE_PEER, CONF_ROLE_PROVIDER,
	CONF_ROLE_CUSTOMER, CONF_ROLE_RS_SERVER, CONF_ROLE_RS_CLIENT
};

enum conf_peer_type {			/* neighbor … internal|external */
	CONF_AS_NUMBER, CONF_AS_INTERNAL, CONF_AS_EXTERNAL
};

/* Causes, as bits of "disable after cease { … }"; bit n is subcode n. */
#define CONF_CEASE_ALL	0x37f	/* two that dial at once is no fault */

#define CONF_AO_SECRET_MAX	80

/* TCP-AO (RFC 5925): key { id 1; secret "…"; } */
struct conf_ao_key {
	struct conf_ao_key *next;
	struct span at;
	int16_t send_id, recv_id;
	const char *algorithm;		/* the kernel's name of it */
	bool preferred, deprecated;
	uint8_t n;
	const uint8_t *secret;		/* n octets */
};

struct conf_bgp {
	struct ip local_ip;		/* IP_NONE: found from the route */
	uint16_t local_port;
	uint32_t local_as;
	struct ip remote_ip;		/* IP_NONE with a range or a tunnel */
	struct prefix remote_range;	/* kind NET_NONE: none */
	/* neighbor wireguard "wg0" "east": names, and what they name. */
	const char *wg_iface, *wg_peer;
	const struct conf_wireguard *wg;
	const struct conf_wg_peer *wg_to;
	struct span neighbor_at;
	uint16_t remote_port;
	uint8_t remote_type;		/* enum conf_peer_type */
	uint32_t remote_as;		/* 0 with internal, external */
	bool internal;			/* iBGP, as far as it is known */
	const char *iface;		/* %iface or interface "…" */
	struct conf_pattern *iface_range;	/* names only, or NULL */
	bool disable_rx;
	bool onlink;
	bool direct_said, multihop_said;
	uint8_t multihop;		/* 0: direct; else TTL */
	bool strict_bind, free_bind;
	bool check_link;
	uint8_t bfd;			/* enum conf_bfd_use */
	struct conf_bfd_options *bfd_options;	/* or NULL */
	bool ttl_security;
	bool authentication;		/* use the password */
	const char *password;		/* secret */
	bool ao;			/* use the keys instead */
	struct conf_ao_key *ao_keys;
	bool setkey;
	bool passive;
	uint32_t confederation;
	bool confederation_member;
	bool rr_client;
	uint32_t rr_cluster_id;
	bool rs_client;
	bool allow_local_pref, allow_med;
	uint32_t allow_local_as;	/* 0: none; UINT32_MAX: any number */
	bool allow_as_sets;
	bool enforce_first_as;
	bool underlay_guard;
	bool require_refresh, require_enhanced_refresh, require_as4;
	bool require_extended_messages, require_hostname;
	bool require_graceful_restart, require_llgr, require_roles;
	bool enable_refresh, enable_enhanced_refresh;
	uint8_t graceful_restart;	/* enum conf_graceful */
	uint8_t llgr;			/* enum conf_graceful */
	int64_t graceful_time;		/* restart time told to the peer */
	int64_t graceful_min_time, graceful_max_time;	/* -1: not said */
	int64_t llgr_time, llgr_min_time, llgr_max_time;
	bool interpret_communities;
	bool enable_as4;
	bool enable_extended_messages;
	bool advertise_hostname;
	bool capabilities;
	bool disable_after_error;
	uint32_t disable_after_cease;	/* bits by subcode */
	int64_t hold_time, startup_hold_time, min_hold_time;
	int64_t keepalive_time;		/* -1: a third of the hold time */
	int64_t min_keepalive_time;
	int64_t send_hold_time;		/* -1: twice the hold time */
	int64_t connect_delay_time, connect_retry_time;
	int64_t error_wait_min, error_wait_max, error_forget_time;
	bool path_metric, med_metric, deterministic_med;
	bool igp_metric, prefer_older;
	uint32_t default_med, default_local_pref;
	uint8_t local_role;		/* enum conf_role */
	const char *dynamic_name;
	uint8_t dynamic_digits;
	uint32_t dynamic_limit;		/* most neighbours of a range */
	uint32_t tx_size_warning;
};

#define CONF_WG_KEY	32

/* A secret that stands in the file, or the name of the file that has it. */
struct conf_wg_secret {
	const char *file;		/* NULL: the key stands here */
	const uint8_t *key;		/* CONF_WG_KEY bytes; NULL: none */
	struct span at;
};

struct conf_prefix_list {
	struct conf_prefix_list *next;
	struct span at;
	struct prefix net;
};

struct conf_wg_addr {			/* address 10.0.0.1/24; */
	struct conf_wg_addr *next;
	struct span at;
	struct ip ip;
	uint8_t len;
};

struct conf_string {
	struct conf_string *next;
	struct span at;
	const char *s;
};

struct conf_wg_peer {
	struct conf_wg_peer *next;
	struct span at;
	const char *name;		/* imported without: "peer1" … */
	uint8_t public_key[CONF_WG_KEY];
	bool public_key_said;
	struct span public_key_at;
	struct conf_wg_secret preshared;
	const char *endpoint_host;	/* name or address; NULL: none */
	uint16_t endpoint_port;
	struct span endpoint_at;
	uint16_t keepalive;		/* seconds; 0: off */
	bool keepalive_said;
	bool imported;			/* from the config file */
	bool invited;			/* from the file of the invited */
	bool allowed_any;		/* 0.0.0.0/0 and ::/0 */
	bool allowed_said;
	struct conf_prefix_list *allowed;
	bool disabled;
	const char *description;	/* or NULL */
};

enum conf_wg_link_local {
	CONF_LL_AUTO, CONF_LL_NONE, CONF_LL_FIXED
};

enum conf_wg_backend {
	CONF_BACKEND_AUTO, CONF_BACKEND_KERNEL, CONF_BACKEND_USERSPACE
};

/* wg-quick's Table =, in a "config file" only. */
enum conf_wg_table {
	CONF_WG_TABLE_OFF, CONF_WG_TABLE_AUTO, CONF_WG_TABLE_NUMBER
};

struct conf_wireguard {
	const char *iface;
	const char *config_file;	/* imported already; for messages */
	struct conf_wg_secret private_key;
	uint16_t listen_port;		/* 0: any free one */
	uint32_t fwmark;
	struct conf_wg_addr *addrs;	/* NULL: unnumbered */
	bool addrs_said;		/* here, not in the config file */
	uint8_t link_local;		/* enum conf_wg_link_local */
	struct ip link_local_ip;	/* FIXED */
	uint32_t mtu;			/* 0: auto */
	uint8_t backend;		/* enum conf_wg_backend */
	bool forward;
	bool masquerade;
	bool clamp_mss;
	struct conf_prefix_list *invite_pool;
	const char *invite_host;
	uint16_t invite_port;
	struct conf_wg_peer *peers;
	unsigned n_peers;
	bool explain;
	bool liveness;
	bool run_hooks;
	uint8_t table;			/* enum conf_wg_table */
	uint32_t table_number;
	struct conf_string *pre_up, *post_up, *pre_down, *post_down;
};

struct conf_proto {
	struct conf_proto *next;
	uint8_t kind;			/* enum conf_kind */
	const char *name;
	struct span at;			/* of the name, or of the word */
	bool unnamed;			/* bgp1, kernel1, … by count */
	bool is_template;
	bool broken;			/* the parser's: had errors */
	bool skipped_channel;		/* … one that is not served */
	const char *from;		/* template's name or NULL */
	bool disabled;
	const char *description;
	uint8_t debug;			/* enum conf_debug */
	uint32_t router_id;		/* 0: the global one */
	const char *hostname;		/* or NULL: the global one */
	const char *vrf;		/* its device; NULL: in none */
	uint8_t mrtdump;		/* enum conf_mrt_what */
	struct conf_channel *channels;
	union {
		struct conf_device device;
		struct conf_direct direct;
		struct conf_kernel kernel;
		struct conf_static stat;
		struct conf_pipe pipe;
		struct conf_bgp bgp;
		struct conf_bfd bfd;
		struct conf_wireguard wg;
		struct conf_rpki rpki;
		struct conf_mrt mrt;
		struct conf_bmp bmp;
	};
};

struct conf_secret;

enum conf_mrt_what {	/* "mrtdump", by bit */
	CONF_MRT_STATES = 1, CONF_MRT_MESSAGES = 2
};

struct config {
	struct arena *arena;
	const char *const *files;	/* by a span's number; [0] is "" */
	unsigned n_files;
	uint32_t router_id;		/* 0: to be found, see below */
	struct conf_pattern *router_id_from;	/* NULL: any interface */
	bool router_id_said;
	const char *hostname;		/* NULL: the machine's */
	struct conf_cli *clis;		/* control sockets besides -s */
	struct conf_log *logs;		/* NULL: BIRD's default, stderr */
	uint8_t debug_protocols, debug_channels;	/* enum conf_debug */
	uint8_t debug_tables;
	uint32_t debug_commands;
	bool debug_latency;
	int64_t latency_limit;
	int64_t watchdog_warning, watchdog_timeout;	/* taken, not used */
	struct conf_timeformat tf_base, tf_log, tf_protocol, tf_route;
	int64_t graceful_wait;
	const char *mrtdump;		/* file, or NULL */
	uint8_t mrtdump_protocols;	/* enum conf_mrt_what: the default */
	struct conf_table *tables;
	const struct conf_table *master4, *master6;
	struct conf_attribute *attributes;
	struct conf_symbol *symbols;
	struct conf_proto *protocols;	/* without templates */
	struct conf_secret *secrets;	/* wiped by config_free() */
};

/* How the parser reaches files: the core has no I/O of its own. */
struct conf_io {
	void *ctx;
	/* Appends the whole file.  False: *ret_why says why (static text). */
	bool (*read)(void *ctx, const char *path, struct text *ret,
	    const char **ret_why);
	/*
	 * Calls each() for every path that matches, sorted.  A pattern
	 * without wildcards is given as it is.  False: *ret_why.
	 */
	bool (*glob)(void *ctx, const char *pattern,
	    bool (*each)(void *arg, const char *path), void *arg,
	    const char **ret_why);
	/* Is there such a file?  NULL: only those that are named. */
	bool (*exists)(void *ctx, const char *path);
};

enum conf_how {
	CONF_STRICT,
	CONF_SKIP_UNSERVED	/* what Warren has not: a warning, left out */
};

/*
 * Reads, parses and checks.  NULL after an error, or out of memory, which is
 * an error in diags too.  Warnings do not hinder.  diags must outlive only
 * the call.
 */
struct config *conf_parse(const struct conf_io *io, const char *name,
    struct diag_list *diags);
struct config *conf_parse_how(const struct conf_io *io, const char *name,
    enum conf_how how, struct diag_list *diags);
struct config *config_free(struct config *c);	/* NULL in, NULL out */

/* By name; NULL when there is none. */
/* The file that was asked for; the others are what it includes. */
const char *config_main_file(const struct config *c);
const struct conf_proto *config_proto(const struct config *c,
    const char *name);
const struct conf_table *config_table(const struct config *c,
    const char *name);
const struct conf_symbol *config_symbol(const struct config *c,
    const char *name);
/* The unicast one of a kind; the one that another protocol's is like. */
const struct conf_channel *conf_proto_channel_like(
    const struct conf_proto *p, const struct conf_channel *like);
/* "ipv4", "ipv6-mc" */
const char *conf_channel_name(const struct conf_channel *c);
const struct conf_channel *conf_proto_channel(const struct conf_proto *p,
    enum net_kind kind);
/* "BGP", "WireGuard": as "show protocols" has it. */
const char *conf_kind_name(enum conf_kind kind);

/* What a new configuration means for the running one. */
enum conf_change {
	CONF_SAME,
	CONF_RECONFIGURE,	/* filters, limits, texts: no session falls */
	CONF_RESTART,		/* must go down and up again */
	CONF_ADDED,		/* "old" is NULL */
	CONF_REMOVED		/* "new" is NULL */
};

struct conf_diff_proto {
	enum conf_change change;
	const struct conf_proto *old, *new;
	/* For RECONFIGURE: does an import or export policy differ? */
	bool import_changed, export_changed;
	/* Which channels': bits by enum net_kind. */
	uint8_t import_kinds, export_kinds;
};

struct conf_diff {
	bool global_restart;	/* router id and the like: all BGP restarts */
	bool logs_changed;
	unsigned n;
	struct conf_diff_proto proto[];	/* new's order, then the removed */
};

/* Do two static protocols have the same routes? */
bool conf_static_same(const struct conf_proto *a, const struct conf_proto *b);
/* Pure.  old may be NULL.  Freed by mem_free(); NULL when out of memory. */
struct conf_diff *conf_diff(const struct config *old,
    const struct config *new);
/* The same peer in every respect, but for where it stands? */
bool conf_wg_peer_same(const struct conf_wg_peer *a,
    const struct conf_wg_peer *b);

#endif
