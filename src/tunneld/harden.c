/* SPDX-License-Identifier: ISC */
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>

#include <cap-ng.h>

#include "tunneld/harden.h"

/* The leak check of the address sanitizer has to trace its own process. */
#ifdef __SANITIZE_ADDRESS__
enum { DUMPABLE = 1 };
#else
enum { DUMPABLE = 0 };
#endif

void
harden_process(void)
{
	(void)prctl(PR_SET_DUMPABLE, DUMPABLE, 0, 0, 0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void
harden_capabilities(void)
{
	static const unsigned keep[] = { CAP_NET_ADMIN, CAP_NET_BIND_SERVICE,
	    CAP_SYS_ADMIN };
	const size_t n = sizeof(keep) / sizeof(keep[0]);
	bool had[sizeof(keep) / sizeof(keep[0])];

	if (capng_get_caps_process() < 0)
		return;
	for (size_t i = 0; i < n; i++)
		had[i] = capng_have_capability(CAPNG_PERMITTED, keep[i]);
	capng_clear(CAPNG_SELECT_CAPS);
	for (size_t i = 0; i < n; i++) {
		if (had[i])
			capng_update(CAPNG_ADD, CAPNG_EFFECTIVE |
			    CAPNG_PERMITTED, keep[i]);
	}
	(void)capng_apply(CAPNG_SELECT_CAPS);
}
