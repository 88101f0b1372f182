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
#include "wire/ask.h"

#define PATIENCE	5	/* seconds for the next Warren's answer */
#define WIDTH		12	/* of a step's name */

struct request {
	struct ip to, from;
	unsigned hops;			/* how many more may be asked */
	bool asked;			/* by another Warren */
	const char *in;			/* … over this tunnel */
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
		snprintf(x->first_wrong, sizeof(x->first_wrong), "%s", step);
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
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(&sa.sin6_addr, x->next_warren.b, sizeof(sa.sin6_addr));
	if (fd < 0)
		return -errno;
	/* Of connect(), too: who is no Warren may drop this in silence. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO,
	    &(struct timeval){ .tv_sec = 1 }, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	close(fd);
	return -ECONNREFUSED;
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

/* Its last line says how much is wrong there: "= N". */
static void
take_answer(struct explain *x, struct text *t)
{
	char *end = t->n > 0 ? strstr(t->s, "\n= ") : NULL;
	json_t *answer;

	if (steps != NULL) {
		answer = json_loads(t->s, JSON_DISABLE_EOF_CHECK, NULL);
		x->wrong += (unsigned)json_integer_value(
		    json_object_get(answer, "wrong"));
		if (answer != NULL)
			json_array_append_new(steps, answer);
		return;
	}
	if (end != NULL) {
		if (x->wrong == 0)
			snprintf(x->first_wrong, sizeof(x->first_wrong),
			    "there");
		x->wrong += (unsigned)strtoul(end + 3, NULL, 10);
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
	if (fd < 0) {
		explain_ok(x, "next", "the far end does not say: it is no "
		    "Warren, or has \"explain off\"");
		return;
	}
	snprintf(line, sizeof(line), "%s %s %u%s\n", ip_text(x->to, to),
	    ip_text(x->forwarded ? x->from : x->source, from), r->hops - 1,
	    steps ? " json" : "");
	text_init(&t, 1 << 20);
	if (send(fd, line, strlen(line), MSG_NOSIGNAL) > 0 &&
	    read_all(fd, &t))
		take_answer(x, &t);
	else
		explain_ok(x, "next", "the far end gave no answer in %d s",
		    PATIENCE);
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
	x->tunnels = explain_asked(x, "show tunnels");
	explain_routes(x);
	if (!explain_kernel(x))
		return;
	explain_passing(x);
	on = explain_tunnel(x);
	if (x->wg && on)
		ask_next(x, r);
}

static int
verdict(const struct explain *x, const struct request *r)
{
	json_t *o;

	if (steps != NULL) {
		o = json_object();
		json_object_set_new(o, "wrong", json_integer(x->wrong));
		json_object_set_new(o, "steps", steps);
		json_dumpf(o, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(o);
	} else if (r->asked) {
		printf("= %u\n", x->wrong);
	} else if (x->wrong == 0) {
		puts("Nothing is wrong on this way.");
	} else {
		printf("%u thing%s wrong; the first: %s.\n", x->wrong,
		    x->wrong == 1 ? " is" : "s are", x->first_wrong);
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

/* Not a person but warrend asks, for another one: "hops N in IFACE". */
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
