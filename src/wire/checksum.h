/* SPDX-License-Identifier: ISC */
/*
 * The Internet checksum (RFC 1071) of IP, TCP, UDP and ICMP.
 *
 * A running sum adds 16-bit words as they lie in memory, which RFC 1071
 * (2)(B) allows in any byte order as long as the result is put back the same
 * way: so nothing here swaps bytes.  Pieces may be added one by one; only the
 * last may have an odd length.  A sum takes 2^32 words before it overflows.
 */
#ifndef WARREN_WIRE_CHECKSUM_H
#define WARREN_WIRE_CHECKSUM_H

#include "base/bytes.h"

uint64_t checksum_add(uint64_t sum, struct bytes b);

/*
 * The pseudo-header of RFC 793 or RFC 8200 8.1: addresses taken from the IP
 * header at ip, whose version nibble says which, of which 20 or 40 bytes must
 * be readable.
 */
uint64_t checksum_pseudo(const uint8_t *ip, uint8_t proto, uint32_t len);

/* Folded to 16 bits, in memory order; 0xffff is a sum that checks. */
uint16_t checksum_fold(uint64_t sum);

/* Stores the complement in two bytes. */
void checksum_put(uint8_t *at, uint64_t sum);

#endif
