/* SPDX-License-Identifier: ISC */
#include "daemon/log.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/clock.h"

#define LINE	4096		/* octets, the longest */

/* By bit; BIRD's short names, which people's scripts look for. */
static const char *const class_name[] = {
	"DBG", "TRACE", "INFO", "RMT", "WARN", "ERR", "AUTH", "FATAL", "BUG"
};

static const int class_priority[] = {
	LOG_DEBUG, LOG_DEBUG, LOG_INFO, LOG_ERR, LOG_WARNING, LOG_ERR,
	LOG_ERR, LOG_CRIT, LOG_CRIT
};

void
log_init(struct log *l, bool foreground, bool debug)
{
	memset(l, 0, sizeof(*l));
	l->foreground = foreground;
	l->debug = debug;
}

static void
close_targets(struct log *l)
{
	for (unsigned i = 0; i < l->n_targets; i++) {
		if (l->target[i].file != NULL && l->target[i].file != stderr)
			fclose(l->target[i].file);
		if (l->target[i].fd >= 0)
			close(l->target[i].fd);
	}
	mem_free(l->target);
	l->target = NULL;
	l->n_targets = 0;
}

void
log_done(struct log *l)
{
	close_targets(l);
}

/* Looked up once, when the configuration is put into force. */
static int
open_udp_name(const struct conf_log *cf)
{
	const struct addrinfo want = { .ai_socktype = SOCK_DGRAM,
	    .ai_flags = AI_NUMERICSERV };
	struct addrinfo *found, *a;
	char port[8];
	int fd = -1;

	snprintf(port, sizeof(port), "%u", cf->port);
	if (getaddrinfo(cf->host_name, port, &want, &found) != 0)
		return -1;
	for (a = found; a != NULL && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC |
		    SOCK_NONBLOCK, a->ai_protocol);
		if (fd < 0 || connect(fd, a->ai_addr, a->ai_addrlen) == 0)
			continue;
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

static int
open_udp(const struct conf_log *cf)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_port = htons(cf->port) };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
	    .sin6_port = htons(cf->port) };
	bool v4 = ip_is4(cf->host);
	int fd;

	if (cf->host_name != NULL)
		return open_udp_name(cf);
	fd = socket(v4 ? AF_INET : AF_INET6,
	    SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err;

	if (fd < 0)
		return -1;
	memcpy(&sin.sin_addr, cf->host.b + 12, 4);
	memcpy(&sin6.sin6_addr, cf->host.b, 16);
	err = v4 ? connect(fd, (struct sockaddr *)&sin, sizeof(sin)) :
	    connect(fd, (struct sockaddr *)&sin6, sizeof(sin6));
	if (err == 0)
		return fd;
	close(fd);
	return -1;
}

static void
open_target(struct log *l, struct log_target *t, const struct conf_log *cf)
{
	t->cf = cf;
	t->fd = -1;
	switch ((enum conf_log_kind)cf->kind) {
	case CONF_LOG_STDERR:
		t->file = stderr;
		break;
	case CONF_LOG_FILE:
		t->file = fopen(cf->path, "ae");
		if (t->file == NULL)
			log_msg(l, CONF_LOG_ERROR, NULL,
			    "Cannot open log file %s: %m", cf->path);
		else if (fseek(t->file, 0, SEEK_END) == 0)
			t->size = (uint64_t)ftell(t->file);
		break;
	case CONF_LOG_SYSLOG:
		openlog(cf->name ? cf->name : "warrend", LOG_PID, LOG_DAEMON);
		break;
	case CONF_LOG_UDP:
		t->fd = open_udp(cf);
		if (t->fd < 0)
			log_msg(l, CONF_LOG_ERROR, NULL,
			    "Cannot log over UDP: %m");
		break;
	}
}

void
log_configure(struct log *l, const struct config *c)
{
	unsigned n = 0;

	close_targets(l);
	l->format = c->tf_log;
	for (const struct conf_log *f = c->logs; f != NULL; f = f->next)
		n++;
	l->target = n ? mem_array(n, sizeof(*l->target)) : NULL;
	if (l->target == NULL)
		return;
	for (const struct conf_log *f = c->logs; f != NULL; f = f->next)
		open_target(l, &l->target[l->n_targets++], f);
}

static void
stamp(const struct log *l, char *buf, size_t cap)
{
	struct wall w = clock_wall();
	time_t s = (time_t)w.s;
	struct tm tm;
	size_t n;

	(void)l;
	localtime_r(&s, &tm);
	n = strftime(buf, cap, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(buf + n, cap - n, ".%03d", (int)(w.ns / 1000000));
}

/* A full file moves to its backup's name and a new one is begun. */
static void
rotate(struct log_target *t)
{
	const struct conf_log *cf = t->cf;

	if (cf == NULL || cf->limit == 0 || t->size < cf->limit)
		return;
	fclose(t->file);
	if (cf->backup != NULL)
		rename(cf->path, cf->backup);
	t->file = fopen(cf->path, "we");
	t->size = 0;
}

static void
to_file(const struct log *l, struct log_target *t, int bit, const char *line)
{
	char when[64];
	int n;

	stamp(l, when, sizeof(when));
	n = fprintf(t->file, "%s <%s> %s\n", when, class_name[bit], line);
	fflush(t->file);
	t->size += n > 0 ? (uint64_t)n : 0;
	if (t->file != stderr)
		rotate(t);
}

/* RFC 3164.  What cannot be sent now is lost, as it would be on the way. */
static void
to_udp(struct log_target *t, int bit, const char *line)
{
	char when[32], host[65] = "", out[1024];
	time_t now = (time_t)clock_wall().s;
	struct tm tm;
	int n;

	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%b %e %H:%M:%S", &tm);
	gethostname(host, sizeof(host) - 1);
	n = snprintf(out, sizeof(out), "<%d>%s %s warrend: %s",
	    LOG_DAEMON | class_priority[bit], when, host, line);
	if (n > (int)sizeof(out) - 1)
		n = (int)sizeof(out) - 1;
	(void)!send(t->fd, out, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
emit(struct log *l, unsigned class, const char *line)
{
	int bit = __builtin_ctz(class);
	bool told = false;

	if (l->tap != NULL)
		l->tap(l->tap_ctx, class, line);
	for (unsigned i = 0; i < l->n_targets; i++) {
		struct log_target *t = &l->target[i];

		if (!(t->cf->classes & class))
			continue;
		if (t->cf->kind == CONF_LOG_SYSLOG)
			syslog(class_priority[bit], "%s", line);
		else if (t->fd >= 0)
			to_udp(t, bit, line);
		else if (t->file != NULL)
			to_file(l, t, bit, line);
		told |= t->file == stderr;
	}
	if (told)
		return;
	/* Without a "log" of its own, what happens is told on stderr. */
	if (l->debug || (l->foreground && l->n_targets == 0 &&
	    !(class & (CONF_LOG_DEBUG | CONF_LOG_TRACE)))) {
		struct log_target t = { .file = stderr, .fd = -1 };

		to_file(l, &t, bit, line);
	}
}

static uint64_t
subject_hash(const char *s, unsigned class)
{
	uint64_t h = class;

	for (; s != NULL && *s != '\0'; s++)
		h = h * 0x100000001b3 ^ (uint8_t)*s;
	return h * 0x9e3779b97f4a7c15;
}

/* May a line of this subject go out?  Tells what was held back before. */
static bool
admit(struct log *l, unsigned class, const char *subject)
{
	uint64_t h = subject_hash(subject, class);
	struct log_bucket *b = &l->bucket[h >> 56];
	struct instant now = clock_now();
	char line[160];

	if (b->subject != h ||
	    instant_sub(now, b->since) > LOG_WINDOW) {
		unsigned held = b->subject == h && b->lines > LOG_BURST ?
		    b->lines - LOG_BURST : 0;

		*b = (struct log_bucket){ .subject = h, .since = now };
		if (held > 0) {
			snprintf(line, sizeof(line),
			    "%s: %u more lines like these were held back",
			    subject ? subject : "warrend", held);
			emit(l, class, line);
		}
	}
	return ++b->lines <= LOG_BURST;
}

/* What a peer says must not forge a line of the log. */
static void
emit_clean(struct log *l, unsigned class, char *line)
{
	for (char *p = line; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	emit(l, class, line);
}

void
log_vmsg(struct log *l, unsigned class, const char *subject, const char *fmt,
    va_list ap)
{
	char line[LINE];		/* says why when memory is out */
	int n = subject ? snprintf(line, sizeof(line), "%s: ", subject) : 0;

	if (!admit(l, class, subject))
		return;
	if (n >= 0 && n < (int)sizeof(line))
		vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
	emit_clean(l, class, line);
}

void
log_print(struct log *l, unsigned class, const char *text)
{
	char line[LINE];

	snprintf(line, sizeof(line), "%s", text);
	emit_clean(l, class, line);
}

void
log_msg(struct log *l, unsigned class, const char *subject, const char *fmt,
    ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vmsg(l, class, subject, fmt, ap);
	va_end(ap);
}
