/* SPDX-License-Identifier: ISC */
/* Keys in files of their own. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/wireguard.h"
#include "sys/entropy.h"

/* Makes the folder that the file lies in, not those above. */
static void
make_folder(const char *path)
{
	char dir[4096];
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) : 0;

	if (n == 0 || n >= sizeof(dir))
		return;
	memcpy(dir, path, n);
	dir[n] = '\0';
	mkdir(dir, 0700);
}

/* Whole or not at all: a key file is never seen half written. */
static int
make_key(const char *path, uint8_t ret[WG_KEY])
{
	char text[WG_KEY_BASE64];
	int fd, err = 0;

	make_folder(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	entropy_fill(ret, WG_KEY);
	wg_key_private(ret);
	wg_key_to_base64(text, ret);
	text[WG_KEY_BASE64 - 1] = '\n';
	if (write(fd, text, sizeof(text)) != (ssize_t)sizeof(text) ||
	    fsync(fd) != 0) {
		err = errno ? -errno : -EIO;
		unlink(path);
	}
	close(fd);
	mem_wipe(text, sizeof(text));
	return err;
}

static int
read_key(int fd, uint8_t ret[WG_KEY])
{
	char text[256];
	ssize_t n = read(fd, text, sizeof(text));
	int err = 0;

	if (n < 0)
		err = -errno;
	while (err == 0 && n > 0 && strchr(" \t\r\n", text[n - 1]))
		n--;
	if (err == 0 && !wg_key_from_base64(ret,
	    bytes_of(text, (size_t)(n > 0 ? n : 0))))
		err = -EINVAL;
	mem_wipe(text, sizeof(text));
	return err;
}

int
tunnel_load_key(const struct conf_wg_secret *s, bool make,
    uint8_t ret[WG_KEY])
{
	int fd, err;

	memset(ret, 0, WG_KEY);
	if (s->key != NULL)
		memcpy(ret, s->key, WG_KEY);
	if (s->file == NULL)
		return 0;
	fd = open(s->file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT && make ? make_key(s->file, ret) :
		    -errno;
	err = read_key(fd, ret);
	close(fd);
	return err;
}
