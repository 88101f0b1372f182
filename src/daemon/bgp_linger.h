/* SPDX-License-Identifier: ISC */
/*
 * The end of a connection whose last words are to be read.
 *
 * It is closed when the peer has closed it too, or after some seconds; what
 * the peer still says is thrown away.  Were it left unread, the kernel would
 * throw away our words instead, and a peer in full flow never know why.
 */
#ifndef WARREN_DAEMON_BGP_LINGER_H
#define WARREN_DAEMON_BGP_LINGER_H

#include "daemon/loop.h"

/* Takes the descriptor over. */
void bgp_linger(struct loop *l, int fd);
void bgp_linger_done(void);		/* closes them all */

#endif
