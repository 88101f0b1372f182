/* SPDX-License-Identifier: ISC */
/* Random bytes from the kernel, fit for keys.  Any thread. */
#ifndef WARREN_SYS_ENTROPY_H
#define WARREN_SYS_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

/*
 * Fills all of it; waits for the kernel's pool once after boot.  There is no
 * error to return: a machine without getrandom() cannot run us, and abort()s.
 */
void entropy_fill(void *p, size_t n);
uint32_t entropy_u32(void);
/* 0 to below-1, without bias; below is not 0. */
uint32_t entropy_below(uint32_t below);

#endif
