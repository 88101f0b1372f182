/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/warren-log-XXXXXX";
static struct conf_log target = { .kind = CONF_LOG_FILE,
    .classes = CONF_LOG_ALL & ~CONF_LOG_TRACE };
static struct config config = { .logs = &target };

static char *
written(void)
{
	static char buf[65536];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(buf, 1, sizeof(buf) - 1, f);
	buf[n] = '\0';
	fclose(f);
	return buf;
}

static unsigned
lines(const char *s)
{
	unsigned n = 0;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return n;
}

static int
make_file(void **st)
{
	int fd;

	(void)st;
	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	target.path = path;
	return fd < 0 ? -1 : close(fd);
}

static int
remove_file(void **st)
{
	(void)st;
	return unlink(path);
}

static void
class_subject_and_nothing_forged(void **st)
{
	struct log l;
	char *s;

	(void)st;
	log_init(&l, false, false);
	log_configure(&l, &config);
	log_msg(&l, CONF_LOG_REMOTE, "east", "said %s", "a\nb\x1b[1m");
	log_msg(&l, CONF_LOG_TRACE, "east", "not this one");
	log_done(&l);
	s = written();
	assert_int_equal(lines(s), 1);
	assert_non_null(strstr(s, " <RMT> east: said a b [1m\n"));
}

static void
one_subject_cannot_flood(void **st)
{
	struct log l;
	char *s;

	(void)st;
	log_init(&l, false, false);
	log_configure(&l, &config);
	for (unsigned i = 0; i < 1000; i++)
		log_msg(&l, CONF_LOG_REMOTE, "noisy", "%u", i);
	log_msg(&l, CONF_LOG_REMOTE, "quiet", "heard");
	/* The window is over. */
	for (unsigned i = 0; i < LOG_SUBJECTS; i++)
		l.bucket[i].since.ns -= 2 * LOG_WINDOW;
	log_msg(&l, CONF_LOG_REMOTE, "noisy", "again");
	log_done(&l);
	s = written();
	assert_int_equal(lines(s), LOG_BURST + 3);
	assert_non_null(strstr(s, "quiet: heard"));
	assert_non_null(strstr(s, "960 more lines"));
	assert_non_null(strstr(s, "noisy: again"));
}

/* What a filter prints is what somebody wants to read. */
static void
print_is_not_held_back(void **st)
{
	struct log l;

	(void)st;
	log_init(&l, false, false);
	log_configure(&l, &config);
	for (unsigned i = 0; i < 200; i++)
		log_print(&l, CONF_LOG_INFO, "printed\nforged");
	log_msg(&l, CONF_LOG_INFO, NULL, "Started");
	log_done(&l);
	assert_int_equal(lines(written()), 201);
	assert_non_null(strstr(written(), "<INFO> Started"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    class_subject_and_nothing_forged, make_file, remove_file),
		cmocka_unit_test_setup_teardown(one_subject_cannot_flood,
		    make_file, remove_file),
		cmocka_unit_test_setup_teardown(print_is_not_held_back,
		    make_file, remove_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
