/* SPDX-License-Identifier: ISC */
/*
 * The switches under /proc/sys/net that routing needs.
 *
 * An interface is a name, or "all" or "default".  Errors are negative errno:
 * -ENOENT where there is no such interface or family, -EROFS or -EACCES in a
 * container that may not write.  A write of the value that is there
 * already is not made, so that a read-only /proc/sys does no harm when
 * somebody has set it up right.
 */
#ifndef WARREN_SYS_SYSCTL_H
#define WARREN_SYS_SYSCTL_H

#include "base/ip.h"

/* key: "ipv4/ip_forward".  Components of "..", or empty, are refused. */
int sysctl_get(const char *key, long *ret_value);
int sysctl_set(const char *key, long value);

/* net/ipv4/conf/IFACE/KEY or net/ipv6/conf/IFACE/KEY */
int sysctl_if_get(enum family f, const char *iface, const char *key,
    long *ret_value);
int sysctl_if_set(enum family f, const char *iface, const char *key,
    long value);

/* What one call of sysctl_forward() found and changed. */
struct sysctl_forward {
	bool changed;		/* something was switched on by us */
	int err4, err6;		/* 0 or a negative errno, by family */
	/*
	 * Strict reverse-path filtering (effective value 1) drops packets
	 * that come in by another way than the answer would leave by.
	 */
	bool strict_rp_filter;
};

/*
 * "forward yes" for an interface.  What comes out of a tunnel and what goes
 * into it from other interfaces must both be let through, so forwarding is
 * switched on for all: ip_forward for IPv4, conf/all for IPv6, and the
 * interface's own switch where somebody turned that off.  accept_ra of
 * those interfaces that have 1 is raised to 2 before, so that they keep their
 * IPv6 default route.  Answers 0 when at least one family forwards.
 */
int sysctl_forward(const char *iface, struct sysctl_forward *ret);
/* Whether it forwards now. */
bool sysctl_forwards(enum family f, const char *iface);

#endif
