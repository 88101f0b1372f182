/* SPDX-License-Identifier: ISC */
/*
 * invite NAME [-i IFACE] [-q FILE.png], revoke NAME [-i IFACE].
 *
 * The client's keys are made here, and its private key is never told to the
 * daemon: what is printed, and the picture of it, are the only places where
 * it exists.
 */
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "sys/entropy.h"
#include "warren/qr.h"
#include "warren/warren.h"

#define KEY_TEXT	45		/* base64 and the NUL */
#define KEEPALIVE	25		/* clients are behind NAT */

struct request {
	const char *name, *iface, *png;
};

struct keys {
	uint8_t own[CRYPTO_KEY], public_key[CRYPTO_KEY], psk[CRYPTO_KEY];
	char own_text[KEY_TEXT], public_text[KEY_TEXT], psk_text[KEY_TEXT];
};

static int
usage(bool invite)
{
	fputs(invite ? "usage: warren invite NAME [-i IFACE] [-q FILE.png]\n" :
	    "usage: warren revoke NAME [-i IFACE]\n", stderr);
	return EXIT_USAGE;
}

static bool
read_request(struct request *r, bool invite, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (i + 1 < argc && strcmp(argv[i], "-i") == 0)
			r->iface = argv[++i];
		else if (invite && i + 1 < argc && strcmp(argv[i], "-q") == 0)
			r->png = argv[++i];
		else if (argv[i][0] != '-' && r->name == NULL)
			r->name = argv[i];
		else
			return false;
	}
	return r->name != NULL && strpbrk(r->name, "\"\\\r\n") == NULL &&
	    (r->iface == NULL || strpbrk(r->iface, "\"\\\r\n") == NULL);
}

static bool
make_keys(struct keys *k)
{
	entropy_fill(k->own, CRYPTO_KEY);
	crypto_x25519_clamp(k->own);
	entropy_fill(k->psk, CRYPTO_KEY);
	if (!crypto_x25519_public(k->public_key, k->own))
		return false;
	crypto_to_base64(k->own_text, KEY_TEXT, bytes_of(k->own, CRYPTO_KEY));
	crypto_to_base64(k->psk_text, KEY_TEXT, bytes_of(k->psk, CRYPTO_KEY));
	crypto_to_base64(k->public_text, KEY_TEXT,
	    bytes_of(k->public_key, CRYPTO_KEY));
	return true;
}

/* "KEY = VALUE" of the daemon's answer. */
static void
copy_line(struct text *out, const char *answer, const char *key)
{
	const char *s = strstr(answer, key);

	if (s != NULL)
		text_printf(out, "%.*s\n", (int)strcspn(s, "\n"), s);
}

static void
file_of(struct text *out, const char *answer, const struct keys *k)
{
	text_printf(out, "[Interface]\nPrivateKey = %s\n", k->own_text);
	copy_line(out, answer, "Address = ");
	text_add(out, "\n[Peer]\n");
	copy_line(out, answer, "PublicKey = ");
	text_printf(out, "PresharedKey = %s\n", k->psk_text);
	copy_line(out, answer, "Endpoint = ");
	copy_line(out, answer, "AllowedIPs = ");
	text_printf(out, "PersistentKeepalive = %d\n", KEEPALIVE);
}

static int
give(const struct request *r, const char *answer, const struct keys *k)
{
	int err = 0, status = EXIT_OK;
	struct text out;

	text_init(&out, 1 << 16);
	out.secret = true;
	file_of(&out, answer, k);
	fputs(out.s, stdout);
	if (r->png != NULL)
		err = qr_png(r->png, out.s);
	else if (isatty(STDOUT_FILENO) && !qr_show(stdout, out.s))
		fputs("warren: this is too long for a QR code\n", stderr);
	if (err != 0) {
		fprintf(stderr, "warren: %s: %s; %s is invited all the same\n",
		    r->png, strerrordesc_np(-err), r->name);
		status = EXIT_WRONG;
	}
	if (out.bad || fflush(stdout) != 0)
		status = EXIT_WRONG;
	text_done(&out);
	return status;
}

static void
complain(const struct text *answer)
{
	fprintf(stderr, "warren: %s", answer->s);
}

static int
ask(const char *socket, const struct text *line, struct text *answer)
{
	struct client_how how = { .text = answer };
	struct client *c = client_open(socket);
	int status;

	if (c == NULL)
		return EXIT_NO_DAEMON;
	status = client_ask(c, line->s, &how);
	client_close(c);
	if (status == EXIT_WRONG)
		complain(answer);
	return status;
}

static int
invite(const char *socket, const struct request *r)
{
	struct text line, answer;
	struct keys k;
	int status = EXIT_WRONG;

	text_init(&line, 4096);
	text_init(&answer, 1 << 20);
	line.secret = true;
	if (make_keys(&k)) {
		text_printf(&line, "invite \"%s\"", r->name);
		if (r->iface != NULL)
			text_printf(&line, " interface \"%s\"", r->iface);
		text_printf(&line, " key \"%s\" psk \"%s\"", k.public_text,
		    k.psk_text);
		status = ask(socket, &line, &answer);
	}
	if (status == EXIT_OK)
		status = give(r, answer.s, &k);
	mem_wipe(&k, sizeof(k));
	text_done(&line);
	text_done(&answer);
	return status;
}

static int
put_out(const char *socket, const struct request *r)
{
	struct text line, answer;
	int status;

	text_init(&line, 4096);
	text_init(&answer, 1 << 20);
	text_printf(&line, "revoke \"%s\"", r->name);
	if (r->iface != NULL)
		text_printf(&line, " interface \"%s\"", r->iface);
	status = ask(socket, &line, &answer);
	if (status == EXIT_OK)
		fputs(answer.s, stdout);
	text_done(&line);
	text_done(&answer);
	return status;
}

int
invite_command(const char *socket, bool json, int argc, char **argv)
{
	const bool is_invite = strcmp(argv[0], "invite") == 0;
	struct request r = { 0 };

	(void)json;
	if (!read_request(&r, is_invite, argc, argv))
		return usage(is_invite);
	return is_invite ? invite(socket, &r) : put_out(socket, &r);
}
