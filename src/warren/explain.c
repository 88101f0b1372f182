/* SPDX-License-Identifier: ISC */
#include "warren/explain.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "look/json.h"
#include "wire/ask.h"

#define PATIENCE	5	/* seconds for the next Warren's answer */
#define WIDTH		12	/* of a step's name */

struct request {
	struct ip to, from;
	unsigned hops;			/* how many more may be asked */
	bool asked;			/* by another Warren */
	const char *in;			/* … over this tunnel */
	const char *by;			/* … and this peer: its key */
	bool json;
};

/* --- steps --------------------------------------------------------------- */

static json_t *steps;			/* with -j; else they are printed */

static void
add_step(const char *step, bool ok, const char *text, const char *mend)
{
	json_t *o = json_object();

	json_object_set_new(o, "step", json_string(step));
	json_object_set_new(o, "ok", json_boolean(ok));
	json_object_set_new(o, "text", json_string(text));
	if (mend != NULL)
		json_object_set_new(o, "mend", json_string(mend));
	json_array_append_new(steps, o);
}

void
explain_ok(struct explain *x, const char *step, const char *fmt, ...)
{
	char text[640];
	va_list ap;

	(void)x;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (steps != NULL)
		add_step(step, true, text, NULL);
	else
		printf("  %-*s%s\n", WIDTH, step, text);
}

void
explain_more(struct explain *x, const char *fmt, ...)
{
	char text[640];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	explain_ok(x, "", "%s", text);
}

static void
remember(struct explain *x, const char *step, const char *text,
    const char *mend)
{
	struct explain_link *l = &x->first;

	if (l->host[0] == '\0')
		gethostname(l->host, sizeof(l->host) - 1);
	snprintf(l->step, sizeof(l->step), "%s", step);
	snprintf(l->text, sizeof(l->text), "%s", text);
	snprintf(l->mend, sizeof(l->mend), "%s", mend ? mend : "");
}

void
explain_bad(struct explain *x, const char *step, const char *mend,
    const char *fmt, ...)
{
	char text[640];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (x->wrong++ == 0)
		remember(x, step, text, mend);
	if (steps != NULL) {
		add_step(step, false, text, mend);
		return;
	}
	printf("! %-*s%s\n", WIDTH, step, text);
	if (mend != NULL)
		printf("  %-*smend it: %s\n", WIDTH, "", mend);
}

/* --- the daemon ---------------------------------------------------------- */

json_t *
explain_asked(struct explain *x, const char *command)
{
	struct client_how how = { .json = true };
	json_t *answer = NULL;
	struct text t;

	if (x->client == NULL)
		return NULL;
	text_init(&t, 64u << 20);
	how.text = &t;
	if (client_ask(x->client, command, &how) == EXIT_OK)
		answer = json_loads(t.s, JSON_DISABLE_EOF_CHECK, NULL);
	text_done(&t);
	return answer;
}

/* --- the next Warren ----------------------------------------------------- */

static int
dial(const struct explain *x)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	struct sockaddr_in6 sa = { .sin6_family = AF_INET6,
	    .sin6_port = htons(ASK_PORT),
	    .sin6_scope_id = if_nametoindex(x->oif) };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	memcpy(&sa.sin6_addr, x->next_warren.b, sizeof(sa.sin6_addr));
	if (fd < 0)
		return -errno;
	/* Of connect(), too: who is no Warren may drop this in silence. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO,
	    &(struct timeval){ .tv_sec = 1 }, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	err = errno == EINPROGRESS || errno == EAGAIN ? -ETIMEDOUT : -errno;
	close(fd);
	return err;
}

static bool
read_all(int fd, struct text *ret)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		text_addn(ret, buf, (size_t)n);
	return n == 0 && ret->n > 0 && !ret->bad;
}

/* What it says is not trusted to be harmless on a terminal. */
static void
show_indented(const char *s)
{
	for (bool begin = true; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (begin)
			fputs("  ", stdout);
		begin = c == '\n';
		putchar(c == '\n' || (c >= ' ' && c != 0x7f) ? c : '?');
	}
}

/* One line of it, without what it is indented by, and harmless. */
static const char *
take_line(const char *s, char *buf, size_t cap)
{
	size_t n = strcspn(s, "\n"), k = 0;

	for (size_t i = strspn(s, " "); i < n && k + 1 < cap; i++) {
		unsigned char c = (unsigned char)s[i];

		buf[k++] = c >= ' ' && c != 0x7f ? (char)c : '?';
	}
	buf[k] = '\0';
	return s[n] == '\n' ? s + n + 1 : s + n;
}

/* The first step of a text that begins with "!", and on which host. */
static void
take_first(struct explain_link *l, const char *s)
{
	char line[680], *as, *sees, *text;

	while (*s != '\0') {
		s = take_line(s, line, sizeof(line));
		as = strstr(line, ", as ");
		sees = strstr(line, " sees it:");
		if (as != NULL && sees != NULL && as < sees)
			snprintf(l->host, sizeof(l->host), "%.*s",
			    (int)(sees - as - 5), as + 5);
		if (strncmp(line, "! ", 2) != 0)
			continue;
		text = strlen(line) > WIDTH + 2 ? line + WIDTH + 2 : line;
		snprintf(l->text, sizeof(l->text), "%s", text);
		*strchrnul(line + 2, ' ') = '\0';
		snprintf(l->step, sizeof(l->step), "%.30s", line + 2);
		take_line(s, line, sizeof(line));
		if (strncmp(line, "mend it: ", 9) == 0)
			snprintf(l->mend, sizeof(l->mend), "%s", line + 9);
		return;
	}
}

/* Of JSON: the first step that is not ok. */
static bool
take_first_json(struct explain_link *l, const json_t *answer)
{
	const json_t *s;
	size_t i;

	json_array_foreach(json_object_get(answer, "steps"), i, s) {
		if (json_object_get(s, "steps") != NULL) {
			if (take_first_json(l, s))
				return true;
			continue;
		}
		if (strcmp(look_text(s, "step"), "host") == 0)
			snprintf(l->host, sizeof(l->host), "%s",
			    look_text(s, "text"));
		if (!json_is_false(json_object_get(s, "ok")))
			continue;
		snprintf(l->step, sizeof(l->step), "%s", look_text(s, "step"));
		snprintf(l->text, sizeof(l->text), "%s", look_text(s, "text"));
		snprintf(l->mend, sizeof(l->mend), "%s", look_text(s, "mend"));
		return true;
	}
	return false;
}

static void
take_json(struct explain *x, const char *s)
{
	json_t *answer = json_loads(s, JSON_DISABLE_EOF_CHECK, NULL);
	unsigned wrong = (unsigned)json_integer_value(json_object_get(answer,
	    "wrong"));

	if (answer == NULL)
		return;
	if (x->wrong == 0 && wrong > 0)
		take_first_json(&x->first, answer);
	x->wrong += wrong;
	x->unseen |= json_is_true(json_object_get(answer, "unseen"));
	json_array_append_new(steps, answer);
}

/* Its last line says how much is wrong there: "= N", or "= N?". */
static void
take_answer(struct explain *x, struct text *t)
{
	char *end = t->n > 0 ? strstr(t->s, "\n= ") : NULL, *more;
	unsigned wrong;

	if (steps != NULL) {
		take_json(x, t->s);
		return;
	}
	if (end != NULL) {
		wrong = (unsigned)strtoul(end + 3, &more, 10);
		if (x->wrong == 0 && wrong > 0)
			take_first(&x->first, t->s);
		x->wrong += wrong;
		x->unseen |= *more == '?';
		end[1] = '\0';
	}
	show_indented(t->s);
}

static void
ask_next(struct explain *x, const struct request *r)
{
	char to[IP_TEXT], from[IP_TEXT], line[200];
	struct text t;
	int fd;

	if (r->hops == 0 || ip_is_none(x->next_warren))
		return;
	fd = dial(x);
	x->unseen = fd < 0;
	if (fd < 0) {
		explain_ok(x, "next", "the far end does not say (%s): it is "
		    "no Warren, warrend does not run there, or it has "
		    "\"explain off\"", strerrordesc_np(-fd));
		return;
	}
	snprintf(line, sizeof(line), "%s %s %u%s\n", ip_text(x->to, to),
	    ip_text(x->forwarded ? x->from : x->source, from), r->hops - 1,
	    steps ? " json" : "");
	text_init(&t, 1 << 20);
	if (send(fd, line, strlen(line), MSG_NOSIGNAL) > 0 &&
	    read_all(fd, &t))
		take_answer(x, &t);
	else {
		explain_ok(x, "next", "the far end gave no answer in %d s",
		    PATIENCE);
		x->unseen = true;
	}
	text_done(&t);
	close(fd);
}

/* --- all of it ----------------------------------------------------------- */

static void
heading(const struct explain *x, const struct request *r)
{
	char host[65] = "", to[IP_TEXT], from[IP_TEXT];

	gethostname(host, sizeof(host) - 1);
	if (steps != NULL) {
		add_step("host", true, host, NULL);
		return;
	}
	printf("%s%s%s, as %s sees it:\n", ip_text(x->to, to),
	    ip_is_none(r->from) ? "" : " from ",
	    ip_is_none(r->from) ? "" : ip_text(r->from, from), host);
}

static void
walk(struct explain *x, const struct request *r)
{
	bool on;

	x->local = look_own_address(x->to);
	x->forwarded = !ip_is_none(x->from) && !look_own_address(x->from);
	snprintf(x->iif, sizeof(x->iif), "%s", r->in ? r->in : "");
	if (x->client == NULL)
		explain_ok(x, "warrend", "does not run here, or may not be "
		    "asked");
	x->asker = r->by;
	x->tunnels = explain_asked(x, "show tunnels");
	x->protocols = explain_asked(x, "show protocols all");
	explain_routes(x);
	if (!explain_kernel(x)) {
		if (x->local && x->forwarded)
			explain_arriving(x);
		return;
	}
	explain_passing(x);
	on = explain_tunnel(x);
	if (x->wg && on)
		ask_next(x, r);
}

static void
verdict_json(const struct explain *x)
{
	const struct explain_link *l = &x->first;
	json_t *o = json_object();

	json_object_set_new(o, "wrong", json_integer(x->wrong));
	json_object_set_new(o, "unseen", json_boolean(x->unseen));
	if (x->wrong > 0)
		json_object_set_new(o, "first", json_pack("{ss ss ss ss}",
		    "host", l->host, "step", l->step, "text", l->text, "mend",
		    l->mend));
	json_object_set_new(o, "steps", steps);
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

static int
verdict(const struct explain *x, const struct request *r)
{
	const struct explain_link *l = &x->first;

	if (steps != NULL) {
		verdict_json(x);
	} else if (r->asked) {
		printf("= %u%s\n", x->wrong, x->unseen ? "?" : "");
	} else if (x->wrong == 0) {
		puts(x->unseen ? "Nothing is wrong on this way, as far as it "
		    "is seen from here." : "Nothing is wrong on this way.");
	} else {
		printf("%u thing%s wrong.  The first broken link, on %s: %s: "
		    "%s\n", x->wrong, x->wrong == 1 ? " is" : "s are",
		    l->host, l->step, l->text);
		if (l->mend[0] != '\0')
			printf("    mend it there: %s\n", l->mend);
	}
	return x->wrong == 0 ? EXIT_OK : EXIT_WRONG;
}

static int
explain(const char *socket, const struct request *r)
{
	struct explain x = { .to = r->to, .from = r->from, .gw = IP_NONE,
	    .best_gw = IP_NONE, .source = IP_NONE, .next_warren = IP_NONE };
	int err = route_ask_new(&x.ask), status;

	if (err < 0) {
		fprintf(stderr, "warren: the kernel may not be asked: %s\n",
		    strerrordesc_np(-err));
		return EXIT_WRONG;
	}
	steps = r->json ? json_array() : NULL;
	x.client = client_open_quietly(socket);
	heading(&x, r);
	walk(&x, r);
	status = verdict(&x, r);
	json_decref(x.tunnels);
	json_decref(x.protocols);
	client_close(x.client);
	route_ask_free(x.ask);
	return status;
}

static int
usage(void)
{
	fputs("usage: warren [-j] explain ADDRESS|PREFIX [from ADDRESS]\n",
	    stderr);
	return EXIT_USAGE;
}

/* Of a prefix, the first address that a host may have. */
static bool
read_target(const char *s, struct ip *ret)
{
	struct prefix p;

	if (ip_parse(s, ret))
		return true;
	if (!prefix_parse(s, &p) || (p.kind != NET_IP4 && p.kind != NET_IP6))
		return false;
	*ret = p.ip;
	if (prefix_bits(&p) - p.len >= 2)
		ret->b[15]++;
	return true;
}

/* Not a person but warrend asks, for another: "hops N in IFACE by KEY". */
static bool
read_request(struct request *r, int argc, char **argv)
{
	if (argc < 2 || !read_target(argv[1], &r->to))
		return false;
	for (int i = 2; i < argc; i += 2) {
		if (i + 1 < argc && strcmp(argv[i], "from") == 0) {
			if (!ip_parse(argv[i + 1], &r->from))
				return false;
		} else if (i + 1 < argc && strcmp(argv[i], "hops") == 0) {
			r->hops = (unsigned)strtoul(argv[i + 1], NULL, 10);
			r->asked = true;
		} else if (i + 1 < argc && strcmp(argv[i], "in") == 0) {
			r->in = argv[i + 1];
		} else if (i + 1 < argc && strcmp(argv[i], "by") == 0) {
			r->by = argv[i + 1];
		} else {
			return false;
		}
	}
	return ip_is_none(r->from) || ip_is4(r->from) == ip_is4(r->to);
}

int
explain_command(const char *socket, bool json, int argc, char **argv)
{
	struct request r = { .from = IP_NONE, .hops = ASK_HOPS, .json = json };

	return read_request(&r, argc, argv) ? explain(socket, &r) : usage();
}
