/* SPDX-License-Identifier: ISC */
/*
 * Other programs that have a hand in what is Warren's: another BGP speaker,
 * wg-quick, systemd-networkd, NetworkManager.
 */
#include <dirent.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "warren/doctor.h"

#define NETWORKD	"/run/systemd/netif/links/%u"
#define MANAGER		"/run/NetworkManager/devices/%u"

/* --- another routing daemon ---------------------------------------------- */

static void
command_of(const char *pid, char *buf, int cap)
{
	char path[300];
	FILE *f;

	buf[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	f = fopen(path, "re");
	if (f != NULL && fgets(buf, cap, f) != NULL)
		buf[strcspn(buf, "\n")] = '\0';
	if (f != NULL)
		fclose(f);
}

static bool
is_of_our_net(const char *pid)
{
	char path[300];
	struct stat a, b;

	snprintf(path, sizeof(path), "/proc/%s/ns/net", pid);
	return stat(path, &a) == 0 && stat("/proc/self/ns/net", &b) == 0 &&
	    a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* Whether a process holds a socket. */
static bool
holds(const char *pid, unsigned long inode)
{
	char path[600], target[64], want[64];
	struct dirent *e;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fd", pid);
	snprintf(want, sizeof(want), "socket:[%lu]", inode);
	dir = opendir(path);
	while (dir != NULL && !found && (e = readdir(dir)) != NULL) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid,
		    e->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		found = strcmp(target, want) == 0;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

/* Who listens on BGP's port, as seen in /proc/net/tcp; 0: nobody. */
static unsigned
listeners(const char *file, unsigned long *ret, unsigned most)
{
	FILE *f = fopen(file, "re");
	unsigned n = 0, port, state;
	unsigned long inode;
	char line[512];

	while (f != NULL && n < most && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x "
		    "%x %*s %*s %*s %*d %*d %lu", &port, &state, &inode) == 3
		    && port == 179 && state == 10)
			ret[n++] = inode;
	if (f != NULL)
		fclose(f);
	return n;
}

static void
rival(struct doctor *d, const char *pid, const unsigned long *inode,
    unsigned n)
{
	char name[32];

	command_of(pid, name, sizeof(name));
	if (strcmp(name, "warrend") == 0 || !is_of_our_net(pid))
		return;
	for (unsigned i = 0; i < n; i++)
		if (holds(pid, inode[i])) {
			doctor_finds(d, "port-taken", doctor_mend(d,
			    "systemctl disable --now %s || kill %s", name,
			    pid), NULL, "%s (process %s) listens on TCP port "
			    "179: BGP neighbors that call us reach it", name,
			    pid);
			return;
		}
	if (strcmp(name, "bird") == 0 || strcmp(name, "bird6") == 0)
		doctor_finds(d, "other-daemon", doctor_mend(d, "systemctl "
		    "disable --now %s || kill %s", name, pid), NULL,
		    "%s (process %s) runs beside warrend and gives its routes "
		    "the same protocol number, 12: each takes the other's "
		    "routes for its own and removes them", name, pid);
}

static void
rivals(struct doctor *d)
{
	unsigned long inode[32];
	unsigned n = listeners("/proc/net/tcp", inode, 16);
	struct dirent *e;
	DIR *dir = opendir("/proc");

	n += listeners("/proc/net/tcp6", inode + n, 16);
	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
			rival(d, e->d_name, inode, n);
	if (dir != NULL)
		closedir(dir);
}

/* --- who else sets interfaces up ----------------------------------------- */

static void
wg_quick(struct doctor *d, const char *iface)
{
	char path[200];
	struct stat st;

	snprintf(path, sizeof(path), "/etc/systemd/system/multi-user.target"
	    ".wants/wg-quick@%s.service", iface);
	if (lstat(path, &st) == 0)
		doctor_finds(d, "wg-quick", doctor_mend(d, "systemctl disable "
		    "wg-quick@%s || rm %s", iface, path), NULL, "%s is there: "
		    "at the next boot wg-quick makes %s, too, and sets its "
		    "own routes and allowed ips", path, iface);
}

/* A line of a file of "key=value". */
static bool
says(const char *path, const char *want)
{
	FILE *f = fopen(path, "re");
	char line[256];
	bool found = false;

	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		found = strcasecmp(line, want) == 0;
	}
	if (f != NULL)
		fclose(f);
	return found;
}

static bool
leaves_foreign_routes(void)
{
	static const char *const folder[] = { "/etc/systemd/networkd.conf.d",
	    "/run/systemd/networkd.conf.d", "/usr/lib/systemd/networkd.conf.d"
	};
	bool found = says("/etc/systemd/networkd.conf",
	    "ManageForeignRoutes=no");
	char path[600];

	for (unsigned i = 0; i < 3 && !found; i++) {
		DIR *dir = opendir(folder[i]);
		struct dirent *e;

		while (dir != NULL && !found && (e = readdir(dir)) != NULL) {
			snprintf(path, sizeof(path), "%s/%s", folder[i],
			    e->d_name);
			found = says(path, "ManageForeignRoutes=no") ||
			    says(path, "ManageForeignRoutes=false");
		}
		if (dir != NULL)
			closedir(dir);
	}
	return found;
}

/* True once it has been said. */
static bool
networkd(struct doctor *d, const char *iface, unsigned index)
{
	static const char fix[] = "mkdir -p /etc/systemd/networkd.conf.d && "
	    "printf '[Network]\\nManageForeignRoutes=no\\n"
	    "ManageForeignRoutingPolicyRules=no\\n' > "
	    "/etc/systemd/networkd.conf.d/warren.conf && "
	    "{ systemctl try-restart systemd-networkd; :; }";
	char path[100];

	snprintf(path, sizeof(path), NETWORKD, index);
	if (!says(path, "ADMIN_STATE=configured") || leaves_foreign_routes())
		return false;
	doctor_finds(d, "networkd", fix, fix, "systemd-networkd manages %s "
	    "(%s: ADMIN_STATE=configured) and removes routes that it did not "
	    "make when it starts again: ours", iface, path);
	return true;
}

static void
manager(struct doctor *d, const char *iface, unsigned index)
{
	char path[100], dropin[120];
	struct stat st;

	snprintf(path, sizeof(path), MANAGER, index);
	snprintf(dropin, sizeof(dropin),
	    "/etc/NetworkManager/conf.d/warren-%s.conf", iface);
	if (!says(path, "managed=true") || stat(dropin, &st) == 0)
		return;
	doctor_finds(d, "networkmanager", doctor_mend(d, "mkdir -p "
	    "/etc/NetworkManager/conf.d && printf '[device-%s]\\n"
	    "match-device=interface-name:%s\\nmanaged=0\\n' > %s && "
	    "{ nmcli general reload; :; }", iface, iface, dropin), d->mend,
	    "NetworkManager manages %s (%s: managed=true): it takes addresses "
	    "and routes away that it did not make", iface, path);
}

void
doctor_rivals(struct doctor *d)
{
	bool said = false;
	const json_t *i;
	size_t n;

	rivals(d);
	json_array_foreach(d->interfaces, n, i) {
		const char *name = look_text(i, "name");
		const unsigned index = (unsigned)doctor_number(i, "index");

		said = said || networkd(d, name, index);
		if (!doctor_is_tunnel(d, name))
			continue;
		wg_quick(d, name);
		manager(d, name, index);
	}
}
