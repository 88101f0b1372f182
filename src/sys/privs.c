/* SPDX-License-Identifier: ISC */
#include "sys/privs.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
number(const char *s, unsigned *ret)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	*ret = (unsigned)n;
	return s[0] >= '0' && s[0] <= '9' && *end == '\0' && n < 0xffffffff;
}

int
privs_find(const char *user, const char *group, struct privs *ret)
{
	const struct passwd *pw = user ? getpwnam(user) : NULL;
	const struct group *gr = group ? getgrnam(group) : NULL;
	unsigned n = 0;

	ret->uid = getuid();
	ret->gid = getgid();
	if (pw == NULL && user != NULL && number(user, &n))
		pw = getpwuid(n);
	if (user != NULL && pw == NULL)
		return -ENOENT;
	if (pw != NULL) {
		ret->uid = pw->pw_uid;
		ret->gid = pw->pw_gid;
	}
	if (gr != NULL)
		ret->gid = gr->gr_gid;
	else if (group != NULL && number(group, &n))
		ret->gid = n;
	else if (group != NULL)
		return -ENOENT;
	return 0;
}

int
privs_give(const struct privs *who, const char *folder)
{
	if (mkdir(folder, 0755) != 0 && errno != EEXIST)
		return -errno;
	return chown(folder, who->uid, who->gid) == 0 ? 0 : -errno;
}

int
privs_give_fd(const struct privs *who, int fd)
{
	return fchown(fd, who->uid, who->gid) == 0 ? 0 : -errno;
}

int
privs_drop(const struct privs *who)
{
	capng_type_t own = CAPNG_EFFECTIVE | CAPNG_PERMITTED |
	    CAPNG_INHERITABLE | CAPNG_BOUNDING_SET;
	capng_type_t all = own | CAPNG_AMBIENT;

	capng_clear(CAPNG_SELECT_ALL);
	/* Ambient: warren-wg, which we start, needs them as well. */
	if (capng_updatev(CAPNG_ADD, all, CAP_NET_ADMIN,
	    CAP_NET_BIND_SERVICE, CAP_NET_RAW, -1) != 0 ||
	    capng_change_id((int)who->uid, (int)who->gid,
	    CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING) != 0)
		return -EPERM;
	if (capng_apply(CAPNG_SELECT_AMBIENT) != 0)
		return -EPERM;
	return 0;
}
