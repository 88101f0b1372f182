/* SPDX-License-Identifier: ISC */
/*
 * PreUp, PostUp, PreDown and PostDown of a wg-quick file, where "run hooks"
 * stands: by a shell, %i being the interface, those of one kind one after
 * another until one fails, and kind after kind.  The tunnel waits for none of
 * them; how they end is in the log.  A tunnel that is found running has had
 * its hooks.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/wireguard.h"
#include "sys/spawn.h"

#define SCRIPT_MOST	(1u << 16)

struct hook {
	struct hook *next;		/* younger */
	struct daemon *d;		/* outlives the tunnel */
	char name[64];			/* the protocol's */
	const char *what;
	char *script, *then;
	struct spawn_child child;
	struct loop_fd *ready;		/* NULL: waits for an older one */
};

static struct hook *
hook_free(struct hook *h)
{
	struct hook **p;

	for (p = &h->d->hooks; *p != NULL; p = &(*p)->next) {
		if (*p == h) {
			*p = h->next;
			break;
		}
	}
	if (h->ready != NULL) {
		loop_fd_free(h->ready);
		close(h->child.pidfd);
	}
	mem_free(h->script);
	mem_free(h->then);
	mem_free(h);
	return NULL;
}

static struct hook *
hook_of(struct daemon *d, const char *name)
{
	struct hook *h;

	for (h = d->hooks; h != NULL; h = h->next) {
		if (strcmp(h->name, name) == 0)
			return h;
	}
	return NULL;
}

static void run(struct hook *h);

static void
on_end(void *ctx, int events)
{
	struct hook *h = ctx, *next;
	struct daemon *d = h->d;
	char name[sizeof(h->name)];
	int status = 0;

	(void)events;
	if (spawn_reap(&h->child, &status) == -EAGAIN)
		return;
	if (status != 0)
		log_msg(&d->log, CONF_LOG_WARNING, h->name,
		    "%s ended with status %d", h->what, status);
	memcpy(name, h->name, sizeof(name));
	hook_free(h);
	next = hook_of(d, name);
	if (next != NULL && next->ready == NULL)
		run(next);
}

static void
add_line(struct text *out, const char *s, const char *iface)
{
	for (; *s != '\0'; s++) {
		if (s[0] == '%' && s[1] == 'i') {
			text_add(out, iface);
			s++;
		} else {
			text_addc(out, *s);
		}
	}
	text_addc(out, '\n');
}

static void
run(struct hook *h)
{
	const char *both = "s=0; /bin/sh -ec \"$1\" || s=$?; "
	    "/bin/sh -ec \"$2\" || s=$?; exit $s";
	const char *one_by_one[] = { "/bin/sh", "-c", both, "sh", h->script,
	    h->then, NULL };
	const char *one[] = { "/bin/sh", "-ec", h->script, NULL };
	const char **argv = h->then != NULL ? one_by_one : one;
	int err;

	err = spawn_detached((char *const *)(uintptr_t)argv, true, &h->child);
	if (err < 0) {
		log_msg(&h->d->log, CONF_LOG_ERROR, h->name,
		    "%s cannot be run: %s", h->what, strerrordesc_np(-err));
		hook_free(h);
		return;
	}
	h->ready = loop_fd_new(&h->d->loop, h->child.pidfd, on_end, h);
	if (h->ready != NULL)
		loop_fd_want(h->ready, UV_READABLE);
	else
		hook_free(h);
}

/* NULL without one, and without memory. */
static char *
script_of(const struct tunnel *t, const struct conf_string *list)
{
	struct text out;
	char *s;

	if (list == NULL)
		return NULL;
	text_init(&out, SCRIPT_MOST);
	for (; list != NULL; list = list->next)
		add_line(&out, list->s, t->iface);
	s = out.bad ? NULL : mem_strdup(out.s);
	text_done(&out);
	return s;
}

/* Behind those that run still; but who ends now waits for nobody. */
static void
hook_new(struct tunnel *t, const char *what, char *script, char *then)
{
	struct daemon *d = t->p.d;
	struct hook *h = mem_zalloc(sizeof(*h)), **p = &d->hooks;
	bool wait;

	if (h == NULL || script == NULL) {
		mem_free(script);
		mem_free(then);
		mem_free(h);
		return;
	}
	wait = !d->shutting_down && hook_of(d, t->p.name) != NULL;
	h->d = d;
	h->what = what;
	h->script = script;
	h->then = then;
	snprintf(h->name, sizeof(h->name), "%s", t->p.name);
	while (*p != NULL)
		p = &(*p)->next;
	*p = h;
	if (!wait)
		run(h);
}

void
tunnel_hooks(struct tunnel *t, const char *what,
    const struct conf_string *list)
{
	if (t->p.cf->wg.run_hooks && !t->adopted)
		hook_new(t, what, script_of(t, list), NULL);
}

/* Both by one shell: there may be no daemon any more between them. */
void
tunnel_hooks_down(struct tunnel *t)
{
	const struct conf_wireguard *wg = &t->p.cf->wg;
	char *pre, *post;

	if (!wg->run_hooks)
		return;
	pre = script_of(t, wg->pre_down);
	post = script_of(t, wg->post_down);
	if (pre == NULL)
		hook_new(t, "PostDown", post, NULL);
	else if (post == NULL)
		hook_new(t, "PreDown", pre, NULL);
	else
		hook_new(t, "PreDown or PostDown", pre, post);
}

void
tunnel_hooks_done(struct daemon *d)
{
	while (d->hooks != NULL)
		hook_free(d->hooks);
}
