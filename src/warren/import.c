/* SPDX-License-Identifier: ISC */
/* warren import frr FILE: see src/import. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "import/import.h"
#include "warren/warren.h"

#define MOST	(64u << 20)		/* of a file, and of what comes of it */

/* "-" is the standard input.  False after a message. */
static bool
import_read(const char *path, struct text *ret)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char buf[65536];
	size_t n;
	int err;

	if (f == NULL) {
		fprintf(stderr, "warren: %s: %s\n", path,
		    strerrordesc_np(errno));
		return false;
	}
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0 && !ret->bad)
		text_addn(ret, buf, n);
	err = ferror(f) ? errno : ret->bad ? EFBIG : 0;
	if (f != stdin)
		fclose(f);
	explicit_bzero(buf, sizeof(buf));
	if (err != 0)
		fprintf(stderr, "warren: %s: %s\n", path,
		    strerrordesc_np(err));
	return err == 0;
}

/* There may be passwords in it. */
static void
warn_readable(const char *text)
{
	struct stat st;

	if (strstr(text, "\n\tpassword \"") != NULL && fstat(1, &st) == 0 &&
	    S_ISREG(st.st_mode) && st.st_mode & (S_IRWXG | S_IRWXO))
		fputs("warren: there are passwords in the output, and others "
		    "may read the file: chmod it, or set the umask to 077\n",
		    stderr);
}

static int
import_print(const struct text *out, const struct text *notes)
{
	if (out->bad || notes->bad) {
		fputs("warren: this is too much for one file\n", stderr);
		return EXIT_WRONG;
	}
	warn_readable(out->s);
	fputs(out->s, stdout);
	fputs(notes->s, stderr);
	return fflush(stdout) == 0 ? EXIT_OK : EXIT_WRONG;
}

static int
import_file_frr(const char *path)
{
	struct text in, out, notes;
	int status = EXIT_WRONG;

	text_init(&in, MOST);
	text_init(&out, MOST);
	text_init(&notes, MOST);
	in.secret = out.secret = true;
	if (import_read(path, &in)) {
		import_frr(path, bytes_of((const uint8_t *)in.s, in.n), &out,
		    &notes);
		status = import_print(&out, &notes);
	}
	text_done(&in);
	text_done(&out);
	text_done(&notes);
	return status;
}

int
import_command(int argc, char **argv)
{
	if (argc == 0 || strcmp(argv[0], "import") != 0)
		return -1;
	if (argc == 3 && strcmp(argv[1], "frr") == 0)
		return import_file_frr(argv[2]);
	fputs("usage: warren import frr FILE\n", stderr);
	return EXIT_USAGE;
}
