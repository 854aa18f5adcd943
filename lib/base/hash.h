/* SPDX-License-Identifier: BSD-3-Clause */
/* FNV-1a, 64 bits: the checksum of design files (a guard against accidents, not against intent). */
#ifndef TESTUDO_BASE_HASH_H
#define TESTUDO_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define TESTUDO_I_FNV_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t testudo_i_fnv(uint64_t hash, const void *bytes, size_t length)
{
  const unsigned char *byte = bytes;
  for (size_t k = 0; k < length; k++)
    hash = (hash ^ byte[k]) * UINT64_C(0x100000001b3);
  return hash;
}

#endif
