/* SPDX-License-Identifier: ISC */
#include "sys/sysctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define KEY_MAX		160

/* Interface names come from a configuration: none may climb out. */
static bool
key_safe(const char *key)
{
	const char *s = key, *end;

	if (*s == '\0')
		return false;
	for (;; s = end + 1) {
		size_t n;

		end = strchrnul(s, '/');
		n = (size_t)(end - s);
		if (n == 0 || (n == 1 && s[0] == '.') ||
		    (n == 2 && s[0] == '.' && s[1] == '.'))
			return false;
		if (*end == '\0')
			return true;
	}
}

static int
key_open(const char *key, int flags)
{
	char path[KEY_MAX];
	int fd;

	if (!key_safe(key) || (size_t)snprintf(path, sizeof(path),
	    "/proc/sys/net/%s", key) >= sizeof(path))
		return -EINVAL;
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int
sysctl_get(const char *key, long *ret_value)
{
	char buf[32], *end;
	ssize_t n;
	int fd = key_open(key, O_RDONLY), err = 0;

	if (fd < 0)
		return fd;
	n = read(fd, buf, sizeof(buf) - 1);
	if (n < 0)
		err = -errno;
	close(fd);
	if (err)
		return err;
	buf[n] = '\0';
	*ret_value = strtol(buf, &end, 10);
	return end == buf ? -EINVAL : 0;
}

int
sysctl_set(const char *key, long value)
{
	char buf[32];
	long was;
	int fd, n, err = sysctl_get(key, &was);

	if (err || was == value)
		return err;
	fd = key_open(key, O_WRONLY);
	if (fd < 0)
		return fd;
	n = snprintf(buf, sizeof(buf), "%ld\n", value);
	if (write(fd, buf, (size_t)n) < 0)
		err = -errno;
	close(fd);
	return err;
}

static int
if_key(char key[KEY_MAX], enum family f, const char *iface, const char *what)
{
	if (iface[0] == '\0' || strchr(iface, '/'))
		return -EINVAL;
	if (snprintf(key, KEY_MAX, "ipv%c/conf/%s/%s",
	    f == FAMILY_IP4 ? '4' : '6', iface, what) >= KEY_MAX)
		return -EINVAL;
	return 0;
}

int
sysctl_if_get(enum family f, const char *iface, const char *key,
    long *ret_value)
{
	char path[KEY_MAX];
	int err = if_key(path, f, iface, key);

	return err ? err : sysctl_get(path, ret_value);
}

int
sysctl_if_set(enum family f, const char *iface, const char *key, long value)
{
	char path[KEY_MAX];
	int err = if_key(path, f, iface, key);

	return err ? err : sysctl_set(path, value);
}

/* Switches on what is off, and says so. */
static int
switch_on(enum family f, const char *iface, bool *changed)
{
	long v = 0;
	int err = sysctl_if_get(f, iface, "forwarding", &v);

	if (err || v != 0)
		return err;
	err = sysctl_if_set(f, iface, "forwarding", 1);
	if (!err)
		*changed = true;
	return err;
}

/*
 * A host that forwards does not listen to router advertisements unless it is
 * told to (accept_ra 2): its default route would be gone in half an hour.
 */
static void
keep_accept_ra(void)
{
	DIR *d = opendir("/proc/sys/net/ipv6/conf");
	const struct dirent *e;
	long v;

	if (!d)
		return;
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || strcmp(e->d_name, "all") == 0)
			continue;
		if (sysctl_if_get(FAMILY_IP6, e->d_name, "accept_ra",
		    &v) == 0 && v == 1)
			(void)sysctl_if_set(FAMILY_IP6, e->d_name,
			    "accept_ra", 2);
	}
	closedir(d);
}

static int
forward4(const char *iface, bool *changed)
{
	long v = 0;
	int err = sysctl_get("ipv4/ip_forward", &v);

	if (!err && v == 0) {
		err = sysctl_set("ipv4/ip_forward", 1);
		*changed |= !err;
	}
	return err ? err : switch_on(FAMILY_IP4, iface, changed);
}

static int
forward6(bool *changed)
{
	long v = 0;
	int err = sysctl_if_get(FAMILY_IP6, "all", "forwarding", &v);

	if (err || v != 0)
		return err;
	keep_accept_ra();
	return switch_on(FAMILY_IP6, "all", changed);
}

/* The kernel goes by the larger number; 2 is loose. */
static bool
strict_rp_filter(const char *iface)
{
	long all = 0, own = 0;

	(void)sysctl_if_get(FAMILY_IP4, "all", "rp_filter", &all);
	(void)sysctl_if_get(FAMILY_IP4, iface, "rp_filter", &own);
	return (all > own ? all : own) == 1;
}

int
sysctl_forward(const char *iface, struct sysctl_forward *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->err4 = forward4(iface, &ret->changed);
	ret->err6 = forward6(&ret->changed);
	ret->strict_rp_filter = strict_rp_filter(iface);
	return ret->err4 && ret->err6 ? ret->err4 : 0;
}

bool
sysctl_forwards(enum family f, const char *iface)
{
	long v = 0;

	if (f == FAMILY_IP6)
		iface = "all";
	return sysctl_if_get(f, iface, "forwarding", &v) == 0 && v != 0;
}
