/* SPDX-License-Identifier: ISC */
/* warren import frr FILE, import wg FILE...: see src/import. */
#include <errno.h>
#include <fcntl.h>
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

/*
 * A key goes into a file that only its owner may read.  One that is there
 * is left alone: it is the same, or it is not ours to overwrite.
 */
static bool
write_secret(void *ctx, const char *path, const char *key)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	const size_t n = strlen(key);
	struct text old;
	bool ok;

	(void)ctx;
	if (fd >= 0) {
		ok = write(fd, key, n) == (ssize_t)n &&
		    write(fd, "\n", 1) == 1 && fsync(fd) == 0;
		close(fd);
		if (!ok)
			fprintf(stderr, "warren: %s: %s\n", path,
			    strerrordesc_np(errno));
		return ok;
	}
	if (errno != EEXIST) {
		fprintf(stderr, "warren: %s: %s; -d FOLDER puts keys "
		    "elsewhere\n", path, strerrordesc_np(errno));
		return false;
	}
	text_init(&old, 4096);
	old.secret = true;
	ok = import_read(path, &old) && strncmp(old.s, key, n) == 0;
	if (!ok)
		fprintf(stderr, "warren: %s: is there already, with another "
		    "key in it\n", path);
	text_done(&old);
	return ok;
}

static bool
add_wg(struct import_wg *x, const char *path, struct text *notes)
{
	struct text in;
	bool ok;

	text_init(&in, MOST);
	in.secret = true;
	ok = import_read(path, &in) && import_wg_file(x, path,
	    bytes_of((const uint8_t *)in.s, in.n), notes);
	text_done(&in);
	return ok;
}

/* warren import wg [-d FOLDER] FILE... */
static int
import_files_wg(int argc, char **argv)
{
	const struct import_wg_io io = { NULL, write_secret };
	const char *dir = "/etc/warren";
	struct import_wg *x;
	struct text out, notes;
	bool ok = true;
	int status;

	if (argc > 1 && strcmp(argv[0], "-d") == 0) {
		dir = argv[1];
		argc -= 2;
		argv += 2;
	}
	if (argc < 1 || strchr(dir, '"') != NULL)
		return -1;
	x = import_wg_new(dir);
	if (x == NULL)
		return EXIT_WRONG;
	if (mkdir(dir, 0755) != 0 && errno != EEXIST)
		fprintf(stderr, "warren: %s: %s\n", dir,
		    strerrordesc_np(errno));
	text_init(&out, MOST);
	text_init(&notes, MOST);
	for (int i = 0; i < argc; i++)
		ok = add_wg(x, argv[i], &notes) && ok;
	ok = import_wg_print(x, &io, &out) && ok;
	status = import_print(&out, &notes);
	text_done(&out);
	text_done(&notes);
	import_wg_free(x);
	return ok ? status : EXIT_WRONG;
}

int
import_command(const char *socket, bool json, int argc, char **argv)
{
	int status = -1;

	(void)socket;
	(void)json;
	if (argc == 3 && strcmp(argv[1], "frr") == 0)
		return import_file_frr(argv[2]);
	if (argc > 2 && strcmp(argv[1], "wg") == 0)
		status = import_files_wg(argc - 2, argv + 2);
	if (status < 0) {
		fputs("usage: warren import frr FILE\n"
		    "       warren import wg [-d FOLDER] FILE...\n", stderr);
		status = EXIT_USAGE;
	}
	return status;
}
