/* SPDX-License-Identifier: ISC */
/*
 * PreUp, PostUp, PreDown and PostDown of a wg-quick file, where "run hooks"
 * stands: by a shell, %i being the interface, those of one kind one after
 * another until one fails.  Nobody waits for them; how they end is in the
 * log.  A tunnel that is found running has had its hooks.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/wireguard.h"
#include "sys/spawn.h"

#define SCRIPT_MOST	(1u << 16)

struct hook {
	struct daemon *d;		/* outlives the tunnel */
	char name[64];			/* the protocol's */
	const char *what;
	struct spawn_child child;
	struct loop_fd *ready;
};

static void
on_end(void *ctx, int events)
{
	struct hook *h = ctx;
	int status = 0;

	(void)events;
	if (spawn_reap(&h->child, &status) == -EAGAIN)
		return;
	if (status != 0)
		log_msg(&h->d->log, CONF_LOG_WARNING, h->name,
		    "%s ended with status %d", h->what, status);
	h->ready = loop_fd_free(h->ready);
	close(h->child.pidfd);
	mem_free(h);
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
run(struct tunnel *t, const char *what, const char *script)
{
	const char *argv[] = { "/bin/sh", "-ec", script, NULL };
	struct hook *h = mem_zalloc(sizeof(*h));
	int err = -ENOMEM;

	if (h != NULL)
		err = spawn_detached((char *const *)(uintptr_t)argv, true,
		    &h->child);
	if (err < 0) {
		proto_log(&t->p, CONF_LOG_ERROR, "%s cannot be run: %s", what,
		    strerrordesc_np(-err));
		mem_free(h);
		return;
	}
	h->d = t->p.d;
	h->what = what;
	snprintf(h->name, sizeof(h->name), "%s", t->p.name);
	h->ready = loop_fd_new(&h->d->loop, h->child.pidfd, on_end, h);
	if (h->ready != NULL)
		loop_fd_want(h->ready, UV_READABLE);
}

void
tunnel_hooks(struct tunnel *t, const char *what,
    const struct conf_string *list)
{
	struct text script;

	if (list == NULL || !t->p.cf->wg.run_hooks || t->adopted)
		return;
	text_init(&script, SCRIPT_MOST);
	for (; list != NULL; list = list->next)
		add_line(&script, list->s, t->iface);
	if (!script.bad)
		run(t, what, script.s);
	text_done(&script);
}
