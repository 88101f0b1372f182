/* SPDX-License-Identifier: ISC */
/*
 * Inside of the control socket.
 *
 * A line comes in, is split into words (struct ctl_words), and the table of
 * commands finds who serves it.  A command answers by ctl_say() and ends by
 * ctl_end(), which carries the framing of BIRD's protocol; or, where its
 * answer may be long, it leaves a job that is asked for the next slice each
 * time when the client has read all that was written so far.  So a client
 * costs one slice of memory, however long its answer and however slow it is.
 *
 * A job may hold a generation and tables (users), never a protocol: those are
 * looked up by number again at every slice.
 *
 * JSON: after the word "json" a command that knows how gives lines of code
 * 1100, which together are one JSON text.  All else is as without.
 */
#ifndef WARREN_DAEMON_CTL_IMPL_H
#define WARREN_DAEMON_CTL_IMPL_H

#include "base/text.h"
#include "daemon/ctl.h"
#include "daemon/daemon.h"
#include "daemon/proto.h"

#define CTL_LINE	4096		/* longest command */
#define CTL_WORDS	128		/* most words in one */
#define CTL_CLIENTS	64
#define CTL_SLICE	65536		/* bytes of an answer at a time */
#define CTL_OUT		(16u << 20)	/* what one slice may never exceed */
#define CTL_JSON	1100		/* code of a line of JSON */

/* ctl_words.c: pure. */
struct ctl_word {
	const char *s;			/* without its quotes, NUL behind */
	unsigned at, end;		/* in the line */
	bool quoted;
};

struct ctl_words {
	unsigned n, i;			/* i: the next one */
	const char *line;
	struct ctl_word w[CTL_WORDS];
	char buf[2 * CTL_LINE];
};

/* False: too many words, too long, or a string without its end. */
bool ctl_split(struct ctl_words *w, const char *line);
/* The next word, or NULL. */
const struct ctl_word *ctl_peek(const struct ctl_words *w);
/*
 * Which of the list (ended by NULL) a word is: whole, or a beginning that no
 * other has.  -1: none; -2: several.
 */
int ctl_match(const struct ctl_word *w, const char *const *list);
/* Takes the next word if it is this one, in full. */
bool ctl_take(struct ctl_words *w, const char *word);
/* Takes the next word if it is in the list; its index, or -1 or -2. */
int ctl_take_one(struct ctl_words *w, const char *const *list);

/* ctl_reply.c: pure.  The framing of BIRD's protocol. */
struct ctl_reply {
	struct text out;
	int last;			/* code of the line before; 0: none */
};

void ctl_reply_line(struct ctl_reply *r, int code, bool end, const char *s);

struct ctl_client;

struct ctl_job {
	/* True: there is more. */
	bool (*step)(struct ctl_client *c, struct ctl_job *j);
	void (*free)(struct ctl_client *c, struct ctl_job *j);
};

struct ctl_client {
	struct list link;		/* in ctl.clients */
	struct ctl *ctl;
	struct daemon *d;
	int fd;
	struct loop_fd *ready;
	struct loop_work work;
	char in[CTL_LINE + 2];
	size_t n_in;
	bool eof;			/* it will say no more */
	bool skip;			/* the rest of a line too long */
	struct ctl_reply r;
	size_t sent;			/* of r.out */
	struct instant stirred;		/* when it last said or read a thing */
	struct ctl_job *job;
	bool done;			/* this command has had its end */
	bool restricted;
	bool json;			/* of this command */
	bool json_rows;			/* a row was given already */
	struct text row;		/* scratch */
	unsigned echo;			/* enum conf_log_class */
	struct conf_timeformat tf;	/* "timeformat"; .recent NULL: none */
	char tf_recent[64], tf_old[64];
};

/* A socket where clients may come in. */
struct ctl_door {
	struct list link;		/* in ctl.doors, but for the first */
	struct ctl *ctl;
	int fd;
	char *path;
	struct loop_fd *ready;
	bool restricted;
	bool wanted;			/* by the configuration */
};

struct ctl {
	struct daemon *d;
	struct ctl_door first;		/* -s */
	struct list doors;		/* struct ctl_door, of "cli" */
	struct list clients;
	unsigned n_clients;
	struct ctl_words words;		/* of the command that is served */
	/* "configure undo": what was before, and what comes back by itself. */
	struct generation *before;
	struct loop_timer undo;
	struct instant undo_at;
	bool undo_set;
};

/* ctl.c.  One line each; the code as in BIRD's reply codes. */
void ctl_say(struct ctl_client *c, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void ctl_end(struct ctl_client *c, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Each line of the text by itself. */
void ctl_say_lines(struct ctl_client *c, int code, const char *s);
/* 0000 */
void ctl_ok(struct ctl_client *c);
/* 9001, with the word at which it happened.  Always false. */
bool ctl_expected(struct ctl_client *c, const struct ctl_words *w,
    const char *what);
/* The end of the line, or an error. */
bool ctl_no_more(struct ctl_client *c, const struct ctl_words *w);
/* 8007 for those who may only look; true then. */
bool ctl_denied(struct ctl_client *c);

/* ctl_door.c.  0, or a negative errno. */
int ctl_door_open(struct ctl *c, struct ctl_door *door, const char *path,
    int fd);
void ctl_door_close(struct ctl_door *door);
/* Of who came in; the descriptor is taken over. */
void ctl_client_new(struct ctl *ctl, int fd, bool restricted);

/* cmd_table.c */
void cmd_run(struct ctl_client *c, const char *line);

/* ctl_text.c: what several commands show. */
struct proto *ctl_proto_by_number(const struct daemon *d, uint32_t number);
/* The one of the configuration, unless this client wants another. */
const struct conf_timeformat *ctl_timeformat(const struct ctl_client *c,
    const struct conf_timeformat *f);
void ctl_wall_text(struct text *out, const struct conf_timeformat *f,
    struct wall t, struct wall now);
void ctl_instant_text(struct text *out, const struct conf_timeformat *f,
    struct instant t);
struct wall ctl_wall_of(struct instant t);
const char *ctl_scope_name(unsigned scope);
/* The name of an interface, whatever is known of it. */
const char *ctl_iface_name(const struct daemon *d, uint32_t index,
    char buf[IFACE_NAME]);

/*
 * Which protocols a command is about: one by its name, those that match a
 * pattern, or all.
 */
struct ctl_pick {
	const char *name, *pattern;	/* both NULL: all */
};

/* False after an error.  The words are w's. */
bool ctl_pick(struct ctl_client *c, struct ctl_words *w,
    struct ctl_pick *ret);
bool ctl_picked(const struct ctl_pick *k, const struct proto *p);

/* ctl_json.c: one value after another into a text. */
struct json {
	struct text *t;
	bool comma;
};

void json_begin(struct json *j, struct text *t);
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
void json_str(struct json *j, const char *key, const char *s);	/* or null */
void json_int(struct json *j, const char *key, int64_t n);
void json_u64(struct json *j, const char *key, uint64_t n);
void json_bool(struct json *j, const char *key, bool b);
void json_no_value(struct json *j, const char *key);
void json_wall(struct json *j, const char *key, struct wall w);
/* An answer that is an array of rows: each row is built in c->row. */
void ctl_rows_begin(struct ctl_client *c);
void ctl_row_begin(struct ctl_client *c, struct json *j);
void ctl_row_end(struct ctl_client *c, struct json *j);
void ctl_rows_end(struct ctl_client *c);
/* An answer that is one object. */
void ctl_object_begin(struct ctl_client *c, struct json *j);
void ctl_object_end(struct ctl_client *c, struct json *j);

/* Each takes what follows its own words. */
typedef void cmd_fn(struct ctl_client *c, struct ctl_words *w);

cmd_fn cmd_show_status, cmd_show_memory, cmd_show_symbols, cmd_show_bfd,
    cmd_show_interfaces, cmd_show_static, cmd_show_protocols, cmd_show_route,
    cmd_show_tunnels, cmd_configure, cmd_enable, cmd_disable, cmd_restart,
    cmd_reload, cmd_down, cmd_eval, cmd_echo, cmd_debug, cmd_mrtdump,
    cmd_restrict,
    cmd_mrt_dump, cmd_invite, cmd_revoke, cmd_help, cmd_timeformat,
    cmd_graceful_restart, cmd_graceful_shutdown, cmd_dump,
    cmd_show_unserved;

#endif
