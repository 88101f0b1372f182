/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "warren/warren.h"

#define CODE_JSON	1100

static bool
fill(struct client *c)
{
	ssize_t n;

	if (c->from > 0) {
		memmove(c->buf, c->buf + c->from, c->to - c->from);
		c->to -= c->from;
		c->from = 0;
	}
	if (c->to == sizeof(c->buf))
		return false;
	do
		n = read(c->fd, c->buf + c->to, sizeof(c->buf) - c->to);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	c->to += (size_t)n;
	return true;
}

/* Appends one line without its end; false when the connection ends. */
static bool
read_line(struct client *c, struct text *ret)
{
	text_clear(ret);
	for (;;) {
		char *at = c->buf + c->from;
		size_t n = c->to - c->from;
		char *end = memchr(at, '\n', n);

		if (end != NULL) {
			text_addn(ret, at, (size_t)(end - at));
			c->from += (size_t)(end - at) + 1;
			return true;
		}
		text_addn(ret, at, n);
		c->from = c->to;
		if (!fill(c))
			return false;
	}
}

static bool
send_line(struct client *c, const char *line)
{
	struct text t;
	size_t sent = 0;
	bool all;

	text_init(&t, 1 << 20);
	t.secret = true;	/* invite's key */
	text_printf(&t, "%s\n", line);
	while (sent < t.n) {
		ssize_t n = send(c->fd, t.s + sent, t.n - sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		sent += (size_t)n;
	}
	all = sent == t.n;
	text_done(&t);
	return all;
}

/* Why there is nobody, and what to do about it. */
static void
explain(const char *path, int err)
{
	fprintf(stderr, "warren: %s: %s\n", path, strerrordesc_np(err));
	if (err == EACCES || err == EPERM)
		fputs("warren: become root, or a member of the socket's "
		    "group\n", stderr);
	else
		fputs("warren: is warrend running?  Start it by \"systemctl "
		    "start warrend\", or see what it says by \"warrend -d\"; "
		    "-s SOCKET names another socket\n", stderr);
}

static struct client *
open_client(const char *path, bool quiet)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct client *c = calloc(1, sizeof(*c));
	struct text t;

	if (c == NULL || strlen(path) >= sizeof(sa.sun_path)) {
		if (!quiet)
			explain(path, c ? ENAMETOOLONG : ENOMEM);
		free(c);
		return NULL;
	}
	strcpy(sa.sun_path, path);
	c->path = path;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 ||
	    connect(c->fd, (struct sockaddr *)&sa, sizeof(sa)) != 0) {
		if (!quiet)
			explain(path, errno);
		return client_close(c);
	}
	text_init(&t, sizeof(c->greeting) - 1);
	if (!read_line(c, &t)) {
		if (!quiet)
			fprintf(stderr, "warren: %s: hung up; there may be "
			    "too many clients\n", path);
		c = client_close(c);
	} else {
		snprintf(c->greeting, sizeof(c->greeting), "%s",
		    t.n > 5 ? t.s + 5 : t.s);
	}
	text_done(&t);
	return c;
}

struct client *
client_open(const char *path)
{
	return open_client(path, false);
}

struct client *
client_open_quietly(const char *path)
{
	return open_client(path, true);
}

struct client *
client_close(struct client *c)
{
	if (c == NULL)
		return NULL;
	if (c->fd >= 0)
		close(c->fd);
	free(c);
	return NULL;
}

/* A line is "CODE-text", "CODE text" or " text". */
static bool
has_code(const char *s, int *ret_code, bool *ret_end)
{
	for (int i = 0; i < 4; i++)
		if (!isdigit((unsigned char)s[i]))
			return false;
	if (s[4] != ' ' && s[4] != '-')
		return false;
	*ret_code = atoi((char[]){ s[0], s[1], s[2], s[3], '\0' });
	*ret_end = s[4] == ' ';
	return true;
}

static void
json_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s != '\0'; s++) {
		unsigned char ch = (unsigned char)*s;

		if (ch == '"' || ch == '\\')
			fprintf(f, "\\%c", ch);
		else if (ch < ' ')
			fprintf(f, "\\u%04x", ch);
		else
			fputc(ch, f);
	}
	fputc('"', f);
}

struct answer {
	const struct client_how *how;
	bool raw;			/* JSON came: it is printed as it is */
	bool rows;			/* an array of ours was begun */
	struct paint paint;
};

/* What has no JSON of its own becomes an array of coded lines. */
static void
json_line(struct answer *a, int code, const char *text)
{
	FILE *f = a->how->out;

	if (code == CODE_JSON) {
		a->raw = true;
		fprintf(f, "%s\n", text);
		return;
	}
	if (a->raw || (code == 0 && text[0] == '\0'))
		return;
	fprintf(f, "%s{\"code\":%d,\"text\":", a->rows ? ",\n" : "[\n", code);
	json_string(f, text);
	fputc('}', f);
	a->rows = true;
}

static void
show(struct answer *a, int code, bool end, const char *line,
    const char *text)
{
	const struct client_how *how = a->how;

	if (how->row != NULL && code == CODE_JSON)
		how->row(how->ctx, text);
	if (how->text != NULL)
		text_printf(how->text, "%s\n", text);
	if (how->out == NULL)
		return;
	if (how->codes)
		fprintf(how->out, "%s\n", line);
	else if (how->json)
		json_line(a, code, text);
	else if (how->terminal && (!end || text[0] != '\0'))
		paint_line(&a->paint, code, text, how->out);
	else if (!end || text[0] != '\0')
		fprintf(how->out, "%s\n", text);
}

static void
finish(struct answer *a)
{
	if (a->how->out != NULL)
		paint_flush(&a->paint, a->how->out);
	if (!a->how->json || a->how->out == NULL || a->how->codes)
		return;
	if (a->rows)
		fputs("\n]\n", a->how->out);
	else if (!a->raw)
		fputs("[]\n", a->how->out);
}

int
client_ask(struct client *c, const char *line, const struct client_how *how)
{
	struct answer a = { .how = how, .paint.colour = how->colour };
	int code = 0, status = EXIT_NO_DAEMON;
	bool end = false;
	struct text t;

	text_init(&t, 64u << 20);
	t.secret = true;
	if (how->json)
		text_add(&t, "json ");
	text_add(&t, line);
	if (!send_line(c, t.s))
		goto out;
	while (!end && read_line(c, &t)) {
		const char *text = t.s;

		if (has_code(t.s, &code, &end))
			text += 5;
		else
			text += t.s[0] == ' ';
		show(&a, code, end, t.s, text);
	}
	if (end)
		status = code >= 8000 ? EXIT_WRONG : EXIT_OK;
	finish(&a);
out:
	if (status == EXIT_NO_DAEMON)
		fprintf(stderr, "warren: %s: the connection broke\n",
		    c->path);
	text_done(&t);
	return status;
}
