/* SPDX-License-Identifier: ISC */
/* genkey, genpsk and pubkey, as wg(8) has them. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "sys/entropy.h"
#include "warren/warren.h"

#define KEY_TEXT	45		/* base64 and the NUL */


static int
print_key(const uint8_t key[CRYPTO_KEY])
{
	char text[KEY_TEXT];
	bool ok;

	crypto_to_base64(text, sizeof(text), bytes_of(key, CRYPTO_KEY));
	ok = puts(text) >= 0 && fflush(stdout) == 0;
	mem_wipe(text, sizeof(text));
	return ok ? EXIT_OK : EXIT_WRONG;
}

/* A secret in a file that all may read is worth a word. */
static void
warn_readable(void)
{
	struct stat st;

	if (fstat(1, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_mode & (S_IRWXG | S_IRWXO))
		fputs("Warning: writing to world accessible file.\n"
		    "Consider setting the umask to 077 and trying again.\n",
		    stderr);
}

static int
generate(bool private_key)
{
	uint8_t key[CRYPTO_KEY];
	int status;

	warn_readable();
	entropy_fill(key, sizeof(key));
	if (private_key)
		crypto_x25519_clamp(key);
	status = print_key(key);
	mem_wipe(key, sizeof(key));
	return status;
}

/* One key, and nothing but blanks behind it. */
static bool
read_key(uint8_t ret[CRYPTO_KEY])
{
	char buf[256];
	size_t n = fread(buf, 1, sizeof(buf), stdin);
	bool ok;

	while (n > 0 && strchr(" \t\r\n", buf[n - 1]) != NULL)
		n--;
	ok = crypto_from_base64(ret, CRYPTO_KEY,
	    bytes_of((const uint8_t *)buf, n));
	mem_wipe(buf, sizeof(buf));
	return ok;
}

static int
public_of(void)
{
	uint8_t key[CRYPTO_KEY], public_key[CRYPTO_KEY];
	int status = EXIT_WRONG;

	setvbuf(stdin, NULL, _IONBF, 0);
	if (!read_key(key))
		fputs("warren: Key is not the correct length or format\n",
		    stderr);
	else if (!crypto_x25519_public(public_key, key))
		fputs("warren: there is no public key of it\n", stderr);
	else
		status = print_key(public_key);
	mem_wipe(key, sizeof(key));
	return status;
}

int
keys_command(const char *socket, bool json, int argc, char **argv)
{
	(void)socket;
	(void)json;
	if (argc != 1) {
		fprintf(stderr, "usage: warren %s\n", argv[0]);
		return EXIT_USAGE;
	}
	return strcmp(argv[0], "pubkey") == 0 ? public_of() :
	    generate(strcmp(argv[0], "genkey") == 0);
}
