/* SPDX-License-Identifier: ISC */
/*
 * warrend: everything that the core does not do, in one struct.
 *
 *	daemon_new(&options)	reads the configuration, opens the rest
 *	daemon_run(d)		until daemon_shutdown() has done its work
 *	daemon_free(d)
 *
 * Order at the start: the kernel is scanned for links, addresses and routes
 * of ours; when that is seen d->ready is set and the protocols start.  If
 * routes or tunnels of ours were found there, a warrend was here before us and
 * recovery begins: nothing that it left is taken away until the neighbours
 * have said all they have to say (or "graceful restart wait" is over).
 *
 * Who reads: the control socket may read every field here and in proto.h;
 * changes are made by the functions alone.  All text is in UTF-8, spans in
 * nanoseconds.  One thread.
 */
#ifndef WARREN_DAEMON_DAEMON_H
#define WARREN_DAEMON_DAEMON_H

#include "conf/config.h"
#include "daemon/log.h"
#include "daemon/loop.h"
#include "filter/filter.h"
#include "rib/table.h"
#include "sys/rtnl.h"

struct ctl;			/* ctl.h: the control socket */
struct daemon;
struct proto;			/* proto.h */

struct daemon_options {
	const char *config;		/* -c */
	const char *socket;		/* -s */
	int socket_fd;			/* listening there already, or -1 */
	const char *pid_file;		/* -P, or NULL */
	const char *user, *group;	/* -u, -g, or NULL */
	bool foreground;		/* -f, -d */
	bool debug;			/* -d */
	bool check;			/* -p */
	bool skip_unserved;		/* --skip-unserved */
	bool recovery;			/* -R: accepted, needed never */
	/* The control socket; NULL: none. */
	struct ctl *(*ctl_new)(struct daemon *d, const char *path);
	struct ctl *(*ctl_free)(struct ctl *c);
	void (*ctl_configure)(struct ctl *c, const struct config *cf);
};

/* A configuration and who still looks at it. */
struct generation {
	struct config *config;
	unsigned refs;
};

/* A table of the configuration; freed when nobody uses it any more. */
struct dtable {
	struct list link;		/* in daemon.tables, config's order */
	struct rt_table *t;
	char *name;
	enum net_kind kind;
	unsigned users;			/* channels */
	bool configured;		/* it stands in the configuration */
	struct roa_watch *watch;	/* of a ROA table; roa.h */
};

struct recovery {
	bool active;
	struct loop_timer timer;	/* "graceful restart wait" */
	struct instant ends;
};

struct daemon {
	struct daemon_options opt;
	struct loop loop;
	struct log log;
	struct generation *gen;		/* the configuration in force */
	struct hash_key key;		/* of all our hash tables: secret */
	struct attrs_pool *pool;
	struct list tables;		/* struct dtable */
	struct list protos;		/* struct proto */
	struct list stations;		/* bmp.c: those that run */
	struct list watchers;		/* those who read kernel routes */
	struct proto *asked;		/* whose request was answered last */
	struct iface_set ifaces;
	struct filter_env filters;
	uint32_t router_id;		/* 0: none could be found */
	char hostname[65];

	struct rtnl *rtnl;
	struct loop_fd *rtnl_ready;
	struct loop_timer resync;	/* after an overrun, or news of links */
	unsigned resync_what;		/* RTNL_SCAN_* */
	struct scan_seen *seen;		/* kernel.c: during a scan */
	struct underlays *underlays;	/* underlay.h */
	uint64_t ifaces_told;		/* generation the protocols know */
	const struct generation *preferred_by;	/* links.c: last heeded */
	unsigned found_routes;		/* ours, at the start */
	char *nft;			/* wg_nft.c: the table in force */
	struct hook *hooks;		/* wg_hooks.c: that run or will */

	bool ready;			/* the first scan is over */
	bool shutting_down;
	bool keep;			/* … and leaves all as it is */
	struct recovery recovery;
	struct loop_timer cut_short;	/* a shutdown that takes too long */
	struct wall started, configured;	/* "show status" */
	struct instant started_at;
	struct ctl *ctl;
	struct mrtdump *mrtdump;	/* mrtdump.h; NULL: none */
	uv_signal_t sig_hup, sig_term, sig_int, sig_usr1;
	int exit_status;
};

/* NULL after a message on stderr; options' strings stay the caller's. */
struct daemon *daemon_new(const struct daemon_options *o);
int daemon_run(struct daemon *d);		/* the exit status */
struct daemon *daemon_free(struct daemon *d);

/*
 * Ends.  Tunnels and kernel routes stay, for the next warrend to adopt, with
 * keep; "down" asks for everything to be taken away first.
 */
void daemon_shutdown(struct daemon *d, bool keep);

/* -p: prints diagnostics to stderr; 0 or 1. */
int daemon_check(const struct daemon_options *o);

enum daemon_configured {
	DAEMON_CONF_ERROR,	/* nothing has changed */
	DAEMON_CONF_DONE,
	DAEMON_CONF_PROGRESS,	/* some protocols have still to go down */
	DAEMON_CONF_OK		/* with check: there is no error */
};

/*
 * Reads the file again (name NULL: the one of -c).  soft: no routes are
 * filtered anew.  Diagnostics are appended to out, when not NULL, in the form
 * "FILE:LINE:COL: message".
 */
/* Are there protocols yet that the last configuration stops or restarts? */
bool daemon_configuring(const struct daemon *d);
enum daemon_configured daemon_configure(struct daemon *d, const char *name,
    bool check, bool soft, struct text *out);

/*
 * Back to a configuration that was in force before; takes the reference,
 * whatever comes of it.
 */
enum daemon_configured daemon_configure_back(struct daemon *d,
    struct generation *g);

struct generation *generation_ref(struct generation *g);
void generation_unref(struct generation *g);

struct dtable *daemon_table(const struct daemon *d, const char *name);
struct proto *daemon_proto(const struct daemon *d, const char *name);
/* "rid" in conf: the protocol's own, or the daemon's. */
uint32_t daemon_router_id(const struct daemon *d, const struct conf_proto *p);

/* Something has happened that may end the recovery. */
void daemon_recovery_check(struct daemon *d);

/* A protocol is down: the last one ends a shutdown. */
void daemon_went_down(struct daemon *d);

/* Ask the kernel again, soon: RTNL_SCAN_*. */
void daemon_resync(struct daemon *d, unsigned what);

#endif
