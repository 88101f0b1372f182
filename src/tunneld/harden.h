/* SPDX-License-Identifier: ISC */
/*
 * What a process that holds private keys does before it has any: no core
 * dumps, no debugger of the same user, no new privileges by exec.
 */
#ifndef WARREN_TUNNELD_HARDEN_H
#define WARREN_TUNNELD_HARDEN_H

void harden_process(void);

#endif
