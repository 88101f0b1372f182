/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/text.h"
#include "sys/files.h"
#include "warren/doctor.h"

#define MOST_DIAGS	50

static const struct conf_io real_files = {
	.read = files_read, .glob = files_glob, .exists = files_exist
};

/* Every error is a finding. */
static void
read_file(struct doctor *d)
{
	struct diag_list *diags = diag_list_new(MOST_DIAGS);
	char *line, *next;
	struct text t;

	if (diags == NULL)
		return;
	text_init(&t, 1 << 20);
	d->conf = conf_parse_how(&real_files, d->file, CONF_STRICT, diags);
	diag_print_all(diags, &t);
	for (line = t.s; *line != '\0'; line = next) {
		next = line + strcspn(line, "\n");
		if (*next != '\0')
			*next++ = '\0';
		/*
		 * The lines between show the place.  Who was warned and goes
		 * on has decided so.
		 */
		if (*line != ' ' && *line != '\0' &&
		    strstr(line, ": warning: ") == NULL)
			doctor_finds(d, "configuration", "edit it, then: "
			    "warren configure", NULL, "%s", line);
	}
	text_done(&t);
	diag_list_free(diags);
}

static void
secret_file(struct doctor *d, const char *path, const char *what)
{
	char fix[4200];
	struct stat st;

	if (path == NULL || stat(path, &st) != 0 ||
	    (st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
		return;
	snprintf(fix, sizeof(fix), "chmod 600 '%s'", path);
	doctor_finds(d, "key-readable", fix, strchr(path, '\'') ? NULL : fix,
	    "%s, which holds %s, has mode %04o: others than its owner may "
	    "read it", path, what, (unsigned)st.st_mode & 07777);
}

static void
secrets(struct doctor *d)
{
	for (const struct conf_proto *p = d->conf->protocols; p; p = p->next) {
		const struct conf_wireguard *w = &p->wg;

		if (p->kind != CONF_WIREGUARD)
			continue;
		secret_file(d, w->private_key.file, "a private key");
		if (w->config_file != NULL)
			secret_file(d, w->config_file, "a private key");
		else if (w->private_key.key != NULL)
			secret_file(d, d->file, "a private key");
		for (struct conf_wg_peer *y = w->peers; y; y = y->next)
			secret_file(d, y->preshared.file, "a preshared key");
	}
}

/* What runs is what was read, and not what the file says by now. */
static void
edited(struct doctor *d)
{
	const char *read = look_text(d->status, "configured");
	struct tm tm = { 0 };
	struct stat st;

	if (strptime(read, "%Y-%m-%dT%H:%M:%S", &tm) == NULL ||
	    stat(d->file, &st) != 0 || st.st_mtime <= timegm(&tm) + 1)
		return;
	doctor_finds(d, "edited", "warren configure",
	    d->conf ? "warren configure" : NULL,
	    "%s was changed after warrend had read it at %s", d->file, read);
}

static void
router_id(struct doctor *d)
{
	const char *id = look_text(d->status, "router_id");

	if (d->conf->router_id_said || *id == 0 ||
	    strcmp(id, "0.0.0.0") == 0)
		return;
	doctor_finds(d, "router-id", "say \"router id …;\" in the "
	    "configuration, then: warren configure", NULL,
	    "the router id %s was taken from some interface, and is another "
	    "one when that is gone", id);
}

void
doctor_conf(struct doctor *d)
{
	read_file(d);
	if (d->conf != NULL) {
		secrets(d);
		if (d->status != NULL)
			router_id(d);
	}
	if (d->status != NULL)
		edited(d);
}
