/* SPDX-License-Identifier: BSD-3-Clause */
/* FNV-1a, 64 bits: the checksum of design files (a guard against accidents, not against intent); words for tables. */
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

/* The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a bijection. */
static inline uint64_t testudo_i_mix(uint64_t word)
{
  word = (word ^ word >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  word = (word ^ word >> 27) * UINT64_C(0x94d049bb133111eb);
  return word ^ word >> 31;
}

/* Multiply and shift, a word at a time. */
#define TESTUDO_I_WORDS_START UINT64_C(0x9e3779b97f4a7c15)

static inline uint64_t testudo_i_hash_word(uint64_t hash, uint64_t word)
{
  hash = (hash ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
  return hash ^ hash >> 29;
}

#endif
