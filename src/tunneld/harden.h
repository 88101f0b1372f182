/* SPDX-License-Identifier: ISC */
/*
 * What a process that holds private keys and listens to the Internet gives
 * up.
 *
 * harden_process(), before it has keys: no core dumps, no debugger of the
 * same user, no new privileges by exec.  harden_capabilities(), once its
 * interface is there: of root's privileges only those over the network stay,
 * and CAP_SYS_ADMIN, which following the interface to another network
 * namespace asks for.  What cannot be given up is kept.
 */
#ifndef WARREN_TUNNELD_HARDEN_H
#define WARREN_TUNNELD_HARDEN_H

void harden_process(void);
void harden_capabilities(void);

#endif
