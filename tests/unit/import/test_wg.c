/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "import/import.h"

#define KEY	"yE790xX8JMFobo9EafDYu4ZQ+q0eADATLl1du8a9yWM="
#define KEY2	"LlKC4xwOJHlOetI7BLL+O4PUyEpYUHcFJA74RMzQpU8="

static struct text out, notes;
static char written[512];

static bool
secret(void *ctx, const char *path, const char *key)
{
	(void)ctx;
	strncat(written, path, sizeof(written) - strlen(written) - 1);
	strncat(written, "=", sizeof(written) - strlen(written) - 1);
	strncat(written, key, sizeof(written) - strlen(written) - 1);
	return true;
}

static bool
run(const char *name, const char *in)
{
	const struct import_wg_io io = { NULL, secret };
	struct import_wg *x = import_wg_new("/k");
	bool ok;

	text_init(&out, 1 << 20);
	text_init(&notes, 1 << 20);
	written[0] = '\0';
	if (x == NULL)
		return false;
	ok = import_wg_file(x, name, bytes_of((const uint8_t *)in,
	    strlen(in)), &notes);
	ok = import_wg_print(x, &io, &out) && ok;
	import_wg_free(x);
	return ok;
}

static void
done(void)
{
	text_done(&out);
	text_done(&notes);
}

static void
has(const char *s)
{
	if (strstr(out.s, s) == NULL)
		fail_msg("\"%s\" is not in:\n%s", s, out.s);
}

static void
test_keys(void **state)
{
	(void)state;
	assert_true(run("/etc/wireguard/wg0.conf", "[Interface]\n"
	    "PrivateKey = " KEY "\n[Peer]\n# Name = a b\n"
	    "PublicKey = " KEY2 "\nPresharedKey=" KEY "\n"));
	has("private key file \"/k/wg0.key\";");
	has("peer \"a b\" {");
	has("preshared key file \"/k/wg0-a_b.psk\";");
	has("allowed ips none;");
	assert_null(strstr(out.s, KEY));
	assert_string_equal(written, "/k/wg0.key=" KEY
	    "/k/wg0-a_b.psk=" KEY);
	done();
}

static void
test_mistakes(void **state)
{
	static const char *const bad[] = {
		"[Interface]\nPrivateKey = short\n", "Address = 1.2.3.4\n",
		"[Interface]\nAddress = 1.2.3\n", "[Other]\n",
		"[Interface]\nListenPort = 65536\n",
		"[Interface]\nFwMark = 0x1ffffffff\n",
		"[Interface]\nTable = x\n", "[Interface]\nNonsense = 1\n",
		"[Peer]\nAllowedIPs = 1.1.1.1\n",
		"[Peer]\nPublicKey = " KEY2 "\nAllowedIPs = 1.1.1.1/33\n",
		"[Peer]\nPublicKey = " KEY2 "\nEndpoint = nowhere\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(run("wg0.conf", bad[i]));
		assert_true(notes.n > 0);
		assert_null(strstr(notes.s, "short"));
		done();
	}
}

/* The last one has it; a second section replaces the first. */
static void
test_twice(void **state)
{
	(void)state;
	assert_true(run("wg0.conf", "[Interface]\n[Peer]\nPublicKey = " KEY2
	    "\nAllowedIPs = 10.0.0.1/8\n[Peer]\nPublicKey = " KEY "\n"
	    "AllowedIPs = 10.0.0.0/8\n[Peer]\nPublicKey = " KEY2 "\n"
	    "AllowedIPs = 11.0.0.0/8\n"));
	has("allowed ips 11.0.0.0/8;");
	has("allowed ips 10.0.0.0/8;");
	assert_null(strstr(out.s, "10.0.0.0/8, 11"));
	done();
}

static void
test_table(void **state)
{
	(void)state;
	assert_true(run("wg0.conf", "[Interface]\nTable = 100\n"));
	has("kernel table 100;");
	has("ipv4 { table wg4_100; import all; export none; };");
	done();
	assert_true(run("wg0.conf", "[Interface]\nTable = off\n"));
	assert_null(strstr(out.s, "kernel"));
	done();
	assert_true(run("wg0.conf", "[Interface]\n[Peer]\nPublicKey = " KEY2
	    "\nAllowedIPs = ::/0\n"));
	has("fwmark 0xca6c;");
	assert_non_null(strstr(notes.s, "ip -6 rule add not fwmark 51820"));
	done();
}

static void
test_memory(void **state)
{
	(void)state;
	for (long i = 0; i < 200; i++) {
		mem_fail_after(i);
		run("wg0.conf", "[Interface]\nPrivateKey = " KEY "\n"
		    "PostUp = a; b\n[Peer]\nPublicKey = " KEY2 "\n"
		    "AllowedIPs = 1.1.1.1, 2.2.2.2\n");
		mem_fail_after(-1);
		done();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys), cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_twice), cmocka_unit_test(test_table),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
