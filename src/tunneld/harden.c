/* SPDX-License-Identifier: ISC */
#include <sys/prctl.h>

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
