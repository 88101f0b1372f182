/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/text.h"
#include "sys/files.h"
#include "warren/doctor.h"

#define MOST_DIAGS	50
#define AHEAD		60	/* seconds; a file server's clock */

static const struct conf_io real_files = {
	.read = files_read, .glob = files_glob, .exists = files_exist
};

/* "FILE:LINE:COLUMN: message", if it is of that file. */
static unsigned long
line_of(const char *diag, const char *file)
{
	size_t n = strlen(file);

	return strncmp(diag, file, n) == 0 && diag[n] == ':' ?
	    strtoul(diag + n + 1, NULL, 10) : 1;
}

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
			doctor_finds(d, "configuration", doctor_mend(d, "vi "
			    "+%lu %s && %s configure", line_of(line,
			    d->file), d->file, doctor_warren(d)), NULL,
			    "%s", line);
	}
	text_done(&t);
	diag_list_free(diags);
}

/* What runs is what was read, and not what the file says by now. */
static void
edited(struct doctor *d)
{
	const char *read = look_text(d->status, "configured");
	char mend[240];
	struct stat st;

	if (*read == '\0' || stat(d->file, &st) != 0 ||
	    st.st_mtime <= doctor_time(read) + 1 || st.st_mtime > time(NULL))
		return;
	snprintf(mend, sizeof(mend), "%s configure", doctor_warren(d));
	doctor_finds(d, "edited", mend, d->conf ? mend : NULL,
	    "%s was changed after warrend had read it at %s", d->file, read);
}

/*
 * A clock that went back: WireGuard takes no handshake that is older than one
 * that it has seen, and certificates and timers are as wrong.
 */
static void
clock_back(struct doctor *d)
{
	time_t t = time(NULL), at = doctor_last_seen(d);
	const char *mend = "timedatectl set-ntp true";
	char now[40], then[40];
	struct stat st;

	if (stat(d->file, &st) == 0 && st.st_mtime > at) {
		at = st.st_mtime;
		mend = doctor_mend(d, "timedatectl set-ntp true && touch %s",
		    d->file);
	}
	if (at <= t + AHEAD)
		return;
	strftime(now, sizeof(now), "%F %T", gmtime(&t));
	strftime(then, sizeof(then), "%F %T", gmtime(&at));
	doctor_finds(d, "clock", mend, NULL, "the clock says %s UTC, and "
	    "something here was done at %s: until it is right, peers refuse "
	    "our handshakes as old ones", now, then);
}

static void
router_id(struct doctor *d)
{
	const char *id = look_text(d->status, "router_id"), *mend;
	char line[64];

	if (d->conf->router_id_said || *id == 0 ||
	    strcmp(id, "0.0.0.0") == 0)
		return;
	snprintf(line, sizeof(line), "router id %s;", id);
	mend = doctor_edit_top(d, line);
	doctor_finds(d, "router-id", mend ? mend : "say \"router id …;\" in "
	    "the configuration, then: warren configure", mend,
	    "the router id %s was taken from some interface, and is another "
	    "one when that is gone", id);
}

void
doctor_conf(struct doctor *d)
{
	read_file(d);
	if (d->conf != NULL && d->status != NULL)
		router_id(d);
	if (d->status != NULL)
		edited(d);
	clock_back(d);
}
